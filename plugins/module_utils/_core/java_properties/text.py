# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""The text of java.util.Properties: split into logical lines as Java splits it, and escaped as Java reads it."""

from __future__ import annotations

import re
from typing import Iterable, Iterator, NamedTuple

from ..errors import CoreError

ENTRY, COMMENT, BLANK = "entry", "comment", "blank"

_WHITESPACE = " \t\f"
_EOL = "\r\n"
_PHYSICAL = re.compile(r"[^\r\n]*(?:\r\n|\n|\r)|[^\r\n]+")
_BLANKS = re.compile(r"[ \t\f\r\n]*(?:[\r\n]|\Z)")
# Most lines are like these two, and need no closer look.
_PLAIN_COMMENT = re.compile(r"[ \t\f]*[#!][^\r\n]*(?:\r\n|[\r\n]|\Z)")
_PLAIN_ENTRY = re.compile(
    # Whether a backslash stands in the line is seen first: behind blanks it would be looked for from each one again.
    r"(?=[^\\\r\n]*(?:[\r\n]|\Z))"
    r"[ \t\f]*([^\\=: \t\f\r\n#!][^\\=: \t\f\r\n]*)[ \t\f]*[=:]?[ \t\f]*([^\\\r\n]*)(?:\r\n|[\r\n]|\Z)"
)
_KEY_STOP = re.compile(r"\\.|[=: \t\f]", re.DOTALL)
_SEPARATOR = re.compile(r"[ \t\f]*[=:]?[ \t\f]*")
_ESCAPE = re.compile(r"\\(u[0-9A-Fa-f]{4}|.)", re.DOTALL)
_NAMED = {"t": "\t", "n": "\n", "r": "\r", "f": "\f"}
_TO_ESCAPE = re.compile(r"[^\x20-\x7e]|\\")
_SHORT = {"\t": "\\t", "\n": "\\n", "\r": "\\r", "\f": "\\f", "\\": "\\\\"}
_SURROGATE = re.compile("[\ud800-\udfff]")
# The bytes of a surrogate, or the first two of them: Java makes one U+FFFD of them, Python two or three.
_ENCODED_SURROGATE = re.compile("\udced[\udca0-\udcbf][\udc80-\udcbf]?")


class Chunk(NamedTuple):
    """A logical line, or blank lines in a row: the offset of its text, its text, verbatim, and what it means."""

    kind: str
    start: int
    text: str
    key: str = ""
    value: str = ""

    @property
    def end(self) -> int:
        return self.start + len(self.text)

    @property
    def is_open(self) -> bool:
        """Whether a line that follows would be read as its continuation."""
        closed = self.text[: len(self.text) - len(eol_of(self.text))]
        last = closed[max(closed.rfind("\n"), closed.rfind("\r")) + 1 :]
        return self.kind != COMMENT and continues(body_of(last))

    @property
    def is_lone_backslash(self) -> bool:
        """Whether this is the empty key that Java makes of a backslash with nothing behind it."""
        return self.kind == ENTRY and all(body_of(match[0]) == "\\" for match in _PHYSICAL.finditer(self.text))

    def commented(self) -> Chunk:
        """The same lines as comments."""
        return Chunk(COMMENT, self.start, "".join("#" + match[0] for match in _PHYSICAL.finditer(self.text)))


def parse(text: str) -> Iterator[Chunk]:
    """Split a file into chunks, one after the other, for all at once would take many times the file's size.

    :raises CoreError: for a Unicode escape that Java would refuse, once its line is reached.
    """
    start = 0
    while start < len(text):
        chunk = _plain(text, start) or _unusual(text, start)
        yield chunk
        start += len(chunk.text)


def _plain(text: str, start: int) -> Chunk | None:
    match = _PLAIN_ENTRY.match(text, start)
    if match:
        own = match[0]
        return Chunk(ENTRY, start, own, match[1], match[2]) if own.isascii() else None
    match = _PLAIN_COMMENT.match(text, start)
    if match:
        return Chunk(COMMENT, start, match[0])
    match = _BLANKS.match(text, start)
    return Chunk(BLANK, start, match[0]) if match else None


def _unusual(text: str, start: int) -> Chunk:
    kind, end = _extent(text, start)
    own = text[start:end]
    return _entry(text, start, own) if kind == ENTRY else Chunk(kind, start, own)


def line_of(text: str, offset: int) -> int:
    """The number of the physical line around an offset, counted from 1."""
    return 1 + text.count("\n", 0, offset) + text.count("\r", 0, offset) - text.count("\r\n", 0, offset)


def _extent(text: str, start: int) -> tuple[str, int]:
    """The kind of the logical line that starts here, which is not blank, and where it ends."""
    nothing_yet = True
    end = start
    for line in _PHYSICAL.finditer(text, start):
        body = body_of(line[0])
        if nothing_yet and (not body or body[0] in "#!"):
            # Lines that are a lone backslash join nothing to what follows them here.
            return (BLANK, end) if end > start else (COMMENT, line.end())
        end = line.end()
        if not continues(body):
            return ENTRY, end
        nothing_yet = nothing_yet and body == "\\"
    # Java makes an empty key of a lone backslash at the end of a file, but not when CR LF follows it.
    return (BLANK if nothing_yet and text.endswith("\r\n") else ENTRY), end


