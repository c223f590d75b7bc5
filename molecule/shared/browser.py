"""A real browser on the lab's Internet: Chromium of this machine, in the internet container's network namespace."""

from __future__ import annotations

import base64
import hashlib
import os
import shutil
import subprocess

CHROMIUM = next((found for found in map(shutil.which, ("chromium", "chromium-browser", "google-chrome")) if found), "")


def _container_pid():
    name = f"{os.environ.get('JITSI_LAB_NAME', 'jitsi-lab')}-internet"
    command = ["podman", "inspect", "--format", "{{.State.Pid}}", name]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def _key_pin(certificate):
    """The hash of a certificate's public key, by which Chromium trusts this one certificate and no other."""
    public = ["openssl", "x509", "-noout", "-pubkey"]
    der = ["openssl", "pkey", "-pubin", "-outform", "der"]
    key = subprocess.run(public, input=certificate.encode(), check=True, capture_output=True).stdout
    return base64.b64encode(
        hashlib.sha256(subprocess.run(der, input=key, check=True, capture_output=True).stdout).digest()
    ).decode()


def page(url, certificate, folder):
    """Open a page, let it run, and return what it then looks like, as HTML."""
    options = [
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        f"--user-data-dir={folder}",
        f"--ignore-certificate-errors-spki-list={_key_pin(certificate)}",
        # No name but the lab's own is looked up, so no packet leaves the lab.
        "--host-resolver-rules=MAP jitsi.test 198.51.100.10, MAP * ~NOTFOUND",
        "--virtual-time-budget=15000",
        "--dump-dom",
    ]
    command = ["nsenter", "--target", _container_pid(), "--net", CHROMIUM, *options, url]
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=90).stdout
