"""A second site of another inventory: another machine, another UDP port, on the same host and behind the same proxy."""

from __future__ import annotations

import json
import os
import secrets
import subprocess
from pathlib import Path

import pytest
import yaml
from machines import PROXY_CERTIFICATES, Internet, machine
from site_runs import changed

LAB = Path(os.environ["JITSI_TREE"]) / "inventory" / "lab"
FIRST, SECOND = "jitsi.test", "other.test"
#: What the inventories say beside what both have of the lab's.
SHARED = {"reverse_proxy_sites": []}
OF_SECOND = {
    "nat_host_name": "second",
    "nat_host_forwards": [],
    "jitsi_meet_fqdn": SECOND,
    "jitsi_meet_local_address": "192.168.122.121",
    "jitsi_meet_bridge_port": 10001,
}


def written(folder, jitsi, **facts):
    """An inventory of the lab's host and proxy and of one Jitsi machine."""
    hosts = yaml.safe_load((LAB / "hosts.yml").read_text())
    hosts["all"]["children"]["jitsi"]["hosts"] = {f"jitsi-lab-{jitsi}": None}
    (folder / "hosts.yml").write_text(yaml.safe_dump(hosts))
    (folder / "group_vars").mkdir()
    shared = yaml.safe_load((LAB / "group_vars" / "all.yml").read_text())
    (folder / "group_vars" / "all.yml").write_text(yaml.safe_dump({**shared, **SHARED, **facts}))
    return folder


@pytest.fixture(scope="module")
def first(tmp_path_factory):
    return written(tmp_path_factory.mktemp("first"), "jitsi")


@pytest.fixture(scope="module")
def second(tmp_path_factory):
    """The machine that was a bridge alone before is a Jitsi machine."""
    return written(tmp_path_factory.mktemp("second"), "bridge", **OF_SECOND)


def play(playbook, inventory, **said):
    """Run a playbook; return its exit code and what it said, in one line."""
    environment = {**os.environ, "ANSIBLE_FORCE_COLOR": "false", "NO_COLOR": "1"}
    words = [f"--inventory={inventory}", f"selfhosted.jitsi.{playbook}", "-e", json.dumps(said)]
    done = subprocess.run(["ansible-playbook", *words], env=environment, capture_output=True, text=True, check=False)
    return done.returncode, " ".join((done.stdout + done.stderr).split())


@pytest.fixture(scope="module")
def both(first, second):
    """Both sites, one after the other, and a client."""
    for inventory in (first, second):
        code, said = play("site", inventory)
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
    user = f"{secrets.token_hex(8)}-{port}"
    own, seen = both.binding("198.51.100.10", port, user)
    assert seen == own
    line = f"request from {own[0]}:{own[1]} user={user}"
    log = "cat /var/log/jitsi/jvb.log"
    assert [name for name in ("jitsi", "bridge") if line in machine(name).check_output(log)] == [place]


def test_neither_run_undoes_the_other(both, first, second):
    for inventory in (first, second):
        code, said = play("site", inventory)
        assert (code, changed(said)) == (0, False), said
        code, said = play("check", inventory)
        assert code == 0, said


def test_port_that_the_other_owner_has_is_refused(both, second):
    before = machine("host").check_output("iptables-save -t nat | grep -v '^#\\|^:'")
    code, said = play("site", second, jitsi_meet_bridge_port=10000)
    assert code != 0
    assert "udp port 10000" in said, said
    assert machine("host").check_output("iptables-save -t nat | grep -v '^#\\|^:'") == before


def test_one_goes_and_the_other_stays(both, first, second):
    code, said = play("uninstall", second, uninstall=SECOND)
    assert code == 0, said
    rules = machine("host").check_output("iptables-save")
    assert ("--dport 10001" in rules, "--dport 10000" in rules) == (False, True)
    assert both.curl(f"https://{FIRST}/config.js").status == 200
    code, said = play("site", first)
    assert (code, changed(said)) == (0, False), said
