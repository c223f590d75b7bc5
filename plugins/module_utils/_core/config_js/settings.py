# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the tokens of a config.js say about config, as far as that can be told without running it."""

from __future__ import annotations

import re
from typing import Iterator, Mapping, NamedTuple, Pattern, Sequence

from ..editing.masking import MASK, before_secret, holds_secret
from ..javascript.scopes import Script
from ..javascript.tokens import COMMENT, EOL, NAME, NUMBER, PUNCTUATOR, REGEX, STRING, TEMPLATE, Token, tokens
from ..javascript.values import text_of
from .block import Path

_LITERALS = frozenset((STRING, NUMBER, TEMPLATE, REGEX))
_WORDS = frozenset(("true", "false"))
_NAMES = frozenset((NAME, STRING, TEMPLATE))
_COMPUTING = ("+", "-", "*", "/", "%", "**", "<<", ">>", ">>>", "&", "|", "^", "&&", "||", "??")
_ASSIGNING = frozenset((":", "=", *(operator + "=" for operator in _COMPUTING)))


def declares_config(script: Script) -> bool:
    """Whether a script uses the global variable ``config``, by whatever name, and not only one of a function."""
    return any(True for _use in script.uses_of_global("config"))


class Definition(NamedTuple):
    """A path below config that seems to be assigned, where, and the index of the first token of its value.

    ``is_computed`` says that a getter or a setter stands there.
    """

    path: Path
    start: int
    value: int
    is_computed: bool = False


def definitions(script: Script, uses: Mapping[int, int]) -> Iterator[Definition]:
    """Yield what seems to be assigned, in order; the path of config itself is empty.

    :param uses: where config is used, and the index of the token behind each use.
    """
    code = script.code
    objects: list[tuple[int, Path]] = []
    for index, token in enumerate(code):
        if objects and token.text == "}" and token.depth < objects[-1][0]:
            objects.pop()
        found = _assigned(code, index, objects, uses)
        if found is None:
            continue
        yield found
        if not found.is_computed and _text(code, found.value) == "{":
            objects.append((code[found.value].depth + 1, found.path))


def _assigned(
    code: Sequence[Token], index: int, objects: Sequence[tuple[int, Path]], uses: Mapping[int, int]
) -> Definition | None:
    token = code[index]
    if objects and token.depth == objects[-1][0] and code[index - 1].text in ("{", ","):
        above = objects[-1][1]
        if token.text in ("get", "set") and index + 2 < len(code) and code[index + 1].kind in (NAME, STRING, NUMBER):
            return Definition((*above, _name(code[index + 1])), token.start, index + 2, is_computed=True)
        is_name = token.kind in (NAME, STRING, NUMBER) and _text(code, index + 1) == ":"
        return Definition((*above, _name(token)), token.start, index + 2) if is_name else None
    if index not in uses:
        return None
    path, following = steps(code, uses[index])
    return Definition(path, token.start, following + 1) if _text(code, following) == "=" else None


def steps(code: Sequence[Token], index: int) -> tuple[Path, int]:
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
    return text_of(token) if token.kind == STRING else token.text


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
    return steps(code, index + 1 + (_text(code, index + 1) == "]"))[1]


def _name_of(chain: Sequence[Token]) -> str:
    return ".".join(_name(token) for token in chain if token.kind != PUNCTUATOR)


def _label(name: str, value: str, labels: dict[str, dict[str, str]]) -> str:
    known = labels.setdefault(name, {})
    return known.setdefault(value, f"{MASK} (value {len(known) + 1})" if known else MASK)
