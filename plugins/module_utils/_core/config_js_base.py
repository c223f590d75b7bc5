# Copyright: Contributors to the selfhosted.jitsi project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# This module util is PRIVATE to the collection and may change at any time.

"""What the tokens of a config.js say about config, as far as that can be told without running it."""

from __future__ import annotations

import json
import re
from typing import Iterator, Pattern, Sequence

from .config_js_text import Path
from .javascript_text import COMMENT, EOL, NAME, NUMBER, PUNCTUATOR, REGEX, STRING, TEMPLATE, Token, tokens
from .masking import MASK, before_secret, holds_secret

_GLOBALS = frozenset(("window", "self", "globalThis"))
_LITERALS = frozenset((STRING, NUMBER, TEMPLATE, REGEX))
_WORDS = frozenset(("true", "false"))
_NAMES = frozenset((NAME, STRING, TEMPLATE))
_COMPUTING = ("+", "-", "*", "/", "%", "**", "<<", ">>", ">>>", "&", "|", "^", "&&", "||", "??")
_ASSIGNING = frozenset((":", "=", *(operator + "=" for operator in _COMPUTING)))


def declares_config(program: Sequence[Token]) -> bool:
    """Whether ``config`` is used outside of every bracket, or made a global variable anywhere."""
    code = [token for token in program if token.kind != COMMENT]
    return any(_is_config(code, index) for index in range(len(code)))


def _is_config(code: Sequence[Token], index: int) -> bool:
    token = code[index]
    if token.kind != NAME or token.text != "config":
        return False
    before = code[index - 1] if index else None
    if before is not None and before.text in (".", "?."):
        return index > 1 and code[index - 2].text in _GLOBALS
    return token.depth == 0 or (before is not None and before.kind == NAME and before.text == "var")


def definitions(program: Sequence[Token]) -> Iterator[tuple[Path, int]]:
    """Yield the paths below config that seem to be assigned, and where, in order."""
    code = [token for token in program if token.kind != COMMENT]
    objects: list[tuple[int, Path]] = []
    for index, token in enumerate(code):
        if objects and token.text == "}" and token.depth < objects[-1][0]:
            objects.pop()
        path, following = _assigned(code, index, objects)
        if following is None:
            continue
        if path:
            yield path, token.start
        if following + 1 < len(code) and code[following + 1].text == "{":
            objects.append((code[following + 1].depth + 1, path))


def _assigned(code: Sequence[Token], index: int, objects: Sequence[tuple[int, Path]]) -> tuple[Path, int | None]:
    """The path that begins at a token, and where its = or : stands, if it is assigned here."""
    token = code[index]
    if objects and token.depth == objects[-1][0] and code[index - 1].text in ("{", ","):
        is_name = token.kind in (NAME, STRING, NUMBER) and _text(code, index + 1) == ":"
        return ((*objects[-1][1], _name(token)), index + 1) if is_name else ((), None)
    if not _is_config(code, index):
        return (), None
    steps, following = _steps(code, index + 1)
    return steps, following if _text(code, following) == "=" else None


def _steps(code: Sequence[Token], index: int) -> tuple[Path, int]:
    """The elements of a chain such as ``.a["b"]``, and where it ends."""
    elements = []
    while True:
        if _text(code, index) == "." and index + 1 < len(code):
            elements.append(code[index + 1].text)
            index += 2
        elif _text(code, index) == "[" and _text(code, index + 2) == "]":
            elements.append(_name(code[index + 1]))
            index += 3
        else:
            return tuple(elements), index


def _text(code: Sequence[Token], index: int) -> str:
    token = code[index] if index < len(code) else None
    return token.text if token is not None and token.kind == PUNCTUATOR else ""


def _name(token: Token) -> str:
    if token.kind != STRING:
        return token.text
    try:
        return json.loads('"' + token.text[1:-1] + '"')
    except ValueError:
        return token.text[1:-1]


def without_secrets(text: str, secret: Pattern[str], labels: dict[str, dict[str, str]]) -> str:
    """The text with the values of secret names masked, in the code and in its comments.

    :param labels: the masks that were given so far, by name and by value, so two texts can share them.
    """
    program = list(tokens(text))
    code = [token for token in program if token.kind != COMMENT]
    masks = {token.start: label for token, label in _hidden(code, secret, labels)}
    in_comment = re.compile(rf"((?:{before_secret(secret).pattern}))[^\r\n]*?(?=\*/\Z|[\r\n]|\Z)", secret.flags)
    pieces: list[str] = []
    position, beside = 0, False
    for token in program:
        between = text[position : token.start]
        # What stands on the line of a secret may say what it was.
        beside = token.start in masks or (beside and not EOL.search(between))
        pieces.append(between)
        if token.kind != COMMENT:
            pieces.append(masks.get(token.start, token.text))
        elif beside:
            pieces.append(f"{token.text[:2]} {MASK}" + (" */" if token.text.startswith("/*") else ""))
        else:
            pieces.append(in_comment.sub(rf"\1{MASK}", token.text))
        position = token.end
    return "".join([*pieces, text[position:]])


def _hidden(
    code: Sequence[Token], secret: Pattern[str], labels: dict[str, dict[str, str]]
) -> Iterator[tuple[Token, str]]:
    """The literals behind a secret name, up to the comma, semicolon or bracket that ends its value."""
    name, begin, depth = "", 0, 0
    for index, token in enumerate(code):
        if name and index > begin:
            if token.depth < depth or (token.depth == depth and token.text in (",", ";")):
                name = ""
            elif token.kind in _LITERALS or token.text in _WORDS:
                yield token, _label(name, token.text, labels)
        elif token.kind in (STRING, TEMPLATE) and holds_secret(token.text, secret):
            yield token, _label("", token.text, labels)
        if not name and index >= begin and token.kind in _NAMES:
            begin = _chain(code, index)
            name = _name_of(code[index:begin])
            if _text(code, begin) not in _ASSIGNING or not secret.search(name):
                name = ""
            else:
                # The name may stand in brackets that the value does not.
                depth = code[begin].depth


def _chain(code: Sequence[Token], index: int) -> int:
    """Where the chain of names ends that begins at a token, such as ``config.a["b"]``, or ``"b"]`` in it."""
    return _steps(code, index + 1 + (_text(code, index + 1) == "]"))[1]


def _name_of(chain: Sequence[Token]) -> str:
    return ".".join(_name(token) for token in chain if token.kind != PUNCTUATOR)


def _label(name: str, value: str, labels: dict[str, dict[str, str]]) -> str:
    known = labels.setdefault(name, {})
    return known.setdefault(value, f"{MASK} (value {len(known) + 1})" if known else MASK)
