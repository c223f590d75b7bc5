"""The tests for addresses and names, as tables."""

from __future__ import annotations

import pytest
from ansible_collections.selfhosted.jitsi.plugins.plugin_utils._jinja.address import (
    fqdn,
    host_in,
    ipv4_address,
    ipv4_network,
)

NETWORK = "192.168.122.0/24"


@pytest.mark.parametrize("value", ["198.51.100.10", "0.0.0.0", "255.255.255.255"])
def test_an_ipv4_address_passes(value):
    assert ipv4_address(value)


@pytest.mark.parametrize(
    "value",
    ["", "198.51.100", "198.51.100.256", "198.51.100.10/24", "2001:db8::1", "example.org", " 198.51.100.10", 10],
)
def test_what_is_no_ipv4_address_does_not_pass(value):
    assert not ipv4_address(value)


@pytest.mark.parametrize("value", [NETWORK, "10.0.0.0/8", "198.51.100.10/32"])
def test_an_ipv4_network_passes(value):
    assert ipv4_network(value)


@pytest.mark.parametrize("value", ["192.168.122.1/24", "192.168.122.0", "192.168.122.0/33", "2001:db8::/32", "", None])
def test_what_is_no_ipv4_network_does_not_pass(value):
    assert not ipv4_network(value)


@pytest.mark.parametrize(
    ("value", "inside"),
    [
        ("192.168.122.1", True),
        ("192.168.122.254", True),
        ("192.168.122.0", False),
        ("192.168.122.255", False),
        ("192.168.121.255", False),
        ("192.168.123.0", False),
        ("no address", False),
    ],
)
def test_a_host_is_inside_and_neither_first_nor_broadcast(value, inside):
    assert host_in(value, NETWORK) is inside


def test_no_host_is_in_what_is_no_network():
    assert not host_in("192.168.122.1", "192.168.122.1/24")


@pytest.mark.parametrize("value", ["jitsi.example.org", "a.b", "x-1.example.org", "xn--bcher-kva.example"])
def test_a_full_name_passes(value):
    assert fqdn(value)


@pytest.mark.parametrize(
    "value",
    [
        "",
        "localhost",
        "jitsi",
        "localhost.localdomain",
        "198.51.100.10",
        "Jitsi.example.org",
        "-a.example.org",
        "a-.example.org",
        "a..org",
        "a.org.",
        "a_b.example.org",
        "a.example.org/x",
        "example.123",
        "a" * 64 + ".org",
        ".".join(["a" * 49] * 6),
        None,
    ],
)
def test_what_is_no_full_name_does_not_pass(value):
    assert not fqdn(value)
