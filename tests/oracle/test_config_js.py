# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Node judges what the core of config_js reads and writes."""

from __future__ import annotations

import copy
import importlib.util
import json
import re
import shutil
from pathlib import Path

import generated
import pytest
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.config_js.block import BEGIN, END, written
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.config_js.edit import decide, edits_from, masked
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.errors import CoreError
from ansible_collections.selfhosted.jitsi.plugins.module_utils._module import config_js as module
from hypothesis import assume, example, given, reject
from hypothesis import strategies as st

CASES = 500
_UNIT = Path(__file__).parents[1] / "unit/plugins/module_utils/_core/config_js/test_edit.py"
_SPECIFICATION = importlib.util.spec_from_file_location("unit_test_config_js", _UNIT)
#: The files of the unit tests.
unit = importlib.util.module_from_spec(_SPECIFICATION)
_SPECIFICATION.loader.exec_module(unit)
STOCK = Path(__file__).parents[1] / "lab/repository/packages"

many, few = generated.many(CASES), generated.few(CASES)

# Files that node runs.

COMMENTS = [
    "// it's {\n",
    '/* " ` { */',
    "/* a\n * ' */\n",
    "//\n",
    "<!-- ( ' in HTML\n",
    "\n--> } HTML\n",
    "/**/ ",
    " ",
]
COMMENTS += [
    f"// not between {BEGIN} and {END}\n",
    f"// see '{BEGIN[3:]}', or\n".replace("BEGIN", "begin"),
    "// caf\udce9\n",
    "\u2028",
    "// a\u2028",
    "\t\ufeff",
]
STATEMENTS = [
    'var subdomain = \'<!--# echo var="subdomain" default="" -->\';',
    "if (typeof subdomain === 'string' && subdomain.startsWith('<!--')) {\n    subdomain = '';\n}",
    "var expression = /[/\"'`}\\]]\\/*{(/g;",
    "var four = 8 / 2 / 1",
    "var text = `it's ${ { a: `}${ '`' }` }.a } } \\` {`;",
    "var long = 'a\\\n{ b\\'';",
    "if (/'/.test('x')) { f(1) } else /}/.test('`')",
    "do f(1); while (false)",
    "var g = (a, b) => ({ a, b }), h = { if: 1, get x() { return 1 } }.if / 2;",
    "f(1) / 2 // '",
    ";[1, 2].map(a => { return a })",
    "label: { break label }",
    "var last = f",
    "class A { 'b'() { return 1 / 2 } }",
]
FUNCTION = "function f(a) { return /}'/.test(a) ? { b: 1 } : a++ / 2; }"
LATER = [
    "config.seen = typeof config.a",
    "config.later = { b: [ 1, '}' ] } // {",
    "(function () { config.b = 1 })()",
    "if (f) config.c = 'late'; else config.c = /late/.source;",
    "config.d = `${config.a}`",
]
NAMES = [
    "a",
    "b",
    "c",
    "p2p",
    "stunServers",
    "if",
    "a-b",
    "a.b",
    "0",
    "1",
    "é",
    "",
    "config",
    "'",
    '"',
    "]",
    "</script>",
]
names = st.one_of(st.sampled_from(NAMES), st.text(max_size=4))
letters = st.sampled_from(
    [*"ab'\"\\`{}[]()/*<>!-#$;:=.\n\r\t\x00\x7f\u2028\u2029é", "\ufeff", "😀", "</script>", "<!--"]
)
texts = st.one_of(
    st.sampled_from(["", "true", "null", "10000", "</SCRIPT>", "<!--# echo -->", "\\u003c", BEGIN, END, "${x}"]),
    st.lists(letters, max_size=6).map("".join),
    st.text(max_size=6),
)
numbers = st.one_of(
    st.integers(-(2**53) + 1, 2**53 - 1), st.floats(allow_nan=False, allow_infinity=False), st.just(10000)
)
leaves = st.one_of(st.none(), st.booleans(), numbers, texts)
safe_names = names.filter(lambda name: name != "__proto__")
values = st.recursive(
    leaves,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(safe_names, inner, max_size=3)),
    max_leaves=5,
)


