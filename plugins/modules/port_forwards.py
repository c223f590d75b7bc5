#!/usr/bin/python
# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: port_forwards
short_description: Forward ports of a public IPv4 address to guests behind NAT
version_added: 0.1.0
description:
  - Leads ports of a virtualisation host's public address to guests in a network of their own, lets the packets and the
    answers pass, and hides the guests' own connections behind the host's address.
  - All rules of one O(name) stand in chains of their own, which the module fills, repairs and removes as a whole, with
    one transaction for each table. A forward that is no longer listed is gone. Rules of others are never changed.
  - The jump to the own chain in C(FORWARD) is kept directly above the first rule that refuses everybody, such as those
    of libvirt, docker and ufw or a closing C(-j DROP), and is moved there when it is found elsewhere. So an
    administrator's rule above them that refuses a source, a set or a port (fail2ban, C(DOCKER-USER)) also holds for the
    forwards. Such a rule below them is named in RV(notes), for forwarded packets do not reach it. A rule above the
    jump that lets only some senders pass is named, too, for it cuts off all others.
  - Where libvirt guards its networks with nftables, or the other variant of iptables has rules that refuse forwarded
    packets, the accepting chain stands there, too.
  - After a change the rules are read back and compared with what was asked for. If a table refuses them, the earlier
    ones of the other tables are put back.
  - The kernel's entries for flows of UDP that a changed forward does not move are deleted, so that clients that keep
    sending reach the new guest. This happens when the rules are confirmed, or put back, and takes at most 10 seconds.
  - Only one of two that lead the same packets somewhere gets them. A forward is refused if another O(name) forwards the
    same protocol and port of the same address from the same sources, also if its rules are kept for the next boot
    only. It is refused if a rule of another program (a port that docker publishes, a C(DNAT) or C(REDIRECT) made by
    hand) gets the packets today and leads them elsewhere. The message names the other one. A rule that stands below a
    forward that works, or with conditions that cannot be judged, is named in RV(notes). A boot refuses nothing.
  - One run at a time changes a host's forwards; another one waits for it.
author:
  - Contributors to the selfhosted.jitsi project (@selfhosted)
requirements:
  - iptables 1.8 or newer, with C(iptables-save) and C(iptables-restore)
  - C(nft), where libvirt uses nftables
  - systemd, for O(persistent=true)
  - Linux 4.18 or newer for a range of ports with another O(forwards[].to_port)
attributes:
  check_mode:
    description: Can run in check mode and return what would be changed, without changing it.
    support: full
  diff_mode:
    description: Returns the own chains and jumps before and after, as C(iptables-save) prints them.
    support: full
  platform:
    description: The systems on which the module runs.
    support: full
    platforms: linux
