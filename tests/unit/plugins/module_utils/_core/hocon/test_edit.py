# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the editor of HOCON reads, changes and refuses, and all of the file that it leaves."""

from __future__ import annotations

import datetime
import re
import time

import pytest
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.errors import CoreError
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.hocon.document import NotLiteral, evaluate, plain
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.hocon.edit import decide, edits_from
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.hocon.mask import masked
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.hocon.parser import parse
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.hocon.text import parse_path, rendered_path


def present(key, value):
    return {"key": key, "value": value, "state": "present"}


def absent(key):
    return {"key": key, "state": "absent"}


def edited(before, *settings):
    outcome = decide(before.encode(), edits_from(settings))
    assert not decide(outcome.after, edits_from(settings)).changed
    return outcome.after.decode()


def block(*lines, eol="\n"):
    return eol.join(["# BEGIN selfhosted.jitsi.hocon", *lines, "# END selfhosted.jitsi.hocon", ""])


def refusal(before, *settings):
    with pytest.raises(CoreError) as caught:
        decide(before.encode(), edits_from(settings))
    return str(caught.value)


READING = {
    "dotted and nested": ("a.b = 1\na { c : 2 }\n", {"a": {"b": 1, "c": 2}}),
    "quoted keys": ('"a.b" = 1, a."b c".d = 2', {"a.b": 1, "a": {"b c": {"d": 2}}}),
    "keys of numbers and words": ("1.5 = a\ntrue x = b", {"1": {"5": "a"}, "true x": "b"}),
    "root braces": ("{ a = 1 } # end", {"a": 1}),
    "comments": ("# a = 1\nb = x // y\nc = x/y#z", {"b": "x", "c": "x/y"}),
    "concatenation": ('a = x  y "z"  1\nb = 10.0.0.1', {"a": "x  y z  1", "b": "10.0.0.1"}),
    "numbers": ("a = [1, -2, 1.5, 1e3, 007, 1-2, 9223372036854775808]",
                {"a": [1, -2, 1.5, 1000.0, 7, "1-2", "9223372036854775808"]}),
    "words": ('a = [true, false, null, "true", trueish]', {"a": [True, False, None, "true", "trueish"]}),
    "escapes": (r'a = "\n\u00e9\ud83d\ude00\"\\\/"', {"a": '\né😀"\\/'}),
    "triple quotes": ('a = """x\n"\\n"""""', {"a": 'x\n"\\n""'}),
    "lists": ("a = [1\n2, 3,\n] [4]", {"a": [1, 2, 3, 4]}),
    "append": ("a = [1], a += 2", {"a": [1, 2]}),
    "later wins": ("a = 1\na = 2", {"a": 2}),
    "objects merge": ("a {x = 1}\na = {y = 2} {z = 3}", {"a": {"x": 1, "y": 2, "z": 3}}),
    "a scalar stops the merge of a merge": ("x.a {c = 1}\nx {a = 2, a = {b = 1}}", {"x": {"a": {"b": 1}}}),
    "a scalar stops the merge": ("a {x = 1}\na = null\na {y = 2}", {"a": {"y": 2}}),
    "newlines around the separator": ("a\n=\n1\nb\n{c=1}", {"a": 1, "b": {"c": 1}}),
    "byte-order mark, CR LF": ("\ufeffa = x\r\nb = y \r\n", {"a": "x", "b": "y"}),
}  # fmt: skip


@pytest.mark.parametrize("name", READING)
def test_reading(name):
    text, expected = READING[name]
    parsed = parse(text)
    assert plain(evaluate(parsed), text) == expected
    assert "".join(text[token.start : token.end] for token in parsed.tokens) == text


@pytest.mark.parametrize("text", ["a = ${b}", "a = ${?b}x", "a = {} ${b}", 'include "x"', "a += 1", "a=[{b=${c}}]"])
def test_what_only_the_program_knows(text):
    with pytest.raises(NotLiteral):
        plain(evaluate(parse(text)), text)


@pytest.mark.parametrize(
    "form",
    [
        '"x"',
        'file("x")',
        'url( "x" )',
        'classpath("x")',
        'required("x")',
        'required(file("x"))',
        'required( url("x") )',
    ],
)
def test_includes(form):
    (statement,) = parse(f"a = 1\ninclude {form}\nb = 2").includes
    assert (statement.start, statement.end) == (6, 14 + len(form))