@st.composite
def written_values(draw, depth=0):
    """A value as somebody may have written it."""
    kind = draw(st.sampled_from(["leaf", "leaf", "other", "array", "object"] if depth < 3 else ["leaf"]))
    if kind == "leaf":
        return json.dumps(draw(leaves))
    if kind == "other":
        return draw(
            st.sampled_from(["'it\\'s }'", "`{${1}`", "/[}]/", "1 / 2", "(function () {})", "0x1F", "-.5e+3", "{}"])
        )
    gap = st.one_of(st.just(" "), st.sampled_from(COMMENTS))
    items = []
    for name in draw(st.lists(names, max_size=2)):
        key = draw(st.sampled_from([json.dumps(name), f"'{name}'", name]))
        if key != json.dumps(name) and not re.fullmatch("[a-z][a-z0-9]*", name):
            key = json.dumps(name)
        prefix = f"{key}{draw(gap)}:" if kind == "object" else ""
        items.append(draw(gap) + prefix + draw(gap) + draw(written_values(depth + 1)))
    closing = "," if items and draw(st.booleans()) else ""
    return ("{%s%s%s}" if kind == "object" else "[%s%s%s]") % (",".join(items), closing, draw(gap))


@st.composite
def documents(draw):
    """The bytes of a file that defines config, as node can mostly run it."""
    statements = st.lists(st.sampled_from(STATEMENTS + COMMENTS), max_size=3, unique=True)
    later = st.lists(st.sampled_from(STATEMENTS + COMMENTS + LATER * 2), max_size=3)
    first = draw(st.sampled_from(["", "", "'use strict';", "\ufeff", "#!/usr/bin/node {"]))
    word = draw(st.sampled_from(["var ", "var ", "let ", "const ", ""]))
    members = draw(st.dictionaries(names, written_values(), max_size=3))
    body = ",".join(f"\n    {json.dumps(name)}: {value}" for name, value in members.items())
    config = f"{word}config = {{{body}\n}}{draw(st.sampled_from([';', '']))}"
    lines = [first, *draw(statements), FUNCTION, config, *draw(later)]
    text = "\n".join(lines) + draw(st.sampled_from(["\n", "\n", "", "\n\n", " ", "// '", "\r"]))
    return text.replace("\n", draw(st.sampled_from(["\n", "\n", "\r\n", "\r"]))).encode("utf-8", "surrogateescape")


def quoted(path):
    return ".".join(json.dumps(name) for name in path)


good_names = names.filter(lambda name: name and name not in dir_of_object)
dir_of_object = {"__proto__", "constructor", "toString", "valueOf", "hasOwnProperty"}
paths = st.lists(good_names, min_size=1, max_size=3).map(tuple)
wishes = st.lists(
    st.tuples(paths, values, st.sampled_from(["present", "present", "present", "absent"])),
    min_size=1,
    max_size=3,
    unique_by=lambda wish: json.dumps(wish[0]),
)

# What trips tokenizers, in any order.
SOUP = ["/", "/", "'", '"', "`", "${", "{", "}", "(", ")", "[", "]", "\\", "\n", "\n", "//", "/*", "*/", "<!--", "-->"]
SOUP += ["a", "1", "1.", ".5", "=", "+", "++", "--", ";", ",", ":", "?", ".", "?.", "=>", "!", "#", " ", "0x1", "e+1"]
SOUP += ["if (a)", "while (0)", "do", "else", "return", "typeof", "in", "of", "case 1:", "let", "function a()", "class"]
SOUP += [
    "config",
    "var a",
    "a = {}",
    "{a: 1}",
    "/a/g",
    "/[/]/",
    "()",
    "=> {}",
    "x: {",
    "yield",
    "await",
    "for (;0;)",
    "new",
]
soups = st.lists(st.sampled_from(SOUP), max_size=9).map(lambda parts: "var config = {}, a = 1\n" + " ".join(parts))
tight_soups = st.lists(st.sampled_from(SOUP), max_size=9).map(lambda parts: "var config = {}, a = 1\n" + "".join(parts))


@pytest.fixture(scope="session")
def node(pytestconfig):
    """What node makes of a file: ``node(file)`` gives ``config``, or ``error`` and ``parsed``."""
    if shutil.which("node") is None:
        pytest.skip("node is not installed; install it, for example with the package nodejs")
    conftest = pytestconfig.pluginmanager.get_plugin(str(Path(__file__).with_name("conftest.py")))
    judge = conftest.Judge(["node", str(Path(__file__).parent / "node" / "config_judge.js")])
    yield lambda file: json.loads(judge.ask(file))
    judge.close()


