# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.forwards import listeners
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.forwards.conflicts import Neighbour, Others, find
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.forwards.request import parse_request

WEB = {"protocol": "tcp", "port": "443", "to": "192.168.122.100"}
OWN = {"PREROUTING": ["-A PREROUTING -j PF-j-DNAT"]}
OWN_RULE = "-A PF-j-DNAT -d 198.51.100.10/32 -p tcp -m tcp --dport 443 -j DNAT --to-destination 192.168.122.100"
DOCKER_JUMP = "-A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER"
DOCKER = "-A DOCKER ! -i docker0 -p tcp -m tcp --dport 443 -j DNAT --to-destination 172.17.0.2:8443"


def ask(*forwards, name="j", public_address="198.51.100.10"):
    right = {"name": name, "public_address": public_address, "network": "192.168.122.0/24"}
    return parse_request({**right, "forwards": forwards or [WEB]})


def conflicts(chains, *forwards, others=()):
    return list(find(ask(*forwards), chains, Others(requests=others)))


def verdict(chains, *forwards, others=()):
    """``refused``, ``noted`` or nothing."""
    found = conflicts(chains, *forwards, others=others)
    return "refused" if any(one.refused for one in found) else "noted" if found else ""


def owner(rule):
    return {"PF-k-DNAT": [f"-A PF-k-DNAT {rule} -j DNAT --to-destination 192.168.122.101"]}


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("-d 198.51.100.10/32 -p tcp -m tcp --dport 443", "refused"),
        ("-d 198.51.100.10/32 -p tcp -m tcp --dport 400:500", "refused"),
        ("-d 198.51.100.10/32 -p tcp -m tcp --dport 444:500", ""),
        ("-d 198.51.100.10/32 -p udp -m udp --dport 443", ""),
        ("-d 198.51.100.11/32 -p tcp -m tcp --dport 443", ""),
        ("-s 203.0.113.0/24 -d 198.51.100.10/32 -p tcp -m tcp --dport 443", "refused"),
    ],
)
def test_another_owner_s_rules(rule, expected):
    assert verdict(owner(rule)) == expected


def test_two_owners_with_different_sources_go_together():
    chains = owner("-s 203.0.113.0/24 -d 198.51.100.10/32 -p tcp -m tcp --dport 443")
    assert verdict(chains, {**WEB, "sources": ["203.0.113.128/25"]}) == "refused"
    assert verdict(chains, {**WEB, "sources": ["192.0.2.0/24"]}) == ""


def test_both_owners_and_the_port_are_named():
    (found,) = conflicts(owner("-d 198.51.100.10/32 -p tcp -m tcp --dport 443"))
    assert found.text.startswith("the owner 'k' also forwards tcp port 443 of 198.51.100.10 (forwards[0])")


def test_what_another_owner_asked_for_counts_although_its_rules_are_flushed():
    other = ask({**WEB, "port": "440-450"}, name="k")
    assert verdict({}, others=[other]) == "refused"
    assert verdict({}, others=[ask(WEB)]) == ""
    assert verdict({}, others=[ask(WEB, name="k", public_address="198.51.100.11")]) == ""
    assert verdict({}, others=[ask({**WEB, "protocol": "udp"}, name="k")]) == ""


def published(rule=DOCKER, jump=DOCKER_JUMP, above=False, works=False):
    lines = [jump, *OWN["PREROUTING"]] if above else [*OWN["PREROUTING"], jump]
    return {"PREROUTING": lines, "DOCKER": [rule], "PF-j-DNAT": [OWN_RULE] if works else []}


def test_docker_s_published_port_keeps_what_it_has():
    (found,) = conflicts(published(above=True, works=True))
    assert found.refused
    assert found.text == (
        f"the rule '{DOCKER}' of docker sends packets for tcp port 443 of 198.51.100.10 (forwards[0]) elsewhere"
    )
    # The forward would be put above it, and the container would lose what it has.
    assert verdict(published()) == "refused"
    assert verdict({**published(), "PREROUTING": [DOCKER_JUMP]}) == "refused"


