# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Traps into which other ways to edit these files fall, by name; the real parsers say that the editors do not."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import test_config_js
import test_hocon
import test_java_properties
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.config_js import edit as config_js
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.errors import CoreError
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.hocon import edit as hocon_edit
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.hocon.text import parse_path
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.java_properties import edit as java_properties

# The judges are those of the generated cases.
java = test_java_properties.java
node = test_config_js.node
STOCK = Path(__file__).parents[1] / "lab/repository/packages"


def present(key, value):
    return {"key": key, "value": value, "state": "present"}


def absent(key):
    return {"key": key, "value": None, "state": "absent"}


def commented(key):
    return {"key": key, "value": None, "state": "commented"}


# java.util.Properties: what there is, what is asked, and what the tool does that falls into the trap.
PROPERTIES = {
    # lineinfile with ^K= appends a second assignment and leaves the first.
    "spaces around the equals sign": (b"K = 1.2.3.4\n", present("K", "10.0.0.1")),
    "a colon as separator": (b"K:1.2.3.4\n", present("K", "10.0.0.1")),
    "a space as separator": (b"K 1.2.3.4\n", present("K", "10.0.0.1")),
    "space before the key": (b"  K=1.2.3.4\n", present("K", "10.0.0.1")),
    # lineinfile and ini_file leave the tail, which becomes a key.
    "the value goes on in the next line": (b"K=1.2.3.4,\\\n  5.6.7.8\n", present("K", "10.0.0.1")),
    # replace comments out the first line, and the second becomes a key.
    "a value of two lines is commented out": (b"K=a:443,\\\n  b:443\n", commented("K")),
    # lineinfile and ini_file append to a line that goes on.
    "the line before goes on": (b"a=b\\\n", present("K", "10.0.0.1")),
    "the file ends with a backslash": (b"a=b\\", present("K", "10.0.0.1")),
    # ini_file takes the middle of a value for a key.
    "the key stands in another value": (b"a=1\\\n  K=notakey\n", present("K", "2")),
    # replace comments out the middle of a value, which changes it.
    "what stands in another value is commented out": (b"x=1\\\nK=a\n", commented("K")),
    # lineinfile changes the last one, replace comments out those written with =.
    "two assignments, set": (b"K=1\nK=2\n", present("K", "3")),
    "two assignments, commented out": (b"K=1\n K : b\n", commented("K")),
    # ini_file appends a second one.
    "a colon as separator, set to nothing": (b"K:1.2.3.4\n", present("K", "")),
    # ini_file un-comments the line and overwrites it.
    "a comment holds the key": (b"#K=9\n", present("K", "1")),
    # ini_file rewrites the file with LF; lineinfile and javaproperties mix both.
    "CR LF": (b"a=1\r\nK=2\r\n", present("K", "3")),
    # ini_file writes above the section, and the old value wins.
    "a line that looks like a section": (b"[section]\nK=1\n", present("K", "2")),
    # ini_file crashes.
    "a byte of Latin-1": (b"# caf\xe9\na=\xe9\nK=1\n", present("K", "2")),
    # lineinfile takes the key for a regular expression.
    "a dot in the key": (b"orgyxzADDR=7\n", present("org.xzADDR", "1")),
    # What writes values as they are loses characters, or the rest of the file.
    "backslashes in the value": (b"K=1\nb=2\n", present("K", "C:\\new\\u00")),
    "one backslash in the value": (b"K=1\n", present("K", "a\\b")),
    "spaces before the value": (b"K=1\n", present("K", "  lead")),
    "a backslash at the end of the value": (b"K=1\nb=2\n", present("K", "a\\")),
    # More of the format that is easily missed.
    "spaces behind the value": (b"K=1\n", present("K", "5  ")),
    "a comment that ends with a backslash": (b"#c\\\nK=1\n", present("K", "2")),
    "a continued line that begins with a number sign": (b"a=one\\\n#K=three\n", present("K", "2")),
    "a backslash before a blank line": (b"a=1\\\n\nK=2\n", present("K", "3")),
    "two separators": (b"g==7\nh:=8\ni = = 9\n", present("h", "9")),
    "no separator": (b"K\nb=1\n", present("K", "2")),
    "the key is continued": (b"org.\\\n  K = 1\nb=1\n", present("org.K", "2")),
    "the key is escaped": (b"\\u004b=1\nb=1\n", present("K", "2")),
    "separators in the key": (b"a\\ b\\=c=1\n", present("a b=c", "2")),
    "vertical tab and no-break space are no space": (b"a\x0b=\xc2\xa01\n", present("K", "2")),
    "CR alone ends a line": (b"a=1\rK=2\r", present("K", "3")),
    "a number sign in the value": (b"K=1\n", present("K", "#2")),
    "characters outside of ASCII": (b"K=1\n", present("K", "\u00e9\u4e2d\U0001f600")),
    "no newline at the end": (b"a=1", present("K", "2")),
    "a byte-order mark": (b"\xef\xbb\xbfa=1\n", present("K", "2")),
    "the commented line of the article": (
        b"#org.ice4j.ice.harvest.STUN_MAPPING_HARVESTER_ADDRESSES=meet-jit-si-turnrelay.jitsi.net:443\n",
        commented("org.ice4j.ice.harvest.STUN_MAPPING_HARVESTER_ADDRESSES"),
    ),
}


