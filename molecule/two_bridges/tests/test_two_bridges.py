"""A bridge on a machine of its own, beside the one on the Jitsi machine."""

from __future__ import annotations

import json
import os
import re
import shlex
from pathlib import Path

import pytest
from channels import CHANNELS, FURTHER_ID, INCLUDED, ROUTE, greeting
from check_runs import blamed, check
from machines import CERTIFICATES, Internet, ask_bridge, eventually, machine, repository, unchanged_machines
from site_runs import LAB, changed, run_playbook

TREE = Path(os.environ["JITSI_TREE"])
SCENARIO = TREE / "molecule" / "two_bridges"
LOG = "/var/log/jitsi/jvb.log"
CONFIGURATION = "/etc/jitsi/videobridge/jvb.conf"
CERTIFICATE = "/var/lib/prosody/auth.jitsi.test"
ADDRESSES = {"jitsi": "192.168.122.120", "bridge": "192.168.122.121"}
MAPPING = "Adding a static mapping: StaticMapping(localAddress={}, publicAddress=198.51.100.10"
JOINED = "Joined MUC: jvbbrewery@internal.auth.jitsi.test"
NICKNAME = r"Initializing a new MucClient for .* mucNickname=(\S+)"
#: This scenario is deployed without the proxy. Until a test puts it in front, the check leaves out what it would show.
WITHOUT_PROXY = "localhost:nat_host:jitsi:videobridge:outside"
FURTHER = "jitsi-lab-bridge"
JITSI_AND_FURTHER = "jitsi-lab-jitsi:jitsi-lab-bridge"
TRACES = "'jitsi\\.test|selfhosted|jitsi-videobridge'"
ACCOUNT = "videobridge.apis.xmpp-client.configs.shard"
WRONG_MAPPING = '[{"local-address": "192.168.122.121", "public-address": "198.51.100.99"}]'
APART = "the bridges keep out of each other's way"
UNTRUSTED = "not in the room: it does not trust the certificate of prosody"
#: What a check says of two bridges that do not trust prosody, of which one has moreover what is not its own.
BLAMED = {
    "the bridge is where jicofo looks for it": [UNTRUSTED, "make Java trust the certificate of prosody"],
    "the bridge on jitsi-lab-bridge is where jicofo looks for it": [UNTRUSTED],
    "the bridge on jitsi-lab-bridge maps its address": ["found 192.168.122.121 -> 198.51.100.99"],
    "the bridge on jitsi-lab-bridge listens on udp/10001": ["its files say 10000"],
    APART: ["say another one for each machine"],
}
#: Rows that compare a machine with the inventory, which name the same from another side.
COMPARED = re.compile(r" as wanted$| has read its files$| does its work$|: the certificate lasts$")
PROPERTIES = "/etc/jitsi/videobridge/sip-communicator.properties"
OLD_NAME = "org.jitsi.videobridge.rest.COLIBRI_WS_SERVER_ID"
RULES = "/etc/selfhosted-jitsi/bridges.nft"
KEYTOOL = "keytool -keystore /etc/ssl/certs/java/cacerts -storepass changeit"
#: The first request to jicofo's page times out, the next one is answered.
SLOW_JICOFO = "tcp dport 8888 quota until 180 bytes drop"
SLOW_TABLE = f"'table inet slow {{ chain in {{ type filter hook input priority 0; {SLOW_JICOFO}; }}; }}'"
#: What changes machines in an upgrade: packages, what holds them, prosody, which does not know their new plugins, and
#: jicofo, which restarts behind it.
UPGRADES = {
    "Install the packages",
    "Configure the holds of the packages",
    "Install the version of the Jitsi machine",
    "Configure the hold of the package",
    "Restart services with a changed configuration",
    "Restart prosody",
    "Restart jicofo (stop the old process)",
    "Restart jicofo (start a new process)",
}
SOCKET_ROWS = {role: f"jitsi.test: WebSockets of the bridge on jitsi-lab-{role}" for role in CHANNELS}
LATER = "2.3-310-g4567cdef-1"
CONNECT = "import socket; socket.create_connection(('192.168.122.120', 5222), 5); print('connected')"


@pytest.fixture(scope="session")
def bridge():
    return machine("bridge")


@pytest.fixture(scope="session")
def internet():
    """Without the proxy's certificates, for there is no proxy."""
    return Internet(machine("internet"))


