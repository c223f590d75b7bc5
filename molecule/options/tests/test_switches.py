"""From one way to open rooms to another on a machine that is installed, and back to none."""

from __future__ import annotations

from check_runs import check
from machines import eventually
from site_runs import changed, in_one_line
from tokens import SECRET, claims, token
from ways import FILE, FORGETFUL, become, client_configuration, effective, found_in, jicofo, run, site

DROP_IN = "/etc/systemd/system/coturn.service.d"
NONE = {
    "authentication": "jitsi-anonymous",
    "app_id": "nil",
    "app_secret": "nil",
    "asap_accepted_issuers": "nil",
    "asap_accepted_audiences": "nil",
    "modules_enabled": "",
    "storage": FORGETFUL,
}


def left(jitsi):
    """What is there of tokens and accounts."""
    installed = jitsi.run("dpkg-query --show --showformat='${db:Status-Status}' jitsi-meet-tokens").stdout
    answers = jitsi.run("debconf-show jitsi-meet-tokens").stdout
    return [installed.replace("not-installed", ""), answers, *found_in(jitsi, SECRET)]


def test_accounts_leave_nothing_of_tokens(jitsi):
    become(jitsi, "internal")
    assert left(jitsi) == ["", ""]
    assert effective(jitsi) == {**NONE, "authentication": "internal_hashed", "storage": ""}


def test_going_back_leaves_nothing(jitsi, internet, logins):
    site(jitsi_meet_authentication="none", jitsi_meet_coturn=False)
    assert not jitsi.file(FILE).exists
    assert "selfhosted" not in jitsi.check_output("cat /etc/prosody/prosody.cfg.lua")
    assert effective(jitsi) == NONE
    assert eventually(lambda: logins.anonymous("jitsi.test") == "success")
    assert "anonymousdomain = " not in client_configuration(internet)
    assert jicofo(jitsi, "enabled") == ""
    assert not jitsi.socket("udp://192.168.122.120:3478").is_listening
    assert not jitsi.file("/etc/selfhosted-jitsi/private/turn-secret").exists
    # Whoever starts it again gets what its package says.
    assert "selfhosted" not in jitsi.check_output("systemctl show --property ExecStart coturn")


def test_coturn_that_somebody_configures_is_theirs(jitsi):
    """The package is still there, with its own file. Somebody else makes use of it."""
    configure = "echo realm=phones.test >> /etc/turnserver.conf && systemctl enable --now coturn"
    jitsi.run_expect([0], configure)
    code, said = in_one_line(run(jitsi_meet_authentication="none", jitsi_meet_coturn=True))
    assert code != 0
    assert "jitsi-lab-jitsi has a coturn that this role did not configure: /etc/turnserver.conf. Set" in said, said
    assert not changed(said)
    site(jitsi_meet_authentication="none", jitsi_meet_coturn=False)
    assert jitsi.service("coturn").is_running
    assert jitsi.service("coturn").is_enabled
    _code, said = check("--extra-vars", '{"jitsi_meet_authentication": "none", "jitsi_meet_coturn": false}')
    assert "no TURN server of its own | not installed" in said, said


def test_tokens_come_to_an_installed_machine(jitsi, logins, focus):
    """And what is left of a run that was cut off before it had coturn is taken away."""
    jitsi.run_expect([0], "DEBIAN_FRONTEND=noninteractive apt-get --quiet=2 --assume-yes purge coturn")
    jitsi.run_expect([0], f"mkdir --parents {DROP_IN} && touch {DROP_IN}/selfhosted-jitsi.conf")
    said = site(jitsi_meet_authentication="jwt", jitsi_meet_coturn=False)
    assert SECRET not in said
    assert not jitsi.file(f"{DROP_IN}/selfhosted-jitsi.conf").exists
    assert found_in(jitsi, SECRET) == [FILE]
    tokens = {"good": token(SECRET, claims()), "bad": token("another", claims()), "none": None}
    answers = logins.visits(tokens, focus)
    assert answers["good"] == ["success", "joined"]
    assert "Invalid signature" in answers["bad"][0]
    assert "token required" in answers["none"][0]


def test_rooms_that_any_token_would_open_are_refused(jitsi):
    """Where somebody has changed the line, Jitsi's package leaves it, and says nothing."""
    package_file = "/etc/prosody/conf.avail/jitsi.test.cfg.lua"
    jitsi.check_output(f"sed -i 's/^ *\"token_verification\"/--&/' {package_file}")
    code, said = run(jitsi_meet_authentication="jwt", jitsi_meet_coturn=False)
    assert code != 0
    assert "do not verify tokens" in said
    assert f'In {package_file}, Component "conference.jitsi.test"' in said.replace('\\"', '"')
    assert SECRET not in said


def test_and_go_again(jitsi, logins):
    site(jitsi_meet_authentication="none", jitsi_meet_coturn=False)
    assert left(jitsi) == ["", ""]
    assert effective(jitsi) == NONE
    assert eventually(lambda: logins.anonymous("jitsi.test") == "success")


def test_visitor_leaves_nothing_on_the_disk(jitsi, logins):
    """Not even one whose connection broke before prosody is restarted, and who could have come back."""
    find = "find /var/lib/prosody/jitsi%2etest -type f ! -name 'cron.dat*' | sort"
    before = jitsi.check_output(find)
    assert logins.vanish() == "may come back"
    jitsi.check_output("systemctl restart prosody")
    assert jitsi.check_output(find) == before
