# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""The values of settings in a config.js, as a browser has them in the end."""

from __future__ import annotations

import pytest
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.config_js.values import (
    UNKNOWN,
    UNSET,
    Value,
    Values,
)
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.errors import CoreError

#: How the packages of today begin their file.
BEGINNING = """var subdomain = '<!--# echo var="subdomain" default="" -->';
if (subdomain) {
    subdomain = subdomain.substr(0, subdomain.length - 1).split('.').join('_').toLowerCase() + '.';
}
if (subdomain.startsWith('<!--')) {
    subdomain = '';
}
"""
X = Value("x")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("var config = { a: 'x' };", X),
        ("var config = { a: 'x', b: 1 }", X),
        ('var config = { "a": "\\u0078" };', X),
        ("var config = { a: `x` };", X),
        ("var config = { a: `${x}` };", UNKNOWN),
        ("var config = { b: { a: 'x' } };", UNSET),
        ("var config = {};", UNSET),
        ("var config = { a: undefined };", UNSET),
        ("var config = { a: '' };", UNSET),
        ("var config = { a: 1 };", UNKNOWN),
        ("var config = { a: f('x') };", UNKNOWN),
        ("var config = { a: 'x' + 1 };", UNKNOWN),
        ("var config = { a: 'x'.trim() };", UNKNOWN),
        ("var config = { a: b ? 'x' : 'y' };", UNKNOWN),
        ("var config = { get a() { return 'x' } };", UNKNOWN),
        ("var config = { ...base };", UNKNOWN),
        ("var config = { [name]: 'x' };", UNKNOWN),
        ("var config = { b: [1, 2] };", UNSET),
        ("var config = base;", UNKNOWN),
        # later ones count
        ("var config = { a: 'y' }; config.a = 'x';", X),
        ("var config = { a: 'y' }\nconfig['a'] = 'x'\nwindow.config.b = 1", X),
        ("var config = { a: 'x' }; config = {};", UNSET),
        ("config = { a: 'y' }; config = { a: 'x' };", X),
        ("var config = { a: 'x' }; config.a = undefined;", UNSET),
        # that run in some cases
        ("var config = { a: 'x' }; if (b) { config.a = 'y'; }", UNKNOWN),
        ("var config = { a: 'x' }; if (b) config.a = 'y';", UNKNOWN),
        ("var config = { a: 'x' }; if (b) { config.b = 'y'; }", X),
        ("var config = { a: 'x' }; b && (config.a = 'y');", UNKNOWN),
        ("if (b) { config.a = 'y'; } config.a = 'x';", X),
        ("var config = { a: 'x' }; change(config);", UNKNOWN),
        ("var config = { a: 'x' }; Object.defineProperty(config, 'a', {});", UNKNOWN),
        # that change nothing
        ("var config = { a: 'x' }; if (Object(config) !== config) config = {};", X),
        ("var config = { a: 'x' }; var config = config || {};", X),
        ("var config = { a: 'x' }; // config.a = 'y';", X),
        ("var config = { a: 'x' }; function f(config) { config.a = 'y' }", X),
        # variables
        (BEGINNING + "var config = { a: subdomain + 'x' };", X),
        (
            BEGINNING.replace('<!--# echo var="subdomain" default="" -->', "") + "var config = { a: 'x' + subdomain };",
            X,
        ),
        (BEGINNING + "subdomain = 'y'; var config = { a: subdomain + 'x' };", UNKNOWN),
        (BEGINNING + "if (other) { subdomain = 'y' } var config = { a: subdomain + 'x' };", UNKNOWN),
        ("var b = 'x'; var config = { a: b };", X),
        ("var b = 'x'; if (b) { b = 'y' } var config = { a: b };", UNKNOWN),
        ("var b = 'x' + c; var config = { a: b };", UNKNOWN),
        ("function f() { var b = 'x'; } var config = { a: b };", UNKNOWN),
    ],
)
def test_value_is_what_the_browser_has(text, value):
    assert Values(text).of(("a",)) == value


def test_values_in_objects_are_found():
    values = Values("var config = { b: { a: 'x', c: { d: 'y' } } }; if (Object(config.b) !== config.b) config.b = {};")
    assert (values.of(("b", "a")), values.of(("b", "c", "d"))) == (X, Value("y"))
    assert Values("var config = { b: { a: 'x' } }; config.b = {};").of(("b", "a")) == UNSET
    assert Values("var config = { b: c };").of(("b", "a")) == UNKNOWN


def test_script_without_config_is_known():
    assert Values("var config = {};").is_declared
    assert not Values("<!DOCTYPE html> var other = {};").is_declared
    assert not Values("config.a = 1;").is_declared


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("var config = {\n  a: 'x'\n  b: 1\n};", "line 2: column 9: a comma is missing here"),
        ("var config = {\n  a: { c: 1 }\n  b: 1 };", "line 2: column 14: a comma is missing"),
        ("var config = { a: [ 1 2 ] };", "line 1: .*a comma is missing"),
        ("var config = { a: [ { b: 1 }\n { b: 2 } ] };", "line 1: .*a comma is missing"),
        ("var config = { a: true b: 1 };", "line 1: .*a comma is missing"),
        ("var config = { a: f(1) b: 1 };", "line 1: .*a comma is missing"),
        ("var config = {\n a: 1,,\n b: 2 };", "line 2: .*or there are two"),
        ("var config = {};\nconfig.p2p = { a: 'x' 'b': 1 };", "line 2: .*a comma is missing"),
        ("var config = {\n a: 'x\n};", "line 2: .*this string is not closed"),
        ("var config = {\n a: [ 1 };", "line 2: .*does not match"),
        ("var config = {\n a: 1", "line 1: .*is not closed"),
        ("var config = {};\n}", "line 2: .*has no opening bracket"),
    ],
)
def test_script_that_no_browser_reads_is_refused(text, words):
    with pytest.raises(CoreError, match=words):
        Values(text)


@pytest.mark.parametrize(
    "literal",
    [
        "{ get a() { return 1 }, set a(v) { }, async b() { }, *c() { }, [d]: 1, 'e'() { return { f: 1 } } }",
        "{ a: b in c, d: e instanceof f, g: new H(1), i: typeof j, k: function l() { m(); n() }, o: async p => 1 }",
        "{ a: [ 1, , 2 ], b: /x/ , c: d => { e; f }, g: class H extends I { j() { } k() { } }, l: m`n` }",
        "{ a: b\n  ? 'c'\n  : { d: 1 }, e: [ ...f, 'g' ], h: -1, i: !0, }",
        "{ a() { switch (b) { case 1: { c\n d } } } }",
    ],
)
def test_no_comma_is_missed_where_none_belongs(literal):
    assert Values(f"var config = {literal};").is_declared
