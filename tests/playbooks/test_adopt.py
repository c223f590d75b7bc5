# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the adoption of a site refuses before it asks a machine. What it makes of a site is tested on the lab."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]
#: Two proxies; they are machines that nobody can reach.
TWO = """
nat_host: {hosts: {a.invalid: }}
reverse_proxy: {hosts: {b.invalid: , c.invalid: }}
jitsi: {hosts: {d.invalid: }}
"""


def adopt(inventory, name, folder):
    """Run the playbook in a folder; return its exit code and what it said in one line."""
    command = ["ansible-playbook", "--inventory", str(inventory), "--extra-vars", f"adopt_inventory={name}"]
    environment = {**os.environ, "ANSIBLE_FORCE_COLOR": "false", "NO_COLOR": "1"}
    words = [*command, "selfhosted.jitsi.adopt"]
    done = subprocess.run(words, env=environment, cwd=folder, capture_output=True, text=True, check=False)
    return done.returncode, " ".join((done.stdout + done.stderr).split())


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("made.yml", "adopt_inventory: made.yml exists already, and is not replaced. Name another file."),
        ("made.ini", "adopt_inventory: 'made.ini' is not the name of a YAML file."),
        ("no/made.yml", "adopt_inventory: the folder of no/made.yml does not exist."),
    ],
)
def test_file_that_cannot_be_written_is_refused_before_a_machine_is_asked(tmp_path, name, words):
    (tmp_path / "made.yml").write_text("mine\n")
    code, said = adopt(CHECKOUT / "inventory" / "example", name, tmp_path)
    assert code != 0
    assert words in said, said
    assert "PLAY [Read the machines]" not in said
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("made.yml", "mine\n")]


def test_two_proxies_are_refused_before_a_machine_is_asked(tmp_path):
    (tmp_path / "two.yml").write_text(TWO)
    code, said = adopt(tmp_path / "two.yml", "made.yml", tmp_path)
    assert code != 0
    assert "The group reverse_proxy has 2 machines, but an inventory describes one site." in said, said
    assert "PLAY [Read the machines]" not in said
    assert not (tmp_path / "made.yml").exists()
