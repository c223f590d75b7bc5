# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""The shell around every editor of a configuration file: a core decides, this module acts."""

from __future__ import annotations

import os
import re
import shlex
from typing import Any, Callable, NoReturn, Pattern, Tuple

from ansible.module_utils.basic import AnsibleModule

from ..._core.editing.masking import MASK, SECRET, before_secret, holds_secret, of_names, replaceable
from ..._core.errors import CoreError
from ..._core.outcome import Outcome
from ..arguments import refuse_nul
from .backup import kept_copy
from .replace import replacement

Describe = Callable[[bytes, bytes, Pattern[str]], Tuple[str, str]]

FILE_OPTIONS = {
    "path": {"type": "path", "required": True},
    "create": {"type": "bool", "default": False},
    "backup": {"type": "bool", "default": False},
    "validate": {"type": "str"},
}


def settings_option(*states: str, **more: Any) -> dict[str, Any]:
    """The option ``settings`` of an editor, whose values are kept secret while the arguments are still being checked.

    :param states: what a setting's ``state`` may be; the first is the default.
    :param more: further parts of the option's specification.
    """
    options = {
        "key": {"type": "str", "required": True, "no_log": False},
        "value": {"type": "raw", "no_log": True},
        "state": {"type": "str", "choices": list(states), "default": states[0]},
        "secret": {"type": "bool", "default": False, "no_log": False},
    }
    return {"type": "list", "elements": "dict", "required": True, "options": options, **more}


_HIDDEN = "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"