def body_of(line: str) -> str:
    """A physical line without its indentation and its line ending."""
    return line.lstrip(_WHITESPACE).rstrip(_EOL)


def eol_of(text: str) -> str:
    """The line ending at the end of a text that has no blank line there, empty where it has none."""
    return "\r\n" if text.endswith("\r\n") else text[-1:] if text.endswith(("\r", "\n")) else ""


def start_of_lone_backslashes(text: str, start: int) -> int:
    """Where the lines begin that are nothing but a backslash, of those right before the line that starts here."""
    while start:
        end = start - len(eol_of(text[max(start - 2, 0) : start]))
        line = max(text.rfind("\n", 0, end), text.rfind("\r", 0, end)) + 1
        if body_of(text[line:end]) != "\\":
            break
        start = line
    return start


def continues(body: str) -> bool:
    """Whether the next physical line belongs to the same logical line."""
    return body.endswith("\\") and (len(body) - len(body.rstrip("\\"))) % 2 == 1


def _segments(text: str) -> Iterator[tuple[int, str]]:
    """The parts of a logical line, each with its offset in the physical text."""
    for match in _PHYSICAL.finditer(text):
        line = match[0]
        body = body_of(line)
        indentation = len(line) - len(line.lstrip(_WHITESPACE))
        yield match.start() + indentation, body[:-1] if continues(body) else body


def _parts(text: str) -> tuple[str, str, str]:
    """Key, separator and value of a logical line, still escaped."""
    return _split(body_of(text) if "\\" not in text else "".join(segment for _offset, segment in _segments(text)))


def _split(logical: str) -> tuple[str, str, str]:
    end = len(logical)
    for match in _KEY_STOP.finditer(logical):
        if not match[0].startswith("\\"):
            end = match.start()
            break
    value = _SEPARATOR.match(logical, end).end()  # type: ignore[union-attr] # matches the empty string
    return logical[:end], logical[end:value], logical[value:]


def _entry(text: str, start: int, own: str) -> Chunk:
    key, separator, value = _parts(own)
    if "\\u" in key or "\\u" in value:
        _refuse_bad_escapes(text, start, own, ((0, key), (len(key) + len(separator), value)))
    if not own.isascii() and _SURROGATE.search(own):
        key, separator, value = _parts(_decoded_by_java(own))
    return Chunk(ENTRY, start, own, _unescaped(key), _unescaped(value))


def _decoded_by_java(text: str) -> str:
    """Text whose bytes are not all UTF-8, which are kept as surrogates here; Java reads U+FFFD instead."""
    text = _ENCODED_SURROGATE.sub("\ufffd", text)
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _refuse_bad_escapes(text: str, start: int, own: str, parts: Iterable[tuple[int, str]]) -> None:
    for base, part in parts:
        for match in _ESCAPE.finditer(part):
            if match[1] == "u":
                offset = _offset(own, base + match.start())
                column = offset - max(own.rfind("\n", 0, offset), own.rfind("\r", 0, offset))
                raise CoreError(
                    f"column {column}: Java stops reading here, because four hexadecimal digits must follow"
                    " \\u; complete them, or write \\\\u for a backslash and a u",
                    line_of(text, start + offset),
                )


def _offset(text: str, logical: int) -> int:
    """Where a character of the logical line stands in the physical text."""
    for offset, segment in _segments(text):
        if logical < len(segment):
            return offset + logical
        logical -= len(segment)
    raise IndexError(logical)


def head_of(chunk: Chunk, value_follows: bool) -> tuple[str, str]:
    """What stands before the value of an entry, verbatim, and its separator.

    :param value_follows: whether a continuation between separator and value is wanted too.
    """
    key, separator, value = _parts(chunk.text)
    length = len(key) + len(separator)
    if value and value_follows:
        end = _offset(chunk.text, length)
    elif length:
        end = _offset(chunk.text, length - 1) + 1
    else:
        *_others, (end, _segment) = _segments(chunk.text)
    return chunk.text[:end], separator


def commented_assignment(line: str) -> tuple[str, str] | None:
    """The key that a comment would set if it were none, and the comment up to the value."""
    if "=" not in line and ":" not in line:
        return None
    key, separator, value = _split(body_of(line).lstrip("#!").lstrip(_WHITESPACE))
    if not separator.strip(_WHITESPACE) or any(match[1] == "u" for match in _ESCAPE.finditer(key)):
        return None
    text = line.rstrip(_EOL)
    return _unescaped(key), text[: len(text) - len(value)]


def uncommented(lines: Iterable[str]) -> str:
    """What comments would say if they were none, as one line without escapes."""
    parts = []
    for line in lines:
        body = body_of(line)
        parts.append((body[1:-1] if continues(body) else body[1:]).lstrip(_WHITESPACE))
    return _unescaped("".join(parts))


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
