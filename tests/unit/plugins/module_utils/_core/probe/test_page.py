# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""A page and its files, judged."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.probe import page
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.probe.verdict import HttpSeen

STOCK = Path(__file__).parents[5] / "lab/repository/packages/common/jitsi-meet-web/usr/share/jitsi-meet/index.html"
URL = "https://meet.test/Room?x=1"
REQUEST = {"name": "page", "kind": "page", "url": URL, "remedy": ""}
#: The shape of the page that Jitsi ships: a base, files with versions, others' scripts, and scripts in the page.
SHIPPED = """<!DOCTYPE html>
<html itemscope prefix="og: http://ogp.me/ns#"><head>
<base href="/" /><meta charset="utf-8">
<link rel="apple-touch-icon" href="images/apple-touch-icon.png">
<link rel="stylesheet" href="css/all.css?v=139">
<link rel="preload" href="libs/preloaded.js" as="script">
<script>var config = { a: '<script src="no.js">' }; if (1 < 2) { document.write('<link rel="stylesheet">') }</script>
<script src="libs/lib-jitsi-meet.min.js?v=139"></script>
<script src="libs/app.bundle.min.js?v=139#top" defer></script><SCRIPT SRC='libs/app.bundle.min.js?v=139'></SCRIPT>
<script src="https://elsewhere.test/analytics.js"></script><script src="//cdn.test/a.js"></script>
<script src="http://meet.test/plain.js"></script><script src="data:text/javascript,1"></script>
<script src=""></script><link rel="stylesheet"></head><body></body></html>"""


@pytest.mark.parametrize(
    ("text", "files"),
    [
        (SHIPPED, ["css/all.css?v=139", "libs/lib-jitsi-meet.min.js?v=139", "libs/app.bundle.min.js?v=139"]),
        ("<script src=a.js></script>", ["a.js"]),
        ("<base href='/b/'><base href='/c/'><script src=a.js></script>", ["b/a.js"]),
        ("<base href='https://cdn.test/'><script src=a.js></script><script src=/b.js></script>", []),
        ("<base href='https://cdn.test/'><script src=https://meet.test/b.js></script>", ["b.js"]),
        ("<script src=' a b%20ü.js '></script>", ["a%20b%20%C3%BC.js"]),
        ("<![endif]--><script src=a.js></script>", ["a.js"]),
        ("<script>x</script><![endif]--><script src=a.js></script>", ["a.js"]),
        ("<![CDATA[ x > <script src=a.js></script>", ["a.js"]),
        ("<!--[if IE]><script src=a.js></script><![endif]--><script src=b.js></script>", ["b.js"]),
        ("<!--[if !IE]><!--><script src=a.js></script><!--<![endif]-->", ["a.js"]),
        ("no markup", []),
    ],
)
def test_files_of_the_own_host_are_found(text, files):
    assert page.files_of(text, URL) == [f"https://meet.test/{one}" for one in files]


def test_malformed_declaration_ends_nothing():
    text = "<script src=a.js></script><![wrong[ <script src=b.js></script>"
    assert "https://meet.test/a.js" in page.files_of(text, URL)


@pytest.mark.parametrize("link", ["http://[", "//[x", "https://a℀b/", f"&#{'9' * 5000};"])
def test_link_that_leads_nowhere_ends_nothing(link):
    text = f"<script src=a.js></script><script src='{link}'></script>"
    assert page.files_of(text, URL)[0] == "https://meet.test/a.js"
    assert page.files_of(f"<base href='{link}'><script src=/a.js></script>", URL) in ([], ["https://meet.test/a.js"])


@pytest.mark.parametrize("text", ["<a " * 300000, "<![" * 300000, "<!--" * 300000, "<script " * 100000])
def test_hostile_page_costs_no_time(text):
    started = time.process_time()
    page.files_of(text, URL)
    assert time.process_time() - started < 5


def test_files_of_the_stand_in_are_found():
    names = [url.rpartition("/")[2] for url in page.files_of(STOCK.read_text(), URL)]
    assert names[0] == "all.css"
    assert {"app.bundle.min.js", "streams.js"} <= set(names)


