"""The check of the TURN server passes when it works, and names what is broken."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re

from check_runs import blamed, check
from machines import unchanged_machines
from site_runs import changed
from ways import PROSODY as LOGINS
from ways import effective

PROSODY = "/etc/prosody/conf.d/selfhosted-jitsi.cfg.lua"
RELAYS = "udp/3478: the TURN server relays for clients"
OVER_TCP = "tcp/3478: the TURN server answers"
UNTRANSLATED = "jitsi-lab-host sends tcp/3478 to 192.168.122.120 and udp/49160-49200 to 192.168.122.120"
ARRIVES = "udp/49160-49200: relayed packets arrive"
TOLD = "prosody tells clients of the TURN server"


def present(jitsi):
    """What tells the check how people log in by now, which the tests before changed."""
    way = next(way for way, name in LOGINS.items() if name == effective(jitsi)["authentication"])
    return "--extra-vars", json.dumps({"jitsi_meet_authentication": way})


def forward(nat_host, *words):
    """The rule of a forward, as iptables-save writes it."""
    rules = nat_host.check_output("iptables-save -t nat").splitlines()
    return next(rule for rule in rules if rule.startswith("-A PF-jitsi-DNAT") and all(word in rule for word in words))


def password(secret, name):
    """What goes with a user name, made as prosody makes it."""
    return base64.b64encode(hmac.new(secret.encode(), name.encode(), hashlib.sha1).digest()).decode()


def test_check_passes_and_shows_no_secret(jitsi):
    with unchanged_machines(account="ada"):
        code, said = check(*present(jitsi), "-vvv")
    assert code == 0, said
    for row in ("coturn runs", "tcp/5349: the TURN server answers over TLS", OVER_TCP, RELAYS, ARRIVES, TOLD):
        assert row in said, said
    assert "a packet through 198.51.100.10:49" in said
    assert "not judged" not in said
    assert not changed(said)
    secret = jitsi.check_output("cat /etc/selfhosted-jitsi/private/turn-secret")
    names = set(re.findall(r"[0-9]{10}:check", said))
    assert names
    for shown in (secret, *(password(secret, name) for name in names)):
        assert shown not in said


def test_check_names_a_server_that_is_down(jitsi):
    jitsi.run_expect([0], "systemctl stop coturn")
    try:
        _code, said = check(*present(jitsi))
    finally:
        jitsi.run_expect([0], "systemctl start coturn")
    answers = {"udp/3478: the TURN server answers", OVER_TCP, "tcp/5349: the TURN server answers over TLS"}
    assert set(blamed(said)) == {"coturn runs", *answers}, said


def test_check_names_missing_forwards_and_what_clients_are_not_told(jitsi, nat_host):
    rules = [forward(nat_host, "-p tcp", "--dport 3478"), forward(nat_host, "--dport 49160:49200")]
    fewer = f"sed -i '/\"turns\"/d' {PROSODY}"
    jitsi.run_expect([0], f"cp -a {PROSODY} /root/prosody && {fewer} && systemctl restart prosody")
    nat_host.run_expect([0], "iptables-save -t nat > /root/nat")
    for rule in rules:
        nat_host.run_expect([0], f"iptables -t nat {rule.replace('-A', '-D', 1)}")
    try:
        _code, said = check(*present(jitsi))
    finally:
        # At its place, too: another order is a difference.
        nat_host.run_expect([0], "iptables-restore --table=nat /root/nat")
        jitsi.run_expect([0], f"mv /root/prosody {PROSODY} && systemctl restart prosody")
    found = blamed(said)
    host = "jitsi-lab-host has the forwards of the inventory"
    assert set(found) == {OVER_TCP, ARRIVES, TOLD, host, UNTRANSLATED}, said
    explained = said[said.index("Because of this:") : said.index(" guide:")]
    assert all(row in explained for row in (OVER_TCP, ARRIVES)), said
    assert "for clients of jitsi.test" in found[TOLD]
