"""The machine is like one with Jitsi's real packages: each recorded fact of today's, and nothing else that listens.

The tables are tests/lab/facts/current.yml. What the stand-ins do otherwise on purpose stands in them, with the reason.
"""

from __future__ import annotations

import re
import shlex

import pytest
from machines import eventually, repository
from recorded import (
    NAMES,
    answer,
    group,
    is_set,
    last_start,
    prosody_hosts,
    questions,
    setting,
    sockets,
    titles,
)

SITE = "/etc/prosody/conf.avail/jitsi.test.cfg.lua"
BRIDGE = "/etc/jitsi/videobridge/jvb.conf"
HEALTH = "http://127.0.0.1:8080/about/health"
DATA = "/var/lib/prosody/jitsi.test"
REINSTALL = "DEBIAN_FRONTEND=noninteractive apt-get install --yes --reinstall --allow-change-held-packages"
#: Seconds to the bridge's first check, with some to spare.
FIRST_CHECK = 63
JICOFO_LOG = "/var/log/jitsi/jicofo.log"


def each(name, field=None):
    """Run a test for each entry of a group; those alone that have the field."""
    entries = [entry for entry in group("current", name) if field is None or field in entry]
    return pytest.mark.parametrize("entry", entries, ids=titles)


@pytest.fixture(scope="module")
def hosts(jitsi):
    return prosody_hosts(jitsi, SITE)


@each("accounts")
def test_account(jitsi, entry):
    user = jitsi.user(entry["name"])
    assert (user.group, user.shell, user.home) == (entry["group"], entry["shell"], entry["home"])


@each("files", "mode")
def test_file_has_its_owner_and_mode(jitsi, entry):
    file = jitsi.file(entry["path"])
    assert file.exists
    assert (file.user, file.group) == (entry["owner"], entry["group"])
    assert format(file.mode, "o") in (entry["mode"], entry.get("mode_later"))


@each("files", "target")
def test_link_leads_where_it_should(jitsi, entry):
    assert jitsi.file(entry["path"]).linked_to == entry["target"]


@each("absent")
def test_file_is_not_there(jitsi, entry):
    assert not jitsi.file(entry["path"]).exists


@each("texts", "says")
def test_file_says_it(jitsi, entry):
    assert re.search(entry["says"], jitsi.file(entry["path"]).content_string)


@each("texts", "never")
def test_file_does_not_say_it(jitsi, entry):
    assert not re.search(entry["never"], jitsi.file(entry["path"]).content_string)


def test_questions_of_debconf_are_the_recorded_ones(jitsi):
    wanted = {entry["question"]: (entry["type"], set(entry["owners"])) for entry in group("current", "debconf")}
    found = {name: known for name, known in questions(jitsi).items() if name.startswith(("jitsi", "jicofo"))}
    assert found == wanted


def test_what_listens_is_what_was_recorded(jitsi):
    processors = int(jitsi.check_output("nproc"))
    wanted = {
        (entry["protocol"], entry["place"]): processors if entry["times"] == "processors" else entry["times"]
        for entry in group("current", "sockets")
    }
    assert eventually(lambda: sockets(jitsi) == wanted), sockets(jitsi)


@each("endpoints", "status")
def test_endpoint_answers_so(jitsi, entry):
    status, kind, text = answer(jitsi, entry["url"])
    assert status in (entry["status"], entry.get("status_seen_elsewhere"))
    assert kind.startswith(entry.get("type", ""))
    assert re.search(entry.get("says", ""), text)


def test_jicofo_shows_its_health_to_who_asked_for_it_alone(jitsi):
    """The setting decides whether the page is there."""
    (entry,) = (entry for entry in group("current", "endpoints") if "setting" in entry)
    wanted = entry["with"] if is_set(jitsi, entry["setting"]) else entry["without"]
    status, kind, text = answer(jitsi, entry["url"])
    assert status == wanted["status"]
    assert kind.startswith(wanted.get("type", ""))
    assert re.search(wanted.get("says", ""), text)


@each("settings")
def test_setting(jitsi, entry):
    assert re.fullmatch(entry["like"], setting(jitsi, entry["file"], entry["path"]))


@each("prosody")
def test_option_of_prosody(hosts, entry):
    _kind, options = hosts[entry.get("host", "*")]
    assert re.fullmatch(entry["like"], options.get(entry["option"], ""))


@each("modules")
def test_modules_of_a_host(hosts, entry):
    assert sorted(hosts[entry["host"]][1]["modules_enabled"].split()) == entry["modules"]


def test_components_are_the_recorded_ones(hosts):
    wanted = {entry["host"]: entry["kind"] for entry in group("current", "components") if entry["kind"]}
    found = {name: kind for name, (kind, _options) in hosts.items() if kind not in ("", "host")}
    assert found == wanted


