"""The user's settings win over a role's."""

from __future__ import annotations

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.selfhosted.jitsi.plugins.filter.overlay import overlaid


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


@pytest.mark.parametrize("wrong", ["text", None, [1], [{"value": 1}]])
def test_other_input_is_refused(wrong):
    with pytest.raises(AnsibleFilterError, match="overlaid was given"):
        overlaid([], wrong)
