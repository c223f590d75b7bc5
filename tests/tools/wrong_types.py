"""Hand wrong types to every public filter and to the option parsing of every module and role, and count tracebacks.

Run as ``wrong_types.py CASES [SEED]``. An error of Ansible or of a core is an answer; anything else is a fault.
"""

from __future__ import annotations

import math
import random
import secrets
import sys
import traceback
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import redirect_stdout, suppress
from functools import partial
from importlib import import_module
from io import StringIO
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any
from unittest import mock

import yaml
from ansible.errors import AnsibleError
from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.module_utils.testing import patch_module_args
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.errors import CoreError
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.forwards.request import ForwardError
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.probe.verdict import ProbeError
from ansible_collections.selfhosted.jitsi.plugins.module_utils._shell.editing.module import settings_option
from ansible_collections.selfhosted.jitsi.plugins.plugin_utils._preflight.role import JUDGES, problems

ROLES = Path(__file__).resolve().parents[2] / "roles"
PLUGINS = Path(__file__).resolve().parents[2] / "plugins"
COLLECTION = "ansible_collections.selfhosted.jitsi.plugins"
#: Options as an argument spec or a documentation has them, and what reads arguments for them.
Options = Mapping[str, Any]
Parser = Callable[[dict[str, Any]], object]
ANSWERS = (AnsibleError, CoreError, ForwardError, ProbeError)
TEXTS = ("", "a", "a.example.org", "http://b/", "\n", "-1", "false", "\0", "é", "${x}", "\ud800", "10.0.0.1", "a" * 300)
PLAIN = (None, True, False, 0, -1, 12345678, 1.5, float("nan"), float("inf"), 2**80, *TEXTS)
#: The names that filters and modules look for, so that a random mapping gets past the first question.
NAMES: tuple[str, ...] = (
    "name",
    "key",
    "value",
    "state",
    "password",
    "port",
    "to",
    "protocol",
    "sources",
    "backend",
    "paths",
    "path",
)
NAMES += ("aliases", "certificate", "request_headers", "timeout", "hosts", "problems", "item", "stdout", "stderr", "ok")
NAMES += (
    "expected",
    "found",
    "remedy",
    "received",
    "source",
    "mappings",
    "rooms",
    "properties",
    "hocon",
    "type",
    "host",
)
NAMES += ("transport", "secret", "extra_directives", "hsts", "backend_ca", "videobridge_public_addresses", "to_port")


def anything(chance: random.Random, depth: int = 0) -> Any:
    """A value of any type that YAML or Jinja may hand over."""
    kind = chance.random()
    if depth > 3 or kind < 0.55:
        return chance.choice(PLAIN)
    if kind < 0.75:
        return [anything(chance, depth + 1) for _n in range(chance.randrange(3))]
    keys = [
        chance.choice(NAMES) if chance.random() < 0.95 else chance.choice(PLAIN) for _n in range(chance.randrange(6))
    ]
    return {key: anything(chance, depth + 1) for key in keys}


def shaped(chance: random.Random, spec: Options) -> Any:
    """A value that fits an option, but for some wrong parts."""
    if chance.random() < 0.25:
        return anything(chance)
    kind = spec.get("type", "str")
    if spec.get("choices"):
        return chance.choice(spec["choices"])
    if kind == "list":
        inner = {**spec, "type": spec.get("elements", "str")}
        return [shaped(chance, inner) for _n in range(chance.randrange(4))]
    if kind == "dict" and spec.get("options"):
        return fitting(chance, spec["options"])
    if kind == "dict":
        return {chance.choice(NAMES): anything(chance) for _n in range(chance.randrange(4))}
    return {"bool": True, "int": chance.choice((0, 1, 443)), "float": 1.5}.get(kind, chance.choice(TEXTS))


def fitting(chance: random.Random, options: Options) -> dict[str, Any]:
    """Arguments for some of these options."""
    return {
        name: shaped(chance, spec) for name, spec in options.items() if spec.get("required") or chance.random() < 0.5
    }


