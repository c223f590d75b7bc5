# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""What may be in force for a path of a HOCON file, also by way of the file's own substitutions."""

from __future__ import annotations

from typing import Iterable, Iterator, NamedTuple, Union

from .document import Layers, Leaf, Node, Path, Tree, Unknown, top

Item = Union[Leaf, Tree, Unknown]

# Nobody writes a longer chain of substitutions; what is behind it counts as unknown.
_LONGEST_CHAIN = 50


class Seen(NamedTuple):
    """What may be in force, and the substitution through which it is seen, if that is not the path itself."""

    item: Item
    via: Unknown | None = None


class _Source(NamedTuple):
    """A node that says something about a path. ``settled`` says that its unknowns have been looked into already."""

    node: Node
    via: Unknown | None
    settled: bool = False


class Sight:
    """All that a file says about paths; each list has what is said last first, down to what hides the rest.

    An unknown in it is an include, or a substitution of which the file does not say what it brings.
    """

    def __init__(self, root: Node) -> None:
        self.root = root
        self._known: dict[tuple[str, ...], list[Seen]] = {}
        self._open: set[tuple[str, ...]] = set()

    def levels(self, path: Path) -> Iterator[list[Seen]]:
        """Yield what is said about each of the objects on the way to a path, and about the path."""
        items = self._expanded([_Source(self.root, None)], ())
        for length, element in enumerate(path, 1):
            items = self._expanded(_below(items, element), tuple(path[:length]))
            yield items

    def at(self, path: tuple[str, ...]) -> list[Seen]:
        """What is said about a path; nothing if it depends on itself."""
        if path not in self._known:
            if path in self._open or len(self._open) >= _LONGEST_CHAIN:
                return []
            self._open.add(path)
            *_above, self._known[path] = self.levels(path)
            self._open.remove(path)
        return self._known[path]

    def brings(self, unknown: Unknown, level: int, path: Path) -> list[Seen]:
        """What a substitution, which is the value of the first ``level`` elements, says about the path below it."""
        return self.at((*unknown.path, *path[level:])) if unknown.path else []

    def _expanded(self, sources: Iterable[_Source], path: tuple[str, ...]) -> list[Seen]:
        found: list[Seen] = []
        met = {path}
        for source in sources:
            for item in reversed(source.node.items) if isinstance(source.node, Layers) else (source.node,):
                if isinstance(item, Unknown) and item.path and not source.settled:
                    if item.path in met:
                        # It means what is said before, which comes next, or has been looked into.
                        continue
                    met.add(item.path)
                    brought = [Seen(seen.item, source.via or item) for seen in self.at(item.path)]
                else:
                    brought = []
                found += brought or [Seen(item, source.via)]
                if _hides(found[-1].item):
                    return found
        return found


def _below(items: Iterable[Seen], element: str) -> Iterator[_Source]:
    for item, via in items:
        if isinstance(item, Unknown):
            yield _Source(item, via, settled=True)
        elif isinstance(item, Tree) and element in item.children:
            yield _Source(item.children[element], via)


def _hides(item: Item) -> bool:
    return isinstance(item, Leaf) or (isinstance(item, Tree) and item.closed)


def unknowns_above(root: Node, path: Path) -> list[tuple[Unknown, int]]:
    """What may say something about a path that stands in no definition of the path itself, the last first.

    With each comes how many elements the path of its own has.
    """
    found: list[tuple[Unknown, int]] = []
    node: Node | None = root
    for level, element in enumerate(path):
        if isinstance(node, Layers):
            found = [(item, level) for item in reversed(node.items) if isinstance(item, Unknown)] + found
            node = top(node)
        if isinstance(node, Leaf) or (isinstance(node, Tree) and node.closed):
            found = []
        node = node.children.get(element) if isinstance(node, Tree) else None
    return found
