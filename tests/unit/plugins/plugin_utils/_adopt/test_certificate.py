# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""The certificate of the Jitsi site."""

from __future__ import annotations

import pytest
from ansible_collections.selfhosted.jitsi.plugins.plugin_utils._adopt.model import AFTER, BEFORE

from .conftest import LOCAL, site_of, vhost

SITES = "reverse_proxy_sites"
FILE = "/etc/apache2/sites-enabled/meet.test.conf"


def lineage(name, file="fullchain"):
    live = f"/etc/letsencrypt/live/{name}"
    return {"certificate": f"{live}/{file}.pem", "certificate_key": f"{live}/privkey.pem"}


def after(article):
    return " ".join(f"{one.what}. {one.remedy}." for one in article.adopted().remarks if one.when == AFTER)


@pytest.mark.parametrize("name", ["meet.test", "example.test"])
@pytest.mark.parametrize("file", ["fullchain", "cert"])
def test_certificate_of_certbot_stays_in_use(article, name, file):
    """The role refuses a lineage of the site's name that it did not request."""
    article.vhosts[0].update(lineage(name, file), chain=f"/etc/letsencrypt/live/{name}/chain.pem")
    live = f"/etc/letsencrypt/live/{name}"
    assert site_of(article) == {
        "name": "meet.test",
        "certificate": "provided",
        "certificate_file": f"{live}/fullchain.pem",
        "certificate_key_file": f"{live}/privkey.pem",
    }
    assert f"certbot renews {live}/fullchain.pem as before (certbot.timer)" in after(article)
    assert f"Run certbot renew --dry-run --cert-name {name}." in after(article)
    assert f"Apache shows a renewed {live}/fullchain.pem only after a reload" in after(article)
    assert not [one for one in article.adopted().remarks if "SSLCertificateChainFile" in one.what]


def test_lineage_of_several_vhosts_is_never_deleted(article):
    for one in article.vhosts:
        one.update(lineage("example.test"))
    assert "certbot delete" not in " ".join(one.remedy for one in article.adopted().remarks)


def test_folder_of_lineages_is_none(article):
    article.vhosts[0]["certificate"] = "/etc/letsencrypt/live/"
    assert site_of(article)["certificate_file"] == "/etc/letsencrypt/live/"
    assert "--cert-name" not in after(article)


def test_other_certificates_are_renewed_by_nobody_we_know(article):
    assert "certbot" not in after(article)


def test_certificate_with_its_key_is_one_file(article):
    article.vhosts[0]["certificate_key"] = ""
    assert site_of(article)["certificate_key_file"] == "/etc/ssl/certs/meet.test.pem"


def test_vhost_without_a_certificate_is_named(article):
    article.vhosts[0]["certificate"] = ""
    assert "certificate" not in site_of(article)
    assert "No vhost of meet.test has a certificate" in article.said(SITES)


def test_two_certificates_are_named(article):
    article.vhosts.append(vhost("meet.test", f"https://{LOCAL}/", certificate="/b.pem"))
    assert "The vhosts have the certificates /etc/ssl/certs/meet.test.pem and /b.pem" in article.said(SITES)


def test_chain_in_its_own_file_is_joined_first(article):
    article.vhosts[0]["chain"] = "/etc/ssl/chain.pem"
    (remark,) = [one for one in article.adopted().remarks if "SSLCertificateChainFile" in one.what]
    assert remark.when == BEFORE
    assert remark.what.startswith(f"{FILE} has SSLCertificateChainFile /etc/ssl/chain.pem")
    assert remark.remedy.startswith("Join /etc/ssl/certs/meet.test.pem and /etc/ssl/chain.pem")


@pytest.mark.parametrize("option", ["certificate", "certificate_key"])
@pytest.mark.parametrize("path", ["/etc/ssl/my certs/a.pem", "pkcs11:a", "/etc/${X}/a.pem"])
def test_certificate_that_the_role_refuses_is_named(article, option, path):
    article.vhosts[0][option] = path
    assert site_of(article) == {"name": "meet.test"}
    (remark,) = [one for one in article.adopted().remarks if "refuses the certificate" in one.what]
    assert remark.when == BEFORE
    assert remark.what == f"The role refuses the certificate of {FILE}: {path!r} is not a path that Apache accepts"
