# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether one failed row explains another. Each function takes the cause, the other row, and all rows."""

from __future__ import annotations

import re
from typing import Iterable, Sequence, Tuple

from .backends import UNVERIFIED
from .prosody import UNTRUSTED, WITHOUT_JICOFO
from .rows import Row
from .services import ABSENT

#: A protocol and a port, such as ``("tcp", 443)``.
Way = Tuple[str, int]

_RULE = re.compile(r"-A [^,;]+|add rule [^,;]+")
_MORE = re.compile(r" and [0-9]+ more")
_PORT = re.compile(r"(?:dport|\bport) ([0-9]+)(?:[:-]([0-9]+))?")
_PROTOCOL = re.compile(r"\b(udp|tcp)\b")
_WAYS = re.compile(r"\b(udp|tcp)/([0-9]+)")
_FROM_PROXY = "from the proxy"
_BACKEND = re.compile(r"backend \S+:([0-9]+) ")
_NAMED_WAY = re.compile(r"^(udp|tcp)/([0-9]+)")
_MACHINE_OF_SOCKETS = re.compile(r"WebSockets of the bridge on (\S+)")
#: What a probe found if no packet came back, and what a proxy answers for a backend that it does not reach.
_SILENCE = re.compile(
    r"no answer|no packet|connection refused|did not arrive|unreachable|no route|timed out", re.IGNORECASE
)
#: How a client ends that prosody does not serve.
_PROSODYS = re.compile(
    r"50[0-9]\b|no answer|connection|(stream|login|session|room): (?![1-4][0-9]{2}\b)", re.IGNORECASE
)
_GATEWAY = re.compile(r"\b50[0-9]\b")
_WAYS_OF_PROXY = (("tcp", 80), ("tcp", 443))
_CLEAR = ("http is sent to https", "the proxy answers ACME")
SETTINGS = ": the web page's settings"
_ARRIVES, _HOST = "reaches the bridge", "reaches the host"
_OF_RUNNING_BRIDGE = ("maps its address", "is where jicofo looks for it", "calls itself healthy", "listens on")
#: Which service reads a file, by words of its label.
_READERS = {"the bridge's": "jitsi-videobridge2", "jicofo.conf": "jicofo", "sites of Apache": "apache2"}
_XMPP = ("XMPP over BOSH", "XMPP over WebSocket", "XMPP with an account")


def _has(row: Row, words: Iterable[str]) -> bool:
    return any(word in row.name for word in words)


def way_of(row: Row) -> Way:
    """Return the protocol and the port that a row from outside needs."""
    named = _NAMED_WAY.match(row.name)
    if named:
        return named[1], int(named[2])
    return "tcp", 80 if _has(row, _CLEAR) else 443


def through_host(_cause: Row, row: Row, rows: Sequence[Row]) -> bool:
    """A row about a packet that passes the host, and that had no answer. Whoever answers shows that packets pass."""
    if not _SILENCE.search(row.found):
        return False
    return row.subject in ("outside", "relay") or (row.subject == "datagrams" and _is_behind_host(row, rows))


def _is_behind_host(row: Row, rows: Sequence[Row]) -> bool:
    """Return whether a datagram goes to the host first. There is a row about that then, from the same machine."""
    others = (one for one in rows if one.subject == "datagrams" and one.machine == row.machine and _HOST in one.name)
    return _ARRIVES in row.name and any(way_of(one) == way_of(row) for one in others)


def through_rules(cause: Row, row: Row, rows: Sequence[Row]) -> bool:
    """Such a row about a port that the rules concern, and a row about what they do with a packet."""
    backend = _BACKEND.search(row.name) if row.subject == "backends" else None
    if backend:
        # Packets between guests pass the rules of the host, too, where it filters its bridge.
        return "of another program" in cause.found and _concerns(cause.found, ("tcp", int(backend[1])))
    if row.subject == "packets" and row.machine == cause.machine:
        ways = _ways_in(row.name)
        return any(_concerns(cause.found, way) for way in ways) or (not ways and "-SNAT" in cause.found)
    return through_host(cause, row, rows) and _concerns(cause.found, way_of(row))


