# Copyright: Contributors to the selfhosted.jitsi project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# This module util is PRIVATE to the collection and may change at any time.

"""Which certificates an ACME client has to fetch, and what it is told and says."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Mapping, Sequence

from .errors import CoreError

_DETAIL = re.compile(r"^\s*(Domain|Type|Detail):\s*(.*)$", re.M)
_SETTING = re.compile(r"^(\w+)\s*=\s*(.*)$", re.M)
_URL = re.compile(r"https://[A-Za-z0-9.-]+(:[0-9]+)?/\S*")
_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")

# The timer renews long before; a certificate that ends within a day has been given up by it.
SPARE_SECONDS = 86400


class AcmeError(CoreError):
    """Settings by which no certificate can be had. The message says what is wrong and what to do about it."""


@dataclass(frozen=True)
class Account:
    """How an authority is reached. All lineages are kept below ``folder``.

    :param hook: the command that has Apache load a new certificate.
    :param ca_bundle: the path of the authorities that the directory's own certificate is from; empty for the system's.
    """

    directory_url: str
    email: str
    key_type: str
    webroot: str
    hook: str
    ca_bundle: str = ""
    folder: str = "/etc/letsencrypt"


def parse_account(said: Mapping[str, Any]) -> Account:
    """Judge how an authority is reached.

    :param said: ``directory_url``, ``email``, ``key_type``, ``webroot``, ``reload_command`` and ``ca_bundle``.
    :raises AcmeError: if something is wrong.
    """
    account = Account(
        str(said["directory_url"]),
        str(said.get("email") or ""),
        str(said.get("key_type") or "ecdsa"),
        str(said.get("webroot") or ""),
        str(said.get("reload_command") or ""),
        str(said.get("ca_bundle") or ""),
    )
    if not _URL.fullmatch(account.directory_url):
        raise _wrong("directory_url", account.directory_url, "which is no https URL", "give that of the authority")
    if account.email and not _ADDRESS.fullmatch(account.email):
        raise _wrong("email", account.email, "which is no e-mail address", "give one, or leave it empty")
    if not account.webroot.startswith("/"):
        raise _wrong("webroot", account.webroot, "where no challenge can be put", "give the folder that Apache serves")
    if account.ca_bundle and not account.ca_bundle.startswith("/"):
        raise _wrong("ca_bundle", account.ca_bundle, "which is no absolute path", "give the path on the proxy")
    return account


def _wrong(option: str, value: str, what: str, remedy: str) -> AcmeError:
    return AcmeError(f"reverse_proxy_acme_{option} is {value!r}, {what}: {remedy}")


def wanted(sites: Sequence[Mapping[str, Any]]) -> tuple[list[list[str]], list[str]]:
    """Which sites have certificates of the authority, and which have none, or none any more.

    :param sites: the option ``sites`` of the module apache_sites.
    :returns: the names of each of the former, and the names of the latter.
    """
    fetched, others = [], []
    for site in sites:
        name = str(site["name"])
        if site.get("certificate") == "acme" and site.get("state") != "absent":
            fetched.append([name, *(str(alias) for alias in site.get("aliases") or ())])
        else:
            others.append(name)
    return fetched, others


def differs(renewal: str | None, names: Sequence[str], shown: Sequence[str], account: Account) -> bool:
    """Whether a certificate has to be fetched.

    :param renewal: certbot's file about it, None where there is none.
    :param shown: the names that the certificate has; none where it does not last.
    """
    if renewal is None or sorted(shown) != sorted(names):
        return True
    settings = dict(_SETTING.findall(renewal))
    asked = {"server": account.directory_url, "key_type": account.key_type}
    return not is_ours(renewal, account) or any(settings.get(name, value) != value for name, value in asked.items())


def is_ours(renewal: str, account: Account) -> bool:
    """Whether a certificate is renewed as this collection has it renewed: through its webroot, with its hook."""
    settings = dict(_SETTING.findall(renewal))
    webroot = settings.get("webroot_path", "").rstrip(",").strip("\"'")
    return webroot == account.webroot and settings.get("renew_hook", "").strip("\"'") == account.hook


def command(names: Sequence[str], account: Account) -> list[str]:
    """The command that fetches one certificate for some names."""
    argv = ["certbot", "certonly", "--non-interactive", "--agree-tos", "--webroot", "--webroot-path", account.webroot]
    argv += ["--server", account.directory_url, "--key-type", account.key_type, "--cert-name", names[0]]
    argv += ["--renew-with-new-domains", "--force-renewal", "--deploy-hook", account.hook]
    argv += ["--email", account.email] if account.email else ["--register-unsafely-without-email"]
    argv += _folders(account)
    for name in names:
        argv += ["--domain", name]
    return _trusting(argv, account)


def removal(name: str, account: Account) -> list[str]:
    """The command that forgets a certificate."""
    return ["certbot", "delete", "--non-interactive", "--cert-name", name, *_folders(account)]


def _trusting(argv: list[str], account: Account) -> list[str]:
    return ["env", f"REQUESTS_CA_BUNDLE={account.ca_bundle}", *argv] if account.ca_bundle else argv


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
