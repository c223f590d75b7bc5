"""What may go wrong while a host starts, and must not."""

from __future__ import annotations

import pytest
import runs
from packets import GOOD, answer, forwarded

HARDENING = "/etc/sysctl.d/zzz-hardening.conf"
BROKEN = "/etc/port-forwards/broken.json"
FORWARDING = "sysctl -n net.ipv4.ip_forward"


@pytest.fixture
def hardened(nat_host):
    """Somebody hardens the host, in a file that is read after all others."""
    nat_host.run_expect([0], f"echo 'net.ipv4.ip_forward = 0' > {HARDENING}")
    yield
    nat_host.run_expect([0], f"rm {HARDENING}")


@pytest.mark.usefixtures("with_role", "hardened")
class TestHardening:
    def test_reading_the_settings_again_is_put_right(self, client, nat_host):
        # By itself the file wins, whatever the role has written elsewhere.
        nat_host.run_expect([0], f"sysctl --system > /dev/null && test $({FORWARDING}) = 0")
        assert answer(client, seconds=2) == "timeout"
        runs.put_back(nat_host)
        assert nat_host.check_output(FORWARDING) == "1"
        assert forwarded(client) == GOOD

    def test_after_a_reboot(self, client, nat_host):
        runs.reboot(nat_host)
        assert nat_host.check_output(FORWARDING) == "1"
        assert forwarded(client) == GOOD


@pytest.fixture
def broken(nat_host):
    """A file of an owner that nobody can read."""
    nat_host.run_expect([0], f"echo '{{' > {BROKEN}")
    yield
    nat_host.run_expect([0], f"rm {BROKEN} && systemctl reset-failed {runs.UNIT}")
    runs.put_back(nat_host)


@pytest.mark.usefixtures("with_role", "broken")
def test_file_that_cannot_be_read_stops_neither_the_network_nor_other_owners(client, nat_host):
    nat_host.run_expect([0], "iptables -w -t nat -F PF-jitsi-DNAT")
    assert answer(client) == "refused"
    began = nat_host.check_output("date +%s")
    runs.restart_network(nat_host)
    assert forwarded(client) == GOOD
    log = nat_host.check_output(f"journalctl --unit={runs.UNIT} --since=@{began} --output=cat --no-pager")
    assert BROKEN in log
    assert nat_host.check_output(f"systemctl show -P ActiveState {runs.UNIT}") == "failed"


@pytest.mark.usefixtures("with_role")
def test_host_without_the_code_still_starts_its_network(nat_host):
    """Somebody tidied /usr/local up."""
    nat_host.run_expect([0], "mv /usr/local/lib/port-forwards /root/port-forwards")
    try:
        runs.restart_network(nat_host)
    finally:
        nat_host.run_expect([0], "mv /root/port-forwards /usr/local/lib/port-forwards")
        runs.put_back(nat_host)
