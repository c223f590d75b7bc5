"""Whom two participants ask for their own addresses, on the wire."""

from __future__ import annotations

import json

import pytest
from participants import meet, needs_both, room_of_today
from site_runs import site


@pytest.mark.standin("their web page shows who is connected")
@needs_both
def test_two_participants_connect_without_a_packet_to_anybody_outside(jitsi, proxy, tmp_path):
    with room_of_today(jitsi) as room:
        packets = meet(proxy, tmp_path, room)
    assert packets.stun_servers() == set()
    assert packets.outside_names() == set()
    assert packets.outside() == set()


@pytest.fixture
def stun_server():
    """The site with a STUN server, and without it again."""
    for_it = ("--limit", "jitsi-lab-jitsi")
    chosen = json.dumps({"jitsi_meet_stun_servers": ["198.51.100.10:3478", "stun.outside.example:443"]})
    code, said = site(*for_it, "--extra-vars", chosen)
    assert code == 0, said
    yield {("198.51.100.10", 3478), ("198.51.100.10", 443)}
    code, said = site(*for_it)
    assert code == 0, said


@pytest.mark.standin("their web page shows who is connected")
@pytest.mark.either_release
@needs_both
def test_stun_servers_that_are_wanted_are_asked_and_seen(stun_server, jitsi, proxy, tmp_path):
    """The browser takes every name for the lab's host, so that what it would send elsewhere can be seen."""
    with room_of_today(jitsi) as room:
        packets = meet(proxy, tmp_path, room)
    assert packets.stun_servers() == stun_server