def last_start(place):
    """A bridge's log since it was started last."""
    log = place.check_output(f"cat {LOG}")
    return log[log.rindex("Starting jitsi-videobridge") :]


def nickname(place):
    """The name under which a bridge is in the brewery since its last start, or nothing."""
    log = last_start(place)
    return re.search(NICKNAME, log).group(1) if JOINED in log else ""


def secret(place):
    """The password as the packages' own tool reads it."""
    return place.check_output(f"hocon -f {CONFIGURATION} get videobridge.apis.xmpp-client.configs.shard.PASSWORD")


def version(place):
    return place.check_output("dpkg-query --show --showformat '${Version}' jitsi-videobridge2")


def changed_tasks(said):
    """The names of the tasks and handlers that changed a machine."""
    parts = re.split(r"^(?:TASK|RUNNING HANDLER) \[(?:[\w.]+ : )?(.*)\] \**$", said, flags=re.MULTILINE)
    return {name for name, text in zip(parts[1::2], parts[2::2]) if re.search(r"^changed: ", text, re.MULTILINE)}


def site(*options, limit=FURTHER, playbook="selfhosted.jitsi.site"):
    """Run a playbook on some machines; return its exit code and all that it said."""
    return run_playbook(playbook, [LAB, SCENARIO / "inventory"], "--limit", limit, *options)


def front_is_there():
    """Whether the tests of the WebSockets have put the proxy in front: they need the stand-ins."""
    return machine("internet").file(CERTIFICATES).exists


def watched():
    """What limits a check to the machines that there are."""
    return "--limit", WITHOUT_PROXY + (":reverse_proxy" if front_is_there() else "")


def blamed_bridges(said):
    """What a check blames, without the rows of the web, which this scenario has not."""
    web = ("jitsi.test:", "other.test:")
    return {name: sentence for name, sentence in blamed(said).items() if not name.startswith(web)}


def connects(place):
    """Whether a machine can open a connection to prosody's client port; how it fails otherwise."""
    done = place.run(f"python3 -c {shlex.quote(CONNECT)}")
    return done.stdout.strip() or done.stderr.strip().splitlines()[-1]


@pytest.mark.parametrize(("role", "port"), [("jitsi", 10000), ("bridge", 10001)])
def test_each_bridge_reads_its_own_addresses_and_port(role, port):
    log = last_start(machine(role))
    assert MAPPING.format(ADDRESSES[role]) in log
    assert log.count("Adding a static mapping") == 1
    assert "stunDiscoveryFailed=false" in log
    assert "for StunMappingCandidateHarvester" not in log
    assert f"Initialized SinglePortUdpHarvester with address {ADDRESSES[role]}:{port}/udp" in log


@pytest.mark.standin("their bridge answers participants of no conference, and logs them")
@pytest.mark.parametrize(("role", "port"), [("jitsi", 10000), ("bridge", 10001)])
def test_participant_from_the_internet_reaches_the_bridge_of_its_port(internet, role, port):
    _own, asked = ask_bridge(internet, "jitsi.test", port, *ADDRESSES)
    assert asked == [role]


def test_both_bridges_are_in_the_brewery_under_different_names(jitsi, bridge):
    assert eventually(lambda: nickname(jitsi) and nickname(bridge))
    assert nickname(bridge) == "jitsi-lab-bridge"
    assert nickname(jitsi) != nickname(bridge)
    assert re.search(r"hostname=192\.168\.122\.120 .*Authenticated, resumed=false", last_start(bridge))


def test_both_bridges_have_one_version_and_keep_it(jitsi, bridge):
    assert version(jitsi) == version(bridge)
    assert bridge.check_output("apt-mark showhold") == "jitsi-videobridge2"


@pytest.mark.standin("their repository has several releases")
def test_version_is_that_of_the_release_that_was_asked_for(bridge):
    """The repository has a later one."""
    assert version(bridge) == "2.3-290-g89abcdef-1"


def test_bridge_has_the_heap_of_the_inventory(bridge):
    wanted = "136m" if repository()["stand_ins"] else "3072m"
    assert re.findall(r" -Xmx(\w+)", bridge.check_output("ps --user jvb --format args=")) == [wanted]


def test_further_machine_has_only_the_bridge(bridge):
    for name in ("prosody", "jicofo", "nginx"):
        assert not bridge.package(name).is_installed, name
    assert bridge.service("jitsi-videobridge2").is_enabled
    assert bridge.check_output("systemctl show --property NRestarts --value jitsi-videobridge2") == "0"


