# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""The text of HOCON: split into tokens as Lightbend's library splits it, and literals as it reads them back."""

from __future__ import annotations

import json
import math
import re
from typing import Any, NamedTuple, Sequence

from ..errors import CoreError

SPACE, NEWLINE, COMMENT, END = "space", "newline", "comment", "end"
STRING, NUMBER, WORD, UNQUOTED, SUBSTITUTION = "string", "number", "word", "unquoted", "substitution"
SIMPLE = frozenset([STRING, NUMBER, WORD, UNQUOTED])

_WHITE = "\\t\\x0b\\x0c\\r\\x1c-\\x1f \\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000\\ufeff"
_RESERVED = '$"{}\\[\\]:=,+#`^?!@*&\\\\'
_TOKEN = re.compile(
    rf"""(?P<space>[{_WHITE}]+)
    |(?P<newline>\n)
    |(?P<comment>(?:\#|//)[^\n]*)
    |(?P<triple>\"\"\")
    |(?P<string>\")
    |(?P<mark>\+=|[{{}}\[\],:=])
    |(?P<substitution>\$\{{\??)
    |(?P<number>[0-9-][0-9eE+.-]*)
    |(?P<word>true|false|null)
    |(?P<unquoted>[^{_RESERVED}{_WHITE}\n/]|/(?!/))""",
    re.VERBOSE,
)
# The two that may be long are only begun above: a group that repeats takes memory for each time.
_IN_STRING = re.compile(r'["\\\x00-\x1f]')
_AFTER_UNQUOTED = re.compile(rf"[{_RESERVED}{_WHITE}\n]|//")
_CLOSING_QUOTES = re.compile('"{3,}')
_ESCAPE = re.compile(r'\\(u[0-9A-Fa-f]{4}|["\\/bfnrt]|.|$)', re.DOTALL)
_NAMED = {'"': '"', "\\": "\\", "/": "/", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
_TO_ESCAPE = re.compile("[\x7f-\x9f\xad\u200b-\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff\ufeff\ufff0-\uffff]")
_PLAIN_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
_LONG = 1 << 63


class Token(NamedTuple):
    """A piece of the text; all pieces in a row are the text again.

    ``kind`` is one of the names above or, for a punctuation mark, the mark itself.
    """

    kind: str
    start: int
    end: int
    value: Any = None


def place(text: str, offset: int) -> tuple[int, int]:
    """Line and column, both counted from 1."""
    return text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset)


def refuse(text: str, offset: int, message: str) -> CoreError:
    """An error that says where in the file it is."""
    line, column = place(text, offset)
    return CoreError(f"column {column}: {message}", line)


def tokenize(text: str) -> list[Token]:
    """Split a text; the last token is the end.

    :raises CoreError: for text that is no HOCON.
    """
    tokens = []
    position = 0
    while position < len(text):
        token = _token_at(text, position)
        tokens.append(token)
        position = token.end
    tokens.append(Token(END, position, position))
    return tokens


def _token_at(text: str, start: int) -> Token:
    match = _TOKEN.match(text, start)
    if not match:
        raise _no_token(text, start)
    kind, end, raw = match.lastgroup or "", match.end(), match[0]
    if kind == "triple":
        closing = _CLOSING_QUOTES.search(text, end)
        if not closing:
            raise refuse(text, start, 'the string that begins here with """ is not closed; close it with """')
        return Token(STRING, start, closing.end(), text[end : closing.end() - 3])
    if kind == "string":
        end = _string_end(text, end)
        return Token(STRING, start, end, _unescaped(text, start, text[start + 1 : end - 1]))
    if kind == "unquoted":
        after = _AFTER_UNQUOTED.search(text, end)
        return Token(UNQUOTED, start, after.start() if after else len(text))
    if kind == "mark":
        return Token(raw, start, end)
    if kind == "number":
        return _number(text, start, raw)
    if kind == "substitution":
        return _substitution(text, start, end)
    value = {"true": True, "false": False, "null": None}[raw] if kind == "word" else None
    return Token(kind, start, end, value)


def _no_token(text: str, start: int) -> CoreError:
    return refuse(text, start, f"'{text[start]}' is not allowed outside quotes; put the value in double quotes")


def _string_end(text: str, inner: int) -> int:
    position = inner
    while True:
        match = _IN_STRING.search(text, position)
        escapes = match is not None and match[0] == "\\" and text[match.end() : match.end() + 1] not in ("", "\n")
        if match is None or (match[0] != '"' and not escapes):
            message = "the string that begins here is not closed on its line; close it with a quote"
            raise refuse(text, inner - 1, message)
        if not escapes:
            return match.end()
        position = match.end() + 1


def _unescaped(text: str, start: int, body: str) -> str:
    if "\\" not in body:
        return body

    def replaced(match: re.Match[str]) -> str:
        code = match[1]
        if len(code) == 5:
            return chr(int(code[1:], 16))
        if code not in _NAMED:
            offset = start + 1 + match.start()
            raise refuse(text, offset, "unknown escape in a quoted string; write two backslashes for one")
        return _NAMED[code]

    return joined_surrogates(_ESCAPE.sub(replaced, body))


def joined_surrogates(value: str) -> str:
    """Two halves of a character, which Java holds apart, as one."""
    return value.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")


