"""Messages are those of the standards; the samples are RFC 5769's."""

from __future__ import annotations

import pytest
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.probe import stun
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.probe import turn as probe_turn

TRANSACTION = bytes.fromhex("78ad3433c6ad72c029da412e")
SIGNED = bytes.fromhex(
    "000100602112a44278ad3433c6ad72c029da412e"
    "00060012e3839ee38388e383aae38383e382afe382b90000"
    "0015001c662f2f3439396b39353464364f4c33346f4c394653547679363473410014000b6578616d706c652e6f726700"
    "00080014f67024656dd64a3e02b8e0712e85c9a28ca89666"
)
ANSWER = bytes.fromhex("010100142112a442b7e7a701bc34d686fa87dfae002000080001a147e112a6438022000474657374")


def test_signed_request_is_that_of_the_standard():
    login = stun.Login("マトリックス", "TheMatrIX", b"example.org", b"f//499k954d6OL34oL9FSTvy64sA")
    assert stun.encode(stun.binding(TRANSACTION), login) == SIGNED


def test_address_is_read_out_of_its_disguise():
    answer = stun.decode(ANSWER)
    assert answer.address(stun.SEEN_FROM) == ("192.0.2.1", 32853)
    assert answer.address(stun.RELAYED) is None
    assert answer.answers(stun.binding(answer.transaction))
    assert not answer.answers(stun.binding(TRANSACTION))
    assert not answer.answers(stun.allocate(answer.transaction))
    assert not answer.refused


def test_peer_is_disguised_in_the_same_way():
    message = stun.decode(stun.encode(stun.permit(TRANSACTION, ("192.0.2.1", 32853))))
    assert message.address(stun.PEER) == ("192.0.2.1", 32853)


def test_refusal_has_a_code_and_words():
    words = b"\0\0\4\1Unauthorized"
    message = stun.Message(stun.ALLOCATE | stun.REFUSED, TRANSACTION, {stun.ERROR: words})
    answer = stun.decode(stun.encode(message))
    assert (answer.refused, answer.error) == (True, (401, "Unauthorized"))
    assert answer.answers(stun.allocate(TRANSACTION))
    assert stun.Message(stun.BINDING, TRANSACTION).error == (0, "")


@pytest.mark.parametrize("packet", [b"", b"HTTP/1.1 400 Bad Request", ANSWER[:30], b"\xff" + ANSWER[1:]])
def test_what_is_no_message_is_refused(packet):
    with pytest.raises(stun.StunError):
        stun.decode(packet)


PROBE = {"name": "row", "remedy": "mend it", "expect_address": "198.51.100.10"}


@pytest.mark.parametrize(
    ("seen", "ok", "found"),
    [
        (probe_turn.StunSeen("198.51.100.20", "198.51.100.20"), True, "an answer with the address 198.51.100.20"),
        (probe_turn.StunSeen("198.51.100.20", "192.168.122.1"), False, "an answer with the address 192.168.122.1"),
        (probe_turn.StunSeen("10.0.0.2", "198.51.100.77"), True, "an answer with the address 198.51.100.77"),
        (probe_turn.StunSeen("10.0.0.2", "192.168.122.1"), False, "an answer with the address 192.168.122.1"),
        (probe_turn.StunSeen("198.51.100.20", error="connection refused"), False, "connection refused"),
    ],
)
def test_server_has_to_see_the_senders_own_address(seen, ok, found):
    row = probe_turn.judge_stun(PROBE, seen).row()
    assert (row["ok"], row["found"], row["remedy"]) == (ok, found, "mend it")


@pytest.mark.parametrize(
    ("relay", "seen", "ok", "found"),
    [
        (False, probe_turn.TurnSeen("198.51.100.10:49170"), True, "a relay at 198.51.100.10:49170"),
        (False, probe_turn.TurnSeen("192.168.122.120:49170"), False, "a relay at 192.168.122.120:49170"),
        (False, probe_turn.TurnSeen(error="401 Unauthorized"), False, "401 Unauthorized"),
        (True, probe_turn.TurnSeen(error="401 Unauthorized"), True, "not judged: 401 Unauthorized"),
        (True, probe_turn.TurnSeen("a:1", arrived=True), True, "a packet through a:1"),
        (True, probe_turn.TurnSeen("a:1", arrived=False), False, "no packet through a:1"),
        (True, probe_turn.TurnSeen("a:1", relay_error="500 Bad"), False, "500 Bad"),
        (
            True,
            probe_turn.TurnSeen("a:1", relay_error="403 Forbidden IP"),
            True,
            "not judged: 403 Forbidden IP, because this machine has a private address",
        ),
    ],
)
def test_relay_and_what_comes_through_it_are_rows_of_their_own(relay, seen, ok, found):
    row = probe_turn.judge_turn({**PROBE, "relay": relay}, seen).row()
    assert (row["ok"], row["found"]) == (ok, found)
