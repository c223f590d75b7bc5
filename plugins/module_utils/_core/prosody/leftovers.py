# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""What prosody keeps of a Jitsi site whose packages are gone, and what of it is in the way of a new installation."""

from __future__ import annotations

import re
from typing import Collection, Iterable

DATA, CERTIFICATES, TRUSTED = "/var/lib/prosody", "/etc/prosody/certs", "/usr/local/share/ca-certificates"
CONFIGURATION = "/etc/prosody"
#: The hosts that Jitsi's packages and the role have prosody serve below a site's name.
_HOSTS = (
    *("", "auth.", "internal.auth.", "recorder.", "guest.", "conference.", "breakout.", "lobby.", "focus."),
    *("speakerstats.", "endconference.", "avmoderation.", "filesharing.", "metadata.", "polls."),
)
_MADE = ("cnf", "key", "crt")
#: Where a file of prosody's configuration begins with one host, and the host's name.
HOST = re.compile(r'^[ \t]*(?:VirtualHost|Component)[ \t(]+["\']([^"\']+)["\']', re.MULTILINE)


def hosts_in(text: str) -> list[str]:
    """The hosts that a configuration file of prosody defines."""
    return [name.lower() for name in HOST.findall(text)]


def candidates(name: str) -> list[str]:
    """Every path that may have been left of a site.

    :param name: the site's fully qualified name.
    """
    return sorted({*_kept(name, ()), *_made(name), *_made(f"auth.{name}"), _link(name), _link(f"auth.{name}")})


def in_the_way(name: str, there: Collection[str], forgotten: bool) -> list[str]:
    """What makes a first installation fail, of the candidates that are there.

    prosodyctl asks on a terminal before it overwrites a file of a certificate. A certificate to which prosody's own
    folder leads is in use, and the package leaves it alone.

    :param forgotten: whether dpkg knows nothing of the package any more: then the accounts of focus and jvb have
        passwords that nobody knows, and the package does not change those.
    """
    found = [path for host in (name, f"auth.{name}") for path in _made(host) if not _in_use(host, there)]
    # The package believes in a configuration that is there, and does not have prosody read it.
    found += [] if _configured(name, "conf.d") in there else [_configured(name, "conf.avail")]
    found += [_data(f"auth.{name}")] if forgotten else []
    return [path for path in found if path in there]


def kept(name: str, there: Collection[str], others: Iterable[str]) -> list[str]:
    """What is left of a site after its packages were purged, of the candidates that are there.

    :param others: hosts that files of prosody still define: they belong to somebody else.
    """
    return [path for path in _kept(name, tuple(others)) if path in there]


def trusted(name: str, aliases: Iterable[str], others: Collection[str]) -> list[str]:
    """The aliases of a site's certificates in Java's trust store, where ``update-ca-certificates`` has put them.

    :param aliases: all aliases of the store.
    :param others: as for :func:`kept`.
    """
    own = {f"debian:{host}.pem" for host in _certified(name, others)}
    return [alias for alias in aliases if alias in own]


def _certified(name: str, others: Collection[str]) -> list[str]:
    """The hosts for which Jitsi's packages make certificates."""
    return [host for host in (name, f"auth.{name}") if host not in others]


def _kept(name: str, others: Collection[str]) -> list[str]:
    hosts = [prefix + name for prefix in _HOSTS if prefix + name not in others]
    certified = _certified(name, others)
    found = [_data(host) for host in hosts] + [path for host in certified for path in _made(host)]
    found += [f"{CERTIFICATES}/{host}.{ending}" for host in certified for ending in ("key", "crt")]
    found += [f"{TRUSTED}/{host}.crt" for host in certified]
    return found + [_configured(name, folder) for folder in ("conf.d", "conf.avail") if name in hosts]


def _configured(name: str, folder: str) -> str:
    return f"{CONFIGURATION}/{folder}/{name}.cfg.lua"


def _in_use(host: str, there: Collection[str]) -> bool:
    return f"{DATA}/{host}.crt" in there and _link(host) in there


def _link(host: str) -> str:
    return f"{CERTIFICATES}/{host}.crt"


def _made(host: str) -> list[str]:
    """What ``prosodyctl cert generate`` makes."""
    return [f"{DATA}/{host}.{ending}" for ending in _MADE]


def _data(host: str) -> str:
    """The folder of a host's accounts; prosody encodes what is neither a letter nor a digit."""
    return f"{DATA}/" + re.sub("[^a-z0-9]", lambda match: f"%{ord(match.group()):02x}", host)
