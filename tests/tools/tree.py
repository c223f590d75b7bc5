"""Copy the checkout to .build/ansible_collections/selfhosted/jitsi, where Ansible looks for a collection.

The copy holds what git tracks and what it would track; it is a git repository of its own, as ansible-test wants.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
TREE = CHECKOUT / ".build" / "ansible_collections" / "selfhosted" / "jitsi"
#: git itself says which repository it works in, if it runs as a hook; here it is the copy.
ENVIRONMENT = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}


def _git(folder: Path, *words: str) -> str:
    command = ["git", "-c", f"safe.directory={folder}", *words]
    return subprocess.run(command, cwd=folder, env=ENVIRONMENT, check=True, capture_output=True, text=True).stdout


def main() -> None:
    listed = _git(CHECKOUT, "ls-files", "--cached", "--others", "--exclude-standard", "-z").split("\0")
    wanted = {name for name in listed if name and (CHECKOUT / name).is_file()}
    for path in [path for path in TREE.rglob("*") if path.is_file() and ".git" not in path.relative_to(TREE).parts]:
        if str(path.relative_to(TREE)) not in wanted:
            path.unlink()
    for name in wanted:
        target = TREE / name
        target.parent.mkdir(parents=True, exist_ok=True)
        source = CHECKOUT / name
        if not target.exists() or target.read_bytes() != source.read_bytes():
            shutil.copy2(source, target)
    if not (TREE / ".git").is_dir():
        _git(TREE, "init", "--quiet")
    _git(TREE, "add", "--all")


if __name__ == "__main__":
    main()
