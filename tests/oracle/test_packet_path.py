# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""What packet_path_info says of packets, judged by the kernel: generated rules, and packets that go through them.

A client and a server are in networks of their own, with a router between them, which has the rules. What must not
arrive is waited for only a moment: a late packet makes a wrong answer pass, and never a right one fail.
"""

from __future__ import annotations

import select
import time
from functools import partial
from ipaddress import IPv4Address
from itertools import count

import pytest
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.packets.packet import parse_packet
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.packets.verdict import judge_packet
from ansible_collections.selfhosted.jitsi.plugins.module_utils._shell.forwards import iptables
from ansible_collections.selfhosted.jitsi.plugins.module_utils._shell.packets import look
from generated import many
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from router import CLIENTS, OTHER, PORTS, ROUTER, SERVER, bound, connected, inside

PATIENCE, MOMENT = 3.0, 0.04
NUMBERS = count()


@pytest.fixture(scope="module", params=["nft", "legacy"])
def lab(request):
    with connected(request.param) as made, pytest.MonkeyPatch.context() as patch:
        patch.setattr(iptables, "_LEGACY_TABLES", f"/proc/{made.router.process.pid}/net/ip_tables_names")
        yield made


def send(lab):
    """Send a packet from each client to each port, and return what is sent: text, source and destination."""
    sent = {}
    for client in CLIENTS:
        for address in (ROUTER, SERVER):
            for port in PORTS:
                number = next(NUMBERS)
                # Each has a port of its own, so that the kernel takes none for a packet of an earlier case.
                (one,) = inside(lab.client, partial(bound, 20000 + number % 40000, address=client))
                one.sendto(str(number).encode(), (address, port))
                sent[str(number).encode()] = (one, client, address, port)
    return sent


def receive(sockets, expected):
    """Return what arrives where, as text by socket; with what is expected or soon after."""
    found, end = {}, time.monotonic() + PATIENCE
    while time.monotonic() < end:
        ready = select.select(list(sockets), [], [], MOMENT)[0]
        if not ready and expected <= found.keys():
            break
        for one in ready:
            text, sender = one.recvfrom(100)
            found[text] = (sockets[one], sender, one)
    return found


def packet(hook, source, destination, **changes):
    """What the module makes of a packet; both ends are address and port."""
    links = {"in_interface": "client", "out_interface": "server"}
    ends = {"source": source[0], "source_port": source[1], "destination": destination[0], "port": destination[1]}
    option = {"name": "a", "hook": hook, "protocol": "udp", "state": "new", "translated": False}
    local = frozenset(map(IPv4Address, (ROUTER, "10.2.0.1")))
    return parse_packet({**option, **links, **ends, **changes}, "packets[0]", local)


def way(chains, source, destination):
    """Where a packet arrives by the module's verdicts, None if it does not, and whether it was translated."""
    found = judge_packet(packet("dnat", source, destination), chains)
    asked = destination
    if found["verdict"] == "translated":
        address, _colon, port = found["to"].partition(":")
        destination = (ROUTER if address == "localhost" else address, int(port))
    # The kernel takes a packet that goes where it went anyway for one that nobody translated.
    translated = destination != asked
    hook = "input" if destination[0] == ROUTER else "forward"
    found = judge_packet(packet(hook, source, destination, translated=translated), chains)
    assert found["unsure"] == []
    return (destination if found["verdict"] == "accepted" else None), translated


def comes_back(chains, end, source, translated):
    """Whether the module lets a reply pass."""
    hook, links = ("forward", ("server", "client")) if end[0] == SERVER else ("output", ("", "client"))
    changes = {"in_interface": links[0], "out_interface": links[1], "state": "established", "translated": translated}
    return judge_packet(packet(hook, end, source, **changes), chains)["verdict"] == "accepted"


IPTABLES_MATCHES = st.sampled_from(
    [
        *(
            "-p udp",
            "! -p udp",
            "-p tcp",
            "-s 10.1.0.2",
            "! -s 10.1.0.2",
            "-s 10.1.0.0/255.255.0.255",
            "-d 10.2.0.0/24",
        ),
        *("! -d 10.2.0.2", "-i client", "! -i client", "-i cl+", "-p udp --dport 1000", "-p udp ! --dport 1001:1002"),
        *(
            "-p udp -m multiport --dports 1000,1002:1003",
            "-p udp -m multiport ! --ports 1001",
            "-p udp --sport 1:19999",
        ),
        *("-m conntrack --ctstate NEW", "-m conntrack --ctstate ESTABLISHED,RELATED", "-m conntrack ! --ctstate DNAT"),
        *(
            "-m conntrack --ctstate DNAT",
            "-m conntrack --ctdir REPLY",
            "-m addrtype --dst-type LOCAL",
            "-m state --state NEW",
        ),
        *("-m addrtype ! --src-type LOCAL", '-m comment --comment "a -j DROP"', ""),
    ]
)
NFT_MATCHES = st.sampled_from(
    [
        *("meta l4proto udp", "ip protocol != udp", "tcp dport != 1", "ip saddr 10.1.0.2", "ip saddr != 10.1.0.2"),
        *("ip daddr 10.2.0.0/24", "ip daddr != { 10.2.0.2, 10.2.0.9 }", 'iifname "client"', 'iifname != "cl*"'),
        *(
            'oifname "server"',
            "udp dport 1000",
            "udp dport != 1001-1002",
            "udp dport { 1000, 1002-1003 }",
            "udp dport @ports",
        ),
        *(
            "th dport 1001",
            "ct state new",
            "ct state established,related",
            "ct state { new, untracked }",
            "ct status dnat",
        ),
        *(
            "ct direction reply",
            "fib daddr type local",
            "fib saddr type != local",
            "meta nfproto ipv4",
            "ip6 saddr ::1",
        ),
        *(
            "udp dport . ip saddr { 1000 . 10.1.0.2, 1001 . 10.1.0.3 }",
            "ct status & dnat == dnat",
            "ct state != new",
            "",
        ),
    ]
)


