# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which forwards belong to Jitsi."""

from __future__ import annotations

import pytest
from ansible_collections.selfhosted.jitsi.plugins.plugin_utils._adopt.network import refusal

from .conftest import LOCAL, PROXY, PUBLIC, forward, interface

FORWARDS = "nat_host_forwards"


def test_forward_of_tcp_counts_if_the_bridge_listens(article):
    assert "The rule for tcp/4443 leads to 192.168.122.120:4443, where the videobridge does not listen" in (
        article.said(FORWARDS)
    )
    article.jitsi["bridge"]["tcp_port"] = 4443
    assert {"protocol": "tcp", "port": 4443, "to": LOCAL} in article.values()[FORWARDS]
    assert not [said for said in article.said(FORWARDS) if "4443 leads" in said]


@pytest.mark.parametrize(
    ("one", "entry"),
    [
        (forward("udp", "20000", LOCAL, to_port="10000"), {"port": 20000, "to_port": 10000}),
        (forward("udp", "10000-10010", LOCAL), {"port": "10000-10010"}),
        (forward("udp", "10000", LOCAL, source="203.0.113.0/24"), {"port": 10000, "sources": ["203.0.113.0/24"]}),
    ],
)
def test_forward_is_told_whole(article, one, entry):
    article.forwards["forwards"][-1] = one
    assert {"protocol": "udp", "to": LOCAL, **entry} in article.values()[FORWARDS]


def test_rule_for_two_networks_is_one_forward(article):
    article.forwards["forwards"][-1:] = [forward("udp", "10000", LOCAL, source=f"203.0.113.{n}/32") for n in (1, 2)]
    (entry,) = (one for one in article.values()[FORWARDS] if one["port"] == 10000)
    assert entry["sources"] == ["203.0.113.1/32", "203.0.113.2/32"]


@pytest.mark.parametrize(
    ("one", "said"),
    [
        (
            forward("tcp", "2222", LOCAL, to_port="22"),
            f"The rule for tcp/2222 leads to {LOCAL}:22, and does not belong",
        ),
        (forward("tcp", "8080", PROXY), f"The rule for tcp/8080 leads to {PROXY}:8080, and does not belong to Jitsi"),
        (forward("udp", "10000", "192.168.122.9"), "A rule leads udp/10000 to 192.168.122.9, but the inventory says"),
    ],
)
def test_other_rules_to_the_same_machines_are_named(article, one, said):
    before = article.values()[FORWARDS]
    article.forwards["forwards"].append(one)
    assert article.values()[FORWARDS] == before
    assert any(each.startswith(said) for each in article.said(FORWARDS)), article.said(FORWARDS)


def test_rule_to_another_guest_is_nobodys_business(article):
    before = article.said()
    article.forwards["forwards"].append(forward("tcp", "25", "192.168.122.9"))
    assert article.said() == before


def test_forward_that_is_missing_is_added_and_named(article):
    article.forwards["forwards"].pop()
    assert {"protocol": "udp", "port": 10000, "to": LOCAL} in article.values()[FORWARDS]
    assert f"No rule leads udp/10000 to {LOCAL}" in article.said(FORWARDS)


def test_ports_of_a_turn_server_count_where_there_is_one(article):
    article.forwards["forwards"].append(forward("udp", "3478", LOCAL))
    entry = {"protocol": "udp", "port": 3478, "to": LOCAL}
    assert entry not in article.values()[FORWARDS]
    article.jitsi["packages"]["jitsi-meet-turnserver"] = "1.0"
    assert entry in article.values()[FORWARDS]


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("unread", ["-A PREROUTING -j DNAT"], "The rule '-A PREROUTING -j DNAT' cannot be read as a forward"),
        ("nftables", 2, "nft made 2 rules with dnat, which were not read"),
        ("owners", ["web"], "selfhosted.jitsi.port_forwards has made forwards under the name 'web'"),
    ],
)
def test_what_was_not_read_is_named(article, key, value, said):
    article.forwards[key] = value
    assert said in article.said(FORWARDS)


