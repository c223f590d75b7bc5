# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""The filters from_properties and to_properties: what they give, and what they refuse with what words."""

from __future__ import annotations

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.selfhosted.jitsi.plugins.filter.properties import FilterModule

FILTERS = FilterModule().filters()
READ = FILTERS["from_properties"]
WRITE = FILTERS["to_properties"]


@pytest.mark.parametrize(
    ("text", "mapping"),
    [
        ("", {}),
        ("# only a comment\n", {}),
        ("a=1\r\nb : 2\rc 3", {"a": "1", "b": "2", "c": "3"}),
        ("a=1\na=2\n", {"a": "2"}),
        ("long = 1,\\\n    2\n", {"long": "1,2"}),
        ("a\\ b=\\u00e9\\t\nempty\n", {"a b": "é\t", "empty": ""}),
        ("\ufeffa=1\n", {"\ufeffa": "1"}),
        ("\ud83d\ude00=\\ud83d\\ude00\n", {"😀": "😀"}),
        ("a=caf\udce9\n", {"a": "caf\ufffd"}),
        ("a=\udced\udca0\udcbd\n", {"a": "\ufffd"}),
    ],
)
def test_text_is_read_as_java_reads_it(text, mapping):
    assert READ(text) == mapping


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a=1\nb=\\u12\n", "line 2: column 3: Java stops reading here"),
        ("a=1\nb=\ud800\n", "line 2: column 3: U+D800 is half of a character"),
        ("a=1\n\n\ud800", "line 3: column 1: U+D800 is half of a character"),
        (b"a=1", "the value is a bytes; use the text of a file"),
        (None, "the value is a NoneType; use the text of a file"),
        ({"a": "1"}, "the value is a dict; use the text of a file"),
    ],
)
def test_what_is_no_text_of_properties_is_refused(text, words):
    with pytest.raises(AnsibleFilterError) as refused:
        READ(text)
    assert words in str(refused.value)
    assert str(refused.value).startswith("from_properties: ")


@pytest.mark.parametrize(
    ("mapping", "text"),
    [
        ({}, ""),
        ({"b": "2", "a": 4443}, "b=2\na=4443\n"),
        ({"": "", "a b=c:d": " e"}, "=\na\\ b\\=c\\:d=\\ e\n"),
        ({"#a": "é\\\n", "\ufeffb": "😀"}, "\\#a=\\u00e9\\\\\\n\n\\ufeffb=\\ud83d\\ude00\n"),
    ],
)
def test_a_mapping_becomes_text_that_says_it(mapping, text):
    assert WRITE(mapping) == text
    assert READ(text) == {key: str(value) for key, value in mapping.items()}


@pytest.mark.parametrize(
    ("mapping", "words"),
    [
        ({"a": True}, "the key 'a': the value is a bool, not a string; put it in quotes"),
        ({"a": 1.0}, "the key 'a': the value is a float, not a string; put it in quotes"),
        ({"a": ["hidden"]}, "the key 'a': the value is a list, not a string"),
        ({"a": {"b": "hidden"}}, "the key 'a': the value is a dict, not a string"),
        ({"a": b"hidden"}, "the key 'a': the value is a bytes, not a string"),
        ({"a": None}, "the key 'a' has no value; set one, or write \"\" for an empty value"),
        ({1: "hidden"}, "the key 1 is a int, not a string; put it in quotes"),
        ({"😀": "1", "\ud83d\ude00": "hidden"}, "duplicate key '😀'; keep one of them"),
        ("hidden", "the value is a str; use a dictionary"),
        (["hidden"], "the value is a list; use a dictionary"),
    ],
)
def test_what_has_more_than_one_spelling_is_refused_without_its_value(mapping, words):
    with pytest.raises(AnsibleFilterError) as refused:
        WRITE(mapping)
    assert words in str(refused.value)
    assert str(refused.value).startswith("to_properties: ")
    assert "hidden" not in str(refused.value)
