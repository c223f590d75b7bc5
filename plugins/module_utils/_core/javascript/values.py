# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""The texts in a script's settings, each with its name, without those that never count."""

from __future__ import annotations

import re
from typing import Iterator, Sequence, Tuple

from .tokens import COMMENT, NAME, STRING, TEMPLATE, Token, tokens

Path = Tuple[str, ...]  # of names
#: What stands before an assignment that runs only in some cases.
CONDITIONAL = frozenset((")", "else", "&&", "||", "??", "?", ":", "=>"))
#: An escape in a string. The last alternative is one that is not known here.
_ESCAPE = re.compile(
    r"\\(?:x(?P<byte>[0-9A-Fa-f]{2})|u(?P<unit>[0-9A-Fa-f]{4})|u\{0*(?P<point>[0-9A-Fa-f]{1,6})\}"
    r"|(?P<line>\r\n|[\r\n\u2028\u2029])|(?P<letter>0(?![0-9])|[^0-9xu])|.?)",
    re.DOTALL,
)
_LETTERS = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "v": "\v", "0": "\0"}
_GLOBALS = ("window", "self", "globalThis")


def texts_of(script: str) -> list[tuple[Path, str]]:
    """Every string that counts, with the names that lead to it, such as (config, p2p, stunServers, urls).

    Left out are comments, what a later assignment replaces, and blocks behind ``if (NAME)`` where NAME is always false.

    :raises CoreError: for a script that cannot be read without guessing.
    """
    code = [token for token in tokens(script) if token.kind != COMMENT]
    dead = list(_never_run(code))
    named = list(_named(code))
    replaced = [
        (index, path)
        for index, path in _assignments(code)
        if len(path) > 1 and not any(start < index < end for start, end in dead)
    ]
    return [
        (path, text_of(code[index]))
        for index, path in named
        if not any(start < index < end for start, end in dead)
        and not any(index < later and path[: len(target)] == target for later, target in replaced)
    ]


def text_of(token: Token) -> str:
    """What a string says; as it is written, where that cannot be told exactly."""
    said = exact_text(token)
    return token.text[1:-1] if said is None else said


def exact_text(token: Token) -> str | None:
    """What a string says in a browser, or None for escapes of old scripts and for half characters."""
    try:
        units = _ESCAPE.sub(_unescaped, token.text[1:-1]).encode("utf-16-le", "surrogatepass")
        return units.decode("utf-16-le")
    except ValueError:
        return None


def _unescaped(found: re.Match[str]) -> str:
    """What an escape stands for.

    :raises ValueError: if that depends on the mode of the script, or if no browser reads it.
    """
    number = found["byte"] or found["unit"] or found["point"]
    if number:
        return chr(int(number, 16))
    if found["line"]:
        return ""
    if not found["letter"]:
        raise ValueError(found.group())
    return _LETTERS.get(found["letter"], found["letter"])


def _named(code: Sequence[Token]) -> Iterator[tuple[int, Path]]:
    """The strings, by their position, and the names that lead to each."""
    names: dict[int, Path] = {}
    for index, token in enumerate(code):
        for depth in [depth for depth in names if depth > token.depth]:
            del names[depth]
        if token.text in (",", ";"):
            names.pop(token.depth, None)
        elif token.text == "=":
            names[token.depth] = _chain(code, index)[1]
        elif token.text == ":" and index > 1 and code[index - 2].text in ("{", ","):
            names[token.depth] = (_name(code[index - 1]),)
        elif token.kind in (STRING, TEMPLATE) and not _is_key(code, index):
            yield index, tuple(name for depth in sorted(names) for name in names[depth])


def _is_key(code: Sequence[Token], index: int) -> bool:
    around = [token.text for token in code[max(index - 1, 0) : index + 3]]
    if len(around) < 3 or not index:
        return False
    in_brackets = around[0] == "[" and around[2] == "]" and around[3:] and around[3] in ("=", ".", "[")
    return bool(in_brackets) or (around[2] == ":" and around[0] in ("{", ","))


def _assignments(code: Sequence[Token]) -> Iterator[tuple[int, Path]]:
    """The assignments that always run, by the position of their sign."""
    for index, token in enumerate(code):
        if token.text == "=" and token.depth == 0:
            start, path = _chain(code, index)
            if start == 0 or code[start - 1].text not in CONDITIONAL:
                yield index, path


def _chain(code: Sequence[Token], end: int) -> tuple[int, Path]:
    """Where the chain of names before an = begins, and the names, such as ``config.a["b"]``."""
    names: list[str] = []
    index = end - 1
    while index >= 0:
        if code[index].text == "]" and index > 1 and code[index - 2].text == "[":
            names.append(_name(code[index - 1]))
            index -= 3
            continue
        if code[index].kind != NAME:
            break
        names.append(code[index].text)
        if index == 0 or code[index - 1].text != ".":
            break
        index -= 2
    if len(names) > 1 and names[-1] in _GLOBALS:
        names.pop()
    return max(index, 0), tuple(reversed(names))


def _name(token: Token) -> str:
    return text_of(token) if token.kind == STRING else token.text


def _never_run(code: Sequence[Token]) -> Iterator[tuple[int, int]]:
    """The blocks of ``if (NAME) { }`` for names that are set to false once and never again."""
    for index in range(len(code) - 4):
        words = [token.text for token in code[index : index + 5]]
        if words[:2] == ["if", "("] and words[3:] == [")", "{"] and _is_false(code, words[2]):
            opening = code[index + 4]
            ends = (at for at in range(index + 5, len(code)) if code[at].depth == opening.depth)
            yield index + 4, next(ends, len(code))


def _is_false(code: Sequence[Token], name: str) -> bool:
    values = [
        code[index + 2].text if index + 2 < len(code) else ""
        for index, token in enumerate(code[:-1])
        if token.kind == NAME and token.text == name and code[index + 1].text in ("=", "||=", "??=", "&&=", "|=", "++")
    ]
    return values == ["false"]
