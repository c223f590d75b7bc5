# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether the arguments about tokens of the role jitsi_meet are valid."""

from __future__ import annotations

import re
from typing import Iterator

from ansible_collections.selfhosted.jitsi.plugins.plugin_utils._preflight.values import Values, quoted

APPLICATION = re.compile(r"[A-Za-z0-9._-]+")
SECRET = re.compile(r"[A-Za-z0-9._~+=@#%^*:,-]+")
PARTY = re.compile(r"[A-Za-z0-9._:/*-]+")


def judge(values: Values) -> Iterator[str]:
    """The problems, each as a sentence without the secret."""
    application = values["jitsi_meet_jwt_app_id"]
    if not APPLICATION.fullmatch(application):
        yield (
            f"jitsi_meet_jwt_app_id: {quoted(application)} is not valid, and jitsi_meet_authentication is jwt. "
            "Set it to letters, digits and ._-, for example my_app."
        )
    if not SECRET.fullmatch(values["jitsi_meet_jwt_app_secret"]):
        yield (
            "jitsi_meet_jwt_app_secret: the secret is empty or has a character that is not allowed, and "
            "jitsi_meet_authentication is jwt. Set it to letters, digits and ._~+=@#%^*:,- without blanks, quotes, "
            "slashes, backslashes and line ends."
        )
    for name in ("jitsi_meet_jwt_issuers", "jitsi_meet_jwt_audiences"):
        if not all(PARTY.fullmatch(party) for party in values[name]):
            yield (
                f"{name}: each item of {quoted(values[name])} must have letters, digits and ._:/*- only, and "
                'jitsi_meet_authentication is jwt. Write for example my_app, or "*" for any.'
            )
