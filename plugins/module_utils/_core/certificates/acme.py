# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which certificates an ACME client has to fetch, and what it is told and says."""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass
from typing import Any, Mapping, Sequence

from ..errors import CoreError

_DETAIL = re.compile(r"^\s*(Domain|Type|Detail):\s*(.*)$", re.M)
#: certbot lists webroots with commas between them.
_FOLDER = re.compile(r"/[^\s\"'\\,$]*")
_SETTING = re.compile(r"^(\w+)\s*=\s*(.*)$", re.M)
_URL = re.compile(r"https://[A-Za-z0-9.-]+(:[0-9]+)?/\S*")
_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_PLAIN = re.compile(r"[\w./+-]*", re.A)

# The shell that runs the hook skips it; nobody else writes it.
_MARK = "# selfhosted.jitsi.acme_certificates made this"
# Lies beside the keys, so that certbot deletes it with them. Whoever renews with a hook of his own replaces the mark.
NOTE = "selfhosted.jitsi"
NOTE_TEXT = "selfhosted.jitsi.acme_certificates made this lineage, and deletes it when its site goes.\n"

# The timer renews long before; a certificate that ends within a day has been given up by it.
SPARE_SECONDS = 86400


class AcmeError(CoreError):
    """Settings by which no certificate can be had. The message says what is wrong and what to do about it."""


@dataclass(frozen=True)
class Account:
    """How an authority is reached. All lineages are kept below ``folder``.

    :param reload: the command that has Apache load a new certificate.
    :param ca_bundle: the path of the authorities that the directory's own certificate is from; empty for the system's.
    """

    directory_url: str
    email: str
    key_type: str
    webroot: str
    reload: str
    ca_bundle: str = ""
    folder: str = "/etc/letsencrypt"

    @property
    def hook(self) -> str:
        """What certbot runs after each renewal, and by which a lineage is known for ours."""
        return f"{self.reload} {_MARK}"


def parse_account(said: Mapping[str, Any]) -> Account:
    """Judge how an authority is reached.

    :param said: ``directory_url``, ``email``, ``key_type``, ``webroot``, ``reload_command`` and ``ca_bundle``.
    :raises AcmeError: if something is wrong.
    """
    account = Account(
        str(said["directory_url"]),
        str(said.get("email") or ""),
        str(said.get("key_type") or "ecdsa"),
        tidy(str(said.get("webroot") or "")),
        str(said.get("reload_command") or ""),
        str(said.get("ca_bundle") or ""),
    )
    if not _URL.fullmatch(account.directory_url):
        remedy = "use the ACME directory URL of your CA"
        raise _wrong("directory_url", account.directory_url, "is not an https URL", remedy)
    if account.email and not _ADDRESS.fullmatch(account.email):
        raise _wrong("email", account.email, "is not an e-mail address", "correct it, or leave it empty")
    if not _FOLDER.fullmatch(account.webroot):
        remedy = "give the folder that Apache serves, as an absolute path without blanks, quotes, commas and $"
        raise _wrong("webroot", account.webroot, "is not a path that certbot accepts", remedy)
    if account.ca_bundle and not account.ca_bundle.startswith("/"):
        raise _wrong("ca_bundle", account.ca_bundle, "is not an absolute path", "give the path on the proxy")
    if not _PLAIN.fullmatch(account.ca_bundle):
        what = "contains a character that a systemd unit does not accept"
        raise _wrong("ca_bundle", account.ca_bundle, what, "use only letters, digits and /-._+")
    return account


def tidy(path: str) -> str:
    """A path as certbot stores it; the same path in another spelling would not be found again. Empty stays empty."""
    plain = posixpath.normpath(path) if path else ""
    return f"/{plain.lstrip('/')}" if plain.startswith("/") else plain


def _wrong(option: str, value: str, what: str, remedy: str) -> AcmeError:
    return AcmeError(f"{option}: {value!r} {what}; {remedy}")


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


def named_files(sites: Sequence[Mapping[str, Any]]) -> list[str]:
    """The certificates and keys that sites which stay name themselves. They may be files that certbot keeps."""
    options = ("certificate_file", "certificate_key_file")
    found = [site.get(option) for site in sites if site.get("state") != "absent" for option in options]
    return [str(path) for path in found if path]


def differs(renewal: str | None, names: Sequence[str], shown: Sequence[str], account: Account) -> bool:
    """Whether a certificate has to be fetched.

    :param renewal: certbot's file about it, None where there is none.
    :param shown: the names that the certificate has; none where it does not last.
    """
    if renewal is None or sorted(shown) != sorted(names):
        return True
    settings = dict(_SETTING.findall(renewal))
    asked = {"server": account.directory_url, "key_type": account.key_type}
    if any(settings.get(name, value) != value for name, value in asked.items()):
        return True
    webroot = settings.get("webroot_path", "").rstrip(",").strip("\"'")
    return webroot != account.webroot or _hook(renewal) != account.hook


def is_ours(renewal: str) -> bool:
    """Whether certbot's file about a certificate has our mark; a webroot and a reload may be anybody's."""
    return _hook(renewal).endswith(_MARK)


def _hook(renewal: str) -> str:
    settings: dict[str, str] = dict(_SETTING.findall(renewal))
    return settings.get("renew_hook", "").strip("\"'")


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


def taken(name: str, shown: Sequence[str], account: Account) -> str:
    """One sentence about a site whose name somebody else's lineage has.

    :param shown: the names that its certificate has; none where it does not last.
    """
    live = posixpath.join(account.folder, "live", name)
    what = f"certbot has a certificate {name}{' for ' + ', '.join(sorted(shown)) if shown else ''}"
    return (
        f"{name} keeps its current certificate: {what}, and this module did not create it"
        f" ({account.folder}/renewal/{name}.conf); use it with 'certificate: provided', certificate_file"
        f" {live}/fullchain.pem and certificate_key_file {live}/privkey.pem, or create it again under another name"
        f" ('certbot certonly --cert-name OTHER') and delete this one ('certbot delete --cert-name {name}')"
    )


def explain(name: str, said: str) -> str:
    """One sentence about a certificate that could not be fetched."""
    details = _DETAIL.findall(said)
    if details:
        reasons = " ".join(f"{value}:" if key == "Domain" else f"{value}" for key, value in details)
    else:
        reasons = " ".join(said.split()) or "certbot printed no reason"
    return f"{name} keeps its current certificate: {reasons}"
