# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""The lines that config_js writes into a config.js: keys, literals and assignments."""

from __future__ import annotations

import json
import math
import re
from typing import Any, Iterable, Sequence, Tuple

from ..errors import CoreError

Path = Tuple[str, ...]

BEGIN = "// BEGIN selfhosted.jitsi.config_js"
END = "// END selfhosted.jitsi.config_js"
_NAME_OF_MARKS = "selfhosted.jitsi.config_js"
_MARK = re.compile(rf"\W*(?:BEGIN|END)[ \t]+{re.escape(_NAME_OF_MARKS)}\W*")
_LINE_END = re.compile("\r\n|[\r\n\u2028\u2029]")
DECLARATION = "var config = config || {};"

_ELEMENT = re.compile(r'"(?:[^"\\]|\\.)*"|\'[^\']*\'|[^\s."\'\[\]]+', re.DOTALL)
_IDENTIFIER = re.compile(r"[A-Za-z_$][A-Za-z0-9_$]*")
_ASSIGNMENT = re.compile(r'config((?:\.[A-Za-z_$][A-Za-z0-9_$]*|\["(?:[^"\\]|\\.)*"\])+) = (.*);', re.DOTALL)
_STEP = re.compile(r'\.([A-Za-z_$][A-Za-z0-9_$]*)|\[("(?:[^"\\]|\\.)*")\]', re.DOTALL)
# Every object has these already, so a path through one would change all objects of the page.
_INHERITED = frozenset(("__proto__", "constructor", "hasOwnProperty", "isPrototypeOf", "propertyIsEnumerable")) | {
    "toLocaleString",
    "toString",
    "valueOf",
    "__defineGetter__",
    "__defineSetter__",
    "__lookupGetter__",
    "__lookupSetter__",
}
_LARGEST_INTEGER = 2**53 - 1
_DEEPEST = 50


def holds_mark(comment: str) -> bool:
    """Whether a line of a comment is a mark and nothing else; prose may mention one."""
    return _NAME_OF_MARKS in comment and any(_MARK.fullmatch(line) for line in _LINE_END.split(comment))


def path_of(key: str, where: str) -> Path:
    """The elements of a key such as ``p2p.stunServers`` or ``a."b.c"``.

    :raises CoreError: for an empty element, a wrong quote, or a name that every object has.
    """
    elements: list[str] = []
    position = 0
    while True:
        match = _ELEMENT.match(key, position)
        if match is None or key[match.end() : match.end() + 1] not in ("", "."):
            raise CoreError(
                f"{where}: the key is not valid at character {position + 1}; separate names with dots,"
                ' and put a name with dots, blanks, quotes or brackets in quotes, for example a."b.c"'
            )
        elements.append(_element(match.group(), where))
        if match.end() == len(key):
            break
        position = match.end() + 1
    _require_safe(elements, where)
    if key.startswith("config."):
        raise CoreError(f'{where}: keys are relative to config; remove "config.", or put config in quotes')
    return tuple(elements)


def _element(text: str, where: str) -> str:
    plain = text[1:-1] if text[0] == "'" else text
    try:
        # As JSON reads it back, where two surrogates become one character.
        element: str = json.loads(text if text[0] == '"' else json.dumps(plain))
    except ValueError:
        raise CoreError(f"{where}: {text} is not a JSON string; correct its escapes") from None
    return element


def _require_safe(path: Sequence[str], where: str) -> None:
    if len(path) > _DEEPEST:
        raise CoreError(f"{where}: the key has more than {_DEEPEST} elements; shorten it")
    for element in path:
        if not element:
            raise CoreError(f"{where}: an element of the key is empty; use the name of a setting")
        if element in _INHERITED:
            raise CoreError(
                f"{where}: every JavaScript object already has {element}, so it cannot be a setting; use another key"
            )


def key_of(path: Sequence[str]) -> str:
    """A path as users write it."""
    bare = (element if _ELEMENT.fullmatch(element) and element[0] not in "\"'" else None for element in path)
    return ".".join(_dumped(element) if name is None else name for name, element in zip(bare, path))


def literal_of(value: Any, where: str) -> str:
    """A value as a JavaScript literal in ASCII, which no HTML parser and no server-side include takes for its own.

    :raises CoreError: for what JSON or JavaScript cannot hold.
    """
    _require_json(value, where, 0)
    return _dumped(value)


