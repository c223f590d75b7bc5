# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json

import pytest
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.forwards.host_addresses import (
    notes,
    parse,
    refuse_what_cannot_be,
)
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.forwards.request import ForwardError, parse_request

WEB = {"protocol": "tcp", "port": "443", "to": "192.168.122.100"}


def host(*addresses):
    entries = [{"family": "inet6" if ":" in address else "inet", "local": address} for address in addresses]
    return parse(json.dumps([{"ifname": "lo"}, {"ifname": "eth0", "addr_info": entries}]))


def ask(*forwards):
    right = {"name": "j", "public_address": "198.51.100.10", "network": "192.168.122.0/24"}
    return parse_request({**right, "forwards": forwards})


def test_an_address_of_the_host_is_right():
    refuse_what_cannot_be(ask(WEB), host("127.0.0.1", "198.51.100.10", "192.168.122.1"), False)


def test_an_address_that_is_not_there_is_refused_and_the_others_are_named():
    with pytest.raises(ForwardError, match=r"\(addresses: 198\.51\.100\.11\); .*public_address_elsewhere"):
        refuse_what_cannot_be(ask(WEB), host("127.0.0.1", "198.51.100.11"), False)


def test_an_address_elsewhere_is_right_if_the_user_says_so():
    refuse_what_cannot_be(ask(WEB), host(), True)


@pytest.mark.parametrize("elsewhere", [True, False])
def test_the_host_is_no_guest(elsewhere):
    with pytest.raises(ForwardError, match=r"forwards\[1\]\.to: 192\.168\.122\.1 is an address of this host itself"):
        refuse_what_cannot_be(
            ask(WEB, {**WEB, "port": "80", "to": "192.168.122.1"}), host("198.51.100.10", "192.168.122.1"), elsewhere
        )


def test_ipv6_is_said_to_lead_nowhere():
    (note,) = notes(ask(WEB), host("198.51.100.10", "::1", "fe80::1", "2606:4700::1"))
    assert "2606:4700::1" in note
    assert "AAAA" in note


@pytest.mark.parametrize("addresses", [("::1", "fe80::1", "fd00::1"), ()])
def test_without_ipv6_nothing_is_said(addresses):
    assert not list(notes(ask(WEB), host(*addresses)))