def test_a_port_that_docker_publishes_below_a_forward_that_works_is_named():
    (found,) = conflicts(published(works=True))
    assert not found.refused
    assert "of docker gets no packets for tcp port 443 of 198.51.100.10" in found.text


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("-p tcp -m tcp --dport 443 -j DNAT --to-destination 10.0.0.1", "refused"),
        ("-d 198.51.100.10/32 -j DNAT --to-destination 10.0.0.1", "refused"),
        ("-d 198.51.100.0/24 -p tcp -m tcp --dport 1:1024 -j REDIRECT --to-ports 8443", "refused"),
        ("-i eth0 -p tcp -m multiport --dports 80,440:450 -j DNAT --to-destination 10.0.0.1", "refused"),
        ("! -d 198.51.100.11/32 -p tcp -m tcp --dport 443 -j DNAT --to-destination 10.0.0.1", "refused"),
        ("! -s 10.0.0.0/8 -p tcp -m tcp --dport 443 -j DNAT --to-destination 10.0.0.1", "refused"),
        ("! -p udp -j DNAT --to-destination 10.0.0.1", "refused"),
        ("-p tcp -m tcp ! --dport 22 -j DNAT --to-destination 10.0.0.1", "refused"),
        ("-p tcp -m tcp --dport 443 -m set --match-set them src -j DNAT --to-destination 10.0.0.1", "noted"),
        ("-p tcp -m tcp --dport 443 -j DNAT --to-destination 192.168.122.100:443", ""),
        ("-p tcp -m tcp --dport 443 -j DNAT --to-destination 192.168.122.100", ""),
        ("-p tcp -m tcp --dport 80 -j DNAT --to-destination 10.0.0.1", ""),
        ("-p tcp -m tcp ! --dport 443 -j DNAT --to-destination 10.0.0.1", ""),
        ("-p udp -m udp --dport 443 -j DNAT --to-destination 10.0.0.1", ""),
        ("! -p tcp -j DNAT --to-destination 10.0.0.1", ""),
        ("-d 198.51.100.11/32 -p tcp -m tcp --dport 443 -j DNAT --to-destination 10.0.0.1", ""),
        ("! -d 198.51.100.10/32 -p tcp -m tcp --dport 443 -j DNAT --to-destination 10.0.0.1", ""),
        ("-i virbr0 -p tcp -m tcp --dport 443 -j DNAT --to-destination 10.0.0.1", ""),
        ("-m addrtype ! --dst-type LOCAL -j DNAT --to-destination 10.0.0.1", ""),
        ("-p tcp -m tcp --dport 443 -j LOG", ""),
        ('-p tcp -m comment --comment "-j DNAT" -m tcp --dport 443 -j ACCEPT', ""),
    ],
)
def test_rules_of_others_above(rule, expected):
    chains = {"PREROUTING": [f"-A PREROUTING {rule}", *OWN["PREROUTING"]], "PF-j-DNAT": [OWN_RULE]}
    assert verdict(chains) == expected


def test_all_conditions_on_the_way_to_a_rule_count():
    jump = "-A PREROUTING -d 198.51.100.11/32 -j DOCKER"
    assert verdict(published(jump=jump, above=True)) == ""
    deep = {"PREROUTING": ["-A PREROUTING -p udp -j ONE"], "ONE": ["-A ONE -j DOCKER"], "DOCKER": [DOCKER]}
    assert verdict(deep) == ""
    deep["PREROUTING"] = ["-A PREROUTING -p tcp -j ONE"]
    assert verdict(deep) == "refused"


def test_a_chain_that_calls_itself_is_no_trouble():
    assert verdict({"PREROUTING": ["-A PREROUTING -j ONE"], "ONE": ["-A ONE -j ONE"]}) == ""


