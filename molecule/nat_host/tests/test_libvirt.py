"""Which rules let a client through beside libvirt: what people try first, then what the role does.

The rows are those of the project's measurements. What is refused is shown to be refused in the same lab.
"""

from __future__ import annotations

import pytest
import rules
import runs
from packets import GOOD, answer, forwarded
from rules import ACCEPT_FIRST, ACCEPT_LAST, DNAT

NETWORK_CONF = "/etc/libvirt/network.conf"
OWN_TABLE = (
    "add table ip own; add chain ip own early { type filter hook forward priority -10; }; "
    "add chain ip own late { type filter hook forward priority 10; }; "
    "add rule ip own early ct status dnat accept; add rule ip own late ct status dnat accept"
)
OWN_RULE = "insert rule ip libvirt_network guest_input ct status dnat accept"

needs_nftables_backend = pytest.mark.skipif(
    runs.SUITE == "bookworm", reason="libvirt 9.0 has no nftables backend (it came with 10.4)"
)


@pytest.fixture(scope="class")
def nftables_backend(nat_host):
    """libvirt guards its network with nftables."""
    nat_host.run_expect([0], f"cp {NETWORK_CONF} /root/ && echo 'firewall_backend = \"nftables\"' >> {NETWORK_CONF}")
    runs.restart_libvirt(nat_host)
    yield
    nat_host.run_expect([0], f"cp /root/network.conf {NETWORK_CONF}")
    runs.restart_libvirt(nat_host)


@pytest.fixture(scope="class")
def legacy_alternative(nat_host):
    """libvirt's rules are in the tables of iptables-nft, and the host's command has become iptables-legacy."""
    nat_host.run_expect([0], "update-alternatives --set iptables /usr/sbin/iptables-legacy")
    yield
    nat_host.run_expect([0], "update-alternatives --auto iptables")


@pytest.mark.usefixtures("without_role")
class TestWhatPeopleTryFirst:
    """Without the role."""

    def test_dnat_alone_works_where_libvirt_has_no_rules(self, client, nat_host):
        with rules.no_jumps_to_libvirt(nat_host), rules.rules(nat_host, DNAT):
            assert answer(client) == GOOD["tcp 4443"]

    def test_dnat_alone_is_refused_by_libvirt(self, client, nat_host):
        with rules.rules(nat_host, DNAT):
            assert answer(client) == "refused"

    def test_accept_below_libvirt_is_refused(self, client, nat_host):
        with rules.rules(nat_host, DNAT, ACCEPT_LAST):
            assert answer(client) == "refused"

    def test_accept_above_libvirt_works_until_libvirt_comes_on_top(self, client, nat_host):
        with rules.rules(nat_host, DNAT, ACCEPT_FIRST):
            assert answer(client) == GOOD["tcp 4443"]
            rules.insert_libvirt_on_top(nat_host)
            assert answer(client) == "refused"

    def test_policy_drop_without_a_rule_for_replies_times_out(self, client, nat_host):
        """Docker's policy, where libvirt does not accept the replies."""
        with rules.no_jumps_to_libvirt(nat_host), rules.policy_drop(nat_host), rules.rules(
            nat_host, DNAT, ACCEPT_FIRST
        ):
            assert answer(client, seconds=2) == "timeout"

    @pytest.mark.usefixtures("legacy_alternative")
    def test_accept_in_the_other_variants_tables_is_refused(self, client, nat_host):
        with rules.rules(nat_host, DNAT, ACCEPT_FIRST, command="iptables-legacy"):
            assert answer(client) == "refused"


@needs_nftables_backend
@pytest.mark.usefixtures("without_role", "nftables_backend")
class TestWhatPeopleTryFirstWithNftables:
    """Without the role, libvirt with its nftables backend."""

    def test_accept_on_top_of_iptables_is_refused(self, client, nat_host):
        with rules.rules(nat_host, DNAT, ACCEPT_FIRST):
            assert answer(client) == "refused"

    def test_accept_in_an_own_table_is_refused_before_and_after_libvirts(self, client, nat_host):
        with rules.rules(nat_host, DNAT), rules.nft_rules(nat_host, OWN_TABLE, "nft delete table ip own"):
            assert answer(client) == "refused"

    def test_policy_drop_without_a_rule_for_replies_times_out(self, client, nat_host):
        """libvirt accepts the replies, but in its own table only."""
        inside = "insert rule ip libvirt_network forward ct status dnat accept"
        inside = rules.nft_rules(nat_host, inside, "nft flush chain ip libvirt_network forward")
        with rules.policy_drop(nat_host), rules.rules(nat_host, DNAT, ACCEPT_FIRST), inside:
            assert answer(client, seconds=2) == "timeout"
        nat_host.run_expect([0], "nft delete table ip libvirt_network")
        runs.restart_libvirt(nat_host)

    def test_accept_among_libvirts_rules_works_until_libvirt_restarts(self, client, nat_host):
        flush = "nft flush chain ip libvirt_network guest_input"
        with rules.rules(nat_host, DNAT), rules.nft_rules(nat_host, OWN_RULE, flush):
            assert answer(client) == GOOD["tcp 4443"]
            runs.restart_libvirt(nat_host)
            assert answer(client) == "refused"


