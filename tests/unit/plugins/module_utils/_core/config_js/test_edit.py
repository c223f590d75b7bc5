# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import contextlib
import datetime
import re
import time

import pytest
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.config_js.edit import decide, edits_from, masked
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.errors import CoreError
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.javascript.tokens import COMMENT, tokens

BEGIN = b"// BEGIN selfhosted.jitsi.config_js\n"
END = b"// END selfhosted.jitsi.config_js\n"
BASE = b"var config = {};\n"
SECRET = re.compile("token|password|api.?key", re.IGNORECASE)


def present(key, value=1):
    return {"key": key, "value": value, "state": "present"}


def absent(key):
    return {"key": key, "value": None, "state": "absent"}


def edited(before, *settings):
    return decide(before, edits_from(settings)).after


def block(*lines):
    return BEGIN + b"".join(line.encode() + b"\n" for line in lines) + END


def lines_of(*settings):
    return edited(BASE, *settings)[len(BASE + BEGIN) : -len(END)].decode().splitlines()


ENDS = {
    "newline": (b"var config = {};\n", block("config.a = 1;")),
    "no newline": (b"var config = {};", b"\n" + block("config.a = 1;")[:-1]),
    "no semicolon": (b"var config = {}\n", block("config.a = 1;")),
    "neither": (b"var config = {}", b"\n" + block("config.a = 1;")[:-1]),
    "comment without newline": (b"var config = {}; // that's it", b"\n" + block("config.a = 1;")[:-1]),
    "CR LF": (b"var config = {\r\n};\r\n", block("config.a = 1;").replace(b"\n", b"\r\n")),
    "CR LF but for the end": (b"var config = {\r\n};", b"\r\n" + block("config.a = 1;").replace(b"\n", b"\r\n")[:-2]),
    "CR": (b"var config = {};\r", block("config.a = 1;").replace(b"\n", b"\r")),
    "byte-order mark": (b"\xef\xbb\xbfvar config = {};\n", block("config.a = 1;")),
    "blank lines": (b"var config = {};\n\n \n", block("config.a = 1;")),
    "blanks": (b"var config = {};\n  ", b"\n" + block("config.a = 1;")[:-1]),
    "U+2028": (b"var config = {};// a\xe2\x80\xa8", b"\n" + block("config.a = 1;")[:-1]),
    "Latin-1 byte": (b"var config = {}; // caf\xe9\n", block("config.a = 1;")),
    "HTML comment": (b"var config = {}; <!-- { '\n--> }\n", block("config.a = 1;")),
    "frame of an app": (b"window.config = {};\n", block("config.a = 1;")),
    "in braces": (b"if (true) { var config = { a: 2 } }\n", block("config.a = 1;")),
    "a constant": (b"const config = {};\n", block("config.a = 1;")),
    "do-while": (b"var config = {}; do { } while (false)\n", block("config.a = 1;")),
    "while in a do-while": (b"var config = {}; do while (false) a(); while (false)\n", block("config.a = 1;")),
    "empty": (b"", block("var config = config || {};", "config.a = 1;")),
    "comments only": (b"// mine\n", block("var config = config || {};", "config.a = 1;")),
    "byte-order mark only": (
        b"\xef\xbb\xbf",
        b"\n" + block("var config = config || {};", "config.a = 1;")[:-1],
    ),
}


@pytest.mark.parametrize(("base", "added"), ENDS.values(), ids=ENDS.keys())
def test_block_is_added_and_removed(base, added):
    after = edited(base, present("a"))
    assert after == base + added
    assert not decide(after, edits_from([present("a")])).changed
    assert edited(after, absent("a")) == base
    assert edited(edited(after, present("b")), absent("a"), absent("b")) == base


