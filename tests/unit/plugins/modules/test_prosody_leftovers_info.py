"""The module, asked about a trust store that Java's own tool has made."""

from __future__ import annotations

import json
import shutil
import subprocess

import pytest
from ansible.module_utils.testing import patch_module_args
from ansible_collections.selfhosted.jitsi.plugins.module_utils._module import prosody_leftovers_info

needs_keytool = pytest.mark.skipif(
    shutil.which("keytool") is None, reason="keytool is missing: apt install default-jre-headless"
)


def run(capsys, store, **more):
    with patch_module_args({"names": ["gone.test"], "store": str(store), **more}), pytest.raises(SystemExit):
        prosody_leftovers_info.main()
    return json.loads(capsys.readouterr().out)


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    """What trusts a site that is gone, and somebody else."""
    path = tmp_path_factory.mktemp("store") / "cacerts"
    for name in ("auth.gone.test", "auth.other.test"):
        command = ["keytool", "-genkeypair", "-storetype", "JKS", "-storepass", "changeit", "-keypass", "changeit"]
        command += ["-keystore", path, "-alias", "key", "-keyalg", "EC", "-dname", f"CN={name}"]
        subprocess.run(command, check=True, capture_output=True)
        tool = ["keytool", "-storepass", "changeit", "-keystore", path]
        made = subprocess.run([*tool, "-exportcert", "-alias", "key"], check=True, capture_output=True).stdout
        subprocess.run([*tool, "-delete", "-alias", "key"], check=True, capture_output=True)
        subprocess.run(
            [*tool, "-importcert", "-noprompt", "-alias", f"debian:{name}.pem"],
            input=made,
            check=True,
            capture_output=True,
        )
    return path


@needs_keytool
def test_java_trusts_what_is_gone(capsys, store):
    result = run(capsys, store)
    assert (result["aliases"], result["changed"]) == (["debian:auth.gone.test.pem"], False)
    assert run(capsys, store, purpose="installation")["aliases"] == []


def test_store_that_java_cannot_read_holds_nothing(capsys, tmp_path):
    (tmp_path / "cacerts").write_bytes(b"no store")
    assert run(capsys, tmp_path / "cacerts")["aliases"] == []
    assert run(capsys, tmp_path / "none")["aliases"] == []