def rules(matches, targets):
    return st.lists(st.tuples(st.lists(matches, max_size=2), targets), max_size=4)


def without_doubled(options):
    """The matches of one rule that iptables takes together: it wants each option once."""
    names = [set(option.replace("!", "").split()) & {"-p", "-s", "-d", "-i", "-m", "--dport"} for option in options]
    return options[:1] if len(options) == 2 and names[0] & names[1] else options


@st.composite
def saved_rules(draw):
    """Rules of iptables, as a file."""
    lines = ["*filter"]
    lines += [f":{chain} {draw(st.sampled_from(['ACCEPT', 'DROP']))} [0:0]" for chain in ("INPUT", "FORWARD", "OUTPUT")]
    lines += [":a - [0:0]", ":b - [0:0]"]
    inner = ("-j ACCEPT", "-j DROP", "-j REJECT", "-j RETURN", "-j MARK --set-mark 1", "")
    for chain, further in (("b", ()), ("a", ("-j b", "-g b")), *((name, ("-j a", "-g a", "-j b")) for name in BASES)):
        targets = st.sampled_from([target for target in (*inner, *further) if chain in "ab" or "RETURN" not in target])
        for options, target in draw(rules(IPTABLES_MATCHES, targets)):
            words = [option for option in without_doubled(options) if chain != "OUTPUT" or "-i" not in option]
            lines.append(" ".join(filter(None, [f"-A {chain}", *words, target])))
    lines += ["COMMIT", "*nat", ":PREROUTING ACCEPT [0:0]"]
    targets = st.sampled_from([f"DNAT --to-destination {SERVER}", f"DNAT --to-destination {SERVER}:{OTHER}", "ACCEPT"])
    for port, target in draw(st.lists(st.tuples(st.sampled_from(PORTS), targets), max_size=2)):
        lines.append(f"-A PREROUTING -p udp -i client --dport {port} -j {target}")
    return "\n".join([*lines, "COMMIT", ""])


BASES = ("INPUT", "FORWARD", "OUTPUT")


@st.composite
def native_rules(draw):
    """Rules of nftables, as a file; often there are none."""
    if draw(st.booleans()):
        return ""
    priority = draw(st.sampled_from([-20, 20]))
    lines = ["set ports { type inet_service; flags interval; elements = { 1000, 1002-1003 }; }"]
    inner = ("accept", "drop", "reject", "return", "counter", "udp dport vmap { 1000 : accept, 1001-1002 : drop }")
    for chain, further in (("b", ()), ("a", ("jump b", "goto b")), *((name, ("jump a", "goto a")) for name in BASES)):
        head = (
            f"type filter hook {chain.lower()} priority {priority}; policy {draw(st.sampled_from(['accept', 'drop']))};"
        )
        lines += [f"chain {chain.lower()} {{", *([head] if chain in BASES else [])]
        for matches, target in draw(rules(NFT_MATCHES, st.sampled_from([*inner, *further]))):
            # nft takes no rule that is about two protocols.
            other = next((match for match in matches if match.startswith(("tcp", "ip6"))), "")
            lines.append(f"{other} drop" if other else " ".join(filter(None, [*matches, target])))
        lines.append("}")
    lines += ["chain nat {", f"type nat hook prerouting priority {draw(st.sampled_from([-110, -90]))};"]
    targets = st.sampled_from([f"dnat ip to {SERVER}", f"dnat ip to {SERVER}:{OTHER}", "redirect to :1003", "accept"])
    for port, target in draw(st.lists(st.tuples(st.sampled_from(PORTS), targets), max_size=2)):
        lines.append(f'iifname "client" udp dport {port} {target}')
    lines.append("}")
    return "\n".join(["table inet generated {", *lines, "}", ""])


@given(saved=saved_rules(), native=native_rules())
@settings(many(25), phases=[Phase.generate])
def test_packets_arrive_where_the_rules_let_them(lab, saved, native):
    lab.clear()
    lab.load(saved, native)
    chains = look.read_chains(lab.router.run)
    sent = send(lab)
    ways = {
        text: way(chains, one.getsockname(), (address, port)) for text, (one, _client, address, port) in sent.items()
    }
    expected = {text: end for text, (end, _translated) in ways.items() if end}
    arrived = receive({one: end for end, one in lab.receivers.items()}, expected.keys())
    assert {text: end for text, (end, _sender, _socket) in arrived.items()} == expected, (saved, native)
    for text, (_end, sender, one) in arrived.items():
        try:
            one.sendto(b"re" + text, sender)
        except PermissionError:
            # The router's own program hears of it where its packet is dropped.
            assert not comes_back(chains, *replied(text, ways, sent))
    replies = {b"re" + text for text in arrived if comes_back(chains, *replied(text, ways, sent))}
    clients = {one: text for text, (one, *_rest) in sent.items()}
    assert receive(clients, replies).keys() == replies, (saved, native)
    for one in clients:
        one.close()


def replied(text, ways, sent):
    """The end of a packet, its source, and whether it was translated."""
    end, translated = ways[text]
    return end, sent[text][0].getsockname(), translated
