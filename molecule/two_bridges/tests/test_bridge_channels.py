"""The WebSockets between clients and two bridges, as packages before 2.0.11031 have them, through both proxies."""

from __future__ import annotations

import shlex

import pytest
from channels import CHANNELS, FURTHER_ID, ROUTE, answer, greeting, opened
from machines import PROXY_CERTIFICATES, Internet, eventually, machine
from recorded import tables
from test_two_bridges import site

pytestmark = pytest.mark.standin("their bridge has a conference that nobody opened")
FACTS = tables("current")["websockets"]["entries"]
TITLES = [entry["path"] for entry in FACTS]


@pytest.fixture(scope="module")
def internet(proxy):
    """With the proxy's certificates: this scenario deploys it no earlier."""
    code, said = site(limit="jitsi-lab-proxy")
    assert code == 0, said
    client = Internet(machine("internet"))
    client.trust(proxy.check_output(PROXY_CERTIFICATES))
    return client


@pytest.mark.parametrize("role", CHANNELS)
def test_client_on_the_internet_opens_one_at_each_bridge(internet, role):
    name = f"from-the-internet-{role}"
    assert greeting(internet, CHANNELS[role], name) == [101, '{"colibriClass":"ServerHello"}']
    assert [place for place in CHANNELS if opened(machine(place), name)] == [role]


@pytest.mark.parametrize("entry", FACTS, ids=TITLES)
def test_stand_in_answers_what_the_real_bridge_was_recorded_to_answer(jitsi, entry):
    path = entry["path"].replace("{id}", FURTHER_ID)
    status, text = answer(jitsi, f"http://192.168.122.121:9090{path}")
    assert (status, entry["says"] in text) == (entry["status"], True), text


@pytest.mark.parametrize("role", CHANNELS)
def test_bridge_refuses_what_it_does_not_know_through_both_proxies(internet, role):
    place = f"https://jitsi.test/colibri-ws/{CHANNELS[role]}"
    assert answer(internet.place, f"{place}/nowhere/e?pwd=lab")[0] == 403
    assert answer(internet.place, f"{place}/lab/e?pwd=wrong")[0] == 403
    assert answer(internet.place, f"{place}-other/lab/e?pwd=lab")[0] in (200, 404)


def test_way_to_the_further_bridge_is_its_own(internet, jitsi):
    """Without it nginx has a page for everybody, and no WebSocket."""
    jitsi.run_expect([0], f"mv {ROUTE} /root/route && systemctl reload nginx")
    try:
        # nginx goes on with its old workers for a moment.
        assert eventually(lambda: greeting(internet, FURTHER_ID, "without-a-way")[0] != 101)
        assert greeting(internet, CHANNELS["jitsi"], "with-its-way")[0] == 101
    finally:
        jitsi.run_expect([0], f"mv /root/route {ROUTE} && systemctl reload nginx")
    assert eventually(lambda: greeting(internet, FURTHER_ID, "with-it-again")[0] == 101)


def test_port_behind_it_is_open_to_the_jitsi_machine_alone(jitsi, other, nat_host):
    connect = "import socket; socket.create_connection(('192.168.122.121', 9090), 5); print('connected')"
    assert jitsi.check_output(f"python3 -c {shlex.quote(connect)}") == "connected"
    for place in (other, nat_host):
        assert "ConnectionRefusedError" in place.run(f"python3 -c {shlex.quote(connect)}").stderr
