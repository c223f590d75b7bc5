# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Judge what a run of the roles would change on a machine."""

from __future__ import annotations

import difflib
from typing import Any, Iterable, Iterator, Mapping

from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.probe.verdict import Verdict

from .rows import Part, first_of

WHOLE = "{machine} is as the inventory wants it"
NAME = "{machine} has {part} as wanted"
PACKAGES = "its packages"
WANTED = "what the inventory says"
NOT_COMPARED = "not judged: {reason}"
RUN = "Run selfhosted.jitsi.site"
_CERTIFICATE = "-----BEGIN CERTIFICATE-----"
SET_UP = "{machine} was set up by selfhosted.jitsi.site"
_LEFT, _NOTHING_LEFT = "files of its roles", "none of them: the machine is new, or somebody set it up by hand"
_SET_IT_UP = (
    f"{RUN}, which sets it up and keeps what is installed; with --check --diff it shows the changes. Where another "
    "finding says that it stops, correct that first"
)
SOURCES = "its package sources"
UPGRADE = "To another release only selfhosted.jitsi.upgrade goes"
#: What a part is called, by its name in the roles. A part with another name is called by that.
LABELS = {
    "Java": "Java's trust in prosody",
    "bridge": "the bridge's files",
    "authority": "prosody's certificate among the trusted ones",
    "certificates": "its certificates of ACME",
    "config.js": "the clients' config.js",
    "files": "its files",
    "holds": "the holds of its packages",
    "jicofo.conf": "jicofo.conf",
    "jvb.conf": "the bridge's jvb.conf",
    "limits": "the limits of its services",
    "password in jvb.conf": "the bridge's password",
    "password in properties": "the bridge's password",
    "prosody accounts": "the accounts of its services in prosody",
    "properties": "the bridge's sip-communicator.properties",
    "sites": "the sites of Apache",
}
#: A site that nobody enabled is no error for nginx, and in no log.
_SITES_OF_NGINX = "See that /etc/nginx/sites-enabled on {machine} has the file of the site. Run nginx -t there"
#: Other rows are about these.
_ELSEWHERE = ("machine", "workers")
#: So many differences are named in one row, with so many characters of a line.
NAMED, LENGTH = 2, 70


def judge(machine: str, part: Part) -> list[Verdict]:
    """Return a verdict for each part that differs, or one about the machine.

    :param part: ``compared``, whether the role could compare; ``lacking``, packages, and ``incomplete``, files, which
        have to be put right before that;
        ``results``, the results of batch_info for the parts that leave something to do; or ``reason``, which says why
        nothing was compared. Optional are ``uncompared``, the parts that the role has and does not compare;
        ``by_hand``, whether no run has left anything; and ``sources``, other files that name the role's repository.
    """
    if "reason" in part:
        return [_whole(machine, NOT_COMPARED.format(reason=part["reason"]))]
    rows = [_row(machine, path, "missing or different", f"{RUN}, which repairs it") for path in part["incomplete"]]
    if part["lacking"]:
        found = f"missing, unfinished, or another release: {', '.join(dict.fromkeys(part['lacking']))}"
        rows.insert(0, _row(machine, PACKAGES, found, f"{RUN}, which installs what is missing. {UPGRADE}"))
    sources = {str(path) for path in part.get("sources", ())}
    for name, result in part["results"].items():
        if name not in _ELSEWHERE:
            sources.update(_others(result))
            rows += [] if _is_told(result, part["incomplete"]) else _judge_part(machine, name, result)
    rows += [_sources(machine, ", ".join(sorted(sources)))] if sources else []
    if part.get("by_hand") and any(row.remedy.startswith(RUN) for row in rows):
        rows.insert(0, Verdict(SET_UP.format(machine=machine), False, _LEFT, _NOTHING_LEFT, _SET_IT_UP))
    unique = {row.name: row for row in reversed(rows)}
    return list(unique.values())[::-1] or [_whole(machine, _without_difference(part))]


def _is_told(result: Mapping[str, Any], paths: Iterable[str]) -> bool:
    """Return whether a result says no more than that these files differ."""
    differing = set(result.get("differing") or ())
    return bool(differing) and differing <= set(paths)


def _without_difference(part: Part) -> str:
    if not part["compared"]:
        return NOT_COMPARED.format(reason="the role does not compare without health checks")
    rest = part.get("uncompared") or []
    return f"{WANTED}, but for these, which only a run compares: {', '.join(rest)}" if rest else WANTED


def _whole(machine: str, found: str) -> Verdict:
    return Verdict(WHOLE.format(machine=machine), True, WANTED, found, "")


