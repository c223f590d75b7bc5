"""Only those with an account open rooms; the logins are real prosody's."""

from __future__ import annotations

import json
import os
import re
import subprocess

import pytest
from ways import FILE, TREE, client_configuration, found_in, jicofo, site

pytestmark = pytest.mark.usefixtures("accounts_decide")

ADA = 'pass word #1 "quoted" ä'
#: What the lab's inventory sets in config.js by itself.
ANALYTICS = {"key": "analytics.disabled", "value": True}


def manage(accounts):
    """Call the module alone; return what it said, in one line."""
    options = json.dumps({"host": "jitsi.test", "accounts": accounts})
    words = ["-i", f"{TREE}/inventory/lab", "--become", "-m", "selfhosted.jitsi.prosody_accounts", "-a", options]
    environment = {**os.environ, "ANSIBLE_FORCE_COLOR": "false", "NO_COLOR": "1"}
    command = ["ansible", "jitsi-lab-jitsi", *words, "-vv", "--diff"]
    done = subprocess.run(command, env=environment, cwd=TREE, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return " ".join(done.stdout.split()).replace("[ ", "[").replace(" ]", "]")


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
    assert found_in(jitsi, ADA) == []
    assert jitsi.run(f"runuser -u nobody -- cat {FILE}").rc != 0


def test_another_run_changes_only_what_the_user_sets_over_the_role(internet):
    guests = {"key": "hosts.anonymousdomain", "value": "guests.test"}
    said = site(jitsi_meet_authentication="internal", jitsi_meet_config_js=[ANALYTICS, guests])
    assert re.search(r"jitsi-lab-jitsi +: ok=\d+ +changed=1 ", said), said
    assert 'config.hosts.anonymousdomain = "guests.test";' in client_configuration(internet)


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
