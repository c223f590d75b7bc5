# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Read the vhosts of an Apache, whoever wrote them."""

from __future__ import annotations

from typing import Any

from ..._core.apache.files import MARKED
from ..._core.apache.foreign import vhosts_as_data
from ..apache.tree import dump_command
from ..commands import CommandError, Runner
from ..files import read_text

CONFIGURATION = "/etc/apache2"


def read_proxy(run: Runner) -> dict[str, Any]:
    """The vhosts with what can be shown of them, and whether there is an Apache.

    :raises CommandError: if Apache does not accept its configuration.
    """
    try:
        status, output, errors = run(dump_command(CONFIGURATION), "")
    except FileNotFoundError:
        return {"installed": False, "vhosts": []}
    if status:
        said = " ".join(errors.split())
        raise CommandError(f"Apache does not accept its configuration: {said}; correct it, and run again")
    vhosts = vhosts_as_data(output)
    ours = {vhost["file"]: _is_ours(vhost["file"]) for vhost in vhosts}
    return {"installed": True, "vhosts": [{**vhost, "ours": ours[vhost["file"]]} for vhost in vhosts]}


def _is_ours(path: str) -> bool:
    return bool(path) and bool(MARKED.search(read_text(path)))
