"""Whom the Jitsi machine turned to outside in its first run, by every packet of it."""

from __future__ import annotations

import capture
from outsiders import needs_tshark, require_first_run_among_archives, strangers

#: Somebody who asks outside for the machine's own address, as a bridge does that nobody has configured.
ASK = """
import contextlib, os, socket
with contextlib.suppress(OSError):
    socket.getaddrinfo("turnrelay.outside.example", 443)
question = bytes.fromhex("000100002112a442") + os.urandom(12)
socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(question, ("192.0.2.9", 443))
"""


@needs_tshark
def test_first_run_contacts_the_package_archives_and_nobody_else(jitsi):
    require_first_run_among_archives("jitsi", jitsi)


@needs_tshark
def test_capture_would_show_who_asks_for_an_address(jitsi, tmp_path):
    with capture.packets(tmp_path, "jitsi") as packets:
        jitsi.run_expect([0], f"python3 -c '{ASK}'")
    assert strangers(packets, jitsi) == [
        "DNS was asked for turnrelay.outside.example",
        "STUN to 192.0.2.9:443",
        "udp/443 of 192.0.2.9",
    ]
