# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Keyrings, made and read by the real gpg: nothing but the allowed keys reaches apt."""

from __future__ import annotations

import base64
import json
import shutil
import subprocess
import sys

import pytest

pytestmark = pytest.mark.skipif(not shutil.which("gpgv"), reason="gpg or gpgv is not installed; install gpg and gpgv")
MODULE = "ansible_collections.selfhosted.jitsi.plugins.modules.repository_keyring"
#: When both keys were made, for a fingerprint depends on it.
THEN = "20240101T000000!"


class Keys:
    """A person's keys in a home of gpg's own."""

    def __init__(self, home):
        self.home = home
        home.mkdir(mode=0o700)

    def gpg(self, *words, stdin=""):
        command = ["gpg", "--homedir", str(self.home), "--batch", "--pinentry-mode", "loopback", "--passphrase", ""]
        return subprocess.run([*command, *words], input=stdin, check=True, capture_output=True, text=True).stdout

    def make(self, name, *more):
        """Make a key that signs, and return its fingerprint."""
        lines = ["Key-Type: eddsa", "Key-Curve: ed25519", "Key-Usage: sign", f"Name-Real: {name}", *more]
        self.gpg("--generate-key", stdin="\n".join(["%no-protection", *lines, "%commit\n"]))
        found = [line.split(":")[9] for line in self.listed(name) if line.startswith("fpr:")]
        return found[-1]

    def listed(self, *words):
        return self.gpg("--with-colons", "--list-keys", *words).splitlines()

    def public(self, *fingerprints):
        return self.gpg("--armor", "--export", *fingerprints)

    def sign(self, fingerprint, text="Release\n"):
        """A signed text, as apt gets it."""
        return self.gpg("--clearsign", "--local-user", fingerprint, stdin=text)

    def close(self):
        subprocess.run(["gpgconf", "--homedir", str(self.home), "--kill", "all"], check=True)


@pytest.fixture(scope="module")
def keys(tmp_path_factory):
    found = Keys(tmp_path_factory.mktemp("gnupg") / "home")
    yield found
    found.close()


@pytest.fixture(scope="module")
def good(keys):
    return keys.make("Good")


@pytest.fixture(scope="module")
def evil(keys, good):
    """A key that names the good one as its revoker: gpg then prints rvk between pub and fpr."""
    return keys.make("Evil", f"Revoker: 22:{good}")


@pytest.fixture(scope="module")
def plain(keys):
    """A key of somebody else without any trick."""
    return keys.make("Plain")


@pytest.fixture(scope="module")
def other(keys):
    """A further key that may be allowed."""
    return keys.make("Other")


@pytest.fixture
def keyring(tmp_path):
    return Keyring(tmp_path)


class Keyring:
    """The module as a process, and apt's view of what it left."""

    def __init__(self, folder):
        self.folder = folder
        self.path = folder / "keyrings" / "jitsi.asc"

    def judged(self, *fingerprints, fetched=None, **more):
        """What the module says; ``fetched`` is the text of a file that came from somewhere."""
        options = {"path": str(self.path), "fingerprints": list(fingerprints), **more}
        if fetched is not None:
            source = self.folder / "fetched"
            source.write_bytes(fetched if isinstance(fetched, bytes) else fetched.encode())
            options["source"] = str(source)
        given = {"ANSIBLE_MODULE_ARGS": {**options, "_ansible_remote_tmp": str(self.folder)}}
        done = subprocess.run(
            [sys.executable, "-m", MODULE], input=json.dumps(given), capture_output=True, text=True, check=False
        )
        assert not done.stderr, done.stderr
        return json.loads(done.stdout)

    def install(self, text):
        self.path.parent.mkdir(exist_ok=True)
        self.path.write_text(text)

    def trusts(self, signed):
        """Whether gpgv, which apt asks, accepts a signed text with any block of the keyring."""
        blocks = self.path.read_text().split("-----BEGIN PGP PUBLIC KEY BLOCK-----")[1:]
        accepted = []
        for number, block in enumerate(blocks):
            body = block.split("-----END")[0].split("\n\n", 1)[1]
            binary = self.folder / f"{number}.gpg"
            binary.write_bytes(base64.b64decode(body[: body.rindex("\n=")]))
            argv = ["gpgv", "--homedir", str(self.folder), "--keyring", str(binary)]
            done = subprocess.run(argv, input=signed, capture_output=True, text=True, check=False)
            accepted.append(done.returncode == 0)
        return any(accepted)


def test_allowed_key_is_written_and_its_signature_taken(keyring, keys, good):
    said = keyring.judged(good, fetched=keys.public(good))
    assert (said["changed"], said["right"], said["found"], said["expired"]) == (True, True, [good], False)
    assert keyring.trusts(keys.sign(good))
    assert keyring.path.stat().st_mode & 0o777 == 0o644
    assert not keyring.judged(good, fetched=keys.public(good))["changed"]
    again = keyring.judged(good)
    assert (again["changed"], again["right"]) == (False, True)


def test_binary_key_and_several_allowed_ones_are_written_as_one_block(keyring, keys, good, other):
    text = keys.public(good, other).encode()
    binary = subprocess.run(["gpg", "--dearmor"], input=text, capture_output=True, check=True)
    assert keyring.judged(other, good.lower(), fetched=binary.stdout)["right"]
    assert keyring.path.read_text().count("BEGIN PGP") == 1
    assert keyring.trusts(keys.sign(good))
    assert keyring.trusts(keys.sign(other))


