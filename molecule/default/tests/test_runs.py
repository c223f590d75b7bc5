"""Runs that find something else than a bare machine: what was cut off before, and what belongs to others."""

from __future__ import annotations

import json

import pytest
from machines import eventually, full_disk
from site_runs import changed, site

pytestmark = pytest.mark.either_release


def started(place, service):
    return place.check_output(f"systemctl show --property StateChangeTimestampMonotonic --value {service}")


@pytest.fixture
def owed(jitsi, proxy):
    """Services by their machines, and a file of each that a killed run left newer than the service."""
    return {
        (jitsi, "jitsi-videobridge2"): "/etc/jitsi/videobridge",
        (jitsi, "prosody"): "/etc/prosody/conf.d/selfhosted-jitsi.cfg.lua",
        (proxy, "apache2"): "/etc/apache2/sites-available/jitsi.test.conf",
    }


#: A reload that fails, as with a configuration that was wrong for a moment.
FAILED_RELOAD = """
mkdir --parents /run/systemd/system/apache2.service.d
printf '[Service]\\nExecReload=\\nExecReload=/bin/false\\n' > /run/systemd/system/apache2.service.d/broken.conf
systemctl daemon-reload
! systemctl reload apache2
rm /run/systemd/system/apache2.service.d/broken.conf
systemctl daemon-reload
"""


def test_restarts_that_an_earlier_run_owes_are_made_good(owed, proxy):
    for (place, _service), path in owed.items():
        place.run_expect([0], f"touch {path}")
    proxy.run_expect([0], f"set -e\n{FAILED_RELOAD}")
    before = [started(*service) for service in owed]
    code, said = site("--limit", "jitsi-lab-jitsi:jitsi-lab-proxy")
    assert code == 0, said
    after = [started(*service) for service in owed]
    assert all(then != now for then, now in zip(before, after)), (before, after)
    # When others' sites are reloaded is for others to say.
    proxy.run_expect([0], "touch /etc/apache2/sites-available/000-default.conf")
    code, said = site("--limit", "jitsi-lab-jitsi:jitsi-lab-proxy")
    assert code == 0, said
    assert not changed(said), said
    assert [started(*service) for service in owed] == after


def processes(jitsi):
    """The main process of each service, which a reload leaves as it is."""
    found = {
        unit: jitsi.check_output(f"systemctl show --property MainPID --value {unit}")
        for unit in ("nginx", "prosody", "jitsi-videobridge2")
    }
    return {**found, "jicofo": jitsi.check_output("pgrep --uid jicofo java")}


def test_limit_that_changes_restarts_its_service_alone(jitsi):
    before = processes(jitsi)
    code, said = site("--limit", "jitsi-lab-jitsi", "--extra-vars", "jitsi_meet_jicofo_memory=80")
    assert code == 0, said
    after = processes(jitsi)
    assert [unit for unit in before if before[unit] != after[unit]] == ["jicofo"]
    assert "-Xmx80m" in jitsi.check_output("ps --user jicofo --format args=")


def test_limit_of_a_run_that_was_cut_off_counts_from_the_next_one(jitsi):
    """Also where somebody has reloaded the service meanwhile, which gives it no other limits."""
    drop_in = "/etc/systemd/system/nginx.service.d/00-selfhosted-jitsi.conf"
    jitsi.run_expect([0], f"touch {drop_in} && systemctl reload nginx")
    before = processes(jitsi)
    code, said = site("--limit", "jitsi-lab-jitsi")
    assert code == 0, said
    after = processes(jitsi)
    assert [unit for unit in before if before[unit] != after[unit]] == ["nginx", "jicofo"]
    assert "-Xmx80m" not in jitsi.check_output("ps --user jicofo --format args=")
    code, said = site("--limit", "jitsi-lab-jitsi")
    assert (code, changed(said)) == (0, False), said


def test_certificate_that_the_jitsi_machine_made_anew_is_pinned_by_the_next_run(internet, jitsi):
    folder = "/etc/jitsi/meet"
    earlier = jitsi.check_output(f"cat {folder}/jitsi.test.crt")
    jitsi.run_expect(
        [0],
        "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=jitsi.test "
        f"-addext subjectAltName=DNS:jitsi.test -keyout {folder}/jitsi.test.key -out {folder}/jitsi.test.crt",
    )
    jitsi.run_expect([0], "systemctl reload nginx")
    assert eventually(lambda: internet.curl("https://jitsi.test/config.js").status >= 500)
    code, said = site("--limit", "jitsi-lab-proxy", "--diff")
    assert code == 0, said
    for sign, certificate in (("-", earlier), ("+", jitsi.check_output(f"cat {folder}/jitsi.test.crt"))):
        # The first line of base64 behind the head is the same in certificates of one kind, a later one is not.
        assert sign + certificate.splitlines()[-3] in said
    assert eventually(lambda: internet.curl("https://jitsi.test/config.js").status == 200)


