# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""probe_info against real servers on the loopback interface."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import http.server
import json
import shutil
import socket
import ssl
import subprocess
import threading
import time

import pytest
from ansible.module_utils.testing import patch_module_args
from ansible_collections.selfhosted.jitsi.plugins.module_utils._module import probe_info
from ansible_collections.selfhosted.jitsi.plugins.module_utils._shell.probe import run as probe_run

NAME = "jitsi.test"
needs_openssl = pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is missing: apt install openssl")


class Site(http.server.BaseHTTPRequestHandler):
    """A web page, a redirect, a page of trouble, BOSH, and a request that tells what it was asked."""

    def do_GET(self):
        pages = {
            "/config.js": (200, "", "domain: 'jitsi.test'"),
            "/Room?x=1": (301, "https://jitsi.test/Room?x=1", ""),
            "/http-bind": (404, "", "<h1>Trouble</h1><p>Unknown host: 127.0.0.1</p>"),
            "/headers": (200, "", f"host={self.headers['Host']} extra={self.headers['X-Extra']}"),
        }
        self.answer(*pages.get(self.path, (500, "", "")))

    def do_POST(self):
        asked = self.rfile.read(int(self.headers["Content-Length"])).decode("utf-8")
        self.answer(200, "", f"<body from='jitsi.test'>{asked}</body>")

    def answer(self, status, location, body):
        self.send_response(status)
        if location:
            self.send_header("Location", location)
        self.end_headers()
        self.wfile.write(body.encode("utf-8"))

    def log_message(self, *_arguments):
        """Stay silent."""


@contextlib.contextmanager
def web_server(context=None):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Site)
    if context:
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    yield server.server_address[1]
    server.shutdown()
    server.server_close()
    thread.join(5)


@contextlib.contextmanager
def one_shot(serve, context=None):
    """A server that hands its first connection to ``serve`` and then ends."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(10)

        def run():
            with contextlib.suppress(OSError):
                connection = listener.accept()[0]
                connection.settimeout(10)
                with context.wrap_socket(connection, server_side=True) if context else connection as stream:
                    serve(stream)

        thread = threading.Thread(target=run, daemon=True)
        thread.start()
        yield listener.getsockname()[1]
        thread.join(10)


def read_until(stream, mark):
    data = b""
    while mark not in data:
        data += stream.recv(65536)
    return data


def accept_of(request):
    key = request.lower().split(b"sec-websocket-key: ")[1].split(b"\r\n")[0]
    start = request.lower().index(key)
    key = request[start : start + len(key)]
    return base64.b64encode(hashlib.sha1(key + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest())


def xmpp_server(domain, heard):
    """An XMPP server: a ping first, then its header in two fragments."""

    def serve(stream):
        request = read_until(stream, b"\r\n\r\n")
        heard.append(request)
        head = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        head += b"Sec-WebSocket-Protocol: xmpp\r\nSec-WebSocket-Accept: " + accept_of(request) + b"\r\n\r\n"
        stream.sendall(head + b"\x89\x02hi")
        frame = stream.recv(65536)
        length, mask = frame[1] & 0x7F, frame[2:6]
        heard.append(bytes(byte ^ mask[place % 4] for place, byte in enumerate(frame[6 : 6 + length])))
        text = f"<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' from='{domain}' id='1'/>".encode()
        for opcode, part in ((0x01, text[:20]), (0x80, text[20:])):
            stream.sendall(bytes([opcode, len(part)]) + part)
        with contextlib.suppress(OSError):
            while stream.recv(65536):
                pass

    return serve


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """The paths of a self-signed certificate for jitsi.test and of its key."""
    folder = tmp_path_factory.mktemp("tls")
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", f"/CN={NAME}"]
    command += ["-addext", f"subjectAltName=DNS:{NAME}", "-keyout", folder / "key.pem", "-out", folder / "site.pem"]
    subprocess.run(command, check=True, capture_output=True)
    return folder / "site.pem", folder / "key.pem"


@pytest.fixture
def context(certificate):
    """What a TLS server needs."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    return context


