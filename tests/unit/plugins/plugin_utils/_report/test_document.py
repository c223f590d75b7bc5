# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""The report as data, held against its schema by a validator of the few keywords that the schema uses."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from ansible_collections.selfhosted.jitsi.plugins.plugin_utils._report.document import document

SCHEMA = json.loads((Path(__file__).resolve().parents[5] / "docs/schemas/check.json").read_text(encoding="utf-8"))
TYPES = {"object": dict, "array": list, "string": str, "boolean": bool, "integer": int}
WORDS = {"$schema", "$defs", "$ref", "title", "description"}
OF_OBJECTS = {"properties", "required", "additionalProperties"}
KEYWORDS = WORDS | OF_OBJECTS | {"type", "const", "enum", "pattern", "minimum", "items"}


def problems(value, schema, path="$"):
    """What the value breaks of the schema, as paths with keywords."""
    assert set(schema) <= KEYWORDS, f"{path}: the validator lacks {set(schema) - KEYWORDS}"
    if "$ref" in schema:
        return problems(value, SCHEMA["$defs"][schema["$ref"].rpartition("/")[2]], path)
    kind = TYPES.get(schema.get("type"), object)
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        return [f"{path} type"]
    return [*plain(value, schema, path), *nested(value, schema, path)]


def plain(value, schema, path):
    fits = {
        "const": lambda wanted: value == wanted and type(value) is type(wanted),
        "enum": lambda wanted: value in wanted,
        "pattern": lambda wanted: re.search(wanted, value),
        "minimum": lambda wanted: value >= wanted,
    }
    return [f"{path} {word}" for word, fit in fits.items() if word in schema and not fit(schema[word])]


def nested(value, schema, path):
    found = [f"{path}.{name} required" for name in schema.get("required", ()) if name not in value]
    for index, one in enumerate(value if "items" in schema else ()):
        found += problems(one, schema["items"], f"{path}[{index}]")
    for name, one in value.items() if isinstance(value, dict) else ():
        inner = schema.get("properties", {}).get(name, schema.get("additionalProperties", {}))
        found += [f"{path}.{name} unknown"] if inner is False else problems(one, inner, f"{path}.{name}")
    return found


@pytest.fixture
def data(row, report):
    """A document with something in each of its lists."""
    rows = [row("a"), row("b", cause="a"), row("c", ok=True, found="not judged: no log")]
    return json.loads(json.dumps(document(report(*rows))))


def holders(value, path="$"):
    """Every mapping of a document with its path, but the one whose keys are free."""
    if isinstance(value, dict):
        yield from [(path, value)] if path != "$.versions" else []
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, one in inner:
        yield from holders(one, f"{path}.{key}" if isinstance(value, dict) else f"{path}[{key}]")


def test_document_fits_its_schema(data):
    assert problems(data, SCHEMA) == []


def test_document_without_checks_fits_its_schema(report):
    assert problems(document(report(machines=[], forwards=[], backends=[], versions={})), SCHEMA) == []


def test_hostile_document_fits_its_schema_and_survives_json(hostile):
    data = document(hostile)
    assert json.loads(json.dumps(data)) == data
    assert problems(data, SCHEMA) == []


def test_each_field_is_needed_has_its_type_and_no_other_is_allowed(data):
    for path, holder in list(holders(data)):
        for name, value in list(holder.items()):
            del holder[name]
            assert problems(data, SCHEMA) == [f"{path}.{name} required"]
            holder[name] = None
            assert [one.partition(" ")[0] for one in problems(data, SCHEMA)] == [f"{path}.{name}"]
            holder[name] = value
        holder["new"] = ""
        assert problems(data, SCHEMA) == [f"{path}.new unknown"]
        del holder["new"]


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"schema": 2}, ["$.schema const"]),
        ({"schema": True}, ["$.schema const"]),
        ({"when": "yesterday"}, ["$.when pattern"]),
        ({"checks": -1}, ["$.checks minimum"]),
        ({"checks": True}, ["$.checks type"]),
        ({"versions": {"apache": 2}}, ["$.versions.apache type"]),
        ({"machines": [{"name": "a", "role": "king", "address": ""}]}, ["$.machines[0].role enum"]),
    ],
)
def test_wrong_values_are_found(changes, found, data):
    assert problems({**data, **changes}, SCHEMA) == found


def test_findings_hold_the_names_of_what_follows_and_rows_hold_everything(data):
    assert [(one["name"], one["follows"]) for one in data["findings"]] == [("a", ["b"])]
    assert [(one["name"], one["cause"]) for one in data["rows"]] == [("a", ""), ("b", "a"), ("c", "")]
    assert (data["ok"], data["checks"], data["not_judged"]) == (False, 3, 1)
    assert (data["site"], data["when"]) == ("jitsi.test", "2026-11-29T12:00:00Z")
    assert data["versions"] == {"jitsi-meet": "2.0"}
    assert data["forwards"][0] == {"protocol": "tcp", "port": "443", "to": "192.168.123.2"}
