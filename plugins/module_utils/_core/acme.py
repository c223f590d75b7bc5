# Copyright: Contributors to the selfhosted.jitsi project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# This module util is PRIVATE to the collection and may change at any time.

"""Which certificates an ACME client has to fetch, and what it is told and says."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Sequence

_DETAIL = re.compile(r"^\s*(Domain|Type|Detail):\s*(.*)$", re.M)
_SETTING = re.compile(r"^(\w+)\s*=\s*(.*)$", re.M)


@dataclass(frozen=True)
class Account:
    """How an authority is reached. All lineages are kept below ``folder``.

    :param hook: the command that has Apache load a new certificate.
    """

    directory_url: str
    email: str
    key_type: str
    webroot: str
    hook: str
    folder: str = "/etc/letsencrypt"


def differs(renewal: str | None, names: Sequence[str], shown: Sequence[str], account: Account) -> bool:
    """Whether a certificate has to be fetched.

    :param renewal: certbot's file about it, None where there is none.
    :param shown: the names that the certificate has.
    """
    if renewal is None or sorted(shown) != sorted(names):
        return True
    settings = dict(_SETTING.findall(renewal))
    wanted = {"server": account.directory_url, "key_type": account.key_type}
    return any(settings.get(name, value) != value for name, value in wanted.items())


def command(names: Sequence[str], account: Account) -> list[str]:
    """The command that fetches one certificate for some names."""
    argv = ["certbot", "certonly", "--non-interactive", "--agree-tos", "--webroot", "--webroot-path", account.webroot]
    argv += ["--server", account.directory_url, "--key-type", account.key_type, "--cert-name", names[0]]
    argv += ["--renew-with-new-domains", "--force-renewal", "--deploy-hook", account.hook]
    argv += ["--email", account.email] if account.email else ["--register-unsafely-without-email"]
    argv += _folders(account)
    for name in names:
        argv += ["--domain", name]
    return argv


def removal(name: str, account: Account) -> list[str]:
    """The command that forgets a certificate."""
    return ["certbot", "delete", "--non-interactive", "--cert-name", name, *_folders(account)]


def _folders(account: Account) -> list[str]:
    if account.folder == "/etc/letsencrypt":
        return []
    parts = {"config": account.folder, "work": f"{account.folder}/work", "logs": f"{account.folder}/logs"}
    return [word for part, path in parts.items() for word in (f"--{part}-dir", path)]


def explain(name: str, said: str) -> str:
    """One sentence about a certificate that could not be fetched."""
    details = _DETAIL.findall(said)
    if details:
        reasons = " ".join(f"{value}:" if key == "Domain" else f"{value}" for key, value in details)
    else:
        reasons = " ".join(said.split()) or "certbot said nothing"
    return f"{name} keeps the certificate that it had: {reasons}"
