# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Say of the results of batch_info why a subject could not be read."""

from __future__ import annotations

from typing import Any, Mapping, Sequence

from ansible.errors import AnsibleFilterError

_UNREAD = "the step that reads it failed"


def batch_failure(results: Mapping[str, Mapping[str, Any]], names: Sequence[str], task: object) -> dict[str, Any]:
    """Return the record of the failure if one of these results is that of a module that failed, else an empty record.

    :param results: ``by_name`` of batch_info.
    :param names: the names of the results that the subject cannot do without.
    :param task: what the task is for, in words.
    """
    if isinstance(names, str):
        raise AnsibleFilterError("batch_failure: the names are a text; give a list of names")
    read = {name: results.get(name, {"failed": True, "msg": _UNREAD}) for name in names}
    failed = [str(one.get("msg") or "") for one in read.values() if one.get("failed")]
    if not failed:
        return {}
    return {"failure": {"task": str(task), "message": "; ".join(failed), "censored": False}}


FILTERS = {"batch_failure": batch_failure}
