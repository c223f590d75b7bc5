"""Bridges behind one address get a port each, and each a forward unless somebody wrote one."""

from __future__ import annotations

import pytest
from ansible_collections.selfhosted.jitsi.plugins.plugin_utils._bridges import bridges_of, conflicts, forwards_with

PUBLIC = "198.51.100.10"
OWN = {"protocol": "udp", "port": 10000, "to": "192.168.122.120"}
TO_BRIDGE = {"protocol": "udp", "port": 10001, "to": "192.168.122.121"}


def bridge(**changes):
    usual = {"name": "a", "local_address": "192.168.122.121", "public_addresses": [PUBLIC], "port": 10001}
    usual.update(forwards=[TO_BRIDGE], state="present", server_id="a")
    return {**usual, **changes}


def test_bridges_behind_the_public_address_count_up():
    said = {"videobridge_local_address": "192.168.122.121"}
    found = bridges_of([("a", said), ("b", {**said, "videobridge_port": 20000}), ("c", said)], PUBLIC)
    assert [one["port"] for one in found] == [10001, 20000, 10003]
    assert found[0] == bridge()


def test_bridge_with_an_address_of_its_own_has_the_usual_port_and_no_forward():
    (found,) = bridges_of([("a", {"videobridge_public_addresses": ["198.51.100.11"]})], PUBLIC)
    assert found["port"] == 10000
    assert found["forwards"] == []


def test_text_in_place_of_a_list_is_left_to_the_judge():
    (found,) = bridges_of([("a", {"videobridge_public_addresses": PUBLIC})], PUBLIC)
    assert found["public_addresses"] == [PUBLIC]


def test_forward_is_added_once():
    assert forwards_with([OWN], [TO_BRIDGE]) == [OWN, TO_BRIDGE]
    assert forwards_with([OWN, TO_BRIDGE], [TO_BRIDGE]) == [OWN, TO_BRIDGE]


@pytest.mark.parametrize("port", ["10001", "10000-10005", "10001-10001"])
def test_forward_of_a_range_counts(port):
    ranged = {"protocol": "UDP", "port": port, "to": "192.168.122.121"}
    assert forwards_with([ranged], [TO_BRIDGE]) == [ranged]


@pytest.mark.parametrize(
    "changes", [{"to": "192.168.122.120"}, {"protocol": "tcp"}, {"port": "10002-10005"}, {"port": "wrong"}]
)
def test_forward_of_something_else_does_not_count(changes):
    one = {**TO_BRIDGE, **changes}
    assert forwards_with([one], [TO_BRIDGE]) == [one, TO_BRIDGE]


def test_range_has_to_be_there_as_a_whole():
    wanted = {**TO_BRIDGE, "port": "10001-10010"}
    assert forwards_with([TO_BRIDGE], [wanted]) == [TO_BRIDGE, wanted]
    assert forwards_with([{**wanted, "port": "10000-20000"}], [wanted]) == [{**wanted, "port": "10000-20000"}]


def test_two_bridges_on_one_port_both_get_their_forward_so_that_it_is_refused():
    second = {**TO_BRIDGE, "to": "192.168.122.122"}
    assert len(forwards_with([], [TO_BRIDGE, second])) == 2


def test_bridge_that_shall_be_absent_keeps_its_place_and_needs_no_forward():
    said = {"videobridge_local_address": "192.168.122.121"}
    first, second = bridges_of([("a", {**said, "videobridge_state": "absent"}), ("b", said)], PUBLIC)
    assert (first["state"], first["forwards"]) == ("absent", [])
    assert second["port"] == 10002


def claiming(name, port=10000, public=PUBLIC, nickname=""):
    room = f"jvbbrewery@internal.auth.a.test/{nickname or name}"
    return {"name": name, "port": port, "mappings": [f"192.168.122.1 -> {public}"], "rooms": [room]}


def test_bridges_that_keep_out_of_each_others_way_have_no_conflict():
    assert conflicts([claiming("a"), claiming("b", port=10001), claiming("c", public="198.51.100.11")]) == []


def test_what_two_bridges_claim_is_named():
    assert conflicts([claiming("a"), claiming("b", nickname="a")]) == [
        f"a and b both claim udp/10000 of {PUBLIC}",
        "a and b both claim the name a in jvbbrewery@internal.auth.a.test",
    ]
