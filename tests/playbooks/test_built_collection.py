"""What is built and installed runs alone: no file of the checkout is needed but an inventory."""

from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest
import yaml

CHECKOUT = Path(__file__).resolve().parents[2]
SHIPPED = {"CHANGELOG.md", "COPYING", "FILES.json", "MANIFEST.json", "README.md", "bindep.txt", "requirements.txt"}
FOLDERS = {"LICENSES", "changelogs", "meta", "playbooks", "plugins", "roles"}
#: What ansible-core itself brings.
OF_ANSIBLE = {"ansible", "ansible_collections", "jinja2", "yaml"}
GUIDE = CHECKOUT / "docs" / "guides" / "execution_environment.md"
#: It has a virtual environment beside that of the tests.
BUILDER = shutil.which("ansible-builder", path=f"{Path(sys.prefix).parent}/lint/bin:{os.environ['PATH']}")


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


@pytest.fixture(scope="module")
def installed(archive, tmp_path_factory):
    """A folder with the collection, and an environment in which Ansible finds it nowhere else."""
    folder = tmp_path_factory.mktemp("installed")
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    environment |= {"ANSIBLE_COLLECTIONS_PATH": str(folder), "NO_COLOR": "1"}
    command = ["ansible-galaxy", "collection", "install", "--offline", "--collections-path", str(folder), str(archive)]
    subprocess.run(command, check=True, capture_output=True, env=environment)
    assert (folder / "ansible_collections" / "selfhosted" / "jitsi" / "MANIFEST.json").is_file()
    return folder, environment


@pytest.mark.parametrize("playbook", ["preflight", "site", "check"])
def test_playbooks_run_from_the_installed_collection(installed, playbook):
    folder, environment = installed
    # Only the first runs without machines; of the others the roles, modules and filters must be found.
    options = [] if playbook == "preflight" else ["--syntax-check"]
    inventory = f"--inventory={CHECKOUT}/inventory/example"
    command = ["ansible-playbook", inventory, f"selfhosted.jitsi.{playbook}", *options]
    done = subprocess.run(command, env=environment, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def builder(*words, folder):
    """What ansible-builder says of a folder."""
    if not BUILDER:
        pytest.skip("ansible-builder is missing: tests/tools/setup.py installs it")
    done = subprocess.run([BUILDER, *words], cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_builder_finds_what_the_controller_needs(installed):
    said = builder("introspect", ".", folder=installed[0])
    found = {kind: [line.partition(" # ")[0].strip() for line in lines] for kind, lines in yaml.safe_load(said).items()}
    assert found == {
        "python": ["netaddr"],
        "system": ["openssh-client [platform:dpkg]", "openssh-clients [platform:rpm]"],
    }


def test_builder_takes_the_definition_of_the_guide(archive, tmp_path):
    guide = GUIDE.read_text(encoding="utf-8")
    (definition,) = re.findall(r"^```yaml\n(version:.*?)^```", guide, re.DOTALL | re.MULTILINE)
    (tmp_path / "execution-environment.yml").write_text(definition)
    shutil.copy(archive, tmp_path)
    builder("create", folder=tmp_path)
    (wanted,) = yaml.safe_load((tmp_path / "context/_build/requirements.yml").read_text())["collections"]
    assert wanted["type"] == "file"
    assert (tmp_path / "context" / "_build" / wanted["name"]).read_bytes() == archive.read_bytes()


def imports(path):
    """The packages that a file of Python imports by their full names."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        names += [node.module] if isinstance(node, ast.ImportFrom) and not node.level else []
        yield from (name.partition(".")[0] for name in names)


def test_requirements_are_what_the_code_imports(installed):
    collection = installed[0] / "ansible_collections" / "selfhosted" / "jitsi"
    imported = {name for path in (collection / "plugins").rglob("*.py") for name in imports(path)}
    lines = (collection / "requirements.txt").read_text(encoding="utf-8").splitlines()
    assert imported - OF_ANSIBLE - sys.stdlib_module_names == {line for line in lines if not line.startswith("#")}
