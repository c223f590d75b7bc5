# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network

import pytest
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.forwards.request import (
    Forward,
    ForwardError,
    Ports,
    parse_name,
    parse_request,
)


def parameters(*forwards, **changes):
    """Parameters of the module that are right but for the changes."""
    right = {"name": "jitsi", "public_address": "198.51.100.10", "network": "192.168.122.0/24"}
    return {**right, "forwards": list(forwards), **changes}


def forward(**changes):
    """A forward that is right but for the changes."""
    return {"protocol": "tcp", "port": "443", "to": "192.168.122.100", **changes}


def test_everything_that_is_not_said_has_a_default():
    request = parse_request(parameters(forward(to_port=None, sources=None, comment=None)))
    assert request.forwards == (Forward("tcp", Ports(443, 443), IPv4Address("192.168.122.100"), Ports(443, 443)),)
    assert request.hairpin
    assert request.masquerade


def test_everything_that_is_said_is_kept():
    item = forward(port="10000-10010", to_port="20000-20010", sources=["203.0.113.5", "10.0.0.0/8"], comment="media")
    request = parse_request(parameters(item, hairpin=False, masquerade=False))
    (result,) = request.forwards
    assert (result.ports, result.to_ports) == (Ports(10000, 10010), Ports(20000, 20010))
    assert result.sources == (IPv4Network("203.0.113.5/32"), IPv4Network("10.0.0.0/8"))
    assert result.comment == "media"
    assert not request.hairpin
    assert not request.masquerade


@pytest.mark.parametrize("port", [443, "443", "1", "65535", "1-21", "23-65535"])
def test_ports_that_exist(port):
    assert str(parse_request(parameters(forward(port=port))).forwards[0].ports) == str(port)


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"port": "0"}, r"forwards\[0\]\.port: '0' is neither a port"),
        ({"port": "65536"}, "65536 is above 65535"),
        ({"port": "65530-65536"}, "above 65535"),
        ({"port": "99999-9"}, "above 65535"),
        ({"port": "443-80"}, "ends before it begins; use '80-443'"),
        ({"port": "80:90"}, "'80:90' is neither"),
        ({"port": "080"}, "neither"),
        ({"port": "https"}, "neither"),
        ({"port": "443\n"}, "neither"),
        ({"port": True}, "neither"),
        ({"to_port": "0"}, r"forwards\[0\]\.to_port"),
        (
            {"to_port": "8443-8444"},
            r"forwards\[0\]\.to_port: 8443-8444 has 2 port\(s\), but port 443 has 1",
        ),
        ({"port": "10-12", "to_port": "10"}, "but port 10-12 has 3"),
        ({"protocol": "sctp"}, "'sctp' is not supported; use tcp or udp"),
        ({"to": "192.168.123.1"}, "not in the network 192.168.122.0/24"),
        ({"to": "192.168.122.0"}, "network or the broadcast"),
        ({"to": "192.168.122.255"}, "network or the broadcast"),
        ({"to": "fd00::1"}, "IPv6"),
        ({"to": "192.168.122.010"}, "forwards"),
        ({"to": "guest"}, "is not an IPv4 address"),
        ({"sources": []}, "is empty, so nobody could connect"),
        ({"sources": ["10.0.0.1/8"]}, r"sources\[0\]: '10.0.0.1/8' has host bits.* use 10.0.0.0/8"),
        ({"sources": ["10.0.0.0/8", "::/0"]}, r"sources\[1\].*IPv6"),
        ({"sources": ["10.0.0.0/33"]}, "is not an IPv4 network"),
        ({"comment": "a\nb"}, "control character"),
        ({"comment": "a\x7f"}, "control character"),
        ({"comment": "\ud800"}, "control character"),
        ({"comment": "-j DROP"}, "begins with '-'"),
        ({"comment": "a" * 256}, "256 bytes, and iptables keeps 255"),
        ({"comment": "é" * 128}, "256 bytes"),
    ],
)
def test_forwards_that_are_refused(change, complaint):
    with pytest.raises(ForwardError, match=complaint) as caught:
        parse_request(parameters(forward(**change)))
    assert not str(caught.value).endswith(".")


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"network": "192.168.122.1/24"}, "use 192.168.122.0/24"),
        ({"network": "192.168.122.0/255.255.255.0"}, "use 192.168.122.0/24"),
        ({"network": "192.168.122.0"}, "no prefix length"),
        ({"network": "fd00::/64"}, "IPv6"),
        ({"network": "lan/24"}, "is not an IPv4 network"),
        ({"public_address": "192.168.122.1"}, "is in the guests' network"),
        ({"public_address": "2001:db8::1"}, "IPv6"),
        ({"public_address": "127.0.0.1"}, "cannot be reached from outside"),
        ({"public_address": "0.0.0.0"}, "cannot be reached from outside"),
        ({"public_address": "198.51.100.10/32"}, "is not an IPv4 address"),
        ({"name": "a b"}, "use only letters"),
    ],
)
def test_requests_that_are_refused(change, complaint):
    with pytest.raises(ForwardError, match=complaint):
        parse_request(parameters(forward(), **change))


