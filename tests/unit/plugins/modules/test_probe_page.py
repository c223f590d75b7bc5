# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""probe_info loads a page and its files from a real server on the loopback interface."""

from __future__ import annotations

import contextlib
import http.server
import json
import threading
from types import SimpleNamespace

import pytest
from ansible.module_utils.testing import patch_module_args
from ansible_collections.selfhosted.jitsi.plugins.module_utils._module import probe_info
from ansible_collections.selfhosted.jitsi.plugins.module_utils._shell.probe import session

PAGE = "<base href='/'><link rel=stylesheet href=all.css><script src=a.js></script><script src=b.js></script>"
GOOD = {"/Room": ("text/html", PAGE), "/all.css": ("text/css", "a"), "/a.js": ("text/javascript", "1")}
GOOD["/b.js"] = ("text/javascript", "2")


@contextlib.contextmanager
def site(files, protocol="HTTP/1.1"):
    """A server of these files; yields its port, its connections, and the paths that were asked for."""
    connections, asked = [], []

    class Site(http.server.BaseHTTPRequestHandler):
        protocol_version = protocol

        def setup(self):
            super().setup()
            connections.append(self.client_address)

        def do_GET(self):
            asked.append((self.path, self.headers.get("Accept-Encoding"), self.headers["Host"]))
            content_type, text = files.get(self.path, ("text/html", None))
            length = len(text or "") + (1 if text == "cut" else 0)
            self.send_response(404 if text is None else 200)
            self.send_header("Content-Type", content_type)
            self.send_header("Content-Length", str(length))
            self.end_headers()
            self.wfile.write((text or "").encode("latin-1"))
            # The server says nothing of it, as one whose patience ends.
            self.close_connection |= text in ("cut", "2")

        def log_message(self, *_arguments):
            """Stay silent."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Site)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    yield server.server_address[1], connections, asked
    server.shutdown()
    server.server_close()
    thread.join(5)


def run(capsys, port, timeout=5, **change):
    probe = {"name": "page", "kind": "page", "url": "http://meet.test/Room", "address": "127.0.0.1", "port": port}
    probe.update(change)
    with patch_module_args({"probes": [probe], "timeout": timeout}), pytest.raises(SystemExit):
        probe_info.main()
    return json.loads(capsys.readouterr().out)["results"][0]


def test_all_files_come_over_one_connection(capsys):
    with site(GOOD) as (port, connections, asked):
        row = run(capsys, port)
    assert (row["ok"], row["found"]) == (True, "200, 3 files")
    assert len(connections) == 1
    assert [path for path, _encoding, _host in asked] == ["/Room", "/all.css", "/a.js", "/b.js"]
    assert {host for _path, _encoding, host in asked} == {"meet.test"}
    assert [encoding for _path, encoding, _host in asked] == ["identity", "gzip", "gzip", "gzip"]


def test_connection_that_the_server_closes_is_opened_again(capsys):
    again = {**GOOD, "/all.css": ("text/css", "2"), "/a.js": ("text/javascript", "2")}
    with site(again) as (port, connections, _asked):
        assert run(capsys, port)["found"] == "200, 3 files"
    assert len(connections) == 3
    with site(GOOD, "HTTP/1.0") as (port, connections, _asked):
        assert run(capsys, port)["found"] == "200, 3 files"
    assert len(connections) == 4


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ({"/a.js": None}, "a.js: 404"),
        ({"/a.js": ("text/html", "<p>Room")}, "a.js: a page of text/html"),
        ({"/a.js": ("text/javascript", ""), "/b.js": None}, "a.js: empty, b.js: 404"),
        ({"/a.js": ("text/javascript", "cut"), "/b.js": None}, "a.js: the answer ends too early"),
        ({"/Room": ("text/html", "<!--#include virtual='a' -->")}, "200, unprocessed <!--#include virtual='a' -->"),
        ({"/Room": None}, "404"),
    ],
)
def test_what_is_wrong_is_named(capsys, change, found):
    files = {path: answer for path, answer in {**GOOD, **change}.items() if answer}
    with site(files) as (port, _connections, _asked):
        row = run(capsys, port)
    assert (row["ok"], row["found"]) == (False, found)


def test_files_share_one_deadline(capsys, monkeypatch):
    with site(GOOD) as (port, _connections, asked):
        # Each answer takes 1.2 seconds of this clock, however often it is read.
        monkeypatch.setattr(session, "time", SimpleNamespace(monotonic=lambda: 1.2 * len(asked)))
        assert run(capsys, port, timeout=3)["found"] == "a.js: no answer within 3 s"


def test_settings_are_loaded(capsys):
    text = "\ufeffvar config = { hosts: { domain: 'meet.test', muc: 'conference.meet.test' }, bosh: '/http-bind' };"
    files = {"/config.js": ("application/javascript", text.encode().decode("latin-1"))}
    wanted = {"kind": "settings", "url": "http://meet.test/config.js", "domain": "meet.test"}
    with site(files) as (port, _connections, _asked):
        assert run(capsys, port, **wanted)["found"] == "settings of meet.test"
        row = run(capsys, port, **{**wanted, "url": "http://meet.test/other.js"})
    assert (row["ok"], row["found"]) == (False, "404")
