# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Why a subject could not be read in a batch."""

from __future__ import annotations

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.selfhosted.jitsi.plugins.filter.batch import FilterModule

FAILURE = FilterModule().filters()["batch_failure"]
RESULTS = {"memory": {"kilobytes": 7}, "disks": {"failed": True, "msg": "no df"}, "units": {"failed": True, "msg": ""}}


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (["disks"], "no df"),
        (["memory", "disks"], "no df"),
        (["units"], ""),
        (["disks", "packages"], "no df; the step that reads it failed"),
    ],
)
def test_result_of_a_module_that_failed_or_is_missing_is_a_failure(names, message):
    expected = {"failure": {"task": "Read it", "message": message, "censored": False}}
    assert FAILURE(RESULTS, names, "Read it") == expected


@pytest.mark.parametrize("names", [["memory"], []])
def test_subject_whose_results_are_there_has_no_failure(names):
    assert FAILURE(RESULTS, names, "Read it") == {}


@pytest.mark.parametrize(("results", "names"), [("text", ["a"]), (RESULTS, "memory"), (RESULTS, 7), ({"a": 7}, ["a"])])
def test_wrong_values_are_refused_in_words(results, names):
    with pytest.raises(AnsibleFilterError, match=r"^batch_failure: "):
        FAILURE(results, names, "Read it")
