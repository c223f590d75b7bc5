# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Decisions about HOCON files: no byte changes that nobody asked for, and no value either."""

from __future__ import annotations

from typing import Any, Iterable, NamedTuple, Sequence

from ..editing.splice import Splice, spliced
from ..errors import CoreError
from ..outcome import Outcome
from .block import find_blocks, removal, with_assignments
from .document import Leaf, Node, NotLiteral, Others, Tree, Unknown, evaluate, look_up, plain
from .nodes import OBJECT, OPAQUE, Field, Parsed
from .parser import parse
from .sight import Sight, unknowns_above
from .text import checked_value, literal, parse_path, place, refuse, rendered_path, same

PRESENT, ABSENT = "present", "absent"

_LARGEST = 1024 * 1024


class Edit(NamedTuple):
    """What one path shall be. ``value`` counts for ``present`` only."""

    path: tuple[str, ...]
    value: Any
    state: str

    @property
    def key(self) -> str:
        """The path as people write it."""
        return rendered_path(self.path)


def edits_from(settings: Iterable[dict[str, Any]]) -> tuple[Edit, ...]:
    """Check what a user wrote.

    :param settings: mappings with ``key``, ``value`` and ``state``.
    :raises CoreError: for a key that is no path, paths of which one is or holds another, or a value of a wrong type.
    """
    edits: list[Edit] = []
    positions: dict[tuple[str, ...], int] = {}
    for position, setting in enumerate(settings):
        where = f"settings[{position}] ({setting['key']})"
        try:
            path = parse_path(setting["key"])
        except CoreError as error:
            raise CoreError(f"{where}: {error.message}") from None
        if path in positions:
            raise CoreError(f"{where}: duplicate path, see settings[{positions[path]}]; keep one of them")
        positions[path] = position
        value = checked_value(setting.get("value"), where) if setting["state"] == PRESENT else None
        edits.append(Edit(path, value, setting["state"]))
    _refuse_nested(positions)
    return tuple(edits)


def _refuse_nested(positions: dict[tuple[str, ...], int]) -> None:
    ordered = sorted(positions)
    for outer, inner in zip(ordered, ordered[1:]):
        if inner[: len(outer)] == outer:
            raise CoreError(
                f"settings[{positions[inner]}] ({rendered_path(inner)}): the path is inside "
                f"settings[{positions[outer]}] ({rendered_path(outer)}); put the value there, or remove one of them"
            )


def decide(before: bytes, edits: Sequence[Edit]) -> Outcome[bytes]:
    """Decide what the file shall hold, and prove that Lightbend's library would read it so.

    :param before: the bytes of the file.
    :param edits: one edit a path, from :func:`edits_from`.
    :raises CoreError: for a file that cannot be read, or an edit whose effect cannot be proved.
    """
    draft = _Draft(parse(decoded(before)))
    wanted = [edit for edit in edits if not draft.has(edit)]
    for edit in wanted:
        draft.apply(edit)
    notes = (*draft.notes, *draft.notes_on_includes(edits))
    if not wanted:
        return Outcome(before, before, notes)
    return Outcome(before, _proved(draft, edits, wanted).encode("utf-8", "surrogateescape"), notes)


def _proved(draft: _Draft, edits: Sequence[Edit], wanted: Sequence[Edit]) -> str:
    """The edited text, with one block if that can be proved; else the blocks that were there stay where they are."""
    edited = spliced(draft.text, draft.splices)
    text = with_assignments(edited, draft.lines, draft.cut_in_block, together=True)
    try:
        _prove(draft, text, edits, wanted)
    except CoreError:
        text = with_assignments(edited, draft.lines, draft.cut_in_block, together=False)
        _prove(draft, text, edits, wanted)
    return text


def decoded(data: bytes) -> str:
    """The text of a file; every byte comes back from ``encode("utf-8", "surrogateescape")``.

    :raises CoreError: for more than anybody configures.
    """
    _require_size(data, "has")
    return data.decode("utf-8", "surrogateescape")


def _require_size(data: bytes, verb: str) -> None:
    if len(data) > _LARGEST:
        raise CoreError(f"the file {verb} {len(data)} bytes, and the limit is {_LARGEST}; make it smaller")


