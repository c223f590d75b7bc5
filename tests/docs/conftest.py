# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""The documentation site, built once and served on this machine."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]
HTML = Path(os.environ.get("ANSIBLE_COLLECTIONS_PATH") or CHECKOUT / ".build") / "docs" / "html"


@pytest.fixture(scope="session")
def build():
    """The process that built the site, when it has ended."""
    command = [sys.executable, str(CHECKOUT / "tests" / "tools" / "docs.py")]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.fixture(scope="session")
def html(build):
    """The folder of the site."""
    assert build.returncode == 0, build.stderr
    return HTML


class Quiet(SimpleHTTPRequestHandler):
    """Says nothing about what it serves."""

    def log_message(self, *words):
        pass


@pytest.fixture(scope="session")
def served(html):
    """The address of the site, with its last slash."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=html)) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/"
        finally:
            server.shutdown()
            thread.join()
