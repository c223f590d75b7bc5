# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""The module, on the files of this machine, with programs that answer as real ones do."""

from __future__ import annotations

import json
import shutil
import subprocess
from threading import Event

import pytest
from ansible.module_utils.testing import patch_module_args
from ansible_collections.selfhosted.jitsi.plugins.module_utils._module import condition_info
from ansible_collections.selfhosted.jitsi.plugins.module_utils._shell.machine import condition, network

SYSTEMCTL = """#!/bin/sh
for name in "$@"; do last=$name; done
if [ "$last" = certbot.service ]; then printf 'LoadState=loaded\\nResult=exit-code\\n'; exit; fi
printf 'LoadState=loaded\\nActiveState=active\\nUnitFileState=enabled\\nResult=success\\nTriggers=certbot.service\\n'
"""
#: Says like Lua of a file that it cannot read, and shows what it was given.
LUA = """#!/bin/sh
read -r first
[ "$1" = - ] && [ "${first#for place}" != "$first" ] || exit 3
for path in "$@"; do last=$path; done
echo "$last:2: unfinished string near 'hunter2'"
exit 1
"""


@pytest.fixture
def run(capsys):
    """Runs main() and gives its result."""

    def call(**options):
        with patch_module_args(options), pytest.raises(SystemExit):
            condition_info.main()
        return json.loads(capsys.readouterr().out)

    return call


@pytest.fixture
def program(tmp_path, monkeypatch):
    """Puts a program before all others."""
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")

    def put(name, text):
        (tmp_path / name).write_text(text)
        (tmp_path / name).chmod(0o755)

    return put


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    if not shutil.which("openssl"):
        pytest.skip("there is no openssl")
    folder = tmp_path_factory.mktemp("certificates")
    new = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]
    new += ["-nodes", "-days", "30", "-subj", "/CN=a.test"]
    for name in ("one", "two"):
        files = ["-keyout", str(folder / f"{name}.key"), "-out", str(folder / f"{name}.crt")]
        names = ["-addext", f"subjectAltName=DNS:{name}.test,IP:192.0.2.1"]
        subprocess.run([*new, *files, *names], check=True, capture_output=True)
    encrypted = ["-in", str(folder / "one.key"), "-out", str(folder / "secret.key")]
    command = ["openssl", "ec", "-aes128", "-passout", "pass:word", *encrypted]
    subprocess.run(command, check=True, capture_output=True)
    return folder


def test_nobody_asks_and_nothing_is_read(run):
    result = run()
    assert result.pop("changed") is False
    result.pop("invocation", None)
    assert not any(result.values())


def test_each_file_system_is_shown_once(run, tmp_path):
    (tmp_path / "inner").mkdir()
    disks = run(disks=[str(tmp_path), str(tmp_path / "inner"), str(tmp_path / "none"), "/proc"])["disks"]
    assert [disk["path"] for disk in disks] == [str(tmp_path), "/proc"]
    assert 0 < disks[0]["free"] <= disks[0]["total"] == shutil.disk_usage(tmp_path).total >> 20
    assert disks[1]["free_inodes"] is None


def test_memory_is_that_of_this_machine(run):
    memory = run(memory=True)["memory"]
    assert 0 < memory["available"] < memory["total"]


def test_machine_without_dpkg_has_no_packages(run, monkeypatch, tmp_path):
    monkeypatch.setattr(condition, "DPKG", str(tmp_path / "none"))
    assert run(packages=True)["packages"] == {}


def test_timer_is_read_with_its_service(run, program):
    program("systemctl", SYSTEMCTL)
    unit = run(units=["certbot.timer"])["units"]["certbot.timer"]
    assert (unit["active"], unit["enabled"], unit["failed"]) == (True, True, ["certbot.service"])


@pytest.mark.parametrize(
    ("file", "name", "key", "found"),
    [
        ("one.crt", "one.test", "one.key", (True, True, "", "")),
        ("one.crt", "192.0.2.1", None, (True, None, "", "")),
        ("one.crt", "two.test", "two.key", (False, False, "", "it belongs to another certificate")),
        ("one.crt", "", "none.key", (None, False, "", "there is no such file")),
        ("one.crt", "", "secret.key", (None, False, "", "openssl finds no private key without a passphrase in it")),
        ("none.crt", "", "one.key", (None, None, "there is no such file", "")),
        ("one.key", "", "one.key", (None, None, "openssl finds no certificate in it", "")),
    ],
)
def test_certificates_are_read_with_their_keys(run, certificate, file, name, key, found):
    wanted = {"path": str(certificate / file), "name": name, "key": key and str(certificate / key)}
    (one,) = run(certificates=[wanted])["certificates"]
    assert (one["fits"], one["key_fits"], one["problem"], one["key_problem"]) == found
    assert "PRIVATE" not in json.dumps(one)
    if not one["problem"]:
        assert (one["days_left"], one["names"]) == (30.0, ["one.test", "192.0.2.1"])


def test_configurations_are_tested_where_there_is_a_program(run, program, monkeypatch, tmp_path):
    program("nginx", '#!/bin/sh\n[ "$*" = "-t -q" ]\n')
    program("sshd", "#!/bin/sh\necho Missing privilege separation directory: /run/sshd >&2\nexit 255\n")
    program("lua5.4", LUA)
    (tmp_path / "a.cfg.lua").write_text('secret = "hunter2\n')
    monkeypatch.setattr(condition, "LUA_FILES", (str(tmp_path / "none"), str(tmp_path / "*.cfg.lua")))
    found = run(configurations=["nginx", "prosody", "sshd"])["configurations"]
    assert found == {
        "nginx": {"tested": True, "problem": ""},
        "prosody": {"tested": True, "problem": f"{tmp_path}/a.cfg.lua:2: unfinished string"},
        "sshd": {"tested": False, "problem": ""},
    }


