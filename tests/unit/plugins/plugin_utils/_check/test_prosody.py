"""What prosody says is judged, and what keeps a bridge out is read in its log."""

from __future__ import annotations

import pytest
from ansible_collections.selfhosted.jitsi.plugins.plugin_utils._check import prosody as prosody_answer

DOMAIN = "internal.auth.a.test"
ROOM = f"jvbbrewery@{DOMAIN}"
DONE = prosody_answer.DONE
ANSWER = [
    "service\ta.test\tstun\ta.test\t3478\tnil",
    "service\ta.test\tturn\ta.test\t3478\tudp",
    f"occupant\t{ROOM}/One",
    f"occupant\t{ROOM}/focus",
    DONE,
    "Result: nil",
]
TURN = {"type": "turn", "host": "a.test", "port": 3478, "transport": "udp"}


def brewery(lines, rooms=(f"{ROOM}/One",), log=(), running=True):
    verdict = prosody_answer.judge_brewery("row", lines, rooms, DOMAIN, log, running)
    return verdict.ok, verdict.found, verdict.remedy


def services(lines, hosts=("a.test",), wanted=(TURN,)):
    verdict = prosody_answer.judge_services("row", lines, hosts, wanted)
    return verdict.ok, verdict.found


def test_bridge_is_there_however_its_files_write_the_room():
    assert brewery(ANSWER)[:2] == (True, "in the room")
    assert brewery(ANSWER, ["JvbBrewery@Internal.auth.a.test/One", "room@elsewhere.test/One"])[0]
    assert not brewery(ANSWER, [f"{ROOM}/one"])[0]
    assert brewery([f"| {line}" for line in ANSWER])[0]


def test_session_that_prosody_still_keeps_does_not_count():
    refused = ["Joined MUC: x", "SASLError using SCRAM-SHA-1: not-authorized"]
    assert brewery(ANSWER, log=refused)[:2] == (False, "not in the room: prosody rejects its password")
    assert brewery(ANSWER, log=refused[::-1])[:2] == (True, "in the room")
    resumed = ["Connection refused", "MucClient$2.authenticated#351: Authenticated, resumed=true"]
    assert brewery(ANSWER, log=resumed)[:2] == (True, "in the room")
    assert brewery(ANSWER, log=["Joined MUC: x", "ICE: connect timed out"])[:2] == (True, "in the room")


def test_bridge_is_where_jicofo_is():
    elsewhere = [line.replace(f"{ROOM}/focus", f"elsewhere@{DOMAIN}/focus") for line in ANSWER]
    assert brewery(ANSWER)[:2] == (True, "in the room")
    ok, found, remedy = brewery(elsewhere)
    assert (ok, found) == (False, f"in {ROOM}, where jicofo is not")
    assert f"to elsewhere@{DOMAIN} and restart the bridge" in remedy
    ok, found, remedy = brewery([line for line in ANSWER if "/focus" not in line])
    assert (ok, found) == (False, "in the room, but jicofo is not there")
    assert "After not-authorized, run selfhosted.jitsi.site" in remedy


@pytest.mark.parametrize(
    ("line", "cause", "remedy"),
    [
        ("Failed: javax.net.ssl.SSLHandshakeException: PKIX path building failed", "does not trust", "Java trust"),
        (
            "SASLError using SCRAM-SHA-1: not-authorized",
            "rejects its password",
            "Run selfhosted.jitsi.site to give prosody",
        ),
        ("java.net.ConnectException: Connection refused", "cannot reach prosody", "accepts the machine"),
        ("java.net.SocketTimeoutException: connect timed out", "cannot reach prosody", "accepts the machine"),
        ("something else", "its log shows no reason", "jvb.log"),
        (f"Joined MUC: {ROOM}/Two", "its log shows no reason", "jvb.log"),
    ],
)
def test_last_attempt_in_the_log_says_what_keeps_it_out(line, cause, remedy):
    log = ["Connection refused", "PKIX path building failed", "not-authorized", line, "a line about media"]
    ok, found, mended = brewery(ANSWER, [f"{ROOM}/Two"], log if line != "something else" else [line])
    assert not ok
    assert cause in found
    assert remedy in mended


def test_bridge_that_does_not_run_or_has_no_room_is_not_there():
    assert brewery(ANSWER, running=False)[:2] == (False, "the bridge is not running")
    assert brewery(ANSWER, ["room@elsewhere.test/One"])[:2] == (False, "its files contain no such room")


@pytest.mark.parametrize("lines", [[], ["Unknown command: shell"], ANSWER[:3]])
def test_answer_that_is_not_whole_is_not_judged(lines):
    assert brewery(lines)[:2] == (True, "not judged: prosody's shell does not answer")
    assert services(lines) == (True, "not judged: prosody's shell does not answer")


def test_clients_are_told_of_each_server():
    assert services(ANSWER) == (True, "turn a.test:3478 over udp")
    told = "stun a.test:3478, turn a.test:3478 over udp for clients of a.test"
    assert services(ANSWER, wanted=[TURN, {**TURN, "transport": "tcp"}]) == (False, told)
    assert services(ANSWER, wanted=[{**TURN, "host": "b.test"}]) == (False, told)
    assert services(ANSWER, ["a.test", "guest.a.test"]) == (False, "nothing for clients of guest.a.test")


def test_question_holds_the_name_and_nothing_that_could_end_its_text():
    assert '"internal.auth.a.test"' in prosody_answer.question("a.test")
    assert prosody_answer.question('a.test" os.exit() --') == prosody_answer.question("a.testos.exit--")
