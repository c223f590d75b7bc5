"""XMPP logins from the Internet, as a browser makes them, and the ways in which rooms are opened."""

from __future__ import annotations

import time
import warnings
from pathlib import Path

import pytest
from machines import CERTIFICATES, evaluate
from ways import become

#: How long a connection may be refused or dropped on its way, in seconds.
PATIENCE = 60
CLIENT = Path(__file__).with_name("web_client.py").read_text(encoding="utf-8")


class Logins:
    """Who gets in where: `success`, or what prosody said instead."""

    def __init__(self, place):
        self.place = place

    def anonymous(self, domain):
        return self._client("login", domain=domain, mechanism="ANONYMOUS", plain="")

    def account(self, name, password, domain="jitsi.test"):
        return self._client("login", domain=domain, mechanism="PLAIN", plain=f"\0{name}\0{password}")

    def visits(self, tokens, focus, room="parlour"):
        """What the login and the room said to each who came with one of the tokens; `focus` is jicofo's password."""
        return self._client("visits", domain="jitsi.test", tokens=tokens, focus=focus, room=room)

    def vanish(self):
        """What prosody said to a guest who asked to be remembered, and whose connection broke then."""
        return self._client("vanish", domain="jitsi.test")

    def over_bosh(self, token):
        return self._client("bosh_login", url="https://jitsi.test/http-bind", domain="jitsi.test", token=token)

    def _client(self, function, **known):
        """Ask until there is an answer. It is what is judged here; that the way there stays open is shown elsewhere."""
        known = {"url": "wss://jitsi.test/xmpp-websocket", "certificates": CERTIFICATES, **known}
        program = f"{CLIENT}\nimport json\nprint(json.dumps({function}(**{known!r})))"
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                return evaluate(self.place, program)
            except AssertionError as error:
                if time.monotonic() > deadline:
                    raise
                warnings.warn(f"{function} again: {error}", stacklevel=2)


@pytest.fixture(scope="session")
def logins(internet):
    return Logins(internet.place)


@pytest.fixture(scope="session")
def focus(jitsi):
    """The password of jicofo's user, who opens rooms."""
    found = jitsi.check_output("hocon -f /etc/jitsi/jicofo/jicofo.conf get jicofo.xmpp.client.password")
    return found.strip('"')


@pytest.fixture(scope="module")
def accounts_decide(jitsi):
    become(jitsi, "internal")
