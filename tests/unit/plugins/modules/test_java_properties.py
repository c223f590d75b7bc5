# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import errno
import json
import os
import stat
import struct
from pathlib import Path

import pytest
from ansible.module_utils import basic
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.errors import CoreError
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.outcome import Outcome
from ansible_collections.selfhosted.jitsi.plugins.module_utils._module import java_properties

EDITOR = java_properties
FILE = "a.properties"
BEFORE = b"a=1\r\nK : old\r\n"
KEY = {"key": "K", "value": "new"}
PASSWORD = "s3cr\\et 'quoted\" word"


@pytest.mark.parametrize(
    ("setting", "after"),
    [
        (KEY, b"a=1\r\nK : new\r\n"),
        ({"key": "K", "state": "absent"}, b"a=1\r\n"),
        ({"key": "K", "state": "commented"}, b"a=1\r\n#K : old\r\n"),
        ({"key": "port", "value": 4443}, b"a=1\r\nK : old\r\nport=4443\r\n"),
    ],
)
def test_four_steps(four_steps, file, setting, after):
    result = four_steps(file, settings=[setting])
    assert file.read_bytes() == after
    assert result["diff"][0]["before"] == "a=1\r\nK : old\r\n"
    assert result["diff"][0]["after"] == after.decode()
    assert stat.S_IMODE(file.stat().st_mode) == 0o640
    assert "backup_file" not in result


def test_four_steps_create(four_steps, tmp_path):
    file = tmp_path / "a.properties"
    result = four_steps(file, settings=[KEY], create=True, mode="0600")
    assert file.read_bytes() == b"K=new\n"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert result["diff"][0]["before_header"] == "/dev/null"


def test_four_steps_mode_only(four_steps, file):
    result = four_steps(file, settings=[{"key": "a", "value": "1"}], mode="0600")
    assert result["diff"][1]["after"] == {"mode": "0600"}
    assert file.read_bytes() == b"a=1\r\nK : old\r\n"


def test_nothing_to_write_creates_nothing(run, tmp_path):
    result = run(settings=[{"key": "K", "state": "absent"}], create=True, mode="0600")
    assert not result["changed"]
    assert list(tmp_path.glob("*.properties")) == []


@pytest.mark.parametrize("check", [True, False])
def test_missing_file_is_an_error(run, tmp_path, check):
    result = run(check=check, settings=[KEY])
    assert result["failed"]
    assert result["msg"] == (
        f"Cannot edit {tmp_path}/a.properties: it does not exist; create it first, or set create to true"
    )


@pytest.mark.parametrize("check", [True, False])
def test_missing_directory_is_an_error(run, tmp_path, check):
    result = run(check=check, settings=[KEY], create=True, path=str(tmp_path / "no" / "a.properties"))
    assert "its directory does not exist; create the directory first" in result["msg"]


def test_directory_is_an_error(run, tmp_path):
    assert "it is not a regular file" in run(settings=[KEY], path=str(tmp_path))["msg"]


@pytest.mark.parametrize("check", [True, False])
def test_bad_escape_is_refused_with_file_and_line(run, file, check):
    file.write_bytes(b"a=1\nb=\\u12\n")
    result = run(check=check, settings=[KEY])
    assert result["failed"]
    assert result["msg"].startswith(f"Cannot edit {file}: line 2: column 3: ")
    assert file.read_bytes() == b"a=1\nb=\\u12\n"


@pytest.mark.parametrize("value", [True, None, ["a"], {"a": "b"}, 1.5])
def test_values_that_are_no_text_are_refused(run, file, value):
    before = file.read_bytes()
    assert "settings[0] (K)" in run(settings=[{"key": "K", "value": value}])["msg"]
    assert file.read_bytes() == before


def test_duplicates(run, file):
    file.write_bytes(b"K=1\nK=2\n")
    assert run(settings=[{"key": "K", "value": "2"}], duplicates="keep")["changed"] is False
    result = run(settings=[{"key": "K", "value": "2"}])
    assert result["notes"] == ["line 1: removed an assignment of K that line 2 overrides"]
    assert file.read_bytes() == b"K=2\n"


