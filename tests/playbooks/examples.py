# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""The examples of the documentation, moved to where a test may run them."""

from __future__ import annotations

import ast
import os
import pwd
import re
from pathlib import Path

import yaml
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.config_js.edit import decide, edits_from

CHECKOUT = Path(__file__).resolve().parents[2]
PLUGINS = CHECKOUT / "plugins"
PACKAGES = CHECKOUT / "tests" / "lab" / "repository" / "packages"

#: What an example may call beside the plugin that it explains; all of it stays below the folder of the test.
HARMLESS = {f"ansible.builtin.{name}" for name in ("assert", "copy", "debug", "fail", "set_fact", "slurp")}


def of_modules() -> dict[str, list[dict]]:
    """The tasks in the examples of each module."""
    return {path.stem: yaml.safe_load(_examples_in(path)) for path in sorted((PLUGINS / "modules").glob("*.py"))}


def _examples_in(path: Path) -> str:
    for statement in ast.parse(path.read_text()).body:
        if isinstance(statement, ast.Assign) and statement.targets[0].id == "EXAMPLES":
            return ast.literal_eval(statement.value)
    raise LookupError(f"{path} has no EXAMPLES; write some")


def of_plugins(kind: str) -> dict[str, list[dict]]:
    """The tasks in the examples of each filter or test."""
    documents = {path.stem: yaml.safe_load(path.read_text()) for path in sorted((PLUGINS / kind).glob("*.yml"))}
    return {name: yaml.safe_load(document["EXAMPLES"]) for name, document in documents.items()}


def moved(tasks: list[dict], root: Path, *calls: str) -> list[dict]:
    """The tasks with their paths below a folder and their owners as the one who runs the test.

    :param calls: modules that the tasks may call beside the harmless ones.
    :raises ValueError: for a task of which this cannot tell what it would do here.
    """
    return [step for task in tasks for step in _moved_task(task, root, HARMLESS.union(calls))]


def _moved_task(task: dict, root: Path, allowed: set[str]) -> list[dict]:
    (called,) = [name for name in task if "." in name]
    if called not in allowed:
        raise ValueError(f"the example '{task['name']}' calls {called}; see that it is harmless, and allow it here")
    task = _moved(task, root)
    if called != "ansible.builtin.fail":
        return [task]
    # A task that is there to fail must do so.
    ignored = {**task, "register": "refused", "ignore_errors": True}
    return [ignored, {"ansible.builtin.assert": {"that": "refused is failed"}}]


def _moved(value, root: Path, name: str = ""):
    if isinstance(value, dict):
        return {key: _moved(inner, root, key) for key, inner in value.items()}
    if isinstance(value, list):
        return [_moved(inner, root) for inner in value]
    if name in ("owner", "group"):
        return pwd.getpwuid(os.geteuid()).pw_name if name == "owner" else os.getegid()
    if isinstance(value, str) and value.startswith("/"):
        if not value.startswith("/etc/"):
            raise ValueError(f"the example names {value}, and only files below /etc are moved; name such a file")
        return f"{root}{value}"
    return value


def write_seeds(root: Path) -> None:
    """The files that the packages leave, as far as examples name them."""
    bridge, web = root / "etc" / "jitsi" / "videobridge", root / "etc" / "jitsi" / "meet"
    bridge.mkdir(parents=True)
    web.mkdir()
    (bridge / "sip-communicator.properties").write_text(_written_by("2020", "PROPERTIES"))
    (bridge / "jvb.conf").write_text(_written_by("current", "HOCON"))
    package = PACKAGES / "current" / "jitsi-meet-web-config" / "usr" / "share" / "jitsi-meet-web-config"
    # An earlier run has set something that an example takes back.
    earlier = edits_from([{"key": "resolution", "value": 360, "state": "present"}])
    (web / "meet.example.com-config.js").write_bytes(decide((package / "config.js").read_bytes(), earlier).after)


def _written_by(generation: str, name: str) -> str:
    """What the videobridge's package writes into a file whose name it keeps in a shell variable."""
    script = (PACKAGES / generation / "jitsi-videobridge2" / "DEBIAN" / "postinst").read_text()
    parts = re.findall(rf'cat >>? "\${name}" << END\n(.*?)^END$', script, re.DOTALL | re.MULTILINE)
    text = "".join(parts).replace("$JVB_HOSTNAME", "meet.example.com").replace("$JVB_SECRET", "p#a@sswd")
    return re.sub(r"\$\(uuidgen[^)]*\)", "4f5f2c1a-0000-4000-8000-000000000000", text)
