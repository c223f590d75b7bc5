"""Runs of the role on the proxy, and a client that looks on meanwhile."""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path

TREE = Path(os.environ["JITSI_TREE"])
SCENARIO = TREE / "molecule" / "reverse_proxy"
FOLDER = "/tmp/onlooker"
SERVED = {
    "name": "other.test",
    "aliases": ["www.other.test"],
    "backend": "http://192.168.122.110:8080/",
    "websocket": True,
    "paths": [{"path": "/tunnel/", "backend": "http://192.168.122.110:8081/"}],
}
NEW = {"name": "jitsi.test", "backend": "http://192.168.122.110:8080/"}


def role(*sites, **variables):
    """Run the role on these sites; return its exit code and what it said, in one line."""
    environment = {**os.environ, "ANSIBLE_FORCE_COLOR": "false", "NO_COLOR": "1"}
    inventories = [f"--inventory={TREE}/inventory/lab", f"--inventory={SCENARIO}/inventory"]
    command = ["ansible-playbook", *inventories, str(SCENARIO / "converge.yml"), "--limit", "reverse_proxy"]
    command += ["--extra-vars", json.dumps({"reverse_proxy_sites": list(sites), **variables})]
    done = subprocess.run(command, env=environment, cwd=TREE, capture_output=True, text=True, check=False)
    return done.returncode, " ".join((done.stdout + done.stderr).split())


def changed(said):
    return bool(re.search(r"changed=[1-9]", said))


def files(proxy):
    """Every file and link of Apache and of the certificates."""
    command = "find /etc/apache2 /etc/ssl/selfhosted -type f -exec sha256sum {} + -o -type l -printf '%p %l\\n' | sort"
    return proxy.check_output(command)
