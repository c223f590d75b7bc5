# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""The certificate of the Jitsi site. The files that it has stay in use, and whoever renews them goes on."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from .backends import SITES, Vhost
from .judged import refusal
from .model import AFTER, BEFORE, Remark, System

_LINEAGE = re.compile(r"(/etc/letsencrypt/live/([^/]+)/)[^/]+")


def decide_certificate(system: System, secure: Sequence[Vhost]) -> tuple[dict[str, str], list[Remark]]:
    """Return the options of the site's certificate, and remarks.

    :param secure: the vhosts of the site that use TLS.
    """
    proxy, fqdn = system.proxy.machine, system.fqdn
    shown = [vhost for vhost in secure if vhost["certificate"]]
    if not shown:
        what = f"No vhost of {fqdn} has a certificate"
        remedy = "Set certificate to acme or provided, else the first run creates a self-signed one"
        return {}, [Remark(proxy, what, remedy, SITES)]
    first = shown[0]
    options = _provided(first)
    refused = refusal(options)
    if refused:
        what = f"The role refuses the certificate of {first['file']}: {refused[0]}"
        remedy = (
            "Move the files, and set certificate: provided with their paths; else the first run creates a certificate"
        )
        return {}, [Remark(proxy, what, remedy, SITES, BEFORE)]
    return options, [*_others(proxy, shown), *_chain(proxy, first), *_renewals(proxy, options["certificate_file"])]


def _provided(vhost: Vhost) -> dict[str, str]:
    file, key = vhost["certificate"], vhost["certificate_key"]
    lineage = _LINEAGE.fullmatch(file)
    if lineage and file.endswith("/cert.pem"):
        # The role wants the chain in the same file.
        file = f"{lineage[1]}fullchain.pem"
    return {
        "certificate": "provided",
        "certificate_file": file,
        "certificate_key_file": key or vhost["certificate"],
    }


def _others(proxy: str, shown: Sequence[Vhost]) -> Iterator[Remark]:
    first = shown[0]["certificate"]
    others = [vhost["certificate"] for vhost in shown if vhost["certificate"] != first]
    if others:
        what = f"The vhosts have the certificates {first} and {others[0]}"
        yield Remark(proxy, what, "Check which is right; the inventory has the first one", SITES)


def _chain(proxy: str, vhost: Vhost) -> Iterator[Remark]:
    chain, certificate = vhost["chain"], vhost["certificate"]
    if chain and not _provided(vhost)["certificate_file"].endswith("/fullchain.pem"):
        what = (
            f"{vhost['file']} has SSLCertificateChainFile {chain}, and certificate_file is a certificate with its chain"
        )
        remedy = f"Join {certificate} and {chain} in this order in a new file, and set certificate_file to it"
        yield Remark(proxy, what, remedy, SITES, BEFORE)


def _renewals(proxy: str, file: str) -> Iterator[Remark]:
    lineage = _LINEAGE.fullmatch(file)
    if not lineage:
        return
    name = lineage[2]
    renewal = f"/etc/letsencrypt/renewal/{name}.conf"
    yield Remark(
        proxy,
        f"certbot renews {file} as before (certbot.timer), and needs its challenges to pass the new vhosts",
        f"Run certbot renew --dry-run --cert-name {name}. If it fails and {renewal} has webroot_path, set"
        " reverse_proxy_acme_webroot to that path",
        SITES,
        AFTER,
    )
    yield Remark(
        proxy,
        f"Apache shows a renewed {file} only after a reload, which the role leaves to you",
        f"If {renewal} has no installer = apache and no renew_hook, add an executable file to"
        " /etc/letsencrypt/renewal-hooks/deploy that runs systemctl reload apache2",
        SITES,
        AFTER,
    )
