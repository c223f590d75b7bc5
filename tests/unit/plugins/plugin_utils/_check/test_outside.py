# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""The probes from outside keep their order and their words."""

from __future__ import annotations

from ansible_collections.selfhosted.jitsi.plugins.plugin_utils._check import outside


def probe(name, ok=True):
    return {"name": name, "ok": ok, "expected": "200", "found": "200" if ok else "404", "remedy": f"mend {name}"}


def test_rows_keep_the_order_and_the_words_of_the_probes():
    rows = outside.judge("out", {"results": [probe("redirect"), probe("acme", ok=False), probe("page")]})
    assert [(row.name, row.ok) for row in rows] == [("redirect", True), ("acme", False), ("page", True)]
    assert (rows[1].expected, rows[1].found, rows[1].remedy) == ("200", "404", "mend acme")
