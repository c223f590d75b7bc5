"""A real browser on the lab's Internet: Chromium of this machine, in the internet container's network namespace."""

from __future__ import annotations

import base64
import hashlib
import json
import shutil
import subprocess
import sys
from pathlib import Path

from namespaces import inside

DRIVER = shutil.which("chromedriver") or ""
CLIENT = Path(__file__).resolve().parent / "browser_client.py"


def _key_pin(certificate):
    """The hash of a certificate's public key, by which Chromium trusts this one certificate and no other."""
    public = ["openssl", "x509", "-noout", "-pubkey"]
    der = ["openssl", "pkey", "-pubin", "-outform", "der"]
    key = subprocess.run(public, input=certificate.encode(), check=True, capture_output=True).stdout
    key = subprocess.run(der, input=key, check=True, capture_output=True).stdout
    return base64.b64encode(hashlib.sha256(key).digest()).decode()


def text_of_page(url, certificate, folder, wanted):
    """Open a page and wait until it shows a text; return what it shows then, or at the deadline."""
    return texts_of_pages(url, certificate, folder, wanted, 1)[0]


def texts_of_pages(url, certificate, folder, wanted, number):
    """Open a page in so many tabs and wait until all show a text; return what each shows then, or at the deadline."""
    client = [sys.executable, str(CLIENT), DRIVER, url, _key_pin(certificate), str(folder), wanted, str(number)]
    done = subprocess.run(inside("internet", client), check=True, capture_output=True, text=True, timeout=120)
    return json.loads(done.stdout)
