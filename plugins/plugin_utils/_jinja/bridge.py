# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Test whether a bridge that was started a moment ago has come as far as the check needs."""

from __future__ import annotations

from collections.abc import Sequence

from ansible.errors import AnsibleFilterError
from ansible_collections.selfhosted.jitsi.plugins.plugin_utils._check.mapping import judge_mapping
from ansible_collections.selfhosted.jitsi.plugins.plugin_utils._check.prosody import (
    is_there_without_jicofo,
    judge_brewery,
)


def _lines(name: str, value: object) -> list[str]:
    if not isinstance(value, Sequence) or isinstance(value, (str, bytes)):
        raise AnsibleFilterError(f"{name} was given a {type(value).__name__}; give it a list of lines or names")
    return [str(item) for item in value]


def bridge_mapped(lines: object, started: object, local: object, public: object, oldest: object = "") -> bool:
    """Whether the log shows the address mapping of a bridge since its start, or no longer shows its start."""
    said, addresses = _lines("bridge_mapped", lines), _lines("bridge_mapped", public)
    return judge_mapping("", said, str(started), str(local), addresses, str(oldest)).ok


def bridge_in_room(lines: object, rooms: object, domain: object, jicofo: object = True) -> bool:
    """Whether a bridge is in its MUC room with jicofo, if that runs, or the shell of prosody does not answer."""
    said, wanted = _lines("bridge_in_room", lines), _lines("bridge_in_room", rooms)
    if not jicofo and is_there_without_jicofo(said, wanted, str(domain)):
        return True
    return judge_brewery("", said, wanted, str(domain), (), True).ok


TESTS = {"bridge_in_room": bridge_in_room, "bridge_mapped": bridge_mapped}
