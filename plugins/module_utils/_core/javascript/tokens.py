# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""The text of a JavaScript program: split into tokens as a browser splits a classic script, and where it ends."""

from __future__ import annotations

import re
from typing import Iterator, NamedTuple, NoReturn, Pattern

from ..errors import CoreError

NAME, NUMBER, STRING, TEMPLATE = "name", "number", "string", "template"
REGEX, COMMENT, PUNCTUATOR = "regex", "comment", "punctuator"

_WHITESPACE = " \t\v\f\r\n\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff"
_TERMINATORS = "\r\n\u2028\u2029"
BLANK = re.compile(f"[{_WHITESPACE}]*")
EOL = re.compile(f"\r\n|[{_TERMINATORS}]")
_LINE = re.compile(f"[^{_TERMINATORS}]*")
_NAME = re.compile(rf"#?(?:[A-Za-z0-9_$]|[^\x00-\x7f{_WHITESPACE}]|\\u[0-9A-Fa-f]{{4}}|\\u\{{[0-9A-Fa-f]+\}})+")
_NUMBER = re.compile(r"0[xXbBoO][0-9A-Za-z_]+|\.?[0-9](?:[eE][+-][0-9]|[0-9A-Za-z_.])*")
_PUNCTUATOR = re.compile(
    r">>>=|\.\.\.|===|!==|\*\*=|<<=|>>=|>>>|&&=|\|\|=|\?\?=|=>|==|!=|<=|>=|&&|\|\||\?\?|\?\.(?![0-9])|\+\+|--"
    r"|\+=|-=|\*=|%=|&=|\|=|\^=|<<|>>|\*\*|[{}()\[\];,<>+\-*%&|^!~?:=.@]"
)
_IN_STRING = {quote: re.compile(f"[{quote}\\\\\r\n]") for quote in "'\""}
_IN_TEMPLATE = re.compile(r"[`\\]|\$\{")
_IN_REGEX = re.compile(rf"[/\\\[\]{_TERMINATORS}]")

_OPENED_BY = {")": "(", "]": "[", "}": "{"}
_HEADERS = frozenset(("if", "for", "while", "with"))
_BLOCK_HEADERS = _HEADERS | {"switch", "catch"}
_BEFORE_BLOCK = frozenset(("else", "do", "try", "finally"))
_CONTEXTUAL = frozenset(("await", "break", "continue", "debugger", "of", "yield"))
_BEFORE_NEW_NAME = frozenset(("break", "const", "continue", "let", "var"))
_BEFORE_EXPRESSION = frozenset(("case", "delete", "in", "instanceof", "new", "return", "throw", "typeof", "void"))
_UNFINISHED = _BEFORE_BLOCK | _BEFORE_EXPRESSION | {"class", "const", "extends", "function", "let", "var"}
_COMPLETE = frozenset((")", "]", "}", ";", "++", "--"))
_EXPRESSION, _BLOCK, _UNCLEAR = "expression", "block", "unclear"
_DEEPEST = 1000


class UnclearError(CoreError):
    """A script that may be right, but cannot be read without guessing."""


class Token(NamedTuple):
    """A piece of the program. ``role`` says what a closing bracket or a keyword means for what follows."""

    kind: str
    start: int
    text: str
    depth: int
    role: str = ""

    @property
    def end(self) -> int:
        return self.start + len(self.text)


class _Open(NamedTuple):
    bracket: str
    start: int
    role: str


def position_of(text: str, offset: int) -> tuple[int, int]:
    """Line and column of an offset, both counted from 1."""
    line, start = 1, 0
    for match in EOL.finditer(text, 0, offset):
        line, start = line + 1, match.end()
    return line, offset - start + 1


def refuse(text: str, offset: int, problem: str, kind: type[CoreError] = CoreError) -> NoReturn:
    """Raise a CoreError for a place in the text."""
    line, column = position_of(text, offset)
    raise kind(f"column {column}: {problem}", line)


def end_of(pattern: Pattern[str], text: str, start: int = 0) -> int:
    """Where what matches from a place on ends: there, if nothing does."""
    match = pattern.match(text, start)
    return match.end() if match else start


def tokens(text: str) -> Iterator[Token]:
    """Yield every token and comment of a script.

    :raises CoreError: where the text ends inside something, or cannot be read without guessing.
    """
    return _Scanner(text).run()


