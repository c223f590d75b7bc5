"""Only those with an account open rooms; the logins are real prosody's."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys

import pytest
from ways import FILE, TREE, client_configuration, found_in, jicofo, site

pytestmark = pytest.mark.usefixtures("accounts_decide")

#: Prosody's own preparation of names and passwords, as hexadecimal numbers; a line for each that it is given so.
PREPARE = """
package.cpath = "/usr/lib/prosody/?.so;" .. package.cpath
local prepare = require "util.encodings".stringprep
for line in io.lines() do
    local text = line:gsub("..", function(code) return string.char(tonumber(code, 16)) end)
    for _, way in ipairs { "nodeprep", "saslprep" } do
        local kept = prepare[way](text)
        print(kept and "=" .. kept:gsub(".", function(letter) return ("%02x"):format(letter:byte()) end) or "refused")
    end
end
"""
OURS = """
import sys
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.errors import CoreError
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.prosody import preparation
for text in sys.argv[1:]:
    for way in (preparation.prepared_name, preparation.prepared_password):
        try:
            print("=" + way(text).encode().hex())
        except CoreError:
            print("refused")
"""
WRITTEN = [
    "ada",
    "\u00d6sterr",
    "ju\u0308rgen",
    "\ufb01n",
    "a\u00adb",
    "stra\u00dfe",
    "\u05d0\u05d1",
    "a\u05d0",
    "\u2168",
    "\u00aa",
]
WRITTEN += [
    "a\u00a0b",
    "\u2764\ufe0f",
    "\ue000",
    "\ufffd",
    "\u0627\u0031",
    "I",
    "\u0130",
    "\u03a3",
    "a\U0001f201b",
    "\u32ff",
]
ADA = 'pass word #1 "quoted" ä'
#: What the lab's inventory sets in config.js by itself.
ANALYTICS = {"key": "analytics.disabled", "value": True}


def prepared(texts):
    """What the collection makes of names and passwords, in the form of PREPARE."""
    environment = {**os.environ, "PYTHONPATH": str(TREE.parents[2])}
    command = [sys.executable, "-c", OURS, *texts]
    return subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout.split()


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


def test_names_and_passwords_are_spelt_as_prosody_spells_them(jitsi):
    lines = "\\n".join(text.encode().hex() for text in WRITTEN)
    found = jitsi.check_output(f"printf '{lines}\\n' | lua5.4 -e {shlex.quote(PREPARE)}").split()
    assert found == prepared(WRITTEN)


def test_account_that_goes_is_logged_out(jitsi, logins):
    """Prosody and jicofo would go on with its sessions."""
    since = "systemctl show --property ActiveEnterTimestampMonotonic --value prosody jicofo"
    before = jitsi.check_output(since).split()
    said = site(jitsi_meet_authentication="internal", jitsi_meet_accounts=[{"name": "ada", "state": "absent"}])
    assert "The accounts ada are logged out" in said, said
    assert all(int(now) > int(then) for now, then in zip(jitsi.check_output(since).split(), before))
    assert "not-authorized" in logins.account("ada", "a-new-password")
