# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Make the certificates that the proxy signs itself; take them away; put the earlier ones back."""

from __future__ import annotations

import contextlib
import os
import tempfile
import time
from typing import Iterable

from ..._core.apache.request import Site
from ..._core.apache.vhost import Settings
from ..._core.certificates import self_signed as own_certificate
from ..commands import CommandError, Runner, call
from ..files import PROTECTED, explain, read_text

_ASIDE = ".old"


def is_needed(site: Site, settings: Settings, run: Runner) -> bool:
    """Whether a site's own certificate has to be made.

    :raises CommandError: if the one that is there cannot be read, or is somebody else's and of no use.
    """
    certificate, key = settings.certificate(site)
    if not os.path.isfile(certificate):
        return True
    has_key = os.path.isfile(key)
    if site.certificate == "acme" and has_key and (os.path.islink(certificate) or os.path.islink(key)):
        # A run that was cut off between the two links has left a pair that Apache would not start with.
        return os.path.islink(certificate) != os.path.islink(key)
    if _leads_to_certbot(certificate, site.name):
        return True
    text = read_text(certificate)
    if own_certificate.is_noted(text):
        return not has_key or not own_certificate.is_good(text, site.names, time.time())
    status, output, _errors = run(own_certificate.question(certificate), "")
    if has_key and status == 0 and own_certificate.describes(output, site.names):
        return False
    refuse_anothers(site.name, settings)
    return True


def touched(site: Site, settings: Settings) -> tuple[str, ...]:
    """The paths that :func:`make` changes."""
    certificate, key = settings.certificate(site)
    return certificate, key, f"{key}{_ASIDE}"


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
        if os.path.isfile(key) and not os.path.lexists(certificate):
            # Nothing says whose a key without a certificate is.
            os.rename(key, f"{key}{_ASIDE}")
        os.rename(new_key, key)
        os.rename(new_certificate, certificate)


class Keeper:
    """Remembers certificates with their keys, and puts them back. The keys never leave the memory of this process."""

    def __init__(self) -> None:
        self._found: list[tuple[str, bytes | str | None, int]] = []

    def remember(self, paths: Iterable[str]) -> None:
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


def is_left(name: str, settings: Settings) -> bool:
    """Whether a certificate or a key of ours lies there."""
    return bool(_ours(name, settings))


def remove(name: str, settings: Settings) -> None:
    """Take a site's own certificate away; files of somebody's own that lie in the same place stay."""
    for path in _ours(name, settings):
        os.unlink(path)


def _ours(name: str, settings: Settings) -> list[str]:
    """What is ours of the two: a certificate that says so, with its key, and links to what certbot has fetched.

    The key comes first: where a removal is cut off, the certificate still says whose the rest is.
    """
    certificate, key = own_paths(name, settings)
    links = [path for path in (key, certificate) if _leads_to_certbot(path, name)]
    if links or not _is_noted(certificate):
        return links
    return [path for path in (key, certificate) if os.path.isfile(path) and not os.path.islink(path)]


def _leads_to_certbot(path: str, name: str) -> bool:
    return os.path.islink(path) and os.path.dirname(os.readlink(path)).endswith(f"/live/{name}")


def _is_noted(certificate: str) -> bool:
    is_file = os.path.isfile(certificate) and not os.path.islink(certificate)
    return is_file and own_certificate.is_noted(read_text(certificate))


def refuse_anothers(name: str, settings: Settings) -> None:
    """Refuse to write over a certificate that somebody else put where ours shall be.

    :raises CommandError: if there is one.
    """
    certificate, key = own_paths(name, settings)
    if os.path.isfile(certificate) and not _leads_to_certbot(certificate, name) and not _is_noted(certificate):
        raise CommandError(
            f"{certificate} is not of this module, and would be lost with {key}. To use them, set certificate: "
            f"provided, certificate_file and certificate_key_file for {name}. Otherwise move them away"
        )


def own_paths(name: str, settings: Settings) -> tuple[str, str]:
    """Where the certificate of ours for a site and its key lie."""
    return settings.certificate(Site(name))