options:
  name:
    description:
      - The owner of the rules. The chains are C(PF-<name>-DNAT), C(PF-<name>-SNAT) and C(PF-<name>-FWD).
      - Up to 20 letters, digits, C(-) and C(_).
    type: str
    required: true
  public_address:
    description:
      - The IPv4 address that clients connect to. It must be an address of this host, or
        O(public_address_elsewhere) must be true.
      - Required if O(state=present).
    type: str
  public_address_elsewhere:
    description:
      - Whether O(public_address) is on another machine, which leads its packets to this host without translating them.
    type: bool
    default: false
    version_added: 0.1.0
  network:
    description:
      - The guests' network, with its prefix length.
      - Required if O(state=present).
    type: str
  forwards:
    description:
      - What is forwarded, and where to. What is not listed is not forwarded.
      - Required if O(state=present). An empty list forwards nothing.
    type: list
    elements: dict
    suboptions:
      protocol:
        description: The protocol.
        type: str
        choices: [tcp, udp]
        required: true
      port:
        description: The port of O(public_address), or a range of ports such as V(10000-10010).
        type: str
        required: true
      to:
        description: The guest's IPv4 address. It must lie in O(network).
        type: str
        required: true
      to_port:
        description:
          - The port of the guest, or a range as large as O(forwards[].port).
          - The same as O(forwards[].port) if not given.
        type: str
      sources:
        description:
          - The IPv4 addresses and networks that may connect. Everyone if not given.
          - Connections of the guests and of the host itself to O(public_address) count as well.
        type: list
        elements: str
      comment:
        description: A comment for the rules, at most 255 bytes.
        type: str
  hairpin:
    description:
      - Whether the forwards also work for the guests, and for the host itself, when they connect to O(public_address).
      - The guest then sees the host's address in O(network) in place of the other guest's.
      - Where bridged packets pass iptables (C(net.bridge.bridge-nf-call-iptables=1)), a guest reaches itself in this
        way only if its port of the bridge is in hairpin mode.
    type: bool
    default: true
  masquerade:
    description:
      - Whether the guests' own connections to the world outside O(network) get the host's address.
      - The address of a client that connects from outside is never hidden.
      - This lets no packets pass that the host refuses to forward. libvirt accepts its guests' connections by itself.
    type: bool
    default: true
  ssh_port:
    description: The port on which ssh reaches this host.
    type: int
    default: 22
  allow_ssh:
    description: Whether a forward may cover O(ssh_port). It cuts off ssh to the host through O(public_address).
    type: bool
    default: false
  persistent:
    description:
      - Whether the forwards come back by themselves after a boot, and after libvirt, docker, ufw or firewalld started.
      - What was asked for is then kept in C(/etc/port-forwards/<name>.json), and the unit C(port-forwards.service)
        puts it in force with a copy of this module's code in C(/usr/local/lib/port-forwards). A hook in
        C(/etc/libvirt/hooks/network.d) starts the unit when a network starts, and never keeps it from starting. Where
        firewalld is installed, C(port-forwards-firewalld.service) starts the unit when firewalld reloads.
      - The unit also switches C(net.ipv4.ip_forward) on.
      - With V(false) nothing of O(name) is kept, and what no owner needs any more is removed.
    type: bool
    default: false
  rollback:
    description:
      - For how many seconds the host waits, after rules changed, for a sign that it can still be reached. Without that
        sign it puts back by itself what O(name) had before, and the task fails. Where other programs keep it from
        that, it tries again until it works. Unconfirmed rules never come back after a boot.
      - If the host's process that waits is killed, the next run for O(name) puts the earlier rules back first, and so
        does a start of C(port-forwards.service) where O(persistent) forwards are kept.
      - The sign is given over a new connection, for one that was open before keeps working whatever the rules are.
      - The connection plugin must be one that can make a new connection, such as P(ansible.builtin.ssh#connection).
      - With V(0) it does not wait.
    type: int
    default: 0
  confirm:
    description:
      - The RV(confirm) of a run with O(rollback). It is passed on by the action plugin of this module; nobody else
        needs it.
    type: str
  state:
    description:
      - Whether the forwards shall be there.
      - With V(absent) all chains of O(name), and all jumps to them, are removed. A host without iptables has none.
    type: str
    choices: [present, absent]
    default: present
notes:
  - In check mode a host without iptables counts as one without rules, and RV(notes) says so.
  - Without O(persistent) the rules live in the kernel alone and are gone after a reboot.
  - IPv6 is never forwarded. Guests that have IPv6 addresses of their own need none.
  - The host has to forward packets (C(net.ipv4.ip_forward=1)). libvirt sees to that when it starts a network.
  - If firewalld runs with C(StrictForwardPorts=yes), no rule of iptables can let the packets through, and the module
    refuses.
seealso:
  - module: ansible.builtin.iptables
"""

EXAMPLES = r"""
- name: Configure forwards for the web and for media
  selfhosted.jitsi.port_forwards:
    name: jitsi
    public_address: 198.51.100.10
    network: 192.168.122.0/24
    forwards:
      - protocol: tcp
        port: 80
        to: 192.168.122.100
      - protocol: tcp
        port: 443
        to: 192.168.122.100
      - protocol: udp
        port: 10000-10010
        to: 192.168.122.120
        comment: videobridge

- name: Configure persistent forwards with a rollback
  selfhosted.jitsi.port_forwards:
    name: jitsi
    public_address: 198.51.100.10
    network: 192.168.122.0/24
    persistent: true
    rollback: 30
    forwards:
      - protocol: udp
        port: 10000
        to: 192.168.122.121

- name: Configure a forward for one network, to another port
  selfhosted.jitsi.port_forwards:
    name: office
    public_address: 198.51.100.10
    network: 192.168.122.0/24
    masquerade: false
    forwards:
      - protocol: tcp
        port: 8443
        to: 192.168.122.110
        to_port: 443
        sources:
          - 203.0.113.0/24

- name: Remove them without a trace
  selfhosted.jitsi.port_forwards:
    name: office
    state: absent
"""

RETURN = r"""
commands:
  description:
    - The lines that C(iptables-restore --noflush), or C(nft -f) for libvirt's table, was fed with, or would be in check
      mode.
  returned: success
  type: list
  elements: str
  sample:
    - "*filter"
    - ":PF-jitsi-FWD - [0:0]"
    - "-A PF-jitsi-FWD -s 192.168.122.0/24 -m conntrack --ctstate DNAT --ctdir REPLY -j ACCEPT"
    - "-I FORWARD 1 -j PF-jitsi-FWD"
    - "COMMIT"
notes:
  description:
    - What the user should know, one sentence each. In which further tables the forwards are accepted, how many flows
      of UDP were forgotten, which chain of others may still drop the packets, and that IPv6 is not forwarded.
  returned: success
  type: list
  elements: str
  sample: ["libvirt has a table of nftables for its networks: the forwards are accepted in ip libvirt_network, too"]
confirm:
  description: What O(confirm) has to be told. The action plugin takes it away.
  returned: when rules changed and O(rollback) is not 0
  type: str
  sample: 0123456789abcdef
diff:
  description:
    - For each table that changes, the own rules before and after, as C(iptables-save) prints them, and the files of
      O(persistent) that change.
  returned: in diff mode
  type: list
  elements: dict
"""

import contextlib
import os
from typing import TYPE_CHECKING, Any

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.forwards import host_addresses
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.forwards import plan as firewall
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.forwards.persistence import request_file
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.forwards.request import (
    ForwardError,
    Request,
    parse_name,
    parse_request,
    parse_rollback,
)
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.printable import printable
from ansible_collections.selfhosted.jitsi.plugins.module_utils._shell.commands import CommandError, call, run
from ansible_collections.selfhosted.jitsi.plugins.module_utils._shell.forwards import conntrack as flows
from ansible_collections.selfhosted.jitsi.plugins.module_utils._shell.forwards import rollback
from ansible_collections.selfhosted.jitsi.plugins.module_utils._shell.forwards.apply import Done, carry_out

if TYPE_CHECKING:
    from ansible_collections.selfhosted.jitsi.plugins.module_utils._shell.forwards.persistence import Kept

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
    """Return what comes back after a boot, or None where nothing does, nor shall."""
    if request is None and not os.path.exists(request_file(name)):
        return None
    # Each module is compiled anew on the target in every run, and this one is large.
    from ansible_collections.selfhosted.jitsi.plugins.module_utils._shell.forwards.persistence import Kept

    return Kept(name, request, run)


def check_addresses(module: AnsibleModule, request: Request) -> list[str]:
    """Refuse what does not suit the host's own addresses; return what the user should know about them."""
    listing = call(run, ["ip", "-json", "address", "show"], "", "read the host's addresses", "iproute2")
    host = host_addresses.parse(listing)
    host_addresses.refuse_what_cannot_be(request, host, module.params["public_address_elsewhere"])
    return list(host_addresses.notes(request, host))


def have_forwards(module: AnsibleModule, name: str, request: Request | None, seconds: int) -> tuple[Done, Kept | None]:
    """Change the rules and what comes back after a boot; return what was done, and what is kept."""
    token = module.params["confirm"]
    # One lock for all of it: whoever puts back what is kept must not come between the rules and the file.
    with contextlib.nullcontext() if module.check_mode else rollback.settled_lock(name, token):
        kept = kept_forwards(name, request if module.params["persistent"] else None)
        if token:
            rollback.disarm(name, token)
        elsewhere = module.params["public_address_elsewhere"]
        done = carry_out(name, request, run, module.check_mode, 0 if token else seconds, not token, elsewhere)
        if kept and kept.changed and not done.token and not module.check_mode:
            kept.write()
    return done, kept


def run_module(module: AnsibleModule) -> dict[str, Any]:
    """Do what was asked for, and return what the user gets to see of it."""
    name = parse_name(module.params["name"])
    request = parse_request(module.params) if module.params["state"] == "present" else None
    seconds = parse_rollback(module.params["rollback"])
    notes = check_addresses(module, request) if request else []
    done, kept = have_forwards(module, name, request, seconds)
    # An attacker decides how many flows there are: nobody waits for this with the lock, or to confirm.
    if not module.check_mode and not done.token:
        notes.extend(flows.forget_owed(name, run))
    # What nobody has confirmed yet must not come back.
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
    return result


def main() -> None:
    module = AnsibleModule(
        argument_spec=OPTIONS,
        required_if=[("state", "present", ("public_address", "network", "forwards"))],
        supports_check_mode=True,
    )
    try:
        result = run_module(module)
    except (ForwardError, CommandError) as error:
        module.fail_json(msg=printable(str(error)))
    if module._verbosity < SHOWS_INVOCATION:
        # Ansible would leave it out of what it shows; with many forwards, to send it takes longer than to compare them.
        result["invocation"] = {}
    module.exit_json(**result)


if __name__ == "__main__":
    main()
