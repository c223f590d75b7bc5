# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Arguments get the types of their specs, or a sentence that names them."""

from __future__ import annotations

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.selfhosted.jitsi.plugins.plugin_utils import _arguments
from ansible_collections.selfhosted.jitsi.plugins.plugin_utils._jinja.argument import argument


@pytest.mark.parametrize(
    ("value", "name", "typed"),
    [
        ("false", "jitsi_meet_hold", False),
        ("y", "jitsi_meet_coturn", True),
        (0, "reverse_proxy_purge", False),
        ("0", "jitsi_meet_health_seconds", 0),
        ("a:1,b:2", "jitsi_meet_stun_servers", ["a:1", "b:2"]),
        (None, "nat_host_rollback", 30),
        (None, "jitsi_meet_stun_servers", []),
    ],
)
def test_value_gets_its_type(value, name, typed):
    assert argument(value, name) == typed
    assert type(argument(value, name)) is type(typed)


@pytest.mark.parametrize(
    ("value", "name", "words"),
    [
        ("maybe", "jitsi_meet_hold", "write true or false"),
        ([], "jitsi_meet_coturn", "write true or false"),
        ("soon", "jitsi_meet_health_seconds", "write a whole number"),
        ({}, "jitsi_meet_stun_servers", "write a list"),
        (None, "videobridge_hold", "is null"),
        (True, "no_such_argument", "no role of this collection has this argument"),
    ],
)
def test_value_that_cannot_be_is_named(value, name, words):
    with pytest.raises(AnsibleFilterError, match=name) as error:
        argument(value, name)
    assert words in str(error.value)


def test_older_core_is_refused(monkeypatch):
    monkeypatch.setattr(_arguments, "core_version", "2.18.19")
    with pytest.raises(AnsibleFilterError, match=r"ansible-core 2\.18\.19, and .* needs 2\.19 or newer"):
        argument("no", "jitsi_meet_hold")
