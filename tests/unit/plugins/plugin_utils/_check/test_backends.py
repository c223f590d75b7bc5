# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from dataclasses import asdict

import pytest
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.apache.request import parse_sites
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.apache.vhost import SYSTEM_CA, Settings, render
from ansible_collections.selfhosted.jitsi.plugins.plugin_utils._check.backends import (
    Backend,
    judge,
    judge_backend,
    read_vhosts,
)

HTTPS = {"name": "a.test", "aliases": ["www.a.test"], "backend": "https://192.168.122.120:8443/"}
BACKEND = Backend("a.test", "192.168.122.120:8443", "a.test", SYSTEM_CA, True)
SHOWN = "-----BEGIN CERTIFICATE-----\n"


def read(**changes):
    return read_vhosts(render(parse_sites([{**HTTPS, **changes}])[0], Settings()))


def test_what_was_written_is_read_back():
    assert read() == [BACKEND]
    assert read(backend_ca_file="/x.pem")[0].authority == "/x.pem"
    assert read(preserve_host=False)[0].name == "192.168.122.120"
    assert not read(backend_unverified_and_open_to_impostors=True)[0].is_verified
    assert read(backend="http://192.168.122.120/") == []


def test_every_path_counts_once():
    paths = [
        {"path": "/x/", "backend": "https://192.168.122.9/"},
        {"path": "/y/", "backend": "https://192.168.122.9/y/"},
    ]
    assert [each.address for each in read(paths=paths)] == ["192.168.122.9:443", "192.168.122.120:8443"]


@pytest.mark.parametrize(
    ("said", "found"),
    [
        (f"{SHOWN}Verify return code: 18 (self-signed certificate)\n", "self-signed certificate"),
        (f"{SHOWN}Verify return code: 62 (hostname mismatch)\n", "hostname mismatch"),
        (f"{SHOWN}    Verify return code: 10 (certificate has expired)\n", "certificate has expired"),
        ("error:0A00010B:SSL routines::wrong version number\nVerify return code: 0 (ok)\n", "no https"),
        ("Connection refused\nconnect:errno=111\n", "no answer (Connection refused)"),
        ("", "no certificate"),
    ],
)
def test_wrong_certificates_are_named(said, found):
    verdict = judge_backend(BACKEND, said)
    assert (verdict.ok, verdict.found) == (False, found)
    assert "to pin the new certificate" in verdict.remedy


def test_right_certificate_passes():
    assert judge_backend(BACKEND, f"{SHOWN}Verify return code: 0 (ok)\n    Verify return code: 0 (ok)\n").ok


def test_unverified_backend_is_reported_whatever_it_shows():
    verdict = judge_backend(Backend("a.test", "b:443", "a.test", "", False), f"{SHOWN}Verify return code: 0 (ok)\n")
    assert not verdict.ok
    assert "not verified" in verdict.found
    assert "Remove backend_unverified_and_open_to_impostors from" in verdict.remedy


def test_both_streams_of_each_answer_count():
    item = asdict(BACKEND)
    right = {"item": item, "stdout": f"{SHOWN}Verify return code: 0 (ok)\n", "stderr": ""}
    refused = {"item": item, "stdout": "", "stderr": "Connection refused"}
    rows = judge("proxy", {"answers": [right, refused]})
    assert {row.name for row in rows} == {"a.test: the backend 192.168.122.120:8443 proves its identity"}
    assert [(row.ok, row.found) for row in rows] == [
        (True, "a certificate for a.test"),
        (False, "no answer (Connection refused)"),
    ]
