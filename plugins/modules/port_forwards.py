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
  - Forwards ports of a virtualisation host's public address to guests in a network behind the host. It accepts the
    forwarded packets and their answers. It also translates the source address of the guests' own connections to the
    host's address.
  - All rules of one O(name) are in their own chains. The module fills, repairs and removes these chains as a whole,
    with one transaction for each table. It removes a forward that you no longer list. It never changes rules of
    others.
  - The jump to its own chain in C(FORWARD) stays directly above the first rule that refuses all senders. Such rules
    are those of libvirt, docker and ufw, or a final C(-j DROP). If the jump is elsewhere, the module moves it there.
  - An administrator's rule above the jump that refuses a source, a set or a port (fail2ban, C(DOCKER-USER)) therefore
    also applies to the forwards. RV(notes) names such a rule below the jump, because forwarded packets do not reach
    it.
  - RV(notes) also names a rule above the jump that accepts only some senders, because it cuts off all other senders.
  - The module also puts an accepting chain into the tables of libvirt, if libvirt protects its networks with nftables.
    It does the same in the other variant of iptables, if that variant has rules that refuse forwarded packets.
  - After a change the module reads the rules back and compares them with your options. If a table refuses them, the
    module restores the earlier rules of the other tables.
  - The module deletes the kernel entries for UDP flows that a changed forward does not move. So clients that keep
    sending reach the new guest. It does so when the rules are confirmed or restored. This takes at most 10 seconds.
  - If two rules forward the same packets to different targets, only one of them gets the packets. The module therefore
    refuses a forward in three cases, and the message names who has the packets.
  - First case. Another O(name) forwards the same protocol and port of the same address from the same sources. This
    also holds if the rules of that O(name) are only kept for the next boot.
  - Second case. A rule of another program gets the packets now and forwards them elsewhere. Examples are a port that
    docker publishes, and a manual C(DNAT) or C(REDIRECT). The rule can be one of iptables, of nftables or of firewalld.
  - Third case. A program of the host itself listens on the port. O(allow_listening) allows such a forward.
  - RV(notes) names a rule below a working forward, and a rule with conditions that the module cannot judge. It names a
    rule for another interface than the one with O(public_address), too.
  - RV(notes) also names a rule that has the same priority as those of iptables. Of such rules, the ones that were
    loaded last get the packets, and the module cannot tell which ones these are.
  - RV(notes) names a program whose UDP port is in C(net.ipv4.ip_local_port_range). It may wait for one answer only.
  - A boot refuses nothing.
  - Only one run at a time changes the forwards of a host. Another run waits for it.
author:
  - Contributors to the selfhosted.jitsi project (@selfhosted)
requirements:
  - iptables 1.8 or newer, with C(iptables-save) and C(iptables-restore)
  - C(nft), if libvirt uses nftables
  - systemd, for O(persistent=true)
  - Linux 4.18 or newer for a range of ports with another O(forwards[].to_port)