def _concerns(found: str, way: Way) -> bool:
    """Return whether the rules, or the port, that a text names concern a port. A rule without a port concerns all."""
    rules = _RULE.findall(found) or [found]
    return bool(_MORE.search(found)) or any(_matches(rule, way) for rule in rules)


def _matches(rule: str, way: Way) -> bool:
    port, protocol = _PORT.search(rule), _PROTOCOL.search(rule)
    if not port:
        return True
    in_range = int(port[1]) <= way[1] <= int(port[2] or port[1])
    return in_range and (protocol is None or protocol[1] == way[0])


def same_port(cause: Row, row: Row, rows: Sequence[Row]) -> bool:
    """A row about a datagram to the same port, further on its way."""
    behind = row.subject == "datagrams" and _is_behind_host(row, rows)
    return behind and row.machine == cause.machine and way_of(row) == way_of(cause)


def behind_nginx(_cause: Row, row: Row, rows: Sequence[Row]) -> bool:
    """A row about what nginx answers to the proxy."""
    site = _site_of_jitsi(rows)
    is_backend = row.subject == "backends" and row.found != UNVERIFIED
    return row.name.startswith(f"{site}:") and (is_backend or _failed_behind_proxy(row))


def _site_of_jitsi(rows: Sequence[Row]) -> str:
    return next((one.name.partition(":")[0] for one in rows if SETTINGS in one.name), "")


def of_backend(cause: Row, row: Row, _rows: Sequence[Row]) -> bool:
    """A row about what the proxy answers for a backend."""
    site = cause.name.partition(":")[0]
    # A proxy that verifies nothing reaches the backend nevertheless.
    return cause.found != UNVERIFIED and row.name.startswith(f"{site}:") and _failed_behind_proxy(row)


def _failed_behind_proxy(row: Row) -> bool:
    return row.subject == "outside" and not _has(row, _CLEAR) and _GATEWAY.search(row.found) is not None


def of_prosody(_cause: Row, row: Row, _rows: Sequence[Row]) -> bool:
    """A row about who logs in to prosody."""
    return (
        (_is_client(row) and _PROSODYS.match(row.found) is not None)
        or (row.subject == "bridge" and "is where jicofo looks for it" in row.name)
        or row.subject == "announcement"
        or _is_page_of_jicofo(row)
    )


def of_jicofo(_cause: Row, row: Row, _rows: Sequence[Row]) -> bool:
    """A row about jicofo's own pages, or about a bridge or a client that waits for it."""
    waits = row.subject == "bridge" and WITHOUT_JICOFO in row.found
    return waits or _is_page_of_jicofo(row) or (_is_client(row) and row.found.startswith("jicofo: "))


def same_words(cause: Row, row: Row, rows: Sequence[Row]) -> bool:
    """A later row about a client that ends at the same step with the same words."""
    return _is_client(row) and row.found == cause.found and rows.index(cause) < rows.index(row)


def without_jicofo(cause: Row, row: Row, rows: Sequence[Row]) -> bool:
    """Another bridge without jicofo, a client that waits for it, and jicofo's own health."""
    if WITHOUT_JICOFO not in cause.found:
        return False
    other = row.subject == "bridge" and row.found == cause.found and rows.index(cause) < rows.index(row)
    healthy = row.subject == "services" and row.name.startswith("jicofo ") and row.name != "jicofo runs"
    return other or healthy or (_is_client(row) and row.found.startswith("jicofo: "))


def _is_client(row: Row) -> bool:
    return row.subject == "outside" and _has(row, _XMPP)


def _is_page_of_jicofo(row: Row) -> bool:
    return row.subject == "services" and row.name.startswith("jicofo answers")


