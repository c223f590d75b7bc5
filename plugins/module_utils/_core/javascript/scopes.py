# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which uses of a name in a script mean its global variable, and which one of a function or a block."""

from __future__ import annotations

from bisect import bisect_right
from typing import Iterable, Iterator, NamedTuple, Sequence

from .tokens import NAME, PUNCTUATOR, STRING, TEMPLATE, Token

_OBJECTS = frozenset(("window", "self", "globalThis"))
_HEADERS = frozenset(("if", "for", "while", "with", "switch", "catch"))
_DECLARING = frozenset(("var", "let", "const"))
_OPENED_BY = {")": "(", "]": "[", "}": "{"}
_IN_PATTERN = frozenset(("(", ",", "{", "[", ":", "..."))
_BEFORE_OBJECT = frozenset(("=", "(", ",", ":", "[", "?", "return", "&&", "||", "??"))
_BEFORE_METHOD = frozenset(("{", ",", "}", ";", "*", "get", "set", "async", "static"))
_BEFORE_STATEMENT = frozenset(("", ";", "{", "}", ")"))
_AFTER_NAME = frozenset(("", "=", ",", ";", "in", "of", ")", "}"))


class _Scope(NamedTuple):
    """Tokens from ``start`` up to ``end``. ``var`` stays in a function; most have a ``this`` of their own."""

    start: int
    end: int
    is_function: bool = False
    has_this: bool = False


