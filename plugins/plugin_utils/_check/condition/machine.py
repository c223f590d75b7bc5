# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Judge what breaks soon on a machine, or after its next reboot."""

from __future__ import annotations

from typing import Any, Mapping

from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.probe.verdict import Verdict

from ..rows import Part
from .certificates import judge_certificates
from .network import judge_address, judge_way_out
from .units import judge_units

ROOM = "{machine} has room on its disks"
MEMORY = "{machine} has memory left"
PACKAGES = "{machine} has no package half installed"
READABLE = "{program} can read its configuration on {machine}"
ALL_READABLE = "{machine} has configurations that its programs can read"
#: A file system is full below both: 5 % of a large disk is much, and a small one never has 512 MiB.
FREE_PERCENT, FREE_MIB = 5, 512
INODES_PERCENT = 2
#: Memory runs out below one of them: a small machine needs the MiB, and a large one uses more at a time.
MEMORY_PERCENT, MEMORY_MIB = 3, 100
#: Less swap space than that is none.
SWAP_MIB = 100
HOST = "host"
_FREE = (
    "free space there: apt-get clean; journalctl --vacuum-size=200M; "
    "the largest folders are shown by: {commands} | sort -h | tail"
)
_CONSUMERS = (
    "See the largest consumers on {machine} with: ps -eo rss,comm --sort=-rss | head. End or limit what is not needed, "
    "or give the machine more memory. Jitsi needs at least 1,800 MiB, and a further bridge 900 MiB"
)
_DPKG = "On {machine} run: dpkg --configure -a; then: apt-get --fix-broken install"
_CORRECT = "Correct the line that it names. {program} runs on with what it read last, and does not start again"


def judge(machine: str, part: Part) -> list[Verdict]:
    """Return one verdict for each group that is right, and one for each thing that is wrong.

    :param part: ``seen``, the result of condition_info, and ``wanted``: ``role`` ("host", "proxy", "jitsi" or
        "bridge"); optional are ``units`` and ``timers``, the names of those that must run and start at boot;
        ``gateway``, the address of the expected one, or empty; ``own_folder``, where the proxy's role keeps
        certificates.
    """
    seen, wanted = part["seen"], part["wanted"]
    return [
        *_room(machine, seen["disks"], wanted["role"]),
        *_memory(machine, seen["memory"]),
        *_packages(machine, seen["packages"]),
        *judge_units(machine, seen["units"], wanted),
        *judge_certificates(machine, seen["certificates"], wanted),
        *_configurations(machine, seen["configurations"]),
        *judge_way_out(machine, seen, wanted),
        *judge_address(machine, seen, wanted),
    ]


def _room(machine: str, disks: list[Mapping[str, Any]], role: str) -> list[Verdict]:
    if not disks:
        return []
    shown = [(disk, _lack(disk, role)) for disk in disks]
    wrong = [(disk, lack) for disk, lack in shown if lack]
    found = "; ".join(f"{disk['path']}: {lack}" for disk, lack in wrong)
    most_filled = min(disks, key=lambda disk: disk["free"] / max(disk["total"], 1))
    remedy = _remedy_of_room(machine, [disk for disk, _lack_of_disk in wrong]) if wrong else ""
    expected = f"{FREE_PERCENT} % or {FREE_MIB} MiB free, and {INODES_PERCENT} % of the inodes"
    return [Verdict(ROOM.format(machine=machine), not wrong, expected, found or _free(most_filled), remedy)]


def _free(disk: Mapping[str, Any]) -> str:
    return f"{disk['path']}: {disk['free']} of {disk['total']} MiB free"


def _lack(disk: Mapping[str, Any], role: str) -> str:
    """Return what is wrong with a file system; empty if nothing is."""
    if disk["read_only"]:
        # A host can have an image that is full and never written. The other machines run Debian, which writes.
        return "" if role == HOST or disk["path"] == "/boot" else "it is mounted read-only"
    lacks = []
    if disk["free"] < min(disk["total"] * FREE_PERCENT / 100, FREE_MIB):
        lacks.append(f"{disk['free']} of {disk['total']} MiB free")
    if disk["free_inodes"] is not None and disk["free_inodes"] < INODES_PERCENT:
        lacks.append(f"{disk['free_inodes']} % of the inodes free")
    return ", ".join(lacks)


def _remedy_of_room(machine: str, disks: list[Mapping[str, Any]]) -> str:
    full = [disk for disk in disks if not disk["read_only"]]
    broken = [disk["path"] for disk in disks if disk["read_only"]]
    commands = [
        # Of many small files the number counts, and not their size.
        f"du {'--inodes -xh' if disk['free'] >= FREE_MIB else '-xh'} --max-depth=2 {disk['path']}"
        for disk in full
    ]
    parts = [f"On {machine} {_FREE.format(commands=' and '.join(commands))}"] if full else []
    parts += [f"Read dmesg on {machine}, for the kernel stopped writing to {', '.join(broken)}"] if broken else []
    return ". ".join(parts)


def _memory(machine: str, memory: Mapping[str, int]) -> list[Verdict]:
    if not memory:
        return []
    limit = max(memory["total"] * MEMORY_PERCENT / 100, MEMORY_MIB)
    ok = memory["available"] >= limit or memory["swap_free"] >= SWAP_MIB
    found = f"{memory['available']} of {memory['total']} MiB available, {memory['swap_free']} MiB of swap space free"
    if memory["oom_kills"]:
        found += f"; since its boot the kernel ended {memory['oom_kills']} processes that needed more"
    expected = f"{limit:.0f} MiB available, or free swap space"
    remedy = "" if ok else _CONSUMERS.format(machine=machine)
    return [Verdict(MEMORY.format(machine=machine), ok, expected, found, remedy)]


def _packages(machine: str, packages: Mapping[str, Any]) -> list[Verdict]:
    if not packages:
        return []
    wrong = [*packages["unfinished"]] + (["dpkg was interrupted"] if packages["interrupted"] else [])
    remedy = _DPKG.format(machine=machine) if wrong else ""
    return [Verdict(PACKAGES.format(machine=machine), not wrong, "none", ", ".join(wrong) or "none", remedy)]


def _configurations(machine: str, configurations: Mapping[str, Mapping[str, Any]]) -> list[Verdict]:
    tested = {program: result["problem"] for program, result in configurations.items() if result["tested"]}
    expected = "its own test passes"
    wrong = [
        Verdict(
            READABLE.format(program=program, machine=machine),
            False,
            expected,
            problem,
            _CORRECT.format(program=program),
        )
        for program, problem in tested.items()
        if problem
    ]
    right = [Verdict(ALL_READABLE.format(machine=machine), True, "their own tests pass", ", ".join(tested))]
    return wrong or (right if tested else [])
