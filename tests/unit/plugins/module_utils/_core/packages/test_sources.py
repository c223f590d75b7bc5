# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""The repositories in files of apt."""

from __future__ import annotations

import pytest
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.packages.sources import (
    Repository,
    repositories_in,
    sources_of_jitsi,
)

JITSI = Repository("https://download.jitsi.org", "stable/")
UNUSED = JITSI._replace(is_used=False)
STANZA = "Types: deb\nURIs: https://download.jitsi.org\nSuites: stable/\n"
LINE, DEBIAN = "deb https://download.jitsi.org stable/\n", "deb https://mirror.test/debian bookworm main\n"
PROSODY = "deb https://packages.prosody.im/debian bookworm main\n"


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("jitsi.list", LINE, [JITSI]),
        ("jitsi.list", "deb [signed-by=/a b=c] https://anna:hush@download.jitsi.org/ stable/ # x\n", [JITSI]),
        ("jitsi.list", "# deb https://a.test x\ndeb-src https://download.jitsi.org stable/\n", [UNUSED]),
        ("jitsi.sources", STANZA, [JITSI]),
        ("jitsi.sources", f"{STANZA}Enabled: no\n", [UNUSED]),
        ("jitsi.sources", f"{STANZA}Enabled: False\n", [UNUSED]),
        ("jitsi.sources", STANZA.replace("deb\n", "deb-src\n") + "\nTypes: deb\n", [UNUSED]),
        ("jitsi.sources", STANZA.replace(": https", ":\n# The mirror\n https"), [JITSI]),
        ("jitsi.sources", f"{STANZA}Signed-By:\n -----BEGIN\n .\n URIs: x\n", [JITSI]),
        ("a.sources", f"{STANZA}\n{STANZA}".replace("\n", "\r\n").replace("org", "test", 1), None),
    ],
)
def test_repositories_are_told(name, text, expected):
    assert repositories_in(name, text) == (expected or [JITSI._replace(uri="https://download.jitsi.test"), JITSI])


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"jitsi.list": LINE}, [("jitsi.list", JITSI.uri, True)]),
        ({"sources.list": DEBIAN + LINE}, [("sources.list", JITSI.uri, False)]),
        ({"sources.list": LINE + DEBIAN.replace("deb", "deb-src", 1)}, [("sources.list", JITSI.uri, False)]),
        ({"jitsi.list": PROSODY + LINE}, [("jitsi.list", JITSI.uri, False)]),
        ({"jitsi.list": "deb https://mirror.test/m stable/\n"}, [("jitsi.list", "https://mirror.test/m", True)]),
        ({"jitsi-prosody.list": PROSODY}, []),
        (
            {"jitsi.list": "deb https://mirror.test/m stable/\n", "x.list": LINE},
            [("x.list", JITSI.uri, True), ("jitsi.list", "https://mirror.test/m", True)],
        ),
    ],
)
def test_repository_of_jitsi_is_known_by_its_uri_first(files, expected):
    assert [(each["file"], each["uri"], each["alone"]) for each in sources_of_jitsi(files)] == expected