USES = [
    "window['config'] = {};",
    'self["config"] = {};',
    "globalThis[`config`].a = 2;",
    "this.config = {};",
    "Object.assign(config, { a: 2 });",
    "if (x) { config.a = 1 }",
    "if (x) { this['config'] = {} }",
    "f(x, config);",
    "(function () { config.a = 1 })();",
    "(() => { this.config = {} })();",
    "var { config } = x;",
    "var [a, config] = x;",
    "function f(config) { } config.a = 1;",
    "var f = config => 1, config = {};",
    "var a = b ? config : c;",
    "{ let config = {} }\nconfig.a = 1;",
    "if (x) f()\n{ var config = {} }",
    "function config() {}",
]


@pytest.mark.parametrize("text", USES)
def test_whatever_uses_the_global_variable_can_be_edited(text):
    assert edited(text.encode(), present("a")) == text.encode() + b"\n" + block("config.a = 1;")[:-1]


NO_USES = [
    "function f() { var config = {} }",
    "function f(config) { config.a = 1 }",
    "var f = config => config.a, g = 1;",
    "f((a, config) => { config.a = 1 });",
    "try { } catch (config) { config.a = 1 }",
    "{ let config = {}; config.a = 1 }",
    "var f = { m(config) { config.a = 1 } };",
    "class A extends B { m() { const config = 1; return config } }",
    "(function config() { config.a = 1 })();",
    "for (let config of x) config.a = 1;",
    "function f() { this.config = {} }",
    "function f() { var a = 1, config = {}; config.a = 1 }",
    "function f() { var { a: config } = x; config.b = 1 }",
    "function f({ config }) { config.a = 1 }",
    "var x = { config: 1 }, y = x.config;",
    "other['config'] = {};",
    "function f() { if (a) { var config } config.b = 1 }",
    "var x = { get config() { return 1 } };",
]


@pytest.mark.parametrize("text", NO_USES)
def test_another_variable_of_the_name_is_none(text):
    with pytest.raises(CoreError, match="the code in the file does not set config"):
        edited(text.encode(), present("a"))


HAZARDS = {
    "getter": ("var config = {\n get p() { return {} } };", "p.q", "line 2: column 2: p has a getter or a setter"),
    "getter itself": ("var config = { a: 1, get 'p'() { return 1 } };", "p", "line 1: column 22: p has a getter"),
    "setter inside": (
        "var config = { p: { set q(value) { } } };",
        "p.q",
        "line 1: column 21: p.q has a getter or a setter",
    ),
    "defined property": (
        "var config = {};\nObject.defineProperty(config, 'p', {});",
        "p.q",
        "line 2: column 8: p has a getter",
    ),
    "old getter": ("var config = {};\nconfig.__defineGetter__('p', f);", "p", "line 2: column 1: p has a getter"),
    "frozen": ("var config = {};\nObject.freeze(window.config);", "p", "line 2: column 8: config is frozen here"),
    "frozen inside": (
        "var config = { p: {} };\nObject.seal(config.p);",
        "p.q",
        "line 2: column 8: config.p is frozen",
    ),
    "frozen at once": ("var config = Object.freeze({});", "p.q", "line 1: column 5: config is frozen here"),
    "shared variable": ("var s = {}, config = { p: s, r: s };", "p.q", "line 1: column 24: config.p and config.r"),
    "shared option": (
        "var config = { r: {} };\nconfig.p = config.r;",
        "p.q",
        "line 2: column 1: config.p and config.r",
    ),
    "shared by another": (
        "var config = { p: {} };\nthis.config.r = config.p;",
        "p.q",
        "line 2: column 1: config.r and config.p",
    ),
    "assigned in a row": (
        "var config = {};\nconfig.p = config['r'] = {};",
        "p.q",
        "line 2: column 1: config.p and config.r",
    ),
    "shared above": ("var s = {}, config = { p: s, r: s };", "p.q.t", "line 1: column 24: config.p and config.r"),
}


