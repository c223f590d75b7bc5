# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Refuse arguments that no path, no name and no command can be."""

from __future__ import annotations

from typing import Any, Iterator

from ansible.module_utils.basic import AnsibleModule


def refuse_nul(module: AnsibleModule, *left_out: str) -> None:
    """End the module if a text among its arguments holds a NUL character; the operating system accepts it nowhere.

    :param left_out: the options that are judged elsewhere.
    """
    for name, value in module.params.items():
        for path in _with_nul(value, name) if name not in left_out else ():
            module.fail_json(
                msg=f"{path}: the value contains a NUL character, and no path, name or command can have one; remove it"
            )


def _with_nul(value: Any, path: str) -> Iterator[str]:
    """The paths of the texts that hold one."""
    if isinstance(value, str) and "\0" in value:
        yield path
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from _with_nul(inner, f"{path}.{key}")
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _with_nul(inner, f"{path}[{index}]")
