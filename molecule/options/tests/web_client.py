"""An XMPP client as lib-jitsi-meet is one. Its text runs on the lab's Internet, whose Python knows WebSockets."""

from __future__ import annotations

import base64
import ssl
import urllib.parse
import urllib.request

import websocket

OPEN = '<open xmlns="urn:ietf:params:xml:ns:xmpp-framing" to="{domain}" version="1.0"/>'
AUTH = '<auth xmlns="urn:ietf:params:xml:ns:xmpp-sasl" mechanism="{mechanism}">{text}</auth>'
BIND = '<iq xmlns="jabber:client" type="set" id="bind"><bind xmlns="urn:ietf:params:xml:ns:xmpp-bind"/></iq>'
ENABLE = '<enable xmlns="urn:xmpp:sm:3" resume="true"/>'
JOIN = '<presence xmlns="jabber:client" to="{place}"><x xmlns="http://jabber.org/protocol/muc"/></presence>'
BODY = '<body xmlns="http://jabber.org/protocol/httpbind" rid="{rid}" {words}>{content}</body>'
BEGIN = 'to="{domain}" wait="5" hold="1" ver="1.6" xmpp:version="1.0" xmlns:xmpp="urn:xmpp:xbosh" xml:lang="en"'


def query(token):
    return "" if token is None else "?" + urllib.parse.urlencode({"token": token})


def auth(mechanism, plain):
    return AUTH.format(mechanism=mechanism, text=base64.b64encode(plain.encode()).decode())


def verdict(answer):
    """`success`, or all that prosody said."""
    return "success" if "<success" in answer else answer


class Session:
    """One connection over a WebSocket."""

    def __init__(self, url, certificates, domain, token=None):
        trust = {"ca_certs": certificates}
        self.socket = websocket.create_connection(url + query(token), subprotocols=["xmpp"], sslopt=trust, timeout=20)
        self.opening = OPEN.format(domain=domain)

    def ask(self, stanza, *wanted):
        self.socket.send(stanza)
        while True:
            frame = self.socket.recv()
            if any(word in frame for word in wanted):
                return frame

    def login(self, mechanism="ANONYMOUS", plain=""):
        opened = self.ask(self.opening, "<stream:features", "<stream:error")
        if "<stream:error" in opened:
            return opened
        return verdict(self.ask(auth(mechanism, plain), "<success", "<failure"))

    def bind(self):
        self.ask(self.opening, "<stream:features")
        self.ask(BIND, "<jid>")

    def join(self, room, nick):
        self.bind()
        answer = self.ask(JOIN.format(place=f"{room}/{nick}"), "code='110'", "type='error'")
        return "joined" if "code='110'" in answer else answer


def login(url, certificates, domain, mechanism, plain):
    return Session(url, certificates, domain).login(mechanism, plain)


def vanish(url, certificates, domain):
    """Ask for the right to come back, and break the connection without a word."""
    guest = Session(url, certificates, domain)
    assert guest.login() == "success"
    guest.bind()
    answer = guest.ask(ENABLE, "<enabled", "<failed")
    guest.socket.shutdown()
    return "may come back" if "<enabled" in answer and "id=" in answer else answer


def visits(url, certificates, domain, tokens, focus, room):
    """Have jicofo's user open a room, and a visitor come with each token: what the login said to each, and the room."""
    address = f"{room}@conference.{domain}"
    opener = Session(url, certificates, f"auth.{domain}")
    said = {"focus": [opener.login("PLAIN", f"\0focus\0{focus}"), opener.join(address, "focus")]}
    for name, token in tokens.items():
        visitor = Session(url, certificates, domain, token)
        answer = visitor.login()
        said[name] = [answer, visitor.join(address, name) if answer == "success" else ""]
        visitor.socket.close()
    return said


def bosh_login(url, certificates, domain, token):
    """Log in over BOSH, the way for clients without WebSockets."""
    trust = ssl.create_default_context(cafile=certificates)

    def post(rid, words, content=""):
        body = BODY.format(rid=rid, words=words, content=content).encode()
        request = urllib.request.Request(url + query(token), body, {"Content-Type": "text/xml"})
        with urllib.request.urlopen(request, timeout=20, context=trust) as answer:
            return answer.read().decode()

    session = post(1, BEGIN.format(domain=domain)).split("sid='", 1)[1].split("'", 1)[0]
    return verdict(post(2, f'sid="{session}"', auth("ANONYMOUS", "")))
