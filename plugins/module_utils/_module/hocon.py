# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options and the course of the module hocon."""

from __future__ import annotations

from .._core.hocon.edit import decide, edits_from
from .._core.hocon.mask import masked
from .._core.hocon.text import parse_path
from .._shell.editing.module import (
    FileEditModule,
    settings_option,
)

KIND = FileEditModule

ARGUMENTS = {
    # Distinguishes a missing value from null.
    "settings": settings_option("present", "absent", required_if=[("state", "present", ("value",))]),
}


def main(kind: type[FileEditModule] = KIND) -> None:
    """Read the options, let the core decide, and act."""
    module = kind(ARGUMENTS)
    result = module.edit(
        decide=lambda before: decide(before, edits_from(module.settings)),
        describe=masked,
        name_of=lambda key: parse_path(key)[-1],
    )
    module.exit_json(**result)