@pytest.mark.usefixtures("with_role")
class TestWithTheRole:
    """libvirt guards its network with iptables."""

    def test_forwards_work_beside_libvirts_rules(self, client):
        assert forwarded(client) == GOOD

    def test_after_a_restart_of_libvirtd(self, client, nat_host):
        runs.restart_libvirt(nat_host)
        assert forwarded(client) == GOOD

    def test_after_a_restart_of_the_network(self, client, nat_host):
        runs.restart_network(nat_host)
        assert forwarded(client) == GOOD

    def test_after_a_reboot(self, client, nat_host):
        runs.reboot(nat_host)
        assert forwarded(client) == GOOD

    def test_libvirt_on_top_is_put_right(self, client, nat_host):
        rules.insert_libvirt_on_top(nat_host)
        assert answer(client) == "refused"
        runs.put_back(nat_host)
        assert forwarded(client) == GOOD

    def test_libvirt_on_top_is_put_right_by_a_restart_of_the_network(self, client, nat_host):
        rules.insert_libvirt_on_top(nat_host)
        assert answer(client) == "refused"
        runs.restart_network(nat_host)
        assert forwarded(client) == GOOD

    def test_under_policy_drop_replies_come_back(self, client, nat_host):
        with rules.no_jumps_to_libvirt(nat_host), rules.policy_drop(nat_host):
            assert forwarded(client) == GOOD

    def test_after_all_rules_were_flushed_and_libvirtd_restarted(self, client, nat_host):
        """libvirt inserts its jumps some time after systemd calls it started, and calls no hook."""
        for table in ("nat", "filter"):
            nat_host.run_expect([0], f"iptables -w -t {table} -F && iptables -w -t {table} -X")
        assert answer(client) == "refused"
        runs.restart_libvirt(nat_host)
        assert "-A FORWARD -j LIBVIRT_FWI" in rules.saved(nat_host)
        assert forwarded(client) == GOOD

    def test_after_nftables_service_flushed_everybodys_rules(self, client, nat_host):
        """Debian's nftables.conf begins with "flush ruleset". libvirt notices nothing until it restarts."""
        nat_host.run_expect([0], "systemctl restart nftables.service")
        runs.settle(nat_host)
        assert "-A FORWARD -j LIBVIRT_FWI" not in rules.saved(nat_host)
        assert forwarded(client) == GOOD
        # A reload flushes, too, and starts nothing by itself.
        nat_host.run_expect([0], "systemctl reload nftables.service")
        runs.settle(nat_host)
        assert forwarded(client) == GOOD
        # Stopping it flushes once more, and is no start of anything.
        nat_host.run_expect([0], "systemctl stop nftables.service")
        assert answer(client) == "refused"
        runs.restart_libvirt(nat_host)
        assert "-A FORWARD -j LIBVIRT_FWI" in rules.saved(nat_host)
        assert forwarded(client) == GOOD


@needs_nftables_backend
@pytest.mark.usefixtures("nftables_backend")
class TestWithTheRoleAndNftables:
    """libvirt guards its network with nftables; the role ran while it used iptables."""

    def test_backend_that_was_switched_is_noticed_by_itself(self, client):
        assert forwarded(client) == GOOD

    def test_next_run_says_what_was_adapted_and_changes_nothing_more(self, client):
        run = runs.role("-v")
        assert "libvirt_network" in run.output
        assert not run.changed
        assert forwarded(client) == GOOD

    def test_after_a_restart_of_libvirtd(self, client, nat_host):
        runs.restart_libvirt(nat_host)
        assert forwarded(client) == GOOD

    def test_after_a_restart_of_the_network(self, client, nat_host):
        runs.restart_network(nat_host)
        assert forwarded(client) == GOOD

    def test_after_a_reboot(self, client, nat_host):
        runs.reboot(nat_host)
        assert forwarded(client) == GOOD

    def test_jump_below_libvirts_is_put_right(self, client, nat_host):
        table = "nft -a list chain ip libvirt_network forward"
        handle = nat_host.check_output(f"{table} | sed -n 's/.*jump PF-jitsi-FWD.* # handle //p'")
        nat_host.run_expect([0], f"nft delete rule ip libvirt_network forward handle {handle}")
        nat_host.run_expect([0], "nft add rule ip libvirt_network forward jump PF-jitsi-FWD")
        assert answer(client) == "refused"
        runs.put_back(nat_host)
        assert forwarded(client) == GOOD

    def test_absent_takes_everything_out_of_libvirts_table(self, client, nat_host):
        runs.role(nat_host_state="absent")
        assert "PF-" not in nat_host.check_output("nft list ruleset")
        with rules.rules(nat_host, DNAT, ACCEPT_FIRST):
            assert answer(client) == "refused"
        runs.role()
        assert forwarded(client) == GOOD


@pytest.mark.usefixtures("without_role", "legacy_alternative")
class TestWithTheRoleAndTheOtherVariant:
    """libvirt's rules are in the tables of iptables-nft, the host's iptables is iptables-legacy."""

    def test_forwards_work(self, client, nat_host):
        runs.role()
        assert "-j DNAT" in nat_host.check_output("iptables-legacy-save -t nat")
        assert forwarded(client) == GOOD

    def test_after_a_restart_of_libvirtd(self, client, nat_host):
        """libvirt now writes with iptables-legacy too; what it wrote before stays."""
        runs.restart_libvirt(nat_host)
        assert forwarded(client) == GOOD

    def test_absent_leaves_nothing_in_either_variant(self, nat_host):
        runs.role(nat_host_state="absent")
        assert "PF-" not in nat_host.check_output("iptables-legacy-save; iptables-nft-save")


def test_forwards_work_as_before(client, nat_host):
    """The other variant's tables go with a reboot."""
    runs.reboot(nat_host)
    runs.role()
    assert forwarded(client) == GOOD
