# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Templates that are repeated for each item of a list."""

from __future__ import annotations

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.selfhosted.jitsi.plugins.filter.each import FilterModule

EACH = FilterModule().filters()["for_each"]


def test_templates_are_repeated_for_each_item_in_its_order():
    assert EACH([{"url": "http://<item>/"}, "<item>!"], ["a.test", "b.test"]) == [
        {"url": "http://a.test/"},
        "a.test!",
        {"url": "http://b.test/"},
        "b.test!",
    ]


def test_values_of_an_item_are_filled_in_and_missing_ones_are_empty():
    templates = [{"ca": "<ca>", "port": 443, "headers": {"Host": "<item>"}, "list": ["<id>"], "none": None}]
    assert EACH(templates, ["a.test", "b.test"], ca={"a.test": "PEM"}, id={"a.test": 1, "b.test": 2}) == [
        {"ca": "PEM", "port": 443, "headers": {"Host": "a.test"}, "list": ["1"], "none": None},
        {"ca": "", "port": 443, "headers": {"Host": "b.test"}, "list": ["2"], "none": None},
    ]


def test_what_is_filled_in_is_not_filled_again_and_other_brackets_stay():
    assert EACH(["<body><item><ca></body>"], ["<ca>"], ca={"<ca>": "<item>"}) == ["<body><ca><item></body>"]


@pytest.mark.parametrize(("templates", "items"), [([], ["a"]), (["<item>"], [])])
def test_nothing_for_nothing(templates, items):
    assert EACH(templates, items) == []


@pytest.mark.parametrize(
    ("templates", "items", "values"),
    [("text", ["a"], {}), (["a"], "text", {}), (["a"], 7, {}), (None, ["a"], {}), (["a"], ["a"], {"ca": "text"})],
)
def test_wrong_values_are_refused_in_words(templates, items, values):
    with pytest.raises(AnsibleFilterError, match=r"^for_each: "):
        EACH(templates, items, **values)
