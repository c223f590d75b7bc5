# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""probe_info logs in to a small XMPP server on the loopback interface; a test of the oracle has a real one."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import hmac
import http.server
import json
import shutil
import socket
import ssl
import subprocess
import threading

import pytest
from ansible.module_utils.testing import patch_module_args
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.probe import stanzas
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.probe.websocket import decode_frame
from ansible_collections.selfhosted.jitsi.plugins.module_utils._module import probe_info

NAME = "meet.test"
WAYS = {"ws": "ws://meet.test/xmpp-websocket", "bosh": "http://meet.test/http-bind"}
ACCOUNT = {"username": "anna", "password": "s3cret"}
FRAMING = "xmlns='urn:ietf:params:xml:ns:xmpp-framing'"
ERROR = "<iq type='error' id='{id}' from='{to}'><error><{condition} xmlns='urn:x'/></error></iq>"
#: As jicofo sent it, without what the probe does not read.
OFFER = (
    "<iq id='MWQx' from='{room}/focus' type='set'><jingle sid='e9v2qd1637ppm' initiator='focus@auth.meet.test/focus'"
    " action='session-initiate' xmlns='urn:xmpp:jingle:1'><content name='audio' senders='both' creator='initiator'>"
    "<transport pwd='1grm' ufrag='8ad9' xmlns='urn:xmpp:jingle:transports:ice-udp:1'><rtcp-mux/>"
    "<candidate id='8d8c' network='0' component='1' foundation='2' priority='1694498815' generation='0' protocol='udp'"
    " port='10000' rel-port='9' rel-addr='0.0.0.0' ip='198.51.100.10' type='srflx'/></transport></content></jingle>"
    "</iq>"
)
needs_openssl = pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is missing: apt install openssl")


def sign(key, words):
    return hmac.new(key, words, "sha1").digest()


