# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""The filters say what they were given wrongly; what they decide is tested in _core."""

from __future__ import annotations

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.selfhosted.jitsi.plugins.plugin_utils._jinja.releases import at_versions, jitsi_release


def test_release_is_plain_data():
    shown = "Package: jitsi-meet\nVersion: 2.0.1-1\nDepends: jicofo (= 1.0-1-1)\n"
    assert jitsi_release(shown, "2.0.1") == {
        "version": "2.0.1-1",
        "packages": {"jitsi-meet": "2.0.1-1", "jicofo": "1.0-1-1"},
        "needed": ["jitsi-meet", "jicofo"],
        "problem": "",
        "asks_for_turn": False,
    }
    assert jitsi_release(shown, "2.0.2")["asks_for_turn"] is True


def test_versions_stand_where_they_are_known():
    assert at_versions(["a", "b"], {"b": "1-1", "c": "2-1"}) == ["a", "b=1-1"]


@pytest.mark.parametrize(("names", "versions"), [("a", {}), ({}, {}), (["a"], ["1"])])
def test_what_is_no_list_or_no_mapping_is_refused(names, versions):
    with pytest.raises(AnsibleFilterError, match=r"at_versions: the (value|versions)"):
        at_versions(names, versions)
