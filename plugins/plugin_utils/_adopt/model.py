# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""What an adopted inventory consists of: settings, and remarks about what nobody can decide but its user."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Network
from typing import Any

from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.errors import JitsiError

#: When a remark counts: before the first run, at any time, or after the first run.
BEFORE, DECIDE, AFTER = "before", "decide", "after"


class AdoptError(JitsiError):
    """A system that cannot be adopted. The message says what to do."""


@dataclass(frozen=True)
class Remark:
    """Something that the inventory cannot say.

    :param where: the machine that shows it.
    :param what: one sentence without a period.
    :param remedy: what to do about it, one sentence without a period.
    :param variable: the variable that it belongs to, empty if there is none.
    """

    where: str
    what: str
    remedy: str
    variable: str = ""
    when: str = DECIDE


@dataclass(frozen=True)
class Setting:
    """A variable of the inventory.

    :param comment: where its value was found, one sentence without a period.
    :param is_open: whether the user has to complete the line, which is a comment until then.
    """

    name: str
    value: Any
    comment: str
    is_open: bool = False


@dataclass
class Findings:
    """What has been decided so far."""

    settings: list[Setting] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)

    def add(self, other: Findings) -> None:
        """Take over what another part has decided."""
        self.settings += other.settings
        self.remarks += other.remarks

    def value(self, name: str) -> Any:
        """The value of a variable, or None."""
        return next((one.value for one in self.settings if one.name == name and not one.is_open), None)


@dataclass(frozen=True)
class Seen:
    """What was read on one machine."""

    machine: str
    found: Mapping[str, Any]

    @property
    def interfaces(self) -> Sequence[Mapping[str, str]]:
        """Its addresses, each with its network and its device."""
        found: Sequence[Mapping[str, str]] = self.found["interfaces"]
        return found

    @property
    def addresses(self) -> list[str]:
        """Its addresses."""
        return [one["address"] for one in self.interfaces]

    def address_in(self, network: str) -> str:
        """Its first address in a network, or nothing."""
        inside = (one for one in self.addresses if network and IPv4Address(one) in IPv4Network(network))
        return next(inside, "")


@dataclass(frozen=True)
class System:
    """The machines of a site.

    :param site: what was read of the Jitsi site that is adopted.
    """

    host: Seen
    proxy: Seen
    jitsi: Seen
    site: Mapping[str, Any]
    bridges: Sequence[Seen] = ()

    @property
    def fqdn(self) -> str:
        """The name that people open."""
        return str(self.site["name"])

    @property
    def forwards(self) -> Sequence[Mapping[str, str]]:
        """The forwards of the host."""
        found: Sequence[Mapping[str, str]] = self.host.found["forwards"]["forwards"]
        return found

    @property
    def vhosts(self) -> Sequence[Mapping[str, Any]]:
        """The vhosts of the proxy."""
        found: Sequence[Mapping[str, Any]] = self.proxy.found["proxy"]["vhosts"]
        return found

    @property
    def bridge(self) -> Mapping[str, Any]:
        """The settings of the Jitsi machine's own bridge."""
        found: Mapping[str, Any] = self.jitsi.found["jitsi"]["bridge"]
        return found
