# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""The inventory as a file for its user."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Dict

import yaml

from .model import AFTER, BEFORE, DECIDE, Remark, Setting
from .site import Adopted

_WIDTH = 140
_TEMPLATES = ("{{", "{%", "{#")

#: The machines of each group, with the connection of each machine.
Groups = Mapping[str, Mapping[str, Mapping[str, Any]]]


class _Dumper(yaml.SafeDumper):
    """Writes texts that Ansible would take for templates with a tag against it."""


def _text(dumper: yaml.SafeDumper, value: str) -> yaml.Node:
    if any(mark in value for mark in _TEMPLATES):
        return dumper.represent_scalar("!unsafe", value, style="'")
    return dumper.represent_str(value)


class _Lines(Dict[str, Any]):
    """A mapping with a line for each of its keys."""


def _lines(dumper: yaml.SafeDumper, value: _Lines) -> yaml.Node:
    return dumper.represent_mapping("tag:yaml.org,2002:map", value.items(), flow_style=False)


_Dumper.add_representer(str, _text)
_Dumper.add_representer(_Lines, _lines)


def document(adopted: Adopted, groups: Groups, when: str) -> str:
    """Return the text of the file.

    :param when: the time at which the machines were read.
    """
    lines = [
        "---",
        f"# The inventory of {adopted.fqdn}, written by selfhosted.jitsi.adopt at {when}.",
        "# It says what was found on the machines. Read it, and follow the remarks, before you use it:",
        "#   ansible-playbook -i THIS_FILE selfhosted.jitsi.site --check --diff",
        *_section("Before the first run:", adopted.remarks, BEFORE),
        *_section("After the first run:", adopted.remarks, AFTER),
        *_section("What else no variable says:", _loose(adopted), DECIDE),
        "all:",
        "  children:",
        *(line for name, machines in groups.items() for line in _group(name, machines, adopted)),
        "  vars:",
    ]
    known = [remark for remark in adopted.remarks if remark.when == DECIDE]
    for number, setting in enumerate(adopted.settings):
        lines += [""] if number else []
        lines += _setting(setting, [remark for remark in known if remark.variable == setting.name], "    ")
    return "\n".join(lines) + "\n"


def sentence(remark: Remark) -> str:
    """A remark in words."""
    return f"{remark.where}: {remark.what}. {remark.remedy}."


def _loose(adopted: Adopted) -> list[Remark]:
    """The remarks that have no place at a variable."""
    places = {setting.name for setting in adopted.settings}
    return [remark for remark in adopted.remarks if remark.variable not in places]


def _section(title: str, remarks: Sequence[Remark], when: str) -> Iterator[str]:
    shown = [remark for remark in remarks if remark.when == when]
    if shown:
        yield "#"
        yield f"# {title}"
        for remark in shown:
            yield from textwrap.wrap(
                printable(sentence(remark)), _WIDTH, initial_indent="# - ", subsequent_indent="#   "
            )


def _group(name: str, machines: Mapping[str, Mapping[str, Any]], adopted: Adopted) -> Iterator[str]:
    yield f"    {name}:"
    yield "      hosts:"
    for machine, connection in machines.items():
        own = adopted.of_machines.get(machine, [])
        yield f"        {_dumped(machine).strip()}:" + ("" if connection or own else " {}")
        for key, value in connection.items():
            yield from _indented(_variable(key, value), "          ")
        for setting in own:
            yield from _setting(setting, [], "          ")


def _setting(setting: Setting, remarks: Sequence[Remark], indent: str) -> Iterator[str]:
    width = _WIDTH
    first, following = f"{indent}# ", f"{indent}#   "
    for text in (f"{setting.comment}.", *(sentence(remark) for remark in remarks)):
        yield from textwrap.wrap(printable(text), width, initial_indent=first, subsequent_indent=following)
    if setting.is_open:
        open_line = f"{setting.name}: {_in_flow(setting.value)}"
        yield f"{indent}# {open_line}"
    else:
        yield from _indented(_variable(setting.name, setting.value), indent)


def _in_flow(value: Any) -> str:
    return f'"{value}"' if isinstance(value, str) else yaml.safe_dump(value, default_flow_style=True).strip()


def _dumped(value: Any) -> str:
    if isinstance(value, str):
        return yaml.safe_dump(value, width=_WIDTH).removesuffix("\n...\n")
    return yaml.dump(value, Dumper=_Dumper, width=_WIDTH, sort_keys=False, default_flow_style=None)


def _variable(name: str, value: Any) -> str:
    """A variable with its value. Each item of a list of mappings has a line of its own."""
    if isinstance(value, list) and any(isinstance(item, (dict, list)) for item in value):
        return "\n".join([f"{name}:", *_indented(_dumped(value), "  ")])
    return _dumped(_Lines({name: value}))


def _indented(text: str, indent: str) -> list[str]:
    return [f"{indent}{line}" for line in text.splitlines()]


def printable(text: str) -> str:
    """A text in one line, without characters that steer a terminal or end a comment."""
    return "".join(letter if letter.isprintable() else " " for letter in text)
