# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Chromium without a window, for pages that are to be right on a phone and on a wide screen, by day and by night."""

from __future__ import annotations

import json
import os
import shutil
from contextlib import contextmanager
from pathlib import Path

import pytest
from axe_core_python.selenium import Axe
from selenium.common.exceptions import WebDriverException
from selenium.webdriver import Chrome, ChromeOptions, ChromeService
from selenium.webdriver.support.ui import WebDriverWait

DRIVER = shutil.which("chromedriver")
needs_chromium = pytest.mark.skipif(DRIVER is None, reason="missing: chromedriver; install chromium-driver")
#: Screenshots stay here for people to look at, if there is such a folder.
RESULTS = Path(os.environ.get("ANSIBLE_COLLECTIONS_PATH", "/nowhere")) / "results"
WIDTHS = (400, 1600)
SCHEMES = ("light", "dark")
PICTURE_SECONDS = 60
SCREENS = [(width, scheme) for width in WIDTHS for scheme in SCHEMES]


@contextmanager
def chromium():
    """Chromium, that keeps what it logs and asks for."""
    options = ChromeOptions()
    for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-background-networking"):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = Chrome(options=options, service=ChromeService(DRIVER))
    try:
        yield driver
    finally:
        driver.quit()


def prefer(browser, scheme):
    """Have pages shown in the light that the person prefers."""
    features = [{"name": "prefers-color-scheme", "value": scheme}]
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})


def show(browser, address, width, scheme, name):
    """Open a page on a screen of that width and in that light, with empty logs, and keep a picture of it.

    :param name: the beginning of the picture's name.
    """
    screen = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 700}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", screen)
    prefer(browser, scheme)
    for log in ("browser", "performance"):
        browser.get_log(log)
    browser.get(address)
    if RESULTS.is_dir():
        picture = str(RESULTS / f"{name}-{width}-{scheme}.png")
        # Chromium may still exchange its page for that of the new address, and then it has nothing to take.
        wait = WebDriverWait(browser, PICTURE_SECONDS, ignored_exceptions=[WebDriverException])
        wait.until(lambda driver: driver.get_screenshot_as_file(picture))


def asked(browser):
    """The addresses that the browser asked for since the log was read last."""
    messages = [json.loads(entry["message"])["message"] for entry in browser.get_log("performance")]
    return [one["params"]["request"]["url"] for one in messages if one["method"] == "Network.requestWillBeSent"]


def widths(browser):
    """The width of the page, and the room that the screen has for it."""
    return browser.execute_script("return [document.documentElement.scrollWidth, innerWidth]")


def serious_findings(browser):
    """What axe-core calls serious or critical, with the elements."""
    found = Axe().run(browser, options={"resultTypes": ["violations"]})["violations"]
    serious = [one for one in found if one["impact"] in ("serious", "critical")]
    return [(one["id"], [node["html"] for node in one["nodes"]]) for one in serious]


def lightness(browser, address, scheme):
    """The sum of red, green and blue behind a page in that light."""
    prefer(browser, scheme)
    browser.get(address)
    colour = browser.execute_script("return getComputedStyle(document.body).backgroundColor")
    return sum(int(part) for part in colour[colour.index("(") + 1 : -1].split(",")[:3])
