"""XMPP logins from the Internet, as a browser makes them."""

from __future__ import annotations

import pytest
from machines import CERTIFICATES, evaluate

URL = "wss://jitsi.test/xmpp-websocket"
LOGIN = """
import base64, json, websocket
trust = {{"ca_certs": {certificates!r}}}
connection = websocket.create_connection({url!r}, subprotocols=["xmpp"], sslopt=trust, timeout=20)
def ask(stanza, *wanted):
    connection.send(stanza)
    while True:
        frame = connection.recv()
        if any(word in frame for word in wanted):
            return frame
opening = '<open xmlns="urn:ietf:params:xml:ns:xmpp-framing" to="{domain}" version="1.0"/>'
features = ask(opening, "features", "error")
text = base64.b64encode({plain!r}.encode()).decode() if {plain!r} else ""
auth = '<auth xmlns="urn:ietf:params:xml:ns:xmpp-sasl" mechanism="{mechanism}">' + text + "</auth>"
answer = ask(auth, "<success", "<failure")
print(json.dumps(["success" if "<success" in answer else answer, features]))
"""


class Logins:
    """Who gets in where: `success`, or what prosody said instead."""

    def __init__(self, place):
        self.place = place

    def anonymous(self, domain):
        return self._login(domain, "ANONYMOUS", "")[0]

    def account(self, name, password, domain="jitsi.test"):
        return self._login(domain, "PLAIN", f"\0{name}\0{password}")[0]

    def _login(self, domain, mechanism, plain):
        known = {"url": URL, "certificates": CERTIFICATES, "domain": domain, "mechanism": mechanism, "plain": plain}
        return evaluate(self.place, LOGIN.format(**known))


@pytest.fixture(scope="session")
def logins(internet):
    return Logins(internet.place)