@pytest.mark.parametrize("name", ["a", "jitsi_2", "A-b", "1" * 20])
def test_names_that_fit(name):
    assert parse_name(name) == name


@pytest.mark.parametrize("name", ["", "-a", "a b", "a\n", "ä", "a.b", "1" * 21])
def test_names_that_do_not_fit(name):
    with pytest.raises(ForwardError, match=r"^name: "):
        parse_name(name)


def test_the_longest_comment_is_kept():
    assert parse_request(parameters(forward(comment="é" * 127 + "x"))).forwards[0].comment == "é" * 127 + "x"


@pytest.mark.parametrize("port", ["22", "1-100"])
def test_ssh_is_spared(port):
    with pytest.raises(ForwardError, match="covers port 22, the ssh port"):
        parse_request(parameters(forward(port=port)))
    assert parse_request(parameters(forward(port=port), allow_ssh=True))
    assert parse_request(parameters(forward(port=port), ssh_port=2222))
    assert parse_request(parameters(forward(port=port, protocol="udp")))


def test_ssh_on_another_port_is_spared_too():
    with pytest.raises(ForwardError, match="covers port 2222"):
        parse_request(parameters(forward(port="2222"), ssh_port=2222))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({}, {}),
        ({"port": "400-500"}, {}),
        ({}, {"port": "443-500"}),
        ({}, {"to": "192.168.122.120"}),
        ({"sources": ["10.0.0.0/8"]}, {}),
        ({"sources": ["10.0.0.0/8"]}, {"sources": ["203.0.113.5", "10.1.0.0/16"]}),
    ],
)
def test_overlapping_forwards_are_refused(one, other):
    with pytest.raises(ForwardError, match=r"forwards\[[01]\].*forwards\[[01]\].*only one of them"):
        parse_request(parameters(forward(**one), forward(**other)))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({}, {"protocol": "udp"}),
        ({}, {"port": "444"}),
        ({"port": "400-442"}, {}),
        ({"sources": ["10.0.0.0/8"]}, {"sources": ["11.0.0.0/8"]}),
    ],
)
def test_neighbouring_forwards_are_not_overlapping(one, other):
    assert len(parse_request(parameters(forward(**one), forward(**other))).forwards) == 2


def test_a_short_range_does_not_hide_an_overlap_with_a_long_one():
    items = [
        forward(port="100-300", sources=["10.0.0.0/8"]),
        forward(port="400"),
        forward(port="200"),
        forward(port="150", sources=["11.0.0.0/8"]),
    ]
    with pytest.raises(ForwardError, match=r"\[2\]\.port: tcp port 200 overlaps tcp port 100-300 of forwards\[0\]"):
        parse_request(parameters(*items))
