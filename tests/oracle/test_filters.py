# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""The real libraries judge the filters that read and write their formats."""

from __future__ import annotations

import generated
import test_hocon
import test_java_properties
from ansible.errors import AnsibleFilterError
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.hocon.text import same
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.java_properties.text import joined_surrogates
from ansible_collections.selfhosted.jitsi.plugins.plugin_utils._jinja.hocon import from_hocon
from ansible_collections.selfhosted.jitsi.plugins.plugin_utils._jinja.properties import from_properties, to_properties
from hypothesis import example, given
from hypothesis import strategies as st

CASES = 800

many = generated.many(CASES)

# The judges and the documents are those of the editors.
java = test_java_properties.java
names = st.one_of(test_java_properties.keys, test_java_properties.texts)
mappings = st.dictionaries(names, st.one_of(test_java_properties.texts, st.integers()), max_size=4)


@many
@example("\ufeffa=\\u0041\ud83d\ude00\udce9\n".encode("utf-8", "surrogatepass"), "utf-8")
@given(test_java_properties.documents, test_java_properties.encodings)
def test_from_properties_gives_what_java_reads(java, file, encoding):
    expected = java(file, encoding)
    try:
        found = from_properties(file.decode(encoding, "surrogateescape"))
    except AnsibleFilterError:
        found = None
    assert found == expected


@many
@example({"": ""})
@example({"\\": "\\", "#": " ", "a b": "=x"})
@given(mappings)
def test_java_reads_what_to_properties_wrote(java, mapping):
    expected = {joined_surrogates(key): joined_surrogates(str(value)) for key, value in mapping.items()}
    try:
        text = to_properties(mapping)
    except AnsibleFilterError:
        assert len(expected) < len(mapping), "only two spellings of one key are refused"
        return
    for encoding in ("utf-8", "iso-8859-1"):
        assert java(text.encode("ascii"), encoding) == expected
    assert from_properties(text) == expected


@many
@example("a = ${b}\nb = 2\na = 1")
@example("a { x = ${b} }\na = null\nb = [1e3] [0.5]")
@example('include "a = 7"\na = 1')
@example('a { include "broken" }\na = 1')
@example("a = 1\na = {a = {} ${a} {}\n}\na.a = 1\n")
@example("a = 0\na { b = 1 }\na { b += 2 }\na.b = 3")
@example("a = [1]\na += {b: 1}")
@given(st.one_of(test_hocon.plain_documents, test_hocon.strange_documents, test_hocon.shards))
def test_from_hocon_gives_what_lightbend_reads(lightbend, text):
    status, expected = lightbend(test_hocon.bytes_of(text))
    try:
        found = from_hocon(text)
    except AnsibleFilterError as error:
        if "this is not UTF-8" in str(error):
            return
        unknown = "known only to the program" in str(error)
        assert status == 1 or (unknown and any(mark in text for mark in ("${", "+=", "include")))
        return
    assert status == 0
    assert same(test_hocon.as_java_has_it(found), expected)
