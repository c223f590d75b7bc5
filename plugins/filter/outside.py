# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Make verdict rows about third-party hosts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ansible.errors import AnsibleFilterError
from ansible_collections.selfhosted.jitsi.plugins.plugin_utils._check.outside_hosts import judge_outside_hosts
from ansible_collections.selfhosted.jitsi.plugins.plugin_utils._filters import Filters, guarded


def outside_host_rows(result: object, strict: object = True, wanted: Iterable[object] = ()) -> list[dict[str, Any]]:
    """Return verdict rows for the result of outside_hosts_info."""
    if not isinstance(result, Mapping) or "hosts" not in result:
        raise AnsibleFilterError(
            "outside_host_rows: the value is not a result of selfhosted.jitsi.outside_hosts_info; register its task"
        )
    verdicts = judge_outside_hosts(result["hosts"], result["problems"], bool(strict), [str(name) for name in wanted])
    return [verdict.row() for verdict in verdicts]


class FilterModule:
    """The entry point for Ansible."""

    def filters(self) -> Filters:
        """The filters, by the names that playbooks use."""
        return guarded({"outside_host_rows": outside_host_rows})
