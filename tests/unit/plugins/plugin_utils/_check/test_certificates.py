# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Each self-signed certificate is named, and those that end soon are wrong."""

from __future__ import annotations

from ansible_collections.selfhosted.jitsi.plugins.plugin_utils._check import certificates


def end(name, rc=0, lines=("notAfter=Dec  1 12:00:00 2026 GMT", "Certificate will not expire")):
    return {"item": name, "rc": rc, "stdout_lines": list(lines)}


def test_authorities_come_before_the_ends():
    rows = certificates.judge("proxy", {"ends": [end("a.test"), end("b.test")]})
    assert [row.name for row in rows] == [
        "a.test: the certificate's authority",
        "b.test: the certificate's authority",
        "a.test: the certificate lasts",
        "b.test: the certificate lasts",
    ]
    assert [(row.ok, row.expected, row.found) for row in rows[1:3]] == [
        (True, "any, as the inventory asks", certificates.SELF_SIGNED),
        (True, "14 more days", "ends Dec  1 12:00:00 2026 GMT"),
    ]


def test_certificate_that_ends_soon_is_wrong():
    row = certificates.judge("proxy", {"ends": [end("a.test", rc=1)]})[-1]
    assert (row.ok, row.found) == (False, "ends Dec  1 12:00:00 2026 GMT")
    assert "selfhosted.jitsi.site" in row.remedy


def test_file_without_a_certificate_is_wrong():
    row = certificates.judge("proxy", {"ends": [end("a.test", rc=1, lines=["Could not read certificate"])]})[-1]
    assert (row.ok, row.found) == (False, "no certificate")
    assert certificates.judge("proxy", {"ends": [{"item": "a.test", "rc": 1}]})[-1].found == "no certificate"


def test_site_without_own_certificates_has_no_rows():
    assert certificates.judge("proxy", {"ends": []}) == []