def test_strategy_is_in_what_jicofo_reads(jitsi):
    command = "hocon -f /etc/jitsi/jicofo/jicofo.conf get jicofo.bridge.selection-strategy"
    assert jitsi.check_output(command) == "SingleBridgeSelectionStrategy"


def test_prosody_lets_bridges_in_and_nobody_else(bridge, other, jitsi):
    assert connects(bridge) == "connected"
    assert connects(jitsi) == "connected"
    assert connects(other) == "ConnectionRefusedError: [Errno 111] Connection refused"
    assert connects(machine("host")) == "ConnectionRefusedError: [Errno 111] Connection refused"


def test_rules_are_back_when_nftables_has_flushed_all(bridge, other, jitsi):
    for verb in ("start", "reload", "restart", "stop"):
        jitsi.run_expect([0], f"systemctl {verb} nftables")
        assert "refused" in connects(other), verb
        assert connects(bridge) == "connected", verb


def test_prosody_shows_a_certificate_that_the_machine_trusts(bridge):
    ask = "openssl s_client -connect 192.168.122.120:5222 -starttls xmpp -xmpphost auth.jitsi.test -verify_return_error"
    right = bridge.run(f"{ask} -verify_hostname auth.jitsi.test < /dev/null")
    assert right.rc == 0, right.stderr
    assert bridge.run(f"{ask} -verify_hostname elsewhere.test < /dev/null").rc != 0


def test_secret_is_shared_and_kept_from_others(jitsi, bridge):
    assert secret(bridge) == secret(jitsi)
    # sudo keeps the command line of this very search in the journal of the one who runs the tests.
    search = f"grep -rlF --exclude='user-*.journal' {shlex.quote(secret(jitsi))}"
    files = bridge.check_output(f"{search} /etc /usr/local /var/lib /var/log /tmp").split()
    assert files == [CONFIGURATION]
    assert bridge.run(f"runuser -u nobody -- cat {CONFIGURATION}").rc != 0


def test_check_finds_nothing_wrong_with_the_bridges():
    with unchanged_machines("bridge"):
        _code, said = check(*watched())
    assert blamed_bridges(said) == {}
    for row in (
        "jitsi-videobridge2 runs on jitsi-lab-bridge",
        "the bridge on jitsi-lab-bridge listens on udp/10001",
        "the bridge on jitsi-lab-bridge is where jicofo looks for it",
        "the bridge is where jicofo looks for it",
        "the bridges keep out of each other's way",
        "udp/10001: reaches the bridge on jitsi-lab-bridge",
    ):
        assert row in said, said
    assert "not judged" not in said
    assert not changed(said)
    if front_is_there():
        assert not [name for name in blamed(said) if "WebSockets of the bridge" in name], said
        assert all(row in said for row in SOCKET_ROWS.values()), said


def test_check_names_a_bridge_that_is_down_and_a_forward_that_is_gone(bridge, nat_host):
    rules = nat_host.check_output("iptables-save -t nat").splitlines()
    udp = next(rule for rule in rules if rule.startswith("-A PF-jitsi-DNAT") and "--dport 10000" in rule)
    bridge.run_expect([0], "systemctl stop jitsi-videobridge2")
    nat_host.run_expect([0], f"iptables-save -t nat > /root/nat && iptables -t nat {udp.replace('-A', '-D', 1)}")
    try:
        _code, said = check(*watched())
    finally:
        # At its place, too: another order is a difference.
        nat_host.run_expect([0], "iptables-restore --table=nat /root/nat")
        bridge.run_expect([0], "systemctl start jitsi-videobridge2")
    found = blamed_bridges(said)
    assert set(found) == {
        "jitsi-videobridge2 runs on jitsi-lab-bridge",
        "the bridge on jitsi-lab-bridge maps its address",
        "the bridge on jitsi-lab-bridge is where jicofo looks for it",
        "jitsi-videobridge2 on jitsi-lab-bridge does its work",
        "jitsi-lab-host has the forwards of the inventory",
        "jitsi-lab-host sends udp/10000 to 192.168.122.120",
        "udp/10000: reaches the bridge",
    }
    assert "It forwards the UDP port on the host" in found["udp/10000: reaches the bridge"]
    if front_is_there():
        row = blamed(said)[SOCKET_ROWS["bridge"]]
        assert "expected 403, found 502" in row
        assert SOCKET_ROWS["jitsi"] not in blamed(said)