@pytest.mark.parametrize("trap", PROPERTIES)
@pytest.mark.parametrize("encoding", ["utf-8", "iso-8859-1"])
def test_properties(java, trap, encoding):
    before, setting = PROPERTIES[trap]
    outcome = java_properties.decide(before, java_properties.edits_from([setting]), encoding)
    expected = java(before, encoding)
    expected.pop(setting["key"], None)
    if setting["state"] == "present":
        expected[setting["key"]] = setting["value"]
    assert java(outcome.after, encoding) == expected
    line_ends = set(re.findall(rb"\r\n|\r|\n", before)) or {b"\n"}
    assert set(re.findall(rb"\r\n|\r|\n", outcome.after)) <= line_ends
    assert not java_properties.decide(outcome.after, java_properties.edits_from([setting]), encoding).changed


def test_properties_with_an_escape_that_ends_reading(java):
    before = b"a=1\nb=\\u12\nK=2\n"
    assert java(before, "utf-8") is None
    with pytest.raises(CoreError, match=r"^line 2: column 3: Java stops reading here"):
        java_properties.decide(before, java_properties.edits_from([present("K", "3")]))


INCLUDED = 'include "K = 7, o.K = 8"\n'
# HOCON: what there is, and what is asked.
HOCON = {
    # Appending a line to a file in braces makes a file that does not parse.
    "braces around the file": ("{\n  a = 1\n}\n", present("K", 2)),
    "braces around the file, on one line": ("{ a = 1 }", present("o.K", 2)),
    # The packages' own command writes into the comment.
    "a comment without newline at the end": ("a = 1 # comment", present("K", 3)),
    "only a comment": ("# only comment", present("K", 3)),
    # The packages' own command leaves a += behind, which appends.
    "an appended list": ('K=["x"]; K += "y"'.replace(";", "\n"), present("K", ["z"])),
    # The packages' own command leaves an empty object where duplicates were.
    "duplicates in two objects": ("o { K = 1 }\no { K = 2 }\n", present("o.K", 3)),
    "duplicates, one dotted": ("o { K = 1 }\no.K = 2\n", present("o.K", 3)),
    # Unquoted, the one is an error and the other begins a comment.
    "an at sign in the value": ("K = old\n", present("K", "p@ss")),
    "a number sign in the value": ("K = old\n", present("K", "ab#cd")),
    "a substitution in the value": ("K = old\n", present("K", "${a}")),
    "quotes and backslashes in the value": ("K = old\n", present("K", 'a"b\\c')),
    "a number sign in the old value": ("K = ab#cd\n", present("K", "x")),
    "a number that was a string": ('K = "10000"\n', present("K", 10000)),
    "a string that was a number": ("K = 10000\n", present("K", "10000")),
    "a key named include": ("a = 1\n", present("include", 2)),
    "a key named include below": ("a = 1\n", present("include.file", 2)),
    "a key with a dot": ("a = 1\n", present('o."meet.example.com".K', 2)),
    "a key that begins with true": ("a = 1\n", present("trueish.K", 2)),
    "an include behind the value": ("K = 1\n" + INCLUDED, present("K", 2)),
    "an include behind an object": ("o { K = 1 }\n" + INCLUDED, present("o.K", 2)),
    "an include before the value": (INCLUDED + "K = 1\n", present("K", 2)),
    # Objects merge, unless null stands between them.
    "an object that shall replace two": ("K { a = 1 }\nK { b = 2 }\n", present("K", {"c": 3})),
    "an object that shall replace an included one": ('include "K { a = 1 }"\n', present("K", {"c": 3})),
    "null before an object": ("K { a = 1 }\nK = null\nK { b = 2 }\n", present("K.c", 3)),
    "an object that is a list elsewhere": ("o.K = [1]\n", present("o.K", {"a": 1})),
    "an object without separator": ("o { K { a = 1 } }\n", present("o.K", 1)),
    "an object of the same name further down": (
        'ice4j.harvest.stun.addresses = ["a"]\nb = 1\nice4j { harvest { stun { addresses = ["b"] } } }\n',
        present("ice4j.harvest.stun.addresses", []),
    ),
    "a value of several lines": ("K = [\n  1 # one\n  2\n]\nb = 1\n", present("K", [])),
    "a string of several lines": ('K = """a\n"b\n"""\nb = 1\n', present("K", "c")),
    "values in a row": ("K = a b c # d\n", present("K", "x")),
    "commas": ("a = 1, K = 2, b = 3", present("K", 4)),
    "a commented assignment": ("# K = 1\n", present("K", 2)),
    "a braced comment": ("a { # }\n b = 1 }\n", present("a.K", 2)),
    "CR LF": ("a = 1\r\nK = 2\r\n", present("K", 3)),
    "a byte-order mark": ("\ufeffa = 1\n", present("K", 2)),
    "its own value in the value": ("K = a\nK = ${K}b\n", present("K", "c")),
    "the last member goes": ("{ a = 1, K = 2 }", absent("K")),
    "every definition goes": ("o.K = 1\no { K = 2, b = 3 }\n", absent("o.K")),
}


