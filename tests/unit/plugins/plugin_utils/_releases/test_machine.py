# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which releases are tested, and what is said of all others."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from ansible_collections.selfhosted.jitsi.plugins.plugin_utils._releases.machine import TESTED, fields, name, untested

DEBIAN = 'PRETTY_NAME="Debian GNU/Linux {0} ({1})"\nNAME="Debian GNU/Linux"\nVERSION_ID="{0}"\nID=debian\n'
#: As Debian itself has it, without a version.
SID = 'PRETTY_NAME="Debian GNU/Linux forky/sid"\nNAME="Debian GNU/Linux"\nVERSION_CODENAME=forky\nID=debian\n'
UBUNTU = 'PRETTY_NAME="Ubuntu 24.04.1 LTS"\nNAME="Ubuntu"\nVERSION_ID="24.04"\nID=ubuntu\nID_LIKE=debian\n'
RASPBIAN = 'PRETTY_NAME="Raspbian GNU/Linux 12 (bookworm)"\nVERSION_ID="12"\nID=raspbian\nID_LIKE=debian\n'
ROLES = Path(__file__).resolve().parents[5] / "roles"


@pytest.mark.parametrize(
    "text",
    [
        DEBIAN.format("12", "bookworm"),
        DEBIAN.format("13", "trixie"),
        "ID=debian\nVERSION_ID=12\n",
        "VERSION_ID='13'\r\nID='debian'\r\n",
        "# comment\nID=ubuntu\nVERSION_ID=13\nID=debian",
        "Welcome!\n" + DEBIAN.format("12", "bookworm"),
    ],
)
def test_tested_release_has_no_problem(text):
    assert untested(text, "jitsi", "variable") == ""


@pytest.mark.parametrize(
    ("text", "called"),
    [
        (DEBIAN.format("11", "bullseye"), "Debian GNU/Linux 11 (bullseye)"),
        (DEBIAN.format("14", "forky"), "Debian GNU/Linux 14 (forky)"),
        (SID, "Debian GNU/Linux forky/sid"),
        (UBUNTU, "Ubuntu 24.04.1 LTS"),
        (RASPBIAN, "Raspbian GNU/Linux 12 (bookworm)"),
        ("NAME=Alpine\nVERSION_ID=12\nID=alpine\n", "Alpine 12"),
        ("ID=arch\n", "arch"),
        ("VERSION_ID=12\n", "12"),
        ("", "an unknown system"),
        ("ID debian\nVERSION_ID 12\n", "an unknown system"),
    ],
)
def test_other_release_is_named_with_what_to_do(text, called):
    assert untested(text, "jitsi", "a_variable") == (
        f"jitsi runs {called}, but selfhosted.jitsi is tested only on Debian 12 and Debian 13."
        " Use a machine with one of these releases, or set a_variable to true to go on"
    )


def test_quotes_and_escapes_are_those_of_a_shell():
    assert fields('A="a \\"b\\" \\$c \\\\"\nB=\'d\'\nc=e\n F=g\nG="h\n') == {
        "A": 'a "b" $c \\',
        "B": "d",
        "c": "e",
        "G": '"h',
    }


def test_name_does_not_change_the_terminal_of_the_reader():
    assert name("PRETTY_NAME=\x1b[2Ja\u202eb\udcff" + "c" * 200) == ("?[2Ja?b?" + "c" * 200)[:100]


@pytest.mark.parametrize("value", [None, 12, ["ID=debian"], {"ID": "debian"}, b"ID=debian\nVERSION_ID=12\n"])
def test_wrong_type_is_no_tested_release(value):
    with pytest.raises(TypeError):
        untested(value, "jitsi", "variable")


@pytest.mark.parametrize("role", ["jitsi_meet", "nat_host", "reverse_proxy", "videobridge"])
def test_galaxy_shows_the_tested_releases(role):
    """With their names, which Galaxy asks for."""
    metadata = yaml.safe_load((ROLES / role / "meta" / "main.yml").read_text(encoding="utf-8"))
    versions = {"12": "bookworm", "13": "trixie"}
    assert metadata["galaxy_info"]["platforms"] == [
        {"name": "Debian", "versions": [versions[version] for _id, version in TESTED]}
    ]
