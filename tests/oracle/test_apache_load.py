# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""What conferences do to the other sites of the same Apache: real WebSockets, real reloads."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import test_apache
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.apache.configuration import numbers
from ansible_collections.selfhosted.jitsi.plugins.module_utils._shell.apache.tree import dump_command
from ansible_collections.selfhosted.jitsi.plugins.module_utils._shell.apache.workers import carry_out, look
from ansible_collections.selfhosted.jitsi.plugins.module_utils._shell.commands import CommandError
from test_apache import STOCK_EVENT

pytestmark, apache = test_apache.pytestmark, test_apache.apache
CROWD = Path(__file__).parent / "crowd.py"
JITSI = {"name": "jitsi.test", "backend": "http://127.0.0.1:8001/", "websocket": True}
OTHER = {"name": "other.test", "backend": "http://127.0.0.1:8001/"}
PARTICIPANTS = 500
WEBSOCKETS = 1000
RELOADS = 40


class Clients:
    """A crowd of people in conferences, and one who asks another site."""

    def __init__(self, server):
        authorities = server.folder / "authorities.pem"
        authorities.write_text("".join(path.read_text() for path in (server.folder / "ssl").glob("*.crt")))
        command = server.inside(sys.executable, str(CROWD), "clients", str(authorities))
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        server.backends.append(self.process)

    def ask(self, *words):
        self.process.stdin.write(" ".join(map(str, words)) + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def close(self):
        self.process.stdin.close()
        self.process.wait(timeout=30)


def serve(server):
    """Sites as they are, with a service behind them."""
    command = server.inside(sys.executable, str(CROWD), "backend", "8001")
    process = subprocess.Popen(command, stdout=subprocess.PIPE)
    server.backends.append(process)
    assert process.stdout.readline() == b"ready\n"
    server.apply(JITSI, OTHER)


def size(server, participants=PARTICIPANTS):
    """Have the role's module size Apache, and say what it did."""
    work = look(participants, str(server.configuration), server.run)
    carry_out(work, server.run)
    return work


def restart(server):
    """Stop and start, as systemd does."""
    pid = server.folder / "pid"
    os.kill(int(pid.read_text()), signal.SIGTERM)
    deadline = time.monotonic() + 30
    while pid.exists():
        assert time.monotonic() < deadline, "Apache does not end"
        time.sleep(0.05)
    server.start()


def fails(server, websockets, reloads):
    """What the other site's client meets when so many WebSockets are opened, and then six more after each reload."""
    clients = Clients(server)
    clients.ask("watch")
    clients.ask("open", websockets, 3)
    for _n in range(reloads):
        server.start()
        if clients.ask("open", 6, 3)["wrong"]:
            break
    deadline = time.monotonic() + 30
    while not (seen := clients.ask("seen"))["failures"] and time.monotonic() < deadline:
        time.sleep(0.1)
    clients.close()
    return seen["failures"]


def hold(server, capsys, what):
    """Open a thousand WebSockets, reload forty times with new ones each time, and demand that nobody notices."""
    clients = Clients(server)
    clients.ask("watch")
    assert clients.ask("open", WEBSOCKETS, 60) == {"open": WEBSOCKETS, "wrong": []}
    for number in range(1, RELOADS + 1):
        server.start()
        assert clients.ask("open", 3, 30) == {"open": WEBSOCKETS + 3 * number, "wrong": []}
    assert clients.ask("echo") == {"alive": WEBSOCKETS + 3 * RELOADS}
    seen = clients.ask("seen")
    with capsys.disabled():
        print(f"\n{what}: other.test was asked {seen['asked']} times, slowest answer {seen['slowest']:.2f} s")
    assert seen["failures"] == []
    assert seen["asked"] > RELOADS
    clients.close()


def test_thousand_websockets_and_forty_reloads_leave_the_other_sites_alone(apache, capsys):
    size(apache)
    serve(apache)
    apache.start()
    hold(apache, capsys, "installed by the role")


def test_stock_settings_fail_the_same(apache):
    serve(apache)
    apache.start()
    assert fails(apache, WEBSOCKETS, 0)


def test_apache_that_was_there_holds_them_after_a_restart_and_not_before(apache, capsys):
    serve(apache)
    apache.start()
    assert fails(apache, 6, 20), "20 reloads of Debian's settings leave no room for another process"
    assert size(apache).limits_change
    apache.start()
    said = (apache.folder / "error.log").read_text()
    assert "changing ServerLimit to 192 from original value of 16 not allowed during restart" in said
    restart(apache)
    hold(apache, capsys, "there before, with a restart")


def effective(server):
    status, output, _errors = server.run(dump_command(str(server.configuration)))
    assert status == 0
    return numbers(output)


def settings(server, text):
    (server.configuration / "mods-enabled" / "mpm_event.conf").write_text(text)


def test_sizes_are_written_once_and_taken_back(apache):
    before = apache.snapshot()
    work = size(apache, 100)
    assert (work.room_before, work.room, work.limits_change) == (150, 384, True)
    assert {name: effective(apache)[name] for name in ("serverlimit", "threadsperchild", "maxrequestworkers")} == {
        "serverlimit": 192,
        "threadsperchild": 64,
        "maxrequestworkers": 384,
    }
    again = look(100, str(apache.configuration), apache.run)
    assert (again.files.changed, again.limits_change) == (False, False)
    # A few people more need no restart.
    work = size(apache, 300)
    assert (work.files.changed, work.limits_change) == (True, False)
    assert size(apache, 0).files.changed
    assert apache.snapshot() == before


@pytest.mark.parametrize(
    ("theirs", "kept"),
    [
        ("ServerLimit 900\nMaxRequestWorkers 4000\nThreadsPerChild 50\n", {"serverlimit": 900}),
        ("ThreadLimit 200\nThreadsPerChild 200\nMaxClients 4000\nServerLimit 20\n", {"threadsperchild": 200}),
        ("<IfModule mpm_event_module>\nMaxSpareThreads 999\n</IfModule>\n", {"maxsparethreads": 999}),
        ("<IfDefine Never>\nMaxRequestWorkers 9000\n</IfDefine>\n", {"maxrequestworkers": 384}),
    ],
)
def test_what_an_administrator_set_higher_is_kept(apache, theirs, kept):
    settings(apache, STOCK_EVENT + theirs)
    before = effective(apache)
    size(apache, 100)
    found = effective(apache)
    assert {name: found[name] for name in kept} == kept
    assert all(found[name] >= value for name, value in before.items() if name != "startservers")
    assert not look(100, str(apache.configuration), apache.run).files.changed


def test_enough_of_an_administrators_own_needs_no_file(apache):
    settings(
        apache,
        "ServerLimit 400\nThreadLimit 64\nThreadsPerChild 64\nMaxRequestWorkers 6400\n"
        "MinSpareThreads 64\nMaxSpareThreads 640\n",
    )
    assert not look(100, str(apache.configuration), apache.run).files.changed


def test_refused_size_leaves_everything_as_it_was(apache):
    before = apache.snapshot()
    work = look(100, str(apache.configuration), apache.run)
    with pytest.raises(CommandError, match=r"Apache rejects the files with its new limits.*restored"):
        carry_out(work, lambda argv, stdin: (1, "", "no") if argv[1:] == ["configtest"] else apache.run(argv, stdin))
    assert apache.snapshot() == before
