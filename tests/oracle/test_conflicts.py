# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Two that want the same packets, judged by real iptables: whoever has them keeps them, and both are named."""

from __future__ import annotations

import contextlib
import subprocess
import sys

import pytest
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.forwards import persistence
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.forwards.request import ForwardError
from ansible_collections.selfhosted.jitsi.plugins.module_utils._shell.commands import CommandError
from ansible_collections.selfhosted.jitsi.plugins.module_utils._shell.forwards import iptables, reapply
from namespaces import WEB, ask, carry_out, forward

DOCKER = """*nat
:DOCKER - [0:0]
-A DOCKER ! -i docker0 -p tcp -m tcp --dport 443 -j DNAT --to-destination 172.17.0.2:8443
-A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER
COMMIT
"""


@pytest.fixture(autouse=True)
def requests(monkeypatch, tmp_path):
    monkeypatch.setattr(persistence, "REQUESTS", str(tmp_path / "requests"))
    (tmp_path / "requests").mkdir()
    return tmp_path / "requests"


@pytest.mark.parametrize("change", [{}, {"port": "400-500", "to_port": "400-500"}, {"sources": ["203.0.113.0/24"]}])
def test_a_second_owner_of_a_port_is_refused(namespace, change):
    forward(namespace, {**WEB, "port": "443"}, name="k")
    before = namespace.save()
    for check_mode in (True, False):
        with pytest.raises(ForwardError, match=r"the owner 'k' also forwards tcp port .*Remove the other rule"):
            forward(namespace, {**WEB, "to": "192.168.122.101", **change}, check_mode=check_mode)
    assert namespace.save() == before
    assert forward(namespace, {**WEB, "protocol": "udp"})
    assert not forward(namespace, WEB, name="k")


def test_an_owner_whose_rules_are_flushed_keeps_its_port(namespace, requests):
    (requests / "k.json").write_text(persistence.dump(ask(WEB, name="k")))
    (requests / "broken.json").write_text("{")
    with pytest.raises(ForwardError, match="the owner 'k'"):
        forward(namespace, {**WEB, "to": "192.168.122.101"})
    assert not any("PF-" in line for line in namespace.save())
    assert forward(namespace, {**WEB, "port": "80"})


def test_a_port_that_docker_publishes_is_refused(namespace):
    namespace.load(DOCKER)
    before = namespace.save()
    with pytest.raises(ForwardError, match=r"'-A DOCKER ! -i docker0 .*' of docker sends packets for tcp port 443"):
        forward(namespace, WEB)
    assert namespace.save() == before
    assert forward(namespace, {**WEB, "port": "8443", "to_port": "443"})


def test_a_port_that_docker_publishes_above_the_forward_is_refused(namespace):
    forward(namespace, WEB)
    namespace.load(DOCKER.replace("-A PREROUTING", "-I PREROUTING"))
    with pytest.raises(ForwardError, match="of docker sends packets for tcp port 443"):
        forward(namespace, WEB)


def test_a_port_that_docker_publishes_below_the_forward_is_named(namespace):
    forward(namespace, WEB)
    namespace.load(DOCKER)
    done = carry_out("j", ask(WEB), namespace.run)
    assert not done.changed
    assert "of docker gets no packets for tcp port 443" in done.notes[0]


def test_rules_made_by_hand_that_lead_to_the_same_guest_are_no_conflict(namespace):
    words = "-t nat -A PREROUTING -d 198.51.100.10 -p tcp --dport 443 -j DNAT --to-destination 192.168.122.100"
    namespace.iptables(*words.split())
    done = carry_out("j", ask(WEB), namespace.run)
    assert done.changed
    assert not done.notes
    namespace.iptables(*words.replace("100.10", "100.11").replace("122.100", "122.130").split())
    assert not carry_out("j", ask(WEB), namespace.run).notes


def test_a_boot_puts_all_in_force_and_names_what_is_wrong(namespace, requests, monkeypatch, capsys):
    """The other one may be somebody's mistake of last week, and forwards that partly work are better than none."""
    monkeypatch.setattr(reapply, "run_command", namespace.run)
    namespace.load(DOCKER)
    (requests / "j.json").write_text(persistence.dump(ask(WEB, {**WEB, "port": "80"})))
    assert reapply._reapply(str(requests / "j.json")) == ""
    assert "of docker sends packets for tcp port 443" in capsys.readouterr().out
    assert len(namespace.run(["iptables-save", "-t", "nat"])[1].split("--to-destination 192.168.122.100")) == 3


