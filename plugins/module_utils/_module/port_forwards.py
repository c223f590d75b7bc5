# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options and the course of the module port_forwards."""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING, Any

from ansible.module_utils.basic import AnsibleModule

from .._core.forwards import host_addresses
from .._core.forwards import plan as firewall
from .._core.forwards import purpose as purposes
from .._core.forwards.persistence import request_file
from .._core.forwards.request import (
    Request,
    parse_name,
    parse_request,
    parse_rollback,
)
from .._core.printable import printable
from .._shell.commands import call, run
from .._shell.forwards import conntrack as flows
from .._shell.forwards import requests, rollback, saved_rules
from .._shell.forwards.apply import Done, carry_out
from .._shell.module import finish

if TYPE_CHECKING:
    from .._shell.forwards.persistence import Kept

KIND = AnsibleModule

SHOWS_INVOCATION = 3
FORWARD_OPTIONS = {
    "protocol": {"type": "str", "choices": ["tcp", "udp"], "required": True},
    "port": {"type": "str", "required": True},
    "to": {"type": "str", "required": True},
    "to_port": {"type": "str"},
    "sources": {"type": "list", "elements": "str"},
    "comment": {"type": "str"},
}
OPTIONS = {
    "name": {"type": "str", "required": True},
    "public_address": {"type": "str"},
    "public_address_elsewhere": {"type": "bool", "default": False},
    "network": {"type": "str"},
    "forwards": {"type": "list", "elements": "dict", "options": FORWARD_OPTIONS},
    "hairpin": {"type": "bool", "default": True},
    "masquerade": {"type": "bool", "default": True},
    "ssh_port": {"type": "int", "default": 22},
    "allow_ssh": {"type": "bool", "default": False},
    "persistent": {"type": "bool", "default": False},
    "allow_listening": {"type": "bool", "default": False},
    "purpose": {"type": "str", "default": ""},
    "replaces": {"type": "list", "elements": "str", "default": []},
    "rollback": {"type": "int", "default": 0},
    "confirm": {"type": "str", "no_log": False},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
}


def rule_differences(plan: firewall.Plan) -> list[dict[str, str]]:
    """Return the diff of the rules, table by table."""
    return [
        difference(str(place), outcome.before.render(), outcome.after.render())
        for place, outcome in plan.items()
        if outcome.changed
    ]


def difference(header: str, before: str, after: str) -> dict[str, str]:
    """Return one entry of a diff."""
    return {
        "before_header": header,
        "before": printable(before),
        "after_header": header,
        "after": printable(after),
    }


def kept_forwards(name: str, request: Request | None) -> Kept | None:
    """Return the kept forwards, or None if nothing is kept and nothing must be kept."""
    if request is None and not os.path.exists(request_file(name)):
        return None
    # Python compiles each imported module on the target in every run, and this one is large.
    from .._shell.forwards.persistence import Kept

    return Kept(name, request, run)


def check_addresses(module: AnsibleModule, request: Request) -> tuple[list[str], str]:
    """Refuse options that contradict the host's addresses.

    :returns: notes about the addresses, and the interface that has the public one.
    """
    listing = call(run, ["ip", "-json", "address", "show"], "", "read the host's addresses", "iproute2")
    host = host_addresses.parse(listing)
    host_addresses.refuse_what_cannot_be(request, host, module.params["public_address_elsewhere"])
    return list(host_addresses.notes(request, host)), host.links.get(request.public_address, "")


def spared_ports(module: AnsibleModule) -> list[int]:
    """Return the ports that a forward can take from the host itself."""
    return [module.params["ssh_port"]] if module.params["allow_ssh"] else []


def have_forwards(
    module: AnsibleModule, name: str, request: Request | None, seconds: int, link: str
) -> tuple[Done, Kept | None]:
    """Change the rules and the kept forwards. Return the work and the kept forwards.

    :param link: the interface that has the public address.
    """
    token = module.params["confirm"]
    # One lock for both steps: no restore of kept forwards can run between the rules and the file.
    with contextlib.nullcontext() if module.check_mode else rollback.settled_lock(name, token):
        earlier, replaces = requests.kept_of(name), module.params["replaces"]
        if request:
            purposes.refuse_takeover(earlier, request, replaces)
        elif earlier and purposes.is_of_another(earlier, module.params["purpose"], replaces):
            return Done({}, (purposes.note_of_another(earlier),)), None
        kept = kept_forwards(name, request if module.params["persistent"] else None)
        if token:
            rollback.disarm(name, token)
        elsewhere = module.params["public_address_elsewhere"]
        # Before a confirmation the forwards are in force, and nothing new can be in their way.
        spared = None if token or module.params["allow_listening"] else spared_ports(module)
        seconds = 0 if token else seconds
        done = carry_out(name, request, run, module.check_mode, seconds, not token, elsewhere, spared, link)
        if kept and kept.changed and not done.token and not module.check_mode:
            kept.write()
    return done, kept


def run_module(module: AnsibleModule) -> dict[str, Any]:
    """Do the work and return the result for the user."""
    name = parse_name(module.params["name"])
    request = parse_request(module.params) if module.params["state"] == "present" else None
    seconds = parse_rollback(module.params["rollback"])
    notes, link = check_addresses(module, request) if request else ([], "")
    done, kept = have_forwards(module, name, request, seconds, link)
    # Rules that stay because they are for something else are also to come back.
    if request is None and done.plan:
        notes = list(saved_rules.notes(name))
    # An attacker controls the number of flows. So the lock is free here, and the confirmation does not wait for it.
    if not module.check_mode and not done.token:
        notes.extend(flows.forget_owed(name, run))
    # Unconfirmed forwards must not come back.
    writes = bool(kept and kept.changed and not done.token)
    result = {
        "changed": done.changed or writes,
        "commands": [
            printable(line)
            for place, outcome in done.plan.items()
            for line in firewall.feed(place, outcome).split("\n")
            if line
        ],
        "notes": [*done.notes, *notes],
    }
    if done.token:
        result["confirm"] = done.token
    if module._diff:
        written = kept.differences() if kept and writes else ()
        result["diff"] = rule_differences(done.plan) + [difference(*texts) for texts in written]
    if module._verbosity < SHOWS_INVOCATION:
        # Ansible would not show it. With many forwards, sending it takes longer than comparing them.
        result["invocation"] = {}
    return result


def main(kind: type[AnsibleModule] = KIND) -> None:
    module = kind(
        argument_spec=OPTIONS,
        required_if=[("state", "present", ("public_address", "network", "forwards"))],
        supports_check_mode=True,
    )
    finish(module, run_module)
