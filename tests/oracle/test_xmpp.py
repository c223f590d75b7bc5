# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""The logins of probe_info at a real prosody, whose component stands for jicofo."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time

import pytest
from ansible_collections.selfhosted.jitsi.plugins.module_utils._shell.probe.run import run_probes

PATH = f"{os.environ['PATH']}:/usr/sbin"
PROGRAM, CONTROL = (shutil.which(name, path=PATH) for name in ("prosody", "prosodyctl"))
NAME, GUESTS = "meet.test", "guest.meet.test"
WAYS = {"websocket": f"wss://{NAME}/xmpp-websocket", "bosh": f"https://{NAME}/http-bind"}
ACCOUNT = {"username": "anna", "password": "s3cret"}
SETTINGS = """
pidfile = "{folder}/prosody.pid"
data_path = "{folder}"
daemonize = false
run_as_root = true
log = {{ info = "*console" }}
plugin_paths = {{ "{folder}" }}
http_ports = {{ }}; https_ports = {{ {port} }}; https_interfaces = {{ "127.0.0.1" }}
c2s_ports = {{ }}; s2s_ports = {{ }}; c2s_direct_tls_ports = {{ }}; s2s_direct_tls_ports = {{ }}
modules_enabled = {{ "saslauth"; "disco"; "http"; "bosh"; "websocket" }}
modules_disabled = {{ "s2s"; "offline"; "posix" }}
consider_bosh_secure = true; consider_websocket_secure = true
ssl = {{ key = "{folder}/site.key"; certificate = "{folder}/site.crt" }}
https_ssl = ssl
VirtualHost "meet.test"
  authentication = "internal_hashed"
VirtualHost "hashed.meet.test"
  authentication = "internal_hashed"
  disable_sasl_mechanisms = {{ "PLAIN" }}
VirtualHost "guest.meet.test"
  authentication = "anonymous"
VirtualHost "nobody.test"
  authentication = "anonymous"
Component "conference.meet.test" "muc"
  muc_room_locking = false
Component "focus.meet.test" "focus_of_test"
"""
FOCUS = """
local st = require "util.stanza";
local namespace = "http://jitsi.org/protocol/focus";
module:hook("iq-set/host/" .. namespace .. ":conference", function(event)
    local room = event.stanza.tags[1].attr.room;
    local presence = st.presence({ from = "focus@focus.meet.test/1", to = room .. "/focus" });
    module:send(presence:tag("x", { xmlns = "http://jabber.org/protocol/muc" }):up());
    local answer = { xmlns = namespace, ready = "true", focusjid = "focus@focus.meet.test" };
    event.origin.send(st.reply(event.stanza):tag("conference", answer));
    return true;
end);
-- Like jicofo, it asks everybody what they can do, and makes its offer once two in a room have answered.
local rooms = {};
module:hook("presence/full", function(event)
    local from, kind = event.stanza.attr.from, event.stanza.attr.type;
    if not kind and not from:match("/focus$") then
        local question = st.iq({ type = "get", id = "what", from = "focus@focus.meet.test/1", to = from });
        module:send(question:tag("query", { xmlns = "http://jabber.org/protocol/disco#info" }));
    end
    return true;
end, 1);
module:hook("iq/full", function(event)
    local from = event.stanza.attr.from;
    if event.stanza.attr.id ~= "what" then return true; end
    local room = from:match("^[^/]+");
    local able = rooms[room] or {};
    rooms[room] = able;
    able[#able + 1] = from;
    if #able == 2 then
        for _, to in ipairs(able) do
            local offer = st.iq({ type = "set", id = "offer", from = "focus@focus.meet.test/1", to = to });
            offer:tag("jingle", { xmlns = "urn:xmpp:jingle:1", action = "session-initiate", sid = "1" });
            offer:tag("content", { name = "audio", senders = "both", creator = "initiator" });
            offer:tag("transport", { xmlns = "urn:xmpp:jingle:transports:ice-udp:1" });
            offer:tag("candidate", { ip = "198.51.100.10", port = "10000", protocol = "udp", type = "srflx" });
            module:send(offer);
        end
    end
    return true;
end, 1);
for _, kind in ipairs { "presence", "message" } do
    for _, form in ipairs { "full", "bare", "host" } do
        module:hook(kind .. "/" .. form, function() return true; end);
    end
end
"""

