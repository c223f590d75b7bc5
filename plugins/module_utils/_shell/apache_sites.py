# Copyright: Contributors to the selfhosted.jitsi project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# This module util is PRIVATE to the collection and may change at any time.

"""Bring the sites of an Apache about, and leave everything as it was where Apache does not accept them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Sequence

from .._core.apache_files import Files, Plan, outcome
from .._core.apache_files import plan as decide
from .._core.apache_request import Site
from .._core.apache_vhost import Settings
from .._core.outcome import Outcome
from . import own_certificates
from .apache_tree import put, put_back, read_files, read_tree
from .commands import CommandError, Runner
from .tls_files import refuse_unfit


@dataclass(frozen=True)
class Work:
    """What has to be done.

    :param files: the decision about files and links.
    :param made: the sites that get a new certificate of their own.
    :param removed: the sites that go.
    """

    files: Outcome
    made: tuple[Site, ...]
    removed: tuple[str, ...]

    @property
    def changed(self) -> bool:
        """Whether anything has to be done."""
        return bool(self.files.changed or self.made or self.removed)


def look(sites: Sequence[Site], settings: Settings, configuration: str, purge: bool, machine: str, run: Runner) -> Work:
    """Say what has to be done; nothing changes.

    :raises SiteError: if the sites cannot be.
    :raises CommandError: if something cannot be read.
    """
    refuse_unfit(sites)
    plan: Plan = decide(sites, settings, read_tree(configuration), purge, machine)
    own = [site for site in sites if site.has_own_certificate]
    made = tuple(site for site in own if own_certificates.is_needed(site, settings, run))
    return Work(outcome(read_files(plan.wanted), plan.wanted), made, plan.removed)


def carry_out(work: Work, settings: Settings, run: Runner) -> None:
    """Do it, and have Apache test its whole configuration.

    :raises CommandError: if something fails; everything is then as before, and Apache's words are in the message.
    """
    if not work.changed:
        return
    certificates = own_certificates.Keeper()
    done: list[str] = []
    try:
        for site in work.made:
            certificates.remember(settings.certificate(site))
            own_certificates.make(site, settings, run)
        for path in _differences(work.files):
            done.append(path)
            put(path, work.files.after[path])
        _test(run)
    except BaseException as error:
        _put_back(done, work.files.before)
        certificates.put_back()
        if isinstance(error, _Refused):
            raise CommandError(_explain(error, run)) from error
        raise
    for name in work.removed:
        own_certificates.remove(name, settings)


class _Refused(Exception):
    """Apache does not accept its configuration. The message holds its words."""


def _differences(files: Outcome) -> list[str]:
    return [path for path, content in files.after.items() if content != files.before[path]]


def _put_back(done: Sequence[str], before: Files) -> None:
    """Put back what changed. On a full disk there is no room to write the same anew, and what goes makes some."""
    found = read_files(done)
    changed = [path for path in reversed(done) if found[path] != before[path]]
    for path in sorted(changed, key=lambda path: before[path] is not None):
        put_back(path, before[path])


def _test(run: Runner) -> None:
    try:
        status, output, errors = run(["apachectl", "configtest"], "")
    except FileNotFoundError as error:
        raise CommandError(
            "Cannot test Apache's configuration: apachectl is missing; install the package apache2"
        ) from error
    if status:
        raise _Refused(" ".join(f"{errors} {output}".split()))


def _explain(error: _Refused, run: Runner) -> str:
    said = f"Apache does not accept the sites, and what was there before has been put back. Apache says: {error}"
    try:
        _test(run)
    except _Refused:
        return said + ". It does not accept what was there before either: correct what it names first"
    return said
