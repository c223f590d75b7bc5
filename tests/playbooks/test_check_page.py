# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""The check's page in Chromium: on a phone and on a wide screen, in daylight and in the dark, and by axe-core."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from ansible_collections.selfhosted.jitsi.plugins.plugin_utils._check.site import Record, Site, judge_site
from ansible_collections.selfhosted.jitsi.plugins.plugin_utils._report import model
from ansible_collections.selfhosted.jitsi.plugins.plugin_utils._report.page import page
from ansible_collections.selfhosted.jitsi.tests.shared import browser as chromium

pytestmark = chromium.needs_chromium

RECORDED = Path(__file__).resolve().parent / "recorded" / "check.yml"
MACHINES = {
    "outside": ["out1", "out2"],
    "nat_host": ["host"],
    "proxy": ["proxy"],
    "jitsi": ["meet"],
    "bridge": ["bridge"],
}
ADDRESSES = {
    "host": "198.51.100.10",
    "proxy": "192.168.122.100",
    "meet": "192.168.122.120",
    "bridge": "192.168.122.121",
}
FORWARDS = [("tcp", "80", "proxy"), ("tcp", "443", "proxy"), ("udp", "10000", "meet"), ("udp", "10001", "bridge")]
BACKENDS = {"jitsi.test": "https://192.168.122.120/", "wiki.test": "https://192.168.122.110/"}


def report_of(facts):
    """The report of the recorded site."""
    site = Site("meet", ["host"], ["proxy"], ["bridge"], ["out1", "out2"])
    records = {
        name: Record(one.get("check_reached"), one.get("check_seen", {}), one.get("check_ended", []))
        for name, one in facts.items()
    }
    machines = [
        model.Machine(name, role, ADDRESSES.get(name, "")) for role, names in MACHINES.items() for name in names
    ]
    return model.Report(
        fqdn="jitsi.test",
        when="2026-11-29T12:00:00Z",
        versions={"jitsi-meet": "2.0.11146-1"},
        public_address="198.51.100.10",
        machines=machines,
        forwards=[model.Forward(protocol, port, ADDRESSES[to]) for protocol, port, to in FORWARDS],
        backends=[model.Backend(name, url) for name, url in BACKENDS.items()],
        rows=judge_site(site, {machine: records.get(machine, Record()) for machine in site.machines()}),
    )


@pytest.fixture(scope="module")
def report():
    return report_of(yaml.safe_load(RECORDED.read_text(encoding="utf-8")))


@pytest.fixture(scope="module")
def address(report, tmp_path_factory):
    """The page as a file."""
    path = tmp_path_factory.mktemp("page") / "check.html"
    path.write_text(page(report), encoding="utf-8")
    return path.as_uri()


@pytest.fixture(scope="module")
def browser():
    with chromium.chromium() as driver:
        yield driver


@pytest.fixture(params=chromium.SCREENS, ids=lambda value: f"{value}")
def shown(request, browser, address):
    """The browser with the page, on a screen of that width and in that light."""
    chromium.show(browser, address, *request.param, "check-page")
    return browser


def test_page_needs_nothing_but_itself_and_fits_the_screen(shown, address):
    assert chromium.asked(shown) == [address]
    assert shown.get_log("browser") == []
    wide, room = chromium.widths(shown)
    assert wide <= room


def test_page_is_for_everybody(shown):
    """Nothing that axe-core calls serious, and the light is the one that was asked for."""
    assert chromium.serious_findings(shown) == []


def test_dark_page_is_darker(browser, address):
    dark, light = (chromium.lightness(browser, address, scheme) for scheme in ("dark", "light"))
    assert dark < 200 < 600 < light


def test_page_shows_every_row_and_each_finding(browser, address, report):
    browser.get(address)
    # What is folded is there, too.
    text = browser.execute_script("return document.body.textContent")
    assert [row.name for row in report.rows if row.name not in text] == []
    assert [one.row.remedy for one in model.findings(report) if one.row.remedy not in text] == []
