#!/usr/bin/python
# Copyright: Contributors to the selfhosted.jitsi project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
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
  - The jump to the own chain in C(FORWARD) is kept above those of libvirt, docker, ufw and the like, which would refuse
    the packets, and is moved there when it is found below them.
  - After a change the rules are read back and compared with what was asked for.
author:
  - Contributors to the selfhosted.jitsi project (@selfhosted)
requirements:
  - iptables 1.8 or newer, with C(iptables-save) and C(iptables-restore)
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
      - The IPv4 address that clients connect to. It must be an address of this host.
      - Required if O(state=present).
    type: str
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
  state:
    description:
      - Whether the forwards shall be there.
      - With V(absent) all chains of O(name), and all jumps to them, are removed.
    type: str
    choices: [present, absent]
    default: present
notes:
  - The rules live in the kernel and are gone after a reboot.
  - The host has to forward packets (C(net.ipv4.ip_forward=1)). libvirt sees to that when it starts a network.
  - If libvirt guards the network with nftables, no rule of iptables can let the packets through, and the module
    refuses. Set C(firewall_backend = "iptables") in C(/etc/libvirt/network.conf) and restart libvirtd.
seealso:
  - module: ansible.builtin.iptables
"""

EXAMPLES = r"""
- name: Forward the web to the proxy and the media to the Jitsi machine
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

- name: Let the office reach the web server of a guest on another port
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
  description: The lines that C(iptables-restore --noflush) was fed with, or would be in check mode.
  returned: success
  type: list
  elements: str
  sample:
    - "*filter"
    - ":PF-jitsi-FWD - [0:0]"
    - "-A PF-jitsi-FWD -s 192.168.122.0/24 -m conntrack --ctstate DNAT --ctdir REPLY -j ACCEPT"
    - "-I FORWARD 1 -j PF-jitsi-FWD"
    - "COMMIT"
diff:
  description: For each table that changes, the own rules before and after, as C(iptables-save) prints them.
  returned: in diff mode
  type: list
  elements: dict
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.forwards import (
    ForwardError,
    parse_name,
    parse_request,
)
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.ruleset import ruleset
from ansible_collections.selfhosted.jitsi.plugins.module_utils._shell.iptables import (
    IptablesError,
    ensure,
    module_runner,
)

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
    "network": {"type": "str"},
    "forwards": {"type": "list", "elements": "dict", "options": FORWARD_OPTIONS},
    "hairpin": {"type": "bool", "default": True},
    "masquerade": {"type": "bool", "default": True},
    "ssh_port": {"type": "int", "default": 22},
    "allow_ssh": {"type": "bool", "default": False},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
}


def printable(text):
    """Return the text without bytes that are not UTF-8: somebody's comment may have some."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def result_of(outcomes, with_diff):
    """Return what the user gets to see of the outcomes."""
    result = {
        "changed": any(outcome.changed for outcome in outcomes.values()),
        "commands": [printable(line) for outcome in outcomes.values() for line in ruleset(outcome).split("\n") if line],
    }
    if with_diff:
        result["diff"] = [
            {
                "before_header": f"iptables -t {table}",
                "before": printable(outcome.before.render()),
                "after_header": f"iptables -t {table}",
                "after": printable(outcome.after.render()),
            }
            for table, outcome in outcomes.items()
            if outcome.changed
        ]
    return result


def main():
    module = AnsibleModule(
        argument_spec=OPTIONS,
        required_if=[("state", "present", ("public_address", "network", "forwards"))],
        supports_check_mode=True,
    )
    try:
        name = parse_name(module.params["name"])
        request = parse_request(module.params) if module.params["state"] == "present" else None
        outcomes = ensure(name, request, module_runner(module), module.check_mode)
    except (ForwardError, IptablesError) as error:
        module.fail_json(msg=str(error))
    module.exit_json(**result_of(outcomes, module._diff))


if __name__ == "__main__":
    main()
