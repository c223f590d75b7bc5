# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""A client of UDP moves to another target, although an answer of the earlier one is still on its way."""

from __future__ import annotations

import select
import threading
import time

import pytest
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.forwards.conntrack import Concern, changed
from ansible_collections.selfhosted.jitsi.plugins.module_utils._shell.forwards import conntrack
from router import CLIENTS, ROUTER, SERVER, bound, connected, inside

PATIENCE, LATE = 5, 0.05


def rule(port):
    return f"-A PREROUTING -d {ROUTER}/32 -p udp -m udp --dport 1000 -j DNAT --to-destination {SERVER}:{port}"


def load(lab, port):
    chains = "*nat\n:PREROUTING ACCEPT [0:0]\n:POSTROUTING ACCEPT [0:0]\n"
    lab.load(f"{chains}{rule(port)}\n-A POSTROUTING -s 10.2.0.0/24 -j MASQUERADE\nCOMMIT\n", "")


@pytest.fixture
def lab():
    with connected("nft") as made:
        yield made


def answer_late(receivers, ended):
    """Answer each packet with the port that it came to, a while later."""
    sockets = {one: str(port).encode() for (address, port), one in receivers.items() if address == SERVER}
    while not ended.is_set():
        for one in select.select(list(sockets), [], [], 0.1)[0]:
            _text, sender = one.recvfrom(100)
            threading.Timer(LATE, one.sendto, (sockets[one], sender)).start()


def keep_sending(client, ended):
    """Send as a call does, and not at the moments at which answers come."""
    while not ended.wait(0.4 * LATE):
        client.sendto(b"x", (ROUTER, 1000))


def answered(client, wanted):
    """Whether this answer comes."""
    last, end = b"", time.monotonic() + PATIENCE
    while time.monotonic() < end and last != wanted:
        if select.select([client], [], [], LATE)[0]:
            last = client.recv(100)
    return last == wanted


def test_answer_on_its_way_does_not_keep_the_flow(lab):
    ended = threading.Event()
    load(lab, 1000)
    (client,) = inside(lab.client, lambda: bound(25000, address=CLIENTS[0]))
    threads = [threading.Thread(target=answer_late, args=(lab.receivers, ended))]
    threads.append(threading.Thread(target=keep_sending, args=(client, ended)))
    for thread in threads:
        thread.start()
    try:
        assert answered(client, b"1000")
        load(lab, 1001)
        concern = Concern(changed([rule(1000)], [rule(1001)]), [rule(1001)])
        done, failure = inside(lab.router, lambda: conntrack._forget(concern, time.monotonic() + 2 * PATIENCE))
        assert (done, failure) == (1, "")
        assert answered(client, b"1001")
    finally:
        ended.set()
        for thread in threads:
            thread.join()
