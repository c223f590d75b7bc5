# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options of the action are those of its documentation, which stands in a file without code."""

from __future__ import annotations

import yaml
from ansible_collections.selfhosted.jitsi.plugins.action.release_preflight import OPTIONS
from ansible_collections.selfhosted.jitsi.plugins.modules import release_preflight


def test_documented_options_are_those_of_the_action():
    documented = yaml.safe_load(release_preflight.DOCUMENTATION)["options"]
    assert {
        name: {key: option[key] for key in option if key != "description"} for name, option in documented.items()
    } == OPTIONS
