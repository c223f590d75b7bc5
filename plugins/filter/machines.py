# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Judge the memory and the release of a machine, on the controller."""

from __future__ import annotations

from ansible_collections.selfhosted.jitsi.plugins.plugin_utils._jinja.entry import Plugins, on_demand


class FilterModule:
    """The entry point for Ansible."""

    def filters(self) -> Plugins:
        """The filters, by the names that playbooks use."""
        return on_demand("filter", "machines", "java_heaps", "untested_release")