@pytest.mark.parametrize("name", HAZARDS)
def test_what_makes_an_edit_mean_something_else_is_refused(name):
    text, key, message = HAZARDS[name]
    with pytest.raises(CoreError) as refusal:
        edited(text.encode(), present(key))
    assert str(refusal.value).startswith(message)
    there = text.encode() + b"\n" + block(*lines_of(present(key)))
    assert decide(there, edits_from([present(key)])).after == there
    assert decide(there, edits_from([present(key)])).notes
    assert edited(there, absent(key)) == text.encode() + b"\n"


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("var s = {}, config = { p: s, r: s };", "p"),
        ("var s = {}, config = { p: s, r: s };", "t.q"),
        ("var config = { get p() { return 1 } };", "q"),
        ("var config = { p: a + b, r: a + c };", "p.q"),
        ("var config = { p: true, r: true, get: 1, set: 2 };", "p.q"),
        ("var config = { p: s(), r: s() };", "p.q"),
        ("function f() { var config = {}; config.p = config.r }\nconfig.p = 1", "p.q"),
    ],
)
def test_what_makes_no_difference_is_no_hazard(text, key):
    outcome = decide(text.encode(), edits_from([present(key)]))
    assert outcome.changed
    assert not outcome.notes


def test_an_object_of_another_name_is_noted():
    outcome = decide(b"var s = {};\nvar config = { p: s };\n", edits_from([present("p.q")]))
    assert outcome.notes == ("line 2: config.p is the same object as s, so both change",)


@pytest.mark.parametrize(
    "comment",
    [
        b"// mine, not between BEGIN selfhosted.jitsi.config_js and END selfhosted.jitsi.config_js\n",
        b"/* see // BEGIN selfhosted.jitsi.config_js */\n",
        b"/*\n * END selfhosted.jitsi.config_js stands below.\n */\n",
    ],
)
def test_a_comment_may_mention_the_marks(comment):
    base = comment + BASE + comment
    after = edited(base, present("a"))
    assert after == base + block("config.a = 1;")
    assert edited(after, absent("a")) == base


LITERALS = {
    "string true": ("true", '"true"'),
    "true": (True, "true"),
    "string of digits": ("10000", '"10000"'),
    "integer": (10000, "10000"),
    "float": (1.5, "1.5"),
    "null": (None, "null"),
    "string null": ("null", '"null"'),
    "empty": ("", '""'),
    "umlaut": ("ü", r'"\u00fc"'),
    "line separators": ("\u2028\u2029", r'"\u2028\u2029"'),
    "beyond the basic plane": ("😀", r'"\ud83d\ude00"'),
    "end of the script": ("</script>", r'"\u003c/script>"'),
    "HTML comment": ("<!-- <!--# echo -->", r'"\u003c!-- \u003c!--# echo -->"'),
    "in names": ({"</script>": {"<!--": ["<"]}}, r'{"\u003c/script>": {"\u003c!--": ["\u003c"]}}'),
    "backslashes": ("C:\\new\\u00", r'"C:\\new\\u00"'),
    "quotes": ("'\"`${x}", '"\'\\"`${x}"'),
    "leading blanks": ("  a\n\t", r'"  a\n\t"'),
    "signs": ("a#b@c;//", '"a#b@c;//"'),
    "list": ([], "[]"),
    "nested": ([{"urls": "stun:a:443"}, [1, False]], '[{"urls": "stun:a:443"}, [1, false]]'),
    "mark": (END.decode(), '"// END selfhosted.jitsi.config_js\\n"'),
}


@pytest.mark.parametrize(("value", "literal"), LITERALS.values(), ids=LITERALS.keys())
def test_values_keep_their_meaning(value, literal):
    assert lines_of(present("a", value)) == [f"config.a = {literal};"]


@pytest.mark.parametrize(
    "value",
    [
        float("nan"),
        float("inf"),
        -float("inf"),
        2**53,
        -(2**53),
        datetime.date(2026, 1, 31),
        b"bytes",
        {1, 2},
        {1: "a"},
        [{"a": [float("nan")]}],
        {"a": {"__proto__": 1}},
    ],
    ids=repr,
)
def test_values_that_json_cannot_hold_are_refused(value):
    with pytest.raises(CoreError, match=r"settings\[0\] \(a\): "):
        edited(BASE, present("a", value))


