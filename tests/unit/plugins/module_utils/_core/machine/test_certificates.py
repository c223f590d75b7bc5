# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""What openssl prints of certificates."""

from __future__ import annotations

import calendar

import pytest
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.machine.certificates import (
    UNREADABLE,
    command,
    parse_certificate,
)

#: What OpenSSL 3.0 prints.
TEXT = """\
notBefore=Nov 29 15:37:51 2026 GMT
notAfter=Feb  7 15:37:51 2027 GMT
X509v3 Subject Alternative Name:\x20
    DNS:jitsi.example.org, DNS:auth.jitsi.example.org, IP Address:192.0.2.1
Hostname jitsi.example.org does match certificate
"""
WITHOUT_NAMES = """\
notBefore=Nov 29 15:37:51 2026 GMT
notAfter=Feb  7 15:37:51 2027 GMT
Hostname jitsi.example.org does NOT match certificate

No extensions in certificate
"""
UNREAD = """\

Could not read certificate from a.key
40E7EA9B617F0000:error:1608010C:STORE routines:ossl_store_handle_load_result:unsupported:store_result.c:149:
Unable to load certificate
"""
BEGIN = calendar.timegm((2026, 11, 29, 15, 37, 51))
DAY = 86400


def parse(text, now=BEGIN):
    return parse_certificate("a.crt", "jitsi.example.org", text, now)


def test_dates_and_names_are_read():
    found = parse(TEXT)
    assert (found.not_before, found.not_after) == ("2026-11-29T15:37:51Z", "2027-02-07T15:37:51Z")
    assert found.names == ("jitsi.example.org", "auth.jitsi.example.org", "192.0.2.1")
    assert (found.fits, found.begun, found.problem) == (True, True, "")


@pytest.mark.parametrize(
    ("days", "left", "begun"), [(0, 70.0, True), (-1, 71.0, False), (56.04, 14.0, True), (71.5, -1.5, True)]
)
def test_days_are_counted_by_the_clock_of_the_machine(days, left, begun):
    found = parse(TEXT, BEGIN + days * DAY)
    assert (found.days_left, found.begun) == (left, begun)


def test_certificate_of_another_name_does_not_fit():
    found = parse(WITHOUT_NAMES)
    assert (found.fits, found.names) == (False, ())
    assert parse(TEXT.replace("does match", "does NOT match")).fits is False


def test_nobody_asked_for_a_name():
    assert parse(TEXT.rpartition("Hostname")[0]).fits is None
    assert command("a.crt", "") == ["openssl", "x509", "-noout", "-dates", "-ext", "subjectAltName", "-in", "a.crt"]


@pytest.mark.parametrize(
    ("name", "option"), [("jitsi.example.org", "-checkhost"), ("192.0.2.1", "-checkip"), ("2001:db8::1", "-checkip")]
)
def test_addresses_are_asked_for_as_addresses(name, option):
    argv = command("a.crt", name)
    assert argv[argv.index(option) + 1] == name


@pytest.mark.parametrize("text", ["", UNREAD, "notBefore=Nov 29 15:37:51 2026 GMT\n", "notBefore=x\nnotAfter=y\n"])
def test_file_without_a_certificate_has_a_problem(text):
    found = parse(text)
    assert (found.problem, found.days_left, found.fits) == (UNREADABLE, None, None)