@pytest.mark.standin("the words of their bridge about certificates")
def test_check_names_what_is_wrong_and_a_run_mends_it_without_showing_the_secret(jitsi, bridge):
    """Prosody shows another certificate; the further bridge has another address, port, name and secret."""
    shared, lost = secret(jitsi), "not-the-secret"
    name = jitsi.check_output(f"hocon -f {CONFIGURATION} get {ACCOUNT}.MUC_NICKNAME").strip('"')
    new = (
        "openssl req -x509 -newkey rsa:2048 -nodes -days 99 -subj /CN=auth.jitsi.test"
        f" -addext subjectAltName=DNS:auth.jitsi.test -keyout {CERTIFICATE}.key -out {CERTIFICATE}.crt"
    )
    jitsi.run_expect([0], f"{new} && chown prosody:prosody {CERTIFICATE}.key && systemctl restart prosody")
    for key, value in {
        "ice4j.harvest.mapping.static-mappings": WRONG_MAPPING,
        "videobridge.ice.udp.port": "10000",
        f"{ACCOUNT}.MUC_NICKNAME": name,
        f"{ACCOUNT}.PASSWORD": lost,
    }.items():
        bridge.run_expect([0], f"hocon -f {CONFIGURATION} set {key} {shlex.quote(value)}")
    bridge.run_expect([0], "systemctl restart jitsi-videobridge2")
    refused = "SSLHandshakeException: (certificate_unknown) PKIX path"
    # Before its restart it was in the brewery, and is refused there, too.
    assert eventually(lambda: refused in last_start(bridge) and not nickname(bridge) and refused in last_start(jitsi))
    found = blamed_bridges(check(*watched())[1])
    assert {row: [word for word in words if word not in found.get(row, "")] for row, words in BLAMED.items()} == {
        row: [] for row in BLAMED
    }
    compared = {row for row in found if COMPARED.search(row)}
    assert set(found) - compared == set(BLAMED)
    parts = ("jvb.conf", "password")
    assert {f"jitsi-lab-bridge has the bridge's {part} as wanted" for part in parts} <= compared, compared
    assert f"jitsi-lab-jitsi and jitsi-lab-bridge both claim the name {name} in jvbbrewery@" in found[APART]
    jitsi.run_expect([0], f"nft {SLOW_TABLE}")
    # As a run leaves it that was cut off between the file of another port and its rules.
    jitsi.run_expect([0], f"sed 's/dport 5222/dport 5333/' {RULES} | nft --file -")
    code, said = site("-vvv", "--diff", limit=JITSI_AND_FURTHER)
    assert "refused" in connects(machine("other"))
    jitsi.run_expect([0], "nft delete table inet slow")
    assert code == 0, said
    assert "jicofo runs, but" not in said
    assert shared not in said
    assert lost not in said
    for place in (jitsi, bridge):
        assert eventually(lambda place=place: nickname(place)), last_start(place)
    assert MAPPING.format(ADDRESSES["bridge"]) in last_start(bridge)


@pytest.mark.standin("their repository has several releases")
def test_upgrade_takes_further_bridges_along_and_leaves_prosody_closed(internet, bridge, other, jitsi):
    """It changes the packages alone: what the run before mended is as the role wants it."""
    code, said = site("--extra-vars=jitsi_meet_version=", limit=JITSI_AND_FURTHER, playbook="selfhosted.jitsi.upgrade")
    assert code == 0, said
    assert changed_tasks(said) - UPGRADES == set(), said
    assert version(jitsi) == version(bridge) == LATER
    assert bridge.check_output("apt-mark showhold") == "jitsi-videobridge2"
    assert "refused" in connects(other)
    assert connects(bridge) == "connected"
    assert eventually(lambda: nickname(bridge)), last_start(bridge)
    # jvb.conf is left alone, and with it the WebSockets.
    for server_id in CHANNELS.values():
        assert greeting(internet, server_id, "upgraded")[0] == 101


