# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Repeat templates for each item of a list."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from ansible.errors import AnsibleFilterError

_ITEM = "item"


def for_each(templates: object, items: object, **values: Mapping[str, Any]) -> list[Any]:
    """Return all templates once for each item, with the item and its values in their texts.

    :param templates: a list; ``<item>`` in its texts stands for the item, and ``<NAME>`` for the item's value in the
        mapping of that name.
    :param values: mappings by item. An item that is not in one has an empty text there.
    """
    names = [_ITEM, *values]
    holes = re.compile(f"<({'|'.join(map(re.escape, names))})>")

    def fill(template: Any, known: Mapping[str, str]) -> Any:
        if isinstance(template, str):
            return holes.sub(lambda hole: known[hole[1]], template)
        if isinstance(template, Mapping):
            return {key: fill(value, known) for key, value in template.items()}
        if isinstance(template, Sequence):
            return [fill(value, known) for value in template]
        return template

    listed = [str(item) for item in _list(items)]
    return [
        fill(template, {_ITEM: item, **{name: str(value.get(item, "")) for name, value in values.items()}})
        for item in listed
        for template in _list(templates)
    ]


def _list(value: object) -> Sequence[Any]:
    if not isinstance(value, Sequence) or isinstance(value, (str, bytes)):
        raise AnsibleFilterError(f"for_each: a value is a {type(value).__name__}; give lists of templates and of items")
    return value


FILTERS = {"for_each": for_each}
