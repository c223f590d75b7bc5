"""The filters refuse what they cannot judge."""

from __future__ import annotations

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.selfhosted.jitsi.plugins.filter import prosody

FILTERS = prosody.FilterModule().filters()


@pytest.mark.parametrize(
    ("name", "arguments", "words"),
    [
        ("brewery_row", ("text", "row", [], "a.test"), "use a list of lines or rooms"),
        ("brewery_row", ([], "row", "text", "a.test"), "use a list of lines or rooms"),
        ("turn_services_row", ([], "row", "a.test", []), "use a list of lines or rooms"),
        ("turn_services_row", ([], "row", ["a.test"], ["text"]), "use a list of mappings"),
        ("turn_services_row", ([], "row", ["a.test"], 7), "use a list of mappings"),
    ],
)
def test_a_wrong_input_is_refused_with_what_to_give(name, arguments, words):
    with pytest.raises(AnsibleFilterError, match=words):
        FILTERS[name](*arguments)


def test_rows_have_the_fields_of_a_row():
    for row in (
        FILTERS["brewery_row"]([], "row", [], "a.test"),
        FILTERS["turn_services_row"]([], "row", ["a.test"], []),
    ):
        assert {"name", "ok", "expected", "found", "remedy"} <= set(row)