def test_deep_values_are_refused():
    value = 1
    for _level in range(5000):
        value = [value]
    with pytest.raises(CoreError, match="nested"):
        edited(BASE, present("a", value))


KEYS = {
    "name": ("a", "config.a"),
    "reserved word": ("if", "config.if"),
    "dollar": ("$a_1", "config.$a_1"),
    "hyphen": ("a-b", 'config["a-b"]'),
    "number": ("1", 'config["1"]'),
    "quoted name": ('"a"', "config.a"),
    "quoted dots": ('"a.b"', 'config["a.b"]'),
    "single quotes": ("'a \"b\\'", r'config["a \"b\\"]'),
    "escapes": (r'"a\n\u003c\"]"', r'config["a\n\u003c\"]"]'),
    "end of the script": ("</script>", r'config["\u003c/script>"]'),
    "unicode": ("größe", r'config["gr\u00f6\u00dfe"]'),
    "surrogates": ("'\ud83d\ude00'", r'config["\ud83d\ude00"]'),
    "config": ("config", "config.config"),
    "quoted config": ('"config".a', "config.config.a"),
}


@pytest.mark.parametrize(("key", "target"), KEYS.values(), ids=KEYS.keys())
def test_keys(key, target):
    assert lines_of(present(key))[-1] == f"{target} = 1;"
    after = edited(BASE, present(key))
    assert edited(after, absent(key)) == BASE


@pytest.mark.parametrize(
    ("key", "message"),
    [
        ("", "not valid at character 1"),
        (".a", "not valid at character 1"),
        ("a.", "not valid at character 3"),
        ("a..b", "not valid at character 3"),
        ("a b", "not valid at character 1"),
        ("a[0]", "not valid at character 1"),
        ('a."b', "not valid at character 3"),
        ('a."b"c', "not valid at character 3"),
        ('""', "an element of the key is empty"),
        ("a.''", "an element of the key is empty"),
        (".".join("a" * 51), "more than 50 elements"),
        (r'"\x"', "not a JSON string"),
        ("__proto__", "every JavaScript object already has __proto__"),
        ("a.constructor", "every JavaScript object already has constructor"),
        (r'"\u005f_proto__".a', "every JavaScript object already has __proto__"),
        ("toString.a", "every JavaScript object already has toString"),
        ("config.a", "keys are relative to config"),
    ],
)
def test_wrong_keys_are_refused(key, message):
    with pytest.raises(CoreError, match=re.escape(message)):
        edits_from([present(key)])


def test_parents_are_created_once():
    assert lines_of(present("p2p.stunServers", []), present("p2p.enabled", False), present("a.b.c")) == [
        "if (Object(config.p2p) !== config.p2p) config.p2p = {};",
        "config.p2p.stunServers = [];",
        "config.p2p.enabled = false;",
        "if (Object(config.a) !== config.a) config.a = {};",
        "if (Object(config.a.b) !== config.a.b) config.a.b = {};",
        "config.a.b.c = 1;",
    ]


def test_settings_of_earlier_runs_stay():
    first = edited(BASE, present("a"), present("p.b"), present("c"))
    assert edited(first, present("d"), present("p.b", 2)) == edited(
        BASE, present("a"), present("p.b", 2), present("c"), present("d")
    )
    assert edited(first, absent("a"), absent("x")) == edited(BASE, present("p.b"), present("c"))


@pytest.mark.parametrize(("outer", "inner"), [("p2p", "p2p.enabled"), ("a.b", "a.b.c.d")])
def test_settings_inside_each_other_are_refused(outer, inner):
    with pytest.raises(CoreError, match="is inside"):
        edits_from([present(inner), present(outer)])
    for one, other in ((outer, inner), (inner, outer)):
        first = edited(BASE, present(one))
        with pytest.raises(CoreError, match="is inside"):
            edited(first, present(other))
        assert edited(first, present(other), absent(one)) == edited(BASE, present(other))