def test_prosody_without_files_is_not_tested(run, monkeypatch):
    monkeypatch.setattr(condition, "LUA_FILES", ("/none/*",))
    assert run(configurations=["prosody"])["configurations"]["prosody"]["tested"] is False


def test_names_are_looked_up_within_the_time(run, monkeypatch):
    def ask(name, *_words):
        if name == "slow.test":
            wait.wait(30)
        if name == "none.test":
            raise network.socket.gaierror(network.socket.EAI_NONAME, "no")
        return [(2, 1, 6, "", ("192.0.2.7", 0))]

    wait = Event()
    monkeypatch.setattr(network.socket, "getaddrinfo", ask)
    monkeypatch.setattr(network, "SECONDS", 0.2)
    found = run(resolves=["a.test", "none.test", "slow.test"])["resolves"]
    wait.set()
    assert found == {
        "a.test": {"addresses": ["192.0.2.7"], "problem": ""},
        "none.test": {"addresses": [], "problem": "there is no such name"},
        "slow.test": {"addresses": [], "problem": "no answer within 5 seconds"},
    }


@pytest.mark.parametrize("name", ["..a", "a" * 70 + ".test"])
def test_what_is_no_name_has_no_address(run, name):
    assert run(resolves=[name])["resolves"][name] == {"addresses": [], "problem": "it is no name"}


def test_gateway_and_addresses_are_those_of_ip(run, program, monkeypatch, tmp_path):
    program(
        "ip",
        """#!/bin/sh
case "$3" in
route) echo '[{"dst":"default","gateway":"192.0.2.1","dev":"eth0","flags":[]}]' ;;
neigh) echo '[{"dst":"192.0.2.1","dev":"eth0","state":["INCOMPLETE"]}]' ;;
address) echo '[{"ifname":"eth0","addr_info":[{"local":"192.0.2.2"}]}]' ;;
esac
""",
    )
    (tmp_path / "resolv.conf").write_text("nameserver 192.0.2.53\n")
    monkeypatch.setattr(network, "RESOLVER", str(tmp_path / "resolv.conf"))
    asked = []
    monkeypatch.setattr(network, "_ask_for", asked.append)
    monkeypatch.setattr(network, "NEIGHBOUR_SECONDS", 0.2)
    result = run(gateway=True, addresses=["192.0.2.2", "192.0.2.3"])
    assert asked == ["192.0.2.1"]
    assert result["gateway"] == {"address": "192.0.2.1", "device": "eth0", "state": "INCOMPLETE", "answers": False}
    assert (result["name_servers"], result["missing_addresses"]) == (["192.0.2.53"], ["192.0.2.3"])


@pytest.mark.parametrize(
    ("first", "then", "state", "answers"),
    [
        ("[]", '[{"dst":"192.0.2.1","dev":"eth0","lladdr":"aa:bb","state":["REACHABLE"]}]', "REACHABLE", True),
        ("[]", '[{"dst":"192.0.2.1","dev":"eth0","state":["FAILED"]}]', "FAILED", False),
    ],
)
def test_gateway_that_the_kernel_does_not_know_is_asked_for(
    run, program, monkeypatch, tmp_path, first, then, state, answers
):
    (tmp_path / "neigh").write_text(first)
    program(
        "ip",
        f"""#!/bin/sh
case "$3" in
route) echo '[{{"dst":"default","gateway":"192.0.2.1","dev":"eth0","flags":[]}}]' ;;
neigh) cat {tmp_path}/neigh ;;
esac
""",
    )
    monkeypatch.setattr(network, "_ask_for", lambda _address: (tmp_path / "neigh").write_text(then))
    gateway = run(gateway=True)["gateway"]
    assert (gateway["state"], gateway["answers"]) == (state, answers)


def test_gateway_that_the_kernel_knows_is_not_asked_for(run, program, monkeypatch):
    program(
        "ip",
        """#!/bin/sh
case "$3" in
route) echo '[{"dst":"default","gateway":"192.0.2.1","dev":"eth0","flags":[]}]' ;;
neigh) echo '[{"dst":"192.0.2.1","dev":"eth0","lladdr":"aa:bb","state":["STALE"]}]' ;;
esac
""",
    )
    asked = []
    monkeypatch.setattr(network, "_ask_for", asked.append)
    assert (run(gateway=True)["gateway"]["answers"], asked) == (True, [])


def test_machine_without_ip_is_read_from_the_kernel(run, program, monkeypatch, tmp_path):
    program("ip", "#!/bin/sh\nexit 1\n")
    (tmp_path / "route").write_text("Iface\nppp0 00000000 00000000 0001 0 0 0 00000000 0 0 0\n")
    monkeypatch.setattr(network, "ROUTE_TABLE", str(tmp_path / "route"))
    assert run(gateway=True)["gateway"]["device"] == "ppp0"


def test_wrong_address_is_named(run):
    result = run(addresses=["host"])
    assert (result["failed"], result["msg"].partition(";")[0]) == (
        True,
        "addresses[0]: 'host' is not an IPv4 address",
    )
