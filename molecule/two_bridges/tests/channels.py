"""Clients of the WebSockets between participants and bridges."""

from __future__ import annotations

from machines import CERTIFICATES, evaluate

FURTHER_ID = "jitsi-lab-bridge"
#: The names of the bridges in the URLs, by the machines' roles.
CHANNELS = {"jitsi": "default-id", "bridge": FURTHER_ID}
ROUTE = "/etc/nginx/selfhosted-jitsi-bridge-192.168.122.121.conf"
INCLUDED = "/etc/jitsi/meet/jaas/selfhosted-jitsi.conf"
LOG = "/var/log/jitsi/jvb.log"

GREET = """
import json, websocket
try:
    connection = websocket.create_connection(URL, sslopt={"ca_certs": CERTIFICATES}, timeout=20)
    connection.send(json.dumps({"colibriClass": "ClientHello"}))
    print(json.dumps([connection.status, connection.recv()]))
except websocket.WebSocketBadStatusException as error:
    print(json.dumps([error.status_code, ""]))
"""
ASK = """
import base64, http.client, json, os, ssl, urllib.parse
parts = urllib.parse.urlsplit(URL)
if parts.scheme == "https":
    trusted = ssl.create_default_context(cafile=CERTIFICATES)
    connection = http.client.HTTPSConnection(parts.netloc, timeout=20, context=trusted)
else:
    connection = http.client.HTTPConnection(parts.netloc, timeout=20)
key = base64.b64encode(os.urandom(16)).decode()
headers = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": key}
connection.request("GET", f"{parts.path}?{parts.query}", headers=headers)
answer = connection.getresponse()
print(json.dumps([answer.status, answer.read().decode(errors="replace")]))
"""


def filled_in(program, url):
    return program.replace("URL", repr(url)).replace("CERTIFICATES", repr(CERTIFICATES))


def greeting(internet, server_id, endpoint):
    """Open a WebSocket from the Internet and greet the bridge: the handshake's status and what it said."""
    url = f"wss://jitsi.test/colibri-ws/{server_id}/lab/{endpoint}?pwd=lab"
    return evaluate(internet.place, filled_in(GREET, url))


def answer(place, url):
    """Status and text of what a machine is told that asks for a WebSocket and gets none."""
    return tuple(evaluate(place, filled_in(ASK, url)))


def opened(place, endpoint):
    """Whether a bridge says that it opened a WebSocket of this endpoint."""
    return f"Websocket connected: {endpoint}" in place.check_output(f"cat {LOG}")
