# Copyright: Contributors to the selfhosted.jitsi project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# This module util is PRIVATE to the collection and may change at any time.

"""The text of java.util.Properties: split into logical lines as Java splits it, and escaped as Java reads it."""

from __future__ import annotations

import re
from typing import Iterable, NamedTuple, Sequence

from .errors import CoreError

ENTRY, COMMENT, BLANK = "entry", "comment", "blank"

_WHITESPACE = " \t\f"
_EOL = "\r\n"
_PHYSICAL = re.compile(r"[^\r\n]*(?:\r\n|\n|\r)|[^\r\n]+")
_PARTS = re.compile(r"((?:[^\\=: \t\f]+|\\.)*)([ \t\f]*[=:]?[ \t\f]*)(.*)", re.DOTALL)
_ESCAPE = re.compile(r"\\(u[0-9A-Fa-f]{4}|.)", re.DOTALL)
_NAMED = {"t": "\t", "n": "\n", "r": "\r", "f": "\f"}
_TO_ESCAPE = re.compile(r"[^\x20-\x7e]|\\")
_SHORT = {"\t": "\\t", "\n": "\\n", "\r": "\\r", "\f": "\\f", "\\": "\\\\"}
_SURROGATE = re.compile("[\ud800-\udfff]")
# The bytes of a surrogate, or the first two of them: Java makes one U+FFFD of them, Python two or three.
_ENCODED_SURROGATE = re.compile("\udced[\udca0-\udcbf][\udc80-\udcbf]?")


class Chunk(NamedTuple):
    """One logical line: its physical lines, verbatim, and what they mean."""

    kind: str
    number: int
    lines: tuple[str, ...]
    key: str = ""
    value: str = ""

    @property
    def is_open(self) -> bool:
        """Whether a line that follows would be read as its continuation."""
        return self.kind != COMMENT and continues(body_of(self.lines[-1]))

    @property
    def is_lone_backslash(self) -> bool:
        """Whether this is the empty key that Java makes of a backslash with nothing behind it."""
        return self.kind == ENTRY and all(body_of(line) == "\\" for line in self.lines)


def split_lines(text: str) -> tuple[str, ...]:
    """The physical lines of a text, each with its line ending; only LF, CR and CR LF end one."""
    return tuple(_PHYSICAL.findall(text))


def parse(text: str) -> list[Chunk]:
    """Split a file into logical lines; their physical lines, joined, are the text again.

    :raises CoreError: for a Unicode escape that Java would refuse.
    """
    lines = split_lines(text)
    chunks = []
    start = 0
    while start < len(lines):
        kind, end = _extent(lines, start)
        own = lines[start:end]
        chunks.append(_entry(start + 1, own) if kind == ENTRY else Chunk(kind, start + 1, own))
        start = end
    return chunks


def _extent(lines: Sequence[str], start: int) -> tuple[str, int]:
    """The kind of the logical line that starts here, and the index behind its last physical line."""
    nothing_yet = True
    for index in range(start, len(lines)):
        body = body_of(lines[index])
        if nothing_yet and (not body or body[0] in "#!"):
            # Lines that are a lone backslash join nothing to what follows them here.
            kind = COMMENT if body and index == start else BLANK
            return kind, max(index, start + 1)
        if not continues(body):
            return ENTRY, index + 1
        nothing_yet = nothing_yet and body == "\\"
    # Java makes an empty key of a lone backslash at the end of a file, but not when CR LF follows it.
    return (BLANK if nothing_yet and lines[-1].endswith("\r\n") else ENTRY), len(lines)


def body_of(line: str) -> str:
    """A physical line without its indentation and its line ending."""
    return line.lstrip(_WHITESPACE).rstrip(_EOL)


def eol_of(line: str) -> str:
    """The line ending of a physical line, empty where it has none."""
    return line[len(line.rstrip(_EOL)) :]


def continues(body: str) -> bool:
    """Whether the next physical line belongs to the same logical line."""
    return body.endswith("\\") and (len(body) - len(body.rstrip("\\"))) % 2 == 1


def _segments(lines: Sequence[str]) -> list[tuple[int, str]]:
    """The parts of a logical line, each with its offset in the physical text."""
    segments = []
    offset = 0
    for line in lines:
        body = body_of(line)
        indentation = len(line) - len(line.lstrip(_WHITESPACE))
        segments.append((offset + indentation, body[:-1] if continues(body) else body))
        offset += len(line)
    return segments


