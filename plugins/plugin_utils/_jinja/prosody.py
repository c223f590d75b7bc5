# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Make the query for prosody's shell."""

from __future__ import annotations

from ansible_collections.selfhosted.jitsi.plugins.plugin_utils._check import prosody as prosody_answer


def prosody_question(fqdn: object) -> str:
    """Return the query for prosody's shell."""
    return prosody_answer.question(str(fqdn))


FILTERS = {"prosody_question": prosody_question}
