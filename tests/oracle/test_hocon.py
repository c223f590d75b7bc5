# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Lightbend's config library judges what the core of hocon reads and writes."""

from __future__ import annotations

import contextlib
import re
import shutil
import subprocess

import generated
import pytest
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.errors import CoreError
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.hocon.block import BEGIN
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.hocon.document import NotLiteral, evaluate, plain
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.hocon.edit import decide, edits_from
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.hocon.mask import masked
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.hocon.parser import parse
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.hocon.text import rendered_path, same
from ansible_collections.selfhosted.jitsi.plugins.module_utils._module import hocon as module
from hypothesis import assume, example, given
from hypothesis import strategies as st

CASES = 200

many, few = generated.many(CASES), generated.few(CASES)

# Text that is nearly HOCON, to find out where the limits are.
SHARDS = [
    *["a", "b", "K", "K.a", "a.b", "1", "0.5", "-2e3", "1e+5", "007", "3x", "true", "nullx", "include", "é", "😀"],
    *['"a b"', '"x.y"', '""', '"\\u00e9\\n"', '"\\ud83d\\ude00"', '"""t"q\\"""', '""""q""""', '"\\q"', '"x', "'s'"],
    *["=", "=", ":", "+=", "{", "}", "[", "]", ",", ",", "\n", "\n", "\r\n", " ", " ", "\t", "\xa0", "\ufeff", "\x85"],
    *[
        "${?a[]}",
        "${ b [] }",
        "[]}",
        "# \udce9\n",
        "// \udcc3\n",
        "# c",
        "// c\n",
        "/",
        "#",
        "${a}",
        "${?K.b}",
        "${ a . b }",
        "${",
        "$",
        "@",
        "+",
        ".",
        "-",
        "\\",
        "\0",
        "\u2028",
    ],
    *["a = 1\n", "K { a : x y }\n", "K.b=[1, {c=2}]\n", 'include "K=7"\n', 'include file("x")\n', "b = [1\n2,]\n"],
]
shards = st.lists(st.sampled_from(SHARDS), max_size=14).map("".join)

# Documents that mean something.
elements = st.sampled_from([*["a", "b", "c"] * 4, '"d.e"', '"f g"', "include1", "h-i", '""', "10"])
paths = st.lists(elements, min_size=1, max_size=3).map(".".join)
scalars = st.sampled_from(
    ["1", "-5", "1.5", "true", "null", "word", "two words", "10.0.0.1", '"q"', '"#${a}@"', '"""m\n"q"""', "1e3", "/x/y"]
)
references = paths.flatmap(
    lambda path: st.sampled_from([f"${{{path}}}", *[f"${{?{path}}}"] * 3, f"${{?{path}}} x", f"${{?{path}[]}}"])
)
spaces = st.sampled_from(["", " ", "  ", "\t"])
blanks = st.sampled_from(["", "", "", "\n", '# it\'s "a" {comment\n', "\n  // a = 1\n", "\r\n"])
separators = st.sampled_from(
    ["\n", "\n", "\n", ",", ", ", "\r\n", " # c\n", ",\n", "\n,", "\n\n", " // x = {\n", " # \udce9\n"]
)


def lists(values):
    between = st.sampled_from([", ", ",", "\n", " ,\n"])
    return st.tuples(st.lists(values, max_size=3), between, st.sampled_from(["", "\n", " "])).map(
        lambda parts: "[" + parts[2] + parts[1].join(parts[0]) + parts[2] + "]"
    )


def objects(values, deeper=False, strange=False):
    return members(values, deeper, strange).map(lambda inner: "{" + inner + "}")


def field(values, deeper, strange):
    separator = st.sampled_from([" = ", "=", ": ", " : ", " =\n", " = "])
    plain_field = st.tuples(paths, separator, values)
    kinds = [plain_field] * 5
    if deeper:
        kinds += [st.tuples(paths, spaces, objects(values, False, strange))] * 2
    if strange:
        included = st.sampled_from(["a=7", "c.b=8,a.b=9", "c { c = 1 }"])
        kinds.append(st.tuples(paths, separator, references))
        kinds.append(st.tuples(paths, st.just(" += "), scalars))
        kinds.append(st.tuples(st.just("include "), st.just('"'), included, st.just('"')))
    return st.sampled_from(kinds).flatmap(lambda kind: kind).map("".join)


def members(values, deeper=True, strange=False):
    entry = st.tuples(blanks, spaces, field(values, deeper, strange), separators).map("".join)
    return st.tuples(st.lists(entry, max_size=5), blanks).map(lambda parts: "".join(parts[0]) + parts[1])


def nested(*more):
    return st.recursive(
        scalars,
        lambda inner: st.one_of(
            scalars,
            lists(inner),
            objects(inner),
            st.tuples(lists(inner), lists(inner)).map(" ".join),
            *[strategy(inner) for strategy in more],
        ),
        max_leaves=4,
    )