class Server:
    """What an XMPP server of a site says, whatever carries it.

    :param jicofo: what is wrong with jicofo: "silent", "late", "slow", "absent", or a condition; "none" if it has no
        bridge, "busy" if its bridge does not answer; empty if nothing.
    """

    def __init__(self, mechanisms=("ANONYMOUS",), rooms="", jicofo="", host=NAME, join="", login=""):
        self.mechanisms, self.rooms, self.jicofo = mechanisms, rooms, jicofo
        self.host, self.join, self.login = host, join, login
        self.user, self.scram, self.heard, self.said = "", {}, [], []

    def features(self):
        inner = "".join(f"<mechanism>{one}</mechanism>" for one in self.mechanisms)
        inner = f"<mechanisms xmlns='{stanzas.SASL}'>{inner}</mechanisms>"
        if self.user:
            inner = f"<bind xmlns='{stanzas.BIND}'/>"
        return f"<stream:features xmlns:stream='{stanzas.STREAMS}'>{inner}</stream:features>"

    def answers(self, element):
        """The elements with which the server answers one."""
        name = stanzas.name_of(element)
        if name == "iq" and element.get("type") in ("result", "error"):
            return self.hear(element)
        self.heard.append(name + (f" {element.get('type')}" if element.get("type") else ""))
        if name in ("auth", "response"):
            return self.admit(element.get("mechanism"), element.text or "")
        if name == "iq":
            return self.answer(stanzas.name_of(element[0]), element.get("id"), element.get("to") or "")
        if name == "presence" and not element.get("type"):
            return self.enter(element.get("to"))
        return []

    def hear(self, element):
        """What follows the client's answer to a question."""
        self.said.append(element)
        if len(element) == 0 or stanzas.name_of(element[0]) != "query":
            return []
        if self.jicofo == "none":
            none = f"<bridgeNotAvailable xmlns='{stanzas.FOCUS}'/>"
            return [f"<presence from='{self.place.partition('/')[0]}/focus'>{none}</presence>"]
        return [] if self.jicofo == "busy" else [OFFER.format(room=self.place.partition("/")[0])]

    def admit(self, mechanism, payload):
        said = base64.b64decode(payload).decode()
        wrong = f"<failure xmlns='{stanzas.SASL}'><not-authorized/><text>{self.login}</text></failure>"
        if self.login:
            return [wrong]
        if mechanism == "SCRAM-SHA-1":
            self.scram = {"bare": said[3:], "first": said[3:].split("r=")[1] + "more"}
            challenge = self.scram["challenge"] = f"r={self.scram['first']},s=c2FsdA==,i=10"
            return [f"<challenge xmlns='{stanzas.SASL}'>{base64.b64encode(challenge.encode()).decode()}</challenge>"]
        proof = ""
        if mechanism is None:
            final = said.rpartition(",p=")[0]
            text = f"{self.scram['bare']},{self.scram['challenge']},{final}".encode()
            salted = hashlib.pbkdf2_hmac("sha1", ACCOUNT["password"].encode(), b"salt", 10)
            client = sign(salted, b"Client Key")
            wanted = bytes(a ^ b for a, b in zip(client, sign(hashlib.sha1(client).digest(), text)))
            if said.rpartition(",p=")[2] != base64.b64encode(wanted).decode():
                return [wrong]
            signature = base64.b64encode(sign(sign(salted, b"Server Key"), text)).decode()
            proof = base64.b64encode(f"v={signature}".encode()).decode()
        elif mechanism == "PLAIN" and said != "\0anna\0s3cret":
            return [wrong]
        self.user = "0123456789ab-uuid" if mechanism == "ANONYMOUS" else "anna"
        return [f"<success xmlns='{stanzas.SASL}'>{proof}</success>"]

    def answer(self, what, number, to):
        result = f"<iq type='result' id='{number}' from='{to}'>"
        if what == "bind":
            jid = f"{self.user}@{self.host}/resource"
            return ["<iq type='get' id='q1'/>", f"{result}<bind xmlns='{stanzas.BIND}'><jid>{jid}</jid></bind></iq>"]
        if what == "query":
            if self.rooms:
                return [ERROR.format(id=number, to=to, condition=self.rooms)]
            return [f"{result}<query xmlns='{stanzas.DISCO}'><feature var='{stanzas.MUC}'/></query></iq>"]
        if self.jicofo == "silent":
            return []
        if self.jicofo not in ("", "late", "slow", "absent", "none", "busy"):
            return [ERROR.format(id=number, to=to, condition=self.jicofo)]
        ready = "true"
        if self.jicofo == "slow":
            ready, self.jicofo = "false", ""
        words = f"ready='{ready}' focusjid='focus@auth.{NAME}'"
        return [f"{result}<conference xmlns='{stanzas.FOCUS}' {words}/></iq>"]

    def enter(self, place):
        self.place = place
        room, user = place.partition("/")[0], f"xmlns='{stanzas.MUC_USER}'"
        if self.join:
            error = f"<error><{self.join} xmlns='urn:x'/><text>Room creation is restricted</text></error>"
            return [f"<presence type='error' from='{place}'>{error}</presence>"]
        focus = f"<presence from='{room}/any'><x {user}><item jid='focus@auth.{NAME}/1'/></x></presence>"
        elsewhere = focus.replace(room, "other@conference.meet.test")
        own = f"<presence from='{place}'><x {user}><status code='110'/></x></presence>"
        question = f"<iq type='get' id='what' from='{room}/focus'><query xmlns='{stanzas.DISCO}' node='n'/></iq>"
        return [*{"absent": [elsewhere, own], "late": [own, focus]}.get(self.jicofo, [focus, own]), question]