def test_vhost_of_somebody_else_is_neither_replaced_nor_doubled(proxy):
    path = "/etc/apache2/sites-available/by-hand.conf"
    proxy.run_expect([0], f"printf '<VirtualHost *:80>\\n  ServerName other.test\\n</VirtualHost>\\n' > {path}")
    proxy.run_expect([0], "a2ensite --quiet by-hand")
    before = proxy.check_output("find /etc/apache2 -type f -exec sha256sum {} + | sort")
    try:
        code, said = site("--limit", "jitsi-lab-proxy")
        after = proxy.check_output("find /etc/apache2 -type f -exec sha256sum {} + | sort")
    finally:
        proxy.run_expect([0], f"a2dissite --quiet by-hand && rm {path} && systemctl reload apache2")
    assert code != 0
    assert "by-hand.conf (line 1: other.test) on jitsi-lab-proxy already uses one of these names" in said
    assert before == after


def test_full_disk_is_named_and_the_sites_stay_as_they_were(proxy, internet):
    """Later runs of these tests have room again."""
    folder = "/etc/apache2/sites-available"
    sites = [{"name": "other.test", "backend": "http://192.168.122.110:8080/", "hsts": 60}]
    with full_disk(proxy, folder):
        before = proxy.check_output(f"ls -A {folder} && sha256sum {folder}/*")
        code, said = site("--limit", "jitsi-lab-proxy", "--extra-vars", json.dumps({"reverse_proxy_sites": sites}))
        assert proxy.check_output(f"ls -A {folder} && sha256sum {folder}/*") == before
        proxy.run_expect([0], "apachectl configtest")
    assert code != 0
    assert f"the file does not fit in {folder} (No space left on device)" in said, said
    assert internet.curl("https://other.test/").status == 200


def test_broken_configuration_is_named_and_not_loaded(proxy, internet):
    path = "/etc/apache2/conf-enabled/broken.conf"
    proxy.run_expect([0], f"echo NoSuchDirective > {path}")
    before = started(proxy, "apache2")
    try:
        code, said = site("--limit", "jitsi-lab-proxy")
        assert code != 0
        assert "NoSuchDirective" in said
        assert started(proxy, "apache2") == before
        assert internet.curl("https://other.test/").status == 200
    finally:
        proxy.run_expect([0], f"rm {path} && systemctl reload apache2")


def test_repository_that_is_there_already_is_named(jitsi):
    path = "/etc/apt/sources.list.d/jitsi-stable.list"
    uri = jitsi.check_output("sed -n 's/^URIs: //p' /etc/apt/sources.list.d/jitsi.sources")
    jitsi.run_expect([0], f"echo 'deb [signed-by=/usr/share/keyrings/jitsi-keyring.gpg] {uri} stable/' > {path}.off")
    jitsi.run_expect([0], f"mv {path}.off {path}")
    try:
        code, said = site("--limit", "jitsi-lab-jitsi")
    finally:
        jitsi.run_expect([0], f"rm {path}")
    assert code != 0
    assert f"{path} on jitsi-lab-jitsi already names {uri}" in said


def test_key_with_another_fingerprint_is_refused(jitsi):
    wrong = '{"jitsi_meet_apt_key_fingerprints": ["0000000000000000000000000000000000000000"]}'
    before = jitsi.check_output("sha256sum /etc/apt/keyrings/*")
    code, said = site("--limit", "jitsi-lab-jitsi", "--extra-vars", wrong)
    assert code != 0
    assert "the variable allows only 0000000000000000000000000000000000000000" in said
    assert jitsi.check_output("sha256sum /etc/apt/keyrings/*") == before


def test_name_that_is_not_installed_is_refused(jitsi):
    code, said = site("--limit", "jitsi-lab-jitsi", "--extra-vars", '{"jitsi_meet_fqdn": "elsewhere.test"}')
    assert code != 0
    assert "Jitsi Meet has another name there" in said
    assert not jitsi.run("grep -r elsewhere.test /etc/prosody").stdout


def test_check_on_a_deployed_site_predicts_no_change():
    # A number that is said on the command line is a text.
    code, said = site("--check", "--extra-vars", "jitsi_meet_health_seconds=0")
    assert code == 0, said
    assert not changed(said), said