BROKEN = {
    "a = x@y": "line 1: column 6: '@' is not allowed outside quotes",
    "a = 1\nb = $x": "line 2: column 5: '$' is not allowed outside quotes",
    'a = "x\ny"': "line 1: column 5: the string that begins here is not closed",
    'a = """x""': 'line 1: column 5: the string that begins here with """ is not closed',
    'a = "\\q"': "line 1: column 6: unknown escape",
    "a = ${b\n": "line 1: column 5: the substitution that begins here is not closed",
    "a {\nb = 1\n": "line 3: column 1: the file ends inside braces",
    "a = [1\n": "line 2: column 1: the file ends inside a list",
    "a = 1 }": "line 1: column 7: this closing brace has no opening brace",
    "{a = 1}\nb = 2": "line 2: column 1: there is text after the closing brace",
    "a = 1,, b = 2": "line 1: column 7: a key is missing here",
    "a": "line 1: column 2: =, : or { is missing after the key",
    "a =": "line 1: column 4: a value is missing here",
    "a..b = 1": "line 1: column 1: the path has an empty element",
    "a = [1] x": "line 1: column 5: values of different kinds (list, object, other) cannot be joined",
    "a {} b = 1": "line 1: column 6: a comma or a new line is missing",
    "include = 1": "line 1: column 9: include needs",
    "include x": "line 1: column 9: include needs",
    'include file("x"': "line 1: column 17: the parenthesis of include is not closed",
    "[1]": "line 1: column 1: the file is a list",
    "a = [{b += 1}]": "line 1: column 9: += is not allowed inside a list",
    "a {" * 5000: "nested levels here",
    "a = " + "[" * 5000: "nested levels here",
    "a." * 5000 + "a = 1": "this path has more than 100 elements",
}


@pytest.mark.parametrize("text", BROKEN, ids=range(len(BROKEN)))
def test_broken_files_are_refused(text):
    assert BROKEN[text] in refusal(text, present("k", 1))


@pytest.mark.parametrize("value", [b"\xe9", b'"caf\xe9"', b"[x, {y = \xfc}]", b"1, \xff = 2", b"${\xe9}"])
def test_bytes_that_are_no_text_are_refused(value):
    with pytest.raises(CoreError, match=r"^line 2: column \d+: this is not UTF-8"):
        decide(b"a = 1 # \xe9\nb = " + value + b"\n", edits_from([present("k", 1)]))


@pytest.mark.parametrize("comment", [b"# caf\xe9", b"// \xff\xfe", b"#\xc3", b"# \xed\xa0\x80"])
@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_bytes_that_are_no_text_stay_in_comments(comment, end):
    file = comment + end + b"a = 1 " + comment + end
    settings = edits_from([present("a", 2), present("b", "\xe9")])
    after = decide(file, settings).after
    assert after.startswith(comment + end + b"a = 2 " + comment + end)
    assert not decide(after, settings).changed
    assert decide(after, edits_from([present("a", 1), absent("b")])).after == file


@pytest.mark.parametrize("form", ["${?X[]}", "${X[]}", '${ "X" [] }', "${?X.Y[]}"])
def test_lists_of_environment_variables(form):
    text = f"a = {form}\nb = 1\n"
    assert edited(text, present("b", 2)) == f"a = {form}\nb = 2\n"
    assert "the value here depends on X" in refusal(text, present("X", [1]))


@pytest.mark.parametrize("form", ["${?[]}", "${X[].Y}", "${X[1]}", "${X[ ]}", "${X[][]}", "${X[]y}", "${X.[]}"])
def test_other_brackets_in_substitutions_are_refused(form):
    assert "line 1: column" in refusal(f"a = {form}", present("b", 1))


IN_PLACE = {
    "scalar": ("a { b = 1 } # c", "a.b", 2, "a { b = 2 } # c"),
    "the rest of an unquoted string is a comment": ("a=ab#cd", "a", "ab#cd", 'a="ab#cd"#cd'),
    "concatenation": ("a = x y // z", "a", "s", 'a = "s" // z'),
    "list": ("a : [\n1 # c\n]\r\n", "a", [], "a : []\r\n"),
    "object": ("a { x = 1 }\n", "a", {"y": 2}, 'a {"y": 2}\n'),
    "object without a separator": ("a { x = 1 }\n", "a", 1, "a = 1\n"),
    "another type": ("a = true", "a", "true", 'a = "true"'),
    "an integer is no float": ("a = 1", "a", 1.0, "a = 1.0"),
    "an integer is not true": ("a = 1", "a", True, "a = true"),
    "dotted": ('x."a.b".c = 1', '"x"."a.b".c', None, 'x."a.b".c = null'),
    "behind an include": ('include "x"\na = 1', "a", 2, 'include "x"\na = 2'),
    "beside a substitution": ("a = 1\nb = ${c}", "a", 2, "a = 2\nb = ${c}"),
    "its own substitution goes": ("b = 1\na = [${b}]", "a", 2, "b = 1\na = 2"),
    "null that hides": ("a = null", "a.b", 1, "a = null\n" + block("a.b = 1")[:-1]),
}