@contextlib.contextmanager
def over_websocket(server, context=None, clients=1):
    """As many WebSockets as there are clients."""

    def serve(stream):
        request = stream.recv(65536)
        key = request.split(b"Sec-WebSocket-Key: ")[1].split(b"\r\n")[0]
        accept = base64.b64encode(hashlib.sha1(key + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest())
        head = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: keep-alive, Upgrade\r\n"
        head += b"Sec-WebSocket-Protocol: xmpp\r\nSec-WebSocket-Accept: "
        stream.sendall(head + accept + b"\r\n\r\n")
        data, server.user = b"", ""
        while True:
            frame = decode_frame(data)
            if frame is None:
                received = stream.recv(65536)
                if not received:
                    return
                data += received
                continue
            data = data[frame.length :]
            if frame.opcode != 1:
                return
            element = stanzas.parse(frame.payload.decode())
            opened = [f"<open {FRAMING} from='{server.host}'/>", server.features()]
            texts = opened if stanzas.name_of(element) == "open" else server.answers(element)
            for text in texts:
                length = len(text).to_bytes(2, "big")
                stream.sendall(b"\x81\x7e" + length + text.encode())

    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(10)

        def run():
            with contextlib.suppress(OSError):
                connection = listener.accept()[0]
                connection.settimeout(10)
                with context.wrap_socket(connection, server_side=True) if context else connection as stream:
                    serve(stream)

        threads = [threading.Thread(target=run, daemon=True) for _client in range(clients)]
        for thread in threads:
            thread.start()
        yield listener.getsockname()[1]
        for thread in threads:
            thread.join(10)


@contextlib.contextmanager
def over_bosh(server, context=None, clients=None):
    """A server that answers at once; ``server.requests`` has the numbers of all requests."""
    server.requests = []

    class Site(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self):
            body = stanzas.parse(self.rfile.read(int(self.headers["Content-Length"])).decode())
            server.requests.append(int(body.get("rid")))
            restart = body.get("{urn:xmpp:xbosh}restart")
            texts = [text for element in body for text in server.answers(element)]
            words = ""
            server.user = server.user if body.get("sid") else ""
            if not body.get("sid") or restart:
                texts, words = [server.features()], f"sid='s1' from='{server.host}'"
                words = words if body.get("to") == server.host else "type='terminate' condition='host-unknown'"
            if body.get("type") == "terminate":
                server.heard.append("terminate")
            answer = f"<body xmlns='http://jabber.org/protocol/httpbind' {words}>{''.join(texts)}</body>".encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_arguments):
            """Stay silent."""

    listener = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Site)
    if context:
        listener.socket = context.wrap_socket(listener.socket, server_side=True, do_handshake_on_connect=False)
    thread = threading.Thread(target=listener.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    yield listener.server_address[1]
    listener.shutdown()
    listener.server_close()
    thread.join(5)


CARRIERS = {"ws": over_websocket, "bosh": over_bosh}


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """The paths of a self-signed certificate and of its key."""
    folder = tmp_path_factory.mktemp("tls")
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", f"/CN={NAME}"]
    command += ["-addext", f"subjectAltName=DNS:{NAME}", "-keyout", folder / "key.pem", "-out", folder / "site.pem"]
    subprocess.run(command, check=True, capture_output=True)
    return folder / "site.pem", folder / "key.pem"


def run(capsys, port, way, timeout=5, **change):
    probe = {"name": "login", "kind": "xmpp", "url": WAYS[way], "domain": NAME, "address": "127.0.0.1", "port": port}
    with patch_module_args({"probes": [{**probe, **change}], "timeout": timeout}), pytest.raises(SystemExit):
        probe_info.main()
    return json.loads(capsys.readouterr().out)["results"][0]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("jicofo", ["", "late", "slow"])
def test_guest_meets_jicofo_and_leaves(capsys, way, jicofo):
    server = Server(jicofo=jicofo)
    with CARRIERS[way](server) as port:
        row = run(capsys, port, way, conference=True)
    assert (row["ok"], row["found"], row["remedy"]) == (True, "login as a guest, room with jicofo", "")
    asked = ["iq set", "iq get", *(["iq set"] * (2 if jicofo == "slow" else 1))]
    assert server.heard[: 1 + len(asked)] == ["auth", *asked]
    assert server.heard[1 + len(asked) :] == ["presence", "presence unavailable", {"ws": "close"}.get(way, "terminate")]
    assert server.place.startswith("check-")
    assert server.place.endswith("@conference.meet.test/01234567")


def test_requests_of_bosh_are_numbered(capsys):
    server = Server()
    with over_bosh(server) as port:
        run(capsys, port, "bosh")
    first = server.requests[0]
    assert server.requests == list(range(first, first + len(server.requests)))


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    ("options", "found"),
    [
        ({"mechanisms": ("PLAIN", "EXTERNAL")}, "login: the server offers PLAIN, EXTERNAL, not ANONYMOUS"),
        ({"mechanisms": ()}, "login: the server offers no login, not ANONYMOUS"),
        ({"login": "token required"}, "login: not-authorized: token required"),
        ({"rooms": "item-not-found"}, "room: conference.meet.test does not exist (item-not-found)"),
        ({"rooms": "not-allowed"}, "room: conference.meet.test does not exist (not-allowed)"),
        ({"rooms": "forbidden"}, "room: conference.meet.test answers forbidden"),
        ({"jicofo": "service-unavailable"}, "jicofo: service-unavailable"),
        ({"join": "not-allowed"}, "room: not-allowed: Room creation is restricted"),
    ],
)
def test_step_that_fails_is_named_in_the_servers_words(capsys, way, options, found):
    with CARRIERS[way](Server(**options)) as port:
        row = run(capsys, port, way, conference=True)
    assert (row["ok"], row["found"]) == (False, found)
    assert row["remedy"]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    ("jicofo", "found"), [("silent", "jicofo: no answer within 0.7 s"), ("absent", "jicofo: not in the room")]
)
def test_jicofo_is_not_waited_for_forever(capsys, way, jicofo, found):
    server = Server(jicofo=jicofo)
    with CARRIERS[way](server) as port:
        row = run(capsys, port, way, timeout=0.7, conference=True)
    assert (row["ok"], row["found"]) == (False, found)
    assert ("presence unavailable" in server.heard) == (jicofo == "absent")


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    ("jicofo", "address", "ok", "found"),
    [
        ("", None, True, "login as a guest, room with jicofo, bridge at 198.51.100.10:10000/udp"),
        ("", "192.0.2.1 198.51.100.10", True, "login as a guest, room with jicofo, bridge at 198.51.100.10:10000/udp"),
        ("", "192.0.2.1", False, "login as a guest, room with jicofo, bridge at 198.51.100.10:10000/udp"),
        ("none", None, False, "bridge: jicofo had none within 0.7 s"),
        ("busy", None, False, "bridge: jicofo offers none within 0.7 s"),
    ],
)
def test_bridge_that_jicofo_allots_is_named(capsys, way, jicofo, address, ok, found):
    server = Server(jicofo=jicofo)
    with CARRIERS[way](server, clients=2) as port:
        row = run(capsys, port, way, timeout=0.7, bridge=True, expect_address=address)
    assert (row["ok"], row["found"], bool(row["remedy"])) == (ok, found, not ok)
    assert server.heard.count("presence") == server.heard.count("presence unavailable") == 2
    candidate = {"address": "198.51.100.10", "port": 10000, "protocol": "udp", "type": "srflx", "answers": False}
    assert row.get("candidates") == ([candidate] if not jicofo else None)