def of_bridge(cause: Row, row: Row, _rows: Sequence[Row]) -> bool:
    """A row about what a bridge does while it runs."""
    if row.subject == "outside":
        named = _MACHINE_OF_SOCKETS.search(row.name)
        return named is not None and named[1] == cause.machine
    return row.subject == "bridge" and row.machine == cause.machine and _has(row, _OF_RUNNING_BRIDGE)


def of_changed_file(cause: Row, row: Row, _rows: Sequence[Row]) -> bool:
    """A row about the service that reads the file which the cause names, and has not read it yet."""
    file = cause.name.partition(" has ")[2]
    service = next((service for words, service in _READERS.items() if words in file), "")
    return bool(service) and row.name == f"{service} on {cause.machine} has read its files"


def same_silence(cause: Row, row: Row, rows: Sequence[Row]) -> bool:
    """A later row about a port that does not answer, from the same machine."""
    both = row.subject == "outside" and all(_SILENCE.search(one.found) for one in (cause, row))
    return (
        both and row.machine == cause.machine and way_of(row) == way_of(cause) and rows.index(cause) < rows.index(row)
    )


def of_files_of_bridge(cause: Row, row: Row, rows: Sequence[Row]) -> bool:
    """A row about what a bridge reads from its files, unless it does not run."""
    if row.subject == "privacy":
        return "/videobridge/" in row.found
    if of_changed_file(cause, row, rows):
        return True
    told = row.subject == "bridge" and row.machine == cause.machine and "jitsi-videobridge2 runs" not in row.name
    return told or row.subject == "conflicts" or of_bridge(cause, row, rows)


def of_clients_file(_cause: Row, row: Row, _rows: Sequence[Row]) -> bool:
    """A row about what clients read from config.js."""
    return (row.subject == "privacy" and "config.js" in row.found) or (
        row.subject == "outside" and SETTINGS in row.name
    )


def of_settings(cause: Row, row: Row, _rows: Sequence[Row]) -> bool:
    """A row about an outside host to which the same setting of config.js leads."""
    host = row.found.partition(":")[0]
    return row.subject == "privacy" and "config.js" in row.found and bool(host) and host in cause.found


def of_sites(cause: Row, row: Row, rows: Sequence[Row]) -> bool:
    """A row about a site of Apache whose file is named."""
    site = row.name.partition(":")[0]
    is_named = re.search(rf"(?<![\w.-]){re.escape(site)}(?![\w-])", cause.found) is not None
    served = row.subject in ("outside", "backends", "certificates") and is_named
    return served or of_changed_file(cause, row, rows)


def of_certificate(cause: Row, row: Row, _rows: Sequence[Row]) -> bool:
    """A row about a site whose certificate was refused, and one about the new certificate that a run would make."""
    # Of two files for one name the row has the path, too.
    site = cause.name.partition(":")[0].partition(" (")[0]
    if row.subject == "wanted":
        return row.machine == cause.machine and f"certificate of {site} " in row.found
    return row.subject in ("outside", "backends") and row.name.startswith(f"{site}:") and "certificate" in row.found


def of_apache(cause: Row, row: Row, _rows: Sequence[Row]) -> bool:
    """A row about what Apache answers, or about Apache on the same machine."""
    if row.subject == "wanted":
        return row.machine == cause.machine and row.name.startswith("apache2 ")
    return row.subject == "outside" and way_of(row) in _WAYS_OF_PROXY and _SILENCE.search(row.found) is not None


def of_address(cause: Row, row: Row, rows: Sequence[Row]) -> bool:
    """A row about what is reached at the address that the machine does not have."""
    address = f" {cause.found.rpartition(' ')[2]}:"
    backends = [one for one in rows if one.subject == "backends" and address in one.name]
    if row.subject == "backends":
        return row in backends
    if backends:
        return _failed_behind_proxy(row) and row.name.partition(":")[0] in {
            one.name.partition(":")[0] for one in backends
        }
    return row.subject == "outside" and through_host(cause, row, rows)


