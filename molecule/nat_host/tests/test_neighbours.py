"""Real docker, ufw and firewalld on the same host: each keeps its rules, and the forwards work."""

from __future__ import annotations

import pytest
import rules
import runs
from machines import eventually
from packets import GOOD, answer, forwarded

#: The forwards of another owner, as a run for that owner leaves them.
NEIGHBOUR = {
    "nat_host_name": "neighbour",
    "nat_host_forwards": [{"protocol": "tcp", "port": 9443, "to": "192.168.122.110", "to_port": 4443}],
}
CHANGED = [*runs.FORWARDS, {"protocol": "tcp", "port": 7443, "to": "192.168.122.110", "to_port": 4443}]


def stop(host, *units):
    """Stop the units; the rules that they leave go with a reboot."""
    host.run_expect([0], f"systemctl stop {' '.join(units)}")
    runs.reboot(host)


def refused_without_us(client, host):
    """Take the forwards' rules out of the kernel, show that nobody else lets the packets through, and put them back."""
    host.run_expect([0], "iptables -w -D FORWARD -j PF-jitsi-FWD")
    without = answer(client, seconds=2)
    runs.put_back(host)
    return without in ("refused", "timeout")


@pytest.fixture(scope="class")
def docker(nat_host, with_role):
    """Docker lets nothing through for others if it finds that the host does not forward yet."""
    nat_host.run_expect([0], "sysctl -qw net.ipv4.ip_forward=0 && systemctl start docker.service")
    assert nat_host.check_output("iptables -S FORWARD").startswith("-P FORWARD DROP")
    runs.role(**NEIGHBOUR)
    yield
    runs.role(**NEIGHBOUR, nat_host_state="absent")
    stop(nat_host, "docker.service", "docker.socket", "containerd.service")


@pytest.fixture(scope="class")
def ufw(nat_host, with_role):
    nat_host.run_expect([0], "systemctl enable --quiet ufw.service && ufw allow 22/tcp && ufw --force enable")
    assert nat_host.check_output("iptables -S FORWARD").startswith("-P FORWARD DROP")
    yield
    nat_host.run_expect([0], "ufw --force reset && systemctl disable --quiet ufw.service")
    stop(nat_host, "ufw.service")


@pytest.fixture(scope="class")
def firewalld(nat_host, with_role):
    nat_host.run_expect([0], "systemctl start firewalld.service")
    assert eventually(lambda: nat_host.run("firewall-cmd --state").stdout.strip() == "running")
    runs.settle(nat_host)
    yield
    stop(nat_host, "firewalld.service")


@pytest.mark.usefixtures("docker")
class TestDocker:
    def test_rules_of_docker_and_of_another_owner_stay_byte_by_byte(self, client, nat_host):
        before = rules.foreign(nat_host)
        assert any("DOCKER-USER" in line for line in before)
        assert any("PF-neighbour-DNAT" in line for line in before)
        for variables in ({"nat_host_forwards": CHANGED}, {"nat_host_state": "absent"}, {}):
            runs.role(**variables)
            assert rules.foreign(nat_host) == before, variables
            expected = {} if variables.get("nat_host_state") else GOOD
            assert {name: line for name, line in forwarded(client).items() if " saw " in line} == expected
        assert answer(client, "tcp 9443") == "other saw 198.51.100.20"

    def test_without_our_rules_nothing_is_forwarded(self, client, nat_host):
        assert refused_without_us(client, nat_host)
        assert forwarded(client) == GOOD

    def test_after_a_restart_of_docker(self, client, nat_host):
        nat_host.run_expect([0], "systemctl restart docker.service")
        runs.settle(nat_host)
        assert forwarded(client) == GOOD
        assert answer(client, "tcp 9443") == "other saw 198.51.100.20"


@pytest.mark.usefixtures("ufw")
class TestUfw:
    def test_forwards_work(self, client):
        assert forwarded(client) == GOOD

    def test_without_our_rules_nothing_is_forwarded(self, client, nat_host):
        assert refused_without_us(client, nat_host)
        assert forwarded(client) == GOOD

    @pytest.mark.parametrize("command", ["ufw reload", "systemctl restart ufw"])
    def test_after(self, client, nat_host, command):
        nat_host.run_expect([0], command)
        runs.settle(nat_host)
        assert forwarded(client) == GOOD

    def test_after_a_reboot(self, client, nat_host):
        runs.reboot(nat_host)
        assert nat_host.check_output("iptables -S FORWARD").startswith("-P FORWARD DROP")
        assert forwarded(client) == GOOD


@pytest.mark.usefixtures("firewalld")
class TestFirewalld:
    def test_forwards_work(self, client):
        assert forwarded(client) == GOOD

    def test_without_our_rules_nothing_is_forwarded(self, client, nat_host):
        assert refused_without_us(client, nat_host)
        assert forwarded(client) == GOOD

    @pytest.mark.parametrize(
        "command", ["firewall-cmd --reload", "firewall-cmd --complete-reload", "systemctl restart firewalld"]
    )
    def test_after(self, client, nat_host, command):
        nat_host.run_expect([0], command)
        runs.settle(nat_host)
        assert forwarded(client) == GOOD