@pytest.mark.parametrize("trap", HOCON)
def test_hocon_file(lightbend, trap):
    text, setting = HOCON[trap]
    status, expected = lightbend(text.encode())
    assert status == 0
    edits = hocon_edit.edits_from([setting])
    outcome = hocon_edit.decide(text.encode(), edits)
    status, found = lightbend(outcome.after)
    assert status == 0
    path = parse_path(setting["key"])
    assert test_hocon.at(found, path) == (setting["value"] if setting["state"] == "present" else KeyError)
    assert test_hocon.without(found, path) == test_hocon.without(expected, path)
    assert (b"\r\n" in outcome.after) == ("\r\n" in text)
    assert not hocon_edit.decide(outcome.after, edits).changed


def test_hocon_duplicates_leave_no_empty_object():
    after = hocon_edit.decide(b"a { b = 1 }\na { b = 2 }\n", hocon_edit.edits_from([present("a.b", 3)])).after
    assert not re.search(rb"\{\s*\}", after)


REFUSED_HOCON = {
    # A substitution sees the last value, from wherever it stands.
    "another value is made of it": (
        "K = 1\nb = ${K}\n",
        present("K", 2),
        "line 2: column 5: the value here depends on K",
    ),
    "an earlier value is made of it": (
        "b = ${K}\nK = 1\n",
        present("K", 2),
        "line 1: column 5: the value here depends",
    ),
    "a substitution may hold it": ("o = ${p}\n", absent("o.K"), "line 1: column 5: the substitution here may contain"),
    "a substitution brings what is above": (
        "shard { PORT = 5222 }\nshard2 = ${shard} { H = b }\n",
        present("shard2.PORT.x", 1),
        "line 2: column 10: shard2.PORT is not an object in the substitution here, so shard2.PORT.x would replace it",
    ),
    "an at sign outside quotes": ("a = 1\nb = p@ss\n", present("K", 2), "line 2: column 6: '@' is not allowed outside"),
    "two commas": ("a = 1,, b = 2", present("K", 2), "line 1: column 7: a key is missing here"),
}


@pytest.mark.parametrize("trap", REFUSED_HOCON)
def test_hocon_file_is_refused(trap):
    text, setting, message = REFUSED_HOCON[trap]
    with pytest.raises(CoreError, match="^" + re.escape(message)):
        hocon_edit.decide(text.encode(), hocon_edit.edits_from([setting]))


