# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""The source files of repositories, and what compares them."""

from __future__ import annotations

import re

from ansible_collections.selfhosted.jitsi.plugins.plugin_utils._repositories import plan

JITSI = {
    "file": "/etc/apt/sources.list.d/jitsi.sources",
    "keyring": "/etc/apt/keyrings/jitsi.asc",
    "uri": "https://download.example.org",
    "suite": "stable/",
    "fingerprints": ["AB" * 20],
}
PROSODY = {
    **JITSI,
    "file": "/etc/apt/sources.list.d/p.sources",
    "keyring": "/p.asc",
    "suite": "bookworm",
    "components": "main",
}


def test_flat_repository_has_no_components():
    texts = plan([JITSI, PROSODY], "a.b.role")["texts"]
    assert texts[JITSI["file"]] == (
        "# Managed by Ansible: a.b.role\nTypes: deb\nURIs: https://download.example.org\nSuites: stable/\n"
        "Signed-By: /etc/apt/keyrings/jitsi.asc\n"
    )
    assert "\nSuites: bookworm\nComponents: main\n" in texts[PROSODY["file"]]


def test_expression_finds_lines_of_both_formats_and_no_comment():
    (expression,) = plan([JITSI], "a")["expressions"].values()
    named = [
        "deb https://download.example.org stable/",
        "URIs: http://download.example.org",
        "deb [signed-by=/x] https://download.example.org/ stable/",
    ]
    assert all(re.search(expression, line) for line in named)
    others = ["# deb https://download.example.org stable/", "deb https://downloadXexample.org stable/", ""]
    assert not any(re.search(expression, line) for line in others)


def test_own_file_is_left_out_of_its_search():
    (search,) = plan([JITSI], "a")["searches"]
    assert search["excluded"] == [JITSI["file"]]
    assert "/etc/apt/sources.list" in {pattern.replace("*", "sources") for pattern in search["patterns"]}


def test_keyring_is_compared_with_the_allowed_fingerprints():
    assert plan([JITSI], "a")["keyrings"] == [
        {
            "name": JITSI["keyring"],
            "module": "repository_keyring",
            "options": {"path": JITSI["keyring"], "fingerprints": JITSI["fingerprints"]},
        }
    ]
