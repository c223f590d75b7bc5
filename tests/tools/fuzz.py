"""Have the real parsers judge a large number of generated cases, and count how often they disagree.

A case is one document, mostly with edits, that Hypothesis made and the judge was asked about. CASES of them are for
java_properties; hocon and config_js, whose judges are slower, get a tenth each.
"""

from __future__ import annotations

import argparse
import base64
import os
import re
import secrets
import subprocess
import sys
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

from tqdm import tqdm

BUILD = Path(__file__).resolve().parents[2] / ".build"
TREE = Path(os.environ["JITSI_TREE"])
RESULTS = BUILD / "results"
#: Cases of each test in one run of pytest: Hypothesis keeps all that it generated, so one run may not do them all.
BATCH = 2000
SHARES = {"java_properties": 1.0, "hocon": 0.1, "config_js": 0.1}
_PASSED = re.compile(r"- (\d+) passing\b")


@dataclass
class Batch:
    """What one run of an editor's tests came to."""

    editor: str
    seed: int
    cases: int
    disagreements: int
    output: str


def run_batch(editor: str, seed: int, examples: int) -> Batch:
    """Run the judged tests of one editor once."""
    report = RESULTS / f"fuzz-{editor}-{seed}.xml"
    options = ["-p", "no:cacheprovider", "--quiet", "--judged", f"--hypothesis-seed={seed}", f"--junitxml={report}"]
    environment = {**os.environ, "PYTHONPATH": str(BUILD), "ORACLE_CASES": str(examples)}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *options, f"tests/oracle/test_{editor}.py"],
        cwd=TREE,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    try:
        return Batch(editor, seed, *counted(report, done.returncode), done.stdout + done.stderr)
    finally:
        report.unlink(missing_ok=True)


def counted(report: Path, code: int) -> tuple[int, int]:
    """The cases that passed and the tests that failed; a run without a report or without a case counts as a failure."""
    if not report.exists():
        return 0, 1
    tree = ElementTree.parse(report)
    failed = sum(1 for case in tree.iter("testcase") for kind in ("failure", "error") if case.find(kind) is not None)
    skipped = sum(1 for _skipped in tree.iter("skipped"))
    said = [entry.get("value") or "" for entry in tree.iter("property") if "hypothesis" in (entry.get("name") or "")]
    cases = sum(int(number) for text in said for number in _PASSED.findall(base64.b64decode(text).decode()))
    return cases, failed or int(bool(code) or bool(skipped) or not cases)


class Fuzz:
    """All batches, some at a time."""

    def __init__(self, wanted: dict[str, int], workers: int, seed: int) -> None:
        self.wanted = wanted
        self.workers = workers
        self.seed = seed
        self.cases = dict.fromkeys(wanted, 0)
        self.disagreements = dict.fromkeys(wanted, 0)

    def run(self) -> None:
        """Go on until every editor had its cases; what failed is shown at once."""
        running: set[Future[Batch]] = set()
        progress = tqdm(total=sum(self.wanted.values()), unit=" cases", mininterval=1 if sys.stderr.isatty() else 30)
        with progress, ThreadPoolExecutor(self.workers) as pool:
            while running or self._unfinished():
                while len(running) < self.workers and self._unfinished():
                    running.add(pool.submit(run_batch, self._next_editor(), self.seed, self._examples()))
                    self.seed += 1
                finished, running = wait(running, return_when=FIRST_COMPLETED)
                for future in finished:
                    self._record(future.result(), progress)

    def _unfinished(self) -> list[str]:
        return [editor for editor, wanted in self.wanted.items() if self.cases[editor] < wanted]

    def _next_editor(self) -> str:
        return min(self._unfinished(), key=lambda editor: self.cases[editor] / self.wanted[editor])

    def _examples(self) -> int:
        return min(BATCH, max(self.wanted[self._next_editor()] // (4 * self.workers), 50))

    def _record(self, batch: Batch, progress: tqdm) -> None:
        counts = min(batch.cases, max(self.wanted[batch.editor] - self.cases[batch.editor], 0))
        self.cases[batch.editor] += batch.cases
        self.disagreements[batch.editor] += batch.disagreements
        progress.update(counts)
        progress.set_postfix(disagreements=sum(self.disagreements.values()))
        if batch.disagreements:
            progress.write(f"{batch.editor}, seed {batch.seed}:\n{batch.output}")
            # A run without a single case would come again for ever.
            if not batch.cases:
                self.wanted[batch.editor] = 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("cases", type=int, help="cases for java_properties")
    parser.add_argument("editors", nargs="*", help=f"only these of {', '.join(SHARES)}")
    parser.add_argument("--seed", type=int, help="the first batch's seed, as a run that failed printed it")
    arguments = parser.parse_args()
    if arguments.cases < 1:
        parser.error(f"CASES is {arguments.cases}; give a number from 1")
    for editor in arguments.editors:
        if editor not in SHARES:
            parser.error(f"there is no editor {editor}; give some of {', '.join(SHARES)}")
    RESULTS.mkdir(parents=True, exist_ok=True)
    wanted = {editor: max(int(arguments.cases * SHARES[editor]), 1) for editor in arguments.editors or SHARES}
    seed = secrets.randbits(32) if arguments.seed is None else arguments.seed
    print(f"fuzz: seed {seed}", flush=True)
    fuzz = Fuzz(wanted, os.cpu_count() or 1, seed)
    fuzz.run()
    for editor in wanted:
        print(f"fuzz: {editor:16} {fuzz.cases[editor]:8} cases, {fuzz.disagreements[editor]} disagreements")
    total = sum(fuzz.disagreements.values())
    print(f"===== {sum(fuzz.cases.values())} cases, {total} disagreements =====", flush=True)
    return 1 if total else 0


if __name__ == "__main__":
    sys.exit(main())
