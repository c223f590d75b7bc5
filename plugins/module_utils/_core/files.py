# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""What lies at a path: a file, a link or nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Mapping

from .outcome import Outcome


@dataclass(frozen=True)
class File:
    """A file that everyone may read, unless it is private."""

    text: str
    private: bool = False

    @property
    def mode(self) -> int:
        """With which mode it is written."""
        return 0o600 if self.private else 0o644


@dataclass(frozen=True)
class Link:
    """A symbolic link."""

    target: str


#: What lies at each path; None where nothing does.
Files = Mapping[str, "File | Link | None"]


def describe(content: File | Link | None) -> str:
    """What a diff shows of it, where it holds no secret."""
    if isinstance(content, Link):
        return f"link to {content.target}\n"
    return content.text if content else ""


def differences(files: Outcome[Files]) -> list[dict[str, str]]:
    """The diff of files without secrets: an entry for each path that changes."""
    return [
        {"before_header": path, "before": describe(before), "after_header": path, "after": describe(files.after[path])}
        for path, before in files.before.items()
        if before != files.after[path]
    ]