def wholes(values, strange):
    ends = st.sampled_from(["", "", "", "# end", "\n", "// end\r\n"])
    marks = st.sampled_from(["", "", "", "", "\ufeff"])
    return st.one_of(
        st.tuples(marks, members(values, True, strange), ends).map("".join),
        st.tuples(marks, blanks, objects(values, True, strange), st.sampled_from(["", "\n"]), ends).map("".join),
    )


plain_documents = wholes(nested(), False)
strange_documents = wholes(
    nested(lambda inner: st.tuples(objects(inner), references, objects(inner)).map(" ".join)), True
)
documents = st.one_of(plain_documents, strange_documents)

texts = st.one_of(
    st.sampled_from(
        ["", "1", "true", "${a}", "a#b@c", '"""', "\\", " lead", "</script>", "10000", "\u2028\x7f\0", "😀"]
    ),
    st.text(max_size=6).filter(lambda text: not re.search("[\ud800-\udfff]", text)),
)
wanted_values = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-(2**63), 2**63 - 1),
        st.floats(allow_nan=False, allow_infinity=False),
        texts,
    ),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(texts, inner, max_size=3)),
    max_leaves=5,
)
wanted_values = st.one_of(st.sampled_from([1, "1", True, "word", [], {}, {"a": 1}, None]), wanted_values)
wishes = st.lists(
    st.fixed_dictionaries(
        {"key": paths, "value": wanted_values, "state": st.sampled_from(["present"] * 2 + ["absent"])}
    ),
    min_size=1,
    max_size=2,
)


def bytes_of(text):
    return text.encode("utf-8", "surrogateescape")


def require_known(lightbend, text):
    """Drop a case that only newer versions of the library can read."""
    assume(lightbend.knows_lists or not re.search(r"\[\]\s*}", text))


def as_java_has_it(value):
    """Java has no doubles without a fraction."""
    if isinstance(value, dict):
        return {key: as_java_has_it(item) for key, item in value.items()}
    if isinstance(value, list):
        return [as_java_has_it(item) for item in value]
    whole = isinstance(value, float) and value.is_integer() and abs(value) < 2**63
    return int(value) if whole else value


def edits_or_none(wanted):
    try:
        return edits_from(wanted)
    except CoreError:
        return None


def without(tree, path):
    """A copy without a path, and without the objects that hold nothing else on the way there."""
    if not isinstance(tree, dict):
        return tree
    copy = dict(tree)
    if path[0] in copy:
        rest = without(copy[path[0]], path[1:]) if path[1:] else None
        if rest in (None, {}):
            del copy[path[0]]
        else:
            copy[path[0]] = rest
    return copy


def at(tree, path):
    for element in path:
        if not isinstance(tree, dict) or element not in tree:
            return KeyError
        tree = tree[element]
    return tree


@many
@given(shards)
def test_refuses_what_lightbend_refuses(lightbend, text):
    require_known(lightbend, text)
    status, expected = lightbend(bytes_of(text))
    try:
        parsed = parse(text)
    except CoreError as error:
        # Lightbend replaces what is no UTF-8, also where that makes another value of it.
        assume("UTF-8" not in str(error))
        parsed = None
    # What is included may be broken, too, and nobody reads it here.
    assert (parsed is None) == (status == 1) or (parsed is not None and parsed.includes), (status, expected)
    assert parsed is None or "".join(text[token.start : token.end] for token in parsed.tokens) == text


@many
@given(st.one_of(plain_documents, shards))
def test_reads_what_lightbend_reads(lightbend, text):
    status, expected = lightbend(bytes_of(text))
    assume(status == 0 and not ("\udce9" in text or "\udcc3" in text))
    with contextlib.suppress(NotLiteral):
        assert same(as_java_has_it(plain(evaluate(parse(text)), text)), expected)


def aimed(text, wanted, index):
    """The wishes, the first of them for a path that the file defines, or below what a substitution brings."""
    with contextlib.suppress(CoreError):
        parsed = parse(text)
        known = [field.path for field in parsed.fields if not field.in_array]
        brought = [
            (*reference.scope, *path[len(reference.path) :], "x")
            for reference in parsed.references
            for path in known
            if path[: len(reference.path)] == reference.path
        ]
        if brought and index % 4 == 3:
            known = brought
        if known and index % 4 > 1:
            return [dict(wanted[0], key=rendered_path(known[index % len(known)])), *wanted[1:]]
    return wanted


def without_includes(file):
    return re.sub(rb'include "[^"]*"', b'include ""', file)