def run(capsys, probes, timeout=5, check_mode=False):
    """Run the module and return what it prints."""
    arguments = {"probes": probes, "timeout": timeout, "_ansible_check_mode": check_mode}
    with patch_module_args(arguments), pytest.raises(SystemExit):
        probe_info.main()
    return json.loads(capsys.readouterr().out)


def probe(**options):
    return {"name": "probe", "kind": "http", "address": "127.0.0.1", **options}


def closed_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


@pytest.mark.parametrize("check_mode", [False, True])
def test_all_probes_run_and_the_module_never_fails_for_one(capsys, check_mode):
    with web_server() as port:
        probes = [
            probe(name="refused", url="http://jitsi.test/", port=closed_port(), remedy="Start it"),
            probe(
                name="redirect",
                url="http://jitsi.test/Room?x=1",
                port=port,
                expect_status=301,
                expect_location="https://jitsi.test/Room?x=1",
            ),
            probe(name="config", url="http://jitsi.test/config.js", port=port, expect_body=r"jitsi\.test"),
        ]
        result = run(capsys, probes, check_mode=check_mode)
    rows = {row["name"]: row for row in result["results"]}
    assert [row["name"] for row in result["results"]] == ["refused", "redirect", "config"]
    assert (result["changed"], result["failed_count"]) == (False, 1)
    assert (rows["refused"]["found"], rows["refused"]["remedy"]) == ("connection refused", "Start it")
    assert rows["redirect"]["ok"] and rows["redirect"]["found"] == "301 https://jitsi.test/Room?x=1"
    assert rows["config"]["ok"]


def test_a_name_without_an_address_is_named(capsys, monkeypatch):
    def unknown(*_arguments, **_options):
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    probes = [
        probe(url="http://jitsi.test/", address=None),
        probe(kind="websocket", url="ws://jitsi.test/", domain=NAME, address=None),
        probe(kind="udp", address="jitsi.test", port=10000),
    ]
    found = [row["found"] for row in run(capsys, probes)["results"]]
    words = "the name does not resolve: Name or service not known"
    assert found == [words, words, f"not sent, {words}"]


def test_the_page_of_trouble_is_quoted(capsys):
    with web_server() as port:
        row = run(capsys, [probe(url="http://jitsi.test/http-bind", port=port, expect_status="200")])["results"][0]
    assert row["found"] == "404, body: Trouble Unknown host: 127.0.0.1"


def test_method_body_and_headers_are_sent(capsys):
    with web_server() as port:
        probes = [
            probe(
                url="http://jitsi.test/http-bind",
                port=port,
                method="POST",
                body="<a/>",
                expect_body="from='jitsi.test'><a/>",
            ),
            probe(
                url="http://jitsi.test/headers",
                port=port,
                headers={"X-Extra": "1"},
                expect_body="host=jitsi.test extra=1",
            ),
        ]
        result = run(capsys, probes)
    assert result["failed_count"] == 0, result["results"]


def test_a_server_that_says_nothing_is_not_waited_for_forever(capsys):
    with one_shot(lambda stream: stream.recv(65536) and stream.recv(1)) as port:
        row = run(capsys, [probe(url="http://jitsi.test/", port=port)], timeout=0.3)["results"][0]
    assert (row["ok"], row["found"]) == (False, "no answer within 0.3 s")


def test_a_server_that_hangs_up_is_named(capsys):
    with one_shot(lambda stream: stream.recv(65536)) as port:
        row = run(capsys, [probe(url="http://jitsi.test/", port=port)])["results"][0]
    assert row["found"] == "connection closed without an answer"


def test_a_server_of_something_else_is_named(capsys):
    with one_shot(lambda stream: stream.recv(65536) and stream.sendall(b"220 smtp.test ESMTP\r\n")) as port:
        row = run(capsys, [probe(url="http://jitsi.test/", port=port)])["results"][0]
    assert row["found"] == "not an HTTP answer"


