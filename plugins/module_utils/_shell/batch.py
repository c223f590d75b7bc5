# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run modules of this collection in check mode, inside the process of another module."""

from __future__ import annotations

from typing import Any, Callable, NoReturn

from ansible.module_utils.basic import AnsibleModule


class Ended(Exception):
    """A module has ended with this result."""

    def __init__(self, result: dict[str, Any]) -> None:
        super().__init__()
        self.result = result


class InCheckMode:
    """What makes a class of module take given options, change nothing, and end without ending the process."""

    given: dict[str, Any]
    warned: list[str]
    secrets: set[str]
    no_log_values: set[str]

    def _load_params(self) -> None:
        # Ansible reads the process's own arguments here. Nothing is logged: the options may be secret.
        self.params = {**self.given, "_ansible_check_mode": True, "_ansible_diff": True, "_ansible_no_log": True}

    def warn(self, warning: str, **_more: Any) -> None:
        self.warned.append(warning)

    def exit_json(self, **result: Any) -> NoReturn:
        self._end(result)

    def fail_json(self, msg: str, **result: Any) -> NoReturn:
        self._end({**result, "failed": True, "msg": msg})

    def _end(self, result: dict[str, Any]) -> NoReturn:
        self.secrets.update(self.no_log_values)
        raise Ended(result)


def run_in_check_mode(
    main: Callable[..., None], kind: type[AnsibleModule], options: dict[str, Any], secrets: set[str]
) -> dict[str, Any]:
    """The result of a module in check mode, with its warnings.

    :param main: the module's own ``main``, which takes the class to make.
    :param kind: the class that it makes otherwise.
    :param secrets: gets the texts that the module shows nobody.
    """
    warned: list[str] = []
    made: dict[str, Any] = {"given": options, "warned": warned, "secrets": secrets}
    try:
        main(type("InCheckMode", (InCheckMode, kind), made))
    except Ended as ended:
        return {**_with_changes(ended.result), "warnings": warned}
    raise AssertionError("the module ended without a result")


def _with_changes(result: dict[str, Any]) -> dict[str, Any]:
    """A result without the texts that stay as they are."""
    if "diff" not in result:
        return result
    entries = result["diff"] if isinstance(result["diff"], list) else [result["diff"]]
    return {**result, "diff": [entry for entry in entries if entry.get("before") != entry.get("after")]}
