"""A second site of another inventory: another machine, another UDP port, on the same host and behind the same proxy."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest
import yaml
from machines import PROXY_CERTIFICATES, Internet, eventually, machine
from site_runs import changed

LAB = Path(os.environ["JITSI_TREE"]) / "inventory" / "lab"
FIRST, SECOND = "jitsi.test", "other.test"
#: What the second inventory says; the rest is as the lab's.
FACTS = {
    "nat_host_name": "second",
    "nat_host_forwards": [],
    "jitsi_meet_fqdn": SECOND,
    "jitsi_meet_local_address": "192.168.122.121",
    "jitsi_meet_bridge_port": 10001,
    "reverse_proxy_sites": [],
}
#: The first one, without the service that has the second one's name, on packages that an earlier test has upgraded.
OVERRIDES = {"reverse_proxy_sites": [], "jitsi_meet_version": "", "videobridge_state": "absent"}


@pytest.fixture(scope="module")
def second(tmp_path_factory):
    """The second inventory: the machine that was a bridge alone before is a Jitsi machine."""
    folder = tmp_path_factory.mktemp("second")
    hosts = yaml.safe_load((LAB / "hosts.yml").read_text())
    hosts["all"]["children"]["jitsi"]["hosts"] = {"jitsi-lab-bridge": None}
    (folder / "hosts.yml").write_text(yaml.safe_dump(hosts))
    (folder / "group_vars").mkdir()
    facts = {**yaml.safe_load((LAB / "group_vars" / "all.yml").read_text()), **FACTS}
    (folder / "group_vars" / "all.yml").write_text(yaml.safe_dump(facts))
    return folder


def play(playbook, *inventories, **said):
    """Run a playbook; return its exit code and what it said, in one line."""
    environment = {**os.environ, "ANSIBLE_FORCE_COLOR": "false", "NO_COLOR": "1"}
    words = [f"--inventory={path}" for path in inventories] + [f"selfhosted.jitsi.{playbook}", "-e", json.dumps(said)]
    done = subprocess.run(["ansible-playbook", *words], env=environment, capture_output=True, text=True, check=False)
    return done.returncode, " ".join((done.stdout + done.stderr).split())


def first(playbook):
    """Run a playbook with the first inventory, the scenario's own."""
    return play(playbook, LAB, Path(__file__).resolve().parents[1] / "inventory", **OVERRIDES)


@pytest.fixture(scope="module")
def both(second):
    """Both sites, one after the other."""
    for code, said in (first("site"), play("site", second)):
        assert code == 0, said
    client = Internet(machine("internet"))
    client.trust(machine("proxy").check_output(PROXY_CERTIFICATES))
    return client


def test_each_name_has_its_own_jitsi(both):
    for name in (FIRST, SECOND):
        assert f"domain: '{name}'" in both.curl(f"https://{name}/config.js").body
        status, frame = both.websocket(f"wss://{name}/xmpp-websocket", name)
        assert (status, f"from='{name}'" in frame or f'from="{name}"' in frame) == (101, True), frame


@pytest.mark.parametrize(("place", "port"), [("jitsi", 10000), ("bridge", 10001)])
def test_each_port_leads_to_its_own_bridge(both, place, port):
    asked = f"owner{port}:client"
    own, seen = both.binding("198.51.100.10", port, asked)
    assert own[0] == seen[0] == "198.51.100.20"
    log = "cat /var/log/jitsi/jvb.log"
    assert eventually(lambda: f"user={asked}" in machine(place).check_output(log))


def test_neither_run_undoes_the_other(both, second):
    for code, said in (first("site"), play("site", second)):
        assert code == 0, said
        assert not changed(said)
    assert first("check")[0] == 0
    assert play("check", second)[0] == 0


def test_port_that_the_other_owner_has_is_refused(both, second):
    code, said = play("site", second, jitsi_meet_bridge_port=10000)
    assert code != 0
    assert "udp port 10000" in said, said
    assert "jitsi" in said
    code, said = first("site")
    assert (code, changed(said)) == (0, False), said


def test_one_goes_and_the_other_stays(both, second):
    code, said = play("uninstall", second, uninstall=SECOND)
    assert code == 0, said
    rules = machine("host").check_output("iptables-save")
    assert ("--dport 10001" in rules, "--dport 10000" in rules) == (False, True)
    assert both.curl(f"https://{FIRST}/config.js").status == 200
    code, said = first("site")
    assert (code, changed(said)) == (0, False), said
