# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""The site in Chromium: on a phone and on a wide screen, in daylight and in the dark, by axe-core, and its search."""

from __future__ import annotations

import pytest
from ansible_collections.selfhosted.jitsi.tests.shared import browser as chromium
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

pytestmark = chromium.needs_chromium

PAGES = {
    "start": "index.html",
    "guide": "guides/deploy.html",
    "module": "reference/port_forwards_module.html",
    "role": "reference/nat_host_role.html",
}
#: A rare word or the name of a variable, and a page that has it.
FOUND = {"hairpin": "reference/port_forwards_module.html", "nat_host_rollback": "guides/forwards.html"}


@pytest.fixture(scope="module")
def browser():
    with chromium.chromium() as driver:
        yield driver


@pytest.fixture(params=PAGES)
def page(request):
    return request.param


@pytest.fixture(params=chromium.SCREENS, ids=lambda value: f"{value}")
def shown(request, browser, served, page):
    """The browser with the page, on a screen of that width and in that light."""
    chromium.show(browser, served + PAGES[page], *request.param, f"docs-{page}")
    return browser


def test_page_is_for_everybody_and_asks_nobody_else(shown, served):
    """Nothing that axe-core calls serious, nothing on the console, and the page fits the screen."""
    assert chromium.serious_findings(shown) == []
    assert [url for url in chromium.asked(shown) if not url.startswith((served, "data:"))] == []
    assert shown.get_log("browser") == []
    wide, room = chromium.widths(shown)
    assert wide <= room


def test_dark_page_is_darker(browser, served):
    dark, light = (chromium.lightness(browser, served, scheme) for scheme in ("dark", "light"))
    assert dark < 200 < 600 < light


@pytest.mark.parametrize("word", FOUND)
def test_search_finds_a_word(browser, served, word):
    browser.get(f"{served}index.html")
    field = browser.find_element(By.CSS_SELECTOR, "form.sidebar-search-container input[name=q]")
    browser.execute_script("arguments[0].value = arguments[1]; arguments[0].form.submit()", field, word)
    link = f"ul.search a[href*='{FOUND[word]}']"
    WebDriverWait(browser, 20).until(lambda driver: driver.find_elements(By.CSS_SELECTOR, link))
    assert [url for url in chromium.asked(browser) if not url.startswith((served, "data:"))] == []


def test_search_says_that_it_found_nothing(browser, served):
    browser.get(f"{served}search.html?q=thereisnosuchword")
    results = browser.find_element(By.ID, "search-results")
    WebDriverWait(browser, 20).until(lambda _driver: "did not match" in results.text)
