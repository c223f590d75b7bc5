# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reading and changing the kernel's rules, in every place where they matter."""

from __future__ import annotations

from typing import Callable

from ..._core.forwards import libvirt as libvirt_nftables
from ..._core.forwards import plan as firewall
from ..._core.forwards.iptables import TABLES, empty
from ..._core.forwards.nftables import Chains
from ..._core.forwards.plan import IPTABLES, LIBVIRT, LIBVIRTS, Found, Place, Plan
from ..commands import CommandError, Runner, call, try_call

# Others hold the lock for milliseconds; who waits longer than this (seconds) has another problem.
_LOCK_WAIT = "30"
# libvirt and docker may change the same chains while we do.
_ATTEMPTS = 4
_SAVE = "iptables-save"
_LEGACY_TABLES = "/proc/net/ip_tables_names"


def is_missing(run: Runner) -> bool:
    """Whether this host has no iptables."""
    try:
        run([_SAVE, "--version"], "")
    except FileNotFoundError:
        return True
    return False


def read(run: Runner, bare: bool = False) -> tuple[Found, Chains]:
    """Read every table in which own rules stand or may be needed, and which chains nftables has.

    :param bare: whether this host has no iptables, so that its tables count as empty.
    :raises CommandError: if the tables of the iptables in use cannot be read.
    """
    found = {}
    for table in TABLES:
        place = Place(IPTABLES, table)
        found[place] = empty(table) if bare else save(run, table)
    found.update(_other_variant(run))
    chains = Chains(try_call(run, ["nft", "-j", "list", "chains"]))
    if chains.has(libvirt_nftables.FAMILY, libvirt_nftables.TABLE, libvirt_nftables.PARENT):
        argv = ["nft", "-a", "list", "table", libvirt_nftables.FAMILY, libvirt_nftables.TABLE]
        found[LIBVIRTS] = call(run, argv, "", "read libvirt's table", "nftables")
    return found, chains


def save(run: Runner, table: str) -> str:
    """Return a table of the iptables in use as text.

    :raises CommandError: if it cannot be read.
    """
    return call(run, [_SAVE, "-t", table], "", f"read the table {table}", "iptables")


def refuse_strict_firewalld(run: Runner, chains: Chains) -> None:
    """Raise ForwardError if there is a firewalld that lets no forwards of others pass."""
    chain = ("inet", "firewalld", "filter_FORWARD")
    if chains.has(*chain):
        firewall.refuse_strict_firewalld(try_call(run, ["nft", "list", "chain", *chain]))


def _other_variant(run: Runner) -> Found:
    """The tables of the variant of iptables that is not in use, if it has any."""
    program = other_program(run)
    # Without -t it shows the tables that there are, and makes none.
    saved = try_call(run, [f"{program}-save"]) if program else ""
    return {Place(program, table): saved for table in TABLES if f"*{table}" in saved.split("\n")}


def other_program(run: Runner) -> str:
    """Return the variant of iptables that is not in use and may have rules, such as iptables-legacy; else empty."""
    version = try_call(run, ["iptables", "--version"])
    if "nf_tables" in version:
        return "iptables-legacy" if has_legacy_tables() else ""
    return "iptables-nft" if "legacy" in version else ""


def is_nft(run: Runner) -> bool:
    """Whether the iptables in use works with nftables."""
    return "nf_tables" in try_call(run, ["iptables", "--version"])


def has_legacy_tables() -> bool:
    """Whether the kernel has tables of iptables-legacy. The program itself would load modules to find out."""
    try:
        with open(_LEGACY_TABLES, encoding="ascii") as file:
            return bool(file.read().strip())
    except OSError:
        return False


def ensure(run: Runner, decide: Callable[[Found], Plan], plan: Plan, bare: bool = False) -> None:
    """Give the tables what a plan wants, and verify it.

    :param decide: makes the plan anew, for somebody else may change a table meanwhile.
    :param plan: what it made of the tables as they were read last.
    :param bare: as for :func:`read`.
    :raises CommandError: if a command fails, or the kernel shows other rules afterwards.
    """
    problem: CommandError | None = None
    for _attempt in range(_ATTEMPTS):
        if not firewall.changes(plan):
            return
        problem = None
        try:
            _apply(plan, run)
        except CommandError as error:
            problem = error
        plan = decide(read(run, bare)[0])
    if firewall.changes(plan):
        raise problem or _other_rules(plan)


def _apply(outcomes: Plan, run: Runner) -> None:
    for place, outcome in outcomes.items():
        text = firewall.feed(place, outcome)
        if text:
            package = "nftables" if place.program == LIBVIRT else "iptables"
            call(run, _changer(place), text, f"change the table {place.table}", package)


def _changer(place: Place) -> list[str]:
    if place.program == LIBVIRT:
        return ["nft", "-f", "-"]
    return [f"{place.program}-restore", "--noflush", "-w", _LOCK_WAIT]


def _other_rules(outcomes: Plan) -> CommandError:
    # Each module is compiled anew on the target in every run, and this one is seldom needed.
    import difflib

    difference = [
        line
        for place, outcome in outcomes.items()
        if outcome.changed
        for line in difflib.unified_diff(
            outcome.after.render().splitlines(),
            outcome.before.render().splitlines(),
            f"{place} as requested",
            f"{place} as found",
            lineterm="",
        )
    ]
    return CommandError(
        "Cannot verify the rules: the kernel accepted them, but now has other rules. Another program may keep "
        "changing them; find it, and run again. If there is none, please report this with the version of "
        "iptables:\n" + "\n".join(difference)
    )
