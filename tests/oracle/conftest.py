# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Judges: the real parsers, each a process that lives as long as the tests."""

from __future__ import annotations

import json
import shutil
import struct
import subprocess
from pathlib import Path

import pytest
from ansible_collections.selfhosted.jitsi.plugins.module_utils._shell import lock
from ansible_collections.selfhosted.jitsi.plugins.module_utils._shell.forwards import iptables as firewall
from ansible_collections.selfhosted.jitsi.plugins.module_utils._shell.forwards import netlink as conntrack
from ansible_collections.selfhosted.jitsi.plugins.module_utils._shell.forwards import rollback
from namespaces import SBIN, Namespace

JAVA_SOURCES = Path(__file__).parent / "java"
#: Lightbend's library as Debian has it (1.3.1), as the videobridge of today has it, and the newest one.
DEBIANS, TODAYS, NEWEST = "debian", "1.4.2", "1.4.10"
DEBIANS_JAR = Path("/usr/share/java/typesafe-config.jar")
#: The fixtures through which a test asks a real parser.
JUDGES = {"java", "lightbend", "node"}
#: For programs that live for seconds or a minute: no second compiler, and no thread beside the program's own.
JAVA = ["java", "-Xshare:auto", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"]


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
        judges.append(Judge([*JAVA, "-cp", paths, name]))
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


@pytest.fixture(scope="session")
def lightbend_jars(tmp_path_factory):
    """The library's files by version; those of Maven Central are missing where it cannot be reached."""
    folder = tmp_path_factory.mktemp("lightbend")
    pom = JAVA_SOURCES / "lightbend" / "pom.xml"
    command = ["mvn", "--batch-mode", "--quiet", "--file", pom, "dependency:copy", f"-DoutputDirectory={folder}"]
    if shutil.which("mvn"):
        subprocess.run(command, check=False, timeout=600)
    return {DEBIANS: DEBIANS_JAR, **{version: folder / f"config-{version}.jar" for version in (TODAYS, NEWEST)}}


class Lightbend:
    """One version of the library. ``knows_lists`` says whether it reads lists of environment variables."""

    def __init__(self, judge: Judge, version: str) -> None:
        self.judge = judge
        self.knows_lists = version == NEWEST

    def __call__(self, file: bytes) -> tuple[int, object]:
        """What the library reads in a file: 0 and the values, or 1 or 2 and None where it refuses."""
        answer = self.judge.ask(file)
        return answer[0], json.loads(answer[1:]) if answer[0] == 0 else None


@pytest.fixture(scope="session", params=[DEBIANS, TODAYS, NEWEST])
def lightbend(request, java_judge, lightbend_jars):
    """Lightbend's library in each of its versions."""
    jar = lightbend_jars[request.param]
    if not jar.exists():
        source = "Maven Central, which mvn cannot reach here" if jar != DEBIANS_JAR else "libtypesafe-config-java"
        pytest.skip(f"Lightbend's library ({request.param}) is missing; it comes from {source}")
    return Lightbend(java_judge("HoconJudge", str(jar)), request.param)