class FileEditModule(AnsibleModule):
    """An AnsibleModule for ``path`` and ``settings``, which shows nobody the values of secret keys.

    :param argument_spec: the options beside the shared ones, with ``settings`` from :func:`settings_option`.
    """

    settings: list[dict[str, Any]]
    secret = SECRET

    def __init__(self, argument_spec: dict[str, Any]) -> None:
        super().__init__(
            argument_spec=dict(FILE_OPTIONS, **argument_spec), add_file_common_args=True, supports_check_mode=True
        )
        self._hide_secrets()
        refuse_nul(self, "settings")

    def _log_invocation(self) -> None:
        # Runs inside Ansible's constructor, where no_log would miss values that are escaped in the log.
        self._hide_secrets()
        super()._log_invocation()

    def _hide_secrets(self) -> None:
        """Keep the settings for the core, and leave in ``params`` what may be shown."""
        if hasattr(self, "settings"):
            return
        self.settings = self.params["settings"]
        found: set[str] = set()
        self.params["settings"] = [
            dict(setting, value=_hidden(setting.get("value"), _is_secret(setting), found)) for setting in self.settings
        ]
        self.no_log_values.clear()
        self.no_log_values.update(replaceable(found))

    def edit(
        self, decide: Callable[[bytes], Outcome[bytes]], describe: Describe, name_of: Callable[[str], str] = str
    ) -> dict[str, Any]:
        """Make the file what the core wants it to be.

        :param decide: turns the bytes of the file into an Outcome that it has proved, or raises CoreError.
        :param describe: turns both states into text for the diff, without the values of names in which the pattern is.
        :param name_of: the name by which the file knows a setting, of a key that ``decide`` has accepted.
        :returns: what the module returns to Ansible.
        """
        validator = self._validator()
        target = os.path.realpath(self.params["path"])
        exists = self._require_file(target)
        try:
            outcome = decide(self._read(target) if exists else b"")
        except CoreError as error:
            self.fail_json(msg=_printable(f"Cannot edit {self.params['path']}: {error}"))
        self.secret = of_names(name_of(setting["key"]) for setting in self.settings if setting["secret"])
        result: dict[str, Any] = {"changed": outcome.changed, "notes": [_printable(note) for note in outcome.notes]}
        attributes: dict[str, Any] = {}
        if outcome.changed and not self.check_mode:
            result.update(self._replace(target, outcome.after, exists, attributes, validator))
        differences = [self._difference(outcome, exists, describe)] if self._diff else []
        if exists or outcome.changed:
            differences += self._set_attributes(target, result, attributes)
        if self._diff:
            result["diff"] = differences
        return result

    def _require_file(self, target: str) -> bool:
        path = self.params["path"]
        if os.path.exists(target):
            if not os.path.isfile(target):
                self.fail_json(msg=f"Cannot edit {path}: it is not a regular file; give the path of a file")
            return True
        if not self.params["create"]:
            self.fail_json(msg=f"Cannot edit {path}: it does not exist; create it first, or set create to true")
        if not os.path.isdir(os.path.dirname(target)):
            self.fail_json(msg=f"Cannot create {path}: its directory does not exist; create the directory first")
        return False

    def _read(self, target: str) -> bytes:
        try:
            with open(target, "rb") as file:
                return file.read()
        except OSError as error:
            end: Callable[..., NoReturn] = self.fail_json
            end(msg=f"Cannot read {self.params['path']}: {error.strerror}; run the task as a user that can read it")

    def _replace(
        self, target: str, content: bytes, exists: bool, attributes: dict[str, Any], validator: list[str]
    ) -> dict[str, str]:
        result = {}
        with replacement(self, target, content, attributes) as temporary:
            self._validate(validator, temporary)
            if self.params["backup"] and exists:
                result["backup_file"] = kept_copy(self, target)
        return result

    def _validator(self) -> list[str]:
        """The parts of the command that checks the result, none if nothing shall."""
        command = self.params["validate"] or ""
        try:
            parts = shlex.split(command)
        except ValueError as error:
            self.fail_json(
                msg=f"validate: '{command}' is not a command ({str(error).lower()}); correct its quotes and backslashes"
            )
        if command and "%s" not in command:
            self.fail_json(msg=f"validate: '{command}' does not contain %s; write %s in place of the file name")
        return parts

    def _validate(self, parts: list[str], temporary: str) -> None:
        if not parts:
            return
        command = self.params["validate"]
        try:
            # In the language of the machine, which is also the encoding in which a validator reads the file.
            code, out, err = self.run_command(
                [part.replace("%s", temporary) for part in parts], handle_exceptions=False
            )
        except (OSError, ValueError) as error:
            problem = getattr(error, "strerror", None) or error
            self.fail_json(
                msg=f"validate: in '{command}', {parts[0]} cannot be run ({problem}), so nothing was written;"
                " install it, or use another command"
            )
        if code != 0:
            said = _until_secret(self.secret, _printable(err.strip() or out.strip()))
            self.fail_json(
                msg=f"Cannot edit {self.params['path']}: '{command}' rejected the result with exit code {code},"
                f" so nothing was written: {said}"
            )

    def _difference(self, outcome: Outcome[bytes], exists: bool, describe: Describe) -> dict[str, str]:
        before, after = map(_printable, describe(outcome.before, outcome.after, self.secret))
        path = self.params["path"]
        return {
            "before_header": f"{path} (content)" if exists else "/dev/null",
            "after_header": f"{path} (content)",
            "before": before,
            "after": after,
        }

    def _set_attributes(self, target: str, result: dict[str, Any], difference: dict[str, Any]) -> list[dict[str, Any]]:
        wanted = self.load_file_common_arguments(self.params, path=target)
        result["changed"] = self.set_fs_attributes_if_different(wanted, result["changed"], diff=difference)
        if not difference.get("after"):
            return []
        header = f"{self.params['path']} (file attributes)"
        return [dict(difference, before_header=header, after_header=header)]


def _is_secret(setting: dict[str, Any]) -> bool:
    return bool(setting["secret"] or SECRET.search(setting["key"]))


def _hidden(value: Any, secret: bool, found: set[str]) -> Any:
    """A value as it may be shown; the secret texts in it are added to ``found``."""
    if isinstance(value, dict):
        return {key: _hidden(inner, secret or bool(SECRET.search(str(key))), found) for key, inner in value.items()}
    if isinstance(value, list):
        return [_hidden(inner, secret, found) for inner in value]
    if value is None or not (secret or (isinstance(value, str) and holds_secret(value, SECRET))):
        return value
    found.add(str(value))
    return _HIDDEN


def _until_secret(secret: Pattern[str], text: str) -> str:
    return re.sub(f"({before_secret(secret).pattern}).*", rf"\1{MASK}", text, flags=secret.flags)


def _printable(text: str) -> str:
    """Text that can be sent as JSON, whatever bytes were in the file."""
    return text.encode("utf-8", "replace").decode("utf-8")
