#!/usr/bin/python
# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: packet_path_info
short_description: Find the firewall rule that decides about a packet
version_added: 0.1.0
description:
  - Follows packets through the firewall rules of a machine, and names the rule that accepts, drops or translates each
    packet. It sends no packet.
  - Reads the rules of iptables, in both variants, and of nftables. A packet must pass all of them.
  - Reads only IPv4 rules.
author:
  - Contributors to the selfhosted.jitsi project (@selfhosted)
extends_documentation_fragment:
  - selfhosted.jitsi._attributes.looks
options:
  packets:
    description: The packets.
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description: The name of the packet in the results.
        type: str
        required: true
      hook:
        description:
          - Where the rules decide.
          - V(prerouting) is for packets that come in, before addresses are translated.
          - V(forward) is for packets to other machines, V(input) for packets to this machine, and V(output) for packets
            of its programs.
          - V(dnat) asks the table C(nat) for the new destination of a packet that comes in.
          - V(snat) asks the table C(nat) for the new source of a packet that leaves.
        type: str
        choices: [prerouting, forward, input, output, dnat, snat]
        required: true
      protocol:
        description: The protocol.
        type: str
        choices: [tcp, udp]
        required: true
      source:
        description: The IPv4 address that sends the packet.
        type: str
        required: true
      destination:
        description: The IPv4 address of the destination. For V(forward) and V(input) it is the translated one.
        type: str
        required: true
      port:
        description: The port of the destination.
        type: int
        required: true
      source_port:
        description: The port of the source. Without it, a rule about this port is not judged.
        type: int
      in_interface:
        description:
          - The interface by which the packet comes in.
          - If it is empty, the one by which the machine sends to the source.
        type: str
        default: ''
      out_interface:
        description:
          - The interface by which the packet leaves.
          - If it is empty, the one by which the machine sends to the destination.
        type: str
        default: ''
      state:
        description:
          - The state of the connection.
          - V(new) is the first packet of a connection. V(established) is a reply in a known connection.
        type: str
        choices: [new, established]
        default: new
      translated:
        description: Whether a DNAT rule translated the destination of the connection, as a port forward does.
        type: bool
        default: false
notes:
  - Requires root, and iproute2. Without C(iptables) or C(nft), the module reads no rules of that tool.
seealso:
  - module: selfhosted.jitsi.port_forwards
  - module: selfhosted.jitsi.datagram_info
"""

EXAMPLES = r"""
- name: Find the rule that decides about media on a virtualisation host
  selfhosted.jitsi.packet_path_info:
    packets:
      - name: udp/10000 from outside
        hook: dnat
        protocol: udp
        source: 203.0.113.9
        destination: 198.51.100.10
        port: 10000
        in_interface: eth0
      - name: udp/10000 to the bridge
        hook: forward
        protocol: udp
        source: 203.0.113.9
        destination: 192.168.122.120
        port: 10000
        in_interface: eth0
        out_interface: virbr0
        translated: true
      - name: replies to udp/10000
        hook: forward
        protocol: udp
        source: 192.168.122.120
        source_port: 10000
        destination: 203.0.113.9
        port: 50000
        in_interface: virbr0
        out_interface: eth0
        state: established
        translated: true
  register: paths

- name: Show what drops packets
  ansible.builtin.debug:
    msg: "{{ item.name }}: {{ item.rule }} ({{ item.table }})"
  loop: "{{ paths.results | selectattr('verdict', 'in', ['dropped', 'rejected']) }}"
"""

RETURN = r"""
results:
  description: What becomes of each packet, in the order of O(packets).
  returned: success
  type: list
  elements: dict
  contains:
    name:
      description: The name of the packet.
      type: str
      sample: udp/10000 to the bridge
    hook:
      description: The hook of the packet.
      type: str
      sample: forward
    protocol:
      description: The protocol of the packet.
      type: str
      sample: udp
    port:
      description: The port of the destination.
      type: int
      sample: 10000
    verdict:
      description:
        - V(accepted), V(dropped) or V(rejected).
        - V(translated) if a rule of the table C(nat) has the packet, and V(passes) if no rule of this table has it.
        - V(unsure) if the packet comes to a rule with a target that this module does not know, such as a queue.
      type: str
      sample: dropped
    to:
      description:
        - The new destination with its port, or the new source.
        - V(masquerade) as source, and C(localhost) as destination, mean an address of the machine itself.
        - Empty if the packet is not translated.
      type: str
      sample: 192.168.122.120:10000
    rule:
      description: The rule that decides, as its tool prints it, or the policy of a chain. Empty if there is none.
      type: str
      sample: policy DROP of FORWARD
    chain:
      description: The chain of the rule.
      type: str
      sample: FORWARD
    table:
      description: The program and the table of the rule.
      type: str
      sample: iptables filter
    owner:
      description: The program that made the rule (V(ufw), V(firewalld), V(docker) or V(libvirt)). Empty for others.
      type: str
      sample: docker
    unsure:
      description:
        - The rules that would decide otherwise, if the packet matches them. This module does not read what they match.
        - They count as not matching.
      type: list
      elements: str
      sample: ["-A FORWARD -m set --match-set banned src -j DROP"]
"""

from ansible_collections.selfhosted.jitsi.plugins.module_utils._module.packet_path_info import main

if __name__ == "__main__":
    main()
