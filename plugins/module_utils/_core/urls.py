# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""URLs as other programs' files have them."""

from __future__ import annotations

import re

#: Up to the last @ before the path, for a password may have any other sign. Rather too much goes than too little.
_USER = re.compile(r"//[^/]*@")


def without_user(url: str) -> str:
    """The URL without the name and the password of a user."""
    return _USER.sub("//", url, count=1)
