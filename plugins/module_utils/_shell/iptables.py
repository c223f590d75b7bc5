# Copyright: Contributors to the selfhosted.jitsi project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# This module util is PRIVATE to the collection and may change at any time.

"""Reading and changing the kernel's rules by way of iptables-save and iptables-restore."""

from __future__ import annotations

import difflib
from typing import Any, Callable, Tuple

from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.forwards import Request
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.outcome import Outcome
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.ruleset import (
    TABLES,
    Owned,
    plan,
    refuse_nftables_libvirt,
    ruleset,
)

# Takes an argv list and the standard input; returns exit status, standard output and standard error.
# Raises FileNotFoundError if there is no such command.
Runner = Callable[[list, str], Tuple[int, str, str]]

# Others hold the lock for milliseconds; who waits longer than this (seconds) has another problem.
_LOCK_WAIT = "30"
_LIBVIRT_TABLE = ["nft", "list", "table", "ip", "libvirt_network"]


class IptablesError(Exception):
    """A command that could not be run or did not do what it should."""


def module_runner(module: Any) -> Runner:
    """Return a Runner that uses the AnsibleModule, and finds commands in the sbin folders too."""

    def run(argv: list, stdin: str) -> tuple[int, str, str]:
        path = module.get_bin_path(argv[0])
        if path is None:
            raise FileNotFoundError(argv[0])
        return module.run_command(
            [path, *argv[1:]], data=stdin, binary_data=True, environ_update={"LC_ALL": "C", "LANGUAGE": "C"}
        )

    return run


def ensure(name: str, request: Request | None, run: Runner, check_mode: bool) -> dict[str, Outcome[Owned]]:
    """Give one owner the rules that the request asks for (None: no rules), and verify them.

    :returns: what was decided for each table.
    :raises ForwardError: if the rules cannot have the effect that was asked for.
    :raises IptablesError: if a command fails, or the kernel shows other rules afterwards.
    """
    saved = _save(run)
    if request is not None and request.forwards:
        _check_libvirt(request, run)
    outcomes = plan(name, request, saved)
    if not check_mode and any(outcome.changed for outcome in outcomes.values()):
        for table, outcome in outcomes.items():
            _restore(table, ruleset(outcome), run)
        _verify(plan(name, request, _save(run)))
    return outcomes


def _save(run: Runner) -> dict[str, str]:
    return {table: _call(run, ["iptables-save", "-t", table], "", f"read the table {table}") for table in TABLES}


def _restore(table: str, text: str, run: Runner) -> None:
    if text:
        _call(run, ["iptables-restore", "--noflush", "-w", _LOCK_WAIT], text, f"change the table {table}")


def _call(run: Runner, argv: list, stdin: str, purpose: str) -> str:
    """Run a command that must succeed, and return its output."""
    try:
        status, output, errors = run(argv, stdin)
    except FileNotFoundError as error:
        raise IptablesError(
            f"Cannot {purpose}: the command {argv[0]} is missing; install the package iptables"
        ) from error
    if status != 0:
        said = " ".join((errors.strip() or output.strip() or "nothing").split())
        remedy = "; become root" if "be root" in said else ""
        raise IptablesError(f"Cannot {purpose}: '{' '.join(argv)}' returned {status} and said: {said}{remedy}")
    return output


def _check_libvirt(request: Request, run: Runner) -> None:
    try:
        status, listing, _errors = run(_LIBVIRT_TABLE, "")
    except FileNotFoundError:
        return
    if status == 0:
        refuse_nftables_libvirt(listing, request.network)


def _verify(outcomes: dict[str, Outcome[Owned]]) -> None:
    """Raise IptablesError if anything is left to do."""
    difference = [
        line
        for table, outcome in outcomes.items()
        if outcome.changed
        for line in difflib.unified_diff(
            outcome.after.render().splitlines(),
            outcome.before.render().splitlines(),
            f"{table} as asked",
            f"{table} as iptables-save shows it now",
            lineterm="",
        )
    ]
    if difference:
        raise IptablesError(
            "Cannot verify the rules: iptables-restore accepted them, but the kernel shows others. Another program "
            "may have changed them at the same moment: run again. If it stays so, please report this with the "
            "version of iptables:\n" + "\n".join(difference)
        )