@needs_openssl
def test_a_certificate_that_is_given_is_trusted_and_its_name_verified(capsys, certificate, context):
    ca = certificate[0].read_text()
    with web_server(context) as port:
        probes = [
            probe(url="https://jitsi.test/config.js", port=port, ca=ca, expect_status="200"),
            probe(url="https://else.test/config.js", port=port, ca=ca),
            probe(url="https://jitsi.test/config.js", port=port),
            probe(url="https://jitsi.test/config.js", port=port, ca="rubbish"),
            probe(url="http://jitsi.test/config.js", port=port, expect_status="200"),
            probe(url="https://jitsi.test/headers", port=port, ca=ca, expect_body="host=jitsi.test extra"),
        ]
        rows = run(capsys, probes)["results"]
    assert [row["ok"] for row in rows] == [True, False, False, False, False, True]
    assert "Hostname mismatch" in rows[1]["found"]
    assert (
        rows[2]["found"].replace("self-signed", "self signed") == "certificate verify failed: self signed certificate"
    )
    assert rows[3]["found"].startswith("ca: the text contains no valid certificate")


@pytest.fixture
def chain(tmp_path):
    """A function that makes a site's certificate, signed by an intermediate of a root; it returns their folder."""

    def openssl(*words):
        subprocess.run(["openssl", *words], cwd=tmp_path, check=True, capture_output=True)

    def make(*dates):
        settings = ["[ca]", "basicConstraints=critical,CA:TRUE", "[site]", f"subjectAltName=DNS:{NAME}"]
        (tmp_path / "extensions").write_text("\n".join(settings))
        issuer = []
        for name, section in (("root", "ca"), ("intermediate", "ca"), ("site", "site")):
            openssl(
                "req",
                "-newkey",
                "rsa:2048",
                "-nodes",
                "-subj",
                f"/CN={name}",
                "-keyout",
                f"{name}.key",
                "-out",
                "request",
            )
            extensions = ["-extfile", "extensions", "-extensions", section]
            lifetime = dates if name == "site" and dates else ("-days", "2")
            openssl(
                "x509",
                "-req",
                "-in",
                "request",
                "-out",
                f"{name}.crt",
                *extensions,
                *lifetime,
                *(issuer or ["-signkey", "root.key"]),
            )
            issuer = ["-CA", f"{name}.crt", "-CAkey", f"{name}.key", "-CAcreateserial"]
        return tmp_path

    return make


def served(folder, *parts):
    """A TLS server that shows these certificates."""
    (folder / "shown").write_text("".join((folder / f"{part}.crt").read_text() for part in parts))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "shown", folder / "site.key")
    return web_server(context)


@needs_openssl
@pytest.mark.parametrize(
    ("shown", "name", "found", "remedy"),
    [
        (("site", "intermediate"), NAME, "200", "the page's own"),
        (("site",), NAME, "unable to get local issuer certificate", "add the intermediate certificates"),
        (("site", "intermediate"), "else.test", "Hostname mismatch", "The proxy sends another site's certificate"),
    ],
)
def test_a_chain_that_does_not_verify_gets_its_own_remedy(capsys, chain, shown, name, found, remedy):
    folder = chain()
    url = f"https://{name}/config.js"
    with served(folder, *shown) as port:
        request = probe(url=url, port=port, ca=(folder / "root.crt").read_text(), remedy="the page's own")
        row = run(capsys, [request])["results"][0]
    assert found in row["found"]
    assert remedy in row["remedy"]


@needs_openssl
def test_a_certificate_that_has_expired_gets_its_own_remedy(capsys, chain):
    folder = chain("-days", "-1")
    with served(folder, "site", "intermediate") as port:
        request = probe(
            url=f"https://{NAME}/", port=port, ca=(folder / "root.crt").read_text(), remedy="the page's own"
        )
        row = run(capsys, [request])["results"][0]
    assert row["found"] == "certificate verify failed: certificate has expired"
    assert row["remedy"].startswith("Renew the certificate")


@needs_openssl
def test_a_port_without_tls_is_named(capsys):
    with web_server() as port:
        row = run(capsys, [probe(url="https://jitsi.test/", port=port)])["results"][0]
    assert row["found"].startswith("TLS failed: ")


