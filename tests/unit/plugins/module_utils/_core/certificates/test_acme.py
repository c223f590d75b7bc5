# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which certificates are fetched, forgotten or left alone, and what certbot's words become."""

from __future__ import annotations

import pytest
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.certificates import acme

SAID = {
    "directory_url": "https://acme.test:14000/dir",
    "email": "admin@example.org",
    "key_type": "ecdsa",
    "webroot": "/var/www/acme",
    "reload_command": "systemctl reload apache2",
    "ca_bundle": "",
}
ACCOUNT = acme.parse_account(SAID)

# As certbot 2.1 and 4.0 write it.
RENEWAL = """# renew_before_expiry = 30 days
version = 2.1.0
archive_dir = /etc/letsencrypt/archive/a.test

# Options used in the renewal process
[renewalparams]
account = 6c94f1c0b0f5b6ff0b0e0b9e1dd4a0b3
authenticator = webroot
webroot_path = /var/www/acme,
server = https://acme.test:14000/dir
key_type = ecdsa
renew_hook = "systemctl reload apache2 # selfhosted.jitsi.acme_certificates made this"
[[webroot_map]]
a.test = /var/www/acme
"""
FAILED = """Certbot failed to authenticate some domains (authenticator: webroot). The Certificate Authority reported:
  Domain: www.a.test
  Type:   dns
  Detail: no such host

Hint: The Certificate Authority failed to download the temporary challenge files.
"""


def test_certificate_that_is_as_asked_is_left_alone():
    assert not acme.differs(RENEWAL, ["a.test", "www.a.test"], ["www.a.test", "a.test"], ACCOUNT)


@pytest.mark.parametrize(
    "renewal, shown",
    [
        (None, ["a.test"]),
        (RENEWAL, []),
        (RENEWAL, ["a.test", "old.test"]),
        (RENEWAL.replace("acme.test:14000", "other.test"), ["a.test"]),
        (RENEWAL.replace("= ecdsa", "= rsa"), ["a.test"]),
        (RENEWAL.replace("/var/www/acme,", "/var/www/html,"), ["a.test"]),
        (RENEWAL.replace("renew_hook", "pre_hook"), ["a.test"]),
        (RENEWAL.replace("reload apache2", "restart apache2"), ["a.test"]),
    ],
    ids=[
        "none",
        "ends soon",
        "other names",
        "other authority",
        "other key",
        "other webroot",
        "no reload",
        "other reload",
    ],
)
def test_certificate_that_is_not_as_asked_is_fetched(renewal, shown):
    assert acme.differs(renewal, ["a.test"], shown, ACCOUNT)


def test_certificate_is_ours_by_our_mark_alone():
    assert acme.is_ours(RENEWAL)
    assert acme.is_ours(RENEWAL.replace("/var/www/acme,", "/var/www/html,"))
    assert acme.is_ours(RENEWAL.replace("reload apache2", "restart apache2"))
    theirs = RENEWAL.replace(f'"{ACCOUNT.hook}"', "systemctl reload apache2")
    assert "renew_hook = systemctl reload apache2\n" in theirs
    assert not acme.is_ours(theirs)
    assert not acme.is_ours("")


def test_name_that_somebody_elses_certificate_has_is_explained_with_both_remedies():
    said = acme.taken("a.test", ["a.test", "mail.test"], ACCOUNT)
    for words in (
        "certbot has a certificate a.test for a.test, mail.test, and this module did not create it",
        "certificate_file /etc/letsencrypt/live/a.test/fullchain.pem",
        "certificate_key_file /etc/letsencrypt/live/a.test/privkey.pem",
        "'certbot delete --cert-name a.test'",
    ):
        assert words in said
    assert "a certificate a.test, and this module did not create it" in acme.taken("a.test", [], ACCOUNT)


def test_files_of_sites_that_stay_are_named():
    files = {"certificate": "provided", "certificate_file": "/a.crt", "certificate_key_file": "/a.key"}
    sites = [{"name": "a.test", **files}, {"name": "b.test", "certificate_file": None}, {"name": "c.test"}]
    assert acme.named_files(sites) == ["/a.crt", "/a.key"]
    assert acme.named_files([{"name": "a.test", "state": "absent", **files}]) == []


@pytest.mark.parametrize(
    "spelling", ["/var/www/acme/", "/var//www/acme", "//var/www/./acme", "/var/www/html/../acme//"]
)
def test_webroot_is_the_same_in_every_spelling(spelling):
    assert acme.parse_account({**SAID, "webroot": spelling}) == ACCOUNT
    assert acme.tidy("") == ""


def test_only_sites_that_are_there_and_ask_for_it_have_certificates_of_the_authority():
    sites = [
        {"name": "a.test", "certificate": "acme", "aliases": ["www.a.test"]},
        {"name": "b.test", "certificate": "acme", "state": "absent"},
        {"name": "c.test"},
        {"name": "d.test", "certificate": "acme", "aliases": None, "state": "present"},
    ]
    assert acme.wanted(sites) == ([["a.test", "www.a.test"], ["d.test"]], ["b.test", "c.test"])


def test_command_names_everything_that_was_asked():
    argv = acme.command(["a.test", "www.a.test"], ACCOUNT)
    assert argv[0] == "certbot"
    assert [argv[index + 1] for index, word in enumerate(argv) if word == "--domain"] == ["a.test", "www.a.test"]
    for option, value in (("--email", "admin@example.org"), ("--server", SAID["directory_url"])):
        assert argv[argv.index(option) + 1] == value


def test_directory_of_an_authority_of_ones_own_is_verified_by_its_bundle():
    account = acme.parse_account({**SAID, "ca_bundle": "/etc/ssl/own.pem", "email": ""})
    argv = acme.command(["a.test"], account)
    assert argv[:3] == ["env", "REQUESTS_CA_BUNDLE=/etc/ssl/own.pem", "certbot"]
    assert "--register-unsafely-without-email" in argv


def test_explanation_names_the_name_that_failed_and_why():
    said = acme.explain("a.test", FAILED)
    assert said == "a.test keeps its current certificate: www.a.test: dns no such host"
    assert acme.explain("a.test", "Another instance\nis running").endswith(": Another instance is running")


@pytest.mark.parametrize(
    "option, value, words",
    [
        ("directory_url", "http://acme.test/dir", "not an https URL"),
        ("directory_url", "acme.test", "not an https URL"),
        ("email", "admin", "not an e-mail address"),
        ("webroot", "", "not a path that certbot accepts"),
        ("ca_bundle", "own.pem", "not an absolute path"),
        ("ca_bundle", "/etc/ssl/my own.pem", "a systemd unit does not accept"),
        ("ca_bundle", "/etc/ssl/own.pem\n[Service]", "a systemd unit does not accept"),
    ],
)
def test_authority_that_cannot_be_is_refused(option, value, words):
    with pytest.raises(acme.AcmeError) as refused:
        acme.parse_account({**SAID, option: value})
    assert f"{option}: {value!r} " in str(refused.value)
    assert words in str(refused.value)
