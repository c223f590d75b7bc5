# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""What machine_info reads is what the machine's own programs say: dpkg-query, stat and df."""

from __future__ import annotations

import base64
import hashlib
import json
import subprocess
from dataclasses import dataclass

import pytest
from throwaway import Throwaway, throwaway

STATUS = "/var/lib/dpkg/status"
BROKEN = (
    "\nPackage: jicofo\nStatus: install ok half-configured\nMaintainer: Nobody <nobody@jitsi.test>\n"
    "Architecture: all\nVersion: 1\nDescription: stand-in\n"
)


LATIN = b"# Gr\xfc\xdfe\n\0"
#: A file for each way in which it may differ from what is expected, and one that does not.
FILES = ("right", "content", "mode", "owner", "group")
CHECKSUM = hashlib.sha256(b"a\n").hexdigest()
EXPRESSION = "^[^#]*https://x[.]test"
SEARCH = {"patterns": ["/etc/?.list"], "expression": EXPRESSION}
#: What is read, in this order, in check mode.
READ = {
    "packages": {"packages": True},
    "paths": {
        "paths": ["/etc/x/file", "/etc/x/to-nowhere", "/etc/x", "/dev/null", "/etc/none", "/etc/x/file/none"],
    },
    "contents": {"contents": ["/etc/latin.conf", "/etc/none"], "patterns": ["/etc/latin.*", "/etc/none*"]},
    "expected": {
        "expected": [
            *({"path": f"/etc/y/{name}", "checksum": CHECKSUM} for name in (*FILES, "link", "none", "folder")),
            {"path": "/etc/y", "kind": "directory", "mode": "0755"},
        ]
    },
    "found": {"searches": [SEARCH]},
    "found elsewhere": {"searches": [{**SEARCH, "excluded": ["/etc/b.list"]}]},
    "free": {"free": ["/usr"]},
    "edited": {"conffiles": ["no-such-package", "base-files"]},
    "in between": {"packages": True},
    "killed": {"packages": True},
}
#: What happens on the machine right before. dpkg names so what it has noted, and the file into which it writes.
BEFORE = {
    "in between": "cat /throwaway/broken >> /var/lib/dpkg/status && touch /var/lib/dpkg/updates/tmp.i",
    "killed": "touch /var/lib/dpkg/updates/0000",
}
#: What cannot be read, and the words about it.
UNREADABLE = {
    "free space": (
        {"free": ["/none"]},
        "Cannot read the free space of /none: No such file or directory; check its mount",
    ),
    "folder": ({"contents": ["/etc"]}, "Cannot read /etc: Is a directory; run as root"),
    "zero byte": ({"paths": ["/etc/a\0b"]}, "paths"),
    "expression": (
        {"searches": [{"patterns": ["/etc/*"], "expression": "("}]},
        "searches: '(' is not a regular expression",
    ),
}


def output(*words):
    return subprocess.run(words, capture_output=True, text=True, check=True).stdout


def have_files(machine):
    """What the module reads, with all that it has to tell apart."""
    path = machine.path(STATUS)
    path.write_text(path.read_text().rstrip("\n") + "\n")
    machine.write("/throwaway/broken", BROKEN)
    machine.write("/etc/x/file", "a\n")
    machine.path("/etc/x/file").chmod(0o640)
    machine.run("chown", "daemon:4242", "/etc/x/file")
    machine.run("ln", "-s", "/nowhere", "/etc/x/to-nowhere")
    machine.path("/etc/latin.conf").write_bytes(LATIN)
    for name in FILES:
        machine.write(f"/etc/y/{name}", "other\n" if name == "content" else "a\n")
        machine.path(f"/etc/y/{name}").chmod(0o600 if name == "mode" else 0o644)
        owner = {"owner": "daemon:root", "group": "root:daemon"}.get(name, "root:root")
        machine.run("chown", owner, f"/etc/y/{name}")
    machine.run("ln", "-s", "right", "/etc/y/link")
    machine.run("mkdir", "--mode=0755", "/etc/y/folder", "/etc/d.list")
    machine.write("/etc/a.list", "# deb https://x.test/ a\n")
    machine.write("/etc/b.list", "\n  deb https://x.test/ a\n")
    machine.write("/etc/issue", "mine\n")
    machine.path("/etc/issue.net").unlink(missing_ok=True)
    machine.path("/etc/c.list").write_bytes(b"\xff deb https://x.test/\n")