def test_a_key_twice_is_refused():
    with pytest.raises(CoreError, match=r"settings\[1\] \('a'\): duplicate key, see settings\[0\]"):
        edits_from([present("a"), absent("'a'")])


def test_block_is_moved_to_the_end():
    before = BASE + block("config.a = 1;") + b"\nconfig.a = 2\n"
    outcome = decide(before, edits_from([present("a")]))
    assert outcome.after == BASE + b"\nconfig.a = 2\n" + block("config.a = 1;")
    assert outcome.notes == ("line 6: moved the block of this module from above this line to the end of the file",)
    assert not decide(outcome.after, edits_from([present("a")])).changed


def test_block_is_moved_without_settings_that_changed():
    before = BASE + block("config.a = 1;") + b"// mine"
    assert edited(before, absent("x")) == BASE + b"// mine\n" + block("config.a = 1;")[:-1]


def test_block_stays_before_blank_lines():
    before = BASE + block("config.a = 1;") + b"\n  \n"
    assert not decide(before, edits_from([present("a")])).changed
    assert edited(before, present("a", 2)) == BASE + block("config.a = 2;") + b"\n  \n"
    assert edited(before, absent("a")) == BASE + b"\n  \n"


def test_newline_added_by_an_editor_stays():
    after = edited(BASE[:-1], present("a")) + b"\n"
    assert not decide(after, edits_from([present("a")])).changed
    assert edited(after, absent("a")) == BASE


REFUSED = {
    "string": (b"a = 'b\n';", "line 1: column 5: this string is not closed"),
    "string at the end": (b'a = "b\\"', "line 1: column 5: this string is not closed"),
    "string over lines": (b"a = 'b\\\r\n c", "line 1: column 5: this string is not closed"),
    "comment": (b"\n a /* '", "line 2: column 4: this comment is not closed"),
    "template": (b"a = `b\n", "line 1: column 5: this template string is not closed"),
    "template behind ${}": (b"a = `b${'}'}\n", "line 1: column 12: this template string is not closed"),
    "inside ${": (b"a = `b${ {}", "line 1: column 7: this ${ is not closed"),
    "regular expression": (b"a = /b[/]\n/", "line 1: column 5: this regular expression is not closed"),
    "brace": (b"\r\nvar config = {\r\n  a: {}\r\n", "line 2: column 14: this { is not closed"),
    "bracket": (b"a = [", "line 1: column 5: this [ is not closed"),
    "parenthesis": (b"a(", "line 1: column 2: this ( is not closed"),
    "closing brace": (b"a = {} }", "line 1: column 8: this } has no opening bracket"),
    "wrong bracket": (b"a = [\n}", "line 2: column 1: this } does not match the [ in line 1, column 5"),
    "operator": (b"var config =\n// a", "line 1: column 12: the file ends in the middle of a statement, after ="),
    "comma": (b"var config = {},", "line 1: column 16: the file ends in the middle of a statement, after ,"),
    "if": (b"if (config)\n", "line 1: column 11: the file ends in the middle of a statement, after )"),
    "while": (b"while (config)\n", "line 1: column 14: the file ends in the middle of a statement, after )"),
    "else": (b"if (config) {} else\n", "line 1: column 16: the file ends in the middle of a statement, after else"),
    "unclear slash": (b"a = function () {} / 2 /", "line 1: column 20: it is unclear whether this / is a division"),
    "unclear slash behind a name": (b"var a\n/[/]/", "line 2: column 1: it is unclear whether this / is a division"),
    "unclear slash behind a word": (b"break\n/[/]/", "line 2: column 1: it is unclear whether this / is a division"),
    "second while": (b"do { } while (a); while (b)", "line 1: column 27: the file ends in the middle of a statement"),
    "strange character": (b"a = \x00", "line 1: column 5: this character is not allowed here"),
    "no config": (b"var interfaceConfig = { config: 1 };\n", "the code in the file does not set config"),
    "UTF-16": ("var config = {}".encode("utf-16"), "the file is encoded in UTF-16"),
    "too large": (b"\n" * 1024 * 1024, "the file has 1048576 bytes"),
}