def test_bridge_cannot_write_directives_of_nginx(jitsi, bridge):
    """Whoever breaks into a bridge can write its files, and the Jitsi machine's nginx would take the name from them."""
    name = r"x/ { return 204; }\nlocation = /config.js { return 204; }\nlocation ^~ /y"
    before = jitsi.check_output(f"cat {ROUTE}")
    bridge.run_expect([0], f"touch {PROPERTIES} && cp -a {PROPERTIES} /root/properties")
    bridge.run_expect([0], f"printf '%s\\n' {shlex.quote(f'{OLD_NAME}={name}')} >> {PROPERTIES}")
    try:
        code, said = site("--extra-vars=jitsi_meet_version=", limit=JITSI_AND_FURTHER)
    finally:
        bridge.run_expect([0], f"mv /root/properties {PROPERTIES} && systemctl restart jitsi-videobridge2")
    assert code != 0
    assert "cannot be part of a URL" in said, said
    assert jitsi.check_output(f"cat {ROUTE}") == before
    assert eventually(lambda: nickname(bridge)), last_start(bridge)


@pytest.mark.standin("their bridge has a conference that nobody opened")
def test_websockets_that_are_switched_off_leave_no_way_to_the_bridge(internet, jitsi, bridge):
    off = {"videobridge_hocon": [{"key": "videobridge.websockets.enabled", "value": False}], "jitsi_meet_version": ""}
    announced = changed_tasks(site("--check", "--extra-vars", json.dumps(off))[1])
    code, said = site("--extra-vars", json.dumps(off))
    assert code == 0, said
    assert "Remove the file" in announced
    # What a check has not written owes no restart.
    assert changed_tasks(said) - announced == {"Restart the videobridge if its files are newer"}, said
    assert not jitsi.file(ROUTE).exists
    assert not bridge.file("/etc/systemd/system/selfhosted-jitsi-bridges.service").exists
    assert eventually(lambda: greeting(internet, FURTHER_ID, "switched-off")[0] != 101)
    assert greeting(internet, CHANNELS["jitsi"], "still-on")[0] == 101
    assert eventually(lambda: nickname(bridge)), last_start(bridge)


def test_bridge_goes_without_a_trace(jitsi, bridge):
    code, said = site("--extra-vars", "uninstall=jitsi.test", playbook="selfhosted.jitsi.uninstall")
    assert code == 0, said
    before = (Path(os.environ["JITSI_LAB_STATE"]) / "jitsi-lab-bridge.before").read_text()
    assert "/etc/hostname" in before
    places = "/etc /usr/local /var/lib/dpkg/info /var/cache/debconf/config.dat"
    left = bridge.run(f"grep -rlE --exclude=*- {TRACES} {places}").stdout.split()
    # What the machine was made with names the lab.
    assert [path for path in left if f"{path} " not in before] == []
    assert bridge.run("find /etc /usr/local /var/log /run/systemd -name '*jitsi*' -o -name '*jvb*'").stdout == ""
    assert not bridge.package("jitsi-videobridge2").is_installed
    assert bridge.package("ca-certificates-java").is_installed
    assert "auth.jitsi.test" not in bridge.check_output(f"{KEYTOOL} -list").lower()
    ask = "openssl s_client -connect 192.168.122.120:5222 -starttls xmpp -xmpphost auth.jitsi.test -verify_return_error"
    assert bridge.run(f"{ask} < /dev/null").rc != 0
    kept = bridge.check_output("ls /var/backups/jitsi-meet").split()
    assert len(kept) == 1
    archive = f"/var/backups/jitsi-meet/{kept[0]}"
    assert "etc/jitsi/videobridge/jvb.conf" in bridge.check_output(f"tar --list --file {archive}")
    assert bridge.run("runuser -u nobody -- ls /var/backups/jitsi-meet").rc != 0
    assert jitsi.service("jitsi-videobridge2").is_running


def test_site_without_it_has_no_forward_and_no_way_in_for_it(jitsi, bridge, nat_host):
    assert "--dport 10001" in nat_host.check_output("iptables-save")
    # By now the packages are later ones than the inventory asks for.
    absent = ("--extra-vars", "videobridge_state=absent jitsi_meet_version=")
    everywhere = "nat_host:jitsi:videobridge"
    code, said = site(*absent, limit=everywhere)
    assert code == 0, said
    assert re.search(r"jitsi-lab-bridge +: ok=\d+ +changed=0 ", said), said
    assert "--dport 10001" not in nat_host.check_output("iptables-save")
    assert "--dport 10000" in nat_host.check_output("iptables-save")
    assert not jitsi.file("/etc/systemd/system/selfhosted-jitsi-bridges.service").exists
    assert not jitsi.file(ROUTE).exists
    assert not jitsi.file(INCLUDED).exists
    assert "selfhosted_jitsi" not in jitsi.check_output("nft list tables")
    assert eventually(lambda: nickname(jitsi))
