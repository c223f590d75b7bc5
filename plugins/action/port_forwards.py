# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run the module, and confirm changed rules over a new connection.

An open connection proves nothing. The kernel accepts its packets even if the rules refuse new connections.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from ansible.errors import AnsibleConnectionFailure
from ansible.plugins.action import ActionBase

MODULE = "selfhosted.jitsi.port_forwards"
# Time for the host to restore the rules after the deadline.
GRACE_SECONDS = 10
PAUSE_SECONDS = 1


class ActionModule(ActionBase):
    """The action plugin for tasks of port_forwards."""

    _supports_check_mode = True

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Apply the rules, make a new connection, and confirm."""
        super().run(tmp, task_vars)
        arguments: dict[str, Any] = self._task.args
        applied: dict[str, Any] = self._execute_module(module_name=MODULE, module_args=arguments, task_vars=task_vars)
        token = applied.pop("confirm", None)
        if not token:
            return applied
        seconds = int(arguments["rollback"])
        confirmed = self._confirm(token, time.monotonic() + seconds + GRACE_SECONDS, task_vars)
        if confirmed.get("failed") or confirmed.get("unreachable"):
            return _failure(applied, confirmed, seconds)
        return _merged(applied, confirmed)

    def _confirm(self, token: str, deadline: float, task_vars: dict[str, Any] | None) -> dict[str, Any]:
        """Run the module over new connections until it answers. Return the answer and the last error before it."""
        trouble = ""
        while True:
            try:
                self._connection.reset()
                answer: dict[str, Any] = self._execute_module(
                    module_name=MODULE, module_args={**self._task.args, "confirm": token}, task_vars=task_vars
                )
            except AnsibleConnectionFailure as error:
                answer = {"unreachable": True, "msg": str(error)}
            answer["trouble"] = trouble
            if not answer.get("unreachable"):
                return answer
            trouble = " ".join(str(answer.get("msg", "")).split())
            if time.monotonic() > deadline:
                return {**answer, "trouble": trouble}
            time.sleep(PAUSE_SECONDS)


def _failure(applied: Mapping[str, Any], confirmed: Mapping[str, Any], seconds: int) -> dict[str, Any]:
    """Return the result of a change that was not confirmed."""
    trouble = confirmed["trouble"]
    if confirmed.get("unreachable"):
        message = (
            "Cannot keep the forwards: no new connection to the host is possible, even after the host should have "
            f"restored the earlier rules ({seconds} seconds). The last error: {trouble}"
        )
    elif trouble:
        message = f"{confirmed['msg']}. New connections to the host failed: {trouble}"
    else:
        message = confirmed["msg"]
    return {**applied, "failed": True, "changed": False, "msg": message}


def _merged(applied: Mapping[str, Any], confirmed: dict[str, Any]) -> dict[str, Any]:
    """Return one result for both runs. The second run wrote the forwards that come back after a boot."""
    del confirmed["trouble"]
    result = {**confirmed, "changed": True}
    for name in ("commands", "diff", "notes"):
        if name in applied:
            result[name] = list(applied[name]) + [item for item in confirmed.get(name, ()) if item not in applied[name]]
    return result
