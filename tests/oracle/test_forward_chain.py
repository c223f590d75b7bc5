# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where the jump stands in FORWARD, judged by real iptables: below bans, and above what refuses everybody."""

from __future__ import annotations

import pytest
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.forwards.plan import notes
from namespaces import WEB, ask, carry_out, forward, remove

JUMP = "-A FORWARD -j PF-j-FWD"
LIBVIRT = ("LIBVIRT_FWX", "LIBVIRT_FWI", "LIBVIRT_FWO")
LIBVIRTS = "".join(f":{chain} - [0:0]\n" for chain in LIBVIRT)
#: What each program writes into the table filter, in the order in which it does, with a ban of the administrator.
NEIGHBOURS = {
    "a ban above libvirt": LIBVIRTS
    + """-A FORWARD -s 203.0.113.66/32 -j REJECT
        -A FORWARD -j LIBVIRT_FWX
        -A FORWARD -j LIBVIRT_FWI
        -A FORWARD -j LIBVIRT_FWO
        -A LIBVIRT_FWI -o virbr0 -j REJECT""",
    "fail2ban": LIBVIRTS
    + """:f2b-jitsi - [0:0]
        -A f2b-jitsi -s 203.0.113.66/32 -j REJECT
        -A f2b-jitsi -j RETURN
        -A FORWARD -p tcp -m multiport --dports 80,443 -j f2b-jitsi
        -A FORWARD -j LIBVIRT_FWX""",
    "docker": """:DOCKER-USER - [0:0]
        :DOCKER-FORWARD - [0:0]
        -A DOCKER-USER -s 203.0.113.66/32 -j DROP
        -A DOCKER-USER -j RETURN
        -A FORWARD -j DOCKER-USER
        -A FORWARD -j DOCKER-FORWARD
        :FORWARD DROP [0:0]""",
    "ufw": """:ufw-before-logging-forward - [0:0]
        :ufw-before-forward - [0:0]
        :ufw-user-forward - [0:0]
        :ufw-after-forward - [0:0]
        :ufw-reject-forward - [0:0]
        -A ufw-before-forward -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
        -A ufw-before-forward -j ufw-user-forward
        -A ufw-user-forward -s 203.0.113.66/32 -j REJECT
        -A FORWARD -j ufw-before-logging-forward
        -A FORWARD -j ufw-before-forward
        -A FORWARD -j ufw-after-forward
        -A FORWARD -j ufw-reject-forward""",
    "firewalld": """:FORWARD_direct - [0:0]
        :FORWARD_IN_ZONES - [0:0]
        -A FORWARD_direct -s 203.0.113.66/32 -j DROP
        -A FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
        -A FORWARD -j FORWARD_direct
        -A FORWARD -j FORWARD_IN_ZONES
        -A FORWARD -m conntrack --ctstate INVALID -j DROP
        -A FORWARD -j REJECT""",
    "a firewall by hand": """-A FORWARD -m conntrack --ctstate ESTABLISHED -j ACCEPT
        -A FORWARD -s 203.0.113.66/32 -i eth0 -j DROP
        -A FORWARD -i eth0 -j DROP""",
    "no refusal but the policy": """-A FORWARD -s 203.0.113.66/32 -j DROP
        :FORWARD DROP [0:0]""",
}
#: What stands directly above the jump, and what directly below.
EXPECTED = {
    "a ban above libvirt": ("-s 203.0.113.66/32 -j REJECT", "-j LIBVIRT_FWX"),
    "fail2ban": ("-j f2b-jitsi", "-j LIBVIRT_FWX"),
    "docker": ("-j DOCKER-USER", "-j DOCKER-FORWARD"),
    "ufw": ("-j ufw-before-forward", "-j ufw-after-forward"),
    "firewalld": ("-j FORWARD_direct", "-j FORWARD_IN_ZONES"),
    "a firewall by hand": ("-s 203.0.113.66/32 -i eth0 -j DROP", "-i eth0 -j DROP"),
    "no refusal but the policy": ("-s 203.0.113.66/32 -j DROP", ""),
}


