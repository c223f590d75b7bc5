"""The filters refuse what they cannot judge, and the account's filter fails in words and not in errors."""

from __future__ import annotations

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.selfhosted.jitsi.plugins.plugin_utils._jinja.bridges import (
    bridge_account,
    bridge_conflicts,
    bridge_websockets_of,
    forwards_with,
    site_bridges,
)

CONFIGURATION = """
videobridge.apis.xmpp-client.configs.shard {
    HOSTNAME=localhost, DOMAIN="auth.a.test", USERNAME=jvb, PASSWORD="p#a@s"
    MUC_JIDS="b@internal.auth.a.test", MUC_NICKNAME=n
}
"""


def test_account_is_read_from_texts():
    assert bridge_account({"hocon": CONFIGURATION, "properties": ""}, "auth.a.test") == {
        "username": "jvb",
        "password": "p#a@s",
        "muc_jids": "b@internal.auth.a.test",
        "problem": "",
    }


@pytest.mark.parametrize("text", ['a = "open', 'include "x.conf"', "a = ${b}"])
def test_text_that_cannot_be_read_is_a_problem_and_no_error(text):
    found = bridge_account({"hocon": CONFIGURATION + text}, "auth.a.test")
    assert found["problem"]
    assert "p#a@s" not in str(found)


def test_names_that_the_inventory_does_not_have_are_refused():
    with pytest.raises(AnsibleFilterError, match="the machine 'b' is unknown"):
        site_bridges(["a", "b"], {"a": {}}, "198.51.100.10")


def test_addresses_and_port_may_be_text():
    said = {"videobridge_local_address": "192.168.122.121", "videobridge_port": "10005"}
    said["videobridge_public_addresses"] = "198.51.100.10,198.51.100.11"
    (found,) = site_bridges(["a"], {"a": said}, "198.51.100.11")
    assert found["public_addresses"] == ["198.51.100.10", "198.51.100.11"]
    assert found["forwards"] == [{"protocol": "udp", "port": 10005, "to": "192.168.122.121"}]


def test_port_that_cannot_be_is_refused():
    with pytest.raises(AnsibleFilterError, match="videobridge_port: "):
        site_bridges(["a"], {"a": {"videobridge_port": "x"}}, "198.51.100.10")


@pytest.mark.parametrize("value", [None, "text", 7])
def test_what_is_no_list_is_refused(value):
    with pytest.raises(AnsibleFilterError, match="use a list of"):
        site_bridges(value, {}, "198.51.100.10")
    with pytest.raises(AnsibleFilterError, match="use a list of"):
        forwards_with(value, [])
    with pytest.raises(AnsibleFilterError, match="use a list of"):
        bridge_conflicts(value)


def test_forward_that_is_no_mapping_is_refused():
    with pytest.raises(AnsibleFilterError, match="the item 'text' is not a mapping"):
        forwards_with(["text"], [])


def test_bridge_that_says_nothing_of_itself_is_refused():
    with pytest.raises(AnsibleFilterError, match="an item has no port, mappings, rooms"):
        bridge_conflicts([{"name": "a"}])


@pytest.mark.parametrize("wrong", [(None,), ({}, "text"), ({}, [], [7]), ({}, [{"value": 1}]), ({}, [{"key": "a..b"}])])
def test_websockets_are_judged_by_settings_alone(wrong):
    with pytest.raises(AnsibleFilterError, match=r"bridge_websockets: (the value|an item|a value|a key) is "):
        bridge_websockets_of(*wrong)
