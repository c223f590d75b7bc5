# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import re
import time

import pytest
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.errors import CoreError
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.java_properties.edit import (
    decide,
    edits_from,
    masked,
)
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.java_properties.text import (
    ENTRY,
    escaped_key,
    escaped_value,
    parse,
)

PASSWORD = re.compile("PASSWORD")


def present(key, value):
    return {"key": key, "value": value, "state": "present"}


def absent(key):
    return {"key": key, "value": None, "state": "absent"}


def commented(key):
    return {"key": key, "value": None, "state": "commented"}


def edited(before, *settings, encoding="utf-8", keep=False):
    return decide(before, edits_from(settings), encoding, keep).after


def meaning(text):
    return {chunk.key: chunk.value for chunk in parse(text) if chunk.kind == ENTRY}


READING = {
    "line ends": ("a=1\nb=2\rc=3\r\nd=4", {"a": "1", "b": "2", "c": "3", "d": "4"}),
    "indentation": (" a=1\n\tb=2\n\fc=3", {"a": "1", "b": "2", "c": "3"}),
    "comments": ("#a=1\n  !b=2\n", {}),
    "comments never continue": ("#c\\\na=1", {"a": "1"}),
    "separators": ("g==7\nh:=8\ni = = 9\nc 3\nj\n=x", {"g": "=7", "h": "=8", "i": "= 9", "c": "3", "j": "", "": "x"}),
    "trailing whitespace is kept": ("a=5  \n", {"a": "5  "}),
    "other whitespace is text": ("a\x0b=\xa0\x85\u2028", {"a\x0b": "\xa0\x85\u2028"}),
    "continued line": ("a=1,\\\n   2\\\r\n\t3\n", {"a": "1,23"}),
    "continued by a number sign": ("a=one\\\n#three", {"a": "one#three"}),
    "continued by nothing": ("a=1\\\n\nb=2", {"a": "1", "b": "2"}),
    "even backslashes do not continue": ("a=1\\\\\nb=2", {"a": "1\\", "b": "2"}),
    "backslash at the end": ("a=1\\", {"a": "1"}),
    "lone backslash at the end": ("a=1\n\\", {"a": "1", "": ""}),
    "lone backslash before CR LF": ("a=1\n\\\r\n", {"a": "1"}),
    "lone backslash before a comment": ("\\\n#c\na=1", {"a": "1"}),
    "escapes": (r"a=\t\n\r\f\\\z\u0041", {"a": "\t\n\r\f\\zA"}),
    "escaped separators": (r"a\ b\=c\:d = 1", {"a b=c:d": "1"}),
    "surrogate pair": (r"a=\ud83d\ude00", {"a": "\U0001f600"}),
    "last duplicate wins": ("a=1\na=2", {"a": "2"}),
    "byte-order mark": ("\ufeffa=1", {"\ufeffa": "1"}),
}


@pytest.mark.parametrize(("text", "expected"), READING.values(), ids=READING.keys())
def test_read(text, expected):
    assert meaning(text) == expected
    assert "".join(chunk.text for chunk in parse(text)) == text


# What other tools get wrong: one row for each of their failures.
FAILURES_OF_OTHERS = {
    "spaces around =": (b"K = 1.2.3.4\n", present("K", "5"), b"K = 5\n"),
    "colon": (b"K:1.2.3.4\n", present("K", "5"), b"K:5\n"),
    "leading space": (b"  K=1.2.3.4\n", present("K", "5"), b"  K=5\n"),
    "continued value leaves no tail": (b"K=1.2.3.4,\\\n  5.6.7.8\nb=2\n", present("K", "5"), b"K=5\nb=2\n"),
    "continued value commented out": (b"K=a:443,\\\n  b:443\n", commented("K"), b"#K=a:443,\\\n#  b:443\n"),
    "file ends with a backslash": (b"a=b\\", present("K", "10.0.0.1"), b"K=10.0.0.1\na=b\\"),
    "file ends with a backslash and a newline": (b"a=b\\\n", present("K", "1"), b"K=1\na=b\\\n"),
    "file ends with a backslash and CR": (b"a=b\\\r", present("K", "1"), b"K=1\ra=b\\\r"),
    "lone CR after the backslash among LF": (b"a=1\nc=2\na=b\\\r", present("K", "1"), b"a=1\nc=2\nK=1\na=b\\\r"),
    "key inside another value": (b"a=1\\\n  K=notakey\n", present("K", "2"), b"a=1\\\n  K=notakey\nK=2\n"),
    "key inside another value, commented out": (b"x=1\\\nK=a\n", commented("K"), b"x=1\\\nK=a\n"),
    "both duplicates commented out": (b"K=1\n K : b\n", commented("K"), b"#K=1\n# K : b\n"),
    "last duplicate set": (b"K=1\nK=2\n", present("K", "3"), b"K=3\n"),
    "comment stays a comment": (b"#K=9\n", present("K", "1"), b"#K=9\nK=1\n"),
    "CR LF stays": (b"a=1\r\nK=2\r\n", present("K", "3"), b"a=1\r\nK=3\r\n"),
    "CR LF for a new line": (b"a=1\r\nb=2\r\n", present("K", "3"), b"a=1\r\nb=2\r\nK=3\r\n"),
    "section header is no section": (b"[section]\nK=1\n", present("K", "2"), b"[section]\nK=2\n"),
    "Latin-1 byte": (b"# caf\xe9\nK=1\n", present("K", "2"), b"# caf\xe9\nK=2\n"),
    "dot in the key": (b"orgyxzADDR=7\n", present("org.xzADDR", "1"), b"orgyxzADDR=7\norg.xzADDR=1\n"),
    "value with backslashes": (b"K=1\n", present("K", "C:\\new\\u00"), b"K=C:\\\\new\\\\u00\n"),
    "value with leading spaces": (b"K=1\n", present("K", "  lead"), b"K=\\  lead\n"),
    "value with a backslash": (b"K=1\n", present("K", "a\\b"), b"K=a\\\\b\n"),
}

