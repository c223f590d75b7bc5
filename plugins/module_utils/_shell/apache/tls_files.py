# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""What Apache reads of certificates only when it starts or is reloaded: its test of the configuration does not see it.

With a key that does not fit, or authorities that cannot be read, a reload ends Apache with all its sites.
"""

from __future__ import annotations

import os
import ssl
from typing import Sequence

from ..._core.apache.request import Site, SiteError


class _LockedError(Exception):
    """A key wants a passphrase, which Apache may know and we do not."""


def refuse_unfit(sites: Sequence[Site]) -> None:
    """Refuse sites with which Apache would end.

    :raises SiteError: if the certificate and the key of a site do not fit, or a backend's certificates are none.
    """
    for site in sites:
        if not site.present:
            continue
        if site.certificate == "provided":
            _refuse_pair(site)
        if site.backend_ca:
            _refuse_authorities(site, "backend_ca", "the text", cadata=_ascii(site.backend_ca))
        if site.backend_ca_file and os.path.isfile(site.backend_ca_file):
            path = site.backend_ca_file
            _refuse_authorities(site, "backend_ca_file", repr(path), cafile=path)


def _refuse_pair(site: Site) -> None:
    files = site.certificate_file, site.certificate_key_file
    # What is missing Apache's own test names.
    if not all(os.path.isfile(path) for path in files):
        return
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    # How strong they are is for the administrator to choose.
    context.set_ciphers("ALL:@SECLEVEL=0")
    try:
        context.load_cert_chain(*files, password=_ask)
    except _LockedError:
        return
    except OSError as error:
        raise SiteError(
            f"sites[{site.name!r}]: certificate {files[0]} and key {files[1]} do not match ({_words(error)}); Apache "
            "would stop at its next reload. Give a certificate and its own key."
        ) from error


def _refuse_authorities(site: Site, option: str, what: str, **source: str) -> None:
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(**source)
    except (OSError, ValueError) as error:
        raise SiteError(
            f"sites[{site.name!r}].{option}: {what} contains no valid certificates ({_words(error)}); Apache would "
            "stop at its next reload. Give certificates in PEM format."
        ) from error


def _ascii(text: str) -> str:
    # Comments between certificates may have any letters.
    return text.encode("ascii", "replace").decode("ascii")


def _ask() -> str:
    raise _LockedError


def _words(error: Exception) -> str:
    return str(getattr(error, "reason", "") or getattr(error, "strerror", "") or error).replace("_", " ").lower()