NFT = """table {family} mine {{
  chain more {{
    udp dport 10000 dnat {kind} to 10.0.0.6
  }}
  chain pre {{
    type nat hook prerouting priority {priority}; policy accept;
    iifname "eth0" tcp dport {{ 80, 443 }} counter dnat {kind} to 10.0.0.5:8443
    ip daddr 198.51.100.10 jump more
  }}
}}
"""


def nft(namespace, family, priority):
    text = NFT.format(family=family, priority=priority, kind="" if family == "ip" else "ip")
    status, _output, errors = namespace.run(["nft", "-f", "-"], text)
    assert status == 0, errors


@pytest.mark.parametrize("family", ["ip", "inet"])
@pytest.mark.parametrize("priority", ["-110", "dstnat", "-90"])
def test_a_port_that_nft_leads_elsewhere_is_refused(namespace, family, priority):
    nft(namespace, family, priority)
    before = namespace.save()
    media = {"protocol": "udp", "port": "10000", "to": "192.168.122.120"}
    for wanted, guest in ((WEB, "10.0.0.5:8443"), (media, "10.0.0.6")):
        with pytest.raises(ForwardError, match=rf"to-destination {guest}' of nftables \(table {family} mine"):
            forward(namespace, wanted)
    assert namespace.save() == before
    assert forward(namespace, {**WEB, "port": "8443", "to_port": "443"})


@pytest.mark.parametrize(
    ("priority", "said"),
    [("-110", ""), ("dstnat", "was loaded last gets them"), ("-90", "gets no packets for tcp port 443")],
)
def test_a_table_of_nft_above_a_forward_is_refused_and_one_below_is_named(namespace, priority, said):
    forward(namespace, WEB)
    nft(namespace, "ip", priority)
    if said:
        assert said in carry_out("j", ask(WEB), namespace.run).notes[0]
    else:
        with pytest.raises(ForwardError, match=r"of nftables .* sends packets for tcp port 443"):
            forward(namespace, WEB)


def written(namespace, rules, more=""):
    """Have rules of nft in a chain that sees packets first."""
    head = "chain pre { type nat hook prerouting priority -110; policy accept;"
    status, _output, errors = namespace.run(["nft", "-f", "-"], f"table inet mine {{\n{more}{head}\n{rules}\n}}\n}}\n")
    assert status == 0, errors


#: Rules in forms that iptables has no words for, and how each is judged for TCP port 443 and UDP port 10000.
FORMS = [
    ("tcp dport 443 jump { dnat ip to 10.0.0.3; }", "noted", ""),
    ("udp dport >= 9000 dnat ip to 10.0.0.3", "", "refused"),
    ("udp dport < 9000 dnat ip to 10.0.0.3", "", ""),
    ("tcp dport 443 dnat ip to 192.168.122.100:8000-8010", "refused", ""),
    ("tcp dport 443 dnat ip to 192.168.122.100:tcp dport map { 443 : 8443 }", "refused", ""),
    ("udp dport 5000-5100 udp dport != 5060 dnat ip to 10.0.0.3", "", ""),
    ("tcp dport vmap { 25 : jump web }", "", ""),
    ("tcp dport vmap { 443 : jump web }", "refused", ""),
    ("tcp dport vmap @fw", "noted", ""),
    ("meta l4proto { tcp, udp } th dport 443 dnat ip to 10.0.0.3", "refused", ""),
    ("ct state new tcp dport 443 dnat ip to 10.0.0.3", "refused", ""),
    ("meta protocol ip tcp dport 443 dnat ip to 10.0.0.3", "refused", ""),
    ("fib daddr type local tcp dport 443 redirect", "refused", ""),
    ("sctp dport 443 dnat ip to 10.0.0.3", "", ""),
    ("icmp type echo-request dnat ip to 10.0.0.3", "", ""),
    ("ip daddr 198.51.100.10 return\ntcp dport 443 redirect to :8443", "", ""),
]
MEDIA = {"protocol": "udp", "port": "10000", "to": "192.168.122.120"}
WEB_CHAIN = """\
chain web { dnat ip to 10.0.0.3; }
map fw { type inet_service : verdict; elements = { 443 : jump web }; }
"""