EDITS = {
    "same value, written otherwise": (b"K : \\u0031\\\n   2\n", present("K", "12"), b"K : \\u0031\\\n   2\n"),
    "continuation before the value": (b"K = \\\n   v\n", present("K", "w"), b"K = \\\n   w\n"),
    "continuation inside the key": (b"org.\\\n  K = v\n", present("org.K", "w"), b"org.\\\n  K = w\n"),
    "empty value after a continuation": (b"K=\\\rv\nb=1", present("K", ""), b"K=\nb=1"),
    "key alone": (b"K\n", present("K", "v"), b"K=v\n"),
    "key alone, value begins with =": (b"K\n", present("K", "=v"), b"K==v\n"),
    "separated by space, value begins with =": (b"K 3\n", present("K", "=v"), b"K \\=v\n"),
    "separated by =, value begins with =": (b"K=3\n", present("K", "=v"), b"K==v\n"),
    "no last newline stays": (b"a=1\nK=2", present("K", "3"), b"a=1\nK=3"),
    "backslash at the end of the value": (b"K=2\\", present("K", "3"), b"K=3"),
    "no last newline, new key": (b"a=1", present("K", "3"), b"K=3\na=1"),
    "no last newline, CR LF": (b"a=1\r\nb=2", present("K", "3"), b"a=1\r\nK=3\r\nb=2"),
    "empty file": (b"", present("K", "3"), b"K=3\n"),
    "empty value in an empty file": (b"", present("K", ""), b"K=\n"),
    "before a lone backslash": (b"a=1\n\\", present("K", "3"), b"a=1\nK=3\n\\"),
    "before a lone backslash and CR LF": (b"\\\r\n", present("K", "3"), b"K=3\r\n\\\r\n"),
    "behind its comment": (b"# K = 1\nb=2\n", present("K", "3"), b"# K = 1\nK=3\nb=2\n"),
    "behind the last of its comments": (b"#K=1\n!K:2\nb=2\n", present("K", "3"), b"#K=1\n!K:2\nK=3\nb=2\n"),
    "behind all lines of its comment": (b"#K=1,\\\n#  2\nb=2\n", present("K", "3"), b"#K=1,\\\n#  2\nK=3\nb=2\n"),
    "with the line end of its comment": (b"#K=1\r\nb=2\nc=3\n", present("K", "3"), b"#K=1\r\nK=3\r\nb=2\nc=3\n"),
    "before its comment without newline": (b"a=1\n#K=1", present("K", "3"), b"a=1\nK=3\n#K=1"),
    "prose is no comment of the key": (b"# K is good\nb=2\n", present("K", "3"), b"# K is good\nb=2\nK=3\n"),
    "in place, though there is a comment": (b"#K=1\nb=2\nK=4\n", present("K", "3"), b"#K=1\nb=2\nK=3\n"),
    "absent": (b"a=1\nK=1\\\n  2\n#K=3\n K:4\nb=2\n", absent("K"), b"a=1\n#K=3\nb=2\n"),
    "absent from an empty file": (b"", absent("K"), b""),
    "commented": (b"a=1\n  K=1\nb=2", commented("K"), b"a=1\n#  K=1\nb=2"),
    "commented, nothing there": (b"a=1\n", {"key": "K", "value": "1", "state": "commented"}, b"a=1\n"),
    "commented at the end, with a backslash": (b"K=1\\", commented("K"), b"#K=1\\"),
    "byte-order mark is part of the key": (b"\xef\xbb\xbfK=1\n", present("K", "2"), b"\xef\xbb\xbfK=1\nK=2\n"),
    "byte-order mark before a comment": (b"\xef\xbb\xbf#K=1\n", present("K", "2"), b"\xef\xbb\xbf#K=1\nK=2\n"),
    "key in UTF-8": (b"\xc3\xa9 = 1\n", present("é", "2"), b"\xc3\xa9 = 2\n"),
    "integer": (b"K=1\n", present("K", 4443), b"K=4443\n"),
}
ALL_EDITS = {**FAILURES_OF_OTHERS, **EDITS}


