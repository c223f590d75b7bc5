"""A second site of another inventory: another machine, another UDP port, on the same host and behind the same proxy."""

from __future__ import annotations

import json

import pytest
import yaml
from machines import PROXY_CERTIFICATES, Internet, ask_bridge, machine
from site_runs import LAB, changed, in_one_line, run_playbook

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
    """Run a playbook of the collection; return its exit code and what it said, in one line."""
    return in_one_line(run_playbook(f"selfhosted.jitsi.{playbook}", [inventory], "-e", json.dumps(said)))


def translations(nat_host):
    """The rules by which the host forwards, without their counters."""
    return nat_host.check_output("iptables-save -t nat | grep -v '^#\\|^:'")


@pytest.fixture(scope="module")
def both(first, second, proxy):
    """Both sites, one after the other, and a client."""
    for inventory in (first, second):
        code, said = play("site", inventory)
        assert code == 0, said
    client = Internet(machine("internet"))
    client.trust(proxy.check_output(PROXY_CERTIFICATES))
    return client


def test_each_name_has_its_own_jitsi(both):
    for name in (FIRST, SECOND):
        assert f"domain: '{name}'" in both.curl(f"https://{name}/config.js").body
        status, frame = both.websocket(f"wss://{name}/xmpp-websocket", name)
        assert (status, f"from='{name}'" in frame or f'from="{name}"' in frame) == (101, True), frame


@pytest.mark.standin("their bridge answers participants of no conference, and logs them")
@pytest.mark.parametrize(("place", "port"), [("jitsi", 10000), ("bridge", 10001)])
def test_each_port_leads_to_its_own_bridge(both, place, port):
    _own, asked = ask_bridge(both, "198.51.100.10", port, "jitsi", "bridge")
    assert asked == [place]


def test_neither_run_undoes_the_other(both, first, second):
    for inventory in (first, second):
        code, said = play("site", inventory)
        assert (code, changed(said)) == (0, False), said
        code, said = play("check", inventory)
        assert code == 0, said


def test_port_that_the_other_owner_has_is_refused(both, second, nat_host):
    before = translations(nat_host)
    code, said = play("site", second, jitsi_meet_bridge_port=10000)
    assert code != 0
    assert "udp port 10000" in said, said
    assert translations(nat_host) == before


def test_one_goes_and_the_other_stays(both, first, second, nat_host):
    code, said = play("uninstall", second, uninstall=SECOND)
    assert code == 0, said
    rules = nat_host.check_output("iptables-save")
    assert ("--dport 10001" in rules, "--dport 10000" in rules) == (False, True)
    assert both.curl(f"https://{FIRST}/config.js").status == 200
    code, said = play("site", first)
    assert (code, changed(said)) == (0, False), said
