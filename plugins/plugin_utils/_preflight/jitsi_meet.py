# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether the arguments of the role jitsi_meet are valid."""

from __future__ import annotations

import re
from typing import Iterator

from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.errors import CoreError
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.prosody.accounts import parse_accounts
from ansible_collections.selfhosted.jitsi.plugins.plugin_utils._arguments import ArgumentError, typed
from ansible_collections.selfhosted.jitsi.plugins.plugin_utils._bridges import port_conflicts
from ansible_collections.selfhosted.jitsi.plugins.plugin_utils._jinja.address import ipv4_address, ipv4_network
from ansible_collections.selfhosted.jitsi.plugins.plugin_utils._preflight import tokens, turn
from ansible_collections.selfhosted.jitsi.plugins.plugin_utils._preflight import values as ask
from ansible_collections.selfhosted.jitsi.plugins.plugin_utils._preflight.repositories import judge as repositories
from ansible_collections.selfhosted.jitsi.plugins.plugin_utils._preflight.values import Values, renamed

SIZES = (
    "jitsi_meet_videobridge_memory",
    "jitsi_meet_jicofo_memory",
    "jitsi_meet_open_files",
    "jitsi_meet_nginx_connections",
    "jitsi_meet_minimum_memory",
    "jitsi_meet_minimum_disk",
)
LOCAL = "the Jitsi machine's address in the guests' network, for example 192.168.122.120"
STUN_SERVER = re.compile(r"[A-Za-z0-9.-]+:[0-9]{1,5}")
ONE_BRIDGE = "SingleBridgeSelectionStrategy"
VISITORS = "stops jicofo without settings of visitor nodes, and this collection makes none."
SPREAD = (
    "spreads a conference over bridges. That needs jicofo.octo.enabled and videobridge.relay, which this collection "
    "does not set."
)


def judge(values: Values) -> Iterator[str]:
    """The problems, each as a sentence without secrets."""
    yield from ask.host_name(values, "jitsi_meet_fqdn")
    yield from ask.address(values, "jitsi_meet_local_address", LOCAL)
    yield from ask.public_addresses(
        values, "jitsi_meet_public_addresses", "jitsi_meet_local_address", "the videobridge"
    )
    yield from _stun_servers(values)
    yield from repositories(values)
    yield from _proxies(values)
    yield from _bridges(values)
    yield from ask.sizes(values, SIZES)
    yield from _accounts(values)
    if values["jitsi_meet_authentication"] == "jwt":
        yield from tokens.judge(values)
    yield from turn.judge(values)
    yield from _strategy(values)
    yield from _bridge_port(values)
    yield from ask.archive(values, "jitsi_meet_archive")


def _stun_servers(values: Values) -> Iterator[str]:
    servers = values["jitsi_meet_stun_servers"]
    if not all(STUN_SERVER.fullmatch(server) for server in servers):
        yield (
            f"jitsi_meet_stun_servers: each item of {servers} must be host:port. "
            "Write for example stun.example.org:3478, or leave the list empty for no STUN server."
        )


def _proxies(values: Values) -> Iterator[str]:
    wrong = [one for one in values["jitsi_meet_trusted_proxies"] if not (ipv4_address(one) or ipv4_network(one))]
    if wrong:
        yield (
            f"jitsi_meet_trusted_proxies: '{', '.join(wrong)}' is neither an IPv4 address nor a network. "
            "List the addresses from which the proxies connect, for example 192.168.122.100."
        )


def _bridges(values: Values) -> Iterator[str]:
    listed = values["jitsi_meet_bridge_addresses"]
    if not all(ipv4_address(one) for one in listed):
        yield (
            f"jitsi_meet_bridge_addresses: each item of {listed} must be an IPv4 address. "
            "List the addresses of the further bridges, for example 192.168.122.121."
        )


def _accounts(values: Values) -> Iterator[str]:
    accounts = values["jitsi_meet_accounts"]
    nameless = [position for position, account in enumerate(accounts) if "name" not in account]
    if nameless:
        yield f"jitsi_meet_accounts[{nameless[0]}].name: the name is missing; add it"
        return
    try:
        parse_accounts(typed(accounts, "jitsi_meet_accounts"))
    except ArgumentError as error:
        yield str(error)
    except CoreError as error:
        yield renamed(error, "accounts", "jitsi_meet_accounts")


def _strategy(values: Values) -> Iterator[str]:
    strategy = values["jitsi_meet_bridge_selection_strategy"]
    if strategy not in ("", ONE_BRIDGE):
        why = VISITORS if strategy == "VisitorSelectionStrategy" else SPREAD
        yield (
            f"jitsi_meet_bridge_selection_strategy: '{strategy}' {why} "
            f"Write {ONE_BRIDGE}, or leave it empty. Each conference then has one bridge."
        )


def _bridge_port(values: Values) -> Iterator[str]:
    yield from ask.ports(values, {"jitsi_meet_bridge_port": 10000})
    settings = {name: values[name] for name in ("jitsi_meet_hocon", "jitsi_meet_properties")}
    for problem in port_conflicts(settings, values["jitsi_meet_bridge_port"]):
        yield f"{problem}. Remove it there, and set jitsi_meet_bridge_port, which the forward follows."
