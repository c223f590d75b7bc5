# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.apache.request import SiteError, parse_sites

PEM = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----"
KEY = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----"
RIGHT = {"name": "a.example.org", "backend": "https://192.168.122.9/"}
HTTP = {"name": "a.example.org", "backend": "http://192.168.122.9/"}


def path(path, backend, **more):
    return {"name": "a.example.org", "paths": [{"path": path, "backend": backend, **more}]}


WRONG = {
    "name in upper case": (
        [{**RIGHT, "name": "A.example.org"}],
        r"sites\[0\].name: 'A.example.org' is not a fully qualified",
    ),
    "address for a name": ([{**RIGHT, "name": "192.168.122.9"}], "'192.168.122.9' is not a fully qualified"),
    "alias with a star": (
        [{**RIGHT, "aliases": ["*.example.org"]}],
        r"sites\[0\].aliases\[0\]: '[*].example.org' is not",
    ),
    "one name twice": ([RIGHT, RIGHT], "sites: duplicate name 'a.example.org'; each name"),
    "name of another one's alias": (
        [RIGHT, {**RIGHT, "name": "b.example.org", "aliases": ["a.example.org"]}],
        "duplicate",
    ),
    "no backend": ([{"name": "a.example.org"}], r"sites\['a.example.org'\]: no backend; set backend, paths"),
    "backend without a slash": ([{**RIGHT, "backend": "http://192.168.122.9:80"}], "ends in a slash"),
    "backend with a variable of Apache": ([{**RIGHT, "backend": "http://${HOST}/"}], "not an http or https URL"),
    "backend with a port too large": (
        [{**RIGHT, "backend": "http://b:65536/"}],
        "'http://b:65536/' has a port outside 1 to",
    ),
    "path without a slash": ([path("x/", "http://b/x/")], r"paths\[0\].path: 'x/' is not a valid path; begin"),
    "path with a blank": ([path("/x y/", "http://b/")], "leave out blanks, quotes"),
    "slash at one end alone": ([path("/x", "http://b/x/")], "only one of path '/x' and backend 'http://b/x/' ends in"),
    "path twice": (
        [{**RIGHT, "paths": [{"path": "/", "backend": "http://b/"}]}],
        "paths: duplicate path '/'; keep one",
    ),
    "timeout of nothing": ([{**RIGHT, "timeout": 0}], r"\].timeout: 0 is not between 1 and 86400; give"),
    "timeout that is no number": ([path("/", "http://b/", timeout="long")], r"paths\[0\].timeout: 'long' is not"),
    "key among certificates": ([{**RIGHT, "backend_ca": PEM + KEY}], "backend_ca: the text contains a private key"),
    "certificate that is none": ([{**RIGHT, "backend_ca": "/etc/x.crt"}], "backend_ca: the text contains no cert"),
    "both ways of pinning": ([{**RIGHT, "backend_ca": PEM, "backend_ca_file": "/x.pem"}], "keep one of them"),
    "verified and unverified": (
        [{**RIGHT, "backend_ca": PEM, "backend_unverified_and_open_to_impostors": True}],
        "_open_to_impostors: true contradicts backend_ca; remove",
    ),
    "unverified http": ([{**HTTP, "backend_unverified_and_open_to_impostors": True}], "impostors: true has no effect"),
    "provided by half": (
        [{**RIGHT, "certificate": "provided", "certificate_file": "/x"}],
        "'provided' needs the files",
    ),
    "files without provided": ([{**RIGHT, "certificate_file": "/x"}], "'/x' has no effect with cert"),
    "relative file": ([{**RIGHT, "backend_ca_file": "x.pem"}], "give an absolute path"),
    "negative HSTS": ([{**RIGHT, "hsts": -1}], "hsts: -1 is negative; give"),
    "header with a blank": ([{**RIGHT, "request_headers": {"X Y": "1"}}], "request_headers: 'X Y' is not a valid"),
    "value with a line break": ([{**RIGHT, "response_headers": {"X": "1\nListen 8"}}], r"headers\['X'\]: Apache"),
    "value that Apache would replace": ([{**RIGHT, "response_headers": {"X": "${HOME}"}}], "would interpret the value"),
    "directives that leave the vhost": (
        [{**RIGHT, "extra_directives": "</VirtualHost>"}],
        "</VirtualHost> closes a section",
    ),
    "directives that stay open": ([{**RIGHT, "extra_directives": "<Location /a>"}], "<location> is not closed"),
}


@pytest.mark.parametrize("case", WRONG)
def test_wrong_sites_are_refused_with_a_remedy(case):
    sites, message = WRONG[case]
    with pytest.raises(SiteError, match=message):
        parse_sites(sites)


def test_what_is_not_said_follows():
    (site,) = parse_sites([{**RIGHT, "websocket": True, "timeout": None, "aliases": None}])
    (route,) = site.routes
    assert (route.path, route.websocket, route.timeout) == ("/", True, 900)
    assert parse_sites([RIGHT])[0].routes[0].timeout == 60


def test_longest_path_comes_first():
    pairs = [{"path": each, "backend": f"http://b{each}"} for each in ("/a/", "/a/b/c/", "/a/b/")]
    (site,) = parse_sites([{**RIGHT, "paths": pairs}])
    assert [route.path for route in site.routes] == ["/a/b/c/", "/a/b/", "/a/", "/"]


def test_site_that_goes_needs_no_backend():
    assert not parse_sites([{"name": "a.example.org", "state": "absent"}])[0].present