class _Draft:
    """A file in the making. Paths do not overlap, so no edit can see another."""

    def __init__(self, parsed: Parsed) -> None:
        self.parsed = parsed
        self.text = parsed.text
        self.root: Node = evaluate(parsed)
        self.sight = Sight(self.root)
        self.blocks = find_blocks(parsed)
        self.splices: list[Splice] = []
        self.lines: list[str] = []
        self.notes: list[str] = []
        self.cut_in_block = False

    def definitions(self, path: tuple[str, ...]) -> list[Field]:
        """What the file says about a path, not counting what lies in another one of these."""
        length = len(path)
        return [
            field
            for field in self.parsed.fields
            if field.path[:length] == path and len(field.scope) < length and not field.in_array
        ]

    def has(self, edit: Edit) -> bool:
        """Whether the file says already what the edit wants."""
        found = look_up(self.root, edit.path)
        if edit.state == ABSENT:
            return not self.definitions(edit.path) and self.bringing(edit) is None
        if found.node is None or not found.certain:
            return False
        try:
            return same(plain(found.node, self.text), edit.value)
        except NotLiteral:
            return False

    def apply(self, edit: Edit) -> None:
        self.refuse_dependents(edit)
        definitions = self.definitions(edit.path)
        if edit.state == ABSENT:
            self.refuse_brought(edit)
            self.cut(definitions)
            return
        self.refuse_values_above(edit)
        self.refuse_appended(edit, definitions)
        field = self.replaceable(edit, definitions)
        if field:
            text = literal(edit.value)
            separator = "" if field.separator or isinstance(edit.value, dict) else "= "
            self.splices.append(Splice(field.value.start, field.value.end, separator + text))
        else:
            self.assign(edit, definitions)

    def replaceable(self, edit: Edit, definitions: Sequence[Field]) -> Field | None:
        """The definition whose value can be exchanged, if that is all it takes."""
        if not definitions:
            return None
        field = definitions[-1]
        node = look_up(self.root, edit.path).node
        in_force = node.definition is field if isinstance(node, Leaf) else isinstance(node, Tree)
        single = len(field.value.pieces) == 1 and field.value.pieces[0].kind != OPAQUE
        if field.path != edit.path or field.separator == "+=" or not single or not in_force:
            return None
        if isinstance(edit.value, dict):
            alone = len(definitions) == 1 and not unknowns_above(self.root, edit.path)
            return field if alone else None
        ours = self.is_ours(field) and isinstance(node, Leaf)
        return field if len(definitions) == 1 or ours else None

    def assign(self, edit: Edit, definitions: Sequence[Field]) -> None:
        ours = [field for field in definitions if self.is_ours(field)]
        self.cut(ours)
        merges = len(ours) < len(definitions) or unknowns_above(self.root, edit.path)
        if isinstance(edit.value, dict) and merges:
            # An object would merge with what was said before; null hides that.
            self.lines.append(f"{edit.key} = null")
            self.notes.append(f"{edit.key}: null hides all earlier values, including the program's own defaults")
        self.lines.append(f"{edit.key} = {literal(edit.value)}")

    def cut(self, definitions: Iterable[Field]) -> None:
        for field in definitions:
            self.splices += removal(self.text, field)
            self.cut_in_block = self.cut_in_block or self.is_ours(field)

    def is_ours(self, field: Field) -> bool:
        """Whether a definition stands in a block of ours."""
        return any(block.holds(field) for block in self.blocks)

    def refuse_dependents(self, edit: Edit) -> None:
        path = edit.path
        for reference in self.parsed.references:
            length = min(len(path), len(reference.path))
            if path[:length] == reference.path[:length] and reference.scope[: len(path)] != path:
                raise refuse(
                    self.text,
                    reference.start,
                    f"the value here depends on {edit.key} and would change too; write a value without substitution",
                )

    def bringing(self, edit: Edit) -> Unknown | None:
        """The substitution above that holds a path, or may do so."""
        for unknown, level in unknowns_above(self.root, edit.path):
            itself = unknown.is_include or unknown.path == edit.path[:level]
            if not itself and (not self.is_known(unknown) or self.sight.brings(unknown, level, edit.path)):
                return unknown
        return None

    def is_known(self, unknown: Unknown) -> bool:
        """Whether the file says what a substitution brings."""
        items = self.sight.at(unknown.path) if unknown.path else []
        return bool(items) and not any(isinstance(seen.item, Unknown) for seen in items)

    def refuse_brought(self, edit: Edit) -> None:
        unknown = self.bringing(edit)
        if unknown:
            raise refuse(
                self.text,
                unknown.start,
                f"the substitution here may contain {edit.key}, so its absence cannot be proved; set it to null",
            )

    def notes_on_includes(self, edits: Iterable[Edit]) -> Iterable[str]:
        """What nobody can say of a path that is made absent, since an include may set it, too."""
        for edit in edits:
            unknowns = unknowns_above(self.root, edit.path) if edit.state == ABSENT else ()
            for unknown in [unknown for unknown, _level in unknowns if unknown.is_include][:1]:
                line = place(self.text, unknown.start)[0]
                yield f"line {line}: {edit.key} is absent from this file, but the include here may still set it"

    def refuse_uncovered(self, edits: Iterable[Edit]) -> None:
        """Say which value would come into force again if an object above a removed path were gone."""
        for path in [edit.path for edit in edits if edit.state == ABSENT]:
            for field in self.parsed.fields:
                above = not field.in_array and len(field.path) < len(path) and field.path == path[: len(field.path)]
                if above and field.value.pieces[-1].kind != OBJECT:
                    message = f"without {rendered_path(path)}, the value here would take effect again; remove it first"
                    raise refuse(self.text, field.start, message)

    def refuse_values_above(self, edit: Edit) -> None:
        for length, items in enumerate(self.sight.levels(edit.path[:-1]), 1):
            outer = rendered_path(edit.path[:length])
            said = [seen for seen in items if not isinstance(seen.item, Unknown) or not seen.item.is_include]
            item, via = said[0] if said else (None, None)
            if isinstance(item, Unknown):
                message = f"{outer} may not be an object here, and {edit.key} would replace it; write its value here"
                raise refuse(self.text, (via or item).start, message)
            if isinstance(item, Leaf) and not item.is_null and via:
                message = f"{outer} is not an object in the substitution here, so {edit.key} would replace it"
                raise refuse(self.text, via.start, f"{message}; write the value of {outer} here")
            if isinstance(item, Leaf) and not item.is_null:
                offset = item.definition.start if item.definition else 0
                message = f"{outer} is not an object here, so {edit.key} would replace it; remove {outer} first"
                raise refuse(self.text, offset, message)

    def refuse_appended(self, edit: Edit, definitions: Sequence[Field]) -> None:
        """Lightbend's library finds a cycle where a value that is overridden was appended to what a scalar hid."""
        starts = [field.start for field in definitions if field.separator == "+=" and field.path == edit.path]
        starts += [ref.start for ref in self.parsed.references if ref.path == edit.path and ref.scope == edit.path]
        for unknown, _level in unknowns_above(self.root, edit.path) if starts else ():
            message = (
                f"the value here may hide values that are appended to {edit.key}; remove the appended values first"
            )
            raise refuse(self.text, unknown.start, message)
        for field in self.parsed.fields if starts else ():
            above = not field.in_array and len(field.path) < len(edit.path)
            hidden = field.value.pieces[-1].kind != OBJECT and field.start < max(starts)
            if above and hidden and field.path == edit.path[: len(field.path)]:
                outer = rendered_path(field.path)
                message = f"{outer} is not an object here, but {edit.key} is appended to below; remove this value first"
                raise refuse(self.text, field.start, message)


def _prove(draft: _Draft, text: str, edits: Sequence[Edit], wanted: Sequence[Edit]) -> None:
    """The edited text must mean what was asked, and nothing else may have changed."""
    _require_size(text.encode("utf-8", "surrogateescape"), "would have")
    after = _Draft(parse(text))
    paths = [edit.path for edit in wanted]
    others = Others(paths)
    same_others = others.of(draft.root) == others.of(after.root)
    same_references = _references(draft.parsed, paths) == _references(after.parsed, paths)
    if not (same_others and same_references and all(after.has(edit) for edit in edits)):
        draft.refuse_uncovered(wanted)
        raise CoreError(
            "the edit would change more or less than requested, so nothing was written;"
            " remove the lines that override the marked block, or edit the file by hand"
        )


def _references(parsed: Parsed, paths: Sequence[tuple[str, ...]]) -> list[tuple[tuple[str, ...], tuple[str, ...]]]:
    """Substitutions outside the edited paths: what they refer to, and where."""
    return [
        (reference.path, reference.scope)
        for reference in parsed.references
        if not any(reference.scope[: len(path)] == path for path in paths)
    ]
