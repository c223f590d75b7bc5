# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""The end of every module that decides and acts: its result, or a message for the user."""

from __future__ import annotations

from typing import Any, Callable, TypeVar

from ansible.module_utils.basic import AnsibleModule

from .._core.errors import JitsiError
from .._core.printable import printable

AnyModule = TypeVar("AnyModule", bound=AnsibleModule)


def finish(module: AnyModule, run_module: Callable[[AnyModule], dict[str, Any]]) -> None:
    """Do the work and end the module.

    :param run_module: does the work, and returns the result for the user. Its JitsiError becomes the message.
    """
    try:
        result = run_module(module)
    except JitsiError as error:
        module.fail_json(msg=printable(str(error)))
    module.exit_json(**result)
