# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""What every filter of this collection has in common: a wrong value gets a sentence, never a traceback."""

from __future__ import annotations

import re
from functools import wraps
from typing import Any, Callable, Dict

from ansible.errors import AnsibleFilterError
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.errors import JitsiError

#: What Python raises for a value that is of another type or form than the code expects, anywhere in nested data.
WRONG_VALUE = (TypeError, ValueError, AttributeError, LookupError, ArithmeticError, RecursionError)


#: Filters by the names that playbooks use; what they are given and give depends on the playbook.
Filters = Dict[str, Callable[..., Any]]


def renamed(error: Exception, option: str, variable: str) -> str:
    """The words of a module's error with the role's variable in place of the option whose value it is."""
    return re.sub(rf"(?<![^ ]){option}(?=[:[])", variable, str(error))


def guarded(filters: Filters) -> Filters:
    """The same filters, which refuse wrong values with a sentence that names the filter and its documentation."""
    return {name: _guarded(name, function) for name, function in filters.items()}


def _guarded(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(function)
    def guard(*values: Any, **options: Any) -> Any:
        try:
            return function(*values, **options)
        except JitsiError as error:
            raise AnsibleFilterError(f"{name}: {error}") from error
        except WRONG_VALUE as error:
            # The error's own words may hold a value, and the value a secret.
            raise AnsibleFilterError(
                f"{name}: a value has a wrong type or form ({type(error).__name__}); "
                f"see 'ansible-doc -t filter selfhosted.jitsi.{name}'"
            ) from None

    return guard
