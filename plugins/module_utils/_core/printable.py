# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Texts of files in results of modules, which are JSON."""

from __future__ import annotations


def printable(text: str) -> str:
    """Replace the bytes of a text that are not UTF-8, which Python keeps as surrogates and JSON cannot hold."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
