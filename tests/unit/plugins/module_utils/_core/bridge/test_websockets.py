# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether a bridge has WebSockets follows from its files and from what the user sets in them."""

from __future__ import annotations

import pytest
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.bridge.addresses import Files, Wish, judge
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.bridge.websockets import claimed_id, settled
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.errors import CoreError
from ansible_collections.selfhosted.jitsi.plugins.plugin_utils._bridges import bridges_of, conflicts

#: What a package of Jitsi Meet 2.0.10978 writes.
PACKAGED = """
videobridge {
    http-servers { public { port = 9090 } }
    websockets { enabled = true, domain = "a.test:443", tls = true }
}
"""
OLD = "org.jitsi.videobridge.rest."
NEW = "videobridge.websockets."
CONFIG = 'JAVA_SYS_PROPS="-Dconfig.file=/etc/jitsi/videobridge/jvb.conf"'


def said(hocon="", properties=None):
    return judge(Files(properties, hocon, CONFIG), Wish("192.168.122.121", ["198.51.100.10"])).websockets


def test_package_of_before_may_2026_has_them_on_under_the_usual_name():
    found = settled(said(PACKAGED))
    assert found == {
        "enabled": True,
        "server_id": "default-id",
        "host": "",
        "port": 9090,
        "domains": [],
        "problem": "",
    }


@pytest.mark.parametrize("hocon", ["", "videobridge { }", PACKAGED.replace("true,", "false,")])
def test_bridge_whose_file_does_not_switch_them_on_has_none(hocon):
    assert settled(said(hocon))["enabled"] is False


@pytest.mark.parametrize(
    ("setting", "enabled"),
    [
        ({"key": f"{NEW}enabled", "value": True}, True),
        ({"key": f"{NEW}enabled", "value": "yes"}, True),
        ({"key": "videobridge", "value": {"websockets": {"enabled": True}}}, True),
        ({"key": '"videobridge".websockets', "value": {"enabled": True}}, True),
        ({"key": "videobridge.websockets", "value": {"tls": True}}, False),
        ({"key": f"{NEW}enabled", "state": "absent"}, False),
        ({"key": f"{NEW}enabled", "value": None}, False),
        ({"key": "videobridge.ice.udp.port", "value": 10001}, None),
    ],
)
@pytest.mark.parametrize("hocon", ["", PACKAGED])
def test_setting_of_the_user_wins_over_the_file(hocon, setting, enabled):
    usual = hocon == PACKAGED
    assert settled(said(hocon), [setting])["enabled"] is (usual if enabled is None else enabled)


def test_setting_above_stands_for_all_that_is_below_it():
    found = settled(
        said(PACKAGED), [{"key": "videobridge.websockets", "value": {"enabled": True, "server-id": "bridge1"}}]
    )
    assert (found["server_id"], found["port"]) == ("bridge1", 9090)


def test_old_names_beat_new_ones():
    """As on a machine of 2020 whose administrator had them, and which was upgraded."""
    old = f"{OLD}COLIBRI_WS_DISABLE=false\n{OLD}COLIBRI_WS_SERVER_ID=jvb7\n{OLD}jetty.port=9091\n{OLD}jetty.host=::\n"
    found = settled(said(PACKAGED.replace("true,", "false,"), old), [{"key": f"{NEW}server-id", "value": "bridge1"}])
    assert found == {**found, "enabled": True, "server_id": "jvb7", "port": 9091, "host": "::"}
    gone = [{"key": f"{OLD}COLIBRI_WS_SERVER_ID", "state": "commented"}]
    assert settled(said(PACKAGED, old), [], gone)["server_id"] == "default-id"
    assert settled(said(PACKAGED, old), [], [{"key": f"{OLD}COLIBRI_WS_DISABLE", "value": "true"}])["enabled"] is False


@pytest.mark.parametrize("name", ["", ".", "..", "a/b", "a b", "a{", "ä", "a\n", "a;b", "$a"])
def test_name_that_cannot_be_in_a_url_is_a_problem(name):
    assert settled({}, [{"key": f"{NEW}server-id", "value": name}])["problem"]


@pytest.mark.parametrize("name", ["a", "bridge1.example.org", "jvb_2", "...a"])
def test_name_that_can_be_is_none(name):
    assert not settled({}, [{"key": f"{NEW}server-id", "value": name}])["problem"]


@pytest.mark.parametrize("port", ["-1", "x", "", None])
def test_port_that_is_none_is_named_so(port):
    assert settled({"videobridge.http-servers.public.port": port})["port"] == 0


def test_key_that_is_no_path_is_refused():
    with pytest.raises(CoreError, match="not a HOCON path"):
        settled({}, [{"key": "a..b", "value": 1}])


def test_bridge_claims_its_nickname_or_what_the_user_says_and_nothing_where_they_are_off():
    server_id = {"key": f"{NEW}server-id", "value": "mine"}
    assert claimed_id("bridge1", [], []) == "bridge1"
    assert claimed_id("bridge1", [server_id], []) == "mine"
    assert claimed_id("bridge1", [{"key": "videobridge.websockets", "value": {"enabled": True}}], []) == "default-id"
    assert claimed_id("bridge1", [{"key": f"{NEW}enabled", "value": False}], []) == ""
    assert claimed_id("bridge1", [{"key": "videobridge.websockets", "value": {}}], []) == ""


@pytest.mark.parametrize("items", [None, "text", [7], [{"value": 1}]])
def test_settings_that_are_none_are_left_to_the_role(items):
    (found,) = bridges_of([("a", {"videobridge_hocon": items})], "198.51.100.10")
    assert found["server_id"] == "a"


def claims(**changes):
    return {"name": "a", "port": 10000, "mappings": [], "rooms": [], **changes}


def test_two_bridges_of_one_name_in_urls_are_named():
    found = conflicts([claims(server_id="x"), claims(name="b", server_id="x")])
    assert found == ["a and b both claim WebSockets below /colibri-ws/x/"]


@pytest.mark.parametrize("other", [{"server_id": "y"}, {"server_id": ""}, {}])
def test_bridges_of_other_names_and_those_without_websockets_are_not(other):
    assert conflicts([claims(server_id="x"), claims(name="b", **other)]) == []
    assert conflicts([claims(**other), claims(name="b", **other)]) == (
        [] if not other.get("server_id") else ["a and b both claim WebSockets below /colibri-ws/y/"]
    )