@pytest.mark.parametrize(("before", "setting", "after"), ALL_EDITS.values(), ids=ALL_EDITS.keys())
def test_edit(before, setting, after):
    assert edited(before, setting) == after
    assert edited(after, setting) == after


def test_key_in_latin_1():
    assert edited(b"\xe9 = 1\n", present("é", "2"), encoding="iso-8859-1") == b"\xe9 = 2\n"


def test_bytes_that_are_no_utf_8_are_read_as_java_reads_them():
    text = b"\xe9=\xe2\x82\\\n\xac\n".decode("utf-8", "surrogateescape")
    assert meaning(text) == {"\ufffd": "\ufffd\ufffd"}


@pytest.mark.parametrize(
    "before",
    [
        *[b"", b"a=1", b"a=1\r\nb=2", b"#K=1", b"a=1\n\n  ", b"a=1\n# b", b"a=1\n"],
        *[b"a=1\\", b"a=1\\\n", b"\\", b"\\\n ", b"a=1\r\n\\\r\n\\\r\n# b"],
    ],
)
def test_absent_undoes_present(before):
    after = edited(before, present("K", "3"), present("c", "4"))
    assert edited(edited(after, absent("c")), absent("K")) == before


def test_several_settings_keep_their_order():
    before = b"#c=0\na=1\nb=2"
    assert edited(before, present("d", "4"), absent("a"), present("c", "3"), present("e", "5")) == (
        b"#c=0\nc=3\nd=4\ne=5\nb=2"
    )


def test_duplicates_are_removed_and_reported():
    outcome = decide(b"K=1\na=0\nK = 2\n", edits_from([present("K", "2")]))
    assert outcome.after == b"a=0\nK = 2\n"
    assert outcome.notes == ("line 1: removed an assignment of K that line 3 overrides",)


def test_duplicates_are_kept():
    outcome = decide(b"K=1\na=0\nK = 2\n", edits_from([present("K", "3")]), keep_duplicates=True)
    assert outcome.after == b"K=1\na=0\nK = 3\n"
    assert outcome.notes == ()


@pytest.mark.parametrize(("encoding"), ["utf-8", "iso-8859-1"])
def test_byte_order_mark_that_hides_a_key_is_reported(encoding):
    outcome = decide(b"\xef\xbb\xbfK=1\n", edits_from([present("K", "2")]), encoding)
    assert "line 1: Java reads the byte-order mark as part of the first key" in outcome.notes[0]


VALUES = {
    "plain": ("a b=c:d#e!", "a b=c:d#e!"),
    "control characters": ("\t\n\r\f\x0b\0\x7f", "\\t\\n\\r\\f\\u000b\\u0000\\u007f"),
    "accent": ("é", "\\u00e9"),
    "beyond the basic plane": ("\U0001f600", "\\ud83d\\ude00"),
    "lone surrogate": ("\ud800", "\\ud800"),
    "trailing space": ("a ", "a "),
    "only a space": (" ", "\\ "),
}


@pytest.mark.parametrize(("value", "text"), VALUES.values(), ids=VALUES.keys())
def test_escaped_value(value, text):
    assert escaped_value(value) == text
    assert meaning("K=" + text) == {"K": value}


@pytest.mark.parametrize("key", ["a b", "=", "a:b", "#a", "!a", "é", "a\\b", "\ufeffa", "\t"])
def test_escaped_key(key):
    assert escaped_key(key).isascii()
    assert meaning(escaped_key(key) + "=1") == {key: "1"}


BAD_ESCAPES = {
    "short": (b"a=1\nK=x\\u12\n", "line 2: column 4: "),
    "no hexadecimal digits": (b"K=\\users\n", "line 1: column 3: "),
    "on a continued line": (b"a=1\r\nK=x\\\r\n  y\\u00g0", "line 3: column 4: "),
    "in a key": (b"\\u1=1", "line 1: column 1: "),
}


@pytest.mark.parametrize(("text", "where"), BAD_ESCAPES.values(), ids=BAD_ESCAPES.keys())
def test_bad_escapes_are_refused(text, where):
    with pytest.raises(CoreError) as caught:
        edited(text, absent("K"))
    assert str(caught.value).startswith(where)
    assert "complete them, or write \\\\u" in str(caught.value)


