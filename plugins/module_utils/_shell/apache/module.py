# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""A module that is given sites, and shows nobody what may be secret in them."""

from __future__ import annotations

from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ..._core.apache.shown import without_secrets
from ..arguments import refuse_nul


class SitesModule(AnsibleModule):
    """An AnsibleModule with the option ``sites``, which it has as they were given; ``params`` has what may be seen."""

    sites: list[dict[str, Any]]

    def __init__(self, argument_spec: dict[str, Any]) -> None:
        super().__init__(argument_spec=argument_spec, supports_check_mode=True)
        self._hide_secrets()
        refuse_nul(self, "sites")

    def _log_invocation(self) -> None:
        # Runs inside Ansible's constructor.
        self._hide_secrets()
        super()._log_invocation()

    def _hide_secrets(self) -> None:
        if hasattr(self, "sites"):
            return
        self.sites = self.params["sites"]
        shown = [without_secrets(site) for site in self.sites]
        self.params["sites"] = [site for site, _found in shown]
        self.no_log_values.clear()
        self.no_log_values.update(*(found for _site, found in shown))
