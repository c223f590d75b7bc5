# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""The filter from_hocon: what it gives, and what it refuses with what words."""

from __future__ import annotations

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.selfhosted.jitsi.plugins.filter.hocon import FilterModule

READ = FilterModule().filters()["from_hocon"]


@pytest.mark.parametrize(
    ("text", "data"),
    [
        ("", {}),
        ("{}", {}),
        ("\ufeffa { b.c = 1 }\na.b.d = two words # no more\n", {"a": {"b": {"c": 1, "d": "two words"}}}),
        ("a = [1, {b: null}, true, 1.5]", {"a": [1, {"b": None}, True, 1.5]}),
        ("a = 1\na = 2", {"a": 2}),
        ("a = [1] [2]\nb = {x = 1} {y = 2}", {"a": [1, 2], "b": {"x": 1, "y": 2}}),
        ('a = "${b}", include1 = "+="', {"a": "${b}", "include1": "+="}),
        ('a = "\ud83d\ude00"', {"a": "😀"}),
    ],
)
def test_text_is_read_as_the_library_reads_it(text, data):
    assert READ(text) == data


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            "a = 1\nb = ${c}",
            "line 2: column 5: the value of this substitution is known only to the program; write the value instead",
        ),
        ("b = [1,\n ${?c}]", "line 2: column 2: the value of this substitution"),
        ("b = [{c = [1] ${d}}]", "line 1: column 15: the value of this substitution"),
        ("c = 1\nb = x ${c}", "line 2: column 7: the value of this substitution"),
        ('a = 1\n include "x"', "line 2: column 2: the values of this include are known only to the program"),
        ("a = ${b}\na = 1", "line 1: column 5: the value of this substitution"),
        ('a { include file("x") }\na = 1', "line 1: column 5: the values of this include"),
        ("include1 = []\ninclude1 += 1", "line 2: column 1: this += adds to a list"),
        ("a {\n  b += 1\n}", "line 2: column 3: this += adds to a list"),
        ("a = ]", "line 1: column 5: "),
        ("[1]", "line 1: column 1: the file is a list"),
        ("a = 1\nb = \udce9", "line 2: column 5: this is not UTF-8"),
        ("a = 1\nb = \ud800", "line 2: column 5: this is not UTF-8"),
        (b"a = 1", "the value is a bytes; use the text of a file"),
        ({"a": 1}, "the value is a dict; use the text of a file"),
    ],
)
def test_what_the_text_does_not_say_is_refused(text, words):
    with pytest.raises(AnsibleFilterError) as refused:
        READ(text)
    assert words in str(refused.value)
    assert str(refused.value).startswith("from_hocon: ")
