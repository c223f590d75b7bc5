# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""The site of the proxy that belongs to Jitsi."""

from __future__ import annotations

import pytest

from .conftest import LOCAL, vhost

SITES = "reverse_proxy_sites"


def entry(article):
    (site,) = article.values()[SITES]
    return site


def test_vhost_without_a_name_is_known_by_its_backend(article):
    article.vhosts[0]["name"] = ""
    assert entry(article)["certificate_file"] == "/etc/ssl/certs/meet.test.pem"


def test_vhost_of_another_name_is_named_with_both(article):
    article.vhosts[0]["name"] = "talk.test"
    assert entry(article)["aliases"] == ["talk.test"]


def test_certificate_of_certbot_is_requested_again(article):
    article.vhosts[0]["certificate"] = "/etc/letsencrypt/live/meet.test/fullchain.pem"
    assert entry(article) == {"name": "meet.test", "certificate": "acme"}
    assert any(one.remedy.endswith("certbot delete --cert-name meet.test)") for one in article.adopted().remarks)


def test_vhost_without_a_certificate_is_named(article):
    article.vhosts[0]["certificate"] = ""
    assert "certificate" not in entry(article)
    assert "No vhost of meet.test has a certificate" in article.said(SITES)


def test_two_certificates_are_named(article):
    article.vhosts.append(vhost("meet.test", f"https://{LOCAL}/", certificate="/b.pem"))
    assert "The vhosts have the certificates /etc/ssl/certs/meet.test.pem and /b.pem" in article.said(SITES)


def test_vhost_that_leads_elsewhere_is_named(article):
    article.vhosts[0]["backends"][0]["url"] = "https://192.168.122.9/"
    assert (
        "The vhost in /etc/apache2/sites-enabled/meet.test.conf leads to 192.168.122.9, but the Jitsi machine has"
        in ("".join(article.said(SITES)))
    )


def test_aliases_and_paths_are_kept(article):
    article.vhosts[0]["aliases"] = ["www.meet.test", "*.meet.test"]
    article.vhosts[0]["backends"].append({"path": "/pad/", "url": "http://192.168.122.9:9001/"})
    assert entry(article)["aliases"] == ["www.meet.test"]
    assert entry(article)["paths"] == [{"path": "/pad/", "backend": "http://192.168.122.9:9001/"}]
    assert "The alias *.meet.test is a pattern, and a site's aliases are names" in article.said(SITES)


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
    assert "aliases" not in entry(article)
    said = "The vhost of talk.test in /etc/apache2/sites-enabled/talk.test.conf leads to the Jitsi machine, too"
    assert said in article.said(SITES)


def test_proxy_without_the_site_has_none(article):
    article.vhosts.pop(0)
    assert SITES not in article.values()
    assert f"No vhost has the name meet.test or leads to {LOCAL}" in article.said()
