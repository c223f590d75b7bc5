# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""The repository that somebody gives the lab in place of its stand-ins: wrong values, and what right ones come to."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]
LAB = CHECKOUT / "tests" / "lab"
NAME = "JITSI_LAB_REPOSITORY"
OTHER = "0123456789ABCDEF0123456789ABCDEF01234567"
URL = "https://packages.example/jitsi"

needs_gpg = pytest.mark.skipif(not shutil.which("gpg"), reason="no keys: gpg is not installed")


#: The variables by the names that the tests give them.
NAMES = {
    "WHERE": NAME,
    "KEY": f"{NAME}_KEY",
    "FINGERPRINT": f"{NAME}_FINGERPRINT",
    "GENERATION": "JITSI_LAB_GENERATION",
}


def environment(**repository):
    """This environment with these variables, and none of the others."""
    own = {name: value for name, value in os.environ.items() if name not in NAMES.values()}
    return {**own, **{NAMES[name]: str(repository[name]) for name in repository}}


def judged(**repository):
    """What the lab says of these settings, and its exit code; nothing is started."""
    command = [sys.executable, str(LAB / "lab.py"), "check-settings"]
    done = subprocess.run(command, env=environment(**repository), capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def gpg(home, *words):
    command = ["gpg", "--homedir", str(home), "--batch", "--pinentry-mode", "loopback", "--passphrase", "", *words]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


@pytest.fixture(scope="module")
def signed(tmp_path_factory):
    """A folder as the lab wants it, with the name of the key that is in it. Its packages are none."""
    folder, home = tmp_path_factory.mktemp("repository"), tmp_path_factory.mktemp("gnupg")
    home.chmod(0o700)
    gpg(home, "--quick-generate-key", "somebody <somebody@packages.example>", "ed25519", "sign", "never")
    try:
        (folder / "stable").mkdir()
        (folder / "stable" / "Packages").touch()
        (folder / "stable" / "Release").write_text("Suite: stable\n")
        gpg(home, "--clearsign", "--output", str(folder / "stable/InRelease"), str(folder / "stable/Release"))
        (folder / "jitsi-key.gpg.key").write_text(gpg(home, "--armor", "--export"))
        listed = gpg(home, "--with-colons", "--list-keys").splitlines()
    finally:
        subprocess.run(["gpgconf", "--homedir", str(home), "--kill", "all"], check=True)
    (folder / "fingerprint").write_text(next(line for line in listed if line.startswith("fpr:")).split(":")[9] + "\n")
    return folder


@pytest.fixture
def folder(signed, tmp_path):
    """A copy of it, to be spoilt."""
    return shutil.copytree(signed, tmp_path / "repository")


#: What is wrong with the settings, and what the message must say: the value, what is wrong, and what to do.
WRONG = {
    "a relative path": ({"WHERE": "packages"}, f"{NAME} is 'packages'", "nor a path from the root", "write https://"),
    "a folder that is not there": (
        {"WHERE": "/no/such"},
        f"{NAME} is '/no/such'",
        "no such folder",
        "correct the path",
    ),
    "another kind of URL": (
        {"WHERE": "ftp://a.example"},
        "'ftp://a.example'",
        "no URL of a web server",
        "https://HOST",
    ),
    "a URL without a host": (
        {"WHERE": "https:///x"},
        "'https:///x'",
        "no URL of a web server",
        "write https://HOST/PATH",
    ),
    "a URL without a fingerprint": ({"WHERE": URL}, f"{NAME}_FINGERPRINT is empty", "the 40 hex digits"),
    "a short fingerprint": (
        {"WHERE": URL, "FINGERPRINT": "F1FD7806"},
        f"{NAME}_FINGERPRINT is 'F1FD7806'",
        "not 40 hex digits",
        "gpg --show-keys",
    ),
    "one of two fingerprints": (
        {"WHERE": URL, "FINGERPRINT": f"{OTHER},xyz"},
        "XYZ is not 40 hex digits",
        "with commas",
    ),
    "a key that is not there": (
        {"WHERE": URL, "FINGERPRINT": OTHER, "KEY": "/no/key"},
        f"{NAME}_KEY is '/no/key'",
        "no such file is there",
        "correct the path",
    ),
    "a key without a repository": ({"KEY": "/key"}, f"{NAME}_KEY is '/key'", f"{NAME} is empty", f"unset {NAME}_KEY"),
    "a fingerprint without a repository": (
        {"FINGERPRINT": OTHER},
        OTHER,
        f"{NAME} is empty",
        "set JITSI_LAB_REPOSITORY",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_setting_is_named(name):
    settings, *words = WRONG[name]
    code, said = judged(**settings)
    assert code == 1
    for word in words:
        assert word in said, said
    assert "Traceback" not in said


#: What a folder lacks, and what the message must say.
LACKING = {
    "stable": ("it has no stable/Packages", "name the folder that has stable/"),
    "stable/InRelease": ("it has no stable/InRelease", "gpg --clearsign"),
    "jitsi-key.gpg.key": ("it has no jitsi-key.gpg.key", f"in {NAME}_KEY"),
    "fingerprint": ("has no file `fingerprint`", f"set {NAME}_FINGERPRINT"),
}


@needs_gpg
@pytest.mark.parametrize("name", LACKING)
def test_folder_that_lacks_something_is_named(folder, name):
    target = folder / name
    shutil.rmtree(target) if target.is_dir() else target.unlink()
    code, said = judged(WHERE=folder)
    assert code == 1
    for word in (str(folder), *LACKING[name]):
        assert word in said, said


@needs_gpg
def test_folder_below_the_right_one_is_named(folder):
    code, said = judged(WHERE=folder / "stable")
    assert code == 1
    assert "name the folder above this one" in said


@needs_gpg
def test_key_of_somebody_else_is_named(folder):
    own = (folder / "fingerprint").read_text().strip()
    code, said = judged(WHERE=folder, FINGERPRINT=OTHER)
    assert code == 1
    assert f"{NAME}_FINGERPRINT is '{OTHER}', but {folder}/jitsi-key.gpg.key has the keys {own}" in said


@needs_gpg
def test_file_that_holds_no_key_is_named(folder):
    (folder / "jitsi-key.gpg.key").write_text("<html>404</html>\n")
    code, said = judged(WHERE=folder)
    assert code == 1
    assert f"{folder}/jitsi-key.gpg.key holds no public key" in said


@needs_gpg
def test_generation_that_only_the_stand_ins_have_is_refused(folder):
    code, said = judged(WHERE=folder, GENERATION="2020")
    assert code == 1
    assert "JITSI_LAB_GENERATION is '2020', but only the stand-ins have it" in said


@needs_gpg
@pytest.mark.parametrize(
    "settings", [{}, {"FINGERPRINT": ""}, {"KEY": "https://keys.example/key"}], ids=["folder", "empty", "key by URL"]
)
def test_right_folder_is_taken(folder, settings):
    assert judged(WHERE=folder, **settings) == (0, "")


def test_right_url_is_taken_with_two_fingerprints_as_gpg_shows_them():
    spaced = "FFD6 5A0D A2BE BDEB 73D4  4C8B B4D2 D216 F1FD 7806"
    assert judged(WHERE=URL, FINGERPRINT=f"{spaced}, {OTHER.lower()}") == (0, "")


def test_nothing_set_means_the_stand_ins():
    assert judged() == (0, "")


#: Has the lab prepare what it serves, without a container.
PREPARE = """
import sys
sys.path.insert(0, sys.argv[1])
from labkit import packages, settings
packages.ensure(settings.from_environment(), print)
"""
VARIABLES = ("uri", "key_url", "key_fingerprints")


def prepared(state, **repository):
    """What inventory/lab gives the Jitsi machine when the lab has been prepared with these settings."""
    variables = {**environment(**repository), "JITSI_LAB_STATE": str(state), "ANSIBLE_FORCE_COLOR": "false"}
    subprocess.run([sys.executable, "-c", PREPARE, str(LAB)], env=variables, check=True, capture_output=True)
    text = "{{ [" + ", ".join(f"jitsi_meet_apt_{name}" for name in VARIABLES) + "] | to_json }}"
    command = ["ansible", "jitsi", "--inventory", str(CHECKOUT / "inventory/lab"), "--module-name", "debug"]
    done = subprocess.run(
        [*command, "--args", json.dumps({"msg": f"<{text}>"})],
        env=variables,
        check=True,
        capture_output=True,
        text=True,
    )
    said = json.loads(done.stdout[done.stdout.index("{") :])["msg"]
    return dict(zip(VARIABLES, json.loads(said.strip("<>"))))


@needs_gpg
def test_inventory_has_a_folder_as_the_lab_serves_it_and_no_stand_ins(folder, tmp_path):
    fingerprint = (folder / "fingerprint").read_text().strip()
    # What a lab with the stand-ins has left.
    left = tmp_path / "state" / "packages" / "current"
    left.mkdir(parents=True)
    assert prepared(tmp_path / "state", WHERE=folder) == {
        "uri": "http://packages.test/repository",
        "key_url": "http://packages.test/jitsi-key.gpg.key",
        "key_fingerprints": [fingerprint],
    }
    served = {path.name for path in left.parent.iterdir()}
    assert served == {"repository", "jitsi-key.gpg.key", "fingerprint", "sources.sha256"}
    assert (left.parent / "jitsi-key.gpg.key").read_bytes() == (folder / "jitsi-key.gpg.key").read_bytes()


@needs_gpg
def test_inventory_has_a_url_as_it_is_and_nothing_of_the_folder_before_it(folder, tmp_path):
    prepared(tmp_path, WHERE=folder)
    assert prepared(tmp_path, WHERE=f"{URL}/", FINGERPRINT=OTHER) == {
        "uri": URL,
        "key_url": f"{URL}/jitsi-key.gpg.key",
        "key_fingerprints": [OTHER],
    }
    assert not (tmp_path / "packages" / "jitsi-key.gpg.key").exists()