@pytest.mark.parametrize(("base", "message"), REFUSED.values(), ids=REFUSED.keys())
def test_files_that_are_refused(base, message):
    with pytest.raises(CoreError) as refusal:
        edited(base, present("a"))
    assert str(refusal.value).startswith(message)
    assert len(str(refusal.value)) > len(message) + 8


TOKENS = {
    "division": ("a / b / c", "a / b / c"),
    "division by number": ("4 / 2/1", "4 / 2 / 1"),
    "division of brackets": ("a[0] / (1) / 2", "a [ 0 ] / ( 1 ) / 2"),
    "division of an object": ("x = {} / 2 / 1", "x = { } / 2 / 1"),
    "division assignment": ("a /= 2", "a /= 2"),
    "expression": ("x = /a'/g", "x = /a'/g"),
    "expression with a class": ('x = /[/"]/', 'x = /[/"]/'),
    "expression behind if": ("if (a) /'/.b", "if ( a ) /'/ . b"),
    "call of a method named if": ("a.if(b) / 2 / c", "a . if ( b ) / 2 / c"),
    "expression behind a block": ("if (a) { } /'/.b", "if ( a ) { } /'/ . b"),
    "expression behind return": ("return /'/", "return /'/"),
    "property named return": ("a.return / 2 / b", "a . return / 2 / b"),
    "postfix": ("a++ / 2 / b", "a ++ / 2 / b"),
    "prefix": ("a\n++/'/.b", "a ++ /'/ . b"),
    "template": ("x = `a${ `b${1}` + {a: '}'}.a }c`", "x = `a${ `b${ 1 }` + { a : '}' } . a }c`"),
    "escapes in a template": ("`\\`\\${`", "`\\`\\${`"),
    "CR LF in a string": ("x = 'a\\\r\nb'", "x = 'a\\\r\nb'"),
    "line ends of comments": ("// a'\u2028b /* { \u2029 */ --> c'", "b"),
    "optional chain or number": ("a?.5:b?.c", "a ? .5 : b ?. c"),
    "end of an HTML comment or operators": ("a-->0", "a -- > 0"),
    "identifier in escapes": ("\\u0061b = 1", "\\u0061b = 1"),
    "hashbang": ("#!/bin/'{\na", "a"),
}


@pytest.mark.parametrize(("text", "expected"), TOKENS.values(), ids=TOKENS.keys())
def test_tokens(text, expected):
    found = list(tokens(text + "\n;a"))
    assert " ".join(token.text for token in found if token.kind != COMMENT) == expected + " ; a"
    assert all(text[token.start : token.end] == token.text for token in found[:-2])


