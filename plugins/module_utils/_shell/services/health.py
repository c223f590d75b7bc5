# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Look at services until they are healthy, or until a deadline."""

from __future__ import annotations

import http.client
import os
import time
from typing import Iterable, Mapping

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.editing.masking import without_secrets
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.services.health import (
    Seen,
    Unit,
    Wanted,
    complaint,
    is_stuck,
    lines_since,
    listening,
    parse_unit,
    place_of,
    telling,
)
from ansible_collections.selfhosted.jitsi.plugins.module_utils._shell.commands import ENGLISH

PROPERTIES = "ActiveState,ActiveEnterTimestampMonotonic,ControlGroup"
# systemd's own folder in a machine with one hierarchy of groups, and in one with the older ones.
GROUPS = ("/sys/fs/cgroup", "/sys/fs/cgroup/systemd", "/sys/fs/cgroup/unified")
PAUSE = 0.3
#: Bytes at a log's end that are read: a bridge that cannot log in writes some hundred kilobytes a minute.
LAST_WORDS = 256 * 1024
LONGEST_LOG = 16 * 1024 * 1024


class Watch:
    """Asks one machine about its services."""

    def __init__(self, module: AnsibleModule) -> None:
        self.module = module
        self.systemctl = module.get_bin_path("systemctl", required=True)

    def until_healthy(self, services: list[Wanted], seconds: float) -> dict[str, str]:
        """Ask until nothing is missing or the time is over; what is missing then, for each service."""
        deadline = time.monotonic() + seconds
        while True:
            missing = self._missing(services)
            if not missing or time.monotonic() >= deadline:
                return missing
            time.sleep(PAUSE)

    def stuck(self, names: Iterable[str], seconds: float) -> list[str]:
        """Those of some services that are not healthy which only a restart helps.

        :param seconds: how long systemd must have called one active that still has processes.
        """
        units = {name: self._unit(name) for name in names}
        now = time.monotonic()
        return [name for name, unit in units.items() if is_stuck(unit, now, seconds)]

    def _missing(self, services: list[Wanted]) -> dict[str, str]:
        sockets = listening({"tcp": _tables("tcp"), "udp": _tables("udp")})
        found = {wanted.name: complaint(wanted, self._seen(wanted, sockets)) for wanted in services}
        return {name: words for name, words in found.items() if words}

    def _seen(self, wanted: Wanted, sockets: Mapping[tuple[str, int], frozenset[str]]) -> Seen:
        unit = self._unit(wanted.name)
        status, body = _asked(wanted.http) if wanted.http and unit.state == "active" else (None, "")
        now = time.monotonic()
        log = _log_since(wanted.log, now - unit.since) if status == 200 and wanted.is_early(unit, now) else ()
        return Seen(unit, sockets, _sockets_of(unit.group), status, body, now, log)

    def _unit(self, name: str) -> Unit:
        command = [self.systemctl, "show", "--property", PROPERTIES, "--", name]
        code, output, error = self.module.run_command(command, environ_update=ENGLISH)
        if code:
            words = error.strip() or output.strip()
            self.module.fail_json(msg=f"Cannot read the state of {name!r} from systemd: {words}")
        return parse_unit(output)

    def last_words(self, name: str, log: str, count: int) -> list[str]:
        """The last lines of a service's journal and of its own log, without secrets."""
        command = [self.module.get_bin_path("journalctl") or "journalctl", "--no-pager", "--output=short-iso"]
        command += [f"--lines={count}", f"--unit={name}"]
        said = self.module.run_command(command, environ_update=ENGLISH, handle_exceptions=False)[1]
        lines = said.splitlines()[-count:] + (telling(_tail(log, LAST_WORDS), count) if log else [])
        return [without_secrets(line) for line in lines]


def _tables(protocol: str) -> list[str]:
    texts = []
    for name in (protocol, protocol + "6"):
        try:
            with open(f"/proc/net/{name}", encoding="ascii") as table:
                texts.append(table.read())
        except FileNotFoundError:
            continue
    return texts


def _sockets_of(group: str) -> frozenset[str] | None:
    """The sockets of all processes in a group; None where its processes cannot be told."""
    for folder in GROUPS:
        try:
            with open(f"{folder}{group}/cgroup.procs", encoding="ascii") as processes:
                return frozenset(socket for process in processes.read().split() for socket in _sockets(process))
        except OSError:
            continue
    return None


def _sockets(process: str) -> list[str]:
    """The sockets of a process; its user in their stead where a container forbids to look at them."""
    try:
        names = os.listdir(f"/proc/{process}/fd")
        targets = [_target(f"/proc/{process}/fd/{name}") for name in names]
    except PermissionError:
        return _user(process)
    except OSError:
        # It ended meanwhile.
        return []
    return [target[8:-1] for target in targets if target.startswith("socket:[")]


def _target(path: str) -> str:
    try:
        return os.readlink(path)
    except FileNotFoundError:
        # It was closed meanwhile.
        return ""


def _user(process: str) -> list[str]:
    try:
        with open(f"/proc/{process}/status", encoding="utf-8", errors="replace") as status:
            return ["uid:" + line.split()[2] for line in status if line.startswith("Uid:")]
    except OSError:
        return []


def _asked(url: str) -> tuple[int | None, str]:
    host, port, path = place_of(url)
    connection = http.client.HTTPConnection(host, port, timeout=3)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read(2000).decode("utf-8", "replace")
    except ConnectionRefusedError:
        return None, ""
    except (OSError, http.client.HTTPException) as error:
        return 0, str(error)
    finally:
        connection.close()


def _log_since(path: str, seconds: float) -> tuple[str, ...]:
    """What a log has said in the last seconds; the programs write their local time."""
    moment = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(time.time() - seconds))
    return tuple(lines_since(_tail(path, LONGEST_LOG), moment))


def _tail(path: str, size: int) -> list[str]:
    """The lines in the last bytes of a file."""
    try:
        with open(path, "rb") as log:
            log.seek(max(os.fstat(log.fileno()).st_size - size, 0))
            return log.read(size).decode("utf-8", "replace").splitlines()
    except OSError:
        return []