def filters() -> Iterator[tuple[str, Callable[..., object], Options]]:
    """Each public filter: its name, the function, and the options of its documentation in their order."""
    for path in sorted((PLUGINS / "filter").glob("*.py")):
        for name, function in import_module(f"{COLLECTION}.filter.{path.stem}").FilterModule().filters().items():
            document = yaml.safe_load((PLUGINS / "filter" / f"{name}.yml").read_text())["DOCUMENTATION"]
            yield name, function, document["options"]


def call_filter(chance: random.Random, function: Callable[..., object], options: Options) -> None:
    """Call a filter with an input and some of its options by name."""
    others = fitting(chance, {name: spec for name, spec in options.items() if name != "_input"})
    function(shaped(chance, options["_input"]), **others)


def parsers() -> Iterator[tuple[str, Options, Parser]]:
    """What modules do with their options before they look at the machine: name, options, and function."""
    accounts, sites, forwards = (import_module(f"{COLLECTION}.module_utils._module.{name}") for name in MODULES[:3])
    yield "prosody_accounts", accounts.OPTIONS, lambda said: accounts.parse_accounts(said["accounts"])
    yield "apache_sites", sites.OPTIONS, lambda said: sites.parse_sites(said["sites"])
    # The module itself asks for these where forwards shall be there.
    needed = {name: {**forwards.OPTIONS[name], "required": True} for name in ("public_address", "network", "forwards")}
    yield "port_forwards", {**forwards.OPTIONS, **needed}, forwards.parse_request
    acme = import_module(f"{COLLECTION}.module_utils._module.acme_certificates")

    def authority(said: dict[str, Any]) -> None:
        acme.parse_names(said["sites"])
        acme.acme.parse_account(said)
        acme.acme.wanted(said["sites"])
        acme.acme.named_files(said["sites"])

    yield "acme_certificates", acme.OPTIONS, authority
    probes = import_module(f"{COLLECTION}.module_utils._module.probe_info")
    spec = {"probes": {"type": "list", "elements": "dict", "required": True, "options": probes.PROBE}}
    yield "probe_info", spec, lambda said: [probes.check_request(one, "probes[0]") for one in said["probes"]]
    for editor in ("java_properties", "hocon", "config_js"):
        module = import_module(f"{COLLECTION}.module_utils._module.{editor}")
        spec = {"settings": settings_option("present", "absent", "commented")}
        yield editor, spec, partial(_edits, module)


def _edits(module: ModuleType, said: dict[str, Any]) -> object:
    return module.edits_from(said["settings"])


MODULES = ("prosody_accounts", "apache_sites", "port_forwards")


#: Modules that are run whole, in check mode, with what would wait in them replaced.
WHOLE: dict[str, dict[str, object]] = {
    "apache_workers": {},
    "batch_info": {},
    "bridge_config_info": {},
    "bridge_log_info": {},
    # Nobody is asked for names, and no gateway for its address.
    "condition_info": {"look_up": lambda _names: {}, "read_gateway": lambda _run: {}},
    "datagram_info": {"start_watch": lambda *_words: None, "end_watch": lambda *_words: {}},
    "java_trust_info": {},
    "machine_info": {},
    "outside_hosts_info": {},
    "package_holds": {},
    "packet_path_info": {
        "look": SimpleNamespace(
            read_addresses=lambda _run: frozenset(),
            read_devices=lambda _run, _addresses: {},
            read_chains=lambda _run: [],
        )
    },
    "prosody_leftovers_info": {},
    "prosody_service_accounts": {},
    "repository_keyring": {},
    # All services are well at once.
    "service_health": {"Watch": lambda _module: SimpleNamespace(until_healthy=lambda _wanted, _seconds: {})},
    "stale_service_info": {},
    "turn_credentials_info": {},
    "unit_limits": {},
}


def mains() -> Iterator[tuple[str, Options, Callable[[], None]]]:
    """What each of these modules does as a whole: name, options of its documentation, and function."""
    for name, replaced in WHOLE.items():
        module = import_module(f"{COLLECTION}.module_utils._module.{name}")
        vars(module).update(replaced)
        documented = import_module(f"{COLLECTION}.modules.{name}").DOCUMENTATION
        yield name, yaml.safe_load(documented)["options"], module.main


