"""The Debian archive that this machine itself uses, in the form that mmdebstrap takes."""

from __future__ import annotations

import re
from pathlib import Path

APT = Path("/etc/apt")


def _stanzas() -> list[dict[str, str]]:
    """Every package source of this machine, one-line entries turned into the deb822 form."""
    found = []
    for path in sorted(APT.glob("sources.list.d/*.sources")):
        for block in re.split(r"\n\s*\n", path.read_text()):
            lines = [line for line in block.splitlines() if not line.startswith("#")]
            fields = dict(re.findall(r"^([A-Za-z-]+):[ \t]*(.*)$", "\n".join(lines), re.MULTILINE))
            if fields:
                found.append(fields)
    for path in [APT / "sources.list", *sorted(APT.glob("sources.list.d/*.list"))]:
        for line in path.read_text().splitlines() if path.exists() else ():
            entry = re.match(r"deb\s+(?:\[[^]]*\]\s+)?(\S+)\s+(\S+)\s+(.+)$", line)
            if entry:
                found.append({"Types": "deb", "URIs": entry[1], "Suites": entry[2], "Components": entry[3]})
    return found


def _codename() -> str:
    release = dict(re.findall(r'^(\w+)="?([^"\n]*)"?$', Path("/etc/os-release").read_text(), re.MULTILINE))
    return release.get("VERSION_CODENAME", "") if release.get("ID") == "debian" else ""


def sources(suite: str) -> str:
    """The machine's own Debian sources with the suite replaced; empty on a machine that is not Debian."""
    codename = _codename()
    if not codename:
        return ""
    wanted = {codename, f"{codename}-updates", f"{codename}-security"}
    blocks = []
    for fields in _stanzas():
        suites = [name for name in fields.get("Suites", "").split() if name in wanted]
        if "deb" not in fields.get("Types", "").split() or not suites:
            continue
        suites = [name.replace(codename, suite) for name in suites]
        lines = ["Types: deb", f"URIs: {fields['URIs']}", f"Suites: {' '.join(suites)}", "Components: main"]
        blocks.append("\n".join([*lines, "Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg"]))
    return "\n\n".join(blocks) + "\n" if blocks else ""
