"""Talk to prosody with slixmpp; run inside the network namespace of the machine where prosody listens.

Reads one line of JSON: `jid`, `password` (empty for a guest), `certificate` (PEM, no other is trusted), `name` (which
the certificate must bear) and either `services`, a domain to ask for its STUN and TURN servers, or `open`, a room to
sit in until standard input ends. Prints one line of JSON: the services, or that the room is open.
"""

from __future__ import annotations

import asyncio
import json
import ssl
import sys
from xml.etree import ElementTree

import slixmpp

SERVER = ("127.0.0.1", 5222)
SECONDS = 20
NAMESPACE = "urn:xmpp:extdisco:2"


class Client(slixmpp.ClientXMPP):
    """A client that goes no further than TLS with a certificate it does not know."""

    def __init__(self, jid, password, certificate, name):
        super().__init__(jid, password, ssl_context=ssl.create_default_context(cadata=certificate))
        self.enable_direct_tls = False
        # What slixmpp compares the certificate's name with; the stream goes to the JID's own domain.
        self.default_domain = name
        self.register_plugin("xep_0045")

    async def log_in(self):
        """Return when the server has let us in; say why it has not."""
        outcome = asyncio.get_running_loop().create_future()

        def settle(error=None):
            if not outcome.done():
                outcome.set_result(error)

        self.add_event_handler("session_start", lambda _event: settle())
        for event in ("failed_all_auth", "disconnected"):
            self.add_event_handler(event, lambda reason, event=event: settle(f"{event}: {reason}"))
        # It tries again by itself while nobody listens.
        self.connect(*SERVER)
        asyncio.get_running_loop().call_later(SECONDS, settle, "no answer")
        if error := await outcome:
            sys.exit(f"prosody did not let {self.requested_jid} in: {error}")

    async def services(self, domain):
        """What XEP-0215 has of one service: its attributes."""
        question = self.make_iq_get(ito=domain)
        question.append(ElementTree.Element(f"{{{NAMESPACE}}}services"))
        answer = await question.send(timeout=SECONDS)
        return [dict(one.attrib) for one in answer.xml.iterfind(f"{{{NAMESPACE}}}services/{{{NAMESPACE}}}service")]

    async def open(self, room):
        """Join a room, which makes it, under the name that jicofo has in all of them."""
        await self.plugin["xep_0045"].join_muc_wait(slixmpp.JID(room), "focus", maxstanzas=0, timeout=SECONDS)


async def main():
    request = json.loads(sys.stdin.readline())
    client = Client(*(request[key] for key in ("jid", "password", "certificate", "name")))
    await client.log_in()
    if "services" in request:
        print(json.dumps(await client.services(request["services"])))
    elif "open" in request:
        await client.open(request["open"])
        print(json.dumps("open"), flush=True)
        await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    await client.disconnect()


if __name__ == "__main__":
    asyncio.run(main())
