"""Runs of selfhosted.jitsi.check, from within a test, and what they blame."""

from __future__ import annotations

from site_runs import site

HEADING = "checks failed:"
#: Where one sentence about a row ends and the next begins, in what Ansible prints of a text of several lines.
BREAK = "\\n"


def check(*options):
    """Run the check with short waits; return its exit code and what it said, in one line."""
    return site("--extra-vars", "check_wait=4", *options, playbook="selfhosted.jitsi.check")


def blamed(said):
    """The sentences about rows that are not in order, by the names of the rows."""
    if HEADING not in said:
        return {}
    text = said.split(HEADING, 1)[1].split('"}', 1)[0].split('" }', 1)[0]
    sentences = [sentence.strip() for sentence in text.split(BREAK) if ": expected " in sentence]
    return {sentence.split(": expected ", 1)[0]: sentence for sentence in sentences}