def judged(namespace, wanted):
    try:
        return "noted" if carry_out("j", ask(wanted), namespace.run, True).notes else ""
    except ForwardError:
        return "refused"


@pytest.mark.parametrize(("rules", "web", "media"), FORMS)
def test_forms_of_nft_that_iptables_does_not_have(namespace, rules, web, media):
    written(namespace, rules, WEB_CHAIN if "web" in rules or "@fw" in rules else "")
    assert (judged(namespace, WEB), judged(namespace, MEDIA)) == (web, media)


def test_a_boot_goes_on_whatever_nft_says(namespace, requests, monkeypatch):
    monkeypatch.setattr(reapply, "run_command", namespace.run)
    written(namespace, "tcp dport 25 jump { dnat ip to 10.0.0.3; }")
    for name in ("j", "k"):
        (requests / f"{name}.json").write_text(persistence.dump(ask({**WEB, "port": f"8{ord(name)}"}, name=name)))
        assert reapply._reapply(str(requests / f"{name}.json")) == ""
    saved = namespace.run(["iptables-save", "-t", "nat"])[1]
    assert len(saved.split("--to-destination 192.168.122.100")) == 3


def test_a_chain_of_nft_with_the_name_of_that_of_iptables_counts(namespace):
    """As iptables-translate writes it. The iptables in use is the other variant, and cannot read it."""
    if namespace.variant == "nft":
        # Here it is a reason not to work at all.
        expected = "Cannot read|sends packets"
    else:
        expected = "of nftables .table ip nat.* sends packets for tcp port 443"
    text = "type nat hook prerouting priority dstnat; tcp dport 443 dnat to 10.0.0.3"
    assert namespace.run(["nft", "-f", "-"], f"table ip nat {{\nchain PREROUTING {{\n{text}\n}}\n}}\n")[0] == 0
    with pytest.raises((ForwardError, CommandError), match=expected):
        forward(namespace, WEB)


def test_a_port_of_the_other_iptables_is_refused(namespace, monkeypatch):
    monkeypatch.setattr(iptables, "_LEGACY_TABLES", f"/proc/{namespace.process.pid}/net/ip_tables_names")
    other = {"nft": "legacy", "legacy": "nft"}[namespace.variant]
    words = "-t nat -A PREROUTING -p tcp --dport 443 -j DNAT --to-destination 10.0.0.5"
    status, _output, errors = namespace.run([f"iptables-{other}", *words.split()])
    assert status == 0, errors
    with pytest.raises(ForwardError, match=rf"to-destination 10.0.0.5' of iptables-{other} sends packets"):
        forward(namespace, WEB)


@contextlib.contextmanager
def listener(namespace, kind, address, port):
    """A program in the namespace that waits for packets."""
    code = (
        "import socket, sys; s = socket.socket(socket.AF_INET6 if ':' in sys.argv[2] else socket.AF_INET,"
        " getattr(socket, sys.argv[1])); s.bind((sys.argv[2], int(sys.argv[3])));"
        " sys.argv[1] == 'SOCK_STREAM' and s.listen(); print('ready', flush=True); sys.stdin.read()"
    )
    words = ["nsenter", f"--net=/proc/{namespace.process.pid}/ns/net", sys.executable, "-c", code, kind, address]
    with subprocess.Popen([*words, str(port)], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout.readline() == b"ready\n"
        yield
        process.stdin.close()


@pytest.mark.parametrize("address", ["0.0.0.0", "::"])
def test_a_port_on_which_the_host_listens_is_refused(namespace, address):
    with listener(namespace, "SOCK_STREAM", address, 443):
        for check_mode in (True, False):
            with pytest.raises(ForwardError, match="this host listens on tcp port 443 of every address"):
                carry_out("j", ask(WEB), namespace.run, check_mode, spared=[])
        assert carry_out("k", ask({**WEB, "protocol": "udp"}, name="k"), namespace.run, spared=[]).changed
        # Somebody who allows it, and a boot.
        assert carry_out("j", ask(WEB), namespace.run).changed
        assert not carry_out("j", ask(WEB), namespace.run, spared=[]).changed


def test_a_port_of_the_host_s_inner_addresses_is_free(namespace):
    assert namespace.run(["ip", "link", "set", "lo", "up"])[0] == 0
    with listener(namespace, "SOCK_DGRAM", "127.0.0.1", 443):
        assert carry_out("j", ask({**WEB, "protocol": "udp"}), namespace.run, spared=[]).changed
