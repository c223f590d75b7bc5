# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""What every filter and test of this collection has in common.

Ansible loads all files of plugins/filter in each process that needs one filter, and every task has its own process.
So these files only name the plugins. The code of a plugin is imported when a playbook uses it.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any, Callable, Dict

from ansible.errors import AnsibleFilterError
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.errors import JitsiError

#: What Python raises for a value that is of another type or form than the code expects, anywhere in nested data.
WRONG_VALUE = (TypeError, ValueError, AttributeError, LookupError, ArithmeticError, RecursionError)
#: Where the code lies, and the table of plugins in each of its files.
HERE = "ansible_collections.selfhosted.jitsi.plugins.plugin_utils._jinja"
TABLES = {"filter": "FILTERS", "test": "TESTS"}

#: Filters or tests by the names that playbooks use; what they are given and give depends on the playbook.
Plugins = Dict[str, Callable[..., Any]]


def on_demand(kind: str, file: str, *names: str) -> Plugins:
    """Plugins that import their code at the first call, and refuse wrong values with a sentence, not a traceback.

    :param kind: "filter" or "test".
    :param file: the file in this folder that has the code.
    :param names: the plugins of that file, by the names that playbooks use.
    """
    return {name: _plugin(kind, file, name) for name in names}


def _plugin(kind: str, file: str, name: str) -> Callable[..., Any]:
    def plugin(*values: Any, **options: Any) -> Any:
        code = getattr(import_module(f"{HERE}.{file}"), TABLES[kind])[name]
        try:
            return code(*values, **options)
        except JitsiError as error:
            raise AnsibleFilterError(f"{name}: {error}") from error
        except WRONG_VALUE as error:
            # The error's own words may hold a value, and the value a secret.
            raise AnsibleFilterError(
                f"{name}: a value has a wrong type or form ({type(error).__name__}); "
                f"see 'ansible-doc -t {kind} selfhosted.jitsi.{name}'"
            ) from None

    return plugin