def test_bad_escapes_in_comments_are_nothing_to_java():
    assert edited(b"#K\\u12=1\n#K=\\u12\n", present("K", "1")) == b"#K\\u12=1\n#K=\\u12\nK=1\n"


REFUSED = {
    "same key twice": ([present("K", "1"), absent("K")], r"settings\[1\] \(K\): duplicate key, see settings\[0\]"),
    "empty key": ([present("", "1")], r"settings\[0\]\.key: the key is empty"),
    "no value": ([present("K", None)], r"settings\[0\] \(K\): state present needs a value"),
    "boolean": ([present("K", True)], r"settings\[0\] \(K\): the value is a bool, not a string; put it in quotes"),
    "float": ([present("K", 1.0)], "the value is a float"),
    "list": ([present("K", ["1"])], "the value is a list"),
    "mapping": ([present("K", {"a": 1})], "the value is a dict"),
}


@pytest.mark.parametrize(("settings", "message"), REFUSED.values(), ids=REFUSED.keys())
def test_settings_are_refused(settings, message):
    with pytest.raises(CoreError, match=message):
        edits_from(settings)


MASKED = {
    "changed": (b"PASSWORD=a\n", b"PASSWORD=b\n", "PASSWORD=********\n", "PASSWORD=******** (value 2)\n"),
    "same": (b"x.PASSWORD : a\n", b"x.PASSWORD : a\n", "x.PASSWORD : ********\n", "x.PASSWORD : ********\n"),
    "emptied": (b"PASSWORD=a\n", b"PASSWORD=\n", "PASSWORD=********\n", "PASSWORD=\n"),
    "changed to an older value": (
        b"PASSWORD=a\nPASSWORD=b\n",
        b"PASSWORD=a\nPASSWORD=a\n",
        "PASSWORD=********\nPASSWORD=******** (value 2)\n",
        "PASSWORD=********\nPASSWORD=********\n",
    ),
    "commented out": (
        b"PASSWORD=a\\\n b\nc=d\n",
        b"#PASSWORD=a\\\n# b\nc=d\n",
        "PASSWORD=********\nc=d\n",
        "#PASSWORD=********\n#********\nc=d\n",
    ),
    "commented out, the key in two lines": (
        b"org.PASS\\\n  WORD=hunter2\nc=d\n",
        b"#org.PASS\\\n#  WORD=hunter2\nc=d\n",
        "org.PASS\\\n  WORD=********\nc=d\n",
        "#********\n#********\nc=d\n",
    ),
    "commented out, the key in three lines": (
        b"",
        b"# seen\n#x=1 \\\r\n#PASS\\\r\n#\\\r\n# \tWORD hunter2\\\r\n# hunter3\r\n# seen\r\n",
        "",
        "# seen\n" + "#********\r\n" * 5 + "# seen\r\n",
    ),
    "commented out, the key has escapes and no sign behind it": (
        b"",
        b"#PASS\\u0057ORD hunter2\n#a\\\n\n# seen\n",
        "",
        "#********\n#a\\\n\n# seen\n",
    ),
    "comments that go on for long": (
        b"",
        b"#PASS\\\n#WORD=\\\n" + b"#hunter2\\\n" * 400 + b"#end\n# seen\n",
        "",
        "#********\n" * 403 + "# seen\n",
    ),
    "in prose": (b"# the PASSWORD is a\n", b"", "# the PASSWORD********\n", ""),
    "key with escapes": (b"PASS\\u0057ORD=a", b"", "PASS\\u0057ORD=********", ""),
    "bad bytes are shown as text": (b"a=\xe9\n", b"a=\xe9\n", "a=\ufffd\n", "a=\ufffd\n"),
}


@pytest.mark.parametrize(("before", "after", "shown", "shown_after"), MASKED.values(), ids=MASKED.keys())
def test_masked(before, after, shown, shown_after):
    assert masked(before, after, "utf-8", PASSWORD) == (shown, shown_after)


def test_large_files_take_linear_time():
    lines = 100_000
    before = b"".join(b"key.%d = value\\\n  more\n" % number for number in range(lines // 2))
    start = time.process_time()
    settings = [present(f"key.{number}", "new") for number in range(0, lines, 100)]
    assert edited(before, *settings).count(b"new") == lines // 100
    assert time.process_time() - start < 10


@pytest.mark.parametrize("line", [b"k%s\\\n", b"k%s=%s\\t\n", b"%s\\\n", b"%s k\\\n"])
def test_long_blanks_before_a_backslash_take_linear_time(line):
    before = line.replace(b"%s", b" " * 80_000) + b"a=1\n"
    start = time.process_time()
    assert edited(before, present("b", "2")) == before + b"b=2\n"
    assert time.process_time() - start < 5
