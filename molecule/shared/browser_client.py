"""Drive Chromium by WebDriver; run inside the network namespace where the browser shall be.

Arguments: the driver, a URL, the pin of the certificate's key, a folder for the profile, the text to wait for, and the
number of tabs. Prints, as a list in JSON, what each tab shows when all show the text, or at the deadline.
"""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import time
import urllib.error
import urllib.request

DRIVER_ADDRESS = "http://127.0.0.1:9515"
SECONDS = 30
PUBLIC_ADDRESS = "198.51.100.10"


def options(pin, folder):
    """Chromium without a window, a sandbox (root has none) or a word to anybody outside the lab."""
    return [
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        f"--user-data-dir={folder}",
        f"--ignore-certificate-errors-spki-list={pin}",
        # Every name is the lab's host: no packet leaves the lab, and one that is for somebody else can be seen in it.
        f"--host-resolver-rules=MAP * {PUBLIC_ADDRESS}",
        # Two tabs of one machine find each other without multicast DNS.
        "--disable-features=WebRtcHideLocalIpsWithMdns",
    ]


def call(method, path, body=None):
    """One WebDriver command; returns its value."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(DRIVER_ADDRESS + path, data, {"Content-Type": "application/json"}, method=method)
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.load(answer)["value"]


def wait_for(question):
    """Ask until the answer is true; return the last one."""
    deadline = time.monotonic() + SECONDS
    while True:
        answer = question()
        if answer or time.monotonic() > deadline:
            return answer
        time.sleep(0.2)


def driver_is_ready():
    with contextlib.suppress(urllib.error.URLError, ConnectionError):
        return call("GET", "/status")["ready"]
    return False


class Browser:
    """One Chromium with a number of tabs."""

    def __init__(self, arguments):
        capabilities = {"alwaysMatch": {"goog:chromeOptions": {"args": arguments}}}
        self.path = "/session/" + call("POST", "/session", {"capabilities": capabilities})["sessionId"]
        self.tabs = [call("GET", f"{self.path}/window")]

    def open(self, url, number):
        """Show the URL in so many tabs."""
        while len(self.tabs) < number:
            self.tabs.append(call("POST", f"{self.path}/window/new", {"type": "tab"})["handle"])
        for tab in self.tabs:
            call("POST", f"{self.path}/window", {"handle": tab})
            call("POST", f"{self.path}/url", {"url": url})

    def texts(self):
        return [self._text(tab) for tab in self.tabs]

    def _text(self, tab):
        call("POST", f"{self.path}/window", {"handle": tab})
        script = {"script": "return document.body.innerText", "args": []}
        return call("POST", f"{self.path}/execute/sync", script)

    def quit(self):
        call("DELETE", self.path)


def main():
    driver, url, pin, folder, wanted, number = sys.argv[1:]
    with subprocess.Popen([driver, "--port=9515"], stdout=subprocess.DEVNULL) as process:
        try:
            if not wait_for(driver_is_ready):
                sys.exit("chromedriver did not answer")
            browser = Browser(options(pin, folder))
            browser.open(url, int(number))
            wait_for(lambda: all(wanted in text for text in browser.texts()))
            print(json.dumps(browser.texts()))
            browser.quit()
        finally:
            process.terminate()


if __name__ == "__main__":
    main()
