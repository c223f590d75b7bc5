# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.errors import CoreError
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.packages.repository_keys import (
    Key,
    keys_in,
    parse_fingerprints,
)

A, B, C = "A" * 40, "B" * 40, "C" * 40


def line(kind, validity="", value="", capabilities=""):
    fields = [""] * 13
    fields[0], fields[1], fields[9], fields[11] = kind, validity, value, capabilities
    return ":".join(fields)


def test_each_primary_key_is_found_whatever_stands_before_its_fingerprint():
    lines = [
        "tru::1:1700000000:0:3:1:5",
        line("pub"),
        line("rvk", value=C),
        line("fpr", value=A),
        line("uid", value="A"),
        line("sub"),
        line("fpr", value=C),
        line("pub"),
        line("fpr", value=B),
    ]
    assert keys_in("\n".join(lines)) == (Key(A, False), Key(B, False))


def test_nothing_is_found_in_nothing():
    assert keys_in("") == ()


@pytest.mark.parametrize(
    ("pub", "sub", "capabilities", "expired"),
    [("e", "-", "s", True), ("-", "e", "s", True), ("-", "e", "e", False), ("-", "-", "s", False)],
)
def test_key_has_expired_if_it_or_what_signs_has(pub, sub, capabilities, expired):
    lines = [
        line("pub", pub, capabilities="scESC"),
        line("fpr", value=A),
        line("sub", sub, capabilities=capabilities),
        line("fpr", value=B),
    ]
    assert keys_in("\n".join(lines)) == (Key(A, expired),)


def test_fingerprints_are_taken_as_gpg_prints_them():
    spaced = "ffd6 5a0d a2be bdeb 73d4  4c8b b4d2 d216 f1fd 7806"
    assert parse_fingerprints([spaced]) == ("FFD65A0DA2BEBDEB73D44C8BB4D2D216F1FD7806",)


@pytest.mark.parametrize("wrong", ["F1FD7806", "", "x" * 40, A + "0", A + "!"])
def test_what_is_no_whole_fingerprint_is_refused(wrong):
    with pytest.raises(CoreError, match=r"fingerprints\[[0-9]\]: .* is not 40 hexadecimal digits; use the full"):
        parse_fingerprints([wrong])
