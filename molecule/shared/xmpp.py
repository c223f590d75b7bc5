"""slixmpp of this machine as a client of real prosody, in the network namespace of the Jitsi machine."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
from pathlib import Path

from namespaces import inside

CLIENT = Path(__file__).resolve().parent / "xmpp_client.py"


def _request(jitsi, jid, name, **what):
    """What every login says: only the certificate that the machine has for this name is trusted."""
    certificate = jitsi.check_output(f"cat /etc/prosody/certs/{name}.crt")
    return json.dumps({"jid": jid, "password": "", "certificate": certificate, "name": name, **what}) + "\n"


def _command():
    return inside("jitsi", [sys.executable, str(CLIENT)])


def external_services(jitsi, domain="jitsi.test"):
    """Log in as a guest and ask prosody which STUN and TURN servers clients shall use: the attributes of each."""
    # A host for guests has no certificate of its own, and prosody shows the site's.
    request = _request(jitsi, domain, "jitsi.test", services=domain)
    done = subprocess.run(_command(), input=request, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def log_in(jitsi, address, password):
    """Log in with an account; what went wrong, or nothing."""
    request = _request(jitsi, address, address.partition("@")[2], password=password)
    done = subprocess.run(_command(), input=request, capture_output=True, text=True, timeout=60, check=False)
    return done.stderr if done.returncode else ""


@contextlib.contextmanager
def open_room(jitsi, password, room):
    """Hold a room open with jicofo's account: its stand-in opens none, and today's prosody lets no other do it."""
    address = f"{room}@conference.jitsi.test"
    request = _request(jitsi, "focus@auth.jitsi.test", "auth.jitsi.test", password=password, open=address)
    with subprocess.Popen(_command(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as client:
        client.stdin.write(request)
        client.stdin.flush()
        assert client.stdout.readline() == '"open"\n', "the room could not be opened"
        try:
            yield
        finally:
            client.stdin.close()
