"""Two participants meet in Chromium while tshark looks on."""

from __future__ import annotations

import contextlib
import secrets

import browser
import capture
import pytest
import xmpp
from outsiders import needs_tshark

CONNECTED = "all ways known, connected to participant"

needs_browser = pytest.mark.skipif(not browser.DRIVER, reason="no browser: Chromium's chromedriver is not installed")


def needs_both(test):
    return needs_browser(needs_tshark(test))


def new_room():
    """A name that no earlier run has used, for prosody may think its participants still there."""
    return "room-" + secrets.token_hex(4)


@contextlib.contextmanager
def room_of_today(jitsi):
    """The name of a room that jicofo's account holds open; rooms of 2020 open by themselves."""
    command = "hocon -f /etc/jitsi/jicofo/jicofo.conf get jicofo.xmpp.client.password"
    password = jitsi.check_output(command).strip().strip('"')
    room = new_room()
    with xmpp.open_room(jitsi, password, room):
        yield room


def meet(proxy, folder, room):
    """Have two participants connect directly; return every packet of it."""
    certificate = proxy.check_output("cat /etc/ssl/selfhosted/jitsi.test.crt")
    url = f"https://jitsi.test/{room}"
    with capture.packets(folder) as packets:
        texts = browser.texts_of_pages(url, certificate, folder / "profile", CONNECTED, 2)
    assert all(CONNECTED in text for text in texts), texts
    assert packets.stun_among_participants(), "tshark saw no STUN at all, not even that of the participants"
    return packets