def load(namespace, text):
    lines = [line.strip() for line in text.split("\n")]
    declared = [line for line in lines if line.startswith(":")]
    namespace.load("\n".join(["*filter", *declared, *(line for line in lines if line not in declared), "COMMIT", ""]))


def neighbours_of_the_jump(namespace):
    lines = ["", *namespace.chain("FORWARD"), ""]
    assert lines.count(JUMP) == 1, lines
    return lines[lines.index(JUMP) - 1], lines[lines.index(JUMP) + 1]


def is_right(namespace, name):
    above, below = neighbours_of_the_jump(namespace)
    return EXPECTED[name][0] in above and EXPECTED[name][1] in below and bool(below) == bool(EXPECTED[name][1])


@pytest.mark.parametrize("name", NEIGHBOURS)
def test_the_jump_stands_below_a_ban_and_above_what_refuses_everybody(namespace, name):
    load(namespace, NEIGHBOURS[name])
    before = namespace.save()
    assert forward(namespace, WEB)
    assert is_right(namespace, name), namespace.chain("FORWARD")
    assert not forward(namespace, WEB)
    assert remove(namespace)
    assert namespace.save() == before


@pytest.mark.parametrize("name", NEIGHBOURS)
def test_the_jump_gets_there_when_the_others_come_later(namespace, name):
    forward(namespace, WEB)
    load(namespace, NEIGHBOURS[name])
    forward(namespace, WEB)
    assert is_right(namespace, name), namespace.chain("FORWARD")
    assert not forward(namespace, WEB)


@pytest.mark.parametrize("name", NEIGHBOURS)
def test_an_older_version_s_jump_at_the_top_is_moved_down(namespace, name):
    load(namespace, NEIGHBOURS[name])
    forward(namespace, WEB)
    namespace.iptables("-D", "FORWARD", "-j", "PF-j-FWD")
    namespace.iptables("-I", "FORWARD", "-j", "PF-j-FWD")
    assert forward(namespace, WEB)
    assert is_right(namespace, name), namespace.chain("FORWARD")


def test_a_ban_that_comes_later_at_the_top_moves_nothing(namespace):
    load(namespace, NEIGHBOURS["a ban above libvirt"])
    forward(namespace, WEB)
    namespace.iptables("-I", "FORWARD", "-s", "203.0.113.67", "-j", "DROP")
    assert not forward(namespace, WEB)


def test_two_owners_stand_together_and_leave_each_other_alone(namespace):
    load(namespace, NEIGHBOURS["a ban above libvirt"])
    other = {**WEB, "port": "80"}
    assert forward(namespace, WEB)
    assert forward(namespace, other, name="k")
    lines = namespace.chain("FORWARD")
    assert [lines.index(f"-A FORWARD -j PF-{name}-FWD") for name in "jk"] in ([1, 2], [2, 1])
    assert not forward(namespace, WEB)
    for chain in reversed(LIBVIRT):
        namespace.iptables("-D", "FORWARD", "-j", chain)
        namespace.iptables("-I", "FORWARD", "-j", chain)
    assert forward(namespace, WEB)
    assert forward(namespace, other, name="k")
    assert not forward(namespace, WEB)
    assert {JUMP, "-A FORWARD -j PF-k-FWD"} == set(namespace.chain("FORWARD")[:2])


def test_a_ban_that_libvirt_put_itself_above_of_is_named(namespace):
    """At a boot libvirt inserts its jumps above rules that were restored; no place serves both then."""
    load(namespace, NEIGHBOURS["a ban above libvirt"])
    for chain in reversed(LIBVIRT):
        namespace.iptables("-D", "FORWARD", "-j", chain)
        namespace.iptables("-I", "FORWARD", "-j", chain)
    done = carry_out("j", ask(WEB), namespace.run)
    (note,) = notes(done.plan)
    assert note in done.notes
    assert "do not reach the rule '-A FORWARD -s 203.0.113.66/32 -j REJECT" in note
