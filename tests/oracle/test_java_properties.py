# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""java.util.Properties judges what the core of java_properties reads and writes."""

from __future__ import annotations

import re
import struct

import generated
import pytest
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.errors import CoreError
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.java_properties.edit import (
    decide,
    edits_from,
    masked,
)
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.java_properties.text import ENTRY, parse
from ansible_collections.selfhosted.jitsi.plugins.module_utils._module import java_properties as module
from hypothesis import assume, example, given
from hypothesis import strategies as st

CASES = 1500

many, few = generated.many(CASES), generated.few(CASES)

LINE_ENDS = [b"\n", b"\n", b"\r\n", b"\r", b"\\\n", b"\\\r\n", b"\\\r"]
MARKS = [b"=", b":", b" ", b" = ", b"\t", b"\f", b"#", b"!", b"\\", b"\\\\", b"\\ ", b"\\=", b"\x0b", b"\x85", b"\0"]
WORDS = [b"a", b"b", b"K", b"K", b"1", b"\\t", b"\\n", b"\\z", b"\\u004b", b"\\u00", b"\\ud83d", b"\\uDE00", b"\\uu1"]
FOREIGN = [b"\xc3\xa9", b"\xe9", b"\xef\xbb\xbf", b"\xe2\x82", b"\xf0\x9f\x98\x80", b"\xa0", b"\xe2\x80\xa8"]
LINES = [
    b"K=1\n",
    b"K : 2\r\n",
    b"#K=3\n",
    b"# K = 4\r",
    b"K=1,\\\n  2\n",
    b"#K=1,\\\n#  2\n",
    b"  a\tb\n",
    b"a b = c\n",
    b"\n",
]

documents = st.lists(st.sampled_from(LINE_ENDS * 3 + MARKS + WORDS * 2 + FOREIGN + LINES * 2), max_size=16).map(
    b"".join
)
encodings = st.sampled_from(["utf-8", "iso-8859-1"])
letters = st.sampled_from([*list("aKb= :#!\\\t\n\r\x0c\x0b\x00u01é\x7f\xa0\u2028"), "\ufeff", "😀", "�", "�"])
texts = st.one_of(
    st.sampled_from(["", "1", "1,2", "c", " lead", "C:\\new\\u00"]), st.text(letters, max_size=6), st.text(max_size=8)
)
keys = st.one_of(st.sampled_from(["K", "K", "a", "b", "a b", "é", "\ufeffK"]), st.text(letters, min_size=1, max_size=4))
states = st.sampled_from(["present", "present", "absent", "commented"])
wishes = st.lists(
    st.fixed_dictionaries({"key": keys, "value": texts, "state": states}),
    min_size=1,
    max_size=3,
    unique_by=lambda wish: wish["key"].encode("utf-16", "surrogatepass"),
)


@pytest.fixture(scope="session")
def java(java_judge):
    """What Java reads in a file, or None where it refuses: ``java(file, encoding)``."""
    judge = java_judge("PropertiesJudge")

    def read(file: bytes, encoding: str) -> dict[str, str] | None:
        answer = judge.ask((b"u" if encoding == "utf-8" else b"l") + file)
        if answer[0]:
            return None
        strings = []
        position = 1
        while position < len(answer):
            (length,) = struct.unpack_from(">i", answer, position)
            strings.append(answer[position + 4 : position + 4 + length].decode("utf-16-be", "surrogatepass"))
            position += 4 + length
        return dict(zip(strings[::2], strings[1::2]))

    return read


def decided(file, wanted, encoding, keep=False):
    return decide(file, edits_from(wanted), encoding, keep)


@many
@example(b"a=1\n\\", "utf-8")
@example(b"\\\r\n", "utf-8")
@example(b"a=\xe2\\\n\x82\xac\xe2\x82", "utf-8")
@example(b"\\\n#c\na=1", "utf-8")
@given(documents, encodings)
def test_reads_what_java_reads(java, file, encoding):
    expected = java(file, encoding)
    try:
        chunks = list(parse(file.decode(encoding, "surrogateescape")))
    except CoreError:
        assert expected is None
        return
    assert expected is not None, "Java refuses this file"
    assert "".join(chunk.text for chunk in chunks).encode(encoding, "surrogateescape") == file
    assert {chunk.key: chunk.value for chunk in chunks if chunk.kind == ENTRY} == expected