class Script:
    """The tokens of a script without its comments, with its brackets and scopes."""

    def __init__(self, code: Sequence[Token]) -> None:
        self.code = code
        self.partner: dict[int, int] = {}
        self.around = [-1] * len(code)
        self.keyword: dict[int, str] = {}
        self._pair_brackets()
        self.scopes = sorted(self._scopes(), key=lambda scope: (scope.start, -scope.end))
        self.by_start = {scope.start: scope for scope in self.scopes}
        self._innermost()

    def text(self, index: int) -> str:
        """The text of a name or a mark, and nothing for other tokens and beyond the ends."""
        token = self.code[index] if 0 <= index < len(self.code) else None
        return token.text if token is not None and token.kind in (NAME, PUNCTUATOR) else ""

    def uses_of_global(self, name: str) -> Iterator[tuple[int, int]]:
        """Yield where a global variable is used: its first token, and the one behind it, as in ``window["name"]``."""
        bound = _Spans(self._bound(name))
        with_this = _Spans(scope for scope in self.scopes if scope.has_this)
        for index, token in enumerate(self.code):
            if token.kind != NAME or self.text(index - 1) in (".", "?."):
                continue
            if token.text == name:
                if not self._is_key(index) and not bound.hold(index):
                    yield index, index + 1
            elif token.text in _OBJECTS or (token.text == "this" and not with_this.hold(index)):
                end = self._member(index, name)
                if end:
                    yield index, end

    def _is_key(self, index: int) -> bool:
        before = self.text(index - 1)
        return (self.text(index + 1) == ":" and before in ("{", ",")) or before in ("get", "set")

    def _member(self, index: int, name: str) -> int:
        if self.text(index + 1) in (".", "?.") and self.text(index + 2) == name:
            return index + 3
        key = self.code[index + 2] if index + 3 < len(self.code) else None
        is_name = key is not None and key.kind in (STRING, TEMPLATE) and key.text[1:-1] == name
        return index + 4 if is_name and self.text(index + 1) == "[" and self.text(index + 3) == "]" else 0

    def _pair_brackets(self) -> None:
        """Note the partner of each bracket, what is open around each token, and what declares behind each comma."""
        opened: list[int] = []
        declaring = [""]
        for index in range(len(self.code)):
            mark = self.text(index)
            if mark in _OPENED_BY:
                start = opened.pop()
                declaring.pop()
                self.partner[index], self.partner[start] = start, index
            self.around[index] = opened[-1] if opened else -1
            if mark in ("(", "[", "{"):
                opened.append(index)
                declaring.append("")
            elif mark in _DECLARING or mark == ";":
                declaring[-1] = mark.strip(";")
            elif mark == ",":
                self.keyword[index] = declaring[-1]

    # Scopes

    def _scopes(self) -> Iterator[_Scope]:
        for index in range(len(self.code)):
            mark = self.text(index)
            if mark == "{":
                yield self._scope_of_braces(index, self.partner[index] + 1)
            elif mark == "=>" and self.text(index + 1) != "{":
                yield _Scope(self._start_of_arrow(index), self._end_of_expression(index), is_function=True)
            elif mark == "for" and self.text(index + 1) == "(" and self.text(index - 1) != ".":
                yield _Scope(index + 1, self._end_of_expression(self.partner[index + 1]))

    def _scope_of_braces(self, brace: int, end: int) -> _Scope:
        before = self.text(brace - 1)
        if before == "=>":
            return _Scope(self._start_of_arrow(brace - 1), end, is_function=True)
        if before != ")":
            return _Scope(brace, end)
        opening = self.partner[brace - 1]
        if self.text(opening - 1) in _HEADERS and self.text(opening - 2) not in (".", "?."):
            return _Scope(opening if self.text(opening - 1) == "catch" else brace, end)
        if self._is_function(opening) or self._is_method(opening):
            return _Scope(opening, end, is_function=True, has_this=True)
        return _Scope(brace, end)

    def _start_of_arrow(self, arrow: int) -> int:
        return self.partner[arrow - 1] if self.text(arrow - 1) == ")" else arrow - 1

    def _end_of_expression(self, index: int) -> int:
        depth = self.code[index].depth
        end = index + 1
        while end < len(self.code) and self.code[end].depth >= depth:
            if self.code[end].depth == depth and self.text(end) in (",", ";"):
                break
            end = self.partner.get(end, end) + 1 if self.text(end) in ("(", "[", "{") else end + 1
        return end

    def _is_function(self, opening: int) -> bool:
        words = [self.text(index) for index in range(opening - 3, opening)]
        return "function" in (words[2], words[1]) or words[:2] == ["function", "*"]

    def _is_method(self, opening: int) -> bool:
        around = self.around[opening]
        named = self.text(opening - 2) in _BEFORE_METHOD or self.text(opening - 1) == "]"
        return named and around >= 0 and (self.text(around - 1) in _BEFORE_OBJECT or self._is_class(around))

    def _is_class(self, brace: int) -> bool:
        words = [self.text(index) for index in range(max(brace - 6, 0), brace)]
        return "class" in words and not {";", "{", "}", ")"} & set(words[words.index("class") :])

    def _innermost(self) -> None:
        """Note for each token the innermost function and the innermost scope of any kind."""
        self.function: list[_Scope | None] = []
        self.scope: list[_Scope | None] = []
        opened: list[_Scope] = []
        functions: list[_Scope] = []
        waiting = iter([*self.scopes, _Scope(len(self.code), len(self.code))])
        following = next(waiting)
        for index in range(len(self.code)):
            while following.start == index and following.start < len(self.code):
                opened.append(following)
                functions += [following] if following.is_function else []
                following = next(waiting)
            while opened and opened[-1].end <= index:
                opened.pop()
            while functions and functions[-1].end <= index:
                functions.pop()
            self.scope.append(opened[-1] if opened else None)
            self.function.append(functions[-1] if functions else None)

    # Declarations

    def _bound(self, name: str) -> Iterator[_Scope]:
        """The scopes in which the name is not the global variable."""
        for index, token in enumerate(self.code):
            if token.kind == NAME and token.text == name and self.text(index - 1) not in (".", "?."):
                scope = self._parameter_of(index) or self._declared_in(index)
                if scope is not None:
                    yield scope

    def _parameter_of(self, index: int) -> _Scope | None:
        if self.text(index + 1) == "=>":
            return self.by_start.get(index)
        if self.text(index - 1) not in _IN_PATTERN or self.text(index + 1) == ":":
            return None
        around = self.around[index]
        while around >= 0 and self.text(around) != "(":
            around = self.around[around]
        scope = self.by_start.get(around)
        return None if scope is None or self.text(around - 1) == "for" else scope

    def _declared_in(self, index: int) -> _Scope | None:
        before = self.text(index - 1)
        start = index - 2 if before == "*" else index - 1
        if self.text(start) == "function":
            start -= self.text(start - 1) == "async"
            is_statement = self.text(start - 1) in _BEFORE_STATEMENT
            own = self.by_start.get(index + 1)
            return self.scope[start] if is_statement or own is None else own._replace(start=index)
        keyword = "let" if before == "class" else self._declaring(index)
        if not keyword:
            return None
        return self.function[index] if keyword == "var" else self.scope[index]

    def _declaring(self, index: int) -> str:
        """The word that declares the name here, alone, in a list or in a pattern."""
        if self.text(index - 1) in _DECLARING:
            return self.text(index - 1)
        if self.text(index + 1) in _AFTER_NAME and index - 1 in self.keyword and self.keyword[index - 1]:
            return self.keyword[index - 1]
        place = index if self.text(index + 1) != ":" else -1
        while place >= 0 and self.text(place - 1) in _IN_PATTERN and self.text(self.around[place]) in ("{", "["):
            place = self.around[place]
            keyword = self.text(place - 1) if self.text(place - 1) in _DECLARING else self.keyword.get(place - 1, "")
            if keyword and self.text(self.partner[place] + 1) in ("=", "of", "in"):
                return keyword
        return ""


class _Spans:
    """Parts of a program that may overlap."""

    def __init__(self, scopes: Iterable[_Scope]) -> None:
        self.starts: list[int] = []
        self.ends: list[int] = []
        for scope in sorted(scopes):
            if not self.ends or scope.end > self.ends[-1]:
                self.starts.append(scope.start)
                self.ends.append(scope.end)

    def hold(self, index: int) -> bool:
        """Whether a token is in one of them."""
        position = bisect_right(self.starts, index) - 1
        return position >= 0 and index < self.ends[position]
