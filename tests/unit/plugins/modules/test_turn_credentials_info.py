"""Credentials are those that prosody makes; the secret is not shown."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time

import pytest
from ansible.module_utils.testing import patch_module_args
from ansible_collections.selfhosted.jitsi.plugins.module_utils._module import turn_credentials_info


def run(capsys, path, **options):
    with patch_module_args({"path": str(path), **options}), pytest.raises(SystemExit):
        turn_credentials_info.main()
    printed = capsys.readouterr().out
    return json.loads(printed), printed


@pytest.mark.parametrize(
    "text",
    [
        'external_service_secret = "hush"',
        "external_service_secret='other'\nVirtualHost \"a.test\"\n    external_service_secret = 'hush'; -- ours\n",
        '-- external_service_secret = "old"\nexternal_service_secret = "hush"\n--external_service_secret = "older"',
    ],
)
def test_credentials_are_made_of_the_last_secret_that_is_no_comment(capsys, tmp_path, text):
    (tmp_path / "file").write_text(text)
    result, printed = run(capsys, tmp_path / "file", seconds=60)
    until, name = result["username"].split(":")
    assert (name, result["changed"]) == ("check", False)
    assert 50 < int(until) - time.time() <= 60
    digest = hmac.new(b"hush", result["username"].encode(), hashlib.sha1).digest()
    assert result["password"] == base64.b64encode(digest).decode()
    assert "hush" not in printed


@pytest.mark.parametrize("text", ["", 'external_service_secret = ""', 'external_service_secret = "hu\\"sh"'])
def test_file_without_a_secret_is_refused(capsys, tmp_path, text):
    (tmp_path / "file").write_text(text)
    result, _printed = run(capsys, tmp_path / "file")
    assert "Cannot read a TURN secret" in result["msg"]
    assert "Cannot read a TURN secret" in run(capsys, tmp_path / "missing")[0]["msg"]


def test_no_seconds_are_refused(capsys, tmp_path):
    assert "seconds: 0 is not above 0" in run(capsys, tmp_path / "file", seconds=0)[0]["msg"]
