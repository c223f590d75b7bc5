# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""The settings that a browser gets, judged."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.probe.settings import judge_settings
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.probe.verdict import HttpSeen

PACKAGES = Path(__file__).parents[5] / "lab/repository/packages"
FILE = "jitsi-meet-web-config/usr/share/jitsi-meet-web-config/config.js"
NAME = "jitsi.test"
REQUEST = {"name": "config.js", "kind": "settings", "url": f"https://{NAME}/config.js", "domain": NAME, "remedy": ""}
FINE = f"settings of {NAME}"
ON_DISK = f"/etc/jitsi/meet/{NAME}-config.js"
HOSTS = "domain: 'jitsi.test', muc: 'conference.jitsi.test'"


def stock(generation):
    """A file of the stand-ins, as their script leaves it and nginx fills it in."""
    text = (PACKAGES / generation / FILE).read_text()
    for old, new in (
        ("jitsi-meet.example.com", NAME),
        ('<!--# echo var="subdir" default="" -->', ""),
        ('<!--# echo var="subdomain" default="" -->', ""),
    ):
        text = text.replace(old, new)
    return text


def judge(text, **change):
    seen = HttpSeen(**{"status": 200, "body": text, "content_type": "application/javascript", **change})
    return judge_settings(REQUEST, seen)


@pytest.mark.parametrize("generation", ["2020", "current"])
@pytest.mark.parametrize(
    "added",
    [
        "",
        "// BEGIN\nif (Object(config.hosts) !== config.hosts) config.hosts = {};\n"
        'config.hosts.anonymousdomain = "guest.jitsi.test";\n',
        "config.bosh = '/http-bind';",
        "config.bosh = '//jitsi.test/http-bind'; config.websocket = undefined;",
        "config.bosh = ''; config.websocket = 'wss://JITSI.test:443/xmpp-websocket';",
    ],
)
def test_files_of_the_packages_are_right(generation, added):
    verdict = judge(stock(generation) + added)
    assert (verdict.ok, verdict.found, verdict.remedy) == (True, FINE, "")


def test_placeholders_that_the_script_itself_removes_are_right():
    text = (PACKAGES / "current" / FILE).read_text().replace("jitsi-meet.example.com", NAME)
    assert "<!--#" in text
    assert judge(text).ok


@pytest.mark.parametrize(
    ("added", "found"),
    [
        ("config.bosh = 'https://other/http-bind';", "config.bosh is https://other/http-bind"),
        ("config.bosh = 'http://jitsi.test/http-bind';", "config.bosh is http://jitsi.test/http-bind"),
        ("config.bosh = '//jitsi.test/bosh';", "config.bosh is //jitsi.test/bosh"),
        ("config.bosh = 'https://jitsi.test:5281/http-bind';", "config.bosh is https://jitsi.test:5281/http-bind"),
        ("config.bosh = 'https://[/http-bind';", "config.bosh is https://[/http-bind"),
        ("config.websocket = 'wss://jitsi.test/';", "config.websocket is wss://jitsi.test/"),
        ("config.websocket = 'ws://jitsi.test/xmpp-websocket';", "config.websocket is ws://jitsi.test/xmpp-websocket"),
        ("config.websocket = '/xmpp-websocket';", "config.websocket is /xmpp-websocket"),
        ("config.hosts.domain = 'old.test';", "config.hosts.domain is old.test"),
        ("config.hosts.muc = 'muc.jitsi.test';", "config.hosts.muc is muc.jitsi.test"),
        ("config.hosts.anonymousdomain = 'guest.old.test';", "config.hosts.anonymousdomain is guest.old.test"),
        ("config.hosts = { domain: 'jitsi.test' };", "config.hosts.muc is not set"),
        (f"config = {{ hosts: {{ {HOSTS} }} }};", "neither config.bosh nor config.websocket is set"),
        ("config.hosts.domain = 'a'; config.bosh = 'b';", "config.hosts.domain is a"),
    ],
)
def test_first_wrong_setting_is_named(added, found):
    verdict = judge(stock("current") + added)
    assert (verdict.ok, verdict.found) == (False, found)
    key = found.partition(" is ")[0]
    if key.startswith("config."):
        assert verdict.remedy.startswith(f"Correct {key} in {ON_DISK} on the Jitsi machine: ")
    else:
        assert verdict.remedy.startswith(f"Correct config.bosh in {ON_DISK} on the Jitsi machine: //{NAME}/http-bind")


@pytest.mark.parametrize(
    ("added", "found"),
    [
        ("config.bosh = url();", f"{FINE}, but for config.bosh, which code computes"),
        ("config.bosh = url(); config.websocket = '';", f"{FINE}, but for config.bosh, which code computes"),
        ("var a = b / c;", FINE),
    ],
)
def test_what_code_computes_is_not_judged(added, found):
    verdict = judge(stock("current") + added)
    assert (verdict.ok, verdict.found) == (True, found)


def test_what_cannot_be_read_without_guessing_is_not_judged():
    verdict = judge("var config = {};\nawait / 1")
    assert verdict.ok
    assert verdict.found.startswith("not judged: line 2: column 7: it is unclear")


def test_broken_file_is_named_with_its_line():
    text = stock("current").replace("xmpp-websocket',", "xmpp-websocket'", 1)
    line = text[: text.index("xmpp-websocket'")].count("\n") + 1
    verdict = judge(text)
    assert not verdict.ok
    assert verdict.found.startswith(f"line {line}: column ")
    assert verdict.remedy == f"Correct line {line} of {ON_DISK} on the Jitsi machine"


def test_include_that_nginx_does_not_process_is_named():
    text = stock("2020").replace("'conference.", '\'conference.<!--# echo var="subdomain" default="" -->')
    verdict = judge(text)
    assert verdict.found.startswith("config.hosts.muc is conference.<!--# echo")
    assert "'ssi on'" in verdict.remedy


@pytest.mark.parametrize(
    ("seen", "found", "remedy"),
    [
        ({"status": None, "error": "connection refused"}, "connection refused", "provider's firewall"),
        ({"status": 404, "body": "<h1>Not Found</h1>"}, "404, body: Not Found", ON_DISK),
        ({"content_type": "text/html", "body": "<p>Room"}, "200, but a page of text/html, body: Room", ON_DISK),
        ({"body": ""}, "no object config", ON_DISK),
    ],
)
def test_missing_file_is_named(seen, found, remedy):
    verdict = judge("", **seen)
    assert (verdict.ok, verdict.found) == (False, found)
    assert remedy in verdict.remedy and bool(remedy) == bool(verdict.remedy)


def test_the_requests_own_remedy_wins():
    assert judge_settings({**REQUEST, "remedy": "Ask Anna"}, HttpSeen(404)).remedy == "Ask Anna"
