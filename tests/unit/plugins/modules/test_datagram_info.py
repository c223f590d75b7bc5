# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""datagram_info against real datagrams on the loopback interface."""

from __future__ import annotations

import contextlib
import json
import os
import select
import socket
import stat
import threading
import time
from pathlib import Path

import pytest
from ansible.module_utils.testing import patch_module_args
from ansible_collections.selfhosted.jitsi.plugins.module_utils._module import datagram_info
from ansible_collections.selfhosted.jitsi.plugins.module_utils._shell.probe import capture as datagram_capture
from ansible_collections.selfhosted.jitsi.plugins.module_utils._shell.probe import watch


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


def run(capsys, phase, path, **options):
    """Run the module and return what it prints."""
    with patch_module_args({"phase": phase, "path": str(path), **options}), pytest.raises(SystemExit):
        datagram_info.main()
    return json.loads(capsys.readouterr().out)


def start(capsys, path, port, **options):
    """Begin a watch for the word token."""
    result = run(capsys, "start", path, port=port, token="token", **{"timeout": 30, **options})
    assert (result["changed"], result["path"]) == (False, str(path)), result


def send(port, *payloads):
    """Send some datagrams, and return the port that they come from."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.bind(("127.0.0.1", 0))
        for payload in payloads:
            sender.sendto(payload, ("127.0.0.1", port))
        return sender.getsockname()[1]


@contextlib.contextmanager
def bridge():
    """The program that owns the port, and answers nobody."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as owner:
        owner.bind(("127.0.0.1", 0))
        yield owner, owner.getsockname()[1]


@needs_packets
def test_a_datagram_is_seen_beside_the_owner_of_its_port(capsys, tmp_path):
    with bridge() as (owner, port):
        start(capsys, tmp_path / "watch", port)
        source_port = send(port, b"something else", b"before token after")
        result = run(capsys, "end", tmp_path / "watch")
        owner.settimeout(5)
        assert owner.recv(100) == b"something else"
    assert result["received"] is True and result["changed"] is False
    assert (result["source"], result["source_port"]) == ("127.0.0.1", source_port)
    assert (result["destination"], result["length"]) == ("127.0.0.1", len(b"before token after"))
    assert list(tmp_path.iterdir()) == []


@needs_packets
def test_a_datagram_that_comes_while_somebody_waits_is_seen(capsys, tmp_path):
    with bridge() as (_owner, port):
        start(capsys, tmp_path / "watch", port)
        later = threading.Timer(0.5, send, [port, b"token"])
        later.start()
        assert run(capsys, "end", tmp_path / "watch", timeout=20)["received"] is True
        later.join(5)


@needs_packets
def test_each_watch_sees_its_own(capsys, tmp_path):
    with bridge() as (_owner, port), bridge() as (_other, other_port):
        start(capsys, tmp_path / "one", port)
        start(capsys, tmp_path / "other", other_port)
        send(other_port, b"token")
        assert run(capsys, "end", tmp_path / "other")["received"] is True
        assert run(capsys, "end", tmp_path / "one", timeout=0.2)["received"] is False


def watchers(path):
    """The processes that hold the socket at a path open."""
    table = (line.split() for line in Path("/proc/net/unix").read_text().splitlines()[1:])
    inodes = {f"socket:[{row[6]}]" for row in table if row[7:] == [str(path)]}
    found = set()
    for link in Path("/proc").glob("[0-9]*/fd/*"):
        with contextlib.suppress(OSError):
            if os.readlink(link) in inodes:
                found.add(int(link.parts[2]))
    return found


def wait_until(true):
    """Wait some seconds for a condition."""
    deadline = time.monotonic() + 10
    while not true():
        assert time.monotonic() < deadline, "it did not come true"
        time.sleep(0.02)


def gone(path, process):
    """Whether nothing is left of a watch. In a container without an init nobody asks for how it ended."""
    try:
        ended = Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0] == "Z"
    except (FileNotFoundError, ProcessLookupError):
        ended = True
    return ended and not path.exists()


@needs_packets
def test_nothing_is_left_of_a_watch_that_nobody_ends(capsys, tmp_path):
    with bridge() as (_owner, port):
        start(capsys, tmp_path / "watch", port, timeout=1)
        (process,) = watchers(tmp_path / "watch")
        wait_until(lambda: gone(tmp_path / "watch", process))


@needs_packets
def test_nothing_is_left_of_a_watch_that_was_ended(capsys, tmp_path):
    with bridge() as (_owner, port):
        start(capsys, tmp_path / "watch", port)
        (process,) = watchers(tmp_path / "watch")
        assert process != os.getpid()
        run(capsys, "end", tmp_path / "watch", timeout=0.1)
        wait_until(lambda: gone(tmp_path / "watch", process))


@needs_packets
def test_the_socket_is_its_owners_alone(capsys, tmp_path):
    with bridge() as (_owner, port):
        start(capsys, tmp_path / "watch", port)
        assert stat.S_IMODE((tmp_path / "watch").stat().st_mode) == 0o600
        run(capsys, "end", tmp_path / "watch", timeout=0.1)


@needs_packets
def test_a_caller_that_waits_for_the_end_of_the_streams_is_not_kept(tmp_path):
    ours, theirs = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            for stream in (1, 2):
                os.dup2(theirs, stream)
            os.close(ours)
            os.close(theirs)
            watch.start_watch(str(tmp_path / "watch"), 40123, "token", 30)
        finally:
            os._exit(0)
    os.close(theirs)
    os.waitpid(child, 0)
    assert select.select([ours], [], [], 20)[0] == [ours]
    assert os.read(ours, 1) == b""
    os.close(ours)
    assert watch.end_watch(str(tmp_path / "watch"), 0.1)["received"] is False


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
    with bridge() as (_owner, port):
        start(capsys, tmp_path / "watch", port)
        result = run(capsys, "end", tmp_path / "watch", timeout=0.2)
    assert result["received"] is False and result["source"] == "" and "failed" not in result


@needs_packets
def test_a_path_that_exists_is_refused_and_kept(capsys, tmp_path):
    path = tmp_path / "watch"
    path.write_text("of someone else")
    result = run(capsys, "start", path, port=10000, token="token")
    assert result["failed"] and "path: " in result["msg"] and "choose a new name" in result["msg"]
    assert path.read_text() == "of someone else"


def test_the_end_of_a_watch_that_is_not_there_is_refused(capsys, tmp_path):
    result = run(capsys, "end", tmp_path / "watch", timeout=0.2)
    assert result["failed"] and "path: the watch at " in result["msg"]


def test_a_user_without_the_right_is_told_so(capsys, tmp_path, monkeypatch):
    def refuse(*_arguments):
        raise PermissionError(1, os.strerror(1))

    monkeypatch.setattr(datagram_capture.socket, "socket", refuse)
    monkeypatch.setattr(datagram_capture.socket, "AF_PACKET", 17, raising=False)
    result = run(capsys, "start", tmp_path / "watch", port=10000, token="token")
    assert "run the module as root" in result["msg"] and list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("change", [{"port": 0}, {"port": 65536}, {"timeout": 0}, {"token": ""}, {"port": None}])
def test_a_wrong_option_is_refused(capsys, tmp_path, change):
    assert run(capsys, "start", tmp_path / "watch", **{"port": 10000, "token": "token", **change})["failed"] is True
    assert list(tmp_path.iterdir()) == []
