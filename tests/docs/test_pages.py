# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""The pages as a reader of the repository meets them: their links, their lists, their picture and their snippets."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.selfhosted.jitsi.plugins.plugin_utils._check.rows import ANCHORS

CHECKOUT = Path(__file__).resolve().parents[2]
PAGES = sorted([*CHECKOUT.glob("*.md"), *CHECKOUT.glob("docs/**/*.md")])
GUIDES = sorted(CHECKOUT.glob("docs/guides/*.md"))
TOOL = CHECKOUT / "tests" / "tools" / "topology.py"
FENCED = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^()\s]+)\)")
#: The questions that a guide answers. The check has guides of its own kind.
HEADINGS = ["Prerequisites", "Configure", "Run", "Verify", "Undo"]
ABOUT_THE_CHECK = ("check", "not_working")
#: What a guide's snippet may set beside the variables of roles.
OF_PLAYBOOKS = {
    "adopt_fqdn",
    "adopt_inventory",
    "backup_folder",
    "backup_password",
    "check_html",
    "check_json",
    "check_metrics",
    "check_guests",
    "check_wanted_hosts",
    "rename_from",
    "reverse_proxy_address",
    "restore",
    "restore_from",
    "uninstall",
    "uninstall_other_sites",
}
OF_ANSIBLE = re.compile(r"ansible_\w+")
#: The groups of an inventory; what stands below one are its machines.
GROUPS = {"all", "nat_host", "reverse_proxy", "jitsi", "videobridge", "outside"}


def identified(path):
    return path.relative_to(CHECKOUT).as_posix()


def slugs(path):
    """The anchors of a page's headings, as GitHub makes them."""
    text = FENCED.sub("", path.read_text(encoding="utf-8"))
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def links_to_nothing(path):
    """The links of a page to files and headings that the repository does not have."""
    found = []
    for link in LINK.findall(FENCED.sub("", path.read_text(encoding="utf-8"))):
        if "://" in link or link.startswith("mailto:"):
            continue
        name, _hash, anchor = link.partition("#")
        target = path.parent / name if name else path
        if not target.exists() or (anchor and anchor not in slugs(target)):
            found.append(link)
    return found


@pytest.mark.parametrize("path", PAGES, ids=identified)
def test_links_of_a_page_lead_somewhere(path):
    assert links_to_nothing(path) == []


def test_link_to_nothing_is_found(tmp_path):
    page = tmp_path / "page.md"
    page.write_text("# A page\n[a](page.md) [b](page.md#a-page) [c](page.md#no) [d](no.md) [e](https://a.test/x)\n")
    assert links_to_nothing(page) == ["page.md#no", "no.md"]