def _dumped(value: Any) -> str:
    # A "<" only occurs inside of strings. ASCII covers U+2028 and U+2029, which were no part of strings before 2019.
    return json.dumps(value, allow_nan=False).replace("<", "\\u003c")


def _require_json(value: Any, where: str, depth: int) -> None:
    if depth > _DEEPEST:
        raise CoreError(f"{where}: the value has more than {_DEEPEST} nested levels; set its parts one by one")
    if value is None or isinstance(value, (bool, str)):
        return
    if isinstance(value, (int, float)):
        _require_number(value, where)
    elif isinstance(value, (list, tuple)):
        for inner in value:
            _require_json(inner, where, depth + 1)
    elif isinstance(value, dict):
        for name, inner in value.items():
            _require_name(name, where)
            _require_json(inner, where, depth + 1)
    else:
        raise CoreError(f"{where}: JSON has no values of type {type(value).__name__}; put it in quotes")


def _require_number(value: float, where: str) -> None:
    if isinstance(value, int) and abs(value) > _LARGEST_INTEGER:
        raise CoreError(f"{where}: the integer is too large for JavaScript; put it in quotes")
    if not math.isfinite(value):
        raise CoreError(f"{where}: the number is not finite, and JSON has only finite numbers; use another value")


def _require_name(name: Any, where: str) -> None:
    if not isinstance(name, str):
        raise CoreError(f"{where}: a name in the value is a {type(name).__name__}, not a string; put it in quotes")
    if name == "__proto__":
        raise CoreError(f"{where}: __proto__ is not allowed as a name in a JavaScript value; remove it")


def require_apart(paths: Iterable[Path]) -> None:
    """Refuse settings that contain each other.

    :raises CoreError: where one path begins with another.
    """
    known = set(paths)
    for path in sorted(known):
        for length in range(1, len(path)):
            if path[:length] in known:
                raise CoreError(
                    f"{key_of(path)} is inside {key_of(path[:length])}, and only one of them can be set;"
                    " remove one, or give it state absent if an earlier run has set it"
                )


def written(settings: dict[Path, str], declare: bool) -> list[str]:
    """The lines of a block, without its marks."""
    lines = [DECLARATION] if declare else []
    parents: set[Path] = set()
    for path, literal in settings.items():
        for length in range(1, len(path)):
            if path[:length] not in parents:
                parents.add(path[:length])
                lines.append(_guard(path[:length]))
        lines.append(f"{_target(path)} = {literal};")
    return lines


def _target(path: Path) -> str:
    steps = (f".{name}" if _IDENTIFIER.fullmatch(name) else f"[{_dumped(name)}]" for name in path)
    return "config" + "".join(steps)


def _guard(path: Path) -> str:
    """What replaces whatever cannot hold settings, such as nothing, null, a number or text."""
    target = _target(path)
    return f"if (Object({target}) !== {target}) {target} = {{}};"


def read(lines: Sequence[str], first: int) -> dict[Path, str]:
    """The settings in the lines of a block.

    :param first: the number of the first line in the file.
    :raises CoreError: for a line that this module has not written so.
    """
    settings: dict[Path, str] = {}
    for number, line in enumerate(lines, first):
        if not line.startswith("if (") and line != DECLARATION:
            path, literal = _read_assignment(line, number)
            settings[path] = literal
    expected = written(settings, lines[:1] == [DECLARATION])
    if not settings or expected != list(lines):
        shorter = min(len(lines), len(expected))
        raise _hand_edited(first + next((at for at in range(shorter) if lines[at] != expected[at]), shorter))
    return settings


def _read_assignment(line: str, number: int) -> tuple[Path, str]:
    match = _ASSIGNMENT.fullmatch(line)
    if match is None:
        raise _hand_edited(number)
    try:
        path = tuple(name or json.loads(quoted) for name, quoted in _STEP.findall(match.group(1)))
        _require_safe(path, "")
        return path, literal_of(json.loads(match.group(2)), "")
    except (ValueError, RecursionError, CoreError):
        raise _hand_edited(number) from None


def _hand_edited(number: int) -> CoreError:
    return CoreError(
        "this line between the marks of selfhosted.jitsi.config_js was changed by hand;"
        f" undo the change, or remove everything from '{BEGIN}' to '{END}' and run the module again",
        number,
    )