def decided(file, wanted):
    return decide(
        file, edits_from({"key": quoted(path), "value": value, "state": state} for path, value, state in wanted)
    )


def typed(value):
    """Values that JavaScript tells apart, as text: 1 and 1.0 are the same to it, and true and 1 are not."""
    if isinstance(value, dict):
        return sorted((name.encode("utf-16", "surrogatepass"), typed(inner)) for name, inner in value.items())
    if isinstance(value, list):
        return [typed(inner) for inner in value]
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return repr(float(value) + 0.0)
    return json.dumps(value)


def assigned(config, path, value):
    """The config with one more assignment, as JSON can show it."""
    if not path:
        return value
    config = copy.copy(config) if isinstance(config, (dict, list)) else {}
    if isinstance(config, list):
        index = int(path[0]) if path[0] in ("0", "1") else len(config) + 1
        assume(index <= len(config))
        config[index : index + 1] = [assigned(config[index] if index < len(config) else None, path[1:], value)]
    else:
        config[path[0]] = assigned(config.get(path[0]), path[1:], value)
    return config


def apart(wanted):
    there = [path for path, _value, state in wanted if state == "present"]
    return not any(one != other and one == other[: len(one)] for one in there for other in there)


def assert_in_force(node, before, after, wanted):
    """Node reads what was asked, and everything else as before."""
    base = node(before)
    if not isinstance(base.get("config"), dict):
        reject()
    expected = base["config"]
    for path, value, state in wanted:
        if state == "present":
            expected = assigned(expected, path, value)
    found = node(after)
    assert "config" in found, found
    assert typed(found["config"]) == typed(expected)


@pytest.mark.parametrize("generation", ["2020", "current"])
def test_stock_files(node, generation):
    file = (STOCK / generation / "jitsi-meet-web-config/usr/share/jitsi-meet-web-config/config.js").read_bytes()
    wanted = [(("p2p", "stunServers"), [], "present"), (("disableThirdPartyRequests",), True, "present")]
    wanted += [(("gravatar", "disabled"), True, "present"), (("hosts", "muc"), "</script><!--", "present")]
    after = decided(file, wanted).after
    assert after.startswith(file)
    assert_in_force(node, file, after, wanted)


@many
@example(b"var config = {}", [(("p2p", "stunServers"), [], "present")])
@example(b"var config = {p2p: true}//", [(("p2p", "stunServers"), ["</script>"], "present")])
@example(b"let config = {p2p: 0};\r", [(("p2p", "0"), "\u2028", "present"), (("p2p", "'"), None, "present")])
@given(documents(), wishes)
def test_node_reads_what_was_asked(node, file, wanted):
    assume(apart(wanted))
    try:
        outcome = decided(file, wanted)
    except CoreError as refusal:
        assert "error" in node(file) or "unclear" in str(refusal), refusal
        return
    assert outcome.after.startswith(file)
    assert not re.search(rb"<|[^\x20-\x7e\r\n]", outcome.after[len(file) :])
    assert_in_force(node, file, outcome.after, wanted)
    assert not decided(outcome.after, wanted).changed


PAGE = b"var window = this, self = this, x = [{}, {}], f = () => 1, c = 1, b = 0, a = 1, other = {}, config;\n"
PAGE += b"x.config = {}; class B {}\n"


@pytest.mark.parametrize("text", unit.USES)
def test_node_finds_the_global_variable(node, text):
    """What the page's other scripts have made of config is what the edit changes."""
    after = node(PAGE + b"config = { a: 0, kept: 1 };\n" + decided(text.encode(), [(("a",), 9, "present")]).after)
    assert after["config"]["a"] == 9, after


@pytest.mark.parametrize("text", [text for text in unit.NO_USES if "{}" in text or "config.a" in text])
def test_node_finds_none(node, text):
    found = node(PAGE + b"config = null;\n" + text.encode())
    assert found.get("config", "absent") is None, found


@pytest.mark.parametrize("name", unit.HAZARDS)
def test_node_reads_something_else_than_was_asked(node, name):
    """The assignment that is refused has no effect, or changes another option, too."""
    text, key, _message = unit.HAZARDS[name]
    path = tuple(key.split("."))
    before = PAGE.replace(b", config", b"") + text.encode()
    config = node(before)["config"]
    added = "\n" + "\n".join(written({path: "9"}, False))
    found = node(before + added.encode())
    assert typed(found.get("config")) != typed(assigned(config, path, 9)), found


