"""The key that signs the repository."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

OWNER = "Jitsi stand-in repository of the lab <packages@packages.test>"


class SigningKey:
    """A key without passphrase in a GnuPG home of its own; made once, then used again."""

    def __init__(self, home: Path, owner: str = OWNER) -> None:
        self._home = home
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not self._fingerprints():
            self._gpg("--passphrase", "", "--quick-generate-key", owner, "rsa4096", "sign", "never")

    def fingerprint(self) -> str:
        """The 40 hex digits of the key."""
        return self._fingerprints()[0]

    def export(self, path: Path, form: str = "--armor") -> None:
        """Write the public key to `path`, ASCII-armoured unless `form` says otherwise."""
        self._gpg(form, "--output", str(path), "--export", self.fingerprint())

    def sign_release(self, folder: Path) -> None:
        """Write InRelease and Release.gpg beside `folder`/Release."""
        release = str(folder / "Release")
        self._gpg("--clearsign", "--output", str(folder / "InRelease"), release)
        self._gpg("--armor", "--detach-sign", "--output", str(folder / "Release.gpg"), release)

    def close(self) -> None:
        """End the agent that gpg started for this home."""
        subprocess.run(["gpgconf", "--homedir", str(self._home), "--kill", "gpg-agent"], check=True)

    def _fingerprints(self) -> list[str]:
        listing = self._gpg("--with-colons", "--list-secret-keys")
        return [line.split(":")[9] for line in listing.splitlines() if line.startswith("fpr:")]

    def _gpg(self, *arguments: str) -> str:
        command = ["gpg", "--homedir", str(self._home), "--batch", "--yes", "--quiet", "--no-tty"]
        command += ["--pinentry-mode", "loopback", "--digest-algo", "SHA512", *arguments]
        environment = {**os.environ, "LC_ALL": "C"}
        return subprocess.run(command, check=True, text=True, stdout=subprocess.PIPE, env=environment).stdout
