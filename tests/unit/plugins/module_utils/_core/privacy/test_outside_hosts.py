"""Which outside hosts a configuration names."""

from __future__ import annotations

import pytest
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.javascript.values import texts_of
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.privacy.outside_hosts import (
    Texts,
    hosts_in,
    outside,
)
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.prosody.external_services import service_hosts

GIVEN = "var config = { p2p: { stunServers: [ { urls: 'stun:stun.a.example:1' } ] }, logo: 'https://b.example/x' };\n"


@pytest.mark.parametrize(
    ("text", "hosts"),
    [
        ("https://A.example/x?y=z.example", ["a.example"]),
        ("//a.example/http-bind", ["a.example"]),
        ("wss://user:word@a.example:8443/", ["a.example"]),
        ("stun:a.example:443", ["a.example"]),
        ("turns:a.example?transport=tcp", ["a.example"]),
        ("a.example:443, b.example:3478", ["a.example", "b.example"]),
        ("http://[2001:db8::1]:80/", ["2001:db8::1"]),
        ("192.0.2.1:80", ["192.0.2.1"]),
        ("https://", []),
        ("a.example", []),
        ("10:30", []),
        ("see a//b.example", []),
        ("focus@auth.a.example", []),
        ("data:image/png;base64,AAAA", []),
    ],
)
def test_hosts_in_a_text(text, hosts):
    assert hosts_in(text) == hosts


@pytest.mark.parametrize(
    ("script", "texts"),
    [
        (GIVEN, ["stun:stun.a.example:1", "https://b.example/x"]),
        (GIVEN + "config.p2p.stunServers = [];", ["https://b.example/x"]),
        (
            GIVEN + "if (Object(config.p2p) !== config.p2p) config.p2p = {};",
            ["stun:stun.a.example:1", "https://b.example/x"],
        ),
        (GIVEN + "window.config['p2p'] = {};", ["https://b.example/x"]),
        (
            GIVEN + "config.p = 'x'; config.p2p.stunServersToo = 1;",
            ["stun:stun.a.example:1", "https://b.example/x", "x"],
        ),
        (GIVEN + "config = more(config);", ["stun:stun.a.example:1", "https://b.example/x"]),
        ("config.p2p = {};\n" + GIVEN, ["stun:stun.a.example:1", "https://b.example/x"]),
        ("var on = false; if (on) { config.a = 'x'; }\nconfig.b = 'y';", ["y"]),
        ("var on = false; on = f(); if (on) { config.a = 'x'; }", ["x"]),
        ("var on = true; if (on) { config.a = 'x'; }", ["x"]),
        ("var on = false; if (on) { config.a.b = 1; } config.a.b = 'z';", ["z"]),
        ("config.a.b = 'z'; var on = false; if (on) { config.a.b = 1; }", ["z"]),
        ("config.a = on ? 'x' : 'y'; // 'z'", ["x", "y"]),
        ("/* 'a' */ var a = { 'key': 'b', c: [ 'd', `e` ] };", ["b", "d", "e"]),
        (r"a.b = 'https:\/\/it\'s.example';", ["https://it's.example"]),
    ],
)
def test_texts_that_count(script, texts):
    assert [text for _path, text in texts_of(script)] == texts


def test_texts_have_their_names():
    assert [path for path, _text in texts_of(GIVEN)] == [("config", "p2p", "stunServers", "urls"), ("config", "logo")]


@pytest.mark.parametrize(
    ("texts", "hosts"),
    [
        (['external_services = { { type = "stun", host = "a" } }'], []),
        (
            ['modules_enabled = { "external_services" }\nexternal_services = { { host = "a" }, { host = "b" } }'],
            ["a", "b"],
        ),
        (['m = { --"external_services";\n }\nexternal_services = { { host = "a" } }'], []),
        (
            [
                'm = { "external_services" } external_services = { { host = "a" } }',
                'VirtualHost "h"\nexternal_services = {}',
            ],
            [],
        ),
        (
            [
                'm = { "external_services" } external_services = { { host = "a" } }',
                'VirtualHost "i"\nexternal_services = {}',
            ],
            ["a"],
        ),
        (['m = { "external_services" } -- external_services = { { host = "a" } }'], []),
        (['m = { "external_services" } --[[ external_services = { { host = "a" } } ]]'], []),
        (
            [
                'm = { "external_services" } external_services = { { host = "a" } }',
                'external_services = { { host = "b" } }',
            ],
            ["b"],
        ),
        (['m = { "turncredentials" } turncredentials = { { host = "a" } }'], ["a"]),
    ],
)
def test_services_of_prosody(texts, hosts):
    assert service_hosts(texts, "h") == hosts


def report(scripts="", hocon="", properties="", prosody="", own=()):
    texts = Texts({"a.js": scripts}, {"jvb.conf": hocon}, {"old": properties}, {"b.lua": prosody})
    found, problems = outside(texts, "meet.example", own)
    return [(named.host, named.file, named.key, named.link) for named in found], problems


def test_every_kind_of_file_is_read():
    found, problems = report(
        "config.a = 'https://one.example/';",
        'ice4j.harvest.mapping.stun.addresses = ["two.example:443"]',
        "org.ice4j.STUN=three.example:1,four.example:2",
        'm = { "external_services" } external_services = { { host = "Five.example" } }',
    )
    assert problems == []
    assert found == [
        ("one.example", "a.js", "config.a", False),
        ("two.example", "jvb.conf", "ice4j.harvest.mapping.stun.addresses", False),
        ("three.example", "old", "org.ice4j.STUN", False),
        ("four.example", "old", "org.ice4j.STUN", False),
        ("five.example", "b.lua", "external_services", False),
    ]


@pytest.mark.parametrize(
    "host", ["meet.example", "conference.MEET.example", "localhost", "127.0.0.1", "Other.example", "192.0.2.7"]
)
def test_own_hosts_are_left_out(host):
    assert report(f"config.a = 'https://{host}/';", own=["other.example", "192.0.2.7"]) == ([], [])


def test_names_that_only_end_alike_are_others():
    assert report("config.a = 'https://notmeet.example/';")[0] == [("notmeet.example", "a.js", "config.a", False)]


@pytest.mark.parametrize(
    ("key", "link"),
    [("SUPPORT_URL", True), ("MOBILE_DOWNLOAD_LINK_IOS", True), ("clientNode", True), ("logoUrl", False)],
)
def test_links_are_told_from_contacts(key, link):
    assert [row[3] for row in report(f"var a = {{ {key}: 'https://o.example/' }};")[0]] == [link]


def test_files_that_cannot_be_read_are_named():
    found, problems = report("config = {", 'include "more.conf"', "a=\\u1")
    assert found == []
    assert [problem.split(" ")[0] for problem in problems] == ["a.js", "jvb.conf", "old"]
