# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""The lines of the site's vhosts that no variable says."""

from __future__ import annotations

import pytest

from .conftest import LOCAL, site_of

SITES = "reverse_proxy_sites"


def said_of(article, text, to="", is_for_all=False, ours=False):
    line = {"file": "/a.conf", "line": 7, "text": text, "to": to, "is_for_all": is_for_all}
    article.vhosts[0].update(lines=[line], ours=ours, aliases=["www.meet.test"])
    site_of(article)
    return [said for said in article.said(SITES) if said.startswith("/a.conf")]


@pytest.mark.parametrize(
    ("text", "to", "is_for_all"),
    [
        ("proxypass /static !", "", False),
        ("redirect permanent /help https://meet.test/a", "https://meet.test/a", False),
        ("redirectmatch 404 ^/about", "", False),
        ("redirect / https://else.test/", "https://else.test/", True),
        ("redirect / http://meet.test/", "http://meet.test/", True),
        ("rewriterule ^/a ws://192.168.122.9/$1", "ws://192.168.122.9/$1", False),
        ("rewriterule ^/a ws://192.168.122.120:9001/$1", f"ws://{LOCAL}:9001/$1", False),
        ("redirect / http://[/", "http://[/", True),
    ],
)
def test_line_that_no_variable_says_is_named(article, text, to, is_for_all):
    assert said_of(article, text, to, is_for_all) == [f"/a.conf, line 7, has {text!r}, which no variable says"]


@pytest.mark.parametrize(
    ("text", "to", "is_for_all"),
    [
        ("redirectmatch ^(.*)$ https://meet.test$1", "https://meet.test$1", True),
        ("redirect / https://www.meet.test/", "https://www.meet.test/", True),
        ("rewriterule ^/a wss://192.168.122.120/$1", f"wss://{LOCAL}/$1", False),
        ("rewriterule ^/xmpp-websocket ws://192.168.122.120:5280/$1", f"ws://{LOCAL}:5280/$1", False),
    ],
)
def test_line_that_the_site_replaces_is_not_named(article, text, to, is_for_all):
    assert said_of(article, text, to, is_for_all) == []


def test_lines_of_the_collection_are_not_named(article):
    assert said_of(article, "redirect / https://else.test/", ours=True) == []
