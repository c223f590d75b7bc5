"""Only those with an account open rooms; the logins are real prosody's."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
from pathlib import Path

import pytest
from machines import eventually

TREE = Path(os.environ["JITSI_TREE"])
SCENARIO = TREE / "molecule" / "options"
FILE = "/etc/prosody/selfhosted-jitsi-authentication.cfg.lua"
ADA = 'pass word #1 "quoted" ä'
#: What prosody's own code makes of its files.
EFFECTIVE = """
package.path = "/usr/lib/prosody/?.lua;" .. package.path
package.cpath = "/usr/lib/prosody/?.so;" .. package.cpath
local configuration = require "core.configmanager"
assert(configuration.load("/etc/prosody/prosody.cfg.lua"))
local function said(value)
    if type(value) ~= "table" then return tostring(value) end
    return table.concat(value, ",")
end
local names = { "authentication", "app_id", "app_secret", "asap_accepted_issuers", "asap_accepted_audiences" }
for _, name in ipairs(names) do
    print(name .. "=" .. said(configuration.get("jitsi.test", name)))
end
"""


def site(**variables):
    """Run selfhosted.jitsi.site on the Jitsi machine with other variables; return all that it said."""
    environment = {**os.environ, "ANSIBLE_FORCE_COLOR": "false", "NO_COLOR": "1"}
    inventories = [f"--inventory={TREE}/inventory/lab", f"--inventory={SCENARIO}/inventory"]
    options = ["--limit", "jitsi-lab-jitsi", "-vvv", "--diff", "--extra-vars", json.dumps(variables)]
    command = ["ansible-playbook", *inventories, "selfhosted.jitsi.site", *options]
    done = subprocess.run(command, env=environment, cwd=TREE, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def manage(accounts):
    """Call the module alone; return what it said, in one line."""
    options = json.dumps({"host": "jitsi.test", "accounts": accounts})
    words = ["-i", f"{TREE}/inventory/lab", "--become", "-m", "selfhosted.jitsi.prosody_accounts", "-a", options]
    environment = {**os.environ, "ANSIBLE_FORCE_COLOR": "false", "NO_COLOR": "1"}
    command = ["ansible", "jitsi-lab-jitsi", *words, "-vv", "--diff"]
    done = subprocess.run(command, env=environment, cwd=TREE, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return " ".join(done.stdout.split()).replace("[ ", "[").replace(" ]", "]")


def effective(jitsi):
    found = jitsi.check_output(f"lua5.4 -e {shlex.quote(EFFECTIVE)}")
    return dict(line.split("=", 1) for line in found.splitlines())


def client_configuration(internet):
    return internet.curl("https://jitsi.test/config.js").body


def jicofo(jitsi, name):
    return (
        jitsi.run(f"hocon -f /etc/jitsi/jicofo/jicofo.conf get jicofo.authentication.{name}").stdout.strip().strip('"')
    )


@pytest.mark.parametrize(("name", "password"), [("ada", ADA), ("grace", "another-one")])
def test_account_logs_in_with_its_password_alone(logins, name, password):
    assert logins.account(name, password) == "success"
    assert "not-authorized" in logins.account(name, password + "x")


def test_nobody_without_an_account_is_let_into_the_host(logins):
    assert "invalid-mechanism" in logins.anonymous("jitsi.test")
    assert "not-authorized" in logins.account("mallory", "another-one")


def test_guests_are_let_into_theirs(logins):
    assert logins.anonymous("guest.jitsi.test") == "success"


def test_bridge_still_logs_in_to_its_own_host(jitsi):
    log = jitsi.check_output("cat /var/log/jitsi/jvb.log")
    assert "Joined MUC" in log[log.rindex("Starting jitsi-videobridge") :]


def test_clients_and_jicofo_are_told(internet, jitsi):
    assert 'config.hosts.anonymousdomain = "guest.jitsi.test";' in client_configuration(internet)
    assert (jicofo(jitsi, "enabled"), jicofo(jitsi, "type"), jicofo(jitsi, "login-url")) == (
        "true",
        "XMPP",
        "jitsi.test",
    )


def test_passwords_are_kept_nowhere_and_files_from_others(jitsi):
    # sudo keeps the command line of this very search in the journal of the one who runs the tests.
    search = f"grep -rlF --exclude='user-*.journal' {shlex.quote(ADA)} /etc /var/lib /var/log /tmp"
    assert jitsi.run(search).stdout == ""
    assert jitsi.run(f"runuser -u nobody -- cat {FILE}").rc != 0


def test_changed_password_and_removed_account(logins):
    accounts = [{"name": "ada", "password": "a-new-password"}, {"name": "grace", "state": "absent"}]
    first, second = manage(accounts), manage(accounts)
    assert '"updated": ["ada"]' in first
    assert '"removed": ["grace"]' in first
    assert "CHANGED" in first
    assert "SUCCESS" in second
    assert "a-new-password" not in first + second
    assert logins.account("ada", "a-new-password") == "success"
    assert "not-authorized" in logins.account("ada", ADA)
    assert "not-authorized" in logins.account("grace", "another-one")


def test_tokens_are_what_prosody_is_told_to_judge(jitsi, internet, logins):
    """The plugin is Jitsi's own and not in the lab: only what prosody makes of its files can be seen."""
    secret = "a-secret_of.20+chars"
    given = {"app_id": "rooms", "app_secret": secret, "issuers": ["portal", "*"], "audiences": ["jitsi"]}
    said = site(jitsi_meet_authentication="jwt", **{f"jitsi_meet_jwt_{name}": value for name, value in given.items()})
    assert secret not in said
    assert effective(jitsi) == {
        "authentication": "token",
        "app_id": "rooms",
        "app_secret": secret,
        "asap_accepted_issuers": "portal,*",
        "asap_accepted_audiences": "jitsi",
    }
    assert jitsi.file(FILE).mode == 0o640
    assert "anonymousdomain = " not in client_configuration(internet)
    assert jicofo(jitsi, "enabled") == ""
    assert logins.anonymous("jitsi.test") != "success"


def test_going_back_leaves_nothing(jitsi, internet, logins):
    site(jitsi_meet_authentication="none", jitsi_meet_coturn=False)
    assert not jitsi.file(FILE).exists
    assert "selfhosted" not in jitsi.check_output("cat /etc/prosody/prosody.cfg.lua")
    assert effective(jitsi)["authentication"] == "anonymous"
    assert eventually(lambda: logins.anonymous("jitsi.test") == "success")
    assert "anonymousdomain = " not in client_configuration(internet)
    assert jicofo(jitsi, "enabled") == ""
    assert not jitsi.socket("udp://192.168.122.120:3478").is_listening
    assert not jitsi.file("/etc/selfhosted-jitsi/private/turn-secret").exists