def test_interface_of_a_rule_is_named(article):
    article.forwards["forwards"][-1]["interface"] = "eth0"
    assert "The rule for udp/10000 takes packets from eth0 alone" in article.said(FORWARDS)


OTHER, BRIDGE = "198.51.100.11", "192.168.122.121"
WEB_ENTRIES = [{"protocol": "tcp", "port": port, "to": PROXY} for port in (80, 443)]
MEDIA = {"protocol": "udp", "port": 10000, "to": LOCAL}


def entries(article):
    """The forwards, which a run takes."""
    values = article.values()
    public = values.get("nat_host_public_address", "")
    assert refusal(public, values["nat_host_network"], values[FORWARDS]) == ""
    return values[FORWARDS]


def remedies(article, *words):
    """The remedies of the remarks with these words."""
    return [one.remedy for one in article.adopted().remarks if all(word in one.what for word in words)]


def add_bridge(article, port=10000):
    bridge = {**article.jitsi["bridge"], "mappings": [], "port": port}
    article.bridges["bridge1"] = {"interfaces": [interface(BRIDGE)], "jitsi": {"bridge": bridge}}


RESTRICTED = "-A WEB -p tcp -m multiport --dports 80,443 -j DNAT --to-destination 192.168.122.100"


@pytest.mark.parametrize(
    "rule",
    [
        RESTRICTED,
        "-A PREROUTING -d 198.51.100.10/32 -j DNAT --to-destination 192.168.122.100-192.168.122.101",
        "-A PREROUTING -d 198.51.100.0/28 -j NETMAP --to 192.168.122.96/28",
    ],
)
def test_forward_that_only_some_have_is_not_added_for_everybody(article, rule):
    del article.forwards["forwards"][:2]
    article.forwards["unread"] = [rule]
    assert entries(article) == [MEDIA]
    for port in ("tcp/80", "tcp/443"):
        (remedy,) = remedies(article, f"no forward of {port} to {PROXY}", rule)
        assert remedy.startswith("Add it, with sources")
    assert not [said for said in article.said() if said.startswith("No rule leads")]
    assert f"The rule {rule!r} cannot be read as a forward" not in article.said()


@pytest.mark.parametrize(
    "rule",
    [
        RESTRICTED.replace(PROXY, "192.168.122.9"),
        RESTRICTED.replace("80,443", "25,993"),
        RESTRICTED.replace("-p tcp", f"-d {OTHER}/32 -p tcp"),
        "-A PREROUTING -p tcp -m tcp --dport 443 -j REDIRECT --to-ports 8443",
        "-A PREROUTING -p tcp -m tcp --dport 443 -j DNAT --to-destination host",
    ],
)
def test_rule_that_leads_elsewhere_is_no_obstacle(article, rule):
    del article.forwards["forwards"][:2]
    article.forwards["unread"] = [rule]
    assert entries(article) == [MEDIA, *WEB_ENTRIES]
    assert f"The rule {rule!r} cannot be read as a forward" in article.said()


def test_media_for_some_alone_are_named_before_the_first_run(article):
    article.forwards["forwards"].pop()
    article.forwards["unread"] = ["-A MEDIA -p udp -m udp --dport 10000 -j DNAT --to-destination 192.168.122.120"]
    assert entries(article) == WEB_ENTRIES
    (remedy,) = remedies(article, "no forward of udp/10000")
    assert remedy == "Add it with its sources; without it the first run forwards the port for everybody"


IN_FORWARD = "-A FORWARD -s 203.0.113.0/24 -d 192.168.122.100/32 -p tcp -m tcp --dport 443 -j ACCEPT"


def test_forward_that_only_some_get_through_is_not_added_for_everybody(article):
    article.forwards["forwards"][1]["restriction"] = IN_FORWARD
    assert entries(article) == [WEB_ENTRIES[0], MEDIA]
    (remedy,) = remedies(article, f"no forward of tcp/443 to {PROXY}", IN_FORWARD)
    assert remedy.startswith("Add it, with sources")
    assert not [said for said in article.said() if "do the same" in said and "tcp/443" in said]


