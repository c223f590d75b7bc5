# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether the arguments about Debian packages of the role jitsi_meet are valid."""

from __future__ import annotations

import re
from typing import Iterator

from ansible_collections.selfhosted.jitsi.plugins.plugin_utils._preflight.values import URI, Values, quoted

FINGERPRINT = re.compile(r"[0-9A-F]{40}([0-9A-F]{24})?")
FLAT_SUITE = re.compile(r"[A-Za-z0-9._~+/-]*/")
SUITE = re.compile(r"[a-z0-9.-]*")
VERSION = re.compile(r"([0-9][A-Za-z0-9.+~:*?-]*)?")
PACKAGE = re.compile(r"([a-z0-9][a-z0-9.+-]+)?")


def judge(values: Values) -> Iterator[str]:
    """The problems, each as a sentence."""
    yield from _jitsi(values)
    if values["jitsi_meet_prosody_repository"]:
        yield from _prosody(values)
    yield from _packages(values)


def _jitsi(values: Values) -> Iterator[str]:
    for name in ("jitsi_meet_apt_uri", "jitsi_meet_apt_key_url"):
        if not URI.fullmatch(values[name]):
            yield (
                f"{name}: {quoted(values[name])} is not a valid address for apt. Write for example "
                "https://download.jitsi.org. Blanks, line ends, quotes and brackets are not allowed."
            )
    keys = values["jitsi_meet_apt_key_fingerprints"]
    if not keys or not all(FINGERPRINT.fullmatch(key) for key in keys):
        yield (
            f"jitsi_meet_apt_key_fingerprints: each item of {quoted(keys)} must be 40 or 64 digits from 0-9 and A-F "
            "without blanks. Copy the fingerprints from `gpg --show-keys`."
        )
    if not FLAT_SUITE.fullmatch(values["jitsi_meet_apt_suite"]):
        yield (
            f"jitsi_meet_apt_suite: '{values['jitsi_meet_apt_suite']}' does not end in a slash, as the suite of "
            "Jitsi's flat repository does. Write for example stable/."
        )


def _prosody(values: Values) -> Iterator[str]:
    for name in ("jitsi_meet_prosody_uri", "jitsi_meet_prosody_key_url"):
        if not URI.fullmatch(values[name]):
            yield (
                f"{name}: {quoted(values[name])} is not a URL of a repository. Write for example "
                "https://packages.example.org/debian. Blanks, line ends and quotes are not allowed."
            )
    if not SUITE.fullmatch(values["jitsi_meet_prosody_suite"]):
        yield (
            f"jitsi_meet_prosody_suite: {quoted(values['jitsi_meet_prosody_suite'])} is not a release of Debian. "
            "Write for example bookworm, or leave it empty for the machine's own release."
        )
    if not values["jitsi_meet_prosody_key_fingerprints"]:
        yield (
            "jitsi_meet_prosody_key_fingerprints: the list is empty. "
            "Add the fingerprint of each key that signs prosody's repository."
        )


def _packages(values: Values) -> Iterator[str]:
    if not VERSION.fullmatch(values["jitsi_meet_version"]):
        yield (
            f"jitsi_meet_version: '{values['jitsi_meet_version']}' is not a version of the package jitsi-meet. Write "
            'a version like 2.0.11146-1 or 2.0.11146, or a pattern like "2.0.111*". '
            "Leave it empty for the newest version."
        )
    if not PACKAGE.fullmatch(values["jitsi_meet_jwt_package"]):
        yield (
            f"jitsi_meet_jwt_package: {quoted(values['jitsi_meet_jwt_package'])} is not a package name. "
            "Write jitsi-meet-tokens, or leave it empty to install no package."
        )
