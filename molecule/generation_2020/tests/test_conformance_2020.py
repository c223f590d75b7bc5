"""The machine is like one with Jitsi's packages of 2020, as far as these are known: tests/lab/facts/2020.yml."""

from __future__ import annotations

import re

import pytest
from machines import eventually
from recorded import answer, group, sockets, titles


def each(*names, field=None):
    """Run a test for each entry of these groups; those alone that have the field."""
    entries = [entry for name in names for entry in group("2020", name) if field is None or field in entry]
    return pytest.mark.parametrize("entry", entries, ids=titles)


@each("accounts")
def test_account(jitsi, entry):
    user = jitsi.user(entry["name"])
    assert (user.group, user.shell, user.home) == (entry["group"], entry["shell"], entry["home"])


@each("files", "files_of_prosody", field="mode")
def test_file_has_its_owner_and_mode(jitsi, entry):
    file = jitsi.file(entry["path"])
    assert file.exists
    assert (file.user, file.group) == (entry["owner"], entry["group"])
    assert format(file.mode, "o") in (entry["mode"], entry.get("mode_later"))


@each("files", "files_of_prosody", field="target")
def test_link_leads_where_it_should(jitsi, entry):
    assert jitsi.file(entry["path"]).linked_to == entry["target"]


@each("absent")
def test_file_is_not_there(jitsi, entry):
    assert not jitsi.file(entry["path"]).exists


@each("texts", field="says")
def test_file_says_it(jitsi, entry):
    assert re.search(entry["says"], jitsi.file(entry["path"]).content_string)


@each("texts", field="never")
def test_file_does_not_say_it(jitsi, entry):
    assert not re.search(entry["never"], jitsi.file(entry["path"]).content_string)


@each("sockets")
def test_something_listens(jitsi, entry):
    assert eventually(lambda: sockets(jitsi).get((entry["protocol"], entry["place"])) == entry["times"]), sockets(jitsi)


@each("endpoints")
def test_endpoint_answers_so(jitsi, entry):
    status, kind, text = answer(jitsi, entry["url"])
    assert status == entry["status"]
    assert kind.startswith(entry.get("type", ""))
    assert re.search(entry.get("says", ""), text)


@each("units")
def test_unit(jitsi, entry):
    shown = jitsi.check_output(f"systemctl show --property {entry['property']} --value {entry['unit']}")
    assert shown == entry["value"]


@each("log", field="says")
def test_log_says_it(jitsi, entry):
    assert re.search(entry["says"], jitsi.check_output(f"cat {entry['file']}"), re.MULTILINE)


@each("log", field="never")
def test_log_does_not_say_it(jitsi, entry):
    assert not re.search(entry["never"], jitsi.check_output(f"cat {entry['file']}"))