def of_way_out(cause: Row, row: Row, rows: Sequence[Row]) -> bool:
    """A row about packets that the machine answers by a wrong way. One that only finds no names answers."""
    return ("gateway" in cause.found or "default route" in cause.found) and through_host(cause, row, rows)


def of_broken_file(cause: Row, row: Row, _rows: Sequence[Row]) -> bool:
    """A row about the program that cannot read its files, and therefore does not start."""
    program = cause.name.partition(" ")[0]
    others = (
        f"{program} runs",
        f"{program} runs on {cause.machine}",
        f"{program} on {cause.machine} has read its files",
    )
    # What else reads these files fails with the same words.
    return row.machine == cause.machine and (row.name in others or cause.found in row.found)


def of_firewall(cause: Row, row: Row, rows: Sequence[Row]) -> bool:
    """A row about packets of which the cause names the protocol and the port."""
    ways = _ways_in(cause.name)
    if row.subject == "backends":
        return _without_answer(row) and _stops_backend(cause, row, rows)
    if _FROM_PROXY in cause.name and _failed_behind_proxy(row):
        return row.name.startswith(f"{_site_of_jitsi(rows)}:")
    arrived = row.subject == "datagrams" and _HOST in row.name
    return not arrived and through_host(cause, row, rows) and way_of(row) in ways


def _without_answer(row: Row) -> bool:
    return _SILENCE.search(row.found) is not None or row.found == "no certificate"


def _stops_backend(cause: Row, row: Row, rows: Sequence[Row]) -> bool:
    """Return whether a rule takes what the proxy asks: at the Jitsi machine, or at a host that filters its bridge."""
    if _FROM_PROXY in cause.name:
        return row.name.startswith(f"{_site_of_jitsi(rows)}:")
    backend = _BACKEND.search(row.name)
    is_host = any(one.subject == "host" and one.machine == cause.machine for one in rows)
    return is_host and backend is not None and ("tcp", int(backend[1])) in _ways_in(cause.name)


def of_other_goal(cause: Row, row: Row, rows: Sequence[Row]) -> bool:
    """A row about a port that leads elsewhere, whoever answers there."""
    reached = row.subject == "outside" or through_host(cause, row, rows)
    return reached and way_of(row) in _ways_in(cause.name)


def of_masquerade(_cause: Row, row: Row, _rows: Sequence[Row]) -> bool:
    """A row about names that guests look up."""
    return row.subject == "condition" and "finds names and has a way out" in row.name


def _ways_in(name: str) -> list[Way]:
    return [(protocol, int(port)) for protocol, port in _WAYS.findall(name)]


def of_unfinished(cause: Row, row: Row, _rows: Sequence[Row]) -> bool:
    """A row about packages of the same machine."""
    return row.subject == "wanted" and row.machine == cause.machine and "has its packages as wanted" in row.name


def of_packages(cause: Row, row: Row, _rows: Sequence[Row]) -> bool:
    """A row about a program that is not installed."""
    return row.machine == cause.machine and row.found == ABSENT


def of_java(cause: Row, row: Row, _rows: Sequence[Row]) -> bool:
    """A row about a bridge that does not log in, because it trusts nobody."""
    return row.machine == cause.machine and row.subject == "bridge" and UNTRUSTED in row.found


def of_service(cause: Row, row: Row, rows: Sequence[Row]) -> bool:
    """A row about what the service does with which the name of the cause begins."""
    service = cause.name.partition(" ")[0]
    if row.subject == "wanted" and row.machine == cause.machine:
        return row.name.startswith(f"{service} ") and row.name.endswith("does its work")
    return service in _SERVICES and _SERVICES[service](cause, row, rows)


#: What goes wrong if a service does not run, or runs with other files than it should.
_SERVICES = {
    "jitsi-videobridge2": of_bridge,
    "jicofo": of_jicofo,
    "nginx": behind_nginx,
    "prosody": of_prosody,
}
