# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Test whether a bridge that was started a moment ago has come as far as the check needs."""

from __future__ import annotations

from ansible_collections.selfhosted.jitsi.plugins.plugin_utils._jinja.entry import Plugins, on_demand


class TestModule:
    """The entry point for Ansible."""

    def tests(self) -> Plugins:
        """The tests, by the names that playbooks use."""
        return on_demand("test", "bridge", "bridge_in_room", "bridge_mapped")
