# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""The system of the article, as the module existing_site_info reads it. A test changes one thing of it."""

from __future__ import annotations

import copy

import pytest
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.apache.request import parse_sites
from ansible_collections.selfhosted.jitsi.plugins.plugin_utils._adopt.choice import choose
from ansible_collections.selfhosted.jitsi.plugins.plugin_utils._adopt.model import Seen
from ansible_collections.selfhosted.jitsi.plugins.plugin_utils._adopt.site import adopt

PUBLIC, PROXY, LOCAL = "198.51.100.10", "192.168.122.100", "192.168.122.120"


def forward(protocol, port, to, **more):
    """A forward of the host, for everybody on the public address."""
    usual = {
        "to_port": "",
        "public_address": PUBLIC,
        "source": "",
        "interface": "",
        "rule": f"rule of {port}",
        "restriction": "",
    }
    return {"protocol": protocol, "port": port, "to": to, **usual, **more}


def vhost(name, backend, **more):
    """A vhost for TLS."""
    usual = {
        "aliases": [],
        "addresses": ["*:443"],
        "file": f"/etc/apache2/sites-enabled/{name}.conf",
        "line": 5,
        "tls": True,
        "certificate": f"/etc/ssl/certs/{name}.pem",
        "certificate_key": f"/etc/ssl/private/{name}.key",
        "chain": "",
        "lines": [],
        "others": [],
        "ours": False,
    }
    return {"name": name, "backends": [{"path": "/", "url": backend}], **usual, **more}


def interface(address, device="eth0"):
    network = f"{address.rpartition('.')[0]}.0/24"
    return {"address": address, "network": network, "device": device}


FOUND = {
    "host": {
        "interfaces": [interface(PUBLIC), interface("192.168.122.1", "virbr0")],
        "forwards": {
            "forwards": [
                forward("tcp", "80", PROXY),
                forward("tcp", "443", PROXY),
                forward("tcp", "4443", LOCAL),
                forward("udp", "10000", LOCAL),
            ],
            "unread": [],
            "owners": [],
            "nftables": 0,
        },
    },
    "proxy": {
        "interfaces": [interface(PROXY)],
        "proxy": {
            "installed": True,
            "vhosts": [
                vhost("meet.test", f"https://{LOCAL}/"),
                vhost("other.test", "http://192.168.122.110:8080/"),
            ],
        },
    },
    "jitsi": {
        "interfaces": [interface(LOCAL)],
        "jitsi": {
            "marks": [],
            "packages": {"jitsi-meet": "1.0"},
            "sites": [
                {
                    "name": "meet.test",
                    "authentication": "anonymous",
                    "guests": [],
                    "app_id": "",
                    "issuers": [],
                    "audiences": [],
                    "stun": {"servers": ["a.example:443"], "others": 0},
                    "changes": [],
                    "has_original": True,
                    "problem": "",
                }
            ],
            "bridge": {
                "reads": ["sip-communicator.properties"],
                "mappings": [{"local": LOCAL, "public": PUBLIC}],
                "stun": [],
                "port": 10000,
                "tcp_port": 0,
                "properties": {},
                "hocon": {},
                "problems": {},
            },
            "sources": [
                {
                    "file": "/etc/apt/sources.list.d/jitsi.list",
                    "uri": "https://download.jitsi.org",
                    "suite": "stable/",
                    "used": True,
                    "alone": True,
                }
            ],
        },
    },
}


class Article:
    """What was read, for a test to change."""

    def __init__(self):
        self.found = copy.deepcopy(FOUND)
        self.bridges = {}
        self.wanted = ""

    @property
    def forwards(self):
        return self.found["host"]["forwards"]

    @property
    def vhosts(self):
        return self.found["proxy"]["proxy"]["vhosts"]

    @property
    def jitsi(self):
        return self.found["jitsi"]["jitsi"]

    @property
    def site(self):
        return self.jitsi["sites"][0]

    def system(self):
        machines = [Seen(name, self.found[name]) for name in ("host", "proxy", "jitsi")]
        return choose(*machines, [Seen(name, found) for name, found in self.bridges.items()], self.wanted)

    def adopted(self):
        return adopt(self.system())

    def values(self):
        """The variables that count, by their names."""
        return {one.name: one.value for one in self.adopted().settings if not one.is_open}

    def open(self):
        """The variables that the user has to complete."""
        return {one.name for one in self.adopted().settings if one.is_open}

    def said(self, variable=None):
        """What the remarks say, all of them or those of a variable."""
        return [one.what for one in self.adopted().remarks if variable in (None, one.variable)]


def site_of(article):
    """The entry of the Jitsi site, which the role of the proxy has to accept."""
    (site,) = article.values()["reverse_proxy_sites"]
    parse_sites([{"backend": f"https://{LOCAL}/", "websocket": True, **site}])
    return site


@pytest.fixture
def article():
    return Article()