@pytest.mark.parametrize("name", IN_PLACE)
def test_in_place(name):
    before, key, value, after = IN_PLACE[name]
    assert edited(before, present(key, value)) == after
    assert edited(after, present(key, value)) == after


SHARDS = "shard { PORT = 5222 }\nshard2 = ${shard} { H = b }\n"
OBJECTS = "a.b {}\nc = ${a} {}\n"
HIDING = "shard { PORT = 5222 }\nshard2 = ${shard} { PORT {} }\n"
APPENDED = block("m.s = [1]") + "m.s += 2\n"
REFERRING = block("m.s = [1]", "k = 1") + "m.s = ${m.s} [2]\n"
INCLUDING = block("k = 1") + 'include "x"\n'
IN_BLOCK = {
    "missing": ("b = 1\n", "a", 1, "b = 1\n" + block("a = 1")),
    "empty file": ("", "a", 1, block("a = 1")),
    "byte-order mark alone": ("\ufeff", "a", 1, "\ufeff" + block("a = 1")),
    "a comment without a line end": ("b = 1 # c", "a", 1, "b = 1 # c\n" + block("a = 1")[:-1]),
    "CR LF": ("b = 1\r\n", "a", 1, "b = 1\r\n" + block("a = 1", eol="\r\n")),
    "duplicates": ("a = 1\na = 2\n", "a", 3, "a = 1\na = 2\n" + block("a = 3")),
    "substitution": ("a = ${b}\n", "a", 3, "a = ${b}\n" + block("a = 3")),
    "append": ("a = [1]\na += 2\n", "a", [3], "a = [1]\na += 2\n" + block("a = [3]")),
    "a later include": ('a = 1\ninclude "x"\n', "a", 3, 'a = 1\ninclude "x"\n' + block("a = 3")),
    "an object replaces": ("a {x=1}\na {y=2}\n", "a", {}, "a {x=1}\na {y=2}\n" + block("a = null", "a = {}")),
    "an object and an include": ('include "x"\n', "a", {}, 'include "x"\n' + block("a = null", "a = {}")),
    "root braces": ("{\n  b = 1\n}\n", "a", 1, "{\n  b = 1\n" + block("a = 1") + "}\n"),
    "root braces on one line": ("{ b = 1 }", "a", 1, "{ b = 1 \n" + block("a = 1") + "\n}"),
    "below a substitution for an object": ("x {}\na = ${x}\n", "a.b", 1, "x {}\na = ${x}\n" + block("a.b = 1")),
    "beside a value of a substitution": (SHARDS, "shard2.X.y", 1, SHARDS + block("shard2.X.y = 1")),
    "instead of a value of a substitution": (SHARDS, "shard2.PORT", 1, SHARDS + block("shard2.PORT = 1")),
    "below an object of a substitution": (OBJECTS, "c.b.x", 1, OBJECTS + block("c.b.x = 1")),
    "below an object that hides one": (HIDING, "shard2.PORT.x", 1, HIDING + block("shard2.PORT.x = 1")),
    "more": (block("b = 1"), "a", 1, block("b = 1", "a = 1")),
    "again": ("a = 0\na = 0\n" + block("a = 1"), "a", 2, "a = 0\na = 0\n" + block("a = 2")),
    "again, an object": ("a = 0\n" + block("a = null", "a = {}"), "a", {"b": 1},
                         "a = 0\n" + block("a = null", 'a = {"b": 1}')),
    "in its place": ("a = 0\na = 0\n" + block("a = 1", "b = 1"), "a", 2, "a = 0\na = 0\n" + block("a = 2", "b = 1")),
    "an append in the block": (block("a = [1]", "a += 2"), "a", [3], block("a = [3]")),
    "an object that merges": ('include "x"\na {}\n', "a", {}, 'include "x"\na {}\n' + block("a = null", "a = {}")),
    "stays last": (block("b = 1") + "c = 2\n", "a", 1, "c = 2\n" + block("b = 1", "a = 1")),
    "moves without what is hidden": (block("b = 1", "d = 1") + "b = 2\n", "a", 1, "b = 2\n" + block("d = 1", "a = 1")),
    "stays before what is appended": (APPENDED, "a", 1, APPENDED + block("a = 1")),
    "stays before what refers to it": (REFERRING, "a", 1, REFERRING + block("a = 1")),
    "stays before an include": (INCLUDING, "a", 1, INCLUDING + block("a = 1")),
    "is left for the last place": (INCLUDING, "k", 1, 'include "x"\n' + block("k = 1")),
    "instead of what is appended": (APPENDED, "m.s", [3], "m.s += 2\n" + block("m.s = [3]")),
    "in the second": (INCLUDING + block("a = 1"), "b", 1, INCLUDING + block("a = 1", "b = 1")),
    "become one": (block("k = 1") + "c = 1\n" + block("a = 1"), "b", 1, "c = 1\n" + block("k = 1", "a = 1", "b = 1")),
    "what follows overrides": (block("a = 1") + "a = 2\n", "a", 3, "a = 2\n" + block("a = 3")),
}  # fmt: skip


