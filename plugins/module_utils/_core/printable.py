# Copyright: Contributors to the selfhosted.jitsi project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# This module util is PRIVATE to the collection and may change at any time.

"""Texts of files in results of modules, which are JSON."""

from __future__ import annotations


def printable(text: str) -> str:
    """Replace the bytes of a text that are not UTF-8, which Python keeps as surrogates and JSON cannot hold."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
