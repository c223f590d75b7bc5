# Copyright: Contributors to the selfhosted.jitsi project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# This module util is PRIVATE to the collection and may change at any time.

"""Have certbot fetch certificates one by one, and let the vhosts show them."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import Sequence

from .._core import acme, own_certificate
from .._core.apache_files import Link
from .apache_tree import put
from .commands import Runner, try_call
from .room import read_text

_KINDS = {"key": "privkey", "crt": "fullchain"}


@dataclass
class Result:
    """What came of it: names of sites, and one sentence for each failure."""

    fetched: list[str] = field(default_factory=list)
    linked: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)

    @property
    def changed(self) -> bool:
        """Whether anything on the machine is different."""
        return bool(self.fetched or self.linked or self.removed)


class Certificates:
    """The certificates of one authority on this machine.

    :param directory: where the vhosts look for certificates.
    """

    def __init__(self, account: acme.Account, directory: str, run: Runner, check_mode: bool) -> None:
        self.account, self.directory, self.run, self.check_mode = account, directory, run, check_mode

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
        for name in candidates:
            if acme.is_ours(self._renewal(name) or "", self.account):
                self._remove(name, result)
        return result

    def _site(self, names: Sequence[str], result: Result) -> None:
        if self._is_missing(names):
            said = "" if self.check_mode else self._fetch(names)
            if said:
                result.failures.append(acme.explain(names[0], said))
                return
            result.fetched.append(names[0])
        if self._link(names[0]):
            result.linked.append(names[0])

    def _is_missing(self, names: Sequence[str]) -> bool:
        renewal = self._renewal(names[0])
        question = own_certificate.question(self._live(names[0], "fullchain"), acme.SPARE_SECONDS)
        said = try_call(self.run, question) if renewal else ""
        return acme.differs(renewal, names, own_certificate.names_in(said), self.account)

    def _fetch(self, names: Sequence[str]) -> str:
        """Fetch a certificate; return what certbot said if it could not."""
        try:
            status, output, errors = self.run(acme.command(names, self.account), "")
        except FileNotFoundError:
            return "certbot is missing; install the package certbot"
        return (output + errors).strip() or f"certbot returned {status}" if status else ""

    def _remove(self, name: str, result: Result) -> None:
        if not self.check_mode:
            status, output, errors = self.run(acme.removal(name, self.account), "")
            if status:
                result.failures.append(f"{name} cannot be forgotten: {' '.join((output + errors).split())}")
                return
            self._unlink(name)
        result.removed.append(name)

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

    def _renewal(self, name: str) -> str | None:
        path = os.path.join(self.account.folder, "renewal", f"{name}.conf")
        return read_text(path) if os.path.exists(path) else None

    def _lineages(self) -> list[str]:
        folder = os.path.join(self.account.folder, "renewal")
        listed = sorted(os.listdir(folder)) if os.path.isdir(folder) else []
        return [name[: -len(".conf")] for name in listed if name.endswith(".conf")]
