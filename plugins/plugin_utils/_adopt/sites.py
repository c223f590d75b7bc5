# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""The site of the reverse proxy that belongs to Jitsi. Other vhosts are somebody else's, and stay."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from .model import AFTER, BEFORE, Findings, Remark, Setting, System

SITES = "reverse_proxy_sites"
_CERTBOT = "/etc/letsencrypt/live/"

Vhost = Mapping[str, Any]


def decide_sites(system: System, local: str) -> Findings:
    """Return the entry for the Jitsi site, and what stands in its way.

    :param local: the Jitsi machine's address.
    """
    findings = Findings()
    proxy = system.proxy.machine
    ours = _of_site(system, local)
    if not ours:
        what = f"No vhost has the name {system.fqdn} or leads to {local}"
        findings.remarks.append(Remark(proxy, what, "Nothing; the first run creates the site", SITES))
        return findings
    secure = [vhost for vhost in ours if vhost["tls"]]
    site, remarks = _site(system, ours, secure, local)
    where = ", ".join(f"{vhost['file']}:{vhost['line']}" for vhost in ours)
    findings.settings.append(Setting(SITES, [site], f"The vhosts in {where} on {proxy}"))
    findings.remarks += [*remarks, *_before(system, ours), *_more(proxy, ours), *_twice(system, ours, local)]
    return findings


def _of_site(system: System, local: str) -> list[Vhost]:
    """The vhosts with the site's name. Without one it is known by its backend."""
    named = [vhost for vhost in system.vhosts if system.fqdn in (vhost["name"], *vhost["aliases"])]
    led = [vhost for vhost in system.vhosts if vhost not in named and local in _backend_hosts(vhost)]
    return [*named, *(vhost for vhost in led if not vhost["name"] or not named)]


def _backend_hosts(vhost: Vhost) -> list[str]:
    return [urlsplit(backend["url"]).hostname or "" for backend in vhost["backends"]]


def _site(
    system: System, ours: Sequence[Vhost], secure: Sequence[Vhost], local: str
) -> tuple[dict[str, Any], list[Remark]]:
    proxy, fqdn = system.proxy.machine, system.fqdn
    site: dict[str, Any] = {"name": fqdn}
    names = [name for vhost in ours for name in (vhost["name"], *vhost["aliases"])]
    aliases = [name for name in dict.fromkeys(names) if name and name != fqdn]
    wild = [name for name in aliases if "*" in name or "?" in name]
    plain = [name for name in aliases if name not in wild]
    if plain:
        site["aliases"] = plain
    paths = _paths(ours, local)
    if paths:
        site["paths"] = paths
    certificates = [(vhost["certificate"], vhost["certificate_key"]) for vhost in secure if vhost["certificate"]]
    remarks = [_wild(proxy, name) for name in wild]
    remarks += _other_backends(system, ours, local)
    if certificates:
        site.update(_certificate(*certificates[0]))
        remarks += _about_certificates(proxy, certificates)
    else:
        what = f"No vhost of {fqdn} has a certificate"
        remedy = "Set certificate to acme or provided, else the first run creates a self-signed one"
        remarks.append(Remark(proxy, what, remedy, SITES))
    return site, remarks


def _wild(proxy: str, name: str) -> Remark:
    what = f"The alias {name} is a pattern, and a site's aliases are names"
    return Remark(proxy, what, "Add the names that you need to aliases", SITES)


def _paths(ours: Sequence[Vhost], local: str) -> list[dict[str, str]]:
    """The paths that lead elsewhere than to the Jitsi machine."""
    found = [backend for vhost in ours for backend in vhost["backends"]]
    others = [each for each in found if each["path"] != "/" and urlsplit(each["url"]).hostname != local]
    return [{"path": each["path"], "backend": each["url"]} for each in others]


def _other_backends(system: System, ours: Sequence[Vhost], local: str) -> Iterator[Remark]:
    for vhost in ours:
        for backend in vhost["backends"]:
            host = urlsplit(backend["url"]).hostname
            if backend["path"] == "/" and host != local:
                yield Remark(
                    system.proxy.machine,
                    f"The vhost in {vhost['file']} leads to {host}, but the Jitsi machine has {local}",
                    "Check which machine is meant; the first run leads the site to the Jitsi machine",
                    SITES,
                )


def _certificate(certificate: str, key: str) -> dict[str, str]:
    if certificate.startswith(_CERTBOT):
        return {"certificate": "acme"}
    return {"certificate": "provided", "certificate_file": certificate, "certificate_key_file": key or certificate}


def _about_certificates(proxy: str, certificates: Sequence[tuple[str, str]]) -> Iterator[Remark]:
    first = certificates[0][0]
    others = [each for each, _key in certificates if each != first]
    if others:
        what = f"The vhosts have the certificates {first} and {others[0]}"
        yield Remark(proxy, what, "Check which is right; the inventory has the first one", SITES)
    if first.startswith(_CERTBOT):
        what = f"certbot renews {first}, and the first run requests a certificate of its own"
        remedy = f"Delete the old one after the run (certbot delete --cert-name {first.split('/')[4]})"
        yield Remark(proxy, what, remedy, SITES, AFTER)


def _before(system: System, ours: Sequence[Vhost]) -> Iterator[Remark]:
    files = dict.fromkeys(vhost["file"] for vhost in ours if not vhost["ours"])
    for file in files:
        others = [vhost["name"] or "no name" for vhost in system.vhosts if vhost["file"] == file and vhost not in ours]
        if others:
            names = ", ".join(dict.fromkeys(others))
            what = f"{file} has the vhosts of the site, and also those of {names}"
            remedy = "Move the site's vhosts into a file of their own, and disable that one"
        else:
            what = f"{file} has the vhosts of the site, and the site playbook replaces no file of others"
            remedy = "Disable it (a2dissite), and give the file another name"
        yield Remark(system.proxy.machine, what, remedy, SITES, BEFORE)


def _twice(system: System, ours: Sequence[Vhost], local: str) -> Iterator[Remark]:
    """The vhosts of other names that lead to the Jitsi machine, too."""
    for vhost in system.vhosts:
        if vhost not in ours and local in _backend_hosts(vhost):
            what = f"The vhost of {vhost['name']} in {vhost['file']} leads to the Jitsi machine, too"
            remedy = "Add the name to aliases if it is another name of the site; else leave the vhost"
            yield Remark(system.proxy.machine, what, remedy, SITES)


def _more(proxy: str, ours: Sequence[Vhost]) -> Iterator[Remark]:
    for vhost in ours:
        if vhost["others"]:
            names = ", ".join(vhost["others"])
            what = f"The vhost in {vhost['file']}, line {vhost['line']}, has other directives: {names}"
            remedy = "See whether request_headers, response_headers, hsts or extra_directives shall have them"
            yield Remark(proxy, what, remedy, SITES)