@pytest.mark.standin("Jitsi's own bridge has all its parts")
def test_bridge_is_made_of_jitsis_own_parts(jitsi):
    if why := repository()["bridge_lacks"]:
        pytest.skip(f"today's bridge is a stand-in, for Jitsi's parts of it cannot be had here: {why}")
    assert jitsi.check_output("ps -u jvb -o args= -ww").endswith(" parts.bridge.Main")
    libraries = jitsi.check_output("ls /usr/share/jitsi-videobridge/lib")
    for part in ("ice4j", "jicoco-config", "jicoco-health-checker", "jicoco-jetty", "jicoco-mucclient", "smack-core"):
        assert re.search(f"^{part}-[0-9].*[.]jar$", libraries, re.MULTILINE), part


@each("units")
def test_unit(jitsi, entry):
    shown = jitsi.check_output(f"systemctl show --property {entry['property']} --value {entry['unit']}")
    assert shown == entry["value"]


@each("processes")
def test_process(jitsi, entry):
    assert re.search(entry["says"], jitsi.check_output(f"ps -u {entry['account']} -o args= -ww"))


@each("log", "says")
def test_log_says_it(jitsi, entry):
    assert eventually(lambda: re.search(entry["says"], last_start(jitsi, entry["file"]), re.MULTILINE))


@each("log", "never")
def test_log_does_not_say_it(jitsi, entry):
    assert not re.search(entry["never"], last_start(jitsi, entry["file"]))


def test_jicofo_loses_its_bridges_with_prosody_and_finds_them_again(jitsi):
    before = len(jitsi.check_output(f"cat {JICOFO_LOG}"))
    jitsi.run_expect([0], "systemctl restart prosody")
    tokens = ("Lost a bridge: jvbbrewery@internal.auth.jitsi.test/", "Added new videobridge: Bridge[jid=")

    def has_both():
        later = jitsi.check_output(f"cat {JICOFO_LOG}")[before:]
        return all(token in later for token in tokens) and later.rindex(tokens[0]) < later.rindex(tokens[1])

    assert eventually(has_both, seconds=60)


def test_bridge_is_healthy(jitsi):
    """Until its first check, a minute after its start, it says so whatever is wrong. The next test starts it anew."""
    age = "ps -o etimes= -u jvb"
    assert eventually(lambda: int(jitsi.check_output(age)) > FIRST_CHECK, seconds=FIRST_CHECK + 10)
    assert answer(jitsi, HEALTH)[0] == 200


@pytest.mark.either_release
def test_health_of_the_bridge_is_green_until_its_first_check(jitsi):
    """With its port taken by somebody else; an interval of 12 seconds, for a minute is long."""
    place = (NAMES["address"], 10000)
    squatter = f"import socket, time; s = socket.socket(type=socket.SOCK_DGRAM); s.bind({place}); time.sleep(600)"
    jitsi.run_expect([0], f"systemctl stop jitsi-videobridge2 && cp -a {BRIDGE} /root/jvb.conf")
    jitsi.run_expect([0], f"hocon -f {BRIDGE} set videobridge.health.interval '\"12 seconds\"'")
    jitsi.run_expect([0], f"systemd-run --unit squatter python3 -c {shlex.quote(squatter)}")
    try:
        jitsi.run_expect([0], "systemctl start jitsi-videobridge2")
        assert eventually(lambda: answer(jitsi, HEALTH)[0] != 0)
        assert answer(jitsi, HEALTH)[0] == 200
        assert eventually(lambda: answer(jitsi, HEALTH)[0] == 500)
        assert answer(jitsi, HEALTH)[2] == "Failed to bind single-port"
    finally:
        jitsi.run_expect([0], f"systemctl stop squatter && cp -a /root/jvb.conf {BRIDGE}")
        jitsi.run_expect([0], "systemctl restart jitsi-videobridge2")
    assert eventually(lambda: answer(jitsi, HEALTH)[0] == 200)


@pytest.mark.either_release
def test_package_of_prosody_fails_on_what_an_earlier_certificate_left(jitsi):
    """The .cnf without its .crt: prosodyctl asks about it, and nobody answers."""
    status = "dpkg-query --show --showformat '${db:Status-Status}' jitsi-meet-prosody"
    jitsi.run_expect([0], f"mkdir /root/kept && cp -a {DATA}.* /root/kept && rm {DATA}.crt")
    try:
        done = jitsi.run(f"{REINSTALL} jitsi-meet-prosody < /dev/null")
        assert done.rc != 0
        assert f"{DATA}.cnf exists, do you want to replace it?" in done.stdout + done.stderr
        assert jitsi.check_output(status) == "half-configured"
    finally:
        jitsi.run_expect([0], f"rm -f {DATA}.* && cp -a /root/kept/* /var/lib/prosody && rm -r /root/kept")
        jitsi.run_expect([0], "DEBIAN_FRONTEND=noninteractive dpkg --configure --pending")
    assert jitsi.check_output(status) == "installed"
