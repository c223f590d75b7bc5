# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Two that want the same packets, judged by real iptables: whoever has them keeps them, and both are named."""

from __future__ import annotations

import pytest
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.forwards import persistence
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.forwards.request import ForwardError
from ansible_collections.selfhosted.jitsi.plugins.module_utils._shell.forwards import reapply
from namespaces import WEB, ask, carry_out, forward

DOCKER = """*nat
:DOCKER - [0:0]
-A DOCKER ! -i docker0 -p tcp -m tcp --dport 443 -j DNAT --to-destination 172.17.0.2:8443
-A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER
COMMIT
"""


@pytest.fixture(autouse=True)
def requests(monkeypatch, tmp_path):
    monkeypatch.setattr(persistence, "REQUESTS", str(tmp_path / "requests"))
    (tmp_path / "requests").mkdir()
    return tmp_path / "requests"


@pytest.mark.parametrize("change", [{}, {"port": "400-500", "to_port": "400-500"}, {"sources": ["203.0.113.0/24"]}])
def test_a_second_owner_of_a_port_is_refused(namespace, change):
    forward(namespace, {**WEB, "port": "443"}, name="k")
    before = namespace.save()
    for check_mode in (True, False):
        with pytest.raises(ForwardError, match=r"the owner 'k' also forwards tcp port .*Remove the other rule"):
            forward(namespace, {**WEB, "to": "192.168.122.101", **change}, check_mode=check_mode)
    assert namespace.save() == before
    assert forward(namespace, {**WEB, "protocol": "udp"})
    assert not forward(namespace, WEB, name="k")


def test_an_owner_whose_rules_are_flushed_keeps_its_port(namespace, requests):
    (requests / "k.json").write_text(persistence.dump(ask(WEB, name="k")))
    (requests / "broken.json").write_text("{")
    with pytest.raises(ForwardError, match="the owner 'k'"):
        forward(namespace, {**WEB, "to": "192.168.122.101"})
    assert not any("PF-" in line for line in namespace.save())
    assert forward(namespace, {**WEB, "port": "80"})


def test_a_port_that_docker_publishes_is_refused(namespace):
    namespace.load(DOCKER)
    before = namespace.save()
    with pytest.raises(ForwardError, match=r"'-A DOCKER ! -i docker0 .*' of docker sends packets for tcp port 443"):
        forward(namespace, WEB)
    assert namespace.save() == before
    assert forward(namespace, {**WEB, "port": "8443", "to_port": "443"})


def test_a_port_that_docker_publishes_above_the_forward_is_refused(namespace):
    forward(namespace, WEB)
    namespace.load(DOCKER.replace("-A PREROUTING", "-I PREROUTING"))
    with pytest.raises(ForwardError, match="of docker sends packets for tcp port 443"):
        forward(namespace, WEB)


def test_a_port_that_docker_publishes_below_the_forward_is_named(namespace):
    forward(namespace, WEB)
    namespace.load(DOCKER)
    done = carry_out("j", ask(WEB), namespace.run)
    assert not done.changed
    assert "of docker gets no packets for tcp port 443" in done.notes[0]


def test_rules_made_by_hand_that_lead_to_the_same_guest_are_no_conflict(namespace):
    words = "-t nat -A PREROUTING -d 198.51.100.10 -p tcp --dport 443 -j DNAT --to-destination 192.168.122.100"
    namespace.iptables(*words.split())
    done = carry_out("j", ask(WEB), namespace.run)
    assert done.changed
    assert not done.notes
    namespace.iptables(*words.replace("100.10", "100.11").replace("122.100", "122.130").split())
    assert not carry_out("j", ask(WEB), namespace.run).notes


def test_a_boot_puts_all_in_force_and_names_what_is_wrong(namespace, requests, monkeypatch, capsys):
    """The other one may be somebody's mistake of last week, and forwards that partly work are better than none."""
    monkeypatch.setattr(reapply, "run_command", namespace.run)
    namespace.load(DOCKER)
    (requests / "j.json").write_text(persistence.dump(ask(WEB, {**WEB, "port": "80"})))
    assert reapply._reapply(str(requests / "j.json")) == ""
    assert "of docker sends packets for tcp port 443" in capsys.readouterr().out
    assert len(namespace.run(["iptables-save", "-t", "nat"])[1].split("--to-destination 192.168.122.100")) == 3
