"""What a run may not take away: the forwards of another site under the same name, and ports of the host's programs."""

from __future__ import annotations

import pytest
import rules
import runs
from machines import eventually
from packets import answer

pytestmark = pytest.mark.either_release

PORT = 7443
OWN = [{"protocol": "tcp", "port": PORT, "to": "192.168.122.110", "to_port": 4443}]
SHARED = {"nat_host_name": "shared", "nat_host_purpose": "first.test", "nat_host_forwards": OWN}
SECOND = {**SHARED, "nat_host_purpose": "second.test", "nat_host_forwards": []}


@pytest.fixture
def first(nat_host):
    """The forwards of the first of two sites."""
    runs.role(**SHARED)
    yield
    runs.role(**SHARED, nat_host_state="absent")
    assert "PF-shared" not in rules.saved(nat_host)


@pytest.fixture
def listener(nat_host):
    """A program of the host that waits on the port."""
    nat_host.run_expect([0], f"systemd-run --quiet --unit=listens python3 -m http.server {PORT}")
    assert eventually(lambda: f":{PORT}" in nat_host.check_output("ss -Hnlt"))
    yield
    nat_host.run_expect([0], "systemctl stop listens.service")


@pytest.mark.usefixtures("first")
def test_another_site_of_the_same_name_removes_nothing(client, nat_host):
    before = rules.saved(nat_host)
    for options in (["--check"], []):
        run = runs.finish(runs.start(*options, **SECOND))
        assert run.code != 0
        assert "are for 'first.test', and this run is for 'second.test'" in run.said
        assert f"would remove tcp port {PORT} to 192.168.122.110" in run.said
    run = runs.finish(runs.start(**{**SECOND, "nat_host_forwards": OWN}))
    assert run.code != 0
    assert f"would take over tcp port {PORT} to 192.168.122.110" in run.said
    run = runs.role(**SECOND, nat_host_state="absent")
    assert not run.changed
    assert "so none of them is removed" in run.said
    assert rules.saved(nat_host) == before
    assert answer(client, f"tcp {PORT}").startswith("other")


@pytest.mark.usefixtures("first")
def test_a_site_that_is_gone_is_replaced_on_request(nat_host):
    runs.role(**SECOND, nat_host_replaces=["first.test"])
    assert "PF-shared-DNAT" not in rules.saved(nat_host)
    runs.role(**SHARED, nat_host_replaces=["second.test"])


@pytest.mark.usefixtures("listener")
def test_a_port_of_a_program_of_the_host_is_refused(client, nat_host):
    variables = {**SHARED, "nat_host_purpose": ""}
    before = rules.saved(nat_host)
    for options in (["--check"], []):
        run = runs.finish(runs.start(*options, **variables))
        assert run.code != 0
        assert f"a program of this host listens on tcp port {PORT} of every address" in run.said
    assert rules.saved(nat_host) == before
    runs.role(**variables, nat_host_allow_listening=True)
    assert answer(client, f"tcp {PORT}").startswith("other")
    # It works, so nothing more is taken from anybody.
    assert not runs.role(**variables).changed
    runs.role(**variables, nat_host_state="absent")
