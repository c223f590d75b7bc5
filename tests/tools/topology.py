"""Draw docs/images/topology.svg from inventory/example with the collection's own code, or say that it is out of step.

Run as ``topology.py`` to draw it, as ``topology.py check`` to compare it.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

CHECKOUT = Path(__file__).resolve().parents[2]
PICTURE = CHECKOUT / "docs" / "images" / "topology.svg"
INVENTORY = CHECKOUT / "inventory" / "example"
#: What playbooks/roles/site/vars/main.yml makes of the inventory.
FACTS = ("groups", "site_fqdn", "site_public_address", "site_all_forwards", "site_sites", "site_bridges")
ADDRESSES = {"nat_host": "site_public_address", "proxy": "site_proxy_address", "jitsi": "site_local_address"}
GROUPS = {"nat_host": "nat_host", "proxy": "reverse_proxy", "jitsi": "jitsi"}
#: Where Ansible finds the collection: a folder of this file if it is in such a copy, or the copy in .build.
BUILD = next((path.parent for path in CHECKOUT.parents if path.name == "ansible_collections"), CHECKOUT / ".build")


def facts() -> dict[str, Any]:
    """What the playbooks know of the example before they meet a machine."""
    wanted = ", ".join(f"'{name}': {name}" for name in (*FACTS, *ADDRESSES.values()))
    command = ["ansible", "nat_host", "--inventory", str(INVENTORY), "--connection", "local"]
    command += ["--extra-vars", f"@{CHECKOUT / 'playbooks' / 'roles' / 'site' / 'vars' / 'main.yml'}"]
    command += ["--module-name", "ansible.builtin.debug", "--args", f"msg={{{{ {{{wanted}}} }}}}"]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    found: dict[str, Any] = json.loads(said[said.index("{") :])["msg"]
    return found


def picture() -> str:
    """The document of SVG."""
    sys.path.insert(0, str(BUILD))
    from ansible_collections.selfhosted.jitsi.plugins.plugin_utils._report import drawing, model

    found = facts()
    machines = [
        model.Machine(name, role, found[ADDRESSES[role]])
        for role, group in GROUPS.items()
        for name in found["groups"][group]
    ]
    machines += [model.Machine(bridge["name"], "bridge", bridge["local_address"]) for bridge in found["site_bridges"]]
    forwards = [model.Forward(one["protocol"], str(one["port"]), one["to"]) for one in found["site_all_forwards"]]
    backends = [model.Backend(one["name"], one["backend"]) for one in found["site_sites"]]
    site = model.Report(found["site_fqdn"], "", {}, found["site_public_address"], machines, forwards, backends, [])
    return drawing.topology(site)


def main() -> int:
    """Draw the picture, or compare it."""
    drawn = picture()
    if sys.argv[1:] != ["check"]:
        PICTURE.write_text(drawn, encoding="utf-8")
    elif not PICTURE.exists() or PICTURE.read_text(encoding="utf-8") != drawn:
        sys.stderr.write(f"{PICTURE.relative_to(CHECKOUT)} is out of step: run tests/tools/topology.py\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
