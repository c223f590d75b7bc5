# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Check accounts on the controller with the same code that the module uses on the target."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ansible.errors import AnsibleFilterError
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.errors import CoreError
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.prosody.accounts import parse_accounts
from ansible_collections.selfhosted.jitsi.plugins.plugin_utils._arguments import ArgumentError, typed
from ansible_collections.selfhosted.jitsi.plugins.plugin_utils._jinja.entry import renamed

ARGUMENT = "jitsi_meet_accounts"


def account_problems(accounts: object) -> list[str]:
    """Return a list with the first problem of accounts, as a sentence without passwords. Empty if all is well."""
    if not isinstance(accounts, Sequence) or isinstance(accounts, (str, bytes)):
        raise AnsibleFilterError(f"account_problems: the value is a {type(accounts).__name__}; use a list of accounts")
    nameless = [
        position for position, item in enumerate(accounts) if not isinstance(item, Mapping) or "name" not in item
    ]
    if nameless:
        return [f"{ARGUMENT}[{nameless[0]}].name: the name is missing; add it"]
    try:
        parse_accounts(typed(accounts, ARGUMENT))
    except ArgumentError as error:
        return [str(error)]
    except CoreError as error:
        return [renamed(error, "accounts", ARGUMENT)]
    return []


FILTERS = {"account_problems": account_problems}