def test_page_has_a_most_of_files():
    text = "".join(f"<script src={number}.js></script>" for number in range(1000))
    assert len(page.files_of(text, URL)) == page.MOST_FILES


def good(**change):
    return HttpSeen(**{"status": 200, "body": "<html>", "content_type": "text/html; charset=utf-8", **change})


def script(name="libs/app.js?v=1", **change):
    fitting = {"status": 200, "content_type": "application/javascript", "length": 5}
    return page.FileSeen(f"https://meet.test/{name}", **{**fitting, **change})


FOUR_MISSING = tuple(script(f"{name}.js", status=404) for name in "abcd")


@pytest.mark.parametrize(
    ("seen", "ok", "found", "remedy"),
    [
        (page.PageSeen(good(), (script(), script())), True, "200, 2 files", ""),
        (page.PageSeen(good(), (script(),)), True, "200, 1 file", ""),
        (page.PageSeen(good()), False, "200, but the page names no script and no style sheet", "Another page answers."),
        (page.PageSeen(HttpSeen(error="connection refused")), False, "connection refused", "Correct what"),
        (page.PageSeen(good(status=404, body="<p>No</p>")), False, "404, body: No", "Another page answers."),
        (page.PageSeen(HttpSeen(302, "https://a.test/")), False, "302 https://a.test/", "Another page answers."),
        (page.PageSeen(good(status=403, body="")), False, "403", "nginx cannot read"),
        (page.PageSeen(good(status=503, body="")), False, "503", "The proxy does not reach nginx"),
        (page.PageSeen(good(status=500, body="")), False, "500", "Read /var/log/nginx/"),
        (page.PageSeen(good(content_type="")), False, "200, but the type is not set", "Another page answers."),
        (
            page.PageSeen(good(body='a <!--#include virtual="/config.js" --> b')),
            False,
            '200, unprocessed <!--#include virtual="/config.js" -->',
            "nginx runs without 'ssi on'.",
        ),
        (page.PageSeen(good(body=page.BROKEN_INCLUDE)), False, f"200, {page.BROKEN_INCLUDE}", "Read /var/log/nginx/"),
        (page.PageSeen(good(), (script(), script(status=404))), False, "libs/app.js: 404", "Reinstall the files"),
        (page.PageSeen(good(), (script(length=0),)), False, "libs/app.js: empty", "Reinstall the files"),
        (
            page.PageSeen(good(), (script(content_type="text/html"),)),
            False,
            "libs/app.js: a page of text/html",
            "Reinstall the files",
        ),
        (
            page.PageSeen(good(), (script(content_type="image/png"),)),
            False,
            "libs/app.js: of the type image/png",
            "Reinstall the files",
        ),
        (page.PageSeen(good(), (script(status=403),)), False, "libs/app.js: 403", "nginx cannot read the file."),
        (page.PageSeen(good(), (script(status=502),)), False, "libs/app.js: 502", "Read /var/log/nginx/"),
        (
            page.PageSeen(good(), (script(status=None, error="no answer within 5 s"),)),
            False,
            "libs/app.js: no answer within 5 s",
            "Read /var/log/nginx/",
        ),
        (page.PageSeen(good(), FOUR_MISSING[:3]), False, "a.js: 404, b.js: 404, c.js: 404", "Reinstall the files"),
        (
            page.PageSeen(good(), FOUR_MISSING),
            False,
            "a.js: 404, b.js: 404, c.js: 404, and 1 more",
            "Reinstall the files",
        ),
    ],
)
def test_page_is_judged(seen, ok, found, remedy):
    verdict = page.judge_page(REQUEST, seen)
    assert (verdict.ok, verdict.found) == (ok, found)
    assert verdict.remedy.startswith(remedy) and bool(remedy) == bool(verdict.remedy)


def test_the_requests_own_remedy_wins():
    assert page.judge_page({**REQUEST, "remedy": "Ask Anna"}, page.PageSeen(good())).remedy == "Ask Anna"
