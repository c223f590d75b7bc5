"""Runs of the role on the proxy, and a client that looks on meanwhile."""

from __future__ import annotations

import json

from site_runs import TREE, site

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
    said = json.dumps({"reverse_proxy_sites": list(sites), **variables})
    return site("--limit", "reverse_proxy", "--extra-vars", said, playbook=str(SCENARIO / "converge.yml"))


def files(proxy):
    """Every file and link of Apache and of the certificates."""
    command = "find /etc/apache2 /etc/ssl/selfhosted -type f -exec sha256sum {} + -o -type l -printf '%p %l\\n' | sort"
    return proxy.check_output(command)