OWN = "config.a = 1;"
DAMAGED = {
    "no END": (BASE + BEGIN + b"config.a = 1;\n", 2, "'// END selfhosted.jitsi.config_js' is missing"),
    "no BEGIN": (BASE + END, 2, "expected '// BEGIN selfhosted.jitsi.config_js' alone on its line here"),
    "two blocks": (BASE + block(OWN) + block(OWN), 5, "expected no third mark here"),
    "two BEGINs": (BASE + BEGIN + block(OWN), 3, "expected '// END selfhosted.jitsi.config_js' alone on its line"),
    "commented out": (BASE + b"/*\n" + block(OWN) + b"*/\n", 2, "alone on its line"),
    "indented": (BASE + block(OWN).replace(b"// E", b" // E"), 4, "alone on its line"),
    "blank behind END": (BASE + block(OWN)[:-1] + b" \n", 4, "alone on its line"),
    "in braces": (b"var config = {}; {\n" + block(OWN) + b"}\n", 2, "alone on its line"),
    "another value": (BASE + block("config.a = b;"), 3, "was changed by hand"),
    "another spelling": (BASE + block(OWN, "config.b = 'b';"), 4, "was changed by hand"),
    "other blanks": (BASE + block(OWN, "config.b  = 1;"), 4, "was changed by hand"),
    "comment": (BASE + block(OWN, "// mine"), 4, "was changed by hand"),
    "blank line": (BASE + block("", OWN), 3, "was changed by hand"),
    "two statements": (BASE + block("config.a = 1; b();"), 3, "was changed by hand"),
    "a key twice": (BASE + block(OWN, OWN), 4, "was changed by hand"),
    "no guard": (BASE + block("config.a.b = 1;"), 3, "was changed by hand"),
    "guard of nothing": (BASE + block(OWN, "if (Object(config.b) !== config.b) config.b = {};"), 4, "was changed"),
    "end of the script": (BASE + block('config.a = "</script>";'), 3, "was changed by hand"),
    "empty": (BASE + block(), 3, "was changed by hand"),
    "__proto__": (BASE + block('config.a = {"__proto__": 1};'), 3, "was changed by hand"),
    "NaN": (BASE + block("config.a = NaN;"), 3, "was changed by hand"),
    "deep": (BASE + block("config.a = " + "[" * 900 + "]" * 900 + ";"), 3, "was changed by hand"),
}


@pytest.mark.parametrize(("before", "line", "message"), DAMAGED.values(), ids=DAMAGED.keys())
@pytest.mark.parametrize("setting", [present("a"), absent("a")], ids=["present", "absent"])
def test_damaged_blocks_are_refused(before, line, message, setting):
    with pytest.raises(CoreError, match=re.escape(message)) as refusal:
        edited(before, setting)
    assert refusal.value.line == line


def test_marks_in_strings_are_no_marks():
    base = b"var config = { a: `\n" + block(OWN) + b"` };\n"
    assert edited(base, present("a")) == base + block(OWN)


@pytest.mark.parametrize(
    ("base", "key", "line"),
    [
        (b"var config = {\n  p2p: {\n    a: [{ b: 1 }, 2],\n    stunServers: []\n  }\n};\n", "p2p.stunServers", 4),
        (b"var config = {\n  p2p: {\n    a: 1\n  },\n  'b': 2\n};\n", "b", 5),
        (b"var config = {\n  p2p: {} };\nconfig.p2p.a = 2;\n", "p2p.a", 3),
        (b"var config = { };\nif (x) {\n config.b = 1 }\nwindow.config['b'] = {\n c: 2 };\n", "b.c", 5),
        (b"var config = { b: 1 };\n\nconfig.b = 2;\n", "b", 3),
        (b"var config = {\n p2p: { // b: 1\n } };\n", "b", None),
        (b"var config = { a: b ? c : d };\n", "c", None),
        (b"var config = { a: { b: 1 } };\nother.b = 2; if (config.b == 1) { }\n", "b", None),
    ],
)
def test_absent_says_where_the_file_sets_it(base, key, line):
    for before in (base, edited(base, present(key))):
        notes = decide(before, edits_from([absent(key)])).notes
        assert notes == ((f"line {line}: the file itself still seems to set {key}",) if line else ())


def test_masks():
    base = b"var config = { apiKey: 'one', a: 1, // token: two\n token: ['three', { x: `four${55}` }], b: 'shown' };\n"
    first = edited(base, present("analytics.password", "six"), present("c", {"token": "seven", "d": "shown"}))
    second = edited(first, present("analytics.password", "eight"), present("api.key", True))
    before, after = masked(first, second, SECRET)
    for text in (before, after):
        assert not re.search("one|two|three|four|55|six|seven|eight|true", text)
        assert text.count("shown") == 2
    assert "config.analytics.password = ********;\n" in before
    assert "config.analytics.password = ******** (value 2);\n" in after
    assert "config.api.key = ********;\n" in after
    third = edited(BASE, present("'my token'.a-b", "nine"))
    assert 'config["my token"]["a-b"] = ********;\n' in masked(b"", third, SECRET)[1]
    assert masked(b"", b"// caf\xe9", SECRET) == ("", "// caf\ufffd")


