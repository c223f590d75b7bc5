# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Read the backends of deployed vhosts."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from ansible.errors import AnsibleFilterError
from ansible_collections.selfhosted.jitsi.plugins.plugin_utils._check.backends import read_vhosts


def vhost_backends(text: object) -> list[dict[str, Any]]:
    """Return the https backends in the text of a file of vhosts, each as a mapping."""
    if not isinstance(text, str):
        raise AnsibleFilterError(
            f"vhost_backends: {text!r} is not a string; use the text of a file that apache_sites wrote"
        )
    return [asdict(backend) for backend in read_vhosts(text)]


FILTERS = {"vhost_backends": vhost_backends}
