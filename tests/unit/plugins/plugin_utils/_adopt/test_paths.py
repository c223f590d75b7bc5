# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""The paths of the Jitsi site that lead elsewhere."""

from __future__ import annotations

import pytest

from .conftest import LOCAL, site_of, vhost

SITES = "reverse_proxy_sites"
FILE = "/etc/apache2/sites-enabled/meet.test.conf"


def lead(article, *pairs):
    article.vhosts[0]["backends"] = [{"path": path, "url": url} for path, url in pairs]


def paths(article):
    return {one["path"]: one["backend"] for one in site_of(article).get("paths", [])}


def of_paths(article):
    return [said for said in article.said(SITES) if "ProxyPass" in said]


def test_another_port_of_the_jitsi_machine_is_kept(article):
    lead(article, ("/pad/", f"http://{LOCAL}:9001/"), ("/", f"https://{LOCAL}/"), ("/x", f"https://{LOCAL}:444/x"))
    assert paths(article) == {"/pad/": f"http://{LOCAL}:9001/", "/x": f"https://{LOCAL}:444/x"}


@pytest.mark.parametrize("host", [LOCAL, "jitsi.lan"])
def test_paths_of_jitsi_are_left_to_its_own_web_server(article, host):
    backends = [("/http-bind", f"https://{host}/http-bind"), ("/xmpp-websocket", f"wss://{host}/xmpp-websocket")]
    lead(article, *backends, ("/", f"https://{host}/"))
    assert paths(article) == {}
    assert of_paths(article) == []


def test_path_of_jitsi_that_goes_past_its_web_server_is_named(article):
    lead(article, ("/http-bind", f"http://{LOCAL}:5280/http-bind"), ("/", f"https://{LOCAL}/"))
    assert paths(article) == {}
    what = f"ProxyPass /http-bind http://{LOCAL}:5280/http-bind in {FILE} goes past the web server of the Jitsi machine"
    assert of_paths(article) == [what]


def test_another_path_of_the_jitsi_machine_is_kept(article):
    lead(article, ("/pad/", f"https://{LOCAL}/etherpad/"), ("/", f"https://{LOCAL}/"))
    assert paths(article) == {"/pad/": f"https://{LOCAL}/etherpad/"}


def test_websocket_of_another_machine_is_kept(article):
    lead(article, ("/ws/", "ws://192.168.122.9:9090/a/"), ("/wss", "wss://192.168.122.9/wss"))
    assert paths(article) == {"/ws/": "http://192.168.122.9:9090/a/", "/wss": "https://192.168.122.9/wss"}


@pytest.mark.parametrize(
    ("path", "url", "why"),
    [
        ("/b", "balancer://c/", "'balancer://c/' is not an http or https URL with a path"),
        ("/b", "fcgi://127.0.0.1:9000/", "'fcgi://127.0.0.1:9000/' is not an http or https URL with a path"),
        ("/wiki", "http://192.168.122.9", "'http://192.168.122.9' is not an http or https URL with a path"),
        (
            "/b/",
            "http://192.168.122.9/b",
            "only one of path '/b/' and backend 'http://192.168.122.9/b' ends in a slash",
        ),
        ("b", "http://192.168.122.9/b", "'b' is not a valid path"),
    ],
)
def test_path_that_the_role_refuses_is_named(article, path, url, why):
    lead(article, (path, url), ("/", f"https://{LOCAL}/"))
    assert paths(article) == {}
    assert of_paths(article) == [f"ProxyPass {path} {url} in {FILE} is no path for the role: {why}"]


def test_path_of_both_ports_is_one(article):
    lead(article, ("/a/", "http://192.168.122.9/"), ("/b/", "http://192.168.122.9/b/"), ("/", f"https://{LOCAL}/"))
    plain = vhost("meet.test", f"https://{LOCAL}/", tls=False, file="/plain.conf")
    others = [("/a/", "http://192.168.122.9/"), ("/b/", "http://192.168.122.9/c/"), ("/c/", "http://192.168.122.9/c/")]
    plain["backends"] += [{"path": path, "url": url} for path, url in others]
    article.vhosts.insert(0, plain)
    assert paths(article) == {"/a/": "http://192.168.122.9/", "/b/": "http://192.168.122.9/b/"}
    assert of_paths(article) == [
        "ProxyPass /b/ http://192.168.122.9/c/ in /plain.conf contradicts http://192.168.122.9/b/ for the same path",
        "ProxyPass /c/ http://192.168.122.9/c/ in /plain.conf answers on port 80, where the first run redirects each"
        " request to https",
    ]


def test_path_over_https_is_verified(article):
    lead(article, ("/a/", "https://192.168.122.9/"), ("/b/", "http://192.168.122.9/"), ("/", f"https://{LOCAL}/"))
    (remark,) = [one for one in article.adopted().remarks if "accepts only the certificate" in one.what]
    assert remark.what.startswith("/a/ leads to https://192.168.122.9/")
    assert remark.remedy.endswith("that of 192.168.122.9 must be for meet.test")


@pytest.mark.parametrize(("url", "goal"), [(f"https://{LOCAL}/j/", f"https://{LOCAL}/j/"), ("http://a.lan/", "a.lan")])
def test_first_page_elsewhere_is_named(article, url, goal):
    lead(article, ("/", url))
    assert f"The vhost in {FILE} leads to {goal}, but the Jitsi machine has {LOCAL}" in article.said(SITES)


@pytest.mark.parametrize("host", [LOCAL, "192.168.122.9"])
def test_challenges_that_are_passed_on_are_named(article, host):
    path = "/.well-known/acme-challenge/"
    plain = vhost("meet.test", "", tls=False, file="/plain.conf")
    plain["backends"] = [{"path": path, "url": f"http://{host}{path}"}]
    article.vhosts.append(plain)
    assert paths(article) == {}
    (said,) = of_paths(article)
    assert said.endswith("passes the challenges of certificates on, and the first run answers them")
