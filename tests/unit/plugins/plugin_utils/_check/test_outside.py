# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""The probes from outside keep their order and their words."""

from __future__ import annotations

from ansible_collections.selfhosted.jitsi.plugins.plugin_utils._check import outside


def probe(name, ok=True):
    return {"name": name, "ok": ok, "expected": "200", "found": "200" if ok else "404", "remedy": f"mend {name}"}


def test_pages_come_before_xmpp_and_websockets():
    part = {
        "fronts": [{"results": [probe("redirect"), probe("acme", ok=False)]}, {"skipped": True}],
        "others": [{"results": [probe("page")]}],
        "meeting": [probe("bosh", ok=False)],
        "sockets": [{"results": [probe("socket")]}],
    }
    rows = outside.judge("out", part)
    assert [(row.name, row.ok) for row in rows] == [
        ("redirect", True),
        ("acme", False),
        ("page", True),
        ("bosh", False),
        ("socket", True),
    ]
    assert (rows[1].expected, rows[1].found, rows[1].remedy) == ("200", "404", "mend acme")