@pytest.mark.parametrize(
    ("rule", "forward"),
    [
        # Another address, fewer ports, fewer sources, or a jump that somebody flushed: it has not these packets.
        ("-d 198.51.100.11/32 -p tcp -m tcp --dport 443", WEB),
        ("-d 198.51.100.10/32 -p tcp -m tcp --dport 400:442", {**WEB, "port": "400-443", "to_port": "400-443"}),
        ("-s 203.0.113.0/24 -d 198.51.100.10/32 -p tcp -m tcp --dport 443", WEB),
    ],
)
def test_a_forward_that_has_other_packets_takes_none_from_docker(rule, forward):
    chains = {"PREROUTING": [*OWN["PREROUTING"], DOCKER_JUMP], "DOCKER": [DOCKER]}
    chains["PF-j-DNAT"] = [f"-A PF-j-DNAT {rule} -j DNAT --to-destination 192.168.122.100"]
    assert verdict(chains, forward) == "refused"


def test_a_forward_without_its_jump_takes_none_from_docker():
    assert verdict({"PREROUTING": [DOCKER_JUMP], "DOCKER": [DOCKER], "PF-j-DNAT": [OWN_RULE]}) == "refused"


def test_a_forward_that_is_widened_keeps_the_packets_that_it_has():
    chains = {"PREROUTING": [*OWN["PREROUTING"], DOCKER_JUMP], "DOCKER": [DOCKER], "PF-j-DNAT": [OWN_RULE]}
    assert verdict(chains, {**WEB, "port": "443-450", "to_port": "443-450"}) == "noted"


def test_rules_for_the_host_s_own_addresses_see_nothing_of_an_address_elsewhere():
    chains = {"PREROUTING": [DOCKER_JUMP], "DOCKER": [DOCKER]}
    assert [one.refused for one in find(ask(), chains)] == [True]
    assert list(find(ask(), chains, Others(elsewhere=True))) == []


def test_rules_for_packets_of_guests_are_noted():
    taken = "-A PREROUTING -s 192.168.122.0/24 -p tcp -m tcp --dport 443 -j REDIRECT --to-ports 3128"
    assert verdict({"PREROUTING": [taken]}) == "noted"


def test_a_range_that_keeps_its_ports_leads_to_the_same_place():
    rule = "-A PREROUTING -p udp -m udp --dport 10000:20000 -j DNAT --to-destination 192.168.122.120:10000-20000"
    assert verdict({"PREROUTING": [rule]}, {"protocol": "udp", "port": 10000, "to": "192.168.122.120"}) == ""
    assert verdict({"PREROUTING": [rule]}, {"protocol": "udp", "port": 10000, "to": "192.168.122.121"}) == "refused"


@pytest.mark.parametrize(
    ("is_first", "works", "expected"),
    [
        (True, True, "refused"),
        (True, False, "refused"),
        (False, True, "noted"),
        (False, False, "refused"),
        (None, True, "noted"),
        (None, False, "refused"),
    ],
)
def test_a_table_of_another_program_counts_as_rules_above_or_below(is_first, works, expected):
    rule = "-A pre -i eth0 -p tcp --dport 443 -j DNAT --to-destination 10.0.0.1"
    others = Others(neighbours=[Neighbour("nftables", {"PREROUTING": [rule]}, is_first)])
    found = list(find(ask(), {**OWN, "PF-j-DNAT": [OWN_RULE] if works else []}, others))
    assert ["refused" if one.refused else "noted" for one in found] == [expected]
    assert f"the rule '{rule}' of nftables " in found[0].text


def test_nobody_can_tell_the_order_of_equal_priorities():
    rule = "-A pre -p tcp --dport 443 -j DNAT --to-destination 10.0.0.1"
    others = Others(neighbours=[Neighbour("nftables", {"PREROUTING": [rule]}, None)])
    (found,) = find(ask(), {**OWN, "PF-j-DNAT": [OWN_RULE]}, others)
    assert "the one of the two that was loaded last gets them" in found.text


