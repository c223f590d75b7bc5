"""Run every part of the tests, two at a time, and close with one line that counts them all.

What needs no lab runs one after the other, beside what does; each of the two has a lab of its own.
A part that cannot run on this machine is named and counted as skipped, never as passed.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from xml.etree import ElementTree

TOOLS = Path(__file__).resolve().parent
CHECKOUT = TOOLS.parents[1]
BUILD = CHECKOUT / ".build"
TREE = Path(os.environ["JITSI_TREE"])
#: The virtual environment by a name without blanks, which ansible-test cannot do with.
VENV = Path(os.environ["ANSIBLE_SSH_CONTROL_PATH_DIR"]) / "venv" / "bin"
RESULTS = BUILD / "results"
#: The virtual environment of requirements-lint.txt.
LINT = BUILD / "lint" / "bin"
#: Names that Ansible, pytest, the standard library and programs of the tests look for.
CALLED_BY_OTHERS = (
    "DOCUMENTATION,EXAMPLES,RETURN,DEBIAN,LOOKS,_load_params,ModuleDocFragment,ActionModule,FilterModule,TestModule,tests,"
    "pytest_*,pytestmark,with_role,accounts_decide,do_*,handle_*,log_message,protocol_version,daemon_threads,"
    "close_connection,sock,enable_direct_tls,default_domain,bosh_login,key_fits,key_problem,auto_open,response_class,readable,readinto"
)
#: A virtual environment with the newest ansible-core, and what runs there beside the unit tests.
NEWEST_CORE = BUILD / "newest-core"
#: Judged with the oldest and with the newest ansible-core, for they meet Ansible's own validation.
WITH_BOTH_CORES = [f"tests/playbooks/test_{name}.py" for name in ("argument_types", "wrong_sites")]
#: Judged once: with the newest ansible-core, or with the only one. Their answers are this collection's own.
WITH_ONE_CORE = [f"tests/playbooks/test_{name}.py" for name in ("wrong_inventory", "wrong_options", "wrong_forwards")]
LANES = 2
#: The steps of a twin: without check mode on bare machines, and without the second run that changes nothing.
#: `generation_2020` takes both on that release, with all roles.
STEPS_OF_TWIN = "[destroy, create, prepare, converge, verify, destroy]"
#: Characters of a reason that the summary shows; the rest is in the part's own output.
REMARK = 300
#: The line in which pytest names the statement that does not hold.
STATEMENT = re.compile(r"^E +(assert .*)$", re.MULTILINE)
#: The repository that stands where the stand-ins would, or nothing; docs/lab.md says what it may be.
REPOSITORY = os.environ.get("JITSI_LAB_REPOSITORY", "").strip()
OF_2020 = "it installs packages of 2020"
FROM_2020 = "it upgrades from packages of 2020 to two later releases"
PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"


@dataclass
class Part:
    """One command, and where its own count of tests lies; a command without one counts as one test."""

    name: str
    command: list[str]
    results: str = ""
    folder: Path = TREE
    environment: dict[str, str] = field(default_factory=dict)
    needs_lab: bool = False
    #: Run only when it is asked for by its name: its twin on the other release of Debian runs always.
    by_name: bool = False
    #: Unless it is asked for by its name, without the tests for which the release of Debian makes no difference, and
    #: with the steps of a twin.
    twin_of: str = ""
    #: Unless it is asked for by its name, with these further words, which leave out what another part runs.
    left_out: list[str] = field(default_factory=list)
    #: Why only the stand-ins will do; with somebody's own repository it is skipped.
    stand_ins: str = ""
    #: What this machine lacks for it, in words; it is skipped then.
    lacks: str = ""


def reason(message: str, report: str) -> str:
    """What says most of why a test did not pass: the statement that does not hold, and the message's first line.

    Of another program's traceback the error stands in that line's place.

    :param report: what pytest says at length. A message may be a program's long output, and is cut off there.
    """
    lines = (message or report).strip().splitlines() or ["no reason given"]
    first = lines[0]
    if "Traceback" in first:
        first = next((line for line in lines[1:] if line.strip() and not line.startswith(" ")), first)
    statement = STATEMENT.search(report)
    if statement and statement[1] not in first:
        return f"{statement[1][:REMARK]} ({first[:REMARK]})"
    return first[:REMARK]


@dataclass
class Count:
    passed: int = 0
    failed: int = 0
    skipped: int = 0
    #: What failed or was skipped, a line each with the first words of why.
    remarks: tuple[str, ...] = ()

    def remark(self, kind: str, case: ElementTree.Element, why: ElementTree.Element) -> None:
        """Keep a test that did not pass: its kind, its name and why."""
        self.remarks += (f"{kind} {case.get('name')}: {reason(why.get('message') or '', why.text or '')}",)


def _pytest(name: str, *folders: str) -> Part:
    results = RESULTS / f"{name}.xml"
    options = ["-p", "no:cacheprovider", "--quiet", f"--junitxml={results}", "-o", "junit_family=xunit2"]
    command = ["python", "-m", "pytest", *options, *folders]
    return Part(name, command, str(results), environment={"PYTHONPATH": str(BUILD)})


def _lint() -> list[Part]:
    """The judges of requirements-lint.txt: types, licences, dead code, documentation, Galaxy."""
    path = {"PATH": f"{LINT}{os.pathsep}{os.environ['PATH']}"}
    ignored = ["--ignore-decorators", "@pytest.*", "--ignore-names", CALLED_BY_OTHERS]
    dead = ["vulture", *ignored, "plugins", "tests", "molecule"]
    documentation = ["antsibull-docs", "lint-collection-docs", "--plugin-docs", "--validate-collection-refs=self", "."]
    return [
        # Beside ansible_collections, where the full names of its modules resolve.
        Part("mypy", ["mypy", "--config-file", str(TREE / "mypy.ini")], folder=BUILD, environment=path),
        Part("reuse", ["reuse", "lint", "--lines"], environment=path),
        Part("vulture", dead, environment=path),
        Part("antsibull-docs", documentation, environment=path),
        Part("galaxy-importer", [str(LINT / "python"), "tests/tools/galaxy.py"], environment=path),
    ]


def _oracle() -> Part:
    """The editors, each a process of its own hundreds of times, which keep what Python compiles of them."""
    part = _pytest("oracle", "tests/oracle")
    kept = {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": str(BUILD / "pycache")}
    return replace(part, environment={**part.environment, **kept})


def _oracle_in_short() -> Part:
    """Some thousand generated cases for the desk: of these tests each has this many."""
    names = ("config_js", "hocon", "java_properties", "filters")
    part = _pytest("oracle in short", *(f"tests/oracle/test_{name}.py" for name in names))
    return replace(part, environment={**part.environment, "ORACLE_CASES": "50"}, by_name=True)


def _playbooks() -> Part:
    """Plays on this machine. Without the newest ansible-core it has all of them in a whole run, too."""
    left_out = [f"--ignore={path}" for path in WITH_ONE_CORE] if NEWEST_CORE.exists() else []
    return replace(_pytest("playbooks", "tests/playbooks"), left_out=left_out)


def _newest_core() -> Part:
    """What does not depend on the machines behind the controller, with the newest ansible-core."""
    results = RESULTS / "newest-core.xml"
    options = ["-p", "no:cacheprovider", "--quiet", "--import-mode=importlib", "--numprocesses=2"]
    # What measures time is measured once, with the oldest release.
    options += [f"--junitxml={results}", "-o", "junit_family=xunit2", "-k", "not end_soon"]
    # With importlib a test finds its neighbours only there.
    folders = os.pathsep.join((str(BUILD), str(TREE / "tests" / "playbooks")))
    return Part(
        "newest ansible-core",
        [str(NEWEST_CORE / "bin" / "python"), "-m", "pytest", *options, "tests/unit", *WITH_BOTH_CORES, *WITH_ONE_CORE],
        str(results),
        environment={"PYTHONPATH": folders, "PATH": f"{NEWEST_CORE / 'bin'}{os.pathsep}{os.environ['PATH']}"},
        lacks=""
        if NEWEST_CORE.exists()
        else "it needs Python 3.12 or newer, which is neither on the PATH nor in pyenv",
    )


def _molecule(
    scenario: str, suite: str, by_name: bool = False, twin_of: str = "", stand_ins: str = "", built: bool = False
) -> Part:
    """A scenario on a release of Debian.

    :param built: with the collection as it is built for a release, instead of the tree.
    """
    results = RESULTS / f"molecule-{scenario}-{suite}.xml"
    environment = {
        "JITSI_LAB_SUITE": suite,
        "MOLECULE_GLOB": "molecule/*/molecule.yml",
        "PYTEST_ADDOPTS": f"-p no:cacheprovider --junitxml={shlex.quote(str(results))} -o junit_family=xunit2",
    }
    return Part(
        f"molecule {scenario} {suite}",
        [*(["python", str(TOOLS / "artefact.py")] if built else []), "molecule", "test", "--scenario-name", scenario],
        str(results),
        environment=environment,
        needs_lab=True,
        by_name=by_name,
        twin_of=twin_of,
        stand_ins=stand_ins,
    )


def shortened(part: Part) -> Part:
    """A part of the whole run: without what another part shows, for both releases of Debian or for both cores."""
    if not part.twin_of:
        return replace(part, command=[*part.command, *part.left_out])
    addition = f"{part.environment['PYTEST_ADDOPTS']} -m 'not either_release'"
    steps = {"JITSI_TEST_SEQUENCE": STEPS_OF_TWIN}
    return replace(part, environment={**part.environment, "PYTEST_ADDOPTS": addition, **steps})


def parts() -> list[Part]:
    """All parts: those without a lab, the quick ones first, then those with one, the long ones first."""
    home = {"HOME": str(BUILD / "home")}
    return [
        Part("ruff check", ["ruff", "check", "."]),
        Part("ruff format", ["ruff", "format", "--check", "--diff", "."]),
        *_lint(),
        Part("ansible-lint", ["ansible-lint", "--offline", "--strict"]),
        Part(
            "ansible-test sanity",
            [str(VENV / "python"), str(VENV / "ansible-test"), "sanity", "--python", PYTHON, "--color", "no"],
            environment=home,
        ),
        Part(
            "ansible-test units",
            [str(VENV / "python"), str(VENV / "ansible-test"), "units", "--local", "--python", PYTHON, "--color", "no"],
            str(TREE / "tests" / "output" / "junit" / f"python{PYTHON}-*-units.xml"),
            environment=home,
        ),
        _oracle(),
        _oracle_in_short(),
        _playbooks(),
        _pytest("docs", "tests/docs"),
        _newest_core(),
        # By their length, so that the two lanes end at about the same time.
        _molecule("default", "trixie"),
        _molecule("generation_2020", "bookworm", stand_ins=OF_2020),
        _molecule("options", "trixie"),
        _molecule("two_bridges", "bookworm"),
        _molecule("nat_host", "trixie"),
        _molecule("upgrade", "trixie", stand_ins=FROM_2020),
        _molecule("default", "bookworm", twin_of="molecule default trixie", built=True),
        _molecule("reverse_proxy", "trixie"),
        _molecule("nat_host", "bookworm", twin_of="molecule nat_host trixie"),
        # Their twins above run always.
        _molecule("generation_2020", "trixie", stand_ins=OF_2020, by_name=True),
        _molecule("two_bridges", "trixie", by_name=True),
        _molecule("upgrade", "bookworm", stand_ins=FROM_2020, by_name=True),
        _molecule("options", "bookworm", by_name=True),
        _molecule("reverse_proxy", "bookworm", by_name=True),
    ]


def prepare_home() -> None:
    """A home of its own for ansible-test: it drops pip's variables and downloads get-pip, which no registry has."""
    home = BUILD / "home"
    cache = home / ".ansible" / "test" / "cache"
    cache.mkdir(parents=True, exist_ok=True)
    for version in ("24_2", "25_2", "26_0"):
        (cache / f"get_pip_{version}.py").write_text("import ensurepip\nensurepip.bootstrap()\n")
    said = subprocess.run(["pip", "config", "list"], capture_output=True, text=True, check=True).stdout
    settings = {}
    for line in said.splitlines():
        name, value = line.split("=", 1)
        if name.partition(".")[0] in ("global", ":env:"):
            settings[name.partition(".")[2]] = value.strip("'\"")
    configuration = home / ".config" / "pip" / "pip.conf"
    configuration.parent.mkdir(parents=True, exist_ok=True)
    lines = [f"{name} = {value}\n" for name, value in settings.items() if name not in ("config-file", "python")]
    configuration.write_text("[global]\n" + "".join(lines))


