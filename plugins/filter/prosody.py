# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Query prosody's shell about a site, and judge its answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ansible.errors import AnsibleFilterError
from ansible_collections.selfhosted.jitsi.plugins.plugin_utils._check import prosody as prosody_answer
from ansible_collections.selfhosted.jitsi.plugins.plugin_utils._filters import Filters, guarded


def _lines(name: str, value: object) -> list[str]:
    if not isinstance(value, Sequence) or isinstance(value, (str, bytes)):
        raise AnsibleFilterError(f"{name}: a value is a {type(value).__name__}; use a list of lines or rooms")
    return [str(item) for item in value]


def prosody_question(fqdn: object) -> str:
    """Return the query for prosody's shell."""
    return prosody_answer.question(str(fqdn))


def brewery_row(
    lines: object, name: object, rooms: object, domain: object, log: object = (), running: object = True
) -> dict[str, Any]:
    """Return a row that says whether a bridge is in its MUC room."""
    said, wanted, written = (_lines("brewery_row", value) for value in (lines, rooms, log))
    return prosody_answer.judge_brewery(str(name), said, wanted, str(domain), written, bool(running)).row()


def turn_services_row(lines: object, name: object, hosts: object, wanted: object) -> dict[str, Any]:
    """Return a row that says whether prosody announces the STUN and TURN servers to clients."""
    said, names = _lines("turn_services_row", lines), _lines("turn_services_row", hosts)
    if not isinstance(wanted, Sequence) or not all(isinstance(one, Mapping) for one in wanted):
        raise AnsibleFilterError(
            "turn_services_row: a value is not valid; use a list of mappings with type, host, port and transport"
        )
    return prosody_answer.judge_services(str(name), said, names, wanted).row()


class FilterModule:
    """The entry point for Ansible."""

    def filters(self) -> Filters:
        """The filters, by the names that playbooks use."""
        return guarded(
            {
                "brewery_row": brewery_row,
                "prosody_question": prosody_question,
                "turn_services_row": turn_services_row,
            }
        )
