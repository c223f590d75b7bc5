# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json

import pytest
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.forwards import plan as firewall
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.forwards.nftables import Chains
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.forwards.plan import IN_USE, LIBVIRTS, Place
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.forwards.request import ForwardError, parse_request

FILTER, NAT = IN_USE
LEGACY_FILTER, LEGACY_NAT = (Place("iptables-legacy", table) for table in ("filter", "nat"))
EMPTY = {"filter": "*filter\n:FORWARD ACCEPT [0:0]\nCOMMIT\n", "nat": "*nat\n:PREROUTING ACCEPT [0:0]\nCOMMIT\n"}
DROP = EMPTY["filter"].replace("ACCEPT", "DROP")
LIBVIRT = "table ip libvirt_network {\n\tchain forward { # handle 1\n\t}\n}\n"


def ask():
    forward = {"protocol": "tcp", "port": "443", "to": "192.168.122.100"}
    return parse_request(
        {"name": "j", "public_address": "198.51.100.10", "network": "192.168.122.0/24", "forwards": [forward]}
    )


def found(**more):
    return {FILTER: EMPTY["filter"], NAT: EMPTY["nat"], **dict(more.values())}


def changed(outcomes):
    return [place for place, outcome in outcomes.items() if outcome.changed]


def test_the_iptables_in_use_is_enough_where_nobody_else_refuses():
    outcomes = firewall.plan("j", ask(), found(legacy=(LEGACY_FILTER, EMPTY["filter"])))
    assert changed(outcomes) == [FILTER, NAT]
    assert not list(firewall.notes(outcomes))


def test_the_other_variant_accepts_too_where_it_would_refuse():
    outcomes = firewall.plan("j", ask(), found(legacy=(LEGACY_FILTER, DROP), legacy_nat=(LEGACY_NAT, EMPTY["nat"])))
    assert changed(outcomes) == [FILTER, NAT, LEGACY_FILTER]
    (note,) = firewall.notes(outcomes)
    assert "iptables-legacy is not in use, but has rules that refuse" in note


def test_what_is_left_in_the_other_variant_is_removed():
    left = EMPTY["nat"].replace("COMMIT", ":PF-j-DNAT - [0:0]\n-A PREROUTING -j PF-j-DNAT\nCOMMIT")
    outcomes = firewall.plan("j", ask(), found(legacy=(LEGACY_NAT, left)))
    assert firewall.feed(LEGACY_NAT, outcomes[LEGACY_NAT]).splitlines()[1:-1] == [
        ":PF-j-DNAT - [0:0]",
        "-D PREROUTING -j PF-j-DNAT",
        "-X PF-j-DNAT",
    ]


def test_libvirts_table_accepts_too():
    outcomes = firewall.plan("j", ask(), found(libvirt=(LIBVIRTS, LIBVIRT)))
    assert changed(outcomes) == [FILTER, NAT, LIBVIRTS]
    assert firewall.feed(LIBVIRTS, outcomes[LIBVIRTS]).endswith("add rule ip libvirt_network forward jump PF-j-FWD\n")
    (note,) = firewall.notes(outcomes)
    assert "ip libvirt_network" in note


def test_absent_needs_no_place():
    assert not firewall.changes(firewall.plan("j", None, found(libvirt=(LIBVIRTS, LIBVIRT))))


def test_a_table_that_is_gone_keeps_nothing_back():
    assert not firewall.changes(firewall.plan_back("j", found(libvirt=(LIBVIRTS, LIBVIRT)), found()))


def test_a_table_that_was_not_there_gets_none_of_the_rules():
    left = LIBVIRT.replace("\t}\n", "\t\tjump PF-j-FWD # handle 3\n\t}\n\n\tchain PF-j-FWD { # handle 2\n\t}\n")
    outcomes = firewall.plan_back("j", found(), found(libvirt=(LIBVIRTS, left)))
    assert changed(outcomes) == [LIBVIRTS]
    assert not outcomes[LIBVIRTS].after.render()


def test_a_firewalld_that_refuses_forwards_of_others_is_named():
    listing = "table inet firewalld {\n\tchain filter_FORWARD {\n\t\treject with icmpx admin-prohibited\n\t}\n}\n"
    with pytest.raises(ForwardError, match="StrictForwardPorts=no"):
        firewall.refuse_strict_firewalld(listing)
    firewall.refuse_strict_firewalld(listing.replace("reject", "ct status dnat accept\n\t\treject"))
    firewall.refuse_strict_firewalld("")


def chain(family, table, name, **more):
    return {"chain": {"family": family, "table": table, "name": name, **more}}


def test_chains_of_nftables():
    drop = {"hook": "forward", "policy": "drop"}
    entries = [
        chain("ip", "filter", "FORWARD", **drop),
        chain("inet", "filter", "forward", **drop),
        chain("inet", "mine", "input", hook="input", policy="drop"),
        chain("inet", "mine", "forward", hook="forward", policy="accept"),
        chain("ip6", "filter", "forward", **drop),
        chain("ip", "libvirt_network", "guest_input"),
    ]
    chains = Chains(json.dumps({"nftables": [{"metainfo": {}}, *entries]}))
    assert chains.dropping() == ["inet filter forward"]
    assert chains.has("ip", "libvirt_network", "guest_input")
    assert not chains.has("ip", "libvirt_network", "forward")
    assert Chains("").dropping() == []
