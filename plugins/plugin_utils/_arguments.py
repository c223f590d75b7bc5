# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""The arguments of this collection's roles, in the types that their argument specs name."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.module_utils.common.yaml import yaml_load
from ansible.release import __version__ as core_version
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.errors import JitsiError

ROLES = Path(__file__).resolve().parents[2] / "roles"
REMEDIES = {
    "bool": "write true or false",
    "int": "write a whole number, such as 10",
    "float": "write a number, such as 0.5",
    "list": "write a list, such as [a, b]",
}
#: What of an option decides about a value's type; the rest is documentation, or the role's own business.
JUDGED = ("type", "elements", "choices", "options")


#: Older releases template nested data otherwise. meta/runtime.yml says it, too, but Ansible only warns of that.
OLDEST_CORE = (2, 19)


class ArgumentError(JitsiError):
    """A value that an argument cannot have. The message names the argument and says what to do."""


@lru_cache(maxsize=None)
def _specs(role: str) -> dict[str, dict[str, Any]]:
    """The options of a role's entry points, by their names.

    Each task has a process of its own, which reads this again: yaml_load takes libyaml, ten times faster than Python.
    """
    text = (ROLES / role / "meta" / "argument_specs.yml").read_text(encoding="utf-8")
    found: dict[str, dict[str, Any]] = {}
    for entry in yaml_load(text)["argument_specs"].values():
        found.update(entry.get("options", {}))
    return found


def _spec(name: str) -> dict[str, Any] | None:
    """The spec of an argument, whose name begins with that of its role."""
    roles = (path.name for path in ROLES.iterdir() if name.startswith(f"{path.name}_"))
    return next((spec for role in roles if (spec := _specs(role).get(name))), None)


def _refuse_old_core(version: str) -> None:
    if tuple(int(number) for number in version.split(".")[:2]) < OLDEST_CORE:
        oldest = ".".join(map(str, OLDEST_CORE))
        raise ArgumentError(
            f"the controller has ansible-core {version}, and selfhosted.jitsi needs {oldest} or newer; "
            f"install it with pip install 'ansible-core>={oldest}'"
        )


def _plain(value: Any) -> Any:
    """The value in containers of Python's own: the validator copies it, and those of templates cannot be copied."""
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return value


def typed(value: Any, name: str) -> Any:
    """A value in the type of a role's argument, as Ansible converts the options of a module.

    :param value: what the user said; None stands for the spec's default.
    :raises ArgumentError: for an argument that no role has, and for a value that cannot be of its type.
    """
    _refuse_old_core(core_version)
    spec = _spec(name)
    if spec is None:
        raise ArgumentError(
            f"{name}: no role of this collection has this argument; use the name of an existing argument"
        )
    value = spec.get("default") if value is None else value
    remedy = REMEDIES.get(spec["type"], "correct it")
    if value is None:
        raise ArgumentError(f"{name}: the value is null; {remedy}, or leave it out")
    judged = {key: spec[key] for key in JUDGED if key in spec}
    result = ArgumentSpecValidator({name: judged}).validate({name: _plain(value)})
    if result.error_messages:
        raise ArgumentError(f"{name}: {'; '.join(result.error_messages)}; {remedy}")
    return result.validated_parameters[name]
