# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which failed row explains which other failed rows.

A row depends on others: no page answers while nothing reaches the proxy. The table names those dependencies, in the
order in which a packet meets them. A failed row belongs to the first of them that failed, too.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Callable, Sequence

from .explained import files, network, services
from .rows import Row

#: Whether the first row, if it failed, explains that the second one failed; with all rows.
Explains = Callable[[Row, Row, Sequence[Row]], bool]


@dataclass(frozen=True)
class Cause:
    """One kind of row that explains others.

    :param subject: the subject of the row.
    :param name: a pattern of its whole name.
    :param explains: which rows it explains.
    """

    subject: str
    name: str
    explains: Explains

    def is_of(self, row: Row) -> bool:
        """Return whether a row is of this kind."""
        return row.subject == self.subject and re.fullmatch(self.name, row.name) is not None


#: In the order in which a packet meets them.
CAUSES = (
    Cause("host", r".+ forwards IPv4", network.through_host),
    Cause("host", r".+ has the forwards of the inventory", network.through_rules),
    Cause("packets", r".+ sends .+", network.of_other_goal),
    Cause("packets", r".+ lets .+ pass", network.of_firewall),
    Cause("packets", r".+ masquerades .+", network.of_masquerade),
    Cause("datagrams", r"udp/[0-9]+: reaches the host.*", network.same_port),
    Cause("condition", r".+ has its address", network.of_address),
    Cause("condition", r".+ finds names and has a way out", network.of_way_out),
    Cause("condition", r".+ can read its configuration on .+", files.of_broken_file),
    Cause("condition", r"apache2 runs on .+", services.of_apache),
    Cause("wanted", r".+ was set up by selfhosted\.jitsi\.site", files.of_first_run),
    Cause("condition", r".+: the certificate (lasts|is for this name)", files.of_certificate),
    Cause("condition", r".+ has no package half installed", files.of_unfinished),
    Cause("wanted", r".+ has its packages as wanted", files.of_packages),
    Cause("wanted", r".+ has the sites of Apache as wanted", files.of_sites),
    Cause("services", r"nginx runs", services.of_service),
    Cause("wanted", r"nginx on .+ does its work", services.of_service),
    Cause("backends", r".+: the backend .+ proves its identity", services.of_backend),
    Cause("services", r"prosody runs", services.of_service),
    Cause("services", r"jicofo runs", services.of_service),
    Cause("bridge", r"jitsi-videobridge2 runs.*", services.of_service),
    Cause("wanted", r".+ has the accounts of its services in prosody as wanted", files.of_accounts),
    Cause("bridge", r".+ is where jicofo looks for it", services.without_jicofo),
    Cause("bridge", r".+ runs.*|.+ (is where jicofo looks for it|calls itself healthy)", services.without_bridge),
    Cause("bridge", r".+ maps its address", services.of_mapping),
    Cause("datagrams", r"udp/[0-9]+: .+", services.of_datagrams),
    Cause("wanted", r".+ has the clients' config.js as wanted", files.of_clients_file),
    Cause("outside", r".+: the web page's settings.*", files.of_settings),
    Cause("wanted", r".+ has the bridge's .+ as wanted", files.of_files_of_bridge),
    Cause("wanted", r".+ has jicofo\.conf as wanted", files.of_changed_file),
    Cause("wanted", r".+ has Java's trust in prosody as wanted", files.of_java),
    Cause("wanted", r".+ on .+ has read its files", services.of_service),
    Cause("outside", r".+", network.same_silence),
    Cause("outside", r".+: XMPP .+", services.same_words),
)


def with_causes(rows: Sequence[Row]) -> list[Row]:
    """Return the rows, each failed one with the name of the failed row that explains it."""
    failed = [row for row in rows if not row.ok]
    found = [(cause, row) for cause in CAUSES for row in failed if cause.is_of(row)]
    return [row if row.ok else replace(row, cause=_cause_of(row, found, rows)) for row in rows]


def _cause_of(row: Row, found: Sequence[tuple[Cause, Row]], rows: Sequence[Row]) -> str:
    return next((other.name for cause, other in found if other is not row and cause.explains(other, row, rows)), "")
