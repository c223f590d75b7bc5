# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""The settings of the Jitsi machine."""

from __future__ import annotations

import pytest


def test_bridge_is_told(article):
    article.jitsi["bridge"].update(port=10002, properties={"a": "1"}, hocon={"b.c": False}, stun=["s.example:1"])
    values = article.values()
    assert values["jitsi_meet_bridge_port"] == 10002
    assert values["jitsi_meet_properties"] == [{"key": "a", "value": "1"}]
    assert values["jitsi_meet_hocon"] == [{"key": "b.c", "value": False}]
    assert "The videobridge asks s.example:1 for its address" in article.said()


def test_machine_without_a_bridge_is_named(article):
    article.jitsi["bridge"]["reads"] = []
    assert "The videobridge has no settings in /etc/jitsi/videobridge" in article.said()


@pytest.mark.parametrize(
    ("file", "variable"), [("jvb.conf", "jitsi_meet_hocon"), ("sip-communicator.properties", "jitsi_meet_properties")]
)
def test_file_of_the_bridge_that_cannot_be_read_is_named(article, file, variable):
    article.jitsi["bridge"]["problems"] = {file: "line 3: substitutions are not supported"}
    (remark,) = (each for each in article.adopted().remarks if file in each.what)
    assert "cannot be read (line 3: substitutions are not supported)" in remark.what
    assert (remark.when, remark.variable) == ("before", "jitsi_meet_bridge_port")
    assert f"Set jitsi_meet_bridge_port to the bridge's UDP port, and {variable} to" in remark.remedy


def test_file_of_a_further_bridge_that_cannot_be_read_is_named(article):
    bridge = {**article.jitsi["bridge"], "mappings": [], "problems": {"jvb.conf": "line 3"}}
    article.bridges = {"b2": {"interfaces": [], "jitsi": {"bridge": bridge}}}
    (remark,) = (each for each in article.adopted().remarks if "jvb.conf" in each.what)
    assert (remark.where, remark.variable) == ("b2", "videobridge_port")
    assert "and videobridge_hocon to what else" in remark.remedy


def test_turn_server_of_the_package_stays(article):
    article.jitsi["packages"]["jitsi-meet-turnserver"] = "1.0"
    assert article.values()["jitsi_meet_turnserver"] is True


def test_other_repository_needs_its_key(article):
    (source,) = article.jitsi["sources"]
    source.update(uri="https://mirror.test", suite="unstable/")
    values = article.values()
    assert (values["jitsi_meet_apt_uri"], values["jitsi_meet_apt_suite"]) == ("https://mirror.test", "unstable/")
    assert article.open() == {"jitsi_meet_apt_key_url", "jitsi_meet_apt_key_fingerprints"}


def test_two_repositories_are_named(article):
    (source,) = article.jitsi["sources"]
    article.jitsi["sources"].append({**source, "file": "/b.list", "uri": "https://mirror.test"})
    said = "Jitsi's packages have two repositories, https://download.jitsi.org stable/ and https://mirror.test stable/"
    assert said in article.said()


@pytest.mark.parametrize(
    ("file", "alone", "remedy"),
    [
        ("/etc/apt/sources.list.d/jitsi.list", True, "Remove the file; the packages stay"),
        ("/etc/apt/sources.list.d/jitsi.list", False, "Remove only the lines of this repository, and keep the file"),
        ("/etc/apt/sources.list", False, "Remove only the lines of this repository, and keep the file"),
        ("/etc/apt/sources.list", True, "Remove only the lines of this repository, and keep the file"),
    ],
)
def test_file_with_other_repositories_is_kept(article, file, alone, remedy):
    article.jitsi["sources"][0].update(file=file, alone=alone)
    (remark,) = (each for each in article.adopted().remarks if each.what.startswith(file))
    assert remark.remedy.startswith(remedy)


def test_disabled_repository_is_removed_and_not_chosen(article):
    article.jitsi["sources"][0].update(used=False, uri="https://mirror.test")
    assert "jitsi_meet_apt_uri" not in article.values()
    assert any("names the repository of Jitsi's packages" in said for said in article.said())


def test_suite_that_the_role_refuses_is_named(article):
    article.jitsi["sources"][0]["suite"] = "bookworm"
    assert "jitsi_meet_apt_suite" not in article.values()
    assert any("has the suite bookworm" in said for said in article.said("jitsi_meet_apt_suite"))