@pytest.mark.parametrize("name", IN_BLOCK)
def test_in_block(name):
    before, key, value, after = IN_BLOCK[name]
    assert edited(before, present(key, value)) == after


ABSENT = {
    "its line": ("a = 1\n  b = 2 \nc = 3\n", "b", "a = 1\nc = 3\n"),
    "its comma": ("a = 1,\nb = 2,\nc = 3", "b", "a = 1,\nc = 3"),
    "its comma on another line": ("a = 1\n, b = 2 # x\n, c = 3", "b", "a = 1\n, # x\n c = 3"),
    "but no comment": ("a = 1\nb = 2 # two\n", "b", "a = 1\n# two\n"),
    "on one line": ("{ a = 1, b = 2, c = 3 }", "b", "{ a = 1, c = 3 }"),
    "the last on one line": ("{ a = 1, b = 2 }", "b", "{ a = 1, }"),
    "every definition": ("a.b = 1\na { b = 2\n c = 3 }\na = {b = 4}", "a.b", "a { \n c = 3 }\na = {}"),
    "an object": ("a.b = 1\na { b = 2 }\nc = 3", "a", "c = 3"),
    "no file end is added": ("b = 2\na = 1", "a", "b = 2\n"),
    "a byte-order mark stays": ("\ufeffa = 1\nb = 2", "a", "\ufeffb = 2"),
    "the last in the block": ("b = 1\n" + block("a = 1"), "a", "b = 1\n"),
    "not the last in the block": (block("a = null", "a = {}", "b = 1"), "a", block("b = 1")),
    "below an include": ('a.b = 1\ninclude "x"\n', "a.b", 'include "x"\n'),
    "our block before an include": (INCLUDING, "k", 'include "x"\n'),
    "our block behind an include": ('x {\ninclude "y" }\n' + block("x.a = 1"), "x.a", 'x {\ninclude "y" }\n'),
    "what a substitution does not bring": (SHARDS + block("shard2.X = 1"), "shard2.X", SHARDS),
    "hidden ones": ("a.b = 1\na = 2", "a.b", "a = 2"),
    "its own substitution": ("a = 1\na = ${a}2\nb = ${?c}", "a", "b = ${?c}"),
}


@pytest.mark.parametrize("name", ABSENT)
def test_absent(name):
    before, key, after = ABSENT[name]
    assert edited(before, absent(key)) == after


