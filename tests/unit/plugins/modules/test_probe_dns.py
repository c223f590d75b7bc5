# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""probe_info looks names up; the resolver of the machine is replaced, its IPv6 addresses are on the loopback."""

from __future__ import annotations

import contextlib
import json
import socket

import pytest
from ansible.module_utils.testing import patch_module_args
from ansible_collections.selfhosted.jitsi.plugins.module_utils._module import probe_info

RIGHT, V6 = "198.51.100.1", "::1"


def has_ipv6():
    with contextlib.suppress(OSError), socket.create_server((V6, 0), family=socket.AF_INET6):
        return True
    return False


needs_ipv6 = pytest.mark.skipif(not has_ipv6(), reason="this machine has no IPv6 address: enable IPv6 on lo")


def run(capsys, monkeypatch, answer, port=443):
    """The row for a name, with an answer of the resolver: addresses, or an error."""

    def look_up(name, asked, **_options):
        assert (name, asked) == ("meet.test", port)
        if isinstance(answer, Exception):
            raise answer
        families = [socket.AF_INET6 if ":" in address else socket.AF_INET for address in answer]
        rest = {socket.AF_INET: (), socket.AF_INET6: (0, 0)}
        return [
            (family, socket.SOCK_STREAM, 6, "", (address, asked, *rest[family]))
            for family, address in zip(families, answer)
        ]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    probe = {"name": "name", "kind": "dns", "domain": "meet.test", "expect_address": RIGHT}
    if port != 443:
        probe["port"] = port
    with patch_module_args({"probes": [probe], "timeout": 0.5}), pytest.raises(SystemExit):
        probe_info.main()
    return json.loads(capsys.readouterr().out)["results"][0]


@pytest.mark.parametrize(
    ("answer", "ok", "found"),
    [
        ([RIGHT], True, RIGHT),
        ([RIGHT, RIGHT], True, RIGHT),
        (["192.0.2.9", RIGHT], False, f"192.0.2.9 and {RIGHT}"),
        (socket.gaierror(socket.EAI_NONAME, "Name or service not known"), False, "does not resolve"),
        (
            socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution"),
            False,
            "look-up failed: Temporary failure in name resolution",
        ),
    ],
)
def test_ipv4_addresses_are_compared(capsys, monkeypatch, answer, ok, found):
    row = run(capsys, monkeypatch, answer)
    assert (row["ok"], row["found"]) == (ok, found)


@needs_ipv6
def test_ipv6_address_is_tried(capsys, monkeypatch):
    with socket.create_server((V6, 0), family=socket.AF_INET6) as server:
        port = server.getsockname()[1]
        row = run(capsys, monkeypatch, [RIGHT, V6], port)
        assert (row["ok"], row["found"]) == (True, f"{RIGHT}, and {V6}, which answers")
    row = run(capsys, monkeypatch, [RIGHT, V6], port)
    assert (row["ok"], row["found"]) == (False, f"{RIGHT}, and {V6}, which does not answer")
    assert row["remedy"].startswith("Remove the AAAA record of meet.test")


def test_machine_without_a_route_says_so(capsys, monkeypatch):
    # A link-local address without its interface has no route anywhere.
    row = run(capsys, monkeypatch, [RIGHT, "fe80::1"])
    assert row["ok"] is False
    assert row["found"].startswith(f"{RIGHT}, and fe80::1, which ")
