# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""datagram_info against real datagrams on the loopback interface."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import threading
import time

import pytest
from ansible.module_utils.testing import patch_module_args
from ansible_collections.selfhosted.jitsi.plugins.module_utils._module import datagram_info
from ansible_collections.selfhosted.jitsi.plugins.module_utils._shell.probe import capture as datagram_capture


def missing():
    """What this machine lacks for a packet socket, or nothing."""
    if not hasattr(socket, "AF_PACKET"):
        return "packet sockets are missing: run on Linux"
    try:
        socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, 0).close()
    except OSError as error:
        return f"a packet socket is missing ({error.strerror}): run as root"
    return ""


needs_packets = pytest.mark.skipif(bool(missing()), reason=missing() or "all there")


def run(capsys, **options):
    """Run the module and return what it prints."""
    with patch_module_args({"port": 10000, "token": "token", "timeout": 5, **options}), pytest.raises(SystemExit):
        datagram_info.main()
    return json.loads(capsys.readouterr().out)


@contextlib.contextmanager
def bridge():
    """The program that owns the port, and answers nobody."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as owner:
        owner.bind(("127.0.0.1", 0))
        yield owner, owner.getsockname()[1]


def send_when_ready(path, port, payloads, sources):
    """Send the payloads as soon as the mark is there, and note from where."""

    def send():
        deadline = time.monotonic() + 5
        while not path.exists() and time.monotonic() < deadline:
            time.sleep(0.01)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            sender.bind(("127.0.0.1", 0))
            sources.append(sender.getsockname()[1])
            for payload in payloads:
                sender.sendto(payload, ("127.0.0.1", port))

    thread = threading.Thread(target=send, daemon=True)
    thread.start()
    return thread


@needs_packets
def test_a_datagram_is_seen_beside_the_owner_of_its_port(capsys, tmp_path):
    ready, sources = tmp_path / "ready", []
    with bridge() as (owner, port):
        thread = send_when_ready(ready, port, [b"something else", b"before token after"], sources)
        result = run(capsys, port=port, ready_path=str(ready))
        thread.join(5)
        owner.settimeout(5)
        assert owner.recv(100) == b"something else"
    assert result["received"] is True and result["changed"] is False
    assert (result["source"], result["source_port"]) == ("127.0.0.1", sources[0])
    assert (result["destination"], result["length"]) == ("127.0.0.1", len(b"before token after"))
    assert not ready.exists()


@needs_packets
def test_the_kernel_drops_what_goes_to_other_ports():
    with bridge() as (_owner, port), bridge() as (_other, other_port):  # noqa: SIM117
        with datagram_capture.open_capture(port) as capture:
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
                for destination in (other_port, port):
                    sender.sendto(b"token", ("127.0.0.1", destination))
            capture.settimeout(5)
            # What arrived before the socket had its filter is of others.
            ports = iter(lambda: int.from_bytes(capture.recv(65535)[22:24], "big"), None)
            assert next(number for number in ports if number in (port, other_port)) == port


@needs_packets
def test_that_nothing_comes_is_a_result(capsys, tmp_path):
    ready = tmp_path / "ready"
    with bridge() as (_owner, port):
        result = run(capsys, port=port, timeout=0.2, ready_path=str(ready))
    assert result["received"] is False and result["source"] == "" and "failed" not in result
    assert not ready.exists()


@needs_packets
def test_a_mark_that_exists_is_refused_and_kept(capsys, tmp_path):
    ready = tmp_path / "ready"
    ready.write_text("of someone else")
    result = run(capsys, timeout=0.2, ready_path=str(ready))
    assert result["failed"] and "ready_path: " in result["msg"]
    assert ready.read_text() == "of someone else"


def test_a_user_without_the_right_is_told_so(capsys, monkeypatch):
    def refuse(*_arguments):
        raise PermissionError(1, os.strerror(1))

    monkeypatch.setattr(datagram_capture.socket, "socket", refuse)
    monkeypatch.setattr(datagram_capture.socket, "AF_PACKET", 17, raising=False)
    assert "run the module as root" in run(capsys)["msg"]


@pytest.mark.parametrize("change", [{"port": 0}, {"port": 65536}, {"timeout": 0}, {"token": ""}])
def test_a_wrong_option_is_refused(capsys, change):
    assert run(capsys, **change)["failed"] is True
