"""The module, asked about a systemctl that answers as systemd does, and about real sockets of this process."""

from __future__ import annotations

import http.server
import json
import os
import socket
import threading
import time

import pytest
from ansible.module_utils.testing import patch_module_args
from ansible_collections.selfhosted.jitsi.plugins.module_utils._module import service_health
from ansible_collections.selfhosted.jitsi.plugins.module_utils._shell.services import health as shell


@pytest.fixture
def machine(tmp_path, monkeypatch):
    """A systemctl that calls every service active, in the group of this process, and a journal."""
    group = tmp_path / "group"
    group.mkdir()
    group.joinpath("cgroup.procs").write_text(f"{os.getpid()}\n")
    monkeypatch.setattr(shell, "GROUPS", (str(tmp_path),))
    words = "ActiveState=active\\nActiveEnterTimestampMonotonic=1\\nControlGroup=/group"
    for name, text in (("systemctl", words), ("journalctl", "one\\nPASSWORD=hush\\nlast words")):
        program = tmp_path / name
        program.write_text(f"#!/bin/sh\nprintf '{text}\\n'\n")
        program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    return tmp_path


def run(capsys, seconds=0.0, stuck_after=60, **service):
    arguments = {"services": [{"name": "one", **service}], "seconds": seconds, "stuck_after": stuck_after}
    with patch_module_args(arguments), pytest.raises(SystemExit):
        service_health.main()
    return json.loads(capsys.readouterr().out)


@pytest.fixture
def page():
    class Page(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200 if self.path == "/good" else 500)
            self.end_headers()
            self.wfile.write(b"no valid address")

        def log_message(self, *words):
            pass

    server = http.server.HTTPServer(("127.0.0.1", 0), Page)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_own_ports_and_page_are_healthy(capsys, machine, page):
    with socket.socket() as tcp, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
        for one in (tcp, udp):
            one.bind(("127.0.0.1", 0))
        tcp.listen()
        ports = {"tcp": [tcp.getsockname()[1]], "udp": [udp.getsockname()[1]]}
        result = run(capsys, http=f"{page}/good", **ports)
    assert (result["missing"], result["changed"]) == ({}, False)


def test_port_of_another_process_is_named(capsys, machine):
    machine.joinpath("group", "cgroup.procs").write_text("999999999\n")
    with socket.socket() as tcp:
        tcp.bind(("127.0.0.1", 0))
        tcp.listen()
        port = tcp.getsockname()[1]
        result = run(capsys, tcp=[port])
    assert result["failed"]
    assert f"another process uses tcp/{port}" in result["msg"]


def test_user_tells_where_a_process_hides_its_sockets(capsys, machine, monkeypatch):
    def refuse(path):
        raise PermissionError(path)

    monkeypatch.setattr(shell.os, "readlink", refuse)
    with socket.socket() as tcp:
        tcp.bind(("127.0.0.1", 0))
        tcp.listen()
        assert run(capsys, tcp=[tcp.getsockname()[1]])["missing"] == {}


def test_last_words_are_shown_without_secrets(capsys, machine, page):
    machine.joinpath("own.log").write_text("first\ntoken=hush\nsecond\n")
    result = run(capsys, http=f"{page}/bad", log=str(machine / "own.log"), remedy="Do this.")
    assert "answers 500: no valid address. Do this. Last log lines:" in result["msg"]
    for words in ("last words", "second", "PASSWORD=********", "token=********"):
        assert words in result["msg"]
    assert "hush" not in result["msg"]


def test_a_service_that_becomes_healthy_in_time_is_waited_for(capsys, machine):
    with socket.socket() as tcp:
        tcp.bind(("127.0.0.1", 0))
        threading.Timer(0.5, tcp.listen).start()
        began = time.monotonic()
        result = run(capsys, seconds=10, tcp=[tcp.getsockname()[1]])
    assert result["missing"] == {}
    assert 0.3 < time.monotonic() - began < 8


def test_missing_page_is_let_pass_after_its_grace(capsys, machine):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}/"
        assert run(capsys, http=url, http_grace=1)["missing"] == {}
        late = time.monotonic() + 1000
        assert "does not answer yet" in run(capsys, http=url, http_grace=late)["missing"]["one"]


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        ("127.0.0.1:8080/about/health", "no host name"),
        ("http://:8080/", "no host name"),
        ("http://::1/", "not a valid URL"),
    ],
)
def test_url_without_a_host_or_with_a_wrong_port_is_refused(capsys, machine, url, problem):
    result = run(capsys, http=url)
    assert result["failed"]
    assert problem in result["msg"]


def test_services_that_had_their_time_are_stuck(capsys, machine):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        assert run(capsys, tcp=[port], stuck_after=1)["stuck"] == ["one"]
        assert run(capsys, tcp=[port], stuck_after=time.monotonic() + 1000)["stuck"] == []


def test_service_without_processes_is_stuck_at_once(capsys, machine):
    (machine / "systemctl").write_text("#!/bin/sh\necho ActiveState=active\n")
    result = run(capsys, stuck_after=time.monotonic() + 1000)
    assert (result["missing"], result["stuck"]) == ({"one": "none of its processes is running"}, ["one"])