def test_restricted_forward_to_another_port_of_the_proxy_is_not_added_either(article):
    article.forwards["forwards"][1].update(restriction=IN_FORWARD, to_port="8443")
    assert entries(article) == [WEB_ENTRIES[0], MEDIA]
    assert remedies(article, f"no forward of tcp/443 to {PROXY}", IN_FORWARD)


@pytest.mark.parametrize("rule", [IN_FORWARD, IN_FORWARD.replace("443", "5349")])
def test_further_forward_that_only_some_get_through_is_named(article, rule):
    """Also where one rule restricts several forwards."""
    article.jitsi["packages"]["jitsi-meet-turnserver"] = "1.0"
    article.forwards["forwards"][1]["restriction"] = IN_FORWARD
    article.forwards["forwards"].append(forward("tcp", "5349", LOCAL, restriction=rule))
    assert {"protocol": "tcp", "port": 5349, "to": LOCAL} not in entries(article)
    (remedy,) = remedies(article, "only some senders reach tcp/5349", rule)
    assert remedy == f"Add the forward to {FORWARDS}, with its sources"
    assert not remedies(article, "tcp/5349", "does not belong to Jitsi")


def test_forward_of_another_interface_is_not_for_everybody(article):
    for one in article.forwards["forwards"][:2]:
        one["interface"] = "wg0"
    assert entries(article) == [MEDIA]
    assert remedies(article, "tcp/443 takes packets from wg0 alone, where 198.51.100.10 is not")
    assert remedies(article, f"no forward of tcp/443 to {PROXY}")


@pytest.mark.parametrize("name", ["eth0", "eth+"])
def test_interface_with_the_public_address_is_no_obstacle(article, name):
    for one in article.forwards["forwards"]:
        one["interface"] = name
    assert entries(article) == [*WEB_ENTRIES, MEDIA]


@pytest.mark.parametrize(("address", "counts"), [("198.51.100.0/28", True), ("", True), (f"{OTHER}", False)])
def test_forward_counts_for_the_public_address(article, address, counts):
    article.jitsi["bridge"]["tcp_port"] = 4443
    article.forwards["forwards"][2]["public_address"] = address
    assert ({"protocol": "tcp", "port": 4443, "to": LOCAL} in entries(article)) is counts
    named = remedies(article, f"The rule for tcp/4443 of {OTHER} leads to {LOCAL}:4443, and {FORWARDS} is for {PUBLIC}")
    assert named == ([] if counts else ["Leave the rule on the host"])


def test_rules_of_another_public_address_are_not_wrong(article):
    before = article.said()
    article.forwards["forwards"] += [
        forward("tcp", port, "192.168.122.25", public_address=OTHER, rule="of mail") for port in ("80", "443")
    ]
    assert article.said() == before


def test_bridge_behind_another_public_address_is_left_to_its_rule(article):
    add_bridge(article)
    article.forwards["forwards"].append(forward("udp", "10000", BRIDGE, public_address=OTHER))
    assert entries(article) == [*WEB_ENTRIES, MEDIA]
    (remedy,) = remedies(article, f"udp/10000 of {OTHER} leads to {BRIDGE}:10000")
    assert remedy.endswith(f"set videobridge_public_addresses to {OTHER} on that machine")
    assert not remedies(article, "The inventory has no forward")


def test_bridge_that_a_forward_reaches_by_its_own_port_needs_no_other(article):
    add_bridge(article)
    article.forwards["forwards"].append(forward("udp", "10001", BRIDGE, to_port="10000"))
    found = {"protocol": "udp", "port": 10001, "to": BRIDGE, "to_port": 10000}
    assert entries(article) == [*WEB_ENTRIES, MEDIA, found]
    assert remedies(article, f"udp/10001 leads to {BRIDGE}:10000, but the bridge tells its clients its own port")
    assert not [said for said in article.said() if said.startswith(("No rule leads", "A rule leads"))]


