"""Drive Chromium by WebDriver; run inside the network namespace where the browser shall be.

Arguments: the driver, a URL, the pin of the certificate's key, a folder for the profile, the text to wait for.
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
        # No name but the lab's own is looked up, so no packet leaves the lab.
        "--host-resolver-rules=MAP jitsi.test 198.51.100.10, MAP * ~NOTFOUND",
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


def main():
    driver, url, pin, folder, wanted = sys.argv[1:]
    with subprocess.Popen([driver, "--port=9515"], stdout=subprocess.DEVNULL) as process:
        try:
            if not wait_for(driver_is_ready):
                sys.exit("chromedriver did not answer")
            capabilities = {"alwaysMatch": {"goog:chromeOptions": {"args": options(pin, folder)}}}
            session = call("POST", "/session", {"capabilities": capabilities})["sessionId"]
            call("POST", f"/session/{session}/url", {"url": url})
            script = {"script": "return document.body.innerText", "args": []}
            shown = []

            def appears():
                shown.append(call("POST", f"/session/{session}/execute/sync", script))
                return wanted in shown[-1]

            wait_for(appears)
            print(shown[-1])
            call("DELETE", f"/session/{session}")
        finally:
            process.terminate()


if __name__ == "__main__":
    main()
