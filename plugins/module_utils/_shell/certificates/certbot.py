# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Have certbot fetch certificates one by one, and let the vhosts show them."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import Callable, Sequence

from ..._core.apache.vhost import Settings
from ..._core.certificates import acme
from ..._core.certificates import self_signed as own_certificate
from ..._core.files import Link
from ..commands import CommandError, Runner, try_call
from ..files import put as write_text
from ..files import read_text
from ..paths import put
from .self_signed import refuse_anothers

_KINDS = {"key": "privkey", "crt": "fullchain"}


@dataclass
class Result:
    """What came of it: names of sites, and one sentence for each failure."""

    fetched: list[str] = field(default_factory=list)
    linked: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    #: The certificates of ours that certbot has from now on.
    kept: list[str] = field(default_factory=list)

    @property
    def changed(self) -> bool:
        """Whether anything on the machine is different."""
        return bool(self.fetched or self.linked or self.removed)


class Certificates:
    """The certificates of one authority on this machine.

    :param directory: where the vhosts look for certificates.
    :param named: says which files sites name themselves; no lineage goes that one of them is of.
    """

    def __init__(
        self, account: acme.Account, directory: str, run: Runner, check_mode: bool, named: Callable[[], Sequence[str]]
    ) -> None:
        self.account, self.directory, self.run, self.check_mode = account, directory, run, check_mode
        self._named_now = named

    def bring_about(self, sites: Sequence[Sequence[str]], others: Sequence[str], purge: bool = False) -> Result:
        """Fetch what is missing. A site that fails keeps what it has, and the others go on.

        :param sites: the names of each site, the first one first.
        :param others: the names of sites that have no certificate of the authority any more.
        :param purge: whether certificates of sites that are not named go too.
        """
        result = Result()
        for names in sites:
            self._site(names, result)
        known = [names[0] for names in sites]
        candidates = [name for name in self._lineages() if name not in known] if purge else others
        leaving = [name for name in candidates if self._is_ours(name)]
        named = [_resolved(path) for path in self._named_now()] if leaving else []
        for name in leaving:
            if not self._is_named(name, named):
                self._remove(name, result)
        ours = {name for name in self._lineages() if self._is_ours(name)} - set(result.removed)
        result.kept = sorted(ours.union(result.fetched))
        return result

    def _site(self, names: Sequence[str], result: Result) -> None:
        name = names[0]
        if self._renewal(name) is not None and not self._is_ours(name):
            result.failures.append(acme.taken(name, self._names(name), self.account))
            return
        try:
            refuse_anothers(name, Settings(certificate_directory=self.directory))
        except CommandError as error:
            result.failures.append(str(error))
            return
        if self._is_missing(names):
            said = "" if self.check_mode else self._fetch(names)
            if said:
                result.failures.append(acme.explain(name, said))
                return
            result.fetched.append(name)
        if self._link(name):
            result.linked.append(name)

    def _is_missing(self, names: Sequence[str]) -> bool:
        renewal = self._renewal(names[0])
        return acme.differs(renewal, names, self._names(names[0]) if renewal else [], self.account)

    def _names(self, name: str) -> list[str]:
        question = own_certificate.question(self._live(name, "fullchain"), acme.SPARE_SECONDS)
        return own_certificate.names_in(try_call(self.run, question))

    def _fetch(self, names: Sequence[str]) -> str:
        """Fetch a certificate; return what certbot said if it could not."""
        problem = self._problem(acme.command(names, self.account))
        if problem:
            return problem
        write_text(self._note(names[0]), acme.NOTE_TEXT, 0o600)
        return ""

    def _remove(self, name: str, result: Result) -> None:
        if not self.check_mode:
            problem = " ".join(self._problem(acme.removal(name, self.account)).split())
            if problem:
                result.failures.append(f"Cannot delete the certificate {name} with certbot: {problem}")
                return
            self._unlink(name)
        result.removed.append(name)

    def _problem(self, command: list[str]) -> str:
        """What certbot says if it fails; empty if it does not."""
        try:
            status, output, errors = self.run(command, "")
        except FileNotFoundError:
            return "certbot is missing; install the package certbot"
        return ((output + errors).strip() or f"certbot failed with exit code {status}") if status else ""

    def _link(self, name: str) -> bool:
        changed = False
        for ending, kind in _KINDS.items():
            path, target = self._shown(name, ending), self._live(name, kind)
            if os.path.islink(path) and os.readlink(path) == target:
                continue
            changed = True
            if not self.check_mode:
                put(path, Link(target))
        return changed

    def _unlink(self, name: str) -> None:
        for ending, kind in _KINDS.items():
            path = self._shown(name, ending)
            if os.path.islink(path) and os.readlink(path) == self._live(name, kind):
                put(path, None)

    def _shown(self, name: str, ending: str) -> str:
        return os.path.join(self.directory, f"{name}.{ending}")

    def _live(self, name: str, kind: str) -> str:
        return os.path.join(self.account.folder, "live", name, f"{kind}.pem")

    def _note(self, name: str) -> str:
        return os.path.join(self.account.folder, "archive", name, acme.NOTE)

    def _is_ours(self, name: str) -> bool:
        renewal = self._renewal(name)
        return renewal is not None and (acme.is_ours(renewal) or os.path.exists(self._note(name)))

    def _is_named(self, name: str, named: Sequence[str]) -> bool:
        live, archive = self._live(name, "fullchain"), self._note(name)
        folders = {os.path.dirname(os.path.realpath(path)) for path in (live, archive)}
        folders.add(os.path.realpath(os.path.dirname(live)))
        return any(path.startswith(f"{folder}/") for path in named for folder in folders)

    def _renewal(self, name: str) -> str | None:
        path = os.path.join(self.account.folder, "renewal", f"{name}.conf")
        return read_text(path) if os.path.exists(path) else None

    def _lineages(self) -> list[str]:
        folder = os.path.join(self.account.folder, "renewal")
        listed = sorted(os.listdir(folder)) if os.path.isdir(folder) else []
        return [name[: -len(".conf")] for name in listed if name.endswith(".conf")]


def _resolved(path: str) -> str:
    """Where a path leads in the end."""
    return os.path.realpath(os.path.expanduser(os.path.expandvars(path)))