class _Scanner:
    def __init__(self, text: str) -> None:
        self.text = text
        self.position = 0
        self.stack: list[_Open] = []
        self.last: Token | None = None
        self.last_but_one: Token | None = None
        self.after_newline = True
        self.pending_do: dict[int, int] = {}

    def run(self) -> Iterator[Token]:
        if self.text.startswith("#!"):
            yield self._comment(end_of(_LINE, self.text))
        while self._skip_blank():
            token = self._comment_here() or self._token()
            yield token
            self.position = token.end
            if token.kind == COMMENT:
                self.after_newline = self.after_newline or bool(EOL.search(token.text))
            else:
                self.last_but_one, self.last = self.last, token
                self.after_newline = False
        self._require_end()

    def _skip_blank(self) -> bool:
        end = end_of(BLANK, self.text, self.position)
        if end > self.position:
            self.after_newline = self.after_newline or bool(EOL.search(self.text, self.position, end))
            self.position = end
        return self.position < len(self.text)

    def _refuse(self, problem: str, offset: int | None = None, kind: type[CoreError] = CoreError) -> NoReturn:
        refuse(self.text, self.position if offset is None else offset, problem, kind)

    # Comments

    def _comment(self, end: int) -> Token:
        token = Token(COMMENT, self.position, self.text[self.position : end], len(self.stack))
        self.position = end
        return token

    def _comment_here(self) -> Token | None:
        text, start = self.text, self.position
        if text[start] not in "/<-":
            return None
        # Browsers read these marks of HTML as comments in every classic script.
        html = text.startswith("<!--", start) or (self.after_newline and text.startswith("-->", start))
        if html or text.startswith("//", start):
            return self._comment(end_of(_LINE, text, start))
        if not text.startswith("/*", start):
            return None
        end = text.find("*/", start + 2)
        if end < 0:
            self._refuse("this comment is not closed; close it with */")
        return self._comment(end + 2)

    # Tokens

    def _made(self, kind: str, end: int, role: str = "") -> Token:
        return Token(kind, self.position, self.text[self.position : end], len(self.stack), role)

    def _token(self) -> Token:
        character = self.text[self.position]
        if character in "'\"":
            return self._string(character)
        if character == "`":
            return self._template("`")
        if character == "/":
            return self._slash()
        mark = _PUNCTUATOR.match(self.text, self.position)
        number = _NUMBER.match(self.text, self.position) if mark is None or character == "." else None
        if number:
            return self._made(NUMBER, number.end())
        if mark:
            return self._punctuator(mark.group(), mark.end())
        name = _NAME.match(self.text, self.position)
        if name is None:
            self._refuse("this character is not allowed here; correct the file first")
        return self._name(name.end())

    def _string(self, quote: str) -> Token:
        position = self.position + 1
        while True:
            match = _IN_STRING[quote].search(self.text, position)
            if match is None or match.group() in "\r\n":
                self._refuse(f"this string is not closed; close it with {quote} on the same line")
            if match.group() == quote:
                return self._made(STRING, match.end())
            escaped = EOL.match(self.text, match.end())
            position = escaped.end() if escaped else match.end() + 1

    def _template(self, mark: str) -> Token:
        """A template up to its end or to the next ${, from its beginning or from the } of the last one."""
        position = self.position + len(mark)
        while True:
            match = _IN_TEMPLATE.search(self.text, position)
            if match is None:
                self._refuse("this template string is not closed; close it with `")
            if match.group() == "`":
                return self._made(TEMPLATE, match.end())
            if match.group() == "${":
                token = self._made(TEMPLATE, match.end(), "${")
                self._open("${", _UNCLEAR, match.start())
                return token
            position = match.end() + 1

    def _slash(self) -> Token:
        if self._divides():
            return self._made(PUNCTUATOR, self.position + (2 if self.text.startswith("/=", self.position) else 1))
        position, in_class = self.position + 1, False
        while True:
            match = _IN_REGEX.search(self.text, position)
            if match is None or match.group() in _TERMINATORS:
                self._refuse("this regular expression is not closed; close it with / on the same line")
            position = match.end() + (match.group() == "\\")
            if match.group() == "/" and not in_class:
                flags = _NAME.match(self.text, match.end())
                return self._made(REGEX, flags.end() if flags else match.end())
            in_class = {"[": True, "]": False}.get(match.group(), in_class)

    def _divides(self) -> bool:
        """Whether a slash here divides, and does not begin a regular expression."""
        role = self.last.role if self.last else _BLOCK
        if role in (_UNCLEAR, "contextual") or self._names_something_new():
            problem = "it is unclear whether this / is a division; put the text before or after it in parentheses"
            self._refuse(problem, kind=UnclearError)
        if self.last and self.last.text in ("++", "--") and self.last.kind == PUNCTUATOR:
            return role == _EXPRESSION
        return self._ends_expression()

    def _names_something_new(self) -> bool:
        before, last = self.last_but_one, self.last
        if before is None or last is None:
            return False
        return before.kind == last.kind == NAME and before.text in _BEFORE_NEW_NAME

    def _ends_expression(self) -> bool:
        last = self.last
        if last is None or last.role in (_BLOCK, "header", "keyword", "contextual", "${"):
            return False
        return last.kind != PUNCTUATOR or last.text in _COMPLETE - {";"}

    def _name(self, end: int) -> Token:
        word = self.text[self.position : end]
        if self._follows_a_dot(self.last):
            return self._made(NAME, end)
        depth = len(self.stack)
        if word == "do":
            self.pending_do[depth] = self.pending_do.get(depth, 0) + 1
        keyword = word in _BEFORE_BLOCK or word in _BEFORE_EXPRESSION
        role = "keyword" if keyword else "contextual" if word in _CONTEXTUAL else ""
        return self._made(NAME, end, role)

    @staticmethod
    def _follows_a_dot(before: Token | None) -> bool:
        return before is not None and before.kind == PUNCTUATOR and before.text in (".", "?.")

    def _punctuator(self, mark: str, end: int) -> Token:
        if mark in "([{":
            token = self._made(PUNCTUATOR, end)
            self._open(mark, self._brace_role() if mark == "{" else self._header_role(), self.position)
            return token
        if mark in _OPENED_BY:
            return self._close(mark, end)
        if mark in ("++", "--"):
            return self._made(PUNCTUATOR, end, _EXPRESSION if self._postfix() else "")
        return self._made(PUNCTUATOR, end)

    def _postfix(self) -> bool:
        return self._ends_expression() and not self.after_newline

    def _open(self, bracket: str, role: str, start: int) -> None:
        if len(self.stack) >= _DEEPEST:
            problem = f"more than {_DEEPEST} brackets are open here; use the path of a configuration file"
            self._refuse(problem, kind=UnclearError)
        self.stack.append(_Open(bracket, start, role))

    def _close(self, mark: str, end: int) -> Token:
        if not self.stack:
            self._refuse(f"this {mark} has no opening bracket; remove it, or add the opening bracket")
        opened = self.stack[-1]
        if opened.bracket.lstrip("$") != _OPENED_BY[mark]:
            line, column = position_of(self.text, opened.start)
            self._refuse(f"this {mark} does not match the {opened.bracket} in line {line}, column {column}; correct it")
        self.stack.pop()
        return self._template("}") if opened.bracket == "${" else self._made(PUNCTUATOR, end, opened.role)

    def _header_role(self) -> str:
        """What a ( stands for: "header" if a statement follows its ), "block" if a block follows, else nothing."""
        last = self.last
        if last is None or last.kind != NAME or self.text[self.position] == "[":
            return ""
        if last.text == "await" and self.last_but_one and self.last_but_one.text == "for":
            return "header"
        if self._follows_a_dot(self.last_but_one):
            return ""
        depth, before = len(self.stack), self.last_but_one
        inside = before is not None and before.role in ("header", "keyword")
        if last.text == "while" and self.pending_do.get(depth) and not inside:
            self.pending_do[depth] -= 1
            return _BLOCK
        return "header" if last.text in _HEADERS else _BLOCK if last.text in _BLOCK_HEADERS else ""

    def _brace_role(self) -> str:
        """What a { begins. It only matters where a slash follows the }, so what is rare stays unclear."""
        last = self.last
        if last is None or last.role in ("header", _BLOCK):
            return _BLOCK
        if last.kind == NAME:
            return self._brace_role_after_name(last)
        if last.kind != PUNCTUATOR:
            return _EXPRESSION if last.role == "${" else _UNCLEAR
        if last.text == ":":
            inside = self.stack[-1] if self.stack else None
            return _EXPRESSION if inside and (inside.bracket != "{" or inside.role == _EXPRESSION) else _UNCLEAR
        if last.text in (";", "{"):
            return _BLOCK
        return _UNCLEAR if last.text in _COMPLETE or last.text == "=>" else _EXPRESSION

    def _brace_role_after_name(self, last: Token) -> str:
        if last.role == "keyword" and last.text in _BEFORE_BLOCK:
            return _BLOCK
        return _EXPRESSION if last.role == "keyword" and not self.after_newline else _UNCLEAR

    # The end

    def _require_end(self) -> None:
        if self.stack:
            opened = self.stack[-1]
            closing = {"(": ")", "[": "]"}.get(opened.bracket, "}")
            self._refuse(f"this {opened.bracket} is not closed; close it with {closing}", opened.start)
        last = self.last
        if last is None:
            return
        open_word = last.kind == NAME and not self._follows_a_dot(self.last_but_one) and last.text in _UNFINISHED
        open_mark = last.kind == PUNCTUATOR and last.text not in _COMPLETE
        if open_word or open_mark or last.role == "header":
            self._refuse(f"the file ends in the middle of a statement, after {last.text}; complete it", last.start)
