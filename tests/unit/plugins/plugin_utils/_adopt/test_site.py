# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""The inventory of a whole system."""

from __future__ import annotations

from .conftest import LOCAL, PROXY, PUBLIC


def test_article_has_the_inventory_of_the_example(article):
    assert article.values() == {
        "jitsi_meet_fqdn": "meet.test",
        "nat_host_public_address": PUBLIC,
        "nat_host_network": "192.168.122.0/24",
        "reverse_proxy_address": PROXY,
        "jitsi_meet_local_address": LOCAL,
        "nat_host_forwards": [
            {"protocol": "tcp", "port": 80, "to": PROXY},
            {"protocol": "tcp", "port": 443, "to": PROXY},
            {"protocol": "udp", "port": 10000, "to": LOCAL},
        ],
        "reverse_proxy_sites": [
            {
                "name": "meet.test",
                "certificate": "provided",
                "certificate_file": "/etc/ssl/certs/meet.test.pem",
                "certificate_key_file": "/etc/ssl/private/meet.test.key",
            }
        ],
    }
    assert article.open() == set()


def test_article_has_the_remarks_that_it_needs(article):
    said = [(one.where, one.when) for one in article.adopted().remarks]
    assert said == [
        ("host", "decide"),  # tcp/4443
        ("host", "after"),  # its rules
        ("proxy", "before"),  # its vhosts
        ("jitsi", "decide"),  # the STUN servers of the package
        ("jitsi", "before"),  # its apt source
    ]


def test_further_bridge_has_variables_and_a_forward(article):
    bridge = {**article.jitsi["bridge"], "mappings": [], "port": 10001}
    found = {"interfaces": [{**article.found["jitsi"]["interfaces"][0], "address": "192.168.122.121"}]}
    article.bridges["bridge1"] = {**found, "jitsi": {"bridge": bridge}}
    own = {one.name: one.value for one in article.adopted().of_machines["bridge1"]}
    assert own == {"videobridge_local_address": "192.168.122.121", "videobridge_port": 10001}
    wanted = {"protocol": "udp", "port": 10001, "to": "192.168.122.121"}
    assert wanted in article.values()["nat_host_forwards"]
    assert "No rule leads udp/10001 to 192.168.122.121" in article.said()