def test_encoding(run, file):
    file.write_bytes(b"\xe9=1\n")
    assert run(settings=[{"key": "é", "value": "1"}], encoding="iso-8859-1")["changed"] is False
    assert run(settings=[{"key": "é", "value": "1"}])["diff"][0]["after"] == "\ufffd=1\n\\u00e9=1\n"


def test_symbolic_link_stays(run, file, tmp_path):
    link = tmp_path / "link.properties"
    link.symlink_to(file.name)
    run(settings=[KEY], path=str(link))
    assert link.is_symlink()
    assert file.read_bytes() == b"a=1\r\nK : new\r\n"


def test_extended_attributes_stay(run, file):
    try:
        os.setxattr(file, "user.origin", b"package")
    except OSError as error:
        pytest.skip(f"files in {file.parent} have no extended attributes: {error.strerror}")
    assert run(settings=[KEY])["changed"]
    assert os.getxattr(file, "user.origin") == b"package"


def refuses(code):
    """A call of the system that fails; a rename only where it would take the place of the file."""
    rename = os.rename

    def refuse(*arguments, **_named):
        if len(arguments) == 2 and "_new" in Path(str(arguments[1])).name:
            return rename(*arguments)
        raise OSError(code, os.strerror(code))

    return refuse


@pytest.mark.parametrize(
    ("function", "code", "message"),
    [
        ("os.chown", errno.EPERM, "its owner and group cannot be kept (Operation not permitted); run the task as root"),
        (
            "os.rename",
            errno.EBUSY,
            "no other file can be moved to its place (Device or resource busy); check its",
        ),
        ("tempfile.mkdtemp", errno.EACCES, "no file can be created in its directory: Permission denied; run the task"),
        ("tempfile.mkdtemp", errno.ENOSPC, "no file can be created in its directory: the file does not fit in /"),
        ("os.fsync", errno.ENOSPC, "the file does not fit in /"),
        ("os.fsync", errno.EDQUOT, "the file does not fit in /"),
        ("os.fsync", errno.EIO, "Input/output error; check the kernel log"),
    ],
)
def test_what_the_system_refuses_leaves_everything_as_it_was(run, file, monkeypatch, function, code, message):
    monkeypatch.setattr(function, refuses(code))
    assert run(settings=[KEY])["msg"].startswith(f"Cannot replace {file}: {message}")
    monkeypatch.undo()
    assert file.read_bytes() == b"a=1\r\nK : old\r\n"
    assert list(file.parent.iterdir()) == [file]


def test_unsafe_writes_write_in_place(run, file, monkeypatch):
    before = file.stat()
    monkeypatch.setattr("os.rename", refuses(errno.EBUSY))
    assert run(settings=[KEY], unsafe_writes=True)["changed"]
    assert file.read_bytes() == b"a=1\r\nK : new\r\n"
    assert (file.stat().st_ino, file.stat().st_mode) == (before.st_ino, before.st_mode)


def test_backup(run, file):
    result = run(settings=[KEY], backup=True)
    backup = Path(result["backup_file"])
    assert backup.read_bytes() == b"a=1\r\nK : old\r\n"
    assert stat.S_IMODE(backup.stat().st_mode) == 0o640
    assert "backup_file" not in run(settings=[KEY], backup=True)


OWNER, USER, GROUP, MASK, OTHERS = 0x01, 0x02, 0x04, 0x10, 0x20
ACL, DEFAULT_ACL = "system.posix_acl_access", "system.posix_acl_default"


def give_acl(path, name, rights):
    """Give a path an ACL, as setfacl does; ``rights`` by whom they are for."""
    whom = {USER: 4242}
    entries = (struct.pack("<HHi", tag, allowed, whom.get(tag, -1)) for tag, allowed in rights.items())
    acl = struct.pack("<I", 2) + b"".join(entries)
    try:
        os.setxattr(path, name, acl)
    except OSError as error:
        pytest.skip(f"{path} can have no ACL: {error.strerror}")
    return acl


