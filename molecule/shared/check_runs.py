"""Runs of selfhosted.jitsi.check, from within a test, and what they blame."""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path

from site_runs import site

#: The repository from which the lab was deployed last: what the inventory says of it is compared with the machine.
GENERATION = os.environ.get("JITSI_LAB_LAST_GENERATION") or os.environ.get("JITSI_LAB_GENERATION") or "current"
HEADING = "checks failed:"
#: Where one sentence about a row ends and the next begins.
BREAK = "\\n"


def run_check(*options):
    """Run the check with short waits; return its exit code, what it said in one line, and its rows."""
    with tempfile.TemporaryDirectory() as folder:
        document = Path(folder) / "check.json"
        facts = json.dumps({"check_wait": 4, "check_json": str(document)})
        code, said = site("--extra-vars", facts, *options, playbook="selfhosted.jitsi.check", generation=GENERATION)
        return code, said, json.loads(document.read_text())["rows"] if document.exists() else []


def failed_rows(done=None):
    """Run the check, unless it is done; return its rows that are not in order."""
    code, said, rows = done or run_check()
    failed = [row for row in rows if not row["ok"]]
    assert rows and bool(code) == bool(failed), said
    return failed


def check(*options):
    """Run the check; return its exit code, and in one line what it said, with all its rows."""
    return in_words(run_check(*options))


def in_words(done):
    """A check's exit code, and in one line what it said, with all its rows."""
    code, said, rows = done
    return code, " ".join([said, *(f"{row['name']} | {row['found']}" for row in rows if row["ok"]), wrong(rows)])


def wrong(rows):
    """A sentence for each row that is not in order, whatever explains it."""
    failed = [row for row in rows if not row["ok"]]
    sentences = [f"{row['name']}: expected {row['expected']}, found {row['found']}. {row['remedy']}" for row in failed]
    return " ".join(BREAK.join([f"{len(failed)} of {len(rows)} {HEADING}", *sentences]).split()) if failed else ""


def blamed(said):
    """The sentences about rows that are not in order, by the names of the rows."""
    if HEADING not in said:
        return {}
    sentences = (sentence.strip() for sentence in said.split(HEADING, 1)[1].split(BREAK))
    return {sentence.split(": expected ", 1)[0]: sentence for sentence in sentences if sentence}
