"""Certificates of a real authority (pebble), fetched by certbot through the forwards, while a client looks on."""

from __future__ import annotations

import shlex

import pytest
from machines import PROXY_CERTIFICATES, eventually
from proxy_runs import NEW, SERVED, files, role
from site_runs import changed

SITES = [{**SERVED, "certificate": "acme"}, {**NEW, "certificate": "acme"}]
# No name server knows it, so no authority can either.
LOST = {"name": "lost.test", "backend": "http://192.168.122.110:8080/", "certificate": "acme"}
NAMES = ("other.test", "www.other.test", "jitsi.test")
BUNDLE = "/etc/ssl/authority.pem"
ROOT = "/srv/root.pem"
DROP_IN = "/etc/systemd/system/certbot.service.d/selfhosted.conf"
SYSTEM = "/etc/ssl/certs/ca-certificates.crt"
RENEWALS = "/etc/letsencrypt/renewal/*.conf"
THEIRS = "/etc/apache2/sites-enabled/theirs.conf"
CHALLENGES = "/var/www/acme/.well-known/acme-challenge"
RELOAD = "selfhosted-reload-apache.timer"
ENABLED = "ls /etc/apache2/sites-enabled"
SEEN = "/srv/trusted-by-renewals.pem"
# Remembers what the unit trusts while it runs.
LOOK = "/run/systemd/system/certbot.service.d/look.conf"
ACME = {
    "reverse_proxy_acme_directory_url": "https://acme.test:14000/dir",
    "reverse_proxy_acme_email": "admin@example.org",
    "reverse_proxy_acme_ca_bundle": BUNDLE,
}


@pytest.fixture(scope="module")
def authority(internet, proxy):
    """The authority's root, which clients trust beside what the proxy shows before; afterwards all is as it was."""
    place = internet.place
    directory = place.check_output("cat /srv/authority.crt")
    proxy.run_expect([0], f"printf '%s\\n' '{directory}' > {BUNDLE}")
    fetch = "curl --silent --show-error --fail --cacert /srv/authority.crt https://acme.test:15000/roots/0"
    root = place.check_output(fetch)
    place.run_expect([0], f"printf '%s\\n' '{root}' > {ROOT}")
    internet.trust(f"{proxy.check_output(PROXY_CERTIFICATES)}\n{root}\n")
    before = proxy.check_output(ENABLED)
    yield
    # The last test leaves only what was there, if it passes.
    if proxy.check_output(ENABLED) != before or lineages(proxy):
        role(SERVED, reverse_proxy_purge=True)
    internet.trust(proxy.check_output(PROXY_CERTIFICATES))


def serial(internet, name):
    """The serial number of the certificate that a client gets who trusts the authority alone; empty where it fails."""
    words = f"openssl s_client -connect {name}:443 -servername {name} -verify_hostname {name} -CAfile {ROOT}"
    return internet.place.run(
        f"{words} -verify_return_error < /dev/null 2> /dev/null | openssl x509 -noout -serial 2> /dev/null"
    ).stdout.strip()


def serials(internet):
    return {name: serial(internet, name) for name in NAMES}


def lineages(proxy):
    return proxy.check_output("ls /etc/letsencrypt/renewal").split()


def reloads(proxy):
    """How often systemd has reloaded Apache."""
    said = proxy.check_output("journalctl --unit apache2 --output cat")
    return sum(line.startswith("Reloaded apache2") for line in said.splitlines())


def renew(proxy):
    """Start what the timer starts; return what it trusted."""
    words = shlex.quote(f"[Service]\nExecStartPost=/bin/sh -c 'cp $REQUESTS_CA_BUNDLE {SEEN}'")
    proxy.run_expect([0], f"mkdir -p $(dirname {LOOK}) && echo {words} > {LOOK} && systemctl daemon-reload")
    try:
        proxy.run_expect([0], "systemctl start certbot.service")
        return proxy.check_output(f"cat {SEEN}")
    finally:
        proxy.run_expect([0], f"rm -f {LOOK} {SEEN} && systemctl daemon-reload")


def test_first_run_gets_certificates_and_the_timer_renews_them_unseen(authority, onlooker, internet, proxy):
    assert not any(serials(internet).values())
    code, said = role(*SITES, **ACME)
    assert code == 0, said
    first = serials(internet)
    assert all(first.values()), first
    assert first["other.test"] == first["www.other.test"] != first["jitsi.test"]
    code, said = role(*SITES, **ACME)
    assert (code, changed(said)) == (0, False), said

    # What the timer starts; it takes both for due, and has Apache reloaded sooner after them than in half a minute.
    assert proxy.service("certbot.timer").is_running
    due, soon = "1i renew_before_expiry = 9999 days", "s/--on-active=30/--on-active=10/"
    proxy.run_expect([0], f"sed -i -e '{due}' -e '{soon}' {RENEWALS}")
    # The reload that the first certificates still owe would come in place of the renewals' own.
    proxy.run(f"systemctl stop {RELOAD}")
    before = reloads(proxy)
    # It renews everybody's, which authorities of the system have signed.
    assert renew(proxy) == proxy.check_output(f"cat {SYSTEM} {BUNDLE}")
    for name in NAMES:
        assert eventually(lambda name=name: serial(internet, name) not in ("", first[name]), seconds=90), name
    assert reloads(proxy) == before + 1
    not_due, as_before = "/^renew_before_expiry = 9999/d", "s/--on-active=10/--on-active=30/"
    proxy.run_expect([0], f"sed -i -e '{not_due}' -e '{as_before}' {RENEWALS}")
    code, said = role(*SITES, **ACME)
    assert (code, changed(said)) == (0, False), said
    report = onlooker()
    assert report["failures"] == []