def require_asked(lightbend, file, edits):
    """Lightbend reads in the edited file what was asked, and everything else as before; or the edit is refused."""
    status, before = lightbend(file)
    try:
        outcome = decide(file, edits)
    except CoreError as error:
        assert status == 1 or "so nothing was written" not in str(error)
        return
    assert status != 1
    assert not decide(outcome.after, edits).changed
    edited = outcome.after
    if outcome.notes and any(edit.state == "absent" for edit in edits):
        # What is included may say more, as the notes say.
        file, edited = without_includes(file), without_includes(edited)
        status, before = lightbend(file)
    status_after, after = lightbend(edited)
    assert status_after != 1
    if status != 0:
        return
    assert status_after == 0
    # An included value may stand where an object has to be made; nobody can see that without reading the include.
    above = [at(before, edit.path[:length]) for edit in edits for length in range(1, len(edit.path))]
    assume(b"include " not in file or all(value is KeyError or isinstance(value, dict) for value in above))
    for edit in edits:
        found = at(after, edit.path)
        assert same(found, as_java_has_it(edit.value)) if edit.state == "present" else found is KeyError
        before, after = without(before, edit.path), without(after, edit.path)
    assert same(before, after)


SHARD2 = "shard { PORT = 5222 }\nshard2 = ${shard} { H = b }\n"


@many
@example("a = 1 # comment", [{"key": "b", "value": 3, "state": "present"}], 0)
@example('a=["x"]; a += "y"', [{"key": "a", "value": ["z"], "state": "present"}], 0)
@example('{\n  "a": 1\n}\n', [{"key": "b", "value": "p#s@w", "state": "present"}], 0)
@example("a {x=1}\na {y=2}", [{"key": "a", "value": {"z": None}, "state": "present"}], 0)
@example('include "a {y=2}"', [{"key": "a", "value": {"z": 1}, "state": "present"}], 0)
@example("x {p=1}\na = ${x}\n", [{"key": "a.p", "value": 2, "state": "present"}], 0)
@example("c = 1\nc.a += 1\n", [{"key": "c.a", "value": 1, "state": "present"}], 0)
@example("c = 1\nc.a = ${?c.a}[1]\n", [{"key": "c.a", "value": 1, "state": "present"}], 0)
@example("c = 1\nc {}\nc.a += 1\n", [{"key": "c.a", "value": 1, "state": "present"}], 0)
@example("b = {a = 1}\na = {}\nb = ${a}\n", [{"key": "b.a.a", "value": 1, "state": "present"}], 0)
@example("b.a.c = 1\nb = ${x}\nb.a = {}\nx {}\n", [{"key": "b.a.c.d", "value": 1, "state": "present"}], 0)
@example('include "c { c = 1 }"\nc.c.a += 1\n', [{"key": "c.c.a", "value": 1, "state": "present"}], 0)
@example('a{include "a=7"\na.a += 1\n}\n', [{"key": "a.a.a", "value": 1, "state": "present"}], 0)
@example("x {b=1}\na=${x}\na.b.c += 1\n", [{"key": "a.b.c", "value": 1, "state": "present"}], 0)
@example(SHARD2, [{"key": "shard2.PORT.x", "value": 1, "state": "present"}], 0)
@example(SHARD2, [{"key": "shard2.PORT", "value": 1, "state": "absent"}], 0)
@example("a.l = [1]\nb = ${?a} {}\n", [{"key": "b.l.x", "value": 1, "state": "present"}], 0)
@example("a.b.c = 1\nd = ${a}\ne.f = ${d} {}\n", [{"key": "e.f.b.c.x", "value": 1, "state": "present"}], 0)
@example('a.b = 1\ninclude "c=2"\n', [{"key": "a.b", "value": 1, "state": "absent"}], 0)
@given(documents, wishes, st.integers(0, 99))
def test_lightbend_reads_what_was_asked(lightbend, text, wanted, index):
    require_known(lightbend, text)
    edits = edits_or_none(aimed(text, wanted, index))
    assume(edits is not None)
    require_asked(lightbend, bytes_of(text), edits)


BLOCK = [{"key": "a", "value": [1], "state": "present"}]
UNRELATED = [{"key": "c", "value": 1, "state": "present"}]


@many
@example("", BLOCK, "a += 2", UNRELATED, 0)
@example("", BLOCK, "a = ${a} [2]", UNRELATED, 0)
@example("", BLOCK, 'include "b=7"', UNRELATED, 0)
@example("", BLOCK, 'include "b=7"', [{"key": "a", "value": [2], "state": "absent"}], 0)
@given(documents, wishes, members(nested(), True, True), wishes, st.integers(0, 99))
def test_lines_behind_the_block(lightbend, text, first, behind, wanted, index):
    first = edits_or_none(first)
    assume(first is not None)
    try:
        there = decide(bytes_of(text), first).after
    except CoreError:
        assume(False)
    file = there + (b"" if there.endswith(b"\n") else b"\n") + bytes_of(behind)
    text = file.decode("utf-8", "surrogateescape")
    require_known(lightbend, text)
    edits = edits_or_none(aimed(text, wanted, index))
    assume(edits is not None)
    require_asked(lightbend, file, edits)