#: What an attacker sends: the fingerprints of the fixtures, each block of its own.
ATTACKS = {
    "a designated revoker": [("evil", "good")],
    "a designated revoker behind": [("good", "evil")],
    "another key beside": [("good", "plain")],
    "a second block": [("good",), ("evil",)],
    "a second block before": [("plain",), ("good",)],
}


@pytest.fixture(params=ATTACKS)
def attack(request, keys):
    """The text of a file with the good key and one that is not allowed, and the latter's fingerprint."""
    blocks = ATTACKS[request.param]
    names = [name for block in blocks for name in block if name != "good"]
    wanted = [[request.getfixturevalue(name) for name in block] for block in blocks]
    return "".join(_in_order(keys, block) for block in wanted), request.getfixturevalue(names[0])


def _in_order(keys, fingerprints):
    """One block with these keys in this order; gpg would export them in its own."""
    packets = b"".join(
        subprocess.run(["gpg", "--dearmor"], input=keys.public(each).encode(), capture_output=True, check=True).stdout
        for each in fingerprints
    )
    done = subprocess.run(["gpg", "--enarmor"], input=packets, capture_output=True, check=True).stdout.decode()
    return done.replace("ARMORED FILE", "PUBLIC KEY BLOCK").replace('Comment: Use "gpg --dearmor" for unpacking\n', "")


def test_attack_is_one_that_apt_would_fall_for(keyring, keys, attack):
    text, forger = attack
    keyring.install(text)
    assert keyring.trusts(keys.sign(forger))


def test_fetched_file_with_another_key_is_refused(keyring, keys, good, attack):
    text, forger = attack
    said = keyring.judged(good, fetched=text)
    if said["right"]:
        # gpg reads not every block; what it did not read is not written.
        assert forger not in said["found"]
        assert not keyring.trusts(keys.sign(forger))
    else:
        assert forger in said["found"]
        assert not keyring.path.exists()


def test_installed_keyring_loses_another_key(keyring, keys, good, attack):
    text, forger = attack
    keyring.install(text)
    predicted = keyring.judged(good, _ansible_check_mode=True)
    assert keyring.path.read_text() == text
    said = keyring.judged(good)
    assert said["right"] == predicted["right"]
    assert said["changed"] == predicted["changed"]
    # Where gpg does not read the good block, the role fetches the key anew.
    if said["right"]:
        assert said["changed"]
        assert keyring.trusts(keys.sign(good))
        assert not keyring.trusts(keys.sign(forger))


def test_keyring_without_an_allowed_key_is_left_alone(keyring, keys, good, plain):
    keyring.install(keys.public(plain))
    said = keyring.judged(good)
    assert (said["changed"], said["right"], said["found"]) == (False, False, [plain])
    assert keyring.path.read_text() == keys.public(plain)


@pytest.mark.parametrize("content", [b"<html>404</html>\n", b"", b"\xff\x00\xc3"])
def test_file_without_a_key_is_refused(keyring, good, content):
    said = keyring.judged(good, fetched=content)
    assert (said["changed"], said["right"], said["found"]) == (False, False, [])
    assert not keyring.path.exists()


def test_expired_key_is_named_as_such(keyring, keys, tmp_path):
    dated = Keys(tmp_path / "dated")
    try:
        dated.gpg("--faked-system-time", THEN, "--quick-generate-key", "Old", "ed25519", "sign", "1d")
        fingerprint = next(line for line in dated.listed() if line.startswith("fpr:")).split(":")[9]
        said = keyring.judged(fingerprint, fetched=dated.public())
    finally:
        dated.close()
    assert (said["right"], said["expired"]) == (True, True)


def test_key_that_takes_an_allowed_one_for_its_subkey_is_not_trusted(keyring, keys, good, tmp_path):
    """gpg finds a key by the fingerprint of its subkey, and exports both when it is asked for the one."""
    thief = Keys(tmp_path / "thief")
    try:
        forged = forged_subkey(thief)
        victim, text, forger = forged
        keyring.install(text)
        assert keyring.trusts(thief.sign(forger))
        said = keyring.judged(victim)
        assert not said["right"]
        assert keyring.judged(victim, fetched=text)["right"] is False
    finally:
        thief.close()


def forged_subkey(thief):
    """A primary key, and another that takes it for a subkey: the first fingerprint, both as text, the second one."""
    thief.gpg("--faked-system-time", THEN, "--quick-generate-key", "Victim", "rsa2048", "cert,sign,encr", "never")
    victim = next(line for line in thief.listed() if line.startswith("fpr:")).split(":")[9]
    grip = next(
        line for line in thief.gpg("--with-colons", "--with-keygrip", "--list-keys").splitlines() if line[:3] == "grp"
    )
    thief.gpg("--faked-system-time", THEN, "--quick-generate-key", "Forger", "ed25519", "cert,sign", "never")
    forger = next(line for line in thief.listed("Forger") if line.startswith("fpr:")).split(":")[9]
    answers = "\n".join(["addkey", "13", grip.split(":")[9], "s", "q", "0", "save\n"])
    words = ("--faked-system-time", THEN, "--expert", "--command-fd", "0", "--edit-key", forger)
    command = [
        "gpg",
        "--homedir",
        str(thief.home),
        "--no-tty",
        "--pinentry-mode",
        "loopback",
        "--passphrase",
        "",
        *words,
    ]
    subprocess.run(command, input=answers, check=True, capture_output=True, text=True)
    return victim, _in_order(thief, [f"{victim}!", forger]), forger
