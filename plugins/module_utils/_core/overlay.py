# Copyright: Contributors to the selfhosted.jitsi project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# This module util is PRIVATE to the collection and may change at any time.

"""Settings of a role under those of its user, who wins."""

from __future__ import annotations

import re
from typing import Any, Iterable, Mapping, Sequence

# A name in quotes may hold dots.
_NAME = re.compile(r"\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*'|[^.]+")


def overlaid(
    own: Iterable[Mapping[str, Any]], users: Sequence[Mapping[str, Any]], nested: bool
) -> list[dict[str, Any]]:
    """The settings of both; where keys are equal the user's.

    :param own: the role's settings, with ``key`` and others.
    :param nested: whether keys are paths of names with dots. Then an own key above or below one of the user's cannot
        stand beside it, and becomes absent.
    """
    paths = [_path(setting["key"], nested) for setting in users]
    kept = (_beside(dict(setting), _path(setting["key"], nested), paths) for setting in own)
    return [*(setting for setting in kept if setting), *(dict(setting) for setting in users)]


def _path(key: str, nested: bool) -> tuple[str, ...]:
    return tuple(name.strip("\"'") for name in _NAME.findall(key)) if nested else (key,)


def _beside(setting: dict[str, Any], path: tuple[str, ...], paths: Iterable[tuple[str, ...]]) -> dict[str, Any]:
    absent = False
    for other in paths:
        if other == path:
            return {}
        shorter = min(len(other), len(path))
        absent = absent or other[:shorter] == path[:shorter]
    return {"key": setting["key"], "state": "absent"} if absent else setting
