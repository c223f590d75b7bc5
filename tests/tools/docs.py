"""Build the documentation site in .build/docs/html; a warning is an error.

Its pages are docs/*.md as they are, CONTRIBUTING.md and CHANGELOG.md, and what antsibull-docs writes about each module,
filter, test and role. The lists of docs/index.md are the table of contents.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
#: The copy of the collection that Ansible finds; this file may itself be in it.
BUILD = Path(os.environ.get("ANSIBLE_COLLECTIONS_PATH") or CHECKOUT / ".build")
SITE = BUILD / "docs"
PROGRAMS = SITE / "venv" / "bin"
SOURCE = SITE / "source"
HTML = SITE / "html"
#: Pages beside docs/, with the folder that their links name.
BESIDE = ("CONTRIBUTING.md", "CHANGELOG.md")
COLLECTION = "selfhosted.jitsi"
_HEADING = re.compile(r"^## (.+)$", re.MULTILINE)
#: The theme has a table of contents of its own.
_CONTENTS = re.compile(r"^\.\. contents::\n(?:   :\w+:.*\n)+", re.MULTILINE)
#: Where an entry point of a role begins on its page, its table of parameters, and what follows the last entry point.
_ENTRY = re.compile(r"(?=^\.\. _ansible_collections\S+__entrypoint-\w+:$)", re.MULTILINE)
_PARAMETERS = re.compile(r"^\.\. tabularcolumns::.*?(?=^\.\. Attributes$)", re.MULTILINE | re.DOTALL)
_AFTER_ENTRIES = "\n.. Extra links\n"
_REFERENCE = """
```{toctree}
:hidden:
:caption: Reference

Modules, filters and roles </reference/index>
```
"""
_LINK = re.compile(r"^[-|].*?\]\(([\w/]+)\.md\)", re.MULTILINE)


def contents(index: str) -> str:
    """The lists of the start page as Sphinx's tables of contents, one for each heading."""
    _start, *sections = _HEADING.split(index)
    tables = []
    for caption, text in zip(sections[::2], sections[1::2]):
        pages = [f"/{name}" for name in dict.fromkeys(_LINK.findall(text))]
        if pages:
            lines = ["", "```{toctree}", ":hidden:", f":caption: {caption}", "", *pages, "```", ""]
            tables.append("\n".join(lines))
    return "".join(tables)


def _collect() -> None:
    """Put all pages but those about the plugins together, with the links that they have there."""
    shutil.rmtree(SOURCE, ignore_errors=True)
    shutil.copytree(CHECKOUT / "docs", SOURCE)
    shutil.copy(SOURCE / "site" / "conf.py", SOURCE)
    for name in BESIDE:
        text = (CHECKOUT / name).read_text(encoding="utf-8")
        (SOURCE / name).write_text(text.replace("](docs/", "]("), encoding="utf-8")
    for path in SOURCE.glob("*.md"):
        text = path.read_text(encoding="utf-8")
        path.write_text(re.sub(rf"\]\(\.\./({'|'.join(BESIDE)})", r"](\1", text), encoding="utf-8")
    index = SOURCE / "index.md"
    text = index.read_text(encoding="utf-8")
    index.write_text(text + contents(text) + _REFERENCE, encoding="utf-8")


def in_short(page: str) -> str:
    """The page of a role: its entry point ``main`` first, and the parameters not again where others have the same."""
    text, after, rest = page.partition(_AFTER_ENTRIES)
    head, *parts = _ENTRY.split(text)
    entries = {part.partition("__entrypoint-")[2].partition(":")[0]: part for part in parts}
    main = entries.pop("main", "")
    shared = _PARAMETERS.search(main)
    for name, part in entries.items():
        of_main = re.sub(rf"(parameter-|#role:){name}(__|-|:)", r"\1main\2", part)
        own = _PARAMETERS.search(of_main)
        if shared and own and own[0] == shared[0]:
            entries[name] = of_main.replace(own[0], "They are those of the entry point :literal:`main`.\n\n\n")
    return "".join([head, main, *entries.values(), after, rest])


def _write_reference() -> subprocess.CompletedProcess[bytes]:
    """Have antsibull-docs write a page about each plugin and role."""
    folder = SOURCE / "reference"
    folder.mkdir()
    command = ["antsibull-docs", "--config-file", str(SOURCE / "site" / "antsibull-docs.cfg"), "collection"]
    command += ["--use-current", "--squash-hierarchy", "--no-breadcrumbs", "--fail-on-error"]
    command += ["--dest-dir", str(folder), COLLECTION]
    done = subprocess.run(command, env=_environment(), check=False)
    for path in folder.glob("*.rst"):
        text = _CONTENTS.sub("", path.read_text(encoding="utf-8"))
        path.write_text(in_short(text) if path.stem.endswith("_role") else text, encoding="utf-8")
    return done


def _write_site() -> subprocess.CompletedProcess[bytes]:
    shutil.rmtree(HTML, ignore_errors=True)
    command = ["sphinx-build", "--quiet", "--builder", "html", "--jobs", "2", "--nitpicky", "--fail-on-warning"]
    command += ["--keep-going", "--fresh-env", "--doctree-dir", str(SITE / "doctrees"), str(SOURCE), str(HTML)]
    return subprocess.run(command, env=_environment(), check=False)


def _environment() -> dict[str, str]:
    path = f"{PROGRAMS}{os.pathsep}{os.environ['PATH']}"
    return {**os.environ, "ANSIBLE_COLLECTIONS_PATH": str(BUILD), "PATH": path}


def main() -> int:
    """Build the site, and say where it is."""
    _collect()
    for write in (_write_reference, _write_site):
        done = write()
        if done.returncode:
            sys.stderr.write(f"docs: {done.args[0]} found the faults above; correct them, and build again\n")
            return done.returncode
    print(f"docs: the site is at {HTML / 'index.html'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
