"""A forward that gets another guest takes its running clients along; its neighbours' connections stay."""

from __future__ import annotations

import base64
import time
from contextlib import contextmanager

import pytest
import runs
from machines import eventually
from packets import CLIENT, PUBLIC

pytestmark = pytest.mark.either_release

PROGRAM = (runs.SCENARIO / "files" / "steady_client.py").read_bytes()
MOVED = [*runs.FORWARDS[:2], {**runs.FORWARDS[2], "to": "192.168.122.110"}]


class Steady:
    """A client on the Internet that keeps one socket."""

    def __init__(self, client, kind, port):
        self.client, self.unit, self.arguments = client, f"steady-{kind}", f"{kind} {PUBLIC} {port}"

    def __enter__(self):
        # A file for each: the other client's Python may just be reading its own.
        program = f"/tmp/{self.unit}.py"
        self.client.run_expect([0], f"echo {base64.b64encode(PROGRAM).decode()} | base64 -d > {program}")
        self.client.run_expect([0], f"systemd-run --quiet --unit={self.unit} python3 {program} {self.arguments}")
        return self

    def __exit__(self, *_error):
        self.client.run(f"systemctl stop {self.unit}")
        self.client.run(f"systemctl reset-failed {self.unit}")

    def heard(self):
        """Every answer so far, with the time at which it came."""
        log = self.client.check_output(
            f"journalctl --output=cat --no-pager _SYSTEMD_INVOCATION_ID=$(systemctl show -P InvocationID {self.unit})"
        )
        return [(float(line.split(" ", 1)[0]), line.split(" ", 1)[1]) for line in log.splitlines()]

    def words(self):
        """Its last lines, also those of an error."""
        return self.client.check_output(f"journalctl --output=short-precise --no-pager --lines=8 --unit={self.unit}")

    def hears(self, guest):
        """Whether it is this guest that answers now."""
        asked = time.time()
        heard = self.heard()
        return bool(heard) and heard[-1][1] == f"{guest} saw {CLIENT}" and asked - heard[-1][0] < 1


def flows(host):
    """What the kernel knows of the clients, and when this was asked."""
    return host.run(f"date +%T.%N; conntrack -L --orig-dst {PUBLIC}; iptables -w -t nat -S").stdout


@contextmanager
def moved_back():
    try:
        yield
    finally:
        runs.role()


@pytest.mark.usefixtures("with_role")
def test_udp_client_moves_and_an_open_connection_stays(client, nat_host):
    with Steady(client, "tcp", 4443) as tcp, Steady(client, "udp", 10000) as udp, moved_back():
        assert eventually(lambda: udp.hears("jitsi") and tcp.hears("jitsi")), (
            tcp.words() + udp.words() + flows(nat_host)
        )
        runs.role(nat_host_forwards=MOVED)
        assert eventually(lambda: udp.hears("other"), 5), udp.heard()[-3:]
        heard = udp.heard()
        old = [when for when, line in heard if line.startswith("jitsi")]
        new = [when for when, line in heard if line.startswith("other")]
        assert max(old) < min(new)
        assert min(new) - max(old) < 1
        assert tcp.hears("jitsi")
        assert len({line for _when, line in tcp.heard()}) == 1


@pytest.mark.usefixtures("with_role")
def test_udp_client_that_was_there_before_the_forward_is_forwarded(client, nat_host):
    """The kernel keeps the way of a flow that began when there was no forward yet."""
    runs.role(nat_host_forwards=runs.FORWARDS[:2])
    with Steady(client, "udp", 10000) as udp:
        question = "conntrack -L -p udp --orig-port-dst 10000"
        assert eventually(lambda: "UNREPLIED" in nat_host.run(question).stdout)
        assert not udp.heard()
        runs.role()
        assert eventually(lambda: udp.hears("jitsi"), 5), nat_host.run(question).stdout
