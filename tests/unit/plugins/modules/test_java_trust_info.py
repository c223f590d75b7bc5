"""The module, asked about a store that Java's own tool has made."""

from __future__ import annotations

import json
import shutil
import subprocess

import pytest
from ansible.module_utils.testing import patch_module_args
from ansible_collections.selfhosted.jitsi.plugins.module_utils._module import java_trust_info

needs_tools = pytest.mark.skipif(
    shutil.which("keytool") is None or shutil.which("openssl") is None,
    reason="keytool or openssl is missing: apt install default-jre-headless openssl",
)


def run(capsys, certificate, store):
    arguments = {"certificate": str(certificate), "store": str(store)}
    with patch_module_args(arguments), pytest.raises(SystemExit):
        java_trust_info.main()
    return json.loads(capsys.readouterr().out)


@pytest.fixture(scope="module")
def certificates(tmp_path_factory):
    """Two certificates of one name."""
    folder = tmp_path_factory.mktemp("certificates")
    for name in ("old", "new"):
        command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=auth.a.test"]
        command += ["-keyout", folder / f"{name}.key", "-out", folder / f"{name}.crt"]
        subprocess.run(command, check=True, capture_output=True)
    return folder


@pytest.fixture(scope="module")
def store(certificates):
    """What trusts the old one."""
    path = certificates / "cacerts"
    command = ["keytool", "-importcert", "-noprompt", "-storetype", "JKS", "-storepass", "changeit"]
    command += ["-keystore", path, "-alias", "debian:auth.pem", "-file", certificates / "old.crt"]
    subprocess.run(command, check=True, capture_output=True)
    return path


@needs_tools
def test_only_the_very_certificate_is_trusted(capsys, certificates, store):
    old, new = (run(capsys, certificates / f"{name}.crt", store) for name in ("old", "new"))
    assert (old["trusted"], old["aliases"], old["changed"]) == (True, ["debian:auth.pem"], False)
    assert (new["exists"], new["trusted"], new["problem"]) == (True, False, "")


@needs_tools
def test_store_that_is_missing_or_of_another_format_is_named(capsys, certificates):
    assert run(capsys, certificates / "old.crt", certificates / "none")["problem"] == "the trust store does not exist"
    assert "not in the format JKS" in run(capsys, certificates / "old.crt", certificates / "old.key")["problem"]


def test_missing_certificate_is_no_failure_and_a_wrong_one_is(capsys, tmp_path):
    assert run(capsys, tmp_path / "none", tmp_path)["exists"] is False
    (tmp_path / "empty").write_text("")
    assert "contains no valid certificate" in run(capsys, tmp_path / "empty", tmp_path)["msg"]
