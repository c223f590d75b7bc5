# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""probe_info against a small STUN and TURN server on the loopback interface; the scenario `options` has a real one."""

from __future__ import annotations

import contextlib
import json
import os
import select
import socket
import threading

import pytest
from ansible.module_utils.testing import patch_module_args
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.probe import stun
from ansible_collections.selfhosted.jitsi.plugins.module_utils._module import probe_info

LOGIN = stun.Login("9999:check", "right", b"a.test", b"once")
OWN = "127.0.0.1"
ASKED = (stun.TRANSPORT, stun.PEER, stun.LIFETIME)


class Server:
    """Answers in one thread; the socket that relays drops what it gets if it is told to."""

    def __init__(self, loses=0, drops=False):
        self.loses, self.drops = loses, drops
        self.listening, self.relaying = (socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _name in "ab")
        for one in (self.listening, self.relaying):
            one.bind((OWN, 0))
        self.port = self.listening.getsockname()[1]
        self.relay = self.relaying.getsockname()
        self.client, self.released, self.ended = None, threading.Event(), threading.Event()

    def serve(self):
        while not self.ended.is_set():
            for one in select.select([self.listening, self.relaying], [], [], 0.05)[0]:
                packet, sender = one.recvfrom(65535)
                if one is self.relaying:
                    self.pass_on(packet, sender)
                elif self.loses:
                    self.loses -= 1
                else:
                    self.listening.sendto(stun.encode(self.answer(stun.decode(packet), packet, sender)), sender)

    def pass_on(self, packet, sender):
        if self.client and not self.drops:
            attributes = {stun.DATA: packet, stun.PEER: stun._xored(sender)}
            self.listening.sendto(stun.encode(stun.Message(stun.DATA_ARRIVED, bytes(12), attributes)), self.client)

    def answer(self, asked, packet, sender):
        seen = {stun.SEEN_FROM: stun._xored(sender)}
        if asked.kind == stun.BINDING:
            return stun.Message(asked.kind | stun.ANSWERED, asked.transaction, seen)
        plain = {name: value for name, value in asked.attributes.items() if name in ASKED}
        if packet != stun.encode(stun.Message(asked.kind, asked.transaction, plain), LOGIN):
            refusal = {stun.ERROR: b"\0\0\4\1Unauthorized", stun.REALM: LOGIN.realm, stun.NONCE: LOGIN.nonce}
            return stun.Message(asked.kind | stun.REFUSED, asked.transaction, refusal)
        if asked.kind == stun.PERMIT:
            # Other probes talk to us at the same time.
            self.client = sender
        if asked.kind == stun.REFRESH:
            self.released.set()
        answer = {**seen, stun.RELAYED: stun._xored(self.relay)}
        return stun.Message(asked.kind | stun.ANSWERED, asked.transaction, answer)


@contextlib.contextmanager
def serving(**options):
    server = Server(**options)
    thread = threading.Thread(target=server.serve, daemon=True)
    thread.start()
    yield server
    server.ended.set()
    thread.join(5)
    server.listening.close()
    server.relaying.close()


def run(capsys, *probes, timeout=2):
    """Run the module; return its rows and all that it printed."""
    with patch_module_args({"probes": list(probes), "timeout": timeout}), pytest.raises(SystemExit):
        probe_info.main()
    printed = capsys.readouterr().out
    return json.loads(printed)["results"], printed


def turn(server, password="right", **options):
    login = {"username": LOGIN.username, "password": password}
    return {"name": "row", "kind": "turn", "address": OWN, "port": server.port, **login, **options}


def test_stun_server_tells_the_address_although_packets_are_lost(capsys):
    with serving(loses=1) as server:
        rows, _printed = run(capsys, {"name": "row", "kind": "stun", "address": OWN, "port": server.port})
    assert (rows[0]["ok"], rows[0]["found"]) == (True, "an answer with the address 127.0.0.1")


def test_relay_is_had_used_and_given_back(capsys):
    with serving() as server:
        rows, _printed = run(capsys, turn(server, expect_address=OWN), turn(server, relay=True))
        where = f"{OWN}:{server.relay[1]}"
        assert [row["found"] for row in rows] == [f"a relay at {where}", f"a packet through {where}"]
        assert all(row["ok"] for row in rows)
        assert server.released.wait(2)


def test_relay_elsewhere_and_one_that_loses_all_are_named(capsys):
    with serving(drops=True) as server:
        rows, _printed = run(capsys, turn(server, expect_address="198.51.100.10"), turn(server, relay=True), timeout=1)
    assert [row["ok"] for row in rows] == [False, False]
    assert rows[1]["found"] == f"no packet through {OWN}:{server.relay[1]}"


def test_wrong_password_is_refused_and_not_shown(capsys):
    with serving() as server:
        wrong = turn(server, password="a-wrong-one")
        rows, printed = run(capsys, wrong, {**wrong, "relay": True})
    assert [row["found"] for row in rows] == ["401 Unauthorized", "not judged: 401 Unauthorized"]
    assert [row["ok"] for row in rows] == [False, True]
    assert "a-wrong-one" not in printed


@pytest.mark.parametrize("transport", ["udp", "tcp"])
def test_nobody_answers(capsys, transport):
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM if transport == "tcp" else socket.SOCK_DGRAM) as nobody:
        nobody.bind((OWN, 0))
        port = nobody.getsockname()[1]
    rows, _printed = run(capsys, {"name": "row", "kind": "stun", "address": OWN, "port": port, "transport": transport})
    assert (rows[0]["ok"], rows[0]["found"]) == (False, "connection refused")


def test_answer_over_tcp_may_come_in_pieces(capsys):
    def serve(listener):
        stream = listener.accept()[0]
        with stream:
            asked = stun.decode(stream.recv(65535))
            seen = {stun.SEEN_FROM: stun._xored(stream.getpeername())}
            packet = stun.encode(stun.Message(stun.BINDING | stun.ANSWERED, asked.transaction, seen))
            stream.sendall(packet[:7])
            select.select([], [], [], 0.1)
            stream.sendall(packet[7:] + os.urandom(3))

    with socket.create_server((OWN, 0)) as listener:
        thread = threading.Thread(target=serve, args=(listener,), daemon=True)
        thread.start()
        port = listener.getsockname()[1]
        rows, _printed = run(capsys, {"name": "row", "kind": "stun", "address": OWN, "port": port, "transport": "tcp"})
        thread.join(5)
    assert rows[0]["ok"], rows
