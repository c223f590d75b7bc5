# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""The module, on a dpkg that keeps its selections in a file; the real one is asked in molecule/upgrade."""

from __future__ import annotations

import json

import pytest
from ansible.module_utils.testing import patch_module_args
from ansible_collections.selfhosted.jitsi.plugins.module_utils._module import package_holds

QUERY = """#!/bin/sh
cat "$SELECTIONS"
"""
DPKG = """#!/bin/sh
[ -n "$REFUSES" ] && { echo "dpkg: error: requested operation requires superuser privilege" >&2; exit 2; }
while read -r name want; do
    sed -i "s/^[a-z]* \\(.*\\) $name\\$/$want \\1 $name/" "$SELECTIONS"
done
"""


@pytest.fixture
def selections(tmp_path, monkeypatch):
    (tmp_path / "bin").mkdir()
    for name, text in (("dpkg-query", QUERY), ("dpkg", DPKG)):
        (tmp_path / "bin" / name).write_text(text)
        (tmp_path / "bin" / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"), prepend=":")
    monkeypatch.setenv("SELECTIONS", str(tmp_path / "selections"))
    file = tmp_path / "selections"
    file.write_text("install installed a\nhold installed b\ninstall installed c\ndeinstall config-files d\n")
    return file


@pytest.fixture
def run(tmp_path, capsys, selections):
    """Runs main() and gives its result."""

    def call(*packages, **options):
        arguments = {"packages": list(packages), "path": str(tmp_path / "etc" / "held"), **options}
        with patch_module_args(arguments), pytest.raises(SystemExit):
            package_holds.main()
        return json.loads(capsys.readouterr().out)

    return call


def held(selections):
    return [line.split()[2] for line in selections.read_text().splitlines() if line.startswith("hold ")]


def test_installed_packages_are_held_once_and_those_of_others_are_named(run, selections, tmp_path):
    predicted = run("a", "b", "d", "z", _ansible_check_mode=True, _ansible_diff=True)
    assert held(selections) == ["b"]
    assert not (tmp_path / "etc").exists()
    done = run("a", "b", "d", "z", _ansible_diff=True)
    assert predicted == done
    assert (done["changed"], done["ours"], done["others"]) == (True, ["a"], ["b"])
    assert done["diff"] == {"before": "a: not held\n", "after": "a: held, and recorded\n"}
    assert held(selections) == ["a", "b"]
    assert not run("a", "b", "d", "z")["changed"]


def test_only_what_was_held_here_is_given_back(run, selections, tmp_path):
    run("a", "b", "c")
    result = run("a", "b", "c", state="released")
    assert (result["changed"], result["ours"], result["others"]) == (True, [], ["b"])
    assert held(selections) == ["b"]
    assert not (tmp_path / "etc" / "held").exists()
    assert not run("a", "b", "c", state="released")["changed"]


def test_package_that_is_wanted_no_more_is_given_back(run, selections):
    run("a", "c")
    assert run("c")["ours"] == ["c"]
    assert held(selections) == ["b", "c"]


def test_what_somebody_gave_back_by_hand_is_held_again_or_forgotten(run, selections, tmp_path):
    run("a", "c")
    selections.write_text(selections.read_text().replace("hold installed a", "install installed a"))
    assert run("c")["changed"]
    assert (tmp_path / "etc" / "held").read_text() == "c\n"
    selections.write_text(selections.read_text().replace("hold installed c", "install installed c"))
    assert run("c")["changed"]
    assert held(selections) == ["b", "c"]


def test_cut_off_run_is_made_good(run, selections, monkeypatch, tmp_path):
    """What is noted before it is held stays noted, so nothing of ours is ever taken for somebody else's."""
    monkeypatch.setenv("REFUSES", "1")
    assert "requires superuser privilege" in run("a", "c")["msg"]
    assert (tmp_path / "etc" / "held").read_text() == "a\nc\n"
    monkeypatch.setenv("REFUSES", "")
    assert run("a", "c")["ours"] == ["a", "c"]
    assert held(selections) == ["a", "b", "c"]
    monkeypatch.setenv("REFUSES", "1")
    run("a", "c", state="released")
    assert (tmp_path / "etc" / "held").read_text() == "a\nc\n"
    monkeypatch.setenv("REFUSES", "")
    run("a", "c", state="released")
    assert held(selections) == ["b"]
