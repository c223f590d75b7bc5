# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""The repositories in files of apt."""

from __future__ import annotations

import pytest
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.packages.sources import repositories_in

JITSI = ("https://download.jitsi.org", "stable/")


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("jitsi.list", "deb https://download.jitsi.org stable/\n", [JITSI]),
        ("jitsi.list", "deb [signed-by=/a b=c] https://anna:hush@download.jitsi.org/ stable/\n", [JITSI]),
        ("jitsi.list", "# deb https://download.jitsi.org stable/\ndeb-src https://a.test x\n", []),
        ("jitsi.sources", "Types: deb\nURIs: https://download.jitsi.org\nSuites: stable/\n", [JITSI]),
        ("jitsi.sources", "Types: deb\nURIs: https://download.jitsi.org\nSuites: stable/\nEnabled: no\n", []),
        ("jitsi.sources", "Types: deb-src\nURIs: https://a.test\nSuites: x\n\nTypes: deb\n", []),
    ],
)
def test_repositories_are_told(name, text, expected):
    assert repositories_in(name, text) == expected