pytestmark = pytest.mark.skipif(
    not PROGRAM or not CONTROL or not shutil.which("openssl"),
    reason="prosody or openssl is not installed; install prosody and openssl",
)


def is_listening(port):
    with socket.socket() as stream:
        return stream.connect_ex(("127.0.0.1", port)) == 0


@pytest.fixture(scope="module")
def prosody(tmp_path_factory):
    """What every probe of this server says."""
    folder = tmp_path_factory.mktemp("prosody")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", f"/CN={NAME}"]
    command += ["-addext", f"subjectAltName=DNS:{NAME}", "-keyout", folder / "site.key", "-out", folder / "site.crt"]
    subprocess.run(command, check=True, capture_output=True)
    (folder / "mod_focus_of_test.lua").write_text(FOCUS)
    settings = folder / "prosody.cfg.lua"
    settings.write_text(SETTINGS.format(folder=folder, port=port))
    for host in (NAME, "hashed.meet.test"):
        subprocess.run(
            [CONTROL, "--config", settings, "register", ACCOUNT["username"], host, ACCOUNT["password"]],
            check=True,
            capture_output=True,
        )
    with (folder / "log").open("w") as log, subprocess.Popen([PROGRAM, "--config", settings], stdout=log) as server:
        until = time.monotonic() + 20
        while not is_listening(port) and server.poll() is None and time.monotonic() < until:
            time.sleep(0.1)
        assert is_listening(port), (folder / "log").read_text()
        yield {"address": "127.0.0.1", "port": port, "ca": (folder / "site.crt").read_text()}
        server.terminate()


def probe(prosody, way, **change):
    request = {"name": way, "kind": "xmpp", "url": WAYS[way], "domain": NAME, "conference": True, **prosody, **change}
    (row,) = run_probes([request], 5)
    return row["ok"], row["found"]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    ("change", "found"),
    [
        ({"login_domain": GUESTS}, "login as a guest, room with jicofo"),
        (ACCOUNT, "login as anna, room with jicofo"),
        ({**ACCOUNT, "login_domain": "hashed.meet.test"}, "login as anna, room with jicofo"),
        ({**ACCOUNT, "domain": "Meet.Test"}, "login as anna, room with jicofo"),
    ],
)
def test_real_server_lets_the_client_in(prosody, way, change, found):
    assert probe(prosody, way, **change) == (True, found)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(("change", "who"), [({"login_domain": GUESTS}, "a guest"), (ACCOUNT, "anna")])
def test_offer_reaches_both_clients(prosody, way, change, who):
    found = f"login as {who}, room with jicofo, bridge at 198.51.100.10:10000/udp"
    assert probe(prosody, way, **change, bridge=True) == (True, found)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    ("change", "found"),
    [
        ({}, "login: the server offers "),
        ({**ACCOUNT, "password": "wrong"}, "login: not-authorized"),
        ({**ACCOUNT, "password": "wrong", "login_domain": "hashed.meet.test"}, "login: not-authorized"),
        ({**ACCOUNT, "login_domain": GUESTS}, "login: the server offers ANONYMOUS, not PLAIN or SCRAM-SHA-1"),
        ({"login_domain": "else.test"}, "stream: "),
        ({"login_domain": GUESTS, "domain": "nobody.test"}, "room: conference.nobody.test does not exist ("),
    ],
)
def test_real_server_says_why_not(prosody, way, change, found):
    ok, words = probe(prosody, way, **change)
    assert not ok
    assert words.startswith(found)
