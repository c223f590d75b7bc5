# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options and the course of the module machine_info."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from ansible.module_utils.basic import AnsibleModule

from .._core.machine.packages import Packages
from .._shell.arguments import refuse_nul
from .._shell.commands import run
from .._shell.machine import look
from .._shell.module import finish

KIND = AnsibleModule

LIST = {"type": "list", "elements": "path", "default": []}
EXPECTED = {
    "path": {"type": "path", "required": True},
    "kind": {"type": "str", "choices": ["file", "directory"], "default": "file"},
    "checksum": {"type": "str"},
    "mode": {"type": "str", "default": "0644"},
    "owner": {"type": "str", "default": "root"},
    "group": {"type": "str", "default": "root"},
}
SEARCH = {
    "patterns": {"type": "list", "elements": "path", "required": True},
    "excluded": {"type": "list", "elements": "path", "default": []},
    "expression": {"type": "str", "required": True},
}
OPTIONS = {
    "packages": {"type": "bool", "default": False},
    "units": {"type": "list", "elements": "str", "default": []},
    "conffiles": {"type": "list", "elements": "str", "default": []},
    "paths": LIST,
    "contents": LIST,
    "patterns": LIST,
    "free": LIST,
    "expected": {"type": "list", "elements": "dict", "default": [], "options": EXPECTED},
    "searches": {"type": "list", "elements": "dict", "default": [], "options": SEARCH},
}


def run_module(module: AnsibleModule) -> dict[str, Any]:
    """Read what was asked for, and return it to the user."""
    asked = module.params
    packages = look.read_packages(run) if asked["packages"] else Packages()
    paths = {path: look.read_path(path) for path in asked["paths"]}
    contents = {path: look.read_content(path) for path in asked["contents"]}
    return {
        "changed": False,
        "packages": packages.installed,
        "unfinished": list(packages.unfinished),
        "interrupted": bool(asked["packages"]) and look.is_dpkg_interrupted(),
        "units": {name: asdict(unit) for name, unit in look.read_units(asked["units"], run).items()},
        "edited": [path for package in asked["conffiles"] for path in look.edited_files(package, run)],
        "paths": {path: found for path, found in paths.items() if found is not None},
        "contents": {path: content for path, content in contents.items() if content is not None},
        "matching": look.matching(asked["patterns"]),
        "differing": [wanted["path"] for wanted in asked["expected"] if not look.is_as_expected(wanted)],
        "found": {search["expression"]: look.found(**search) for search in asked["searches"]},
        "free": {folder: look.free_space(folder) for folder in asked["free"]},
    }


def main(kind: type[AnsibleModule] = KIND) -> None:
    module = kind(argument_spec=OPTIONS, supports_check_mode=True)
    refuse_nul(module)
    finish(module, run_module)
