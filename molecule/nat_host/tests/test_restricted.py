"""What an administrator's own rules forward for some senders alone is told from what they forward for everybody."""

from __future__ import annotations

import json
import os
import subprocess

import pytest
import runs
from packets import CLIENT, OTHER, PUBLIC, answer
from runs import TREE

pytestmark = [pytest.mark.either_release, pytest.mark.usefixtures("own_rules_alone")]

DNAT = f"PREROUTING -d {PUBLIC}/32 -p tcp --dport 9443 -j DNAT --to-destination {OTHER}:4443"


@pytest.fixture(scope="module")
def own_rules_alone():
    """The host without the role, which the tests behind these ones need again."""
    runs.ensure(nat_host_state="absent")
    yield
    runs.ensure()


def restrictions():
    """The rules of FORWARD because of which only some senders get through, as the module finds them."""
    words = ["ansible", "nat_host", "--inventory", str(TREE / "inventory" / "lab"), "--become"]
    module = ["--module-name", "selfhosted.jitsi.existing_site_info", "--args", "forwards=true"]
    plain = {**os.environ, "ANSIBLE_FORCE_COLOR": "false", "NO_COLOR": "1"}
    done = subprocess.run([*words, *module], cwd=TREE, env=plain, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    found = json.loads(done.stdout.split("=>", 1)[1])
    return [one["restriction"] for one in found["forwards"]["forwards"]]


@pytest.mark.parametrize(
    ("sender", "heard", "is_restricted"),
    [
        ("", f"other saw {CLIENT}", False),
        (f"-s {CLIENT}/32", f"other saw {CLIENT}", True),
        ("-s 203.0.113.0/24", "refused", True),
    ],
)
def test_rule_for_some_senders_is_named(nat_host, client, sender, heard, is_restricted):
    accept = f"FORWARD {sender} -d {OTHER}/32 -p tcp --dport 4443 -j ACCEPT"
    nat_host.run_expect([0], f"iptables -t nat -A {DNAT} && iptables -I {accept}")
    try:
        assert answer(client, "tcp 9443") == heard
        (found,) = restrictions()
    finally:
        nat_host.run_expect([0], f"iptables -t nat -D {DNAT} && iptables -D {accept}")
    assert bool(found) == is_restricted, found
    assert not is_restricted or sender in found
