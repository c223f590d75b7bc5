# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Settings of a role under those of its user, who wins."""

from __future__ import annotations

import re
from typing import Any, Iterable, Mapping, Sequence, Tuple

from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.errors import CoreError
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.hocon.text import parse_path, rendered_path

Path = Tuple[str, ...]

# A name in quotes may hold dots.
_NAME = re.compile(r"\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*'|[^.]+")


def overlaid(
    own: Iterable[Mapping[str, Any]], users: Sequence[Mapping[str, Any]], nested: bool, whole: bool = False
) -> list[dict[str, Any]]:
    """The settings of both; where keys are equal the user's.

    :param own: the role's settings, with ``key`` and others.
    :param nested: whether keys are paths of names with dots. Then an own key above or below one of the user's cannot
        stand beside it, and becomes absent.
    :param whole: whether keys are HOCON's paths, where a setting stands for all that is below its key. Then what the
        user sets covers the own keys below it.
    :raises CoreError: with ``whole``, for a key that is no path, or that of a user below an own one.
    """
    path_of = parse_path if whole else _path if nested else _name
    beside = _uncovered if whole else _beside
    paths = [path_of(setting["key"]) for setting in users]
    kept = (beside(dict(setting), path_of(setting["key"]), paths) for setting in own)
    return [*(setting for setting in kept if setting), *(dict(setting) for setting in users)]


def _name(key: str) -> Path:
    return (key,)


def _path(key: str) -> Path:
    return tuple(name.strip("\"'") for name in _NAME.findall(key))


def _beside(setting: dict[str, Any], path: Path, paths: Iterable[Path]) -> dict[str, Any]:
    absent = False
    for other in paths:
        if other == path:
            return {}
        shorter = min(len(other), len(path))
        absent = absent or other[:shorter] == path[:shorter]
    return {"key": setting["key"], "state": "absent"} if absent else setting


def _uncovered(setting: dict[str, Any], path: Path, paths: Iterable[Path]) -> dict[str, Any]:
    for other in paths:
        if other == path[: len(other)]:
            return {}
        if other[: len(path)] == path:
            raise CoreError(
                f"the setting {rendered_path(other)} is inside {setting['key']}, and the role sets that as a whole;"
                f" set the whole {setting['key']} instead"
            )
    return setting
