# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Read the backends of deployed vhosts, and judge whether the backends proved their identity."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from ansible.errors import AnsibleFilterError
from ansible_collections.selfhosted.jitsi.plugins.plugin_utils._check.backends import Backend, judge, read_vhosts
from ansible_collections.selfhosted.jitsi.plugins.plugin_utils._filters import Filters, guarded


def vhost_backends(text: object) -> list[dict[str, Any]]:
    """Return the https backends in the text of a file of vhosts, each as a mapping."""
    if not isinstance(text, str):
        raise AnsibleFilterError(
            f"vhost_backends: {text!r} is not a string; use the text of a file that apache_sites wrote"
        )
    return [asdict(backend) for backend in read_vhosts(text)]


def backend_verdicts(answers: object) -> list[dict[str, Any]]:
    """Return a verdict row for each backend.

    :param answers: results of a loop over backends, with ``item``, and the output of openssl s_client as ``stdout`` and
        ``stderr``.
    """
    if not isinstance(answers, Sequence) or isinstance(answers, (str, bytes)):
        raise AnsibleFilterError(f"backend_verdicts: {answers!r} is not a list; use the results of a loop")
    rows = []
    for answer in answers:
        if not isinstance(answer, Mapping) or not isinstance(answer.get("item"), Mapping):
            raise AnsibleFilterError(
                f"backend_verdicts: {answer!r} has no backend as item; loop over the result of vhost_backends"
            )
        said = f"{answer.get('stdout', '')}\n{answer.get('stderr', '')}"
        rows.append(judge(Backend(**answer["item"]), said).row())
    return rows


class FilterModule:
    """The entry point for Ansible."""

    def filters(self) -> Filters:
        """The filters, by the names that playbooks use."""
        return guarded({"backend_verdicts": backend_verdicts, "vhost_backends": vhost_backends})
