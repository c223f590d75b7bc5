"""The user's settings win over a role's."""

from __future__ import annotations

import re

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.hocon.edit import decide, edits_from
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.hocon.text import parse_path
from ansible_collections.selfhosted.jitsi.plugins.plugin_utils._jinja.overlay import overlaid


def keys(settings):
    return [(setting["key"], setting.get("state", "present")) for setting in settings]


def test_equal_keys_are_the_users():
    own = [{"key": "a.b", "value": 1}, {"key": "c", "value": 2}]
    assert overlaid(own, [{"key": "a.b", "value": 3}]) == [{"key": "c", "value": 2}, {"key": "a.b", "value": 3}]


@pytest.mark.parametrize("user", ["a", "a.b.c", '"a".b.c', "a.'b'.\"x.y\""])
def test_own_keys_above_and_below_become_absent(user):
    assert keys(overlaid([{"key": "a.b", "value": 1}], [{"key": user}])) == [("a.b", "absent"), (user, "present")]


@pytest.mark.parametrize("user", ["a.bc", "b", '"a.b".c', "ab"])
def test_other_keys_stay(user):
    assert keys(overlaid([{"key": "a.b", "value": 1}], [{"key": user}])) == [("a.b", "present"), (user, "present")]


def test_names_without_levels_are_compared_whole():
    assert keys(overlaid([{"key": "a.b"}], [{"key": "a"}], nested=False)) == [("a.b", "present"), ("a", "present")]
    assert keys(overlaid([{"key": "a.b"}], [{"key": "a.b"}], nested=False)) == [("a.b", "present")]


BRIDGE = [
    {"key": "m.static-mappings", "value": [1], "state": "present"},
    {"key": "m.stun.addresses", "value": [], "state": "present"},
    {"key": "m.aws.enabled", "value": False, "state": "present"},
]


@pytest.mark.parametrize(
    ("user", "dropped"),
    [
        ({"key": "m.aws", "value": {"enabled": True}, "state": "present"}, {"m.aws.enabled"}),
        ({"key": '"m".stun', "state": "absent"}, {"m.stun.addresses"}),
        ({"key": "m", "value": {"x": 1}, "state": "present"}, {setting["key"] for setting in BRIDGE}),
        ({"key": "m.stun.addresses", "value": ["a"], "state": "present"}, {"m.stun.addresses"}),
        ({"key": '"m.aws"', "value": 1, "state": "present"}, set()),
        ({"key": "m.stunned", "value": 1, "state": "present"}, set()),
    ],
)
def test_what_a_user_sets_as_a_whole_covers_the_roles_settings_below(user, dropped):
    settings = overlaid(BRIDGE, [user], whole=True)
    assert settings == [setting for setting in BRIDGE if setting["key"] not in dropped] + [user]
    edits = edits_from(settings)
    assert not decide(decide(b"m { stun { addresses = [1], x = 2 } }", edits).after, edits).changed
    assert parse_path(user["key"]) in [edit.path for edit in edits]


@pytest.mark.parametrize(
    ("own", "user"), [("m.aws.enabled", "m.aws.enabled.x"), ("m.aws", "m.aws.x"), ("m", "m.y"), ("a", "a.b.c.d")]
)
@pytest.mark.parametrize("state", ["present", "absent"])
def test_a_users_setting_within_one_that_the_role_sets_as_a_whole_is_refused(own, user, state):
    message = f"the setting {re.escape(user)} is inside {re.escape(own)}, and the role sets that as a whole; set"
    for key in (user, '"' + user[0] + '"' + user[1:]):
        with pytest.raises(AnsibleFilterError, match=message):
            overlaid([{"key": own, "value": []}], [{"key": key, "state": state}], whole=True)


def test_a_key_that_is_no_path_is_refused():
    with pytest.raises(AnsibleFilterError, match=r"the settings cannot be joined: .*the key is not a HOCON path"):
        overlaid([], [{"key": "a..b"}], whole=True)


@pytest.mark.parametrize("wrong", ["text", None, [1], [{"value": 1}]])
def test_other_input_is_refused(wrong):
    with pytest.raises(AnsibleFilterError, match="overlaid: "):
        overlaid([], wrong)
