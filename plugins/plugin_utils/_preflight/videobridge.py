# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether the arguments of the role videobridge are valid."""

from __future__ import annotations

import re
from typing import Collection, Iterator

from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.bridge import websockets
from ansible_collections.selfhosted.jitsi.plugins.plugin_utils._bridges import port_conflicts
from ansible_collections.selfhosted.jitsi.plugins.plugin_utils._preflight import values as ask
from ansible_collections.selfhosted.jitsi.plugins.plugin_utils._preflight.values import Values
from ansible_collections.selfhosted.jitsi.plugins.plugin_utils._settings import overlaid

HERE = "in the guests' network, for example"
ADDRESSES = {
    "videobridge_local_address": f"the address of the bridge's machine {HERE} 192.168.122.121",
    "videobridge_xmpp_address": f"the address of the Jitsi machine {HERE} 192.168.122.120",
}
PORTS = {"videobridge_port": 10001, "videobridge_xmpp_port": 5222}
SIZES = ("videobridge_memory", "videobridge_minimum_memory", "videobridge_minimum_disk")
NICKNAME = re.compile(r"[A-Za-z0-9._-]+")


def judge(values: Values, machine: str, machines: Collection[str]) -> Iterator[str]:
    """The problems, each as a sentence.

    :param machine: the inventory name of the bridge's machine.
    :param machines: the inventory names of all machines.
    """
    place = f" of {machine}"
    yield from ask.host_name(values, "videobridge_fqdn")
    for name, remedy in ADDRESSES.items():
        yield from ask.address(values, name, remedy, place)
    yield from ask.public_addresses(
        values, "videobridge_public_addresses", "videobridge_local_address", "the bridge", place
    )
    yield from ask.ports(values, PORTS, place)
    yield from ask.sizes(values, SIZES, place)
    yield from ask.archive(values, "videobridge_archive")
    yield from _nickname(values)
    yield from _server_id(values, machine)
    yield from _jitsi_machine(values, machine, machines)
    yield from _other_ports(values, machine)


def _nickname(values: Values) -> Iterator[str]:
    name = values["videobridge_muc_nickname"]
    if not NICKNAME.fullmatch(name):
        yield (
            f"videobridge_muc_nickname: '{name}' is not a valid nickname for jicofo. "
            "Use letters, digits, dots, hyphens and underscores."
        )


def _server_id(values: Values, machine: str) -> Iterator[str]:
    own = [{"key": websockets.SERVER_ID, "value": values["videobridge_muc_nickname"]}]
    users = overlaid(own, values["videobridge_hocon"], True, True)
    claimed = websockets.settled({websockets.ENABLED: True}, users, values["videobridge_properties"])
    if not claimed["enabled"]:
        return
    why = "is the name of the bridge on the Jitsi machine" if claimed["server_id"] == websockets.USUAL_ID else ""
    why = "cannot be part of a URL" if claimed["problem"] else why
    if why:
        yield (
            f"{websockets.SERVER_ID} of {machine}: '{claimed['server_id']}' {why}. "
            "Set a unique name in videobridge_hocon or videobridge_muc_nickname. "
            "Use letters, digits, dots, hyphens and underscores."
        )


def _jitsi_machine(values: Values, machine: str, machines: Collection[str]) -> Iterator[str]:
    wanted = values["videobridge_jitsi_machine"]
    if wanted not in machines or wanted == machine:
        yield (
            f"videobridge_jitsi_machine: '{wanted}' is not another host of the inventory than {machine}. "
            "Set it to the inventory name of the Jitsi machine. The Jitsi machine's own bridge needs no role."
        )


def _other_ports(values: Values, machine: str) -> Iterator[str]:
    settings = {name: values[name] for name in ("videobridge_hocon", "videobridge_properties")}
    for problem in port_conflicts(settings, values["videobridge_port"]):
        yield f"{problem} on {machine}. Remove it there, and set videobridge_port, which the forward follows."
