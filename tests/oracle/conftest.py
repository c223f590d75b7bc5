# Copyright: Contributors to the selfhosted.jitsi project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Judges: the real parsers, each a process that lives as long as the tests."""

from __future__ import annotations

import shutil
import struct
import subprocess
from pathlib import Path

import pytest
from ansible_collections.selfhosted.jitsi.plugins.module_utils._shell import conntrack, firewall, lock, rollback
from namespaces import SBIN, Namespace

JAVA_SOURCES = Path(__file__).parent / "java"
#: The fixtures through which a test asks a real parser.
JUDGES = {"java", "lightbend", "node"}


def pytest_addoption(parser):
    parser.addoption("--judged", action="store_true", help="only generated cases that a real parser judges")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config, items):
    if not config.getoption("--judged"):
        return
    kept = [item for item in items if item.get_closest_marker("hypothesis") and JUDGES & set(item.fixturenames)]
    config.hook.pytest_deselected(items=[item for item in items if item not in kept])
    items[:] = kept


class Judge:
    """A process that answers each frame on its stdin (four bytes of length, then data) with a frame on its stdout."""

    def __init__(self, command: list[str]) -> None:
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def ask(self, question: bytes) -> bytes:
        self.process.stdin.write(struct.pack(">i", len(question)) + question)
        self.process.stdin.flush()
        (length,) = struct.unpack(">i", self.process.stdout.read(4))
        return self.process.stdout.read(length)

    def close(self) -> None:
        self.process.stdin.close()
        self.process.wait(timeout=10)
        self.process.stdout.close()


@pytest.fixture(scope="session")
def java_judge(tmp_path_factory):
    """Compiles and starts a program of tests/oracle/java: ``java_judge(name, classpath)``."""
    judges = []

    def start(name: str, classpath: str = "") -> Judge:
        for program in ("javac", "java"):
            if shutil.which(program) is None:
                pytest.skip(f"{program} is not installed; install a JDK, for example default-jdk-headless")
        classes = tmp_path_factory.mktemp(name)
        paths = ":".join(filter(None, [str(classes), classpath]))
        subprocess.run(["javac", "-cp", paths, "-d", str(classes), str(JAVA_SOURCES / f"{name}.java")], check=True)
        judges.append(Judge(["java", "-Xshare:auto", "-cp", paths, name]))
        return judges[-1]

    yield start
    for judge in judges:
        judge.close()


@pytest.fixture(params=["nft", "legacy"])
def namespace(request, tmp_path, monkeypatch):
    for module in (lock, rollback):
        monkeypatch.setattr(module, "RUNTIME", str(tmp_path / "run"))
    monkeypatch.setattr(firewall, "_LEGACY_TABLES", str(tmp_path / "none"))
    needed = ["unshare", "nsenter", f"iptables-{request.param}-restore"]
    missing = [name for name in needed if not shutil.which(name, path=SBIN)]
    if missing:
        pytest.skip(f"missing: {', '.join(missing)}")
    space = Namespace(request.param)
    monkeypatch.setattr(conntrack, "open_socket", space.open_conntrack)
    try:
        if not space.ready:
            pytest.skip("missing: the right to make a network namespace (run as root)")
        yield space
    finally:
        space.close()