OPERATORS = ("", "+", "-", "*", "/", "%", "**", "<<", ">>", ">>>", "&", "|", "^", "&&", "||", "??")


@pytest.mark.parametrize("operator", OPERATORS)
def test_whatever_assigns_a_secret_it_is_masked(operator):
    file = f"config.apiKey {operator}= 'hunter2';\nconfig['apiKey'] {operator}= 2;\nconfig.b {operator}= 'seen';\n"
    shown = masked(file.encode(), file.encode(), SECRET)[0].replace(" (value 2)", "")
    assert shown == file.replace("'hunter2'", "********").replace("= 2;", "= ********;")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("var config = { ['apiKey']: 'x', b: 'y' };\n", "var config = { ['apiKey']: ********, b: 'y' };\n"),
        (
            "var config = { [`apiKey`]: [1, { a: 'x' }], b: 2 };\n",
            "var config = { [`apiKey`]: [********, { a: ******** }], b: 2 };\n",
        ),
        ("f(config)['apiKey'] = 'x'; var b = 2;\n", "f(config)['apiKey'] = ********; var b = 2;\n"),
        ("// the password is x\nvar b = 1;\n", "// the password********\nvar b = 1;\n"),
        (
            "/* password x\n * seen */ var b = 1; /* my token = 2 */",
            "/* password********\n * seen */ var b = 1; /* my token*********/",
        ),
        ("a = { apiKey: 'x', // y\n b: 1 }; // seen\n", "a = { apiKey: ********, // ********\n b: 1 }; // seen\n"),
        (
            "apiKey = 'x' /* y */ /* z */; // v\n// seen",
            "apiKey = ******** /* ******** */ /* ******** */; // ********\n// seen",
        ),
    ],
)
def test_secrets_are_masked_wherever_they_stand(text, shown):
    before = masked(text.encode(), text.encode(), SECRET)[0]
    assert re.sub(r" \(value \d\)", "", before) == shown


HOSTILE = [b"(", b"`${", b"/[", b"'\\", b"<!--", b"/*", b"\n", b"a/", b".token", b"//token", b"token:[1", b"{token:1,a"]
HOSTILE += [b"token=1/**/", b"/*token*/", b"[token]=1;"]


@pytest.mark.parametrize("unit", [*HOSTILE, b"// BEGIN selfhosted.jitsi.config_js\n"])
def test_hostile_files_end_soon(unit):
    file = (BASE + b"config" + unit * 500000)[: 100 * 1024]
    start = time.process_time()
    with contextlib.suppress(CoreError):
        masked(file, edited(file, present("a"), absent("token")), SECRET)
    with contextlib.suppress(CoreError):
        edited(BASE + BEGIN + b"config" + (unit * 50000)[:50000] + b" = 1;\n" + END, present("a"))
    assert time.process_time() - start < 10


def test_more_than_anybody_configures_is_refused():
    base = BASE + b"//" + b"x" * (512 * 1024 - len(BASE) - 2)
    with pytest.raises(CoreError, match=r"the file would have \d+ bytes, and the limit is 524288"):
        edited(base, present("a"))
    with pytest.raises(CoreError, match="the file has 524289 bytes, and the limit is 524288"):
        edited(base + b"x", present("a"))


def test_secrets_in_many_values_are_masked_soon():
    file = b"var config = { token: [%s] };\n" % b",".join(b"%d" % number for number in range(30000))
    start = time.process_time()
    assert "29999" not in masked(file, file, re.compile("token"))[0].replace("(value 29999)", "")
    assert time.process_time() - start < 10