def _number(text: str, start: int, raw: str) -> Token:
    end = start + len(raw)
    try:
        if any(mark in raw for mark in ".eE"):
            return Token(NUMBER, start, end, float(raw))
        # More digits than a long has make a string; counting first spares int() its limit.
        if len(raw.lstrip("-0")) <= 19 and -_LONG <= int(raw) < _LONG:
            return Token(NUMBER, start, end, int(raw))
    except ValueError:
        pass
    if "+" in raw:
        raise refuse(text, start + raw.index("+"), "'+' is not allowed outside quotes; put the value in double quotes")
    return Token(UNQUOTED, start, end)


def _substitution(text: str, start: int, inner: int) -> Token:
    tokens: list[Token] = []
    position = inner
    while position < len(text) and text[position] not in "\n$":
        token = _token_at(text, position)
        position = token.end
        if token.kind == "}":
            path = path_of(text, _without_list_mark(tokens), start)
            return Token(SUBSTITUTION, start, position, path)
        tokens.append(token)
    raise refuse(text, start, "the substitution that begins here is not closed on its line; close it with }")


def _without_list_mark(tokens: Sequence[Token]) -> Sequence[Token]:
    """A path without the ``[]`` behind it, which lets newer libraries make a list of numbered environment variables."""
    inner = tokens[:-1] if tokens and tokens[-1].kind == SPACE else tokens
    return inner[:-2] if [token.kind for token in inner[-2:]] == ["[", "]"] else tokens


def path_of(text: str, tokens: Sequence[Token], start: int) -> tuple[str, ...]:
    """The elements of a path expression.

    :param start: where the expression begins, for errors.
    :raises CoreError: for something that is no path.
    """
    inner = list(tokens)
    while inner and inner[0].kind == SPACE:
        inner.pop(0)
    while inner and inner[-1].kind == SPACE:
        inner.pop()
    elements = [""]
    quoted = [False]
    for token in inner:
        if token.kind == STRING:
            elements[-1] += token.value
            quoted[-1] = True
        elif token.kind in SIMPLE or token.kind == SPACE:
            first, *others = text[token.start : token.end].split(".") if token.kind != SPACE else [_raw(text, token)]
            elements[-1] += first
            elements.extend(others)
            quoted.extend(False for _other in others)
        else:
            raise refuse(text, token.start, "this is not allowed in a path; put the element in double quotes")
    if not all(element or is_quoted for element, is_quoted in zip(elements, quoted)):
        raise refuse(text, start, 'the path has an empty element here; write "" for an empty element')
    return tuple(elements)


def _raw(text: str, token: Token) -> str:
    return text[token.start : token.end]


def parse_path(key: str) -> tuple[str, ...]:
    """The elements of a path that a user wrote.

    :raises CoreError: for something that is no path.
    """
    try:
        return path_of(key, tokenize(key)[:-1], 0)
    except CoreError as error:
        raise CoreError(f"the key is not a HOCON path: {error.message}") from None


def rendered_path(path: Sequence[str]) -> str:
    """A path as it can stand in front of ``=``."""
    return ".".join(_rendered_element(element) for element in path)


def _rendered_element(element: str) -> str:
    if _PLAIN_KEY.fullmatch(element) and not element.startswith(("true", "false", "null", "include")):
        return element
    return _quoted(element)


def _quoted(value: str) -> str:
    return _TO_ESCAPE.sub(lambda match: f"\\u{ord(match[0]):04x}", json.dumps(value, ensure_ascii=False))


def literal(value: Any) -> str:
    """A value as HOCON, on one line; a value from :func:`checked_value`."""
    if isinstance(value, str):
        return _quoted(value)
    if isinstance(value, list):
        return "[" + ", ".join(literal(item) for item in value) + "]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_quoted(key)}: {literal(item)}" for key, item in value.items()) + "}"
    return json.dumps(value)


def checked_value(value: Any, where: str, depth: int = 0) -> Any:
    """The value as plain types.

    :param where: what to call the setting in errors.
    :raises CoreError: for a value that HOCON cannot hold.
    """
    if depth > MAX_DEPTH:
        raise CoreError(f"{where}: the value has more than {MAX_DEPTH} nested levels; reduce the nesting")
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return joined_surrogates(str(value))
    if isinstance(value, (list, tuple)):
        return [checked_value(item, where, depth + 1) for item in value]
    if isinstance(value, dict):
        if not all(isinstance(key, str) for key in value):
            raise CoreError(f"{where}: a key in the value is not a string; put it in quotes")
        return {joined_surrogates(key): checked_value(item, where, depth + 1) for key, item in value.items()}
    return _checked_number(value, where)


def _checked_number(value: Any, where: str) -> Any:
    if isinstance(value, int):
        if -_LONG <= value < _LONG:
            return int(value)
        raise CoreError(f"{where}: the integer does not fit in 64 bits; put it in quotes to write a string")
    if isinstance(value, float):
        if math.isfinite(value):
            return float(value)
        raise CoreError(f"{where}: HOCON has no number for {value}; put it in quotes to write a string")
    raise CoreError(f"{where}: HOCON has no values of type {type(value).__name__}; put it in quotes to write a string")


def same(left: Any, right: Any) -> bool:
    """Whether two values are the same in type and content; 1, 1.0 and true are not."""
    if type(left) is not type(right):
        return False
    if isinstance(left, list):
        return len(left) == len(right) and all(same(*pair) for pair in zip(left, right))
    if isinstance(left, dict):
        return left.keys() == right.keys() and all(same(left[key], right[key]) for key in left)
    return bool(left == right)


MAX_DEPTH = 100