def roles() -> Iterator[tuple[str, Options]]:
    """Each role with a preflight: its name, and the specs of the arguments that its tasks hand over."""
    for role in JUDGES:
        (task, *_others) = yaml.safe_load((ROLES / role / "tasks" / "preflight.yml").read_text())
        specs = yaml.safe_load((ROLES / role / "meta" / "argument_specs.yml").read_text())["argument_specs"]
        names = task["selfhosted.jitsi.role_preflight"]["values"]
        yield role, {name: specs["preflight"]["options"][name] for name in names}


def call_preflight(chance: random.Random, role: str, options: Options) -> None:
    """Judge arguments of a role, most of them its defaults; what is wrong is in the answer."""
    said = {name: spec.get("default", "a") for name, spec in options.items()}
    for name in chance.sample(sorted(options), 3):
        said[name] = shaped(chance, options[name])
    problems(role, said, "a", ["a"])


def call_main(chance: random.Random, options: Options, main_of_module: Callable[[], None]) -> None:
    """Run a module as Ansible does, on a machine whose programs all say no."""
    said = sendable(fitting(chance, options))
    programs = mock.patch.multiple(
        AnsibleModule,
        run_command=lambda *_words, **_options: (1, "", "no"),
        get_bin_path=lambda _module, name, **_o: name,
    )
    arguments = patch_module_args({**said, "_ansible_check_mode": True})
    with arguments, programs, redirect_stdout(StringIO()), suppress(SystemExit):
        main_of_module()


def sendable(value: Any) -> Any:
    """What of a value can reach a module: Ansible sends JSON in UTF-8, whose names are texts and whose numbers end."""
    if isinstance(value, dict):
        return {str(key).encode(errors="replace").decode(): sendable(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [sendable(inner) for inner in value]
    if isinstance(value, str):
        return value.encode(errors="replace").decode()
    return 0 if isinstance(value, float) and not math.isfinite(value) else value


def call_module(chance: random.Random, options: Options, parse: Parser) -> None:
    """Do with some arguments what AnsibleModule does, and parse what it accepts."""
    said = sendable(fitting(chance, options))
    result = ArgumentSpecValidator(options).validate(said)
    if not result.error_messages:
        parse(result.validated_parameters)


def run(cases: int, seed: int) -> tuple[int, Counter[str], list[str]]:
    """Try this many cases, in turns for each filter and module.

    :return: how many were tried, how often each was answered with a value, and the tracebacks.
    """
    chance = random.Random(seed)
    subjects = [(name, partial(call_filter, chance, function, options)) for name, function, options in filters()]
    subjects += [(name, partial(call_module, chance, options, parse)) for name, options, parse in parsers()]
    subjects += [(name, partial(call_main, chance, options, whole)) for name, options, whole in mains()]
    subjects += [
        (f"role_preflight {role}", partial(call_preflight, chance, role, options)) for role, options in roles()
    ]
    accepted: Counter[str] = Counter()
    found: dict[str, str] = {}
    for number in range(cases):
        name, call = subjects[number % len(subjects)]
        try:
            call()
            accepted[name] += 1
        except ANSWERS:
            continue
        except Exception:
            said = traceback.format_exc()
            found.setdefault(
                f"{name}: {said.strip().splitlines()[-3:]}", f"{name}, case {number} of seed {seed}:\n{said}"
            )
    return cases, accepted, list(found.values())


def main() -> int:
    cases = int(sys.argv[1]) if len(sys.argv) > 1 else 80000
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else secrets.randbits(32)
    tried, accepted, tracebacks = run(cases, seed)
    print("\n".join(tracebacks))
    counts = f"{tried} cases, {sum(accepted.values())} accepted, {len(tracebacks)} tracebacks"
    print(f"===== wrong types: {counts}, seed {seed} =====")
    return 1 if tracebacks else 0


if __name__ == "__main__":
    sys.exit(main())
