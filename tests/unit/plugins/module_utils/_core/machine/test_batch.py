# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether a result leaves something to do."""

from __future__ import annotations

import pytest
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.errors import CoreError
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.machine.batch import (
    is_owed,
    refuse_failed,
    refuse_repeated,
)

MACHINE = {"differing": [], "found": {"^deb": []}, "unfinished": [], "interrupted": False}
RIGHT = {
    "apache_workers": {"restart_owed": False},
    "bridge_config_info": {"findings": []},
    "hocon": {"changed": False, "notes": ["remark"], "warnings": []},
    "java_trust_info": {"exists": True, "trusted": True},
    "machine_info": MACHINE,
    "probe_info": {"failed_count": 0},
    "prosody_leftovers_info": {"paths": []},
    "repository_keyring": {"right": True, "expired": False},
    "service_health": {"missing": {}},
    "stale_service_info": {"stale": []},
}
OWED = [
    ("apache_workers", {"restart_owed": True}),
    ("bridge_config_info", {"findings": ["two ports"]}),
    ("hocon", {"changed": True}),
    ("hocon", {"failed": True, "msg": "no such file"}),
    ("hocon", {"changed": False, "warnings": ["restart it"]}),
    ("java_trust_info", {"exists": True, "trusted": False}),
    ("machine_info", {**MACHINE, "differing": ["/etc/hosts"]}),
    ("machine_info", {**MACHINE, "found": {"^deb": ["/etc/apt/sources.list"]}}),
    ("machine_info", {**MACHINE, "unfinished": ["jicofo"]}),
    ("machine_info", {**MACHINE, "interrupted": True}),
    ("probe_info", {"failed_count": 1}),
    ("prosody_leftovers_info", {"paths": ["/var/lib/prosody/x.crt"]}),
    ("repository_keyring", {"right": False, "expired": False}),
    ("repository_keyring", {"right": True, "expired": True}),
    ("service_health", {"failed": True, "missing": {"jicofo": "it does not run"}}),
    ("service_health", {"missing": {"jicofo": "it does not run"}}),
    ("stale_service_info", {"stale": ["prosody"]}),
]


@pytest.mark.parametrize("module", RIGHT)
def test_result_without_findings_leaves_nothing_to_do(module):
    assert is_owed(module, RIGHT[module]) is False


@pytest.mark.parametrize(("module", "result"), OWED)
def test_change_failure_warning_and_finding_are_owed(module, result):
    assert is_owed(module, result) is True


def test_certificate_that_is_not_there_is_no_finding():
    assert is_owed("java_trust_info", {"exists": False, "trusted": False}) is False


def test_two_entries_of_one_name_are_refused():
    refuse_repeated(["a", "b"])
    with pytest.raises(CoreError, match="the name 'b' stands at two entries"):
        refuse_repeated(["a", "b", "b"])


def test_failure_of_a_required_module_is_told():
    results = {"a": {"failed": True, "msg": "no dpkg"}, "b": {"failed": True, "msg": "no file"}, "c": {}}
    refuse_failed(results, ["c"])
    with pytest.raises(CoreError, match=r"^no dpkg$"):
        refuse_failed(results, ["a", "c"])
