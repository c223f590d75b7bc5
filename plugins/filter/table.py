# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Make verdict rows, and tables of verdict rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ansible.errors import AnsibleFilterError
from ansible_collections.selfhosted.jitsi.plugins.plugin_utils._check.machines import judge_datagram, judge_mapping
from ansible_collections.selfhosted.jitsi.plugins.plugin_utils._check.table import FIELDS, failures, table
from ansible_collections.selfhosted.jitsi.plugins.plugin_utils._filters import Filters, guarded


def probe_table(rows: object) -> list[str]:
    """Return the lines of a table of verdict rows."""
    return table([_checked(row) for row in _sequence(rows, "probe_table")])


def probe_failures(rows: object) -> list[str]:
    """Return one sentence for each failed row."""
    return failures([_checked(row, (*FIELDS, "remedy")) for row in _sequence(rows, "probe_failures")])


def probe_datagram(capture: object, name: object, sent: object, public_address: object = "") -> dict[str, Any]:
    """Return a row that says whether a datagram arrived with its sender's own address.

    :param capture: the result of datagram_info.
    :param sent: the row of probe_info for the datagram.
    """
    if not isinstance(capture, Mapping) or "received" not in capture:
        raise AnsibleFilterError(
            "probe_datagram: the value is not a result of selfhosted.jitsi.datagram_info; wait for it with async_status"
        )
    if not isinstance(sent, Mapping) or "source" not in sent:
        raise AnsibleFilterError(
            "probe_datagram: sent is not a udp row of selfhosted.jitsi.probe_info; use results[0] of that task"
        )
    received, source = bool(capture["received"]), str(capture.get("source", ""))
    return judge_datagram(str(name), received, source, str(sent["source"]), str(public_address)).row()


def probe_mapping(
    lines: object, name: object, started: object, local: object, public: object, oldest: object = ""
) -> dict[str, Any]:
    """Return a row that says whether a bridge's log shows its address mapping since its last start."""
    texts = [str(line) for line in _sequence(lines, "probe_mapping")]
    addresses = [str(address) for address in _sequence(public, "probe_mapping")]
    return judge_mapping(str(name), texts, str(started), str(local), addresses, str(oldest)).row()


def _sequence(value: object, filter_name: str) -> Sequence[Any]:
    if not isinstance(value, Sequence) or isinstance(value, (str, bytes)):
        raise AnsibleFilterError(f"{filter_name}: {value!r} is not a list; use a list")
    return value


def _checked(row: Any, fields: Sequence[str] = FIELDS) -> dict[str, Any]:
    missing = [field for field in fields if not isinstance(row, Mapping) or field not in row]
    if missing:
        raise AnsibleFilterError(f"{row!r} is not a verdict row: missing {', '.join(missing)}; use rows of probe_info")
    return {field: row[field] if field == "ok" else str(row[field]) for field in fields}


class FilterModule:
    """The entry point for Ansible."""

    def filters(self) -> Filters:
        return guarded(
            {
                "probe_table": probe_table,
                "probe_failures": probe_failures,
                "probe_datagram": probe_datagram,
                "probe_mapping": probe_mapping,
            }
        )
