# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options and the course of the module java_properties."""

from __future__ import annotations

from .._core.java_properties.edit import (
    decide,
    edits_from,
    masked,
)
from .._shell.editing.module import (
    FileEditModule,
    settings_option,
)

KIND = FileEditModule

ARGUMENTS = {
    "settings": settings_option("present", "absent", "commented"),
    "encoding": {"type": "str", "choices": ["utf-8", "iso-8859-1"], "default": "utf-8"},
    "duplicates": {"type": "str", "choices": ["remove", "keep"], "default": "remove"},
}


def main(kind: type[FileEditModule] = KIND) -> None:
    """Read the options, let the core decide, and act."""
    module = kind(ARGUMENTS)
    encoding = module.params["encoding"]
    keep = module.params["duplicates"] == "keep"
    result = module.edit(
        decide=lambda before: decide(before, edits_from(module.settings), encoding, keep),
        describe=lambda before, after, secret: masked(before, after, encoding, secret),
    )
    module.exit_json(**result)
