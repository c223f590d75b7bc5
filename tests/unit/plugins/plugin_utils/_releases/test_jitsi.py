# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which packages in which versions make a release, and what is said where there is none."""

from __future__ import annotations

import pytest
from ansible_collections.selfhosted.jitsi.plugins.plugin_utils._releases.debian_version import key, without_revision
from ansible_collections.selfhosted.jitsi.plugins.plugin_utils._releases.jitsi import asks_for_turn, choose

STANZA = """Package: jitsi-meet
Version: 2.0.{number}-1
Pre-Depends: jitsi-videobridge2 (= 2.3-{number}-gabc-1)
Depends: jicofo (= 1.0-{number}-1), jitsi-meet-web (= 1.0.{number}-1), debconf (>= 0.5) | debconf-2.0,
 jitsi-meet-prosody (= 1.0.{number}-1)
Recommends: jitsi-meet-turnserver (= 1.0.{number}-1) | apache2
Description: Pulls in (= everything)
 Package: no field
"""
SHOWN = "\n".join(STANZA.format(number=number) for number in (9999, 11200, 11146)) + "\n"


@pytest.mark.parametrize(
    ("wanted", "number"),
    [
        ("2.0.11146-1", 11146),
        ("2.0.11146", 11146),
        ("2.0.11*", 11200),
        ("2.0.9*", 9999),
        ("*", 11200),
        ("2.0.1114?-1", 11146),
    ],
)
def test_newest_that_is_wanted(wanted, number):
    release = choose(SHOWN, wanted)
    assert release.problem == ""
    assert release.version == f"2.0.{number}-1"
    assert release.packages == {
        "jitsi-meet": f"2.0.{number}-1",
        "jitsi-videobridge2": f"2.3-{number}-gabc-1",
        "jicofo": f"1.0-{number}-1",
        "jitsi-meet-web": f"1.0.{number}-1",
        "jitsi-meet-prosody": f"1.0.{number}-1",
        "jitsi-meet-turnserver": f"1.0.{number}-1",
        "jitsi-meet-tokens": f"1.0.{number}-1",
    }
    needed = {"jitsi-meet", "jitsi-videobridge2", "jicofo", "jitsi-meet-web", "jitsi-meet-prosody"}
    assert set(release.needed) == needed


@pytest.mark.parametrize("wanted", ["2.0.1", "2.0.11147-1", "11146", "2.0.11146-2", "3.*"])
def test_unknown_version_is_refused_with_those_that_are_there(wanted):
    problem = choose(SHOWN, wanted).problem
    assert f"jitsi-meet {wanted} is not available, but 2.0.11200-1, 2.0.11146-1, 2.0.9999-1; use one of" in problem


def test_long_list_is_cut():
    shown = "\n".join(STANZA.format(number=number) for number in range(11100, 11120))
    assert "2.0.11119-1, " in choose(shown, "1").problem
    assert "2.0.11112-1 and 12 older versions;" in choose(shown, "1").problem


def test_no_package_at_all_is_named():
    assert "do not contain jitsi-meet" in choose("", "*").problem


def test_way_back_is_refused():
    problem = choose(SHOWN, "2.0.11146-1", "2.0.11200-1").problem
    assert "jitsi-meet 2.0.11200-1 is installed, and 2.0.11146-1 is older" in problem
    assert choose(SHOWN, "2.0.11200-1", "2.0.11146-1").version == "2.0.11200-1"
    assert choose(SHOWN, "2.0.11146-1", "2.0.11146-1").version == "2.0.11146-1"


@pytest.mark.parametrize(
    ("wanted", "asks"),
    [
        ("1.0.4335-1", False),
        ("2.0.4966-1", False),
        ("1.0.4335*", False),
        ("1.0.*", False),
        ("2.0.5142-1", True),
        ("2.0.11146", True),
        # It may become a newer one.
        ("2.0.4*", True),
        ("2.0.????", True),
        ("*", True),
        ("", True),
    ],
)
def test_clients_of_old_releases_ask_for_no_turn_server(wanted, asks):
    assert asks_for_turn(wanted) is asks


def test_order_is_debians():
    """The oracle asks dpkg about many more."""
    ordered = ["1.0~rc1", "1.0", "1.0-1", "1.0-1+b1", "1.0a", "1.0+1", "1.0.1", "1.0.10", "1:0.1"]
    assert sorted(set(ordered), key=key) == ordered


def test_revision_is_what_follows_the_last_dash():
    assert [without_revision(version) for version in ("2.3-300-gabc-1", "1.0")] == ["2.3-300-gabc", "1.0"]