def test_backup_is_no_more_open_than_the_file(run, file):
    """Not even where the directory's ACL lets a user into every new file."""
    give_acl(file.parent, DEFAULT_ACL, {OWNER: 7, USER: 7, GROUP: 5, MASK: 7, OTHERS: 0})
    (file.parent / "other").touch()
    assert ACL in os.listxattr(file.parent / "other")
    os.utime(file, (1, 1))
    backup = Path(run(settings=[KEY], backup=True)["backup_file"])
    assert (backup.read_bytes(), backup.stat().st_mtime) == (b"a=1\r\nK : old\r\n", 1)
    for path in (file, backup):
        assert ACL not in os.listxattr(path)
        assert stat.S_IMODE(path.stat().st_mode) == 0o640


def test_backup_keeps_the_acl_of_the_file(run, file):
    acl = give_acl(file, ACL, {OWNER: 6, USER: 4, GROUP: 4, MASK: 4, OTHERS: 0})
    backup = Path(run(settings=[KEY], backup=True)["backup_file"])
    assert os.getxattr(backup, ACL) == os.getxattr(file, ACL) == acl


def test_a_backup_that_cannot_be_made_leaves_everything_as_it_was(run, file, monkeypatch):
    monkeypatch.setattr("shutil.copyfileobj", refuses(errno.ENOSPC))
    message = run(settings=[KEY], backup=True)["msg"]
    assert message.startswith(f"Cannot replace {file}: no backup can be created: the file does not fit in /")
    assert file.read_bytes() == b"a=1\r\nK : old\r\n"
    assert list(file.parent.iterdir()) == [file]


def test_validate_accepts(run, file):
    assert run(settings=[KEY], validate="grep -q new %s")["changed"]
    assert b"new" in file.read_bytes()


def test_validate_refuses(run, file):
    before = file.read_bytes()
    settings = [KEY, {"key": "x.PASSWORD", "value": PASSWORD}]
    result = run(settings=settings, validate="sh -c 'grep PASSWORD \"$1\"; exit 3' sh %s", backup=True)
    assert "with exit code 3, so nothing was written: x.PASSWORD********" in result["msg"]
    assert file.read_bytes() == before
    assert len(list(file.parent.glob("a.properties*"))) == 1


@pytest.mark.parametrize("check", [True, False])
@pytest.mark.parametrize("settings", [[KEY], []])
@pytest.mark.parametrize(
    ("command", "problem"),
    [
        ("true", "'true' does not contain %s; write %s in place of the file name"),
        ("grep 'a %s", "'grep 'a %s' is not a command (no closing quotation); correct its quotes and backslashes"),
        ("true %s \\", "'true %s \\' is not a command (no escaped character); correct its quotes and backslashes"),
    ],
)
def test_a_command_that_is_none_is_refused_before_anything_is_decided(run, file, check, settings, command, problem):
    result = run(check=check, settings=settings, validate=command)
    assert result["msg"] == f"validate: {problem}"
    assert file.read_bytes() == b"a=1\r\nK : old\r\n"


@pytest.mark.parametrize(
    ("command", "problem"),
    [
        ("nowhere-to-be-found %s", "nowhere-to-be-found cannot be run (No such file or directory)"),
        ("%s", "%s cannot be run (Permission denied)"),
    ],
)
def test_a_command_that_cannot_be_run_is_named(run, file, command, problem):
    message = run(settings=[KEY], validate=command)["msg"]
    assert message.startswith(f"validate: in '{command}', {problem}, so nothing was written; install it")
    assert file.read_bytes() == b"a=1\r\nK : old\r\n"
    assert list(file.parent.iterdir()) == [file]