@pytest.mark.parametrize(
    ("above", "expected"),
    [
        ("-A PREROUTING -d 198.51.100.10/32 -j RETURN", ""),
        ("-A PREROUTING -p tcp -m tcp --dport 400:500 -j ACCEPT", ""),
        ("-A PREROUTING ! -d 203.0.113.0/24 -j RETURN", ""),
        ("-A PREROUTING -d 198.51.100.11/32 -j RETURN", "refused"),
        ("-A PREROUTING -p udp -j RETURN", "refused"),
        ("-A PREROUTING -s 203.0.113.0/24 -j RETURN", "refused"),
        ("-A PREROUTING -m mark --mark 1 -j RETURN", "refused"),
        ("-A PREROUTING -p tcp -m tcp --dport 80 -j ACCEPT", "refused"),
    ],
)
def test_a_rule_above_may_spare_the_packets(above, expected):
    jump, taken = "-A PREROUTING -j more", "-A more -p tcp -m tcp --dport 443 -j REDIRECT --to-ports 8443"
    assert verdict({"PREROUTING": [above, jump], "more": [taken]}) == expected
    # What returns from a chain goes on behind the jump to it.
    inner = {"PREROUTING": [jump, taken.replace("more", "PREROUTING")], "more": [above.replace("PREROUTING", "more")]}
    assert verdict(inner) == "refused"


@pytest.mark.parametrize(
    ("name", "expected"),
    [("wg0", "noted"), ("wg+", "noted"), ("eth0", "refused"), ("eth+", "refused"), ("! wg0", "refused")],
)
def test_a_rule_for_another_link_than_the_public_one_is_noted(name, expected):
    negated, _space, bare = name.rpartition(" ")
    rule = f"-A PREROUTING {negated} -i {bare} -p tcp -m tcp --dport 443 -j REDIRECT".replace("  ", " ")
    (found,) = find(ask(), {"PREROUTING": [rule]}, Others(link="eth0"))
    assert ("refused" if found.refused else "noted") == expected
    (found,) = find(ask(), {"PREROUTING": [rule]})
    assert found.refused


def test_another_owner_in_the_iptables_that_is_not_in_use_counts():
    chains = owner("-d 198.51.100.10/32 -p tcp -m tcp --dport 443")
    (found,) = find(ask(), {}, Others(neighbours=[Neighbour("iptables-legacy", chains)]))
    assert "the owner 'k' also forwards tcp port 443" in found.text


LISTENING = listeners.parse("""\
udp   UNCONN 0      0            0.0.0.0:443        0.0.0.0:*
tcp   LISTEN 0      511                *:443              *:*
""")


def judged(*forwards, chains=None, **changes):
    return list(find(ask(*forwards), chains or {}, Others(listeners=LISTENING, **changes)))


def test_a_port_on_which_the_host_listens_is_refused():
    (found,) = judged()
    assert found.refused
    assert "listens on tcp port 443 of every address" in found.text
    assert "set allow_listening to true" in found.remedy
    assert len(judged({**WEB, "port": "400-500", "to_port": "400-500"})) == 1
    assert not judged({**WEB, "port": "80"})


def test_a_port_that_may_be_one_of_a_question_is_noted():
    waiting = 'udp UNCONN 0 0 0.0.0.0:51820 0.0.0.0:* users:(("dnsmasq",pid=7,fd=4))'
    wide = {"protocol": "udp", "port": "49152-65535", "to": "192.168.122.100"}
    (found,) = find(ask(wide), {}, Others(listeners=listeners.parse(waiting, "32768 60999")))
    assert not found.refused
    assert "waits, perhaps for one answer only, on udp port 51820" in found.text
    (found,) = find(ask(wide), {}, Others(listeners=listeners.parse(waiting.partition("users")[0], "32768 60999")))
    assert found.refused


def test_a_port_that_the_forward_may_take_is_not_refused():
    assert not judged(spared=[443])
    assert not judged(elsewhere=True)


def test_a_forward_that_works_takes_nothing_from_the_host():
    chains = {**OWN, "PF-j-DNAT": [OWN_RULE]}
    assert not judged(chains=chains)
    assert not judged({**WEB, "port": "443-450", "to_port": "443-450"}, chains=chains)
    assert judged({**WEB, "protocol": "udp"}, chains=chains)
