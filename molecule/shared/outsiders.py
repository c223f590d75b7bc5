"""Whom a machine turned to outside, by a capture of all its interfaces; the archives of its packages are allowed."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

import capture
import pytest
from machines import repository

PORTS = {"http": 80, "https": 443}

needs_tshark = pytest.mark.skipif(not capture.TSHARK, reason="no capture of packets: tshark is not installed")


def archives(place):
    """Host names or addresses of the package archives, with their ports: as apt on the machine lists them now."""
    sites = set(place.check_output("apt-get indextargets --format '$(SITE)'").split())
    # The role fetches the key, too.
    urls = [urlsplit(site) for site in (*sites, repository()["key_url"])]
    return {(url.hostname, url.port or PORTS[url.scheme]) for url in urls}


def _is_address(text):
    try:
        return bool(ipaddress.ip_address(text))
    except ValueError:
        return False


def strangers(packets, place):
    """What was sent to or asked about anybody else, as sentences; an empty list is what is wanted."""
    allowed = archives(place)
    names = {host for host, _port in allowed}
    # apt asks for a host's services before it asks for the host.
    named = {name for host in names for name in (host, f"_http._tcp.{host}", f"_https._tcp.{host}")}
    found = [f"DNS was asked for {name}" for name in packets.outside_names() - named]
    ways = {
        (address, "tcp", port)
        for host, port in allowed
        for address in ({host} if _is_address(host) else packets.addresses_of(host))
    }
    found += [f"{protocol}/{port} of {address}" for address, protocol, port in packets.sent_outside() - ways]
    found += [f"STUN to {address}:{port}" for address, port in packets.stun_servers()]
    return sorted(found)


def first_run(role):
    """The packets of a machine from before the first run to the first test, which `prepare` had captured."""
    file = capture.first_run_file(role)
    assert file.exists(), f"{file} is not there: `molecule prepare` makes it, so destroy the lab and create it anew"
    return capture.Capture(file, role)


def require_first_run_among_archives(role, place):
    """A first run fetched packages, and the machine turned to nobody else outside."""
    packets = first_run(role)
    assert packets.sent_outside(), "the capture saw no packages come, so it shows nothing"
    found = strangers(packets, place)
    assert found == [], found