def test_a_nul_in_an_option_is_named(run, file, monkeypatch):
    # Since Python 3.12 syslog itself refuses it.
    monkeypatch.setattr(basic.AnsibleModule, "log", lambda self, *args, **kwargs: None)
    assert run(settings=[KEY], validate="true %s \0")["msg"].startswith("validate: the value contains a NUL character")
    assert file.read_bytes() == b"a=1\r\nK : old\r\n"


@pytest.mark.parametrize("secret", [PASSWORD, "e", "1"])
def test_secrets_appear_nowhere(run, file, monkeypatch, secret):
    logged = []
    monkeypatch.setattr(basic.AnsibleModule, "log", lambda self, *args, **kwargs: logged.append((args, kwargs)))
    file.write_bytes(b"a.SECRET=keep-this-quiet\nx.PASSWORD=old-and-hidden\n")
    result = run(settings=[{"key": "x.PASSWORD", "value": secret}, {"key": "y", "value": "shown"}])
    settings = result["invocation"]["module_args"]["settings"]
    assert [setting["value"] for setting in settings] == ["VALUE_SPECIFIED_IN_NO_LOG_PARAMETER", "shown"]
    assert result["changed"] is True
    assert result["diff"][0]["before"] == "a.SECRET=********\nx.PASSWORD=********\n"
    assert result["diff"][0]["after"] == "a.SECRET=********\nx.PASSWORD=******** (value 2)\ny=shown\n"
    assert logged
    assert "'VALUE_SPECIFIED_IN_NO_LOG_PARAMETER'" in str(logged)
    for text in ("quiet", "old-and", "quoted"):
        assert text not in json.dumps(result) + str(logged)


@pytest.mark.parametrize("value", [PASSWORD, "e"])
def test_a_marked_setting_is_secret_whatever_its_key_is_called(run, file, monkeypatch, value):
    logged = []
    monkeypatch.setattr(basic.AnsibleModule, "log", lambda self, *args, **kwargs: logged.append((args, kwargs)))
    file.write_bytes(b"x.nick=old-and-hidden\n#x.nick = quiet\n# was x.nick, quiet\nx.nickname=shown\n")
    result = run(settings=[{"key": "x.nick", "value": value, "secret": True}, {"key": "y", "value": "1"}])
    assert result["changed"] is True
    rest = "#x.nick = ********\n# was x.nick********\nx.nickname=shown\n"
    assert result["diff"][0]["before"] == "x.nick=********\n" + rest
    assert result["diff"][0]["after"] == "x.nick=******** (value 2)\n" + rest + "y=1\n"
    assert result["invocation"]["module_args"]["settings"][0]["value"] == "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"
    assert "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER" in str(logged)
    for text in ("quiet", "old-and", "quoted"):
        assert text not in json.dumps(result) + str(logged)


def test_a_marked_setting_is_masked_in_what_a_validator_says(run, file):
    settings = [{"key": "x.nick", "value": "e-e", "secret": True}]
    result = run(settings=settings, validate="sh -c 'grep nick \"$1\"; exit 3' sh %s")
    assert result["msg"].endswith("so nothing was written: x.nick********")


def test_secrets_do_not_appear_when_the_options_are_wrong(run, file):
    result = run(settings=[{"key": "x.PASSWORD", "value": PASSWORD, "state": "bogus"}])
    assert result["failed"]
    assert "quoted" not in json.dumps(result)


def test_results_are_real_text(run, file, monkeypatch):
    """What a core says may hold half a character, which a file can spell, and JSON cannot carry."""
    said = "removed an assignment of \ud800 that line 2 overrides"
    monkeypatch.setattr(EDITOR, "decide", lambda before, *_options: Outcome(before, before, (said,)))
    assert run(settings=[KEY])["notes"] == ["removed an assignment of ? that line 2 overrides"]

    def refuse(before, *_options):
        raise CoreError(said)

    monkeypatch.setattr(EDITOR, "decide", refuse)
    assert run(settings=[KEY])["msg"] == f"Cannot edit {file}: removed an assignment of ? that line 2 overrides"
