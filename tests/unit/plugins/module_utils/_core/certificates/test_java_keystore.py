"""A trust store is read as Java reads it."""

from __future__ import annotations

import base64
import struct

import pytest
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.certificates.java_keystore import (
    aliases_of,
    certificates_of,
    first_certificate,
)
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.errors import CoreError


def text(value):
    content = value.encode()
    return struct.pack(">H", len(content)) + content


def certificate(der):
    return text("X.509") + struct.pack(">I", len(der)) + der


def trusted(alias, der):
    return struct.pack(">I", 2) + text(alias) + bytes(8) + certificate(der)


def key(alias, *chain):
    head = struct.pack(">I", 1) + text(alias) + bytes(8) + struct.pack(">I", 3) + b"key"
    return head + struct.pack(">I", len(chain)) + b"".join(certificate(der) for der in chain)


def store(*entries, magic=0xFEEDFEED, version=2):
    return struct.pack(">III", magic, version, len(entries)) + b"".join(entries) + b"digest"


def pem(der):
    return f"-----BEGIN CERTIFICATE-----\n{base64.b64encode(der).decode()}\n-----END CERTIFICATE-----\n"


def test_trusted_certificates_are_found_and_chains_of_keys_are_none():
    content = store(trusted("debian:a.pem", b"one"), key("own", b"two", b"three"), trusted("ä", b"four"))
    assert certificates_of(content) == {"debian:a.pem": b"one", "ä": b"four"}


def test_aliases_are_those_of_the_very_certificate():
    found = certificates_of(store(trusted("b", b"one"), trusted("a", b"one"), trusted("c", b"one more")))
    assert aliases_of(b"one", found) == ["a", "b"]
    assert aliases_of(b"on", found) == []


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "not in the format JKS"),
        (b"0\x82 a store of PKCS12", "not in the format JKS"),
        (store(version=1), "has version 1 of"),
        (store(trusted("a", b"one"))[:20], "in the middle of an entry"),
        (store(struct.pack(">I", 7) + text("a") + bytes(8)), "unknown type 7"),
    ],
)
def test_what_is_no_store_is_refused(content, words):
    with pytest.raises(CoreError, match=words):
        certificates_of(content)


def test_first_certificate_of_a_chain_is_the_servers_own():
    assert first_certificate("subject=x\n" + pem(b"own") + pem(b"authority")) == b"own"


@pytest.mark.parametrize("text_", ["", "text", "-----BEGIN CERTIFICATE-----\nä!\n-----END CERTIFICATE-----"])
def test_what_is_no_certificate_is_refused(text_):
    with pytest.raises(CoreError):
        first_certificate(text_)
