# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Plays that try many wrong values in one run, and report what was said about each."""

from __future__ import annotations

import json
import os
import subprocess
import sys


def report_of(folder, play, report, inventory="localhost,", around=()):
    """Run a play on this machine, and return the data that it reports.

    :param folder: where the playbook and the report are written.
    :param report: the expression that makes the data, after the play's tasks.
    :param around: the command that runs ansible-playbook, such as one that makes a network.
    """
    last = {"content": f"{{{{ {report} | to_json }}}}", "dest": str(folder / "report"), "mode": "0600"}
    tasks = [*play["tasks"], {"ansible.builtin.copy": last}]
    (folder / "playbook.yml").write_text(json.dumps([{"gather_facts": False, **play, "tasks": tasks}]))
    done = subprocess.run(
        [*around, "ansible-playbook", "--connection", "local", "--inventory", inventory, str(folder / "playbook.yml")],
        env={**os.environ, "NO_COLOR": "1", "ANSIBLE_PYTHON_INTERPRETER": sys.executable},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads((folder / "report").read_text())
