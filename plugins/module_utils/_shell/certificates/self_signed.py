# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Make the certificates that the proxy signs itself; take them away; put the earlier ones back."""

from __future__ import annotations

import contextlib
import os
import tempfile
import time

from ..._core.apache.request import Site
from ..._core.apache.vhost import Settings
from ..._core.certificates import self_signed as own_certificate
from ..commands import CommandError, Runner, call
from ..files import PROTECTED, explain, read_text


def is_needed(site: Site, settings: Settings, run: Runner) -> bool:
    """Whether a site's own certificate has to be made.

    :raises CommandError: if the one that is there cannot be read.
    """
    certificate, key = settings.certificate(site)
    if not os.path.isfile(certificate) or not os.path.isfile(key):
        return True
    if site.certificate == "acme" and (os.path.islink(certificate) or os.path.islink(key)):
        # A run that was cut off between the two links has left a pair that Apache would not start with.
        return os.path.islink(certificate) != os.path.islink(key)
    if os.path.islink(certificate):
        return True
    text = read_text(certificate)
    if own_certificate.is_noted(text):
        return not own_certificate.is_good(text, site.names, time.time())
    status, output, _errors = run(own_certificate.question(certificate), "")
    return status != 0 or not own_certificate.describes(output, site.names)


def make(site: Site, settings: Settings, run: Runner) -> None:
    """Make a site's own certificate, in place of one that is there.

    :raises CommandError: if it cannot be made.
    """
    folder = settings.certificate_directory
    try:
        _make(site, settings.certificate(site), folder, run)
    except OSError as error:
        problem = explain(error, folder, PROTECTED)
        raise CommandError(f"Cannot create a certificate for {site.name}: {problem}") from error


def _make(site: Site, paths: tuple[str, str], folder: str, run: Runner) -> None:
    certificate, key = paths
    os.makedirs(folder, mode=0o755, exist_ok=True)
    # Nobody else can look into such a folder, whatever openssl thinks of modes.
    with tempfile.TemporaryDirectory(prefix=".ansible_tmp", dir=folder) as work:
        new_key, new_certificate = os.path.join(work, "key"), os.path.join(work, "crt")
        configuration = os.path.join(work, "configuration")
        with open(configuration, "w", encoding="ascii") as file:
            file.write(own_certificate.configuration(site.names))
        argv = own_certificate.request(configuration, new_key, new_certificate)
        call(run, argv, "", f"create a certificate for {site.name}", "openssl")
        text = own_certificate.note(site.names, time.time()) + read_text(new_certificate)
        with open(new_certificate, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            # Only then is it sure that there was room for it.
            os.fsync(file.fileno())
        os.chmod(new_certificate, 0o644)
        os.chmod(new_key, 0o600)
        os.rename(new_key, key)
        os.rename(new_certificate, certificate)


class Keeper:
    """Remembers certificates with their keys, and puts them back. The keys never leave the memory of this process."""

    def __init__(self) -> None:
        self._found: list[tuple[str, bytes | str | None, int]] = []

    def remember(self, paths: tuple[str, str]) -> None:
        """Remember what lies at these paths.

        :raises CommandError: if it cannot be read.
        """
        for path in paths:
            try:
                self._found.append((path, *_content(path)))
            except OSError as error:
                raise CommandError(f"Cannot read {path}: {error.strerror}; become root") from error

    def put_back(self) -> None:
        """Put everything back. What has not changed is not touched, for there may be no room to write it anew."""
        for path, content, mode in self._found:
            if _content(path)[0] == content:
                continue
            with contextlib.suppress(FileNotFoundError):
                os.unlink(path)
            if isinstance(content, str):
                os.symlink(content, path)
            elif content is not None:
                with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
                    file.write(content)


def _content(path: str) -> tuple[bytes | str | None, int]:
    if os.path.islink(path):
        return os.readlink(path), 0
    if not os.path.exists(path):
        return None, 0
    with open(path, "rb") as file:
        return file.read(), os.fstat(file.fileno()).st_mode & 0o777


def remove(name: str, settings: Settings) -> None:
    """Take a site's own certificate away; files of somebody's own that lie in the same place stay."""
    paths = own_paths(name, settings)
    certificate = paths[0]
    is_link = os.path.islink(certificate)
    if not is_link and os.path.isfile(certificate) and not own_certificate.is_noted(read_text(certificate)):
        return
    for path in paths:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(path)


def own_paths(name: str, settings: Settings) -> tuple[str, str]:
    """Where the certificate of ours for a site and its key lie."""
    return settings.certificate(Site(name))