def count(part: Part, code: int) -> Count:
    """What a part's own report says; a part that failed counts as failed whatever its report says."""
    found = Count()
    reports = sorted(Path(part.results).parent.glob(Path(part.results).name)) if part.results else []
    for report in reports:
        for case in ElementTree.parse(report).iter("testcase"):
            failures, skips = [*case.iterfind("failure"), *case.iterfind("error")], case.findall("skipped")
            if failures:
                found.failed += 1
                found.remark("FAILED ", case, failures[0])
            elif skips:
                found.skipped += 1
                found.remark("skipped", case, skips[0])
            else:
                found.passed += 1
    if code and not found.failed:
        found.failed += 1
        found.remarks += (f"FAILED  the command itself, exit code {code}",)
    if not code and not part.results:
        found.passed += 1
    if not code and part.results and not (found.passed or found.skipped):
        found.failed += 1
    return found


class Lane:
    """What runs one after the other: with a lab, connections and a folder of Molecule's that no other lane uses."""

    def __init__(self, number: int) -> None:
        name = os.environ["JITSI_LAB_NAME"] + (f"-{number}" if number else "")
        connections = Path(os.environ["ANSIBLE_SSH_CONTROL_PATH_DIR"]) / str(number)
        connections.mkdir(exist_ok=True)
        self.environment = {
            "JITSI_LAB_NAME": name,
            "JITSI_LAB_STATE": str(BUILD / "lab" / name),
            "ANSIBLE_SSH_CONTROL_PATH_DIR": str(connections),
            "MOLECULE_EPHEMERAL_DIRECTORY": str(BUILD / "molecule" / name),
        }

    def run(self, part: Part, output: int | None) -> tuple[Count, float]:
        """Run one part in the collection's tree."""
        if part.results:
            Path(part.results).unlink(missing_ok=True)
        if not part.needs_lab:
            shutil.rmtree(TREE / "tests" / "output", ignore_errors=True)
        shutil.rmtree(self.environment["MOLECULE_EPHEMERAL_DIRECTORY"], ignore_errors=True)
        began = time.monotonic()
        environment = {**os.environ, **self.environment, **part.environment}
        done = subprocess.run(
            part.command,
            cwd=part.folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT if output else None,
            check=False,
        )
        return count(part, done.returncode), time.monotonic() - began


