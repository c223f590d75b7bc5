# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Repeat templates for each item of a list."""

from __future__ import annotations

from ansible_collections.selfhosted.jitsi.plugins.plugin_utils._jinja.entry import Plugins, on_demand


class FilterModule:
    """The entry point for Ansible."""

    def filters(self) -> Plugins:
        """The filters, by the names that playbooks use."""
        return on_demand("filter", "each", "for_each")