@many
@given(documents(), wishes, wishes, st.sampled_from(["", "", "\n", "config.late = 1", "\n// last", "\r\n\r\n"]))
def test_settings_of_several_runs(node, file, first, second, foreign):
    known = {path: (path, value, "present") for path, value, state in first if state == "present"}
    known.update((path, (path, value, state)) for path, value, state in second)
    both = [wish for wish in known.values() if wish[2] == "present"]
    assume(apart(first) and apart(both))
    try:
        there = decided(file, first).after
    except CoreError:
        return
    ours = there != file
    there += foreign.encode() if not ours or there.endswith((b"\n", b"\r")) else b""
    after = decided(there, second).after
    assert after.count(BEGIN.encode() + b"\n") + after.count(BEGIN.encode() + b"\r") >= bool(both)
    rest = decided(after, [(path, None, "absent") for path in known]).after
    appended = there[len(file) :].split(END.encode())[-1] if ours else there[len(file) :]
    if ours and after.startswith(file):
        appended = re.sub(rb"^(\r\n|\n|\r)", b"", appended, count=1)
        gap = rest[len(file) : len(rest) - len(appended)]
        assert rest.endswith(appended)
        assert gap == b"" or (appended and not file.endswith((b"\n", b"\r")))
    assert_in_force(node, rest, after, both)


@many
@given(documents(), wishes)
def test_absent_undoes_present(file, wanted):
    assume(apart(wanted))
    try:
        there = decided(file, [(path, value, "present") for path, value, _state in wanted]).after
    except CoreError:
        return
    assert there != file
    assert decided(there, [(path, value, "absent") for path, value, _state in wanted]).after == file


@many
@example("var config = {}, a = 1\nif (a)")
@example("var config = {}, a = 1\nlet")
@example("var config = {}, a = 1\na\n++")
@given(st.one_of(soups, tight_soups))
def test_accepts_what_node_runs(node, text):
    """Whatever node parses is accepted, unless it is unclear; what node cannot parse never becomes a program."""
    file, wanted = text.encode(), [(("p2p", "on"), [1], "present")]
    base = node(file)
    try:
        outcome = decided(file, wanted)
    except CoreError as refusal:
        # A last "let" may be a name, but then it is not worth telling the two apart.
        assert base.get("parsed") is False or re.search("unclear|after let;", str(refusal)), refusal
        return
    assert (base.get("parsed") is False) == (node(outcome.after).get("parsed") is False)
    assert_in_force(node, file, outcome.after, wanted)


@many
@given(documents(), st.integers(0, 400))
def test_cut_files(node, file, length):
    """A file that was cut off somewhere is refused, or is a program of its own."""
    file, wanted = file[:length], [(("p2p", "on"), [1], "present")]
    try:
        after = decided(file, wanted).after
    except CoreError:
        return
    assert (node(file).get("parsed") is False) == (node(after).get("parsed") is False)


@many
@given(documents(), wishes)
def test_mask_hides_every_value_and_shows_every_change(file, wanted):
    assume(apart(wanted))
    try:
        outcome = decided(file, wanted)
    except CoreError:
        return
    before, after = masked(outcome.before, outcome.after, re.compile("^"))
    assert (before != after) == outcome.changed
    for value in re.findall("config[^ ]* = ([^\r\n]*)", after.partition(BEGIN)[2]):
        assert re.fullmatch(r"([\[\]{},:; -]|null|\*{8}|\(value \d+\))*", value)


def run(**options):
    return generated.answer(module, **options)


@few
@given(documents(), wishes)
def test_check_mode_predicts_the_run(tmp_path_factory, file, wanted):
    path = tmp_path_factory.getbasetemp() / "check-config.js"
    path.write_bytes(file)
    wanted = [{"key": quoted(path), "value": value, "state": state} for path, value, state in wanted]
    assume(not re.search(r"\\ud[89a-f]", json.dumps(wanted)))
    options = {"path": str(path), "settings": wanted, "_ansible_diff": True, "_ansible_remote_tmp": str(path.parent)}
    predicted = run(_ansible_check_mode=True, **options)
    assert path.read_bytes() == file
    done = run(**options)
    assert predicted == done
    if not done.get("failed"):
        assert done["changed"] == (path.read_bytes() != file)
        assert not run(**options)["changed"]