class Suite:
    """All parts that are wanted, and what came of them."""

    def __init__(self, wanted: list[Part]) -> None:
        self.wanted = wanted
        self.rows = {part.name: (skipped(why), 0.0) for part in wanted if (why := why_skipped(part))}
        self.waiting = [part for part in wanted if part.name not in self.rows]
        self.lock = threading.Lock()

    def next(self, with_lab: bool) -> Part | None:
        """The next part for a lane: one with a lab if that is what the lane is for, else whatever is first."""
        with self.lock:
            fitting = [part for part in self.waiting if part.needs_lab] if with_lab else self.waiting
            part = fitting[0] if fitting else None
            if part:
                self.waiting.remove(part)
            return part

    def work(self, number: int) -> None:
        """Run parts until none is left. The second lane begins with those that need a lab, which take longest."""
        lane = Lane(number)
        while part := self.next(with_lab=bool(number)):
            if len(self.wanted) == 1:
                print(f"\n===== {part.name} =====", flush=True)
                self.rows[part.name] = lane.run(part, None)
                continue
            log = RESULTS / f"{part.name.replace(' ', '-')}.log"
            with log.open("w") as output:
                self.rows[part.name] = lane.run(part, output.fileno())
            # Two parts that write at the same time could not be read.
            with self.lock:
                print(f"\n===== {part.name} =====\n{log.read_text(errors='replace')}", flush=True)

    def run(self) -> None:
        with ThreadPoolExecutor(max_workers=LANES) as pool:
            list(pool.map(self.work, range(LANES)))


