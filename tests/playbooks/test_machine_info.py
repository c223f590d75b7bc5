# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""What machine_info reads is what the machine's own programs say: dpkg-query, stat and df."""

from __future__ import annotations

import base64
import hashlib
import json
import subprocess

import pytest

STATUS = "/var/lib/dpkg/status"
BROKEN = (
    "\nPackage: jicofo\nStatus: install ok half-configured\nMaintainer: Nobody <nobody@jitsi.test>\n"
    "Architecture: all\nVersion: 1\nDescription: stand-in\n"
)


def output(*words):
    return subprocess.run(words, capture_output=True, text=True, check=True).stdout


def read(machine, **options):
    """What the module returns there, in check mode."""
    report = {"content": "{{ read | to_json }}", "dest": "/root/read", "mode": "0600"}
    tasks = [
        {"name": "Read", "selfhosted.jitsi.machine_info": options, "register": "read"},
        {"name": "Report", "ansible.builtin.copy": report, "check_mode": False},
    ]
    code, said = machine.play(tasks, "--check")
    assert code == 0, said
    return json.loads(machine.path("/root/read").read_text())


def test_packages_are_those_of_dpkg(machine):
    wanted = output("dpkg-query", "--show", "--showformat=${db:Status-Status} ${Package} ${Version}\\n").splitlines()
    found = read(machine, packages=True)
    assert found["packages"] == dict(line.split()[1:] for line in wanted if line.startswith("installed "))
    assert (found["unfinished"], found["interrupted"], found["changed"]) == ([], False, False)


def test_package_in_between_and_a_killed_dpkg_are_named(machine):
    path = machine.path(STATUS)
    path.write_text(path.read_text().rstrip("\n") + "\n" + BROKEN)
    # As dpkg names what it has noted, and the file into which it writes.
    machine.write("/var/lib/dpkg/updates/tmp.i", "")
    found = read(machine, packages=True)
    assert (found["unfinished"], found["interrupted"]) == (["jicofo"], False)
    assert "jicofo" not in found["packages"]
    machine.write("/var/lib/dpkg/updates/0000", "")
    assert read(machine, packages=True)["interrupted"] is True


def test_paths_are_those_of_the_file_system(machine):
    machine.write("/etc/x/file", "a\n")
    machine.path("/etc/x/file").chmod(0o640)
    machine.run("chown", "daemon:4242", "/etc/x/file")
    machine.run("ln", "-s", "/nowhere", "/etc/x/link")
    found = read(machine, paths=["/etc/x/file", "/etc/x/link", "/etc/x", "/dev/null", "/etc/none", "/etc/x/file/none"])
    plain = {"mode": "0640", "owner": "daemon", "group": "4242", "target": ""}
    assert found["paths"]["/etc/x/file"] == {"kind": "file", **plain}
    assert found["paths"]["/etc/x/link"]["target"] == "/nowhere"
    assert {path: one["kind"] for path, one in found["paths"].items()} == {
        "/etc/x/file": "file",
        "/etc/x/link": "link",
        "/etc/x": "directory",
        "/dev/null": "other",
    }


def test_contents_are_whole_whatever_their_bytes(machine):
    path = machine.path("/etc/latin.conf")
    path.write_bytes(b"# Gr\xfc\xdfe\n\0")
    found = read(machine, contents=["/etc/latin.conf", "/etc/none"], patterns=["/etc/latin.*", "/etc/none*"])
    assert {name: base64.b64decode(text) for name, text in found["contents"].items()} == {
        "/etc/latin.conf": b"# Gr\xfc\xdfe\n\0"
    }
    assert found["matching"] == ["/etc/latin.conf"]


def test_file_is_as_expected_only_with_its_content_owner_and_mode(machine):
    """Each name says in what its file differs."""
    for name in ("right", "content", "mode", "owner", "group"):
        machine.write(f"/etc/x/{name}", "other\n" if name == "content" else "a\n")
        machine.path(f"/etc/x/{name}").chmod(0o600 if name == "mode" else 0o644)
        owner = {"owner": "daemon:root", "group": "root:daemon"}.get(name, "root:root")
        machine.run("chown", owner, f"/etc/x/{name}")
    machine.run("ln", "-s", "right", "/etc/x/link")
    machine.run("mkdir", "--mode=0755", "/etc/x/folder")
    checksum = hashlib.sha256(b"a\n").hexdigest()
    names = ["right", "content", "mode", "owner", "group", "link", "none", "folder"]
    wanted = [{"path": f"/etc/x/{name}", "checksum": checksum} for name in names]
    wanted.append({"path": "/etc/x", "kind": "directory", "mode": "0755"})
    found = read(machine, expected=wanted)
    assert found["differing"] == [f"/etc/x/{name}" for name in names if name != "right"]


def test_lines_are_found_as_grep_finds_them(machine):
    machine.write("/etc/a.list", "# deb https://x.test/ a\n")
    machine.write("/etc/b.list", "\n  deb https://x.test/ a\n")
    machine.path("/etc/c.list").write_bytes(b"\xff deb https://x.test/\n")
    machine.run("mkdir", "/etc/d.list")
    expression = "^[^#]*https://x[.]test"
    search = {"patterns": ["/etc/?.list"], "expression": expression}
    grep = machine.run(
        "sh", "-c", f"LC_ALL=C grep --files-with-matches --text -E '{expression}' /etc/[abc].list"
    ).stdout
    assert read(machine, searches=[search])["found"] == {expression: grep.split()}
    assert read(machine, searches=[{**search, "excluded": ["/etc/b.list"]}])["found"] == {expression: ["/etc/c.list"]}


def test_free_space_is_that_of_df(machine):
    blocks = machine.run("df", "--block-size=1M", "--output=avail", "/usr").stdout.splitlines()[1]
    assert abs(read(machine, free=["/usr"])["free"]["/usr"] - int(blocks)) <= 64


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"free": ["/none"]}, "Cannot read the free space of /none: No such file or directory; check its mount"),
        ({"contents": ["/etc"]}, "Cannot read /etc: Is a directory; run as root"),
        ({"paths": ["/etc/a\0b"]}, "paths"),
        ({"searches": [{"patterns": ["/etc/*"], "expression": "("}]}, "searches: '(' is not a regular expression"),
    ],
)
def test_what_cannot_be_read_is_named(machine, options, words):
    code, said = machine.play([{"name": "Read", "selfhosted.jitsi.machine_info": options}])
    assert code != 0
    assert words in said, said
    assert "Traceback" not in said
