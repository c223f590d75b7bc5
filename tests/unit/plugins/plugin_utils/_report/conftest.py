# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""The site that the tests of the reports share."""

from __future__ import annotations

import pytest
from ansible_collections.selfhosted.jitsi.plugins.plugin_utils._check.rows import Row
from ansible_collections.selfhosted.jitsi.plugins.plugin_utils._report.model import Backend, Forward, Machine, Report

MACHINES = (
    Machine("out", "outside", "198.51.100.7"),
    Machine("host", "nat_host", "192.168.123.1"),
    Machine("proxy", "proxy", "192.168.123.2"),
    Machine("meet", "jitsi", "192.168.123.10"),
    Machine("far", "bridge", "192.168.123.11"),
)
FORWARDS = (
    Forward("tcp", "443", "192.168.123.2"),
    Forward("udp", "10000", "192.168.123.10"),
    Forward("udp", "10001", "192.168.123.11"),
)
BACKENDS = (Backend("jitsi.test", "https://192.168.123.10"), Backend("wiki.test", "http://192.168.123.20:8080"))


def make_row(name, ok=False, cause="", **changes):
    """A row, failed if nothing else is said."""
    found = "yes" if ok else "no"
    fields = {"subject": "bridge", "machine": "meet", "expected": "yes", "found": found, "remedy": "Restart it"}
    return Row(**{**fields, "name": name, "ok": ok, "cause": cause, "anchor": "docs/guides/check.md", **changes})


@pytest.fixture
def row():
    """Makes a row: ``row(name, ok=False, cause="", **changes)``."""
    return make_row


@pytest.fixture
def report():
    """Makes the report of a site: ``report(*rows, **changes)``."""

    def make_report(*rows, **changes):
        site = {"machines": MACHINES, "forwards": FORWARDS, "backends": BACKENDS, "versions": {"jitsi-meet": "2.0"}}
        about = {"fqdn": "jitsi.test", "when": "2026-11-29T12:00:00Z", "public_address": "203.0.113.10"}
        return Report(**{**about, **site, "rows": rows, **changes})

    return make_report


@pytest.fixture
def hostile(row, report):
    """A report whose every text, from whatever machine, tries to break out of its place."""
    text = "\"'><script>alert(1)</script>&amp;\x1b]0;owned\x07\x9b31m\u202eevil\u2066\ud800\ufffe\x00\n\u6771\u4eac"
    names = [f"{text}{number}" for number in range(3)]
    rows = [row(names[0], **dict.fromkeys(("machine", "expected", "found", "remedy", "anchor", "subject"), text))]
    rows += [row(names[1], cause=names[0], machine=""), row(names[2], ok=True, found=f"not judged: {text}")]
    machines = [Machine(text, role, text) for role in ("outside", "nat_host", "proxy", "jitsi", "bridge")]
    places = {"forwards": [Forward(text, text, text)], "backends": [Backend(text, text), Backend("a.test", "http://[")]}
    return report(*rows, fqdn=text, public_address=text, versions={text: text}, machines=machines, **places)
