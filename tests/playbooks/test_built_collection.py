"""What is built and installed runs alone: no file of the checkout is needed but an inventory."""

from __future__ import annotations

import os
import subprocess
import tarfile
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]
SHIPPED = {"CHANGELOG.md", "COPYING", "FILES.json", "MANIFEST.json", "README.md"}
FOLDERS = {"LICENSES", "changelogs", "meta", "playbooks", "plugins", "roles"}


@pytest.fixture(scope="module")
def archive(tmp_path_factory):
    folder = tmp_path_factory.mktemp("built")
    command = ["ansible-galaxy", "collection", "build", "--output-path", str(folder), str(CHECKOUT)]
    subprocess.run(command, check=True, capture_output=True)
    (built,) = folder.glob("selfhosted-jitsi-*.tar.gz")
    return built


def test_only_what_runs_is_shipped(archive):
    with tarfile.open(archive) as content:
        top = {name.split("/")[0] for name in content.getnames()}
    assert top == SHIPPED | FOLDERS


@pytest.mark.parametrize("playbook", ["preflight", "site", "check"])
def test_playbooks_run_from_the_installed_collection(archive, tmp_path, playbook):
    environment = {**os.environ, "ANSIBLE_COLLECTIONS_PATH": str(tmp_path), "NO_COLOR": "1"}
    install = [
        "ansible-galaxy",
        "collection",
        "install",
        "--offline",
        "--collections-path",
        str(tmp_path),
        str(archive),
    ]
    subprocess.run(install, check=True, capture_output=True, env=environment)
    # Only the first runs without machines; of the others the roles, modules and filters must be found.
    options = [] if playbook == "preflight" else ["--syntax-check"]
    inventory = f"--inventory={CHECKOUT}/inventory/example"
    command = ["ansible-playbook", inventory, f"selfhosted.jitsi.{playbook}", *options]
    done = subprocess.run(command, env=environment, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
