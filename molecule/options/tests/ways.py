"""The ways in which the site lets people open rooms, and what prosody, jicofo and clients make of them."""

from __future__ import annotations

import json
import os
import shlex
from pathlib import Path

from site_runs import LAB, run_playbook

TREE = Path(os.environ["JITSI_TREE"])
SCENARIO = TREE / "molecule" / "options"
FILE = "/etc/prosody/selfhosted-jitsi-authentication.cfg.lua"
#: What prosody calls them.
PROSODY = {"none": "jitsi-anonymous", "internal": "internal_hashed", "jwt": "token"}
#: Where prosody keeps what it knows of people without accounts.
FORGETFUL = "account_activity:none pep:memory pep_data:memory smacks_h:memory"
#: What prosody's own code makes of its files.
EFFECTIVE = """
package.path = "/usr/lib/prosody/?.lua;" .. package.path
package.cpath = "/usr/lib/prosody/?.so;" .. package.cpath
-- Since release 13 the modules call one another by longer names.
table.insert(package.searchers, 2, function(name)
    local short = name:match("^prosody%.(.+)")
    return short and function() return require(short) end
end)
local configuration = require "core.configmanager"
assert(configuration.load("/etc/prosody/prosody.cfg.lua"))
local function say(host, name)
    local value = configuration.get(host, name)
    print(name .. "=" .. (type(value) == "table" and table.concat(value, ",") or tostring(value)))
end
-- Drivers by what they store.
local drivers = {}
for store, driver in pairs(configuration.get("jitsi.test", "storage") or {}) do
    table.insert(drivers, store .. ":" .. driver)
end
table.sort(drivers)
print("storage=" .. table.concat(drivers, " "))
local names = { "authentication", "app_id", "app_secret", "asap_accepted_issuers", "asap_accepted_audiences" }
for _, name in ipairs(names) do
    say("jitsi.test", name)
end
say("conference.jitsi.test", "modules_enabled")
"""


def run(**variables):
    """Run selfhosted.jitsi.site on the Jitsi machine with other variables: its exit code, and all that it said."""
    options = ["--limit", "jitsi-lab-jitsi", "-vvv", "--diff", "--extra-vars", json.dumps(variables)]
    return run_playbook("selfhosted.jitsi.site", [LAB, SCENARIO / "inventory"], *options)


def site(**variables):
    """The same; it has to go well. Return all that it said."""
    code, said = run(**variables)
    assert code == 0, said
    return said


def become(jitsi, way, **variables):
    """Have this way, by a run of the site unless the machine has it already; return what the run said."""
    if effective(jitsi)["authentication"] == PROSODY[way]:
        return ""
    return site(jitsi_meet_authentication=way, **variables)


def effective(jitsi):
    found = jitsi.check_output(f"lua5.4 -e {shlex.quote(EFFECTIVE)}")
    return dict(line.split("=", 1) for line in found.splitlines())


def client_configuration(internet):
    return internet.curl("https://jitsi.test/config.js").body


def jicofo(jitsi, name):
    return (
        jitsi.run(f"hocon -f /etc/jitsi/jicofo/jicofo.conf get jicofo.authentication.{name}").stdout.strip().strip('"')
    )


def found_in(jitsi, text):
    """The files that hold a text; sudo keeps the command line of this search in the journal of the one who runs it."""
    folders = "/etc /usr/share/jitsi-meet /var/cache /var/lib /var/log /tmp /root /home"
    return jitsi.run(f"grep -rlF --exclude='user-*.journal' -e {shlex.quote(text)} {folders}").stdout.split()