def _parts(lines: Sequence[str]) -> tuple[str, str, str]:
    """Key, separator and value of a logical line, still escaped."""
    if len(lines) == 1 and "\\" not in lines[0]:
        logical = body_of(lines[0])
    else:
        logical = "".join(segment[1] for segment in _segments(lines))
    return _PARTS.match(logical).groups()  # type: ignore[union-attr, return-value]


def _entry(number: int, lines: tuple[str, ...]) -> Chunk:
    key, separator, value = _parts(lines)
    _refuse_bad_escapes(number, lines, ((0, key), (len(key) + len(separator), value)))
    if any(not line.isascii() and _SURROGATE.search(line) for line in lines):
        key, separator, value = _parts([_decoded_by_java(line) for line in lines])
    return Chunk(ENTRY, number, lines, _unescaped(key), _unescaped(value))


def _decoded_by_java(line: str) -> str:
    """A line whose bytes are not all UTF-8, which are kept as surrogates here; Java reads U+FFFD instead."""
    line = _ENCODED_SURROGATE.sub("\ufffd", line)
    return line.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _refuse_bad_escapes(number: int, lines: Sequence[str], texts: Iterable[tuple[int, str]]) -> None:
    for base, text in texts:
        if "\\u" not in text:
            continue
        for match in _ESCAPE.finditer(text):
            if match[1] == "u":
                before = "".join(lines)[: _offset(lines, base + match.start())]
                behind = re.split(r"\r\n|\r|\n", before)
                raise CoreError(
                    f"column {len(behind[-1]) + 1}: Java stops reading here, for four hexadecimal digits must follow"
                    " \\u; complete them, or write \\\\u for a backslash and a u",
                    number + len(behind) - 1,
                )


def _offset(lines: Sequence[str], logical: int) -> int:
    """Where a character of the logical line stands in the physical text."""
    for offset, text in _segments(lines):
        if logical < len(text):
            return offset + logical
        logical -= len(text)
    raise IndexError(logical)


def head_of(chunk: Chunk, value_follows: bool) -> tuple[str, str]:
    """What stands before the value of an entry, verbatim, and its separator.

    :param value_follows: whether a continuation between separator and value is wanted too.
    """
    key, separator, value = _parts(chunk.lines)
    length = len(key) + len(separator)
    if value and value_follows:
        end = _offset(chunk.lines, length)
    elif length:
        end = _offset(chunk.lines, length - 1) + 1
    else:
        end = _segments(chunk.lines)[-1][0]
    return "".join(chunk.lines)[:end], separator


def commented_assignment(line: str) -> tuple[str, str] | None:
    """The key that a comment would set if it were none, and the comment up to the value."""
    body = body_of(line).lstrip("#!").lstrip(_WHITESPACE)
    key, separator, value = _PARTS.match(body).groups()  # type: ignore[union-attr]
    if not separator.strip(_WHITESPACE) or any(match[1] == "u" for match in _ESCAPE.finditer(key)):
        return None
    text = line.rstrip(_EOL)
    return _unescaped(key), text[: len(text) - len(value)]


def _unescaped(text: str) -> str:
    if "\\" not in text:
        return text
    return joined_surrogates(_ESCAPE.sub(lambda match: _character(match[1]), text))


def _character(code: str) -> str:
    return chr(int(code[1:], 16)) if len(code) > 1 else _NAMED.get(code, code)


def joined_surrogates(text: str) -> str:
    """Surrogate pairs made into the characters that they stand for."""
    if text.isascii() or not _SURROGATE.search(text):
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")


def escaped_value(value: str, after_separator: bool = True) -> str:
    """A value as it is written into a file.

    :param after_separator: whether ``=`` or ``:`` stands before it; else it must not begin with one.
    """
    text = _TO_ESCAPE.sub(_written, value)
    return "\\" + text if text[:1] in ((" ",) if after_separator else (" ", "=", ":")) else text


def escaped_key(key: str) -> str:
    """A key as it is written into a file."""
    return re.sub(r"([ =:#!])", r"\\\1", _TO_ESCAPE.sub(_written, key))


def _written(match: re.Match[str]) -> str:
    if match[0] in _SHORT:
        return _SHORT[match[0]]
    units = match[0].encode("utf-16-be", "surrogatepass").hex()
    return "".join("\\u" + units[start : start + 4] for start in range(0, len(units), 4))