@many
@example("{ b = 1 }", "a", 1)
@example("{}# end", "a.b", {})
@given(documents, paths, wanted_values)
def test_absent_undoes_present(text, key, value):
    present = edits_or_none([{"key": key, "value": value, "state": "present"}])
    file = bytes_of(text)
    try:
        assume(not decide(file, edits_from([{"key": key, "state": "absent"}])).changed)
        there = decide(file, present).after
    except CoreError:
        assume(False)
    assert decide(there, edits_from([{"key": key, "state": "absent"}])).after == file


@many
@given(documents, wishes)
def test_mask_hides_every_value_and_shows_every_change(text, wanted):
    edits = edits_or_none(wanted)
    assume(edits is not None)
    try:
        outcome = decide(bytes_of(text), edits)
    except CoreError:
        return
    shown = masked(outcome.before, outcome.after, re.compile("^", re.DOTALL))
    assert not any(word in shown[0] + shown[1] for word in ("word", "10.0.0.1", "/x/y"))
    assert outcome.changed == (
        masked(outcome.before, outcome.after, re.compile("(?!)"))[0] != outcome.after.decode("utf-8", "surrogateescape")
    )


def run(**options):
    return generated.answer(module, **options)


@few
@given(documents, wishes)
def test_check_mode_predicts_the_run(tmp_path_factory, text, wanted):
    path = tmp_path_factory.getbasetemp() / "check.conf"
    path.write_bytes(bytes_of(text))
    options = {"path": str(path), "settings": wanted, "_ansible_diff": True, "_ansible_remote_tmp": str(path.parent)}
    predicted = run(_ansible_check_mode=True, **options)
    assert path.read_bytes() == bytes_of(text)
    done = run(**options)
    assert predicted == done
    if not done.get("failed"):
        assert done["changed"] == (path.read_bytes() != bytes_of(text))
        assert not run(**options)["changed"]


JVB = """videobridge {
    apis.xmpp-client.configs {
        shard {
            HOSTNAME=localhost
            DOMAIN="auth.jitsi.test"
            USERNAME=jvb
            PASSWORD="p#a${s}s"
            MUC_JIDS="jvbbrewery@internal.auth.jitsi.test"
            MUC_NICKNAME=4f5e-1a
        }
    }
}
ice4j {
    harvest {
        mapping {
            aws { enabled = false }
            stun { addresses = ["meet-jit-si-turnrelay.jitsi.net:443"] }
        }
    }
} # end"""
MAPPINGS = [{"local-address": "192.168.122.120", "public-address": "198.51.100.10"}]
NAT = [
    {"key": "ice4j.harvest.mapping.stun.addresses", "value": [], "state": "present"},
    {"key": "ice4j.harvest.mapping.static-mappings", "value": MAPPINGS, "state": "present"},
]


@pytest.mark.parametrize("text", [JVB, "{" + JVB + "\n}\n", JVB.replace("\n", "\r\n")])
def test_the_file_of_the_package(lightbend, text):
    after = decide(bytes_of(text), edits_from(NAT)).after
    expected = lightbend(bytes_of(text))[1]
    expected["ice4j"]["harvest"]["mapping"].update({"stun": {"addresses": []}, "static-mappings": MAPPINGS})
    assert lightbend(after) == (0, expected)


@pytest.mark.parametrize("braces", [False, True])
def test_the_packages_own_command_can_still_edit_the_file(lightbend, tmp_path, braces):
    if shutil.which("hocon") is None:
        pytest.skip("hocon is not installed; install ruby-hocon")
    file = tmp_path / "jvb.conf"
    text = "{\n" + JVB + "\n}\n" if braces else JVB
    file.write_bytes(decide(bytes_of(text), edits_from(NAT)).after)
    expected = lightbend(file.read_bytes())[1]
    for key, value in [("videobridge.apis.xmpp-client.configs.shard.HOSTNAME", "h"), ("jicofo.x", "y")]:
        subprocess.run(["hocon", "-f", str(file), "set", key, f'"{value}"'], check=True)
    expected["videobridge"]["apis"]["xmpp-client"]["configs"]["shard"]["HOSTNAME"] = "h"
    expected["jicofo"] = {"x": "y"}
    assert lightbend(file.read_bytes()) == (0, expected)
    assert not decide(file.read_bytes(), edits_from(NAT)).changed
    more = [*NAT, {"key": "jicofo.z", "value": "a", "state": "present"}]
    after = decide(file.read_bytes(), edits_from(more)).after
    expected["jicofo"]["z"] = "a"
    assert lightbend(after) == (0, expected)
    assert after.count(BEGIN.encode()) == 1
