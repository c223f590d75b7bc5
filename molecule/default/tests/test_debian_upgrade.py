"""Debian of the Jitsi machine is upgraded in place as docs/guides/upgrade.md says; host and proxy stay. In this order.

The packages are Debian's own, which the machine fetches through the host. The machine's services run meanwhile.
"""

from __future__ import annotations

import re

import browser
import pytest
from check_runs import failed_rows
from lab_runs import lab
from machines import ask_bridge
from site_runs import TREE, changed, site
from xmpp import external_services

GUIDE = TREE / "docs" / "guides" / "upgrade.md"
COMMANDS = re.compile(r"^```\n(sed .*?)^```$", re.MULTILINE | re.DOTALL)
#: Nobody is there whom apt could ask.
UNATTENDED = 'set -eux; export DEBIAN_FRONTEND=noninteractive; apt() { apt-get --assume-yes "$@"; }\n'
#: Characters of apt's output that are shown if it fails.
SHOWN = 4000
JITSI = "jicofo jitsi-meet jitsi-meet-prosody jitsi-meet-web jitsi-meet-web-config jitsi-videobridge2"


def release(place):
    return place.check_output(". /etc/os-release && echo $VERSION_CODENAME")


def versions(jitsi):
    return jitsi.check_output(f"dpkg-query --show {JITSI}")


@pytest.fixture(scope="module")
def upgraded(jitsi):
    """The Jitsi machine after its upgrade and its restart. Meanwhile Jitsi's packages are held, as some have them."""
    assert release(jitsi) == "bookworm"
    (commands,) = COMMANDS.findall(GUIDE.read_text(encoding="utf-8"))
    before = versions(jitsi)
    jitsi.run_expect([0], f"apt-mark hold {JITSI}")
    done = jitsi.run(f"exec 2>&1\n{UNATTENDED}{commands}")
    assert done.rc == 0, done.stdout[-SHOWN:]
    jitsi.run_expect([0], f"apt-mark unhold {JITSI}")
    assert versions(jitsi) == before
    lab("reboot-guest", "jitsi")
    return jitsi


def test_upgrade_brings_the_next_release_to_this_machine_alone(upgraded, nat_host, proxy):
    assert [release(place) for place in (upgraded, nat_host, proxy)] == ["trixie", "bookworm", "bookworm"]
    assert upgraded.check_output("dpkg --audit") == ""
    assert upgraded.package("prosody").version.startswith("13.")
    assert upgraded.check_output("python3 --version").startswith("Python 3.13.")
    assert not upgraded.exists("python3.11")


@pytest.mark.parametrize("account", ["jvb", "jicofo"])
def test_jitsi_runs_with_the_java_of_the_next_release(upgraded, account):
    process = upgraded.check_output(f"pgrep --oldest --uid {account} java")
    assert "/usr/lib/jvm/java-21-" in upgraded.check_output(f"cat /proc/{process}/maps")


@pytest.mark.usefixtures("upgraded")
def test_check_finds_the_new_file_of_nginx_and_nothing_else():
    assert [row["name"] for row in failed_rows()] == ["jitsi-lab-jitsi has /etc/nginx/nginx.conf as wanted"]


def test_next_run_puts_it_right_and_changes_no_other_machine(upgraded):
    code, said = site()
    assert code == 0, said
    for machine, is_changed in (("host", False), ("proxy", False), ("jitsi", True)):
        assert changed(said.rpartition(f"jitsi-lab-{machine} : ")[2].partition("unreachable=")[0]) == is_changed, said
    configuration = upgraded.check_output("nginx -T")
    assert "worker_connections 4096; # 768 before" in configuration
    assert "ssl_protocols TLSv1.2 TLSv1.3;" in configuration


@pytest.mark.usefixtures("upgraded")
def test_run_after_that_changes_nothing():
    code, said = site("--limit=jitsi-lab-jitsi")
    assert (code, changed(said)) == (0, False), said


@pytest.mark.usefixtures("upgraded")
def test_check_finds_nothing_any_more():
    assert failed_rows() == []


@pytest.mark.standin("their web page shows who is connected")
@pytest.mark.skipif(not browser.DRIVER, reason="no browser: Chromium's chromedriver is not installed")
@pytest.mark.usefixtures("upgraded")
def test_page_connects_in_a_real_browser(proxy, tmp_path):
    certificate = proxy.check_output("cat /etc/ssl/selfhosted/jitsi.test.crt")
    wanted = "connected to jitsi.test"
    assert wanted in browser.text_of_page("https://jitsi.test/SomeRoom", certificate, tmp_path, wanted)


def test_settings_of_the_site_are_in_force(upgraded, internet):
    assert external_services(upgraded) == []
    assert "config.p2p.stunServers = [];" in internet.curl("https://jitsi.test/config.js").body


@pytest.mark.standin("their bridge answers participants of no conference, and logs them")
@pytest.mark.usefixtures("upgraded")
def test_participant_reaches_the_bridge(internet):
    assert ask_bridge(internet, "jitsi.test", 10000, "jitsi")[1] == ["jitsi"]