def test_name_that_cannot_be_validated_fails_alone(authority, onlooker, internet, proxy):
    code, said = role(SITES[0], {**NEW, "state": "absent"}, **ACME)
    assert code == 0, said
    assert lineages(proxy) == ["other.test.conf"]
    code, said = role(LOST, *SITES, **ACME)
    assert code != 0
    assert "lost.test keeps its current certificate: lost.test: " in said, said
    assert "could not resolve" in said or "no such host" in said, said
    assert all(serials(internet).values())
    shown = internet.curl("--insecure", "--resolve", "lost.test:443:198.51.100.10", "https://lost.test/")
    assert shown.status == 200
    report = onlooker()
    assert report["failures"] == []


def test_what_goes_leaves_nothing(authority, onlooker, internet, proxy):
    absent = [{"name": site["name"], "state": "absent"} for site in (LOST, NEW)]
    code, said = role(SITES[0], *absent, **ACME)
    assert code == 0, said
    assert lineages(proxy) == ["other.test.conf"]
    for name in ("jitsi.test", "lost.test"):
        assert name not in files(proxy)
        assert proxy.check_output(f"find /etc/letsencrypt -name '*{name}*'") == ""
    report = onlooker()
    assert report["failures"] == []


def test_site_can_go_back_to_its_own_certificate(authority, internet, proxy):
    assert proxy.file(DROP_IN).exists
    code, said = role(SERVED)
    assert code == 0, said
    assert lineages(proxy) == []
    assert not proxy.file(DROP_IN).exists
    assert "REQUESTS_CA_BUNDLE" not in proxy.check_output("systemctl show certbot.service --property Environment")
    assert not any(serials(internet).values())
    internet.trust(proxy.check_output(PROXY_CERTIFICATES))
    assert internet.curl("https://other.test/").status == 200
    assert not changed(role(SERVED)[1])


def test_renewals_trust_the_system_alone_once_no_certificate_is_left_that_asks(authority, proxy):
    code, said = role(SITES[0], **ACME)
    assert code == 0, said
    # Another inventory's runs on the same proxy, which know nothing of it.
    assert role(NEW)[0] == 0
    assert proxy.file(DROP_IN).exists
    assert not changed(role(NEW)[1])
    live = "/etc/letsencrypt/live/other.test"
    files_of = {"certificate_file": f"{live}/fullchain.pem", "certificate_key_file": f"{live}/privkey.pem"}
    code, said = role(
        {**SERVED, "certificate": "provided", **files_of}, {**NEW, "certificate": "acme", "state": "absent"}, **ACME
    )
    assert code == 0, said
    # A site names its files, so the certificate stays and is renewed, and Apache starts with it.
    assert lineages(proxy) == ["other.test.conf"]
    assert proxy.file(DROP_IN).exists
    proxy.run_expect([0], "systemctl restart apache2")
    # Also a vhost of somebody else that no inventory lists.
    theirs = f"<VirtualHost *:8443>\nSSLEngine on\nSSLCertificateFile {live}/fullchain.pem\n"
    theirs += f"SSLCertificateKeyFile {live}/privkey.pem\n</VirtualHost>\n"
    proxy.run_expect([0], f"echo '{theirs}' > {THEIRS}")
    assert role(SERVED)[0] == 0
    assert lineages(proxy) == ["other.test.conf"]
    proxy.run_expect([0], f"rm {THEIRS}")
    code, said = role(SERVED)
    assert code == 0, said
    assert lineages(proxy) == []
    assert not proxy.file(DROP_IN).exists


def test_folder_of_another_acme_client_stays_its_own(authority, proxy):
    """That client need not be root, and writes its challenges there, too."""
    proxy.run_expect([0], f"chown nobody:www-data {CHALLENGES} && chmod 2775 {CHALLENGES}")
    assert not changed(role(SERVED)[1])
    assert proxy.check_output(f"stat --format '%U:%G %a' {CHALLENGES}") == "nobody:www-data 2775"
    proxy.run_expect([0], f"chown root:root {CHALLENGES} && chmod 0755 {CHALLENGES}")
