# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether the arguments of a role are valid, before anything changes."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, Callable

from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.errors import CoreError
from ansible_collections.selfhosted.jitsi.plugins.plugin_utils._arguments import ArgumentError, typed
from ansible_collections.selfhosted.jitsi.plugins.plugin_utils._jinja.entry import WRONG_VALUE
from ansible_collections.selfhosted.jitsi.plugins.plugin_utils._preflight import (
    jitsi_meet,
    nat_host,
    reverse_proxy,
    videobridge,
)
from ansible_collections.selfhosted.jitsi.plugins.plugin_utils._preflight import values as ask
from ansible_collections.selfhosted.jitsi.plugins.plugin_utils._preflight.values import Values

Judge = Callable[[Values, str, Collection[str]], Iterator[str]]
JUDGES: Mapping[str, Judge] = {
    "jitsi_meet": lambda values, _machine, _machines: jitsi_meet.judge(values),
    "nat_host": lambda values, _machine, _machines: nat_host.judge(values),
    "reverse_proxy": lambda values, _machine, _machines: reverse_proxy.judge(values),
    "videobridge": videobridge.judge,
}

#: A role that only removes uses no other argument than its folder for archives.
ARCHIVES = {"jitsi_meet": "jitsi_meet_archive", "videobridge": "videobridge_archive"}

#: Lists of mappings whose items the judges read as they are: their messages name the item, as those of a type do not.
UNTYPED = (
    "jitsi_meet_accounts",
    "jitsi_meet_hocon",
    "jitsi_meet_properties",
    "nat_host_forwards",
    "videobridge_hocon",
    "videobridge_properties",
)


def problems(
    role: str, said: Mapping[str, Any], machine: str, machines: Collection[str], removes: bool = False
) -> list[str]:
    """The problems of a role's arguments, each as a sentence without secrets.

    :param role: one of JUDGES.
    :param said: the arguments by their names, as the inventory has them.
    :param machine: the inventory name of the machine that gets the role.
    :param machines: the inventory names of all machines.
    :param removes: whether the role removes what it installed; then it is one of ARCHIVES.
    """
    try:
        values, wrong = _typed(said)
        if removes:
            return wrong or list(ask.archive(values, ARCHIVES[role]))
        return wrong or list(JUDGES[role](values, machine, machines))
    except CoreError as error:
        return [f"{role}_hocon, {role}_properties: a key is not valid: {error}"]
    except WRONG_VALUE as error:
        # The error's own words may hold a value, and the value a secret.
        return [f"a value has a wrong type or form ({type(error).__name__}); see the README of the role {role}"]


def _typed(said: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """The arguments in the types of their specs, and a sentence for each that has none."""
    values, wrong = {}, []
    for name, value in said.items():
        try:
            values[name] = _mappings(value, name) if name in UNTYPED else typed(value, name)
        except ArgumentError as error:
            wrong.append(str(error))
    return values, wrong


def _mappings(value: Any, name: str) -> Sequence[Mapping[str, Any]]:
    """A list of mappings as it is.

    :raises ArgumentError: for anything else.
    """
    if not isinstance(value, Sequence) or isinstance(value, str):
        raise ArgumentError(f"{name}: the value is a {type(value).__name__}; write a list of mappings")
    for position, item in enumerate(value):
        if not isinstance(item, Mapping):
            raise ArgumentError(f"{name}[{position}]: the item is a {type(item).__name__}; write a mapping")
    return value
