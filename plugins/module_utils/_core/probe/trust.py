# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""What to do about a certificate that is not trusted."""

from __future__ import annotations

import re

REFUSED = "certificate verify failed: "

# OpenSSL's words, from the narrowest to the widest.
_ADVICE = (
    (
        r"unable to get|unable to verify|in certificate chain",
        "The chain is incomplete, or its authority is unknown: put the intermediate certificates behind the site's own "
        "one in its file (certificate_file); browsers may know them by chance, the mobile apps do not",
    ),
    (
        r"self[- ]signed",
        "The certificate is signed by itself, which browsers warn of and the mobile apps refuse: let the site's "
        "certificate be acme or provided",
    ),
    (
        r"expired",
        "Renew the certificate: read journalctl -u certbot on the proxy, or give the new files, and run "
        "selfhosted.jitsi.site; the proxy shows new files only after a reload",
    ),
    (r"not yet valid", "Set the clocks of the proxy and of this machine, or wait until the certificate is valid"),
    (
        r"mismatch|not valid for",
        "The proxy shows another site's certificate: see that the name is in reverse_proxy_sites, run "
        "selfhosted.jitsi.site, and see that DNS leads to this proxy",
    ),
)


def advice(error: str) -> str:
    """What to do about a connection that failed with this error; empty if it was not for its certificate.

    :param error: why there was no answer, in the words of a probe.
    """
    if not error.startswith(REFUSED):
        return ""
    return next((text for pattern, text in _ADVICE if re.search(pattern, error, re.IGNORECASE)), "")