@pytest.mark.parametrize("path", GUIDES, ids=identified)
def test_guide_is_listed_on_the_start_page_and_in_the_readme(path):
    name = f"guides/{path.name}"
    assert f"({name})" in (CHECKOUT / "docs" / "index.md").read_text(encoding="utf-8")
    assert f"(docs/{name})" in (CHECKOUT / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("path", [path for path in GUIDES if path.stem not in ABOUT_THE_CHECK], ids=identified)
def test_guide_answers_the_same_questions_in_the_same_order(path):
    headings = re.findall(r"^## (.+)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    assert [heading for heading in headings if heading in HEADINGS] == HEADINGS


@pytest.mark.parametrize("anchor", sorted(set(ANCHORS.values())))
def test_page_that_a_row_of_the_check_names_exists(anchor):
    name, _hash, heading = anchor.partition("#")
    assert (CHECKOUT / name).is_file()
    assert not heading or heading in slugs(CHECKOUT / name)


@pytest.mark.parametrize("path", GUIDES, ids=identified)
def test_sentences_and_lines_of_a_guide_are_short(path):
    text = path.read_text(encoding="utf-8")
    assert [line for line in text.splitlines() if len(line) > 160] == []
    # A row of a table, an item of a list and a heading end like a sentence does.
    prose = re.sub(r"\n(?=[-#|\d\n])", ".\n", FENCED.sub("\n", text))
    sentences = re.split(r"[.:;?!|](?:\s|$)", re.sub(r"`[^`]*`", "x", prose))
    assert [sentence for sentence in sentences if len(sentence.split()) > 25] == []


def test_guide_explains_each_line_of_the_example_inventory():
    example = CHECKOUT / "inventory" / "example"
    guide = (CHECKOUT / "docs" / "guides" / "deploy.md").read_text(encoding="utf-8")
    structure = {"---", "all:", "children:", "hosts:", "vars:"}
    lines = [line.strip() for line in (example / "hosts.yml").read_text(encoding="utf-8").splitlines()]
    wanted = {line for line in lines if line and not line.startswith("#")} - structure
    wanted |= set(yaml.safe_load((example / "group_vars" / "all.yml").read_text(encoding="utf-8")))
    assert [line for line in sorted(wanted) if f"`{line}`" not in guide] == []


def test_picture_of_the_topology_is_that_of_the_example_inventory():
    done = subprocess.run([sys.executable, TOOL, "check"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def options():
    """The variables of all roles, none of them required."""
    found = {}
    for path in CHECKOUT.glob("roles/*/meta/argument_specs.yml"):
        found.update(yaml.safe_load(path.read_text(encoding="utf-8"))["argument_specs"]["main"].get("options", {}))
    return {name: {**option, "required": False} for name, option in found.items()}


OPTIONS = options()


def variables_in(snippet):
    """Each mapping of variables in a snippet of an inventory or of a play."""
    if isinstance(snippet, list):
        for entry in snippet:
            yield from (part for name in ("vars", "roles") for part in variables_in(entry.get(name, {})))
            yield {key: value for key, value in entry.items() if key in OPTIONS}
    elif set(snippet) & GROUPS:
        for group in snippet.values():
            yield group.get("vars") or {}
            yield from ((machine or {}) for machine in (group.get("hosts") or {}).values())
            yield from variables_in(group.get("children") or {})
    else:
        yield snippet


def faults_of(variables):
    """What the roles would say of variables, and which ones nobody knows."""
    unknown = [
        name
        for name in variables
        if name not in OPTIONS and name not in OF_PLAYBOOKS and not OF_ANSIBLE.fullmatch(name)
    ]
    given = {name: value for name, value in variables.items() if name in OPTIONS and not _is_template(value)}
    return unknown + list(ArgumentSpecValidator(OPTIONS).validate(given).error_messages)


def _is_template(value):
    return isinstance(value, str) and "{{" in value


def snippets(language):
    return [
        pytest.param(text, id=f"{path.stem}-{number}")
        for path in GUIDES
        for number, (kind, text) in enumerate(FENCED.findall(path.read_text(encoding="utf-8")))
        if kind == language
    ]


def of_ansible_builder(snippet):
    """Whether it defines an image, which tests/playbooks/test_built_collection.py gives to ansible-builder."""
    return isinstance(snippet, dict) and {"version", "images"} <= set(snippet)


def imported_playbooks(snippet):
    """The playbooks that it imports, if it does nothing else."""
    names = [play.get("ansible.builtin.import_playbook") for play in snippet] if isinstance(snippet, list) else []
    return names if all(names) else []


def variable_snippets():
    loaded = [(each, yaml.safe_load(each.values[0])) for each in snippets("yaml")]
    return [each for each, snippet in loaded if not of_ansible_builder(snippet) and not imported_playbooks(snippet)]


def test_imported_playbooks_exist():
    names = [name for each in snippets("yaml") for name in imported_playbooks(yaml.safe_load(each.values[0]))]
    assert names
    assert [name for name in names if not playbook(name).exists()] == []


def playbook(name):
    return CHECKOUT / "playbooks" / f"{name.removeprefix('selfhosted.jitsi.')}.yml"


@pytest.mark.parametrize("text", variable_snippets())
def test_snippet_sets_variables_that_the_roles_accept(text):
    found = list(variables_in(yaml.safe_load(text)))
    assert any(found), "say in this file where the variables of such a snippet stand"
    assert [fault for variables in found for fault in faults_of(variables)] == []


def test_wrong_snippet_is_found():
    assert faults_of({"jitsi_meet_hold": True, "jitsi_meet_holt": True}) == ["jitsi_meet_holt"]
    assert faults_of({"nat_host_forwards": [{"protocol": "udp", "ports": 1, "to": "192.0.2.1"}]})


@pytest.mark.parametrize("text", snippets(""))
def test_commands_name_playbooks_and_variables_that_exist(text):
    for line in re.findall(r"^ansible-playbook (.*)$", text.replace("\\\n", ""), re.MULTILINE):
        words = shlex.split(line, comments=True)
        playbooks = [word.removeprefix("selfhosted.jitsi.") for word in words if word.startswith("selfhosted.jitsi.")]
        # A playbook of the reader's own stands above in the guide.
        assert playbooks or any(word.endswith(".yml") for word in words), line
        assert [name for name in playbooks if not playbook(name).exists()] == []
        given = [
            word.partition("=")[0]
            for before, word in zip(words, words[1:])
            # A file of the reader has what it says.
            if before == "-e" and not word.startswith("@")
        ]
        assert [name for name in given if name not in OPTIONS and name not in OF_PLAYBOOKS] == []
