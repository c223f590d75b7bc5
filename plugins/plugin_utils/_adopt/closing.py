# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the playbook says at its end."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from .document import printable, sentence
from .model import AFTER, BEFORE, DECIDE
from .site import Adopted

_WIDTH = 100
_TITLES = {BEFORE: "Before the first run:", DECIDE: "Read and decide:", AFTER: "After the first run:"}


def closing(adopted: Adopted, path: str) -> list[str]:
    """Return the lines of the message.

    :param path: the file that was written; empty in check mode.
    """
    count = len(adopted.remarks)
    remarks = f"{count} remark{'' if count == 1 else 's'}"
    first = f"The inventory of {adopted.fqdn} is in {path}" if path else "A real run writes the inventory"
    return [f"{first}, with {remarks}. Nothing on the machines was changed.", *_remarks(adopted)]


def _remarks(adopted: Adopted) -> Iterator[str]:
    for when, title in _TITLES.items():
        shown = [remark for remark in adopted.remarks if remark.when == when]
        if shown:
            yield ""
            yield title
            for remark in shown:
                text = printable(sentence(remark))
                yield from textwrap.wrap(text, _WIDTH, initial_indent="- ", subsequent_indent="  ")
