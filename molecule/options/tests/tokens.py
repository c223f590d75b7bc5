"""Tokens as a portal signs them, good and bad ones."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time

#: With which the inventory has prosody judge tokens.
SECRET = "the.secret~of+rooms=@#%^*:,-_0"


def _part(content):
    return base64.urlsafe_b64encode(content).rstrip(b"=")


def token(secret, claims, algorithm="HS256"):
    """A JSON Web Token, signed by HMAC with SHA-256."""
    head = {"typ": "JWT", "alg": algorithm}
    text = b".".join(_part(json.dumps(part).encode()) for part in (head, claims))
    return (text + b"." + _part(hmac.digest(secret.encode(), text, hashlib.sha256))).decode()


def claims(**changes):
    """What a token for one room says; None takes a claim away."""
    now = int(time.time())
    stock = {"iss": "portal", "aud": "jitsi", "sub": "jitsi.test", "room": "parlour", "nbf": now - 60, "exp": now + 900}
    return {name: value for name, value in {**stock, **changes}.items() if value is not None}