attributes:
  check_mode:
    description: Can run in check mode and return the changes that it would make.
    support: full
  diff_mode:
    description: Returns its own chains and jumps before and after, as C(iptables-save) prints them.
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
      - The IPv4 address that clients connect to. It must be an address of this host, or O(public_address_elsewhere)
        must be V(true).
      - Required if O(state=present).
    type: str
  public_address_elsewhere:
    description:
      - Whether O(public_address) is on another machine. That machine must route the packets to this host without
        translating them.
    type: bool
    default: false
    version_added: 0.1.0
  network:
    description:
      - The network of the guests, with its prefix length.
      - Required if O(state=present).
    type: str
  forwards:
    description:
      - The forwards and their targets. The module forwards nothing else.
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
        description: The IPv4 address of the guest. It must be in O(network).
        type: str
        required: true
      to_port:
        description:
          - The port of the guest, or a range as large as O(forwards[].port).
          - If it is not set, it is the same as O(forwards[].port).
        type: str
      sources:
        description:
          - The IPv4 addresses and networks that can connect. If it is not set, everyone can connect.
          - It also applies to connections of the guests and of the host itself to O(public_address).
        type: list
        elements: str
      comment:
        description: A comment for the rules, at most 255 bytes.
        type: str
  hairpin:
    description:
      - Whether the forwards also work for connections of the guests, and of the host itself, to O(public_address).
      - The target guest then sees the host's address in O(network) instead of the address of the other guest.
      - If bridged packets pass iptables (C(net.bridge.bridge-nf-call-iptables=1)), a guest can reach itself in this
        way only if its bridge port is in hairpin mode.
    type: bool
    default: true
  masquerade:
    description:
      - Whether the guests' own connections to addresses outside O(network) get the host's address.
      - The address of a client that connects from outside is never changed.
      - This option accepts no packets that the host refuses to forward. libvirt itself accepts the connections of its
        guests.
    type: bool
    default: true
  ssh_port:
    description: The ssh port of this host.
    type: int
    default: 22
  allow_ssh:
    description: Whether a forward can cover O(ssh_port). Such a forward cuts off ssh to the host through
      O(public_address).
    type: bool
    default: false
  allow_listening:
    description:
      - Whether a forward can cover a port on which a program of this host itself listens. Such a forward cuts off this
        program from outside.
      - A forward that works already is never refused.
      - The port of ssh has its own option, O(allow_ssh).
    type: bool
    default: false
    version_added: 0.1.0
  purpose:
    description:
      - What the forwards are for, for example the name of a site. With O(persistent=true) the host keeps it.
      - A run for another purpose cannot remove or take over kept forwards of the same O(name). With O(state=present) it
        fails. With O(state=absent) it removes nothing, and RV(notes) says so.
      - Without this option the purpose is empty. A run with a purpose can take over forwards without one, if it removes
        none of them.
    type: str
    default: ""
    version_added: 0.1.0
  replaces:
    description:
      - Other purposes whose forwards this run can remove or take over. V("") stands for forwards without a purpose.
    type: list
    elements: str
    default: []
    version_added: 0.1.0
  persistent:
    description:
      - Whether the forwards come back by themselves after a boot, and after libvirt, docker, ufw or firewalld starts.
      - The module then keeps your options in C(/etc/port-forwards/<name>.json). The unit C(port-forwards.service)
        applies them with a copy of this module's code in C(/usr/local/lib/port-forwards).
      - A hook in C(/etc/libvirt/hooks/network.d) starts the unit when a network starts. The hook never prevents the
        network from starting. If nftables is installed, a drop-in of its unit starts the unit after a reload, because a
        reload removes all rules. If firewalld is installed, C(port-forwards-firewalld.service) starts the unit when
        firewalld reloads.
      - The unit also switches C(net.ipv4.ip_forward) on.
      - With V(false) the module removes the kept files of O(name). It also removes the shared files if no owner needs
        them any more.
    type: bool
    default: false
  rollback:
    description:
      - The number of seconds that the host waits for a confirmation after rules changed. The confirmation proves that
        the host is still reachable.
      - Without the confirmation the host restores the earlier rules of O(name) by itself, and the task fails. If other
        programs prevent this, the host tries again until it works. Unconfirmed rules never come back after a boot.
      - If the waiting process on the host is killed, the next run for O(name) restores the earlier rules first. A
        start of C(port-forwards.service) does the same if the host keeps O(persistent) forwards.
      - The confirmation uses a new connection, because an open connection keeps working under any rules.
      - Use a connection plugin that can make a new connection, such as P(ansible.builtin.ssh#connection).
      - With V(0) the host does not wait.
    type: int
    default: 0
  confirm:
    description:
      - The RV(confirm) of a run with O(rollback). The action plugin of this module sets it. Do not set it yourself.
    type: str
  state:
    description:
      - Whether the forwards exist.
      - With V(absent) the module removes all chains of O(name) and all jumps to them. A host without iptables has no
        chains.
      - RV(notes) then names files of other programs that have saved these rules and bring them back after a boot, for
        example C(/etc/iptables/rules.v4). The module does not change these files.
    type: str
    choices: [present, absent]
    default: present
notes:
  - In check mode a host without iptables counts as a host without rules. RV(notes) reports this.
  - Without O(persistent) the rules exist only in the kernel, and are gone after a reboot.
  - IPv6 is never forwarded. Guests with their own IPv6 addresses need no forwards.
  - The host must forward packets (C(net.ipv4.ip_forward=1)). libvirt switches this on when it starts a network.
  - The module refuses to run if firewalld runs with C(StrictForwardPorts=yes), because no iptables rule can then
    accept the packets.
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

- name: Remove the forwards of one owner
  selfhosted.jitsi.port_forwards:
    name: office
    state: absent
"""

RETURN = r"""
commands:
  description:
    - The lines that the module passed to C(iptables-restore --noflush), or to C(nft -f) for libvirt's table, or would
      pass in check mode.
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
    - Information for the user, one sentence each.
    - The sentences name further tables that accept the forwards, the number of deleted UDP flows, and chains of others
      that can still drop the packets. They also say that IPv6 is not forwarded.
  returned: success
  type: list
  elements: str
  sample: ["libvirt protects its networks with nftables: the forwards are also accepted in ip libvirt_network"]
confirm:
  description: The value for O(confirm). The action plugin removes it from the result.
  returned: when rules changed and O(rollback) is not 0
  type: str
  sample: 0123456789abcdef
diff:
  description:
    - For each changed table, the own rules before and after, as C(iptables-save) prints them. Also the changed files
      of O(persistent).
  returned: in diff mode
  type: list
  elements: dict
"""

from ansible_collections.selfhosted.jitsi.plugins.module_utils._module.port_forwards import main

if __name__ == "__main__":
    main()