@many
@example(b"K=1,\\\n  2\n", [{"key": "K", "value": "", "state": "present"}], "utf-8", False)
@example(b"K 3\n", [{"key": "K", "value": "=x", "state": "present"}], "utf-8", False)
@example(b"a=b\\", [{"key": "K", "value": "x", "state": "present"}], "utf-8", False)
@example(b"a=b\\\r", [{"key": "K", "value": "x", "state": "present"}], "utf-8", False)
@given(documents, wishes, encodings, st.booleans())
def test_java_reads_what_was_asked(java, file, wanted, encoding, keep):
    expected = java(file, encoding)
    if expected is None:
        with pytest.raises(CoreError):
            decided(file, wanted, encoding, keep)
        return
    outcome = decided(file, wanted, encoding, keep)
    for edit in edits_from(wanted):
        expected.pop(edit.key, None)
        if edit.state == "present":
            expected[edit.key] = edit.value
    assert java(outcome.after, encoding) == expected
    again = decided(outcome.after, wanted, encoding, keep)
    assert not again.changed
    assert_untouched(file, outcome.after, edits_from(wanted), encoding)
    assert_layout_kept(file, outcome.after, edits_from(wanted), encoding)


def assert_untouched(before: bytes, after: bytes, edits, encoding: str) -> None:
    """What belongs to no edited key is there, byte for byte and in order."""
    states = {edit.key: edit.state for edit in edits}
    kept = b"".join(
        expected_text(chunk, states).encode(encoding, "surrogateescape")
        for chunk in parse(before.decode(encoding, "surrogateescape"))
    )
    found = b"".join(
        chunk.text.encode(encoding, "surrogateescape")
        for chunk in parse(after.decode(encoding, "surrogateescape"))
        if not (chunk.kind == ENTRY and chunk.key in states)
    )
    assert found == kept


def assert_layout_kept(before: bytes, after: bytes, edits, encoding: str) -> None:
    """A value that is set keeps what stands before and behind it, and its own text where it means the same already."""
    old, new = (
        {c.key: c for c in parse(text.decode(encoding, "surrogateescape")) if c.kind == ENTRY}
        for text in (before, after)
    )
    for edit in edits:
        if edit.state != "present" or edit.key not in old:
            continue
        was, found = old[edit.key].text, new[edit.key].text
        if old[edit.key].value == edit.value:
            assert found.startswith(was)
        elif "\\" not in was:
            head = re.match(r"[ \t\f]*[^=: \t\f\r\n]*[ \t\f]*[=:]?[ \t\f]*", was)[0]
            assert found.startswith(head)
            assert "\n" not in was or found.endswith("\r\n" if was.endswith("\r\n") else "\n")


def expected_text(chunk, states):
    state = states.get(chunk.key) if chunk.kind == ENTRY else None
    if state == "commented":
        return "".join("#" + line for line in re.findall(r"[^\r\n]*(?:\r\n|\n|\r)|[^\r\n]+", chunk.text))
    return "" if state else chunk.text


@many
@example(b"a=1", "K", "x", "utf-8")
@example(b"#K=1", "K", "x", "utf-8")
@example(b"a=1\\", "K", "x", "utf-8")
@example(b"a=1\\\r\n", "K", "x", "utf-8")
@given(documents, keys, texts, encodings)
def test_absent_undoes_present(java, file, key, value, encoding):
    known = java(file, encoding)
    assume(known is not None)
    (edit,) = edits_from([{"key": key, "value": value, "state": "present"}])
    assume(edit.key not in known)
    there = decide(file, [edit], encoding).after
    back = decide(there, [edit._replace(state="absent")], encoding).after
    assert back == file


@many
@given(documents, wishes, encodings)
def test_mask_hides_every_value_and_shows_every_change(file, wanted, encoding):
    secret = re.compile(".", re.DOTALL)
    try:
        outcome = decided(file, wanted, encoding)
    except CoreError:
        return
    before, after = masked(outcome.before, outcome.after, encoding, secret)
    assert (before != after) == outcome.changed
    for text, data in ((before, outcome.before), (after, outcome.after)):
        for chunk, shown in zip(parse(data.decode(encoding, "surrogateescape")), parse(text)):
            assert shown.kind != ENTRY or not shown.value or not chunk.key or shown.value.startswith("********")


def run(**options):
    return generated.answer(module, **options)


@few
@given(documents, wishes, encodings)
def test_check_mode_predicts_the_run(tmp_path_factory, file, wanted, encoding):
    path = tmp_path_factory.getbasetemp() / "check.properties"
    path.write_bytes(file)
    wanted = [wish for wish in wanted if not re.search("[\ud800-\udfff]", wish["key"] + wish["value"])]
    options = {"path": str(path), "settings": wanted, "encoding": encoding, "_ansible_diff": True}
    options["_ansible_remote_tmp"] = str(path.parent)
    predicted = run(_ansible_check_mode=True, **options)
    assert path.read_bytes() == file
    done = run(**options)
    assert predicted == done
    if not done.get("failed"):
        assert done["changed"] == (path.read_bytes() != file)
        assert not run(**options)["changed"]
