# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""The site of the reverse proxy that belongs to Jitsi. Other vhosts are somebody else's, and stay."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.apache.request import is_fqdn

from .backends import SITES, Vhost, hosts_of, jitsi_machine
from .certificate import decide_certificate
from .judged import refusal
from .lines import about_lines
from .model import BEFORE, Findings, Remark, Setting, System
from .paths import decide_paths, other_backends


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
    refused = refusal(site)
    if refused:
        remarks.append(Remark(proxy, f"The role refuses the site {system.fqdn}: {refused[0]}", refused[1], SITES))
    else:
        findings.settings.append(Setting(SITES, [site], f"The vhosts in {where} on {proxy}"))
    findings.remarks += [*remarks, *_before(system, ours), *_twice(system, ours, local)]
    return findings


def _of_site(system: System, local: str) -> list[Vhost]:
    """The vhosts with the site's name. Without one it is known by its backend."""
    named = [vhost for vhost in system.vhosts if system.fqdn in (vhost["name"], *vhost["aliases"])]
    led = [vhost for vhost in system.vhosts if vhost not in named and local in hosts_of(vhost)]
    return [*named, *(vhost for vhost in led if not vhost["name"] or not named)]


def _site(
    system: System, ours: Sequence[Vhost], secure: Sequence[Vhost], local: str
) -> tuple[dict[str, Any], list[Remark]]:
    jitsi = jitsi_machine(ours, local)
    names = [name for vhost in ours for name in (vhost["name"], *vhost["aliases"])]
    aliases = [name for name in dict.fromkeys(names) if name and name != system.fqdn]
    full = [name for name in aliases if is_fqdn(name)]
    paths, about_paths = decide_paths(system, ours, jitsi)
    certificate, about_certificate = decide_certificate(system, secure)
    site: dict[str, Any] = {
        "name": system.fqdn,
        **({"aliases": full} if full else {}),
        **({"paths": [{"path": path, "backend": url} for path, url in paths.items()]} if paths else {}),
        **certificate,
    }
    remarks = [_no_alias(system.proxy.machine, name) for name in aliases if name not in full]
    remarks += [*other_backends(system, ours, local), *about_paths, *about_certificate]
    return site, [*remarks, *about_lines(system, ours, jitsi)]


def _no_alias(proxy: str, name: str) -> Remark:
    is_pattern = "*" in name or "?" in name
    kind = "a pattern" if is_pattern else "no fully qualified host name in lower case"
    what = f"The alias {name} is {kind}, and a site's aliases are names"
    return Remark(proxy, what, "Add the names that you need to aliases", SITES)


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
        if vhost not in ours and local in hosts_of(vhost):
            what = f"The vhost of {vhost['name']} in {vhost['file']} leads to the Jitsi machine, too"
            remedy = "Add the name to aliases if it is another name of the site; else leave the vhost"
            yield Remark(system.proxy.machine, what, remedy, SITES)
