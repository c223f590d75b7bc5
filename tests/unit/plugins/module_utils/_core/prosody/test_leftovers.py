"""What prosody keeps of a site that was removed."""

from __future__ import annotations

import pytest
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.prosody.leftovers import (
    candidates,
    hosts_in,
    in_the_way,
    kept,
    trusted,
)

NAME = "my-site.test"
DATA = "/var/lib/prosody"
CERTIFICATE = f"{DATA}/{NAME}.crt"
LINK = f"/etc/prosody/certs/{NAME}.crt"
ACCOUNTS = f"{DATA}/auth%2emy%2dsite%2etest"


@pytest.mark.parametrize("ending", ["cnf", "key", "crt"])
@pytest.mark.parametrize("host", [NAME, f"auth.{NAME}"])
def test_each_file_of_a_certificate_that_nobody_uses_is_in_the_way(host, ending):
    assert in_the_way(NAME, {f"{DATA}/{host}.{ending}"}, forgotten=False) == [f"{DATA}/{host}.{ending}"]


def test_certificate_in_use_is_not_in_the_way():
    there = {CERTIFICATE, f"{DATA}/{NAME}.cnf", LINK}
    assert in_the_way(NAME, there, forgotten=False) == []
    assert in_the_way(NAME, there - {CERTIFICATE}, forgotten=False) == [f"{DATA}/{NAME}.cnf"]


def test_configuration_that_prosody_does_not_read_is_in_the_way():
    available, enabled = (f"/etc/prosody/{folder}/{NAME}.cfg.lua" for folder in ("conf.avail", "conf.d"))
    assert in_the_way(NAME, {available}, forgotten=False) == [available]
    assert in_the_way(NAME, {available, enabled}, forgotten=False) == []


def test_accounts_are_in_the_way_once_their_passwords_are_forgotten():
    assert in_the_way(NAME, {ACCOUNTS}, forgotten=True) == [ACCOUNTS]
    assert in_the_way(NAME, {ACCOUNTS}, forgotten=False) == []


def test_everything_that_is_left_of_a_name_is_found():
    own = {CERTIFICATE, LINK, ACCOUNTS, f"{DATA}/my%2dsite%2etest", f"{DATA}/internal%2eauth%2emy%2dsite%2etest"}
    own |= {f"/etc/prosody/conf.avail/{NAME}.cfg.lua", f"/usr/local/share/ca-certificates/auth.{NAME}.crt"}
    assert own <= set(candidates(NAME))
    assert set(kept(NAME, own, [])) == own


def test_hosts_of_others_keep_what_is_theirs():
    there = {f"{DATA}/my%2dsite%2etest", CERTIFICATE, ACCOUNTS, f"/etc/prosody/conf.d/{NAME}.cfg.lua"}
    assert kept(NAME, there, [NAME]) == [ACCOUNTS]
    assert kept(NAME, {f"{DATA}/chat%2emy%2dsite%2etest"}, []) == []


def test_java_trusts_certificates_of_the_site_alone():
    site, accounts, others = f"debian:{NAME}.pem", f"debian:auth.{NAME}.pem", f"debian:chat.{NAME}.pem"
    assert trusted(NAME, [others, accounts, "debian:isrg_root_x1.pem", site], []) == [accounts, site]
    assert trusted(NAME, [accounts, site], [f"auth.{NAME}"]) == [site]


def test_hosts_are_read_as_prosody_writes_them():
    text = 'VirtualHost "A.test"\n  Component "b.test" "muc"\n-- VirtualHost "c.test"\nVirtualHost ( "d.test" )\n'
    assert hosts_in(text) == ["a.test", "b.test", "d.test"]
