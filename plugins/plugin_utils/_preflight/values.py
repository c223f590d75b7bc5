# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the judges of several roles ask of a value, and the sentences about it."""

from __future__ import annotations

import json
import re
from typing import Any, Iterator, Mapping

from ansible_collections.selfhosted.jitsi.plugins.plugin_utils._jinja.address import fqdn, ipv4_address

#: The arguments of a role by their names, in the types of its argument spec.
Values = Mapping[str, Any]

#: What goes into files of apt and into commands as it is.
URI = re.compile(r"[a-z][a-z+]*:/[^\s\"'`\\<>\[\]$]+")
#: An absolute path below the root, or nothing.
PATH = re.compile(r"(/[^\s\"'`\\$/][^\s\"'`\\$]*)?")


def quoted(value: object) -> str:
    """A value as JSON, which shows blanks and line ends."""
    return json.dumps(value)


def host_name(values: Values, name: str) -> Iterator[str]:
    """The problem of a value that is not the public name of a site."""
    if not fqdn(values[name]):
        yield (
            f"{name}: '{values[name]}' is not a fully qualified host name in lower case. "
            "Set it to the public name of the site, for example jitsi.example.org."
        )


def address(values: Values, name: str, remedy: str, place: str = "") -> Iterator[str]:
    """The problem of a value that is not an IPv4 address.

    :param remedy: what to set it to, with an example.
    :param place: what the message says behind the name, such as " of bridge2".
    """
    if not ipv4_address(values[name]):
        yield f"{name}{place}: '{values[name]}' is not an IPv4 address. Set it to {remedy}."


def ports(values: Values, examples: Mapping[str, int], place: str = "") -> Iterator[str]:
    """The problems of values that are not ports.

    :param examples: a port for each name of an argument.
    :param place: what the message says behind the name, such as " of bridge2".
    """
    for name, example in examples.items():
        if not 0 < values[name] < 65536:
            yield (
                f"{name}{place}: {values[name]} is not a port. "
                f"Set it to a number from 1 to 65535, for example {example}."
            )


def archive(values: Values, name: str) -> Iterator[str]:
    """The problem of a folder for archives that is no absolute path."""
    if not PATH.fullmatch(values[name]):
        yield (
            f"{name}: {quoted(values[name])} is not an absolute path of a folder. Set it to a path such as "
            "/var/backups/jitsi-meet, or leave it empty for no archive. "
            "Blanks, line ends, quotes, backslashes and dollar signs are not allowed."
        )


def sizes(values: Values, names: tuple[str, ...], place: str = "") -> Iterator[str]:
    """The problems of sizes that are negative."""
    for name in names:
        if values[name] < 0:
            yield f"{name}{place}: {values[name]} is negative. Set it to a whole number, or leave it out."


def public_addresses(values: Values, name: str, local: str, what: str, place: str = "") -> Iterator[str]:
    """The problem of a list of public addresses that has none, a wrong one, or the local address."""
    listed = values[name]
    if not listed or not all(ipv4_address(one) for one in listed) or values[local] in listed:
        yield (
            f"{name}{place}: {listed} must be IPv4 addresses other than {local} ({values[local]}). "
            f"List the addresses under which clients reach {what}, for example 198.51.100.10."
        )


def renamed(error: Exception, option: str, variable: str) -> str:
    """The words of a module's error with the role's variable in place of the option whose value it is."""
    return re.sub(rf"(?<![^ ]){option}(?=[:[])", variable, str(error))
