# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options and the course of the module repository_keyring."""

from __future__ import annotations

import os
from typing import Any

from ansible.module_utils.basic import AnsibleModule

from .._core.outcome import Outcome
from .._core.packages.repository_keys import parse_fingerprints
from .._core.printable import printable
from .._shell.arguments import refuse_nul
from .._shell.commands import run
from .._shell.files import put
from .._shell.module import finish
from .._shell.packages.gpg import (
    Reading,
    installed_text,
    read_keys,
)

KIND = AnsibleModule

OPTIONS = {
    "path": {"type": "path", "required": True},
    "fingerprints": {"type": "list", "elements": "str", "required": True},
    "source": {"type": "path"},
}


def run_module(module: AnsibleModule) -> dict[str, Any]:
    """Do the work and return the result for the user."""
    path, source = module.params["path"], module.params["source"]
    allowed = parse_fingerprints(module.params["fingerprints"])
    before = installed_text(path)
    # Check mode can run before gpg is installed.
    readable = (source or before is not None) and (module.get_bin_path("gpg") or not module.check_mode)
    reading = read_keys(source or path, allowed, run) if readable else Reading((), "")
    found = [key.fingerprint for key in reading.keys]
    right = bool(reading.text) and not (source and set(found) - set(allowed))
    outcome = Outcome(before, reading.text if right else before)
    if outcome.changed and not module.check_mode:
        put(path, outcome.after)
    expired = any(key.expired for key in reading.keys if key.fingerprint in allowed)
    result = {"changed": outcome.changed, "right": right, "found": found, "expired": expired}
    if module._diff:
        header = {"before_header": path, "after_header": path}
        result["diff"] = dict(header, before=printable(outcome.before or ""), after=printable(outcome.after or ""))
    return result


def main(kind: type[AnsibleModule] = KIND) -> None:
    module = kind(argument_spec=OPTIONS, supports_check_mode=True)
    refuse_nul(module)
    source = module.params["source"]
    if source and not os.path.isfile(source):
        module.fail_json(msg=f"source: {source!r} is not a file; download it first")
    finish(module, run_module)
