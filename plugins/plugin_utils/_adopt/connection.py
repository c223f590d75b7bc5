# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""The connection to each machine, which the user's own inventory has. Secrets of it are not copied."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator
from typing import Any

from ansible.errors import AnsibleError
from ansible.parsing.vault import VaultHelper
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.editing.masking import replaceable

from .model import BEFORE, Remark

_NAMES = (
    *("ansible_connection", "ansible_host", "ansible_port", "ansible_user", "ansible_ssh_user", "ansible_ssh_host"),
    *("ansible_ssh_port", "ansible_ssh_common_args", "ansible_ssh_extra_args", "ansible_ssh_private_key_file"),
    *("ansible_private_key_file", "ansible_ssh_pipelining", "ansible_pipelining", "ansible_python_interpreter"),
    *("ansible_become", "ansible_become_method", "ansible_become_user", "ansible_remote_tmp"),
)
_SECRETS = (
    *("ansible_password", "ansible_ssh_pass", "ansible_ssh_password", "ansible_become_password", "ansible_become_pass"),
    *("ansible_sudo_pass", "ansible_ssh_private_key", "ansible_ssh_private_key_passphrase"),
)
_SECRET = re.compile(r"passw|sshpass|secret|token", re.IGNORECASE)


def connection(there: Collection[str], value: Callable[[str], Any]) -> dict[str, Any]:
    """Return the variables of the connection that can be copied.

    :param there: the names of the machine's variables.
    :param value: gives the value of one.
    """
    found = {name: value(name) for name in _NAMES if name in there}
    hidden = set(_encrypted(there, value))
    return {name: one for name, one in found.items() if not _is_secret(str(one), hidden)}


def _encrypted(there: Collection[str], value: Callable[[str], Any]) -> Iterator[str]:
    """The values that ansible-vault encrypts, in plain text. Other variables may have them in their own values."""
    for name in there:
        try:
            one = value(name)
        except AnsibleError:
            # What cannot be read is in no other value either.
            continue
        if VaultHelper.get_ciphertext(one, with_tags=False) is not None:
            yield str(one)


def _is_secret(text: str, hidden: Collection[str]) -> bool:
    """A short value may be a part of anything, so that only the same text counts."""
    is_encrypted = text in hidden or any(one in text for one in replaceable(hidden))
    return is_encrypted or bool(_SECRET.search(text))


def kept_back(machine: str, there: Collection[str], copied: Collection[str]) -> Iterator[Remark]:
    """Name the variables of the connection that are not copied."""
    for name in there:
        if name in _SECRETS or (name in _NAMES and name not in copied):
            what = f"{name} is or may hold a secret, and is not in this file"
            remedy = "Put it into a file that ansible-vault encrypts, and pass -e @FILE"
            yield Remark(machine, what, remedy, when=BEFORE)