def why_skipped(part: Part) -> str:
    """Why a part cannot run here, or nothing."""
    if REPOSITORY and part.stand_ins:
        return f"{part.stand_ins}, which only the stand-ins have, and JITSI_LAB_REPOSITORY is {REPOSITORY}"
    return part.lacks


def skipped(why: str) -> Count:
    """The count of a part that cannot run here."""
    return Count(skipped=1, remarks=(f"skipped the whole part: {why}",))


def wanted(names: list[str]) -> list[Part]:
    """The parts with these names, whole; without names those of a whole run."""
    if names:
        return [part for part in parts() if part.name in names]
    return [shortened(part) for part in parts() if not part.by_name]


def main() -> int:
    RESULTS.mkdir(parents=True, exist_ok=True)
    prepare_home()
    names = sys.argv[1:]
    known = [part.name for part in parts()]
    if unknown := set(names).difference(known):
        print(f"There is no part {', '.join(sorted(unknown))}; the parts are {', '.join(known)}")
        return 2
    began = time.monotonic()
    suite = Suite(wanted(names))
    suite.run()
    rows = [(part.name, *suite.rows[part.name]) for part in suite.wanted]
    print("\n===== summary =====")
    for name, found, seconds in rows:
        print(f"{name:28} {found.passed:5} passed {found.failed:3} failed {found.skipped:3} skipped {seconds:8.1f} s")
    for part in suite.wanted if not names else []:
        if part.twin_of:
            print(f"{part.name}: what is the same on every release of Debian was left to {part.twin_of}")
    # Last, where they are seen even if only the end of the output is kept.
    for name, found, _seconds in rows:
        for remark in found.remarks:
            print(f"{remark} ({name})")
    passed, failed, skipped = (sum(getattr(row[1], kind) for row in rows) for kind in ("passed", "failed", "skipped"))
    (RESULTS / "summary.json").write_text(json.dumps({"passed": passed, "failed": failed, "skipped": skipped}))
    words = [f"{failed} failed"] if failed else []
    words += [f"{passed} passed"] + ([f"{skipped} skipped"] if skipped else [])
    print(f"===== {', '.join(words)} in {time.monotonic() - began:.2f}s =====", flush=True)
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
