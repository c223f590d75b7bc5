# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which packages, in which versions, make one release of Jitsi Meet."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Mapping, Sequence

from ansible_collections.selfhosted.jitsi.plugins.plugin_utils._releases import debian_version

META = "jitsi-meet"
_EXACT = re.compile(r"([a-z0-9][a-z0-9.+-]*)(?::any)?\s*\(\s*=\s*([^\s)]+)\s*\)")
# Made from one source, but named by no other package.
_TWINS = {"jitsi-meet-tokens": "jitsi-meet-prosody"}
_NAMED = 8
#: Up to 2.0.4966 of September 2020, clients ask prosody for TURN servers only if useStunTurn in config.js tells them.
_ASKS_FOR_TURN = debian_version.key("2.0.5000")
_PATTERN = re.compile(r"[*?].*")


@dataclass(frozen=True)
class Release:
    """A release, or what is wrong with asking for it.

    :param version: the version of the metapackage; empty if there is no such release.
    :param packages: the version of every package that belongs to it.
    :param needed: the names of those that cannot be left out.
    :param problem: what is wrong, and what to do; empty if nothing is.
    """

    version: str = ""
    packages: Mapping[str, str] = field(default_factory=dict)
    needed: Sequence[str] = ()
    problem: str = ""


def choose(shown: str, wanted: str, installed: str = "") -> Release:
    """The newest release that is wanted.

    :param shown: what ``apt-cache show jitsi-meet`` printed.
    :param wanted: a version, with or without its Debian revision, or a pattern of versions.
    :param installed: the version that is installed; empty for none.
    """
    releases = {one["Version"]: one for one in _stanzas(shown) if one.get("Package") == META and one.get("Version")}
    versions = sorted(releases, key=debian_version.key, reverse=True)
    found = [version for version in versions if _is_wanted(version, wanted)]
    if not found:
        return Release(problem=_unknown(versions, wanted))
    if installed and debian_version.key(found[0]) < debian_version.key(installed):
        return Release(problem=_older(found[0], installed))
    return _release(releases[found[0]])


def asks_for_turn(wanted: str) -> bool:
    """Whether clients of a release ask prosody for TURN servers; of a pattern, whether those of one release may.

    :param wanted: a version, or a pattern of versions; empty for the newest.
    """
    return not wanted or debian_version.key(_PATTERN.sub("9" * 8, wanted)) >= _ASKS_FOR_TURN


def _is_wanted(version: str, wanted: str) -> bool:
    return fnmatchcase(version, wanted) or fnmatchcase(debian_version.without_revision(version), wanted)


def _release(stanza: Mapping[str, str]) -> Release:
    needed = dict(_EXACT.findall(f"{stanza.get('Pre-Depends', '')}, {stanza.get('Depends', '')}"))
    packages = {META: stanza["Version"], **needed, **dict(_EXACT.findall(stanza.get("Recommends", "")))}
    twins = {name: packages[twin] for name, twin in _TWINS.items() if twin in packages}
    return Release(stanza["Version"], {**twins, **packages}, (META, *needed))


def _stanzas(text: str) -> list[dict[str, str]]:
    """The fields of each package; lines that go on are joined."""
    result = []
    for block in re.split(r"\n[ \t]*\n", text):
        joined = re.sub(r"\n[ \t]+", " ", block)
        fields = (line.partition(":") for line in joined.splitlines())
        result.append({name: value.strip() for name, colon, value in fields if colon})
    return result


def _unknown(versions: Sequence[str], wanted: str) -> str:
    if not versions:
        return f"the package lists do not contain {META}; check the repository"
    more = f" and {len(versions) - _NAMED} older versions" if len(versions) > _NAMED else ""
    return (
        f"{META} {wanted} is not available, but {', '.join(versions[:_NAMED])}{more}; use one of these, or leave the"
        " version out to get the newest"
    )


def _older(found: str, installed: str) -> str:
    return (
        f"{META} {installed} is installed, and {found} is older. Jitsi's packages cannot be downgraded, because their"
        f" scripts have already changed the files. Use {installed} or a newer version, or purge it"
        " (jitsi_meet_state: absent keeps the configuration in an archive) and install it again"
    )
