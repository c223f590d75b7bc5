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
        "The chain is incomplete, or its CA is unknown: add the intermediate certificates to the site's file "
        "certificate_file, after the site's own certificate. Some browsers know them already, the mobile apps do not.",
    ),
    (
        r"self[- ]signed",
        "The certificate is self-signed: browsers warn about it, and the mobile apps refuse it. Set the site's "
        "certificate to acme or provided.",
    ),
    (
        r"expired",
        "Renew the certificate: check 'journalctl -u certbot' on the proxy, or install the new files, and run "
        "selfhosted.jitsi.site. The proxy uses new files only after a reload.",
    ),
    (r"not yet valid", "Correct the clocks of the proxy and of this machine, or wait until the certificate is valid"),
    (
        r"mismatch|not valid for",
        "The proxy sends another site's certificate: add the name to the sites of the proxy if it is missing, run "
        "selfhosted.jitsi.site, and check that the name resolves to this proxy",
    ),
)


def advice(error: str) -> str:
    """What to do about a connection that failed with this error; empty if it was not for its certificate.

    :param error: why there was no answer, in the words of a probe.
    """
    if not error.startswith(REFUSED):
        return ""
    return next((text for pattern, text in _ADVICE if re.search(pattern, error, re.IGNORECASE)), "")