@pytest.mark.parametrize("way", WAYS)
def test_jicofo_gets_its_answers(capsys, way):
    server = Server()
    with CARRIERS[way](server, clients=2) as port:
        assert run(capsys, port, way, bridge=True)["ok"]
    answers = [(one.get("id"), one.get("type"), one.get("to") or "") for one in server.said]
    room = server.place.partition("/")[0]
    # Somebody else asks what the probe does not know; then jicofo asks both clients, and makes both its offer.
    assert sorted(answers) == sorted(
        2 * [("q1", "error", ""), ("what", "result", f"{room}/focus"), ("MWQx", "result", f"{room}/focus")]
    )


@pytest.mark.parametrize(
    ("way", "found"), [("ws", "stream: the server opened a stream of else.test"), ("bosh", "stream: host-unknown")]
)
def test_stream_of_another_host_is_wrong(capsys, way, found):
    with CARRIERS[way](Server(host="else.test")) as port:
        row = run(capsys, port, way)
    assert (row["ok"], row["found"]) == (False, found)


@pytest.mark.parametrize("way", WAYS)
def test_case_of_the_name_does_not_matter(capsys, way):
    server = Server()
    with CARRIERS[way](server) as port:
        assert run(capsys, port, way, domain="Meet.Test", conference=True)["ok"]
    assert "@conference.meet.test/" in server.place


@pytest.mark.parametrize("way", WAYS)
def test_another_host_can_be_logged_in_to(capsys, way):
    server = Server(host="guest.meet.test")
    with CARRIERS[way](server) as port:
        assert run(capsys, port, way, login_domain="guest.meet.test", conference=True)["ok"]
    assert "@conference.meet.test/" in server.place


@needs_openssl
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("mechanisms", [("SCRAM-SHA-1", "PLAIN"), ("SCRAM-SHA-1",), ("X", "PLAIN")])
@pytest.mark.parametrize("password", ["s3cret", "wr0ng"])
def test_account_logs_in_over_tls(capsys, certificate, way, mechanisms, password):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    url = WAYS[way].replace("ws://", "wss://").replace("http://", "https://")
    options = {"url": url, "ca": certificate[0].read_text(), "username": "anna", "password": password}
    with CARRIERS[way](Server(mechanisms), context) as port:
        row = run(capsys, port, way, **options)
    wanted = (True, "login as anna") if password == "s3cret" else (False, "login: not-authorized")
    assert (row["ok"], row["found"]) == wanted
    assert password not in json.dumps(row)


@pytest.mark.parametrize("way", WAYS)
def test_port_without_a_server_is_named(capsys, way):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    assert run(capsys, port, way)["found"] == "connection refused"


@pytest.mark.parametrize(("way", "found"), [("ws", "501"), ("bosh", "stream: 501")])
def test_other_server_is_named(capsys, way, found):
    listener = http.server.ThreadingHTTPServer(
        ("127.0.0.1", 0),
        type(
            "Other",
            (http.server.BaseHTTPRequestHandler,),
            {
                "log_message": lambda *_arguments: None,
            },
        ),
    )
    thread = threading.Thread(target=listener.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    row = run(capsys, listener.server_address[1], way)
    listener.shutdown()
    listener.server_close()
    thread.join(5)
    assert row["found"].startswith(f"{found}, body: ")