PLACEHOLDER = """var subdomain = '<!--# echo var="subdomain" default="" -->';
if (subdomain) {
    subdomain = subdomain.substr(0, subdomain.length - 1).split('.').join('_') + '.';
}
var config = { hosts: { muc: 'conference.' + subdomain + 'meet.example.com' } };
"""
# config.js: what there is, and the settings, by path.
CONFIG_JS = {
    "placeholders of the server": (PLACEHOLDER, {"p2p.stunServers": []}),
    "the end of a script in the value": ("var config = {};\n", {"a": "</script><script>", "b.c": "</SCRIPT"}),
    "the end of a script in the key": ("var config = {};\n", {'"</script>"': 1}),
    "a comment of HTML in the value": ("var config = {};\n", {"a": "<!-- <!--# echo -->"}),
    "separators of lines in the value": ("var config = {};\n", {"a": "\u2028\u2029", "b": ["\u2028"]}),
    "the parent is missing": ("var config = {};\n", {"p2p.stunServers": [], "p2p.enabled": True}),
    "the parent is null": ("var config = { p2p: null };\n", {"p2p.stunServers": []}),
    "the parent is no object": ("var config = { p2p: true };\n", {"p2p.stunServers.x": 1}),
    "the file ends in a comment": ("var config = {} // comment", {"a": 1}),
    "the file ends in a comment of HTML": ("var config = {}\n<!-- comment", {"a": 1}),
    "no newline at the end": ("var config = {}", {"a": 1}),
    "no semicolon after a function": ("var config = {}\nconfig.f = function () { return 1 }", {"a.b": 1}),
    "no semicolon after a name": ("var config = {}, b = 1\nconfig.c = b", {"a": 1, "d.e": 2}),
    "a later assignment of the file": ("var config = { a: 1 };\nconfig.a = 2;\n", {"a": 3}),
    "syntax of today": ("var config = { a: 1_000, b: null ?? 2 };\nconfig?.c;\nconfig.d ||= { e: 4 };\n", {"d.f": 5}),
    "brackets in strings and expressions": ("var config = { a: '}', b: /[}'\"]/.source, c: `${'`'}}` };\n", {"d": 1}),
    "CR LF": ("var config = {};\r\n", {"a": 1}),
    "text and truth": ("var config = { a: true };\n", {"a": "true", "b": True, "c": "10000", "d": 10000}),
}


@pytest.mark.parametrize("trap", CONFIG_JS)
def test_config_js_file(node, trap):
    text, values = CONFIG_JS[trap]
    edits = config_js.edits_from([present(key, value) for key, value in values.items()])
    outcome = config_js.decide(text.encode(), edits)
    assert outcome.after.startswith(text.encode())
    assert not re.search(rb"[^\x20-\x7e\r\n]|<", outcome.after[len(text.encode()) :])
    wanted = [(edit.path, value, "present") for edit, value in zip(edits, values.values())]
    test_config_js.assert_in_force(node, text.encode(), outcome.after, wanted)
    assert not config_js.decide(outcome.after, edits).changed


def test_config_js_block_outlives_what_an_upgrade_does(node):
    """The packages put the name into the file with sed and append to it; nothing of ours is lost, and it stays last."""
    name = b"jitsi-meet.example.com"
    stock = (STOCK / "2020/jitsi-meet-web-config/usr/share/jitsi-meet-web-config/config.js").read_bytes()
    assert name in stock
    edits = config_js.edits_from([present("p2p.stunServers", []), present("disableThirdPartyRequests", True)])
    upgraded = config_js.decide(stock, edits).after.replace(name, b"meet.example.org")
    upgraded += b"config.p2p.stunServers = [{ urls: 'stun:meet-jit-si-turnrelay.jitsi.net:443' }];\n"
    after = config_js.decide(upgraded, edits).after
    assert node(after)["config"]["p2p"]["stunServers"] == []
    assert node(after)["config"]["disableThirdPartyRequests"] is True
    assert b"meet.example.org" in after
    assert after.count(b"BEGIN selfhosted") == 1


REFUSED_CONFIG_JS = {
    "the file ends in a comment that is open": "var config = {};\n/* comment\n",
    "the file ends in a string": "var config = { a: 'b\n",
    "the file ends in a template": "var config = {};\nvar a = `b\n",
    "the file ends in a bracket": "var config = { a: 1\n",
    "the file ends in a statement": "var config = {};\nvar a =\n",
    "the file is another one": "var interfaceConfig = {};\n",
}


@pytest.mark.parametrize("trap", REFUSED_CONFIG_JS)
def test_config_js_file_is_refused(trap):
    with pytest.raises(CoreError):
        config_js.decide(REFUSED_CONFIG_JS[trap].encode(), config_js.edits_from([present("a", 1)]))
