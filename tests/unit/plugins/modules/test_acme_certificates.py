# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""The module before it asks anybody; what it has certbot do is tested with the real one, in tests/oracle."""

from __future__ import annotations

import json

import pytest
from ansible.module_utils.testing import patch_module_args
from ansible_collections.selfhosted.jitsi.plugins.module_utils._module import acme_certificates

SITES = [{"name": "a.test", "certificate": "acme", "backend": "http://192.168.122.9/"}, {"name": "b.test"}]


@pytest.fixture
def run(capsys, tmp_path, monkeypatch):
    """Runs main() and gives its result."""
    monkeypatch.setattr(acme_certificates, "LOCK", str(tmp_path / "lock"))

    def call(**options):
        arguments = {"sites": SITES, "certificate_directory": str(tmp_path), **options}
        with patch_module_args(arguments), pytest.raises(SystemExit):
            acme_certificates.main()
        return json.loads(capsys.readouterr().out)

    return call


def test_check_says_what_would_be_fetched_and_asks_nobody(run, tmp_path):
    result = run(_ansible_check_mode=True, _ansible_diff=True)
    assert (result["changed"], result["fetched"], result["linked"]) == (True, ["a.test"], ["a.test"])
    assert result["diff"]["after"] == "fetched from the CA: a.test\nused by Apache: a.test\n"
    assert list(tmp_path.iterdir()) == []


def test_without_certbot_the_message_says_what_to_install(run, monkeypatch, tmp_path):
    monkeypatch.setattr(acme_certificates, "run", missing)
    result = run()
    assert result["failed"]
    assert result["msg"] == "a.test keeps its current certificate: certbot is missing; install the package certbot"
    assert not result["changed"]


def test_without_certbot_a_certificate_that_goes_is_named(run, monkeypatch):
    monkeypatch.setattr(acme_certificates, "run", missing)
    monkeypatch.setattr(acme_certificates.Certificates, "_is_ours", lambda *_arguments: True)
    result = run(sites=[{"name": "a.test", "certificate": "acme", "state": "absent"}])
    assert result["failed"]
    expected = "Cannot delete the certificate a.test with certbot: certbot is missing; install the package certbot"
    assert result["msg"] == expected
    assert result["removed"] == []


def missing(argv, stdin):
    raise FileNotFoundError(argv[0])


@pytest.mark.parametrize(
    "options, words",
    [
        (
            {"sites": [{"name": "localhost", "certificate": "acme"}]},
            "sites[0].name: 'localhost' is not a fully qualified",
        ),
        ({"sites": [{"certificate": "acme"}]}, "not a fully qualified host name"),
        ({"directory_url": "acme.test"}, "directory_url: 'acme.test' is not an https URL"),
    ],
)
def test_what_cannot_be_is_refused(run, options, words):
    result = run(**options)
    assert result["failed"]
    assert words in result["msg"]
