# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""A TCP or TLS connection for a probe, and in words why there is none."""

from __future__ import annotations

import http.client
import io
import socket
import ssl
from typing import Any, Callable

from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.probe.trust import REFUSED
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.probe.verdict import ProbeError, Target

FAILURES = (OSError, http.client.HTTPException, ProbeError, UnicodeError)
# ssl.VERIFY_X509_PARTIAL_CHAIN has a name only since Python 3.10.
PARTIAL_CHAIN = 0x80000
STRICT = 0x20


def open_stream(target: Target, address: str | None, port: int | None, ca: str | None, timeout: float) -> socket.socket:
    """Connect, and speak TLS where the URL asks for it; the name is verified in any case.

    :param address: connect to this address instead of what the URL's name resolves to.
    :param port: connect to this port instead of the URL's.
    :param ca: PEM text of the only certificates to trust; None trusts what the system trusts.
    :param timeout: seconds for each step.
    :raises OSError: if there is no connection or no trust.
    :raises ProbeError: if ca is unusable.
    """
    context = _trust(ca) if target.tls else None
    stream = socket.create_connection((address or target.host, port or target.port), timeout)
    if context is None:
        return stream
    try:
        return context.wrap_socket(stream, server_hostname=target.host)
    except (OSError, ValueError):
        stream.close()
        raise


class _Timed(io.RawIOBase):
    """What a connection brings, until a deadline. Each single read could take the whole timeout otherwise."""

    def __init__(self, raw: Any, stream: socket.socket, remaining: Callable[[], float]) -> None:
        self._raw = raw
        self._stream = stream
        self._remaining = remaining

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        remaining = self._remaining()
        if remaining <= 0:
            raise socket.timeout
        self._stream.settimeout(remaining)
        count: int | None = self._raw.readinto(buffer)
        return count

    def close(self) -> None:
        super().close()
        self._raw.close()


def answers_within(remaining: Callable[[], float]) -> type[http.client.HTTPResponse]:
    """The class of HTTP answers that are read until a deadline: status line, headers, body and what follows it.

    :param remaining: returns the seconds until the deadline.
    """

    class _Answer(http.client.HTTPResponse):
        def __init__(self, sock: socket.socket, *arguments: Any, **options: Any) -> None:
            super().__init__(sock, *arguments, **options)
            self.fp = io.BufferedReader(_Timed(self.fp.detach(), sock, remaining))

    return _Answer


def explain(error: BaseException, timeout: float) -> str:
    """Say in words why a probe got no answer."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"{REFUSED}{str(error.verify_message).rstrip('.')}"
    if isinstance(error, socket.timeout):
        return f"no answer within {timeout:g} s"
    if isinstance(error, ssl.SSLError):
        return f"TLS failed: {str(error.reason or error).replace('_', ' ').lower()}"
    if isinstance(error, socket.gaierror):
        return f"the name does not resolve: {error.strerror}"
    if isinstance(error, ConnectionRefusedError):
        return "connection refused"
    if isinstance(error, (ConnectionError, EOFError)):
        return "connection closed without an answer"
    if isinstance(error, http.client.IncompleteRead):
        return "the answer ends too early"
    if isinstance(error, http.client.HTTPException):
        return "not an HTTP answer"
    return str(getattr(error, "strerror", None) or error)


def _trust(ca: str | None) -> ssl.SSLContext:
    if not ca:
        return ssl.create_default_context()
    try:
        context = ssl.create_default_context(cadata=ca)
    except (ssl.SSLError, ValueError) as error:
        raise ProbeError(f"ca: the text contains no valid certificate ({error}); give PEM text") from error
    # What is given is trusted as it is: it may be no root, and need not look like an authority's certificate.
    context.verify_flags = (context.verify_flags | PARTIAL_CHAIN) & ~STRICT
    return context