@needs_openssl
def test_an_xmpp_stream_is_opened_over_tls(capsys, certificate, context):
    heard = []
    request = probe(kind="websocket", url="wss://jitsi.test/xmpp-websocket", domain=NAME, ca=certificate[0].read_text())
    with one_shot(xmpp_server(NAME, heard), context) as port:
        row = run(capsys, [{**request, "port": port}])["results"][0]
    assert (row["ok"], row["found"]) == (True, "101, stream from jitsi.test")
    assert heard[0].startswith(b"GET /xmpp-websocket HTTP/1.1\r\nHost: jitsi.test\r\n")
    assert heard[1] == b'<open xmlns="urn:ietf:params:xml:ns:xmpp-framing" to="jitsi.test" version="1.0"/>'


def test_a_stream_of_another_domain_is_wrong(capsys):
    request = probe(kind="websocket", url="ws://jitsi.test/xmpp-websocket", domain=NAME)
    with one_shot(xmpp_server("else.test", [])) as port:
        row = run(capsys, [{**request, "port": port}])["results"][0]
    assert (row["ok"], row["found"]) == (False, "101, stream from else.test")


@pytest.mark.parametrize(
    ("answer", "found"),
    [
        (b"HTTP/1.1 404 Not Found\r\n\r\n<p>Unknown host: 127.0.0.1</p>", "404, body: Unknown host: 127.0.0.1"),
        (b"HTTP/1.1 101 Switching Protocols\r\n\r\n", "101, Sec-WebSocket-Accept does not match the key"),
        (b"rubbish\r\n\r\n", "not an HTTP answer"),
        ("HTTP/1.1 ² x\r\n\r\n".encode("latin-1"), "not an HTTP answer"),
        (b"HTTP/1.1 " + b"1" * 5000 + b" x\r\n\r\n", "not an HTTP answer"),
        (b"", "connection closed without an answer"),
    ],
)
def test_a_handshake_that_fails_is_named(capsys, answer, found):
    def serve(stream):
        read_until(stream, b"\r\n\r\n")
        stream.sendall(answer)

    request = probe(kind="websocket", url="ws://jitsi.test/xmpp-websocket", domain=NAME)
    with one_shot(serve) as port:
        row = run(capsys, [{**request, "port": port}])["results"][0]
    assert row["ok"] is False
    assert row["found"].startswith(found)


@pytest.mark.parametrize(
    ("frame", "found"),
    [
        (b"\x88\x09\x03\xf1refused", "101, no stream: the server closed the WebSocket refused"),
        (b"", "101, no stream: connection closed without an answer"),
        (b"\x81\x09<failure>", "101, no stream: the server sent <failure>"),
        (b"\x82\x09<failure>", "101, no stream: the server sent a frame of kind 2, which is no text"),
    ],
)
def test_a_stream_that_is_refused_is_named(capsys, frame, found):
    def serve(stream):
        accept = accept_of(read_until(stream, b"\r\n\r\n"))
        head = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        head += b"Sec-WebSocket-Protocol: xmpp\r\nSec-WebSocket-Accept: " + accept
        stream.sendall(head + b"\r\n\r\n" + frame)
        stream.recv(65536)

    request = probe(kind="websocket", url="ws://jitsi.test/xmpp-websocket", domain=NAME)
    with one_shot(serve) as port:
        row = run(capsys, [{**request, "port": port}])["results"][0]
    assert (row["ok"], row["found"]) == (False, found)


