# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""The site of the proxy that belongs to Jitsi."""

from __future__ import annotations

import pytest
from ansible_collections.selfhosted.jitsi.plugins.plugin_utils._adopt.sites import decide_sites

from .conftest import LOCAL, site_of, vhost

SITES = "reverse_proxy_sites"


def test_vhost_without_a_name_is_known_by_its_backend(article):
    article.vhosts[0]["name"] = ""
    assert site_of(article)["certificate_file"] == "/etc/ssl/certs/meet.test.pem"


def test_vhost_of_another_name_is_named_with_both(article):
    article.vhosts[0]["name"] = "talk.test"
    assert site_of(article)["aliases"] == ["talk.test"]


def test_vhost_that_leads_elsewhere_is_named(article):
    article.vhosts[0]["backends"][0]["url"] = "https://192.168.122.9/"
    assert (
        "The vhost in /etc/apache2/sites-enabled/meet.test.conf leads to 192.168.122.9, but the Jitsi machine has"
        in ("".join(article.said(SITES)))
    )


def test_aliases_and_paths_are_kept(article):
    article.vhosts[0]["aliases"] = ["www.meet.test", "*.meet.test"]
    article.vhosts[0]["backends"].append({"path": "/pad/", "url": "http://192.168.122.9:9001/"})
    assert site_of(article)["aliases"] == ["www.meet.test"]
    assert site_of(article)["paths"] == [{"path": "/pad/", "backend": "http://192.168.122.9:9001/"}]
    assert "The alias *.meet.test is a pattern, and a site's aliases are names" in article.said(SITES)


@pytest.mark.parametrize("alias", ["meet", "meet.test.", "192.168.122.120"])
def test_alias_that_is_no_full_name_is_named(article, alias):
    article.vhosts[0]["aliases"] = [alias, "www.meet.test"]
    assert site_of(article)["aliases"] == ["www.meet.test"]
    said = f"The alias {alias} is no fully qualified host name in lower case, and a site's aliases are names"
    assert said in article.said(SITES)


def test_site_whose_name_the_role_refuses_is_not_written(article):
    article.site["name"] = article.vhosts[0]["name"] = "meet"
    assert SITES not in article.values()
    assert "The role refuses the site meet: 'meet' is not a fully qualified host name in lower case" in article.said(
        SITES
    )


@pytest.mark.parametrize("url", ["http://[$1]:80/", "http://[fe80::1/", "http://a:b/", "unix:/run/a|http://b/"])
@pytest.mark.parametrize("number", [0, 1])
def test_backend_without_an_address_ends_nothing(article, url, number):
    article.vhosts[number]["backends"] = [{"path": "/", "url": url}, {"path": "/a/", "url": url}]
    assert "paths" not in site_of(article)
    where = "/etc/apache2/sites-enabled/meet.test.conf"
    whole = f"The vhost in {where} leads to {url}, but the Jitsi machine has {LOCAL}"
    part = f"ProxyPass /a/ {url} in {where} is no path for the role: {url!r} is not an http or https URL with a path"
    assert [said in article.said(SITES) for said in (whole, part)] == [number == 0] * 2


def test_backend_without_an_address_is_not_that_of_a_missing_one(article):
    article.vhosts[1]["backends"] = [{"path": "/", "url": "unix:/run/a|http://b/"}]
    findings = decide_sites(article.system(), "")
    assert not [one for one in findings.remarks if "other.test" in one.what]


def test_other_directives_are_named(article):
    article.vhosts[0]["others"] = ["header", "requestheader"]
    said = "The vhost in /etc/apache2/sites-enabled/meet.test.conf, line 5, has other directives: header, requestheader"
    assert said in article.said(SITES)


@pytest.mark.parametrize("ours", [True, False])
def test_only_files_of_others_have_to_go_first(article, ours):
    article.vhosts[0]["ours"] = ours
    assert any("replaces no file of others" in said for said in article.said(SITES)) is not ours


def test_file_with_vhosts_of_others_is_not_disabled(article):
    article.vhosts[1]["file"] = article.vhosts[0]["file"]
    said = "/etc/apache2/sites-enabled/meet.test.conf has the vhosts of the site, and also those of other.test"
    assert said in article.said(SITES)
    assert not [one for one in article.adopted().remarks if "a2dissite" in one.remedy]


def test_other_name_for_the_same_machine_is_named(article):
    article.vhosts.append(vhost("talk.test", f"https://{LOCAL}/"))
    assert "aliases" not in site_of(article)
    said = "The vhost of talk.test in /etc/apache2/sites-enabled/talk.test.conf leads to the Jitsi machine, too"
    assert said in article.said(SITES)


def test_proxy_without_the_site_has_none(article):
    article.vhosts.pop(0)
    assert SITES not in article.values()
    assert f"No vhost has the name meet.test or leads to {LOCAL}" in article.said()