def steps(name, options, register):
    """The tasks that read something, after what happens before."""
    if name in BEFORE:
        yield {"name": "Change the machine", "ansible.builtin.raw": BEFORE[name], "check_mode": False}
    task = {"name": "Read", "selfhosted.jitsi.machine_info": options, "register": register}
    # As a user meets it, and not in check mode.
    yield {**task, "ignore_errors": True, "check_mode": False} if name in UNREADABLE else task


@dataclass
class Run:
    """A machine after a run, what the module returned there by the names of cases, and what was said."""

    machine: Throwaway
    results: dict
    said: str


@pytest.fixture(scope="module")
def read(tmp_path_factory):
    """One run that reads everything."""
    cases = {**READ, **{name: options for name, (options, _words) in UNREADABLE.items()}}
    names = {name: f"read_{number}" for number, name in enumerate(cases)}
    together = ", ".join(f"{json.dumps(name)}: {register}" for name, register in names.items())
    report = {"content": f"{{{{ {{{together}}} | to_json }}}}", "dest": "/throwaway/read", "mode": "0600"}
    with throwaway(tmp_path_factory.mktemp("read")) as machine:
        have_files(machine)
        tasks = [step for name, options in cases.items() for step in steps(name, options, names[name])]
        tasks.append({"name": "Report", "ansible.builtin.copy": report, "check_mode": False})
        code, said = machine.play(tasks, "--check")
        assert code == 0, said
        yield Run(machine, json.loads(machine.path("/throwaway/read").read_text()), said)


def test_packages_are_those_of_dpkg(read):
    wanted = output("dpkg-query", "--show", "--showformat=${db:Status-Status} ${Package} ${Version}\\n").splitlines()
    found = read.results["packages"]
    assert found["packages"] == dict(line.split()[1:] for line in wanted if line.startswith("installed "))
    assert (found["unfinished"], found["interrupted"], found["changed"]) == ([], False, False)


def test_package_in_between_and_a_killed_dpkg_are_named(read):
    found = read.results["in between"]
    assert (found["unfinished"], found["interrupted"]) == (["jicofo"], False)
    assert "jicofo" not in found["packages"]
    assert read.results["killed"]["interrupted"] is True


def test_paths_are_those_of_the_file_system(read):
    found = read.results["paths"]
    plain = {"mode": "0640", "owner": "daemon", "group": "4242", "target": ""}
    assert found["paths"]["/etc/x/file"] == {"kind": "file", **plain}
    assert found["paths"]["/etc/x/to-nowhere"]["target"] == "/nowhere"
    assert {path: one["kind"] for path, one in found["paths"].items()} == {
        "/etc/x/file": "file",
        "/etc/x/to-nowhere": "link",
        "/etc/x": "directory",
        "/dev/null": "other",
    }


def test_contents_are_whole_whatever_their_bytes(read):
    found = read.results["contents"]
    contents = {name: base64.b64decode(text) for name, text in found["contents"].items()}
    assert contents == {"/etc/latin.conf": LATIN}
    assert found["matching"] == ["/etc/latin.conf"]


def test_file_is_as_expected_only_with_its_content_owner_and_mode(read):
    """Each name says in what its file differs."""
    names = (*FILES, "link", "none", "folder")
    assert read.results["expected"]["differing"] == [f"/etc/y/{name}" for name in names if name != "right"]


def test_lines_are_found_as_grep_finds_them(read):
    command = f"LC_ALL=C grep --files-with-matches --text -E '{EXPRESSION}' /etc/[abc].list"
    grep = read.machine.run("sh", "-c", command).stdout
    assert read.results["found"]["found"] == {EXPRESSION: grep.split()}
    assert read.results["found elsewhere"]["found"] == {EXPRESSION: ["/etc/c.list"]}


def test_edited_configuration_files_are_those_that_dpkg_verifies(read):
    """A file that was removed was not edited, and a package that is not installed has none."""
    edited = read.results["edited"]["edited"]
    assert "/etc/issue" in edited
    assert "/etc/issue.net" not in edited


def test_free_space_is_that_of_df(read):
    blocks = read.machine.run("df", "--block-size=1M", "--output=avail", "/usr").stdout.splitlines()[1]
    assert abs(read.results["free"]["free"]["/usr"] - int(blocks)) <= 64


@pytest.mark.parametrize("case", UNREADABLE)
def test_what_cannot_be_read_is_named(read, case):
    words = UNREADABLE[case][1]
    assert read.results[case]["failed"] is True
    assert words in read.results[case]["msg"]
    assert words in read.said, read.said
    assert "Traceback" not in read.said
