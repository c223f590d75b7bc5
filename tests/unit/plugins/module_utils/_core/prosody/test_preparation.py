"""Names and passwords in the spelling in which prosody keeps them; molecule/options asks prosody itself."""

from __future__ import annotations

import pytest
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.errors import CoreError
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.prosody.preparation import (
    prepared_name,
    prepared_password,
)


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("ada", "ada"),
        ("\u00d6sterr", "\u00f6sterr"),
        ("ju\u0308rgen", "j\u00fcrgen"),
        ("\ufb01n", "fin"),
        ("a\u00adb", "ab"),
        ("stra\u00dfe", "strasse"),
        ("\u05d0\u05d1", "\u05d0\u05d1"),
    ],
)
def test_name_as_prosody_keeps_it(name, kept):
    assert prepared_name(name) == kept


@pytest.mark.parametrize(
    ("password", "kept"),
    [
        # The examples of RFC 4013, section 3.
        ("I\u00adX", "IX"),
        ("user", "user"),
        ("USER", "USER"),
        ("\u00aa", "a"),
        ("\u2168", "IX"),
        ("a\u00a0b", "a b"),
        ("\u2764\ufe0f", "\u2764"),
        # Letters that are younger than Unicode 3.2.
        ("\U0001f201\U0001f190\u32ff", "\U0001f201\U0001f190\u32ff"),
    ],
)
def test_password_as_prosody_keeps_it(password, kept):
    assert prepared_password(password) == kept


def test_name_has_no_blank_in_whatever_spelling():
    with pytest.raises(CoreError, match="blank"):
        prepared_name("a\u00a0b")


@pytest.mark.parametrize("text", ["\u0007", "\u0627\u0031", "a\u05d0", "\ue000", "\ufffd"])
@pytest.mark.parametrize("prepare", [prepared_name, prepared_password])
def test_what_no_text_may_have_is_refused_without_the_text(prepare, text):
    with pytest.raises(CoreError) as refused:
        prepare(text)
    assert text not in str(refused.value)