def _row(machine: str, part: str, found: str, remedy: str) -> Verdict:
    return Verdict(NAME.format(machine=machine, part=LABELS.get(part, part)), False, WANTED, found, remedy)


def _judge_part(machine: str, name: str, result: Mapping[str, Any]) -> list[Verdict]:
    # service_health fails if there are some.
    if isinstance(result.get("missing"), Mapping):
        return [_sick(machine, service, str(words)) for service, words in result["missing"].items()]
    if result.get("failed"):
        remedy = "Correct what the message names. selfhosted.jitsi.site stops there, too, and does not repair it"
        return [_row(machine, name, str(result["msg"]), remedy)]
    if result.get("stale"):
        return [_stale(machine, service, result["files"].get(service, ())) for service in result["stale"]]
    found = "; ".join(_differences(result))
    if not found and _others(result):
        return []
    if not found and result.get("warnings") and not result.get("changed"):
        return [_row(machine, name, "; ".join(map(str, result["warnings"])), "Correct what it names")]
    return [_row(machine, name, found or "it differs", f"{RUN}, which restores it")]


def _others(result: Mapping[str, Any]) -> list[str]:
    """Return the files that name a repository, too. Of other modules ``found`` is the list of what they found."""
    found = result.get("found")
    return [str(path) for paths in found.values() for path in paths] if isinstance(found, Mapping) else []


def _sources(machine: str, files: str) -> Verdict:
    remedy = (
        f"Remove {files} on {machine}, and run selfhosted.jitsi.site, which writes the source and its key. It stops "
        "while there is another: with two entries for one repository apt can read no list. In a file that has other "
        "repositories, remove only the lines of this one"
    )
    return _row(machine, SOURCES, f"the same repository is also in {files}", remedy)


def _stale(machine: str, service: str, files: Iterable[str]) -> Verdict:
    newer = first_of(list(files), NAMED) or "its files"
    remedy = (
        f"Run systemctl restart {service} on {machine} at a quiet hour, or selfhosted.jitsi.site, which does it. If it "
        "does not start then, correct what journalctl names"
    )
    name = f"{service} on {machine} has read its files"
    return Verdict(name, False, "started after the last change", f"it is older than {newer}", remedy)


def _sick(machine: str, service: str, words: str) -> Verdict:
    read = _SITES_OF_NGINX if service == "nginx" else f"Read journalctl -u {service} on {machine}"
    remedy = f"{read}, correct what it names, and restart the service".format(machine=machine)
    return Verdict(f"{service} on {machine} does its work", False, "it does", words, remedy)


def _differences(result: Mapping[str, Any]) -> Iterator[str]:
    """Yield in words what a result would change."""
    for key, words in (("differing", "missing or different: "), ("removed", "not wanted: ")):
        if result.get(key):
            yield words + first_of([str(one) for one in result[key]], NAMED)
    if result.get("findings"):
        yield first_of([str(one) for one in result["findings"]], NAMED)
    if result.get("expired"):
        yield "a key has expired"
    elif result.get("right") is False:
        yield "another key than the allowed one"
    if result.get("trusted") is False:
        yield "Java does not trust the certificate of prosody"
    # batch_info returns the entries that change. Findings say the same in words.
    for entry in [] if result.get("findings") else result.get("diff") or ():
        yield from _changes(entry)


def _changes(entry: Mapping[str, Any]) -> Iterator[str]:
    """Yield what is wrong in one text: the lines that a run would add, and those that it would remove."""
    path = str(entry.get("before_header") or entry.get("after_header") or "").partition(" (")[0]
    before, after = str(entry["before"] or "").splitlines(), str(entry["after"] or "").splitlines()
    if not before or not after:
        yield f"{path or 'it'} {'is missing' if after else 'is not wanted'}"
        return
    if _CERTIFICATE in after:
        yield f"another certificate{f' in {path}' if path else ''}"
        return
    lines = list(difflib.unified_diff(before, after, lineterm="", n=0))[2:]
    missing = [_short(line[1:]) for line in lines if line.startswith("+") and line[1:].strip()]
    further = [_short(line[1:]) for line in lines if line.startswith("-") and line[1:].strip()]
    where = f" in {path}" if path else ""
    if missing:
        yield f"missing{where}: {first_of(missing, NAMED)}"
    if further:
        yield f"not wanted{where}: {first_of(further, NAMED)}"


def _short(line: str) -> str:
    text = " ".join(line.split())
    return text if len(text) <= LENGTH else text[: LENGTH - 1] + "…"
