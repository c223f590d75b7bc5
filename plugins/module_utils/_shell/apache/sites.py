# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Bring the sites of an Apache about, and leave everything as it was where Apache does not accept them."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Callable, Sequence

from ..._core.apache.files import (
    Plan,
    Tree,
    displaced,
    foreseen,
    hidden,
    new_places,
    outcome,
    refuse_foreign,
)
from ..._core.apache.files import plan as decide
from ..._core.apache.request import Site
from ..._core.apache.vhost import Settings
from ..._core.files import Files
from ..._core.outcome import Outcome
from ..certificates import self_signed as own_certificates
from ..commands import Runner
from ..paths import read_files
from .change import change
from .ports import refuse_taken
from .tls_files import refuse_unfit
from .tree import read_tree


@dataclass(frozen=True)
class Work:
    """What has to be done.

    :param files: the decision about files and links.
    :param made: the sites that get a new certificate of their own.
    :param removed: the sites that go.
    :param forgotten: the names whose certificates of ours go; also what a run left that was cut off before.
    :param serving: the names of the sites that are there from now on.
    :param warnings: what of others may keep requests from the sites, a sentence each.
    :param confirm: raises an error where Apache, as it is then, would give a name of these sites to others, or end.
    :param foresee: says the same before anything is written, as far as modules are what makes the difference.
    """

    files: Outcome[Files]
    made: tuple[Site, ...]
    removed: tuple[str, ...]
    forgotten: tuple[str, ...]
    serving: tuple[str, ...]
    warnings: tuple[str, ...]
    confirm: Callable[[], None]
    foresee: Callable[[], None]

    @property
    def changed(self) -> bool:
        """Whether anything has to be done."""
        return bool(self.files.changed or self.made or self.removed or self.forgotten)


def look(
    sites: Sequence[Site],
    settings: Settings,
    configuration: str,
    purge: bool,
    machine: str,
    run: Runner,
    refuse_strangers: bool = True,
) -> Work:
    """Say what has to be done; nothing changes.

    :raises SiteError: if the sites cannot be.
    :raises CommandError: if something cannot be read.
    """
    refuse_unfit(sites)
    tree = read_tree(configuration, settings.backend_directory, run)
    plan: Plan = decide(sites, settings, tree, purge, machine, refuse_strangers)
    made = tuple(site for site in plan.certified if own_certificates.is_needed(site, settings, run))

    files = outcome(read_files(plan.wanted), plan.wanted)

    def judge(now: Tree, restored: str = "") -> None:
        refuse_foreign([site for site in sites if site.present], now, machine)
        if tree.hosts is not None:
            refuse_taken(new_places(tree, now), restored)

    def confirm() -> None:
        judge(read_tree(configuration, settings.backend_directory, run), "The earlier files are restored. ")

    def foresee() -> None:
        modules = foreseen(files, configuration)
        if modules:
            judge(read_tree(configuration, settings.backend_directory, run, modules))

    left = _left(sites, plan, tree, settings)
    warnings = (*hidden(tree), *displaced(plan.wanted, tree))
    return Work(files, made, plan.removed, left, plan.serving, warnings, confirm, foresee)


def _left(sites: Sequence[Site], plan: Plan, tree: Tree, settings: Settings) -> tuple[str, ...]:
    """The names whose certificates of ours go. What a vhost that stays names stays, too, for Apache needs it."""
    gone = set(plan.forgotten)
    if tree.hosts is not None:
        gone |= {site.name for site in sites if not site.present}
    gone = {
        name
        for name in gone
        if plan.named.isdisjoint(map(os.path.normpath, own_certificates.own_paths(name, settings)))
    }
    return tuple(sorted(name for name in gone if own_certificates.is_left(name, settings)))


def carry_out(work: Work, settings: Settings, run: Runner) -> None:
    """Do it, and have Apache test its whole configuration.

    :raises CommandError: if something fails; everything is then as before, and Apache's words are in the message.
    """
    if not work.changed:
        return
    certificates = own_certificates.Keeper()
    if work.removed and os.path.isdir(settings.certificate_directory):
        # By this a later run sees that Apache owes a reload, where this one is cut off before it.
        os.utime(settings.certificate_directory)
    try:
        for site in work.made:
            certificates.remember(own_certificates.touched(site, settings))
            own_certificates.make(site, settings, run)
        change(work.files, "the files of the sites", run, work.confirm)
    except BaseException:
        certificates.put_back()
        raise
    for name in work.forgotten:
        own_certificates.remove(name, settings)
