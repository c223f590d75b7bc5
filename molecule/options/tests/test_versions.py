"""A release that is asked for and stays, and prosody of its authors. In this order, and after the other files."""

from __future__ import annotations

import json
import os

import pytest
from machines import eventually
from site_runs import changed, site

PACKAGES = {
    "jitsi-meet",
    "jitsi-meet-web",
    "jitsi-meet-web-config",
    "jitsi-meet-prosody",
    "jitsi-videobridge2",
    "jicofo",
}
SOURCE = "/etc/apt/sources.list.d/selfhosted-jitsi-prosody.sources"
KEY = "/etc/apt/keyrings/selfhosted-jitsi-prosody.asc"
SUITE = os.environ.get("JITSI_LAB_SUITE") or "bookworm"
# What the other tests of this scenario have switched off.
OFF = {"jitsi_meet_authentication": "none", "jitsi_meet_coturn": False}


def run(playbook="site", **variables):
    options = ["--limit=jitsi-lab-jitsi", "--extra-vars", json.dumps({**OFF, **variables})]
    return site(*options, playbook=f"selfhosted.jitsi.{playbook}", generation="several")


def versions(jitsi):
    said = jitsi.check_output(
        "dpkg-query --show --showformat='${Package} ${Version}\\n' 'jitsi-*' jicofo prosody lua-event"
    )
    # Packages that others only name have no version.
    return dict(line.split() for line in said.splitlines() if len(line.split()) == 2)


def held(jitsi):
    return set(jitsi.check_output("apt-mark showhold").split())


@pytest.fixture(scope="module")
def somebody_holds(jitsi):
    """A package that is not held by the role, from here to the end."""
    jitsi.run_expect([0], "apt-mark hold lua-event")


@pytest.mark.standin("their repository has two releases")
def test_release_that_was_asked_for_is_there_and_held(jitsi):
    found = versions(jitsi)
    assert found["jitsi-meet"] == "2.0.11146-1"
    assert found["jitsi-videobridge2"].startswith("2.3-300-")
    assert held(jitsi) == PACKAGES


def test_prosody_is_that_of_its_own_repository(jitsi):
    assert versions(jitsi)["prosody"].endswith("+prosody.im1")
    policy = jitsi.check_output("apt-cache policy prosody")
    assert f"http://packages.test/prosody {SUITE}/main" in policy


@pytest.mark.standin("their repository has two releases")
@pytest.mark.usefixtures("somebody_holds")
def test_upgrade_of_everything_by_hand_leaves_it(jitsi):
    """The repository has a later release."""
    before = versions(jitsi)
    done = jitsi.run("DEBIAN_FRONTEND=noninteractive apt-get --assume-yes full-upgrade")
    assert done.rc == 0, done.stderr
    assert "Candidate: 2.0.11200-1" in jitsi.check_output("LC_ALL=C apt-cache policy jitsi-meet")
    assert versions(jitsi) == before


@pytest.mark.standin("their repository has two releases")
def test_version_that_is_not_there_is_refused_with_those_that_are(jitsi):
    before = versions(jitsi)
    code, said = run(jitsi_meet_version="2.0.99")
    assert code != 0
    assert "cannot install '2.0.99' from http://packages.test/several" in said, said
    assert "jitsi-meet 2.0.99 is not available, but 2.0.11200-1, 2.0.11146-1" in said
    assert not changed(said)
    assert versions(jitsi) == before


@pytest.mark.standin("their repository has two releases")
@pytest.mark.usefixtures("somebody_holds")
def test_upgrade_goes_to_the_release_that_is_asked_for_and_holds_it(jitsi):
    code, said = run("upgrade", jitsi_meet_version="2.0.11200")
    assert code == 0, said
    found = versions(jitsi)
    assert found["jitsi-meet"] == "2.0.11200-1"
    assert found["jitsi-videobridge2"].startswith("2.3-310-")
    assert held(jitsi) == {*PACKAGES, "lua-event"}


@pytest.mark.standin("their repository has two releases")
def test_way_back_is_refused(jitsi):
    before = versions(jitsi)
    code, said = run()
    assert code != 0
    assert "jitsi-meet 2.0.11200-1 is installed, and 2.0.11146-1 is older" in said, said
    assert not changed(said)
    assert versions(jitsi) == before


@pytest.mark.usefixtures("somebody_holds")
def test_giving_back_gives_back_what_was_held_here_alone(jitsi, internet):
    before = versions(jitsi)
    code, said = run(jitsi_meet_version="", jitsi_meet_hold=False, jitsi_meet_prosody_repository=False)
    assert code == 0, said
    assert held(jitsi) == {"lua-event"}
    for path in ("/etc/selfhosted-jitsi/held", SOURCE, KEY):
        assert not jitsi.file(path).exists
    assert "packages.test/prosody" not in jitsi.check_output("apt-cache policy")
    # What is installed stays.
    assert versions(jitsi) == before
    assert eventually(lambda: internet.curl("https://jitsi.test/http-bind").status == 200)
