# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a HOCON file means: the values that are in force, as far as the file alone can tell."""

from __future__ import annotations

from typing import Any, Iterable, NamedTuple, Sequence, Union

from .nodes import ARRAY, OBJECT, SCALAR, Field, Include, Parsed, Value

Path = Sequence[str]


class Leaf:
    """A scalar or a list: it hides all that was said before. ``definition`` is the field that says it last."""

    __slots__ = ("data", "definition", "kind", "raw")

    def __init__(self, kind: str, data: Any, raw: str, definition: Field | None) -> None:
        self.kind = kind
        self.data = list(data) if kind == ARRAY else data
        self.raw = [raw]
        self.definition = definition

    @property
    def is_null(self) -> bool:
        """Whether this is null, which hides what was said before and is nothing itself."""
        return self.kind == SCALAR and self.data is None


class Tree:
    """An object. ``closed`` says that nothing said before it shows through."""

    __slots__ = ("children", "closed")

    def __init__(self, closed: bool = False) -> None:
        self.children: dict[str, Node] = {}
        self.closed = closed


class Unknown:
    """A substitution or an include: it may be or hold anything, and lets through what was said before."""

    __slots__ = ("path", "raw", "start")

    def __init__(self, raw: str, start: int, path: tuple[str, ...] | None, is_include: bool = False) -> None:
        self.raw = raw
        self.start = start
        self.path = () if is_include else path

    @property
    def is_include(self) -> bool:
        """An include is an object in any case."""
        return self.path == ()


class Layers:
    """Values of which the later ones hide or merge with the earlier ones; one at least is unknown."""

    __slots__ = ("items",)

    def __init__(self, items: list[Leaf | Tree | Unknown]) -> None:
        self.items = items


Node = Union[Leaf, Tree, Unknown, Layers]


class Found(NamedTuple):
    """What is known about a path. ``certain`` is false where a substitution or an include may say more."""

    node: Node | None
    certain: bool


class NotLiteral(Exception):
    """A value depends on something that only the program knows."""


def evaluate(parsed: Parsed) -> Node:
    """The meaning of a whole file."""
    return _object(parsed.text, parsed.root)


def _object(text: str, members: Iterable[Field | Include]) -> Node:
    node: Node = Tree()
    for member in members:
        if isinstance(member, Include):
            node = merged(node, Unknown(text[member.start : member.end], member.start, None, is_include=True))
            continue
        tree = top(node)
        if tree is None:
            tree = Tree()
            node = merged(node, tree)
        _define(text, tree, member)
    return node


def top(node: Node) -> Tree | None:
    """The object that is said last about a path, if nothing unknown follows it."""
    last = node.items[-1] if isinstance(node, Layers) else node
    return last if isinstance(last, Tree) else None


def _define(text: str, tree: Tree, field: Field) -> None:
    *parents, last = field.own_path
    for element in parents:
        child = tree.children.get(element)
        below = top(child) if child is not None else None
        if below is None:
            below = Tree()
            tree.children[element] = merged(child, below)
        tree = below
    node = tree.children.get(last)
    for piece in field.value.pieces:
        raw = text[piece.start : piece.end]
        if field.separator == "+=":
            node = _appended(node, text[field.value.start : field.value.end], field)
            break
        if piece.kind == OBJECT:
            node = merged(node, _object(text, piece.data))
        elif piece.kind in (SCALAR, ARRAY):
            node = Leaf(piece.kind, piece.data, raw, field)
        else:
            node = merged(node, Unknown(raw, piece.start, piece.data))
    tree.children[last] = node  # type: ignore[assignment] # a value has at least one piece


def _appended(node: Node | None, raw: str, field: Field) -> Node:
    if isinstance(node, Leaf) and node.kind == ARRAY:
        node.data.append(field.value)
        node.raw.append(raw)
        node.definition = field
        return node
    return merged(node, Unknown("+=" + raw, field.start, None))


def merged(under: Node | None, over: Node) -> Node:
    """What is in force when one value follows another for the same path."""
    if isinstance(over, Layers):
        node = under
        for item in over.items:
            node = merged(node, item)
        return node  # type: ignore[return-value] # Layers are never empty
    if isinstance(over, Leaf) or (isinstance(over, Tree) and over.closed):
        return over
    if isinstance(over, Tree):
        return _with_tree(under, over)
    if isinstance(under, Layers):
        under.items.append(over)
        return under
    return Layers([over] if under is None else [under, over])


def _with_tree(under: Node | None, over: Tree) -> Node:
    if isinstance(under, Leaf):
        over.closed = True
        return over
    if isinstance(under, Tree):
        for key, child in over.children.items():
            under.children[key] = merged(under.children.get(key), child)
        return under
    if isinstance(under, Layers):
        last = top(under)
        if last is None:
            under.items.append(over)
        else:
            _with_tree(last, over)
        return under
    return over


def look_up(root: Node, path: Path) -> Found:
    """What is known about a path."""
    node: Node | None = root
    certain = True
    for element in (*path, None):
        if isinstance(node, Layers):
            certain = False
            node = node.items[-1]
        if isinstance(node, Tree):
            certain = certain or node.closed
        elif isinstance(node, Leaf):
            certain = True
        elif node is not None:
            return Found(node, False)
        if element is None:
            break
        node = node.children.get(element) if isinstance(node, Tree) else None
        if isinstance(node, Leaf):
            certain = True
        if node is None:
            break
    return Found(node, certain)


def plain(node: Node, text: str) -> Any:
    """The value of a node as plain types.

    :raises NotLiteral: if it depends on something that only the program knows.
    """
    if isinstance(node, Tree):
        return {key: plain(child, text) for key, child in node.children.items()}
    if isinstance(node, Leaf):
        return [_plain_value(item, text) for item in node.data] if node.kind == ARRAY else node.data
    raise NotLiteral


def _plain_value(value: Value, text: str) -> Any:
    node: Node | None = None
    for piece in value.pieces:
        if piece.kind == OBJECT:
            node = merged(node, _object(text, piece.data))
        elif piece.kind in (SCALAR, ARRAY):
            node = Leaf(piece.kind, piece.data, "", None)
        else:
            raise NotLiteral
    return plain(node, text)  # type: ignore[arg-type] # a value has at least one piece


class Others:
    """The meaning of all paths but some: two files agree on them if the :meth:`of` their roots are equal."""

    def __init__(self, paths: Iterable[Path]) -> None:
        self.paths = {tuple(path) for path in paths}
        self.above = {path[:length] for path in self.paths for length in range(len(path))}

    def of(self, node: Node | None, path: tuple[str, ...] = ()) -> Any:
        """What is there besides the excepted paths, in a form that can be compared."""
        above = path in self.above
        if path in self.paths or node is None or (above and isinstance(node, Leaf) and node.is_null):
            return None
        if isinstance(node, Leaf):
            return node.raw
        if isinstance(node, Unknown):
            return (node.raw,)
        if isinstance(node, Layers):
            found = [self.of(item, path) for item in node.items]
            return [item for item in found if item is not None]
        children = {key: self.of(child, (*path, key)) for key, child in node.children.items()}
        children = {key: child for key, child in children.items() if child is not None}
        return None if above and not children else children
