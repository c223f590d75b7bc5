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
    "name in upper case": ([{**RIGHT, "name": "A.example.org"}], "A.example.org, which is not a fully qualified"),
    "address for a name": ([{**RIGHT, "name": "192.168.122.9"}], "192.168.122.9, which is not a fully qualified"),
    "alias with a star": ([{**RIGHT, "aliases": ["*.example.org"]}], "[*].example.org, which is not"),
    "one name twice": ([RIGHT, RIGHT], "says a name twice"),
    "name of another one's alias": ([RIGHT, {**RIGHT, "name": "b.example.org", "aliases": ["a.example.org"]}], "twice"),
    "no backend": ([{"name": "a.example.org"}], "no backend: say backend, paths, or state: absent"),
    "backend without a slash": ([{**RIGHT, "backend": "http://192.168.122.9:80"}], "ends in a slash"),
    "backend with a variable of Apache": ([{**RIGHT, "backend": "http://${HOST}/"}], "not an http or https URL"),
    "backend with a port too large": ([{**RIGHT, "backend": "http://b:65536/"}], "not an http or https URL"),
    "path without a slash": ([path("x/", "http://b/x/")], "the path 'x/': begin it with a slash"),
    "path with a blank": ([path("/x y/", "http://b/")], "without blanks and quotes"),
    "slash at one end alone": ([path("/x", "http://b/x/")], "/x leading to http://b/x/: end both with a slash"),
    "path twice": ([{**RIGHT, "paths": [{"path": "/", "backend": "http://b/"}]}], "two backends for the path /"),
    "timeout of nothing": ([{**RIGHT, "timeout": 0}], "the timeout 0: give seconds from 1"),
    "timeout that is no number": ([path("/", "http://b/", timeout="long")], "the timeout long"),
    "key among certificates": ([{**RIGHT, "backend_ca": PEM + KEY}], "a private key in backend_ca"),
    "certificate that is none": ([{**RIGHT, "backend_ca": "/etc/x.crt"}], "a backend_ca that is no certificate"),
    "both ways of pinning": ([{**RIGHT, "backend_ca": PEM, "backend_ca_file": "/x.pem"}], "say one of them"),
    "verified and unverified": (
        [{**RIGHT, "backend_ca": PEM, "backend_unverified_and_open_to_impostors": True}],
        "take the latter out",
    ),
    "unverified http": ([{**HTTP, "backend_unverified_and_open_to_impostors": True}], "only backends of http"),
    "provided by half": ([{**RIGHT, "certificate": "provided", "certificate_file": "/x"}], "without both files"),
    "files without provided": ([{**RIGHT, "certificate_file": "/x"}], "add it, or leave the files out"),
    "relative file": ([{**RIGHT, "backend_ca_file": "x.pem"}], "give an absolute path"),
    "negative HSTS": ([{**RIGHT, "hsts": -1}], "hsts: -1: give seconds"),
    "header with a blank": ([{**RIGHT, "request_headers": {"X Y": "1"}}], "the header 'X Y' in request_headers"),
    "value with a line break": ([{**RIGHT, "response_headers": {"X": "1\nListen 8"}}], "a value of X"),
    "value that Apache would replace": ([{**RIGHT, "response_headers": {"X": "${HOME}"}}], "a value of X"),
    "directives that leave the vhost": ([{**RIGHT, "extra_directives": "</VirtualHost>"}], "close <VirtualHost>"),
    "directives that stay open": ([{**RIGHT, "extra_directives": "<Location /a>"}], "leave <location> open"),
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