CHAIN = "a.b.c = 1\nd = ${a}\ne { f = ${d} {} }\n"
REFUSED = {
    "a substitution of it": ("a = 1\nb = ${a}", present("a", 2), "line 2: column 5: the value here depends on a"),
    "a substitution above": ("a.b = 1\nc = ${a}", present("a.b", 2), "line 2: column 5: the value here depends"),
    "a substitution below": ("c = ${?a.b}", present("a", {}), "line 1: column 5: the value here depends on a"),
    "a value of a substitution": (SHARDS, present("shard2.PORT.x", 1), "line 2: column 10: shard2.PORT is not an"),
    "a list of an optional one": ("s.l = [1]\nt = ${?s} {}", present("t.l.x", 1), "line 2: column 5: t.l is not an"),
    "a value of a chain of them": (CHAIN, present("e.f.b.c.x", 1), "line 3: column 9: e.f.b.c is not an object in"),
    "a value of one in another": ("a = 1\nb {c = ${a}}\nd = ${b} {}", present("d.c.x", 1), "line 3: column 5: d.c"),
    "one of which nothing is said": ("t = ${?s} {}", present("t.l.x", 1), "line 1: column 5: t.l may not be an object"),
    "absent from a substitution": (SHARDS, absent("shard2.PORT"), "line 2: column 10: the substitution here"),
    "a substitution in a list": ("c = [{d=${a}}]", present("a", 1), "line 1: column 9: the value here depends on a"),
    "a scalar above": ("a = 1", present("a.b", 2), "line 1: column 1: a is not an object here"),
    "a list above": ("x.a = []", present("x.a.b", 2), "line 1: column 1: x.a is not an object here"),
    "an unknown above": ("a = ${b}", present("a.b", 2), "line 1: column 5: a may not be an object here"),
    "absent below an unknown": ("a = ${b}", absent("a.b"), "line 1: column 5: the substitution here may contain a.b"),
    "a scalar shows through": ("b {a=1}\na {}\nb=${a}", present("b.a.c", 2), "line 1: column 4: b.a is not an object"),
    "appended below an include": ('include "y"\na.b += 1', present("a.b", 2), "line 1: column 1: the value here may"),
    "appended below a scalar": ("x=0\na=1\na.b += 1\n", present("a.b", 2), "line 2: column 1: a is not an object here"),
    "refers to itself below a scalar": ("a=1\na.b=${?a.b}[1]", present("a.b", 2), "line 1: column 1: a is not an"),
    "absent would uncover": ("x = 1\na = 5\na.b = 1", absent("a.b"), "line 2: column 1: without a.b, the value here"),
    "a block in a block": (block("# BEGIN selfhosted.jitsi.hocon"), present("a", 1), "line 2: column 1: '# BEGIN self"),
    "a second end": (block() + "# END selfhosted.jitsi.hocon\n", present("a", 1), "line 3: column 1: '# BEGIN"),
    "half a block": ("a = 1\n# BEGIN selfhosted.jitsi.hocon\n", present("a", 2), "line 2: column 1: '# BEGIN"),
    "a nested block": ("x {\n" + block() + "}", present("a", 1), "line 2: column 1: '# BEGIN self"),
    "a block behind text": ("b = 1 " + block(), present("a", 1), "line 1: column 7: '# BEGIN self"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_refused(name):
    before, setting, message = REFUSED[name]
    assert message in refusal(before, setting)


def test_what_is_there_already_is_left_alone_even_where_it_could_not_be_edited():
    assert edited("b = 1\nc = ${b}", present("b", 1), absent("x")) == "b = 1\nc = ${b}"


@pytest.mark.parametrize(
    "text",
    [
        *["b = 1\n", "b = 1", "", "\ufeff", "b = 1 # c", "{\n b = 1\n}", "b = 1\r\n", "b = 1\n\n"],
        *["{ b = 1 }", "{}", "{ b = 1 } # end\n", "\r\n{ b = 1\r\n, d = 2 }\r\n", "{ b = 1 # c\n}", "{ b = 1\n\n}"],
    ],
)
def test_absent_undoes_present(text):
    there = edited(text, present("a", 1), present("c.d", 2))
    assert edited(edited(there, absent("a")), absent("c.d")) == text


def test_a_line_end_goes_that_a_person_has_moved_a_comment_to():
    there = edited("{ b = 1 }", present("a", 1)).replace("b = 1 ", "b = 1 # mine")
    assert edited(there, absent("a")) == "{ b = 1 # mine\n\n}"


@pytest.mark.parametrize("before", ['a = 1\nx {\n include "y" }\n', 'a = 1\nx.a = 2\nx { include "y" }\n'])
def test_absent_says_that_an_include_may_say_more(before):
    for _run in range(2):
        outcome = decide(before.encode(), edits_from([absent("x.a"), absent("c")]))
        line = before[: before.index("include")].count("\n") + 1
        words = f"line {line}: x.a is absent from this file, but the include here may still set it"
        assert outcome.notes == (words,)
        before = outcome.after.decode()


WRONG = {
    "the same path": (
        [present("a.b", 1), absent('"a".b')],
        r'settings\[1\] \("a".b\): duplicate path, see settings\[0\]',
    ),
    "one in another": (
        [present("a.b", 1), absent("a")],
        r"settings\[0\] \(a.b\): the path is inside settings\[1\]",
    ),
    "empty": ([present("", 1)], "the key is not a HOCON path: .*empty element"),
    "two dots": ([present("a..b", 1)], "empty element"),
    "a mark": ([present("a[0]", 1)], "is not allowed in a path"),
    "a comment": ([present("a#b", 1)], "is not allowed in a path"),
    "a line end": ([present("a\nb", 1)], "is not allowed in a path"),
    "nan": ([present("a", float("nan"))], "HOCON has no number for nan"),
    "infinity": ([present("a", [float("-inf")])], "HOCON has no number for -inf"),
    "a date": ([present("a", datetime.date(2026, 1, 1))], "HOCON has no values of type date"),
    "bytes": ([present("a", {"b": b"x"})], "HOCON has no values of type bytes"),
    "a key of another type": ([present("a", {1: 2})], "a key in the value is not a string"),
    "a large integer": ([present("a", 1 << 63)], "the integer does not fit in 64 bits"),
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_settings(name):
    settings, message = WRONG[name]
    with pytest.raises(CoreError, match=message):
        edits_from(settings)


@pytest.mark.parametrize("path", [("a", "b-c"), ("a.b", ""), ("include", "true1"), ("é", "\n", '"'), ("-a", "1", "😀")])
def test_paths(path):
    assert parse_path(rendered_path(path)) == path


def test_mask():
    secret = re.compile("pass|token", re.IGNORECASE)
    before = b'a { PASSWORD = "x" # PASSWORD was y\r\n }\ntokens { b = 1 # two\n c = [3] {#n\n} }\nl = [{pass = 4}]'
    before = before.replace(b"[3] {#n\n}", b"[3, {#n\n}]")
    after = before.replace(b'"x"', b'"z"')
    shown = masked(before, after, secret)
    assert shown[0] == (
        "a { PASSWORD = ******** #********\r\n }\ntokens { b = ******** #********\n c = ******** }\n"
        "l = [{pass = ********}]"
    )
    assert shown[1] == shown[0].replace("= ********", "= ******** (value 2)", 1)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("pass=hunter2 // hunter3\n// seen", "pass=******** //********\n// seen"),
        ('a { pass = "new" } # was "old"\r\nb = 1 # seen', "a { pass = ******** } #********\r\nb = 1 # seen"),
        ("pass {\n a = 1 }, b = 2 # old\n# seen", "pass {\n a = ******** }, b = 2 #********\n# seen"),
        ("pass = [a # b\n c] # d\n# seen", "pass = ******** #********\n# seen"),
        ("pass = # old\n new\n# seen", "pass = #********\n ********\n# seen"),
        (
            "# pass:\n  #  hunter2\n# seen\n#pass=\n\n# seen",
            "# pass********\n  #********\n# seen\n#pass********\n\n# seen",
        ),
        ("// my pass is:\r\n// hunter2\r\n", "// my pass********\r\n//********\r\n"),
        ("a = 1 # seen\npass = 2\n# seen\n", "a = 1 # seen\npass = ********\n# seen\n"),
    ],
)
def test_comments_that_may_hold_a_secret_are_masked(text, shown):
    assert masked(text.encode(), text.encode(), re.compile("pass")) == (shown, shown)


@pytest.mark.parametrize(
    "text",
    [
        "a = 1\n" * 50000,
        "a {" * 90000,
        '"' * 400000,
        "[" * 400000,
        "a.b.c {x = [1, {y = z}]}\n" * 10000,
        "${" * 200000,
        "a = []\n" + "a += 1\n" * 30000,
        "a = ${?b}\n" * 30000,
        block(*(f"a{number} = 1" for number in range(20000))) + "b = 1\n" * 20000,
        "pass = 1 # pass\n" * 20000,
    ],
    ids=["lines", "braces", "quotes", "brackets", "objects", "open", "appended", "unknown", "block", "secrets"],
)
def test_large_files_end_soon(text):
    start = time.process_time()
    try:
        outcome = decide(text.encode(), edits_from([present("k", 1)]))
        masked(outcome.before, outcome.after, re.compile("pass"))
    except CoreError as error:
        assert len(str(error)) < 300
    assert time.process_time() - start < 20


def test_more_than_anybody_configures_is_refused():
    with pytest.raises(CoreError, match="the file has 10000000 bytes, and the limit is 1048576"):
        decide(b"#" * 10_000_000, edits_from([present("k", 1)]))
    with pytest.raises(CoreError, match=r"the file would have \d+ bytes, and the limit is 1048576"):
        decide(b"#" * 1_048_576, edits_from([present("k", 1)]))