#: Answers that never end: what comes first, what comes again and again, and whether the status is known by then.
ENDLESS = [
    (b"HTTP/1.1 200 OK\r\nX: ", b"a", False),
    (b"", b"HTTP/1.1 100 Continue\r\n\r\n", False),
    (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n", b"X: y\r\n", False),
    (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"0", False),
    (b"HTTP/1.1 200 OK\r\n\r\n", b"a", True),
    (b"HTTP/1.1 200 OK\r\nContent-Length: 300\r\n\r\n", b"", False),
    (b"HTTP/1.1 200 OK\r\nContent-Length: 300\r\n\r\n", b"a", False),
]
LOADING = {
    "http": {"url": "http://jitsi.test/"},
    "page": {"url": "http://jitsi.test/"},
    "settings": {"url": "http://jitsi.test/config.js", "domain": NAME},
    "xmpp": {"url": "http://jitsi.test/http-bind", "domain": NAME},
}


@pytest.mark.parametrize("kind", LOADING)
@pytest.mark.parametrize(
    ("begin", "again", "is_known"), ENDLESS, ids=["header", "continue", "trailer", "chunk", "body", "silence", "length"]
)
def test_answer_that_never_ends_holds_no_probe(capsys, kind, begin, again, is_known):
    ended = threading.Event()

    def serve(stream):
        stream.recv(65536)
        stream.sendall(begin)
        while not ended.wait(0.05):
            stream.sendall(again)

    with one_shot(serve) as port:
        started = time.monotonic()
        row = run(capsys, [{**probe(kind=kind, **LOADING[kind]), "port": port}], timeout=0.3)["results"][0]
        assert time.monotonic() - started < 2
        ended.set()
    # The kind http asks for the status alone.
    assert row["ok"] == (kind == "http" and is_known), row
    assert row["ok"] or "no answer within 0.3 s" in row["found"], row


def test_answer_that_cannot_be_read_is_one_row(capsys, monkeypatch):
    def see(request, _timeout):
        raise OverflowError("port must be 0-65535")

    monkeypatch.setitem(probe_run.KINDS, "settings", (see, None))
    with web_server() as port:
        wanted = [
            ("settings", {"url": "http://jitsi.test/x", "domain": NAME}),
            ("http", {"url": "http://jitsi.test/x"}),
        ]
        rows = run(capsys, [{**probe(kind=kind, **more), "port": port} for kind, more in wanted])["results"]
    assert [row["found"] for row in rows] == ["an answer that cannot be read (OverflowError)", "500"]
    assert rows[0]["ok"] is False


def test_short_password_is_not_shown(capsys):
    login = {"url": "https://jitsi.test/http-bind", "domain": NAME, "username": "anna", "password": "abc12"}
    result = run(capsys, [{**probe(kind="xmpp", **login), "address": "127.0.0.1", "port": 1}])
    assert "abc12" not in json.dumps(result)
    assert "anna" in json.dumps(result)


def test_a_datagram_is_sent_and_its_reply_waited_for(capsys):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))
        server.settimeout(5)
        seen = []

        def echo():
            for _datagram in range(2):
                data, sender = server.recvfrom(65535)
                seen.append((data, sender))
                if data == b"answer me":
                    server.sendto(b"here", sender)

        thread = threading.Thread(target=echo, daemon=True)
        thread.start()
        options = {"kind": "udp", "port": server.getsockname()[1]}
        rows = run(
            capsys, [probe(payload="answer me", expect_reply=True, **options), probe(payload="hello", **options)]
        )
        thread.join(5)
    assert [row["ok"] for row in rows["results"]] == [True, True]
    assert rows["results"][0]["found"].endswith("reply of 4 bytes")
    sent = {(row["source"], row["source_port"]) for row in rows["results"]}
    assert sent == {sender for _data, sender in seen}


def test_a_datagram_that_nobody_answers_is_a_row(capsys):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind(("127.0.0.1", 0))
        request = probe(kind="udp", port=silent.getsockname()[1], expect_reply=True)
        row = run(capsys, [request], timeout=0.2)["results"][0]
    assert (row["ok"], row["found"].split(", ")[1]) == (False, "no answer within 0.2 s")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"url": None}, "url"),
        ({"url": ""}, "probes[0].url: no value, but kind http requires one; set url"),
        ({"kind": "websocket", "url": "wss://a.test/"}, "domain"),
        ({"kind": "udp"}, "port"),
        ({"url": "http://a.test/", "expect_body": "("}, "probes[0].expect_body: '(' is not a regular expression"),
    ],
)
def test_a_probe_that_cannot_be_made_fails_the_module(capsys, change, words):
    result = run(capsys, [probe(**change)])
    assert result["failed"] and words in result["msg"]


def test_a_timeout_of_nothing_is_refused(capsys):
    assert run(capsys, [probe(url="http://a.test/")], timeout=0)["msg"].startswith("timeout: 0 is not above 0")
