# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.forwards import purpose as purposes
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.forwards.request import ForwardError, parse_request

WEB = {"protocol": "tcp", "port": "443", "to": "192.168.122.100"}
MEDIA = {"protocol": "udp", "port": "10000", "to": "192.168.122.120"}


def ask(purpose, *forwards, **changes):
    right = {"name": "j", "public_address": "198.51.100.10", "network": "192.168.122.0/24"}
    return parse_request({**right, "forwards": forwards, "purpose": purpose, **changes})


@pytest.mark.parametrize(
    ("kept", "request_", "replaces"),
    [
        (None, ask("b"), []),
        (ask("a", WEB), ask("a"), []),
        (ask("a", WEB), ask("b"), ["a"]),
        (ask("", WEB), ask("b"), [""]),
        (ask("", WEB), ask("b", {**WEB, "comment": "more"}, MEDIA), []),
        (ask("a"), ask("b", WEB), []),
    ],
)
def test_nothing_is_lost(kept, request_, replaces):
    purposes.refuse_takeover(kept, request_, replaces)


@pytest.mark.parametrize(
    ("kept", "request_"),
    [
        (ask("a", WEB, MEDIA), ask("b", WEB)),
        (ask("a", MEDIA), ask("b", {**MEDIA, "to": "192.168.122.130"})),
        (ask("a", MEDIA), ask("b", MEDIA, public_address="198.51.100.11")),
        (ask("", MEDIA), ask("b")),
        (ask("a", MEDIA), ask("")),
    ],
)
def test_forwards_of_another_site_are_not_removed(kept, request_):
    with pytest.raises(ForwardError, match=r"It would remove udp port 10000 to 192\.168\.122\.120\. Use another name"):
        purposes.refuse_takeover(kept, request_, [])


@pytest.mark.parametrize("more", [[], [MEDIA]])
def test_forwards_of_another_site_are_not_taken_over(more):
    """Its uninstallation would take them away, and the other site could neither run again nor remove its own."""
    with pytest.raises(ForwardError, match=r"It would take over tcp port 443 to 192\.168\.122\.100\. Use another"):
        purposes.refuse_takeover(ask("a", WEB), ask("b", WEB, *more), [])


def test_both_sites_are_named_and_what_to_set():
    with pytest.raises(ForwardError, match=r"are for 'a', and this run is for 'b'\. .* set replaces to \['a'\]"):
        purposes.refuse_takeover(ask("a", WEB), ask("b"), [])


def test_a_removal_leaves_the_forwards_of_another_site():
    assert purposes.is_of_another(ask("a"), "b", [])
    assert not purposes.is_of_another(ask("a"), "b", ["a"])
    assert not purposes.is_of_another(ask("a"), "a", [])
    assert not purposes.is_of_another(None, "a", [])
    assert "are for 'a', so none of them is removed" in purposes.note_of_another(ask("a"))


def test_a_purpose_is_one_line():
    with pytest.raises(ForwardError, match="purpose: 'a\\\\nb' contains a control character"):
        ask("a\nb")
