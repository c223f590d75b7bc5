# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options of the action are those of its documentation, which stands in a file without code."""

from __future__ import annotations

import yaml
from ansible_collections.selfhosted.jitsi.plugins.action.site_verdict import OPTIONS, _backends
from ansible_collections.selfhosted.jitsi.plugins.modules import site_verdict
from ansible_collections.selfhosted.jitsi.plugins.plugin_utils._check.rows import Row


def test_documented_options_are_those_of_the_action():
    documented = yaml.safe_load(site_verdict.DOCUMENTATION)["options"]
    assert {
        name: {key: option[key] for key in option if key != "description"} for name, option in documented.items()
    } == OPTIONS


def test_documented_fields_of_a_row_are_those_of_the_row():
    rows = yaml.safe_load(site_verdict.RETURN)["rows"]
    fields = set(Row.__dataclass_fields__)
    assert set(rows["contains"]) == fields
    assert set(rows["sample"][0]) == fields


def test_password_of_a_backend_is_not_in_the_report():
    (backend,) = _backends([{"name": "other.test", "backend": "https://user:hunter2@192.168.122.9/path"}])
    assert (backend.site, backend.url) == ("other.test", "https://192.168.122.9/path")
