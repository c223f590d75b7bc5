"""Write each role's README from its argument specs and its example, if it has one, or say which one is out of step.

Run as ``role_readmes.py`` to write them, as ``role_readmes.py check`` to compare them.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

ROLES = Path(__file__).resolve().parents[2] / "roles"
#: Ansible's own markup, as Markdown has it.
_MARKUP = re.compile(r"\b[MPOVCEILR]\(([^()#,]*)[^()]*\)")
_NOTE = "<!-- tests/tools/role_readmes.py writes this file from meta/argument_specs.yml and meta/example.yml. -->"


def _plain(text: str) -> str:
    """A description in Markdown, in one line."""
    return _MARKUP.sub(r"`\1`", " ".join(text.split()))


def _sentences(described: str | list[str]) -> list[str]:
    return [_plain(text) for text in ([described] if isinstance(described, str) else described)]


def _default(option: Mapping[str, Any]) -> str:
    if option.get("required"):
        return "required"
    return f"`{_shown(option['default'])}`" if "default" in option else ""


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return "''" if value == "" else str(value)


def _type(option: Mapping[str, Any]) -> str:
    kind: str = option.get("type", "str")
    return f"{kind} of {option['elements']}" if option.get("elements") else kind


def _rows(options: Mapping[str, Any], prefix: str = "") -> list[str]:
    rows = []
    for name, option in options.items():
        words = " ".join(_sentences(option["description"]))
        if option.get("choices"):
            words += " One of " + ", ".join(f"`{_shown(choice)}`" for choice in option["choices"]) + "."
        cells = (f"`{prefix}{name}`", _type(option), _default(option), words)
        rows.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
        rows += _rows(option.get("options", {}), f"{prefix}{name}[].")
    return rows


def _table(options: Mapping[str, Any]) -> list[str]:
    return ["| variable | type | default | description |", "|---|---|---|---|", *_rows(options)]


def _entry_point(name: str, spec: Mapping[str, Any], main: Mapping[str, Any]) -> list[str]:
    lines = [f"## Entry point `{name}`", "", f"`tasks_from: {name}`: {_plain(spec['short_description'])}.", ""]
    lines += [f"- {sentence}" for sentence in _sentences(spec.get("description", []))]
    if "options" not in spec:
        return [*lines, ""]
    if spec["options"] == main.get("options"):
        return [*lines, "", "It has the variables of the role.", ""]
    return [*lines, "", *_table(spec["options"]), ""]


def _example(role: Path) -> list[str]:
    path = role / "meta" / "example.yml"
    if not path.exists():
        return []
    return ["", "## Example", "", "```yaml", path.read_text().removeprefix("---\n").strip(), "```"]


def text_of(role: Path) -> str:
    """The README of a role."""
    specs = yaml.safe_load((role / "meta" / "argument_specs.yml").read_text())["argument_specs"]
    main = specs["main"]
    lines = [_NOTE, "", f"# selfhosted.jitsi.{role.name}", "", f"{_plain(main['short_description'])}.", ""]
    lines += [f"- {sentence}" for sentence in _sentences(main["description"])]
    lines += _example(role)
    lines += ["", "## Variables", "", *_table(main["options"]), ""] if "options" in main else [""]
    for name, spec in specs.items():
        if name != "main":
            lines += _entry_point(name, spec, main)
    return "\n".join(lines)


def stale() -> list[Path]:
    """The READMEs that are not what the specs say."""
    roles = [path for path in sorted(ROLES.iterdir()) if (path / "meta" / "argument_specs.yml").exists()]
    return [
        role / "README.md"
        for role in roles
        if not (role / "README.md").exists() or (role / "README.md").read_text() != text_of(role)
    ]


def main() -> int:
    """Write the READMEs, or compare them."""
    found = stale()
    if sys.argv[1:] == ["check"]:
        for path in found:
            sys.stderr.write(f"{path.relative_to(ROLES.parent)} is out of step: run tests/tools/role_readmes.py\n")
        return 1 if found else 0
    for path in found:
        path.write_text(text_of(path.parent))
    return 0


if __name__ == "__main__":
    sys.exit(main())