def test_two_bridges_with_one_port_are_named(article):
    add_bridge(article)
    assert entries(article) == [*WEB_ENTRIES, MEDIA]
    (remedy,) = remedies(article, f"A run would refuse a forward of udp/10000 to {BRIDGE} (udp port 10000 overlaps")
    assert "videobridge_port" in remedy


def test_rule_that_a_run_would_refuse_is_named(article):
    article.forwards["forwards"].append(forward("udp", "10000-10010", LOCAL))
    assert entries(article) == [*WEB_ENTRIES, MEDIA]
    assert remedies(article, "A run would refuse a forward like the rule 'rule of 10000-10010' (udp port 10000")


def test_rule_for_some_that_a_run_would_refuse_is_not_made_for_everybody(article):
    article.forwards["forwards"][-1] = forward("udp", "9000-10000", LOCAL, source="203.0.113.7/24")
    assert entries(article) == WEB_ENTRIES
    assert remedies(article, "A run would refuse a forward like the rule")
    assert remedies(article, "The inventory has no forward of udp/10000")


def test_rule_with_other_ports_keeps_them(article):
    rule = "-A PREROUTING -p tcp -m multiport --dports 80,443,25,993 -j DNAT --to-destination 192.168.122.100"
    ports = [forward("tcp", port, PROXY, rule=rule) for port in ("80", "443", "25", "993")]
    article.forwards["forwards"] = [*ports, article.forwards["forwards"][-1]]
    assert entries(article) == [*WEB_ENTRIES, MEDIA]
    (remedy,) = remedies(article, f"{rule!r} has tcp/80 and tcp/443, as the collection has them")
    words = "Take tcp/80 and tcp/443 out of it after the first run, and leave tcp/25 and tcp/993 in it"
    assert remedy == words
    assert remedies(article, "The rule for tcp/25 leads") == [f"Leave this port in the rule, or add it to {FORWARDS}"]
    assert "Your own rules for udp/10000 do the same as those of the collection" in article.said()


def test_other_port_of_the_proxy_is_that_of_its_old_sites(article):
    for one, port in zip(article.forwards["forwards"], ("8080", "8443")):
        one["to_port"] = port
    assert entries(article) == [*WEB_ENTRIES, MEDIA]
    (remedy,) = remedies(article, f"tcp/443 leads to {PROXY}:8443, and the proxy's new sites listen on 443")
    assert remedy.startswith("Remove the rule before the first run")
    assert "Your own rules for udp/10000 do the same as those of the collection" in article.said()


@pytest.mark.parametrize(
    ("ports", "start"), [(("80", "443"), "Remove the rule"), (("80", "443", "25"), "Take the port")]
)
def test_rule_for_several_ports_to_one_of_the_proxy(article, ports, start):
    made = [forward("tcp", port, PROXY, rule="r", to_port="" if port == "443" else "443") for port in ports]
    article.forwards["forwards"] = [*made, article.forwards["forwards"][-1]]
    assert entries(article) == [*WEB_ENTRIES, MEDIA]
    (remedy,) = remedies(article, f"tcp/80 leads to {PROXY}:443, and the proxy's new sites listen on 80")
    assert remedy.startswith(f"{start} before") or remedy.startswith(f"{start} out of the rule before")
    assert not remedies(article, "Your own rule 'r'")


def test_rule_for_media_to_another_port_of_the_bridge_is_told(article):
    article.forwards["forwards"][-1]["to_port"] = "20000"
    assert entries(article) == [*WEB_ENTRIES, MEDIA]
    said = f"A rule leads udp/10000 to {LOCAL}:20000, but the inventory says {LOCAL}:10000"
    assert said in article.said(FORWARDS)
    assert not remedies(article, f"leads to {LOCAL}:20000, and does not belong")


def test_address_that_is_not_known_has_no_forward(article):
    article.found["jitsi"]["interfaces"] = []
    article.jitsi["bridge"]["mappings"] = []
    article.forwards["forwards"] = article.forwards["forwards"][:2]
    assert "jitsi_meet_local_address" in article.open()
    assert entries(article) == WEB_ENTRIES
    assert not [said for said in article.said() if said.startswith("No rule leads")]
