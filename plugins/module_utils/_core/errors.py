# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""The errors of this collection, which modules hand to the user."""

from __future__ import annotations


class JitsiError(Exception):
    """An error whose text is for the user: what is wrong and what to do about it, without a trailing period."""


class CoreError(JitsiError):
    """A request that cannot be decided safely.

    :param message: what is wrong and what to do about it, without a trailing period.
    :param line: the line of the file that is meant, counted from 1, where one is known.
    """

    def __init__(self, message: str, line: int | None = None) -> None:
        super().__init__(message if line is None else f"line {line}: {message}")
        self.message = message
        self.line = line
