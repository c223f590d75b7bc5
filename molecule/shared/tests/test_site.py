"""What every deployed site must show, whatever generation of packages it runs."""

from __future__ import annotations

import json
import secrets
import shutil
import subprocess

import browser
import pytest
from machines import ask_bridge, eventually

SITES = ("jitsi.test", "other.test")
BOSH = (
    '<body xmlns="http://jabber.org/protocol/httpbind" to="jitsi.test" rid="1573741820" wait="60" hold="1" ver="1.6" '
    'xml:lang="en" xmpp:version="1.0" xmlns:xmpp="urn:xmpp:xbosh"/>'
)


@pytest.mark.parametrize("site", SITES)
def test_plain_http_is_redirected_with_path_and_query(internet, site):
    answer = internet.curl(f"http://{site}/Room?x=1")
    assert (answer.status, answer.headers["location"]) == (301, f"https://{site}/Room?x=1")


@pytest.mark.parametrize("site", SITES)
def test_acme_challenges_are_served_on_port_80(internet, proxy, site):
    token = secrets.token_hex(16)
    path = f"/var/www/acme/.well-known/acme-challenge/{token}"
    proxy.run_expect([0], f"printf {token} > {path}")
    try:
        answer = internet.curl(f"http://{site}/.well-known/acme-challenge/{token}")
    finally:
        proxy.run_expect([0], f"rm {path}")
    assert (answer.status, answer.body) == (200, token)


def test_config_js_comes_from_the_vm(internet, jitsi):
    answer = internet.curl("https://jitsi.test/config.js")
    assert answer.status == 200
    own = jitsi.check_output("cat /etc/jitsi/meet/jitsi.test-config.js")
    # The server fills in its placeholders; every other line is the file's own.
    kept = [line for line in own.splitlines() if "<!--#" not in line]
    assert kept
    assert set(kept) <= set(answer.body.splitlines())


def test_room_links_show_the_page(internet):
    answer = internet.curl("https://jitsi.test/SomeRoom")
    assert answer.status == 200
    assert answer.headers["content-type"].startswith("text/html")
    assert "jitsi.test" in answer.body


@pytest.mark.standin("their web page shows who is connected")
@pytest.mark.skipif(not browser.DRIVER, reason="no browser: Chromium's chromedriver is not installed")
def test_page_connects_in_a_real_browser(proxy, tmp_path):
    certificate = proxy.check_output("cat /etc/ssl/selfhosted/jitsi.test.crt")
    wanted = "connected to jitsi.test"
    assert wanted in browser.text_of_page("https://jitsi.test/SomeRoom", certificate, tmp_path, wanted)


@pytest.mark.skipif(not shutil.which("node"), reason="no JavaScript engine: node is not installed")
def test_config_js_means_what_was_asked(internet):
    """The stock settings stay, ours are set, judged by the engine that clients have."""
    program = "console.log(JSON.stringify([config.hosts.domain, config.analytics.disabled, config.p2p.enabled]))"
    script = internet.curl("https://jitsi.test/config.js").body + program
    done = subprocess.run(["node", "-"], input=script, check=True, capture_output=True, text=True)
    assert json.loads(done.stdout) == ["jitsi.test", True, True]


def test_alias_is_redirected(internet):
    answer = internet.curl("https://www.other.test/some/path?q=1")
    assert (answer.status, answer.headers["location"]) == (301, "https://other.test/some/path?q=1")
    answer = internet.curl("http://www.other.test/some/path?q=1")
    assert (answer.status, answer.headers["location"]) == (301, "https://other.test/some/path?q=1")


def test_other_site_is_served_by_the_other_service(internet):
    answer = internet.curl("https://other.test/some/path?q=1")
    seen = json.loads(answer.body)
    assert answer.status == 200
    assert (seen["service"], seen["path"], seen["headers"]["host"]) == ("other", "/some/path?q=1", "other.test")
    assert seen["headers"]["x-forwarded-for"] == "198.51.100.20"


def test_vm_sees_the_clients_address_and_no_forged_one(internet, jitsi):
    token = secrets.token_hex(8)
    forged = ("--header", "X-Forwarded-For: 203.0.113.66", "--header", "X-Real-IP: 203.0.113.66")
    assert internet.curl(f"https://jitsi.test/static/{token}", *forged).status == 404
    lines = [line for line in jitsi.check_output("cat /var/log/nginx/access.log").splitlines() if token in line]
    assert [line.split()[0] for line in lines] == ["198.51.100.20"]


def test_vm_does_not_believe_other_guests_about_clients(other, jitsi):
    token = secrets.token_hex(8)
    program = (
        "import urllib.request as u, ssl; c = ssl._create_unverified_context(); r = u.Request("
        f"'https://192.168.122.120/{token}', headers={{'Host': 'jitsi.test', 'X-Forwarded-For': '203.0.113.66'}}); "
        "print(u.urlopen(r, context=c).status)"
    )
    assert other.check_output(f'python3 -c "{program}"') == "200"
    lines = [line for line in jitsi.check_output("cat /var/log/nginx/access.log").splitlines() if token in line]
    assert [line.split()[0] for line in lines] == ["192.168.122.110"]


def test_websocket_carries_an_xmpp_stream_of_prosody(internet):
    status, frame = internet.websocket("wss://jitsi.test/xmpp-websocket", "jitsi.test")
    assert status == 101
    assert "urn:ietf:params:xml:ns:xmpp-framing" in frame
    assert "from='jitsi.test'" in frame


def test_bosh_answers(internet):
    header = "Content-Type: text/xml; charset=utf-8"
    answer = internet.curl("--data", BOSH, "--header", header, "https://jitsi.test/http-bind")
    assert answer.status == 200
    assert "from='jitsi.test'" in answer.body
    assert "sid=" in answer.body


@pytest.mark.standin("their bridge answers participants of no conference, and logs them")
def test_participant_reaches_the_bridge_with_its_own_address(internet):
    own, asked = ask_bridge(internet, "jitsi.test", 10000, "jitsi")
    assert own[0] == "198.51.100.20"
    assert asked == ["jitsi"]


def test_no_turnserver_is_installed(jitsi):
    assert not jitsi.package("coturn").is_installed
    assert not jitsi.package("jitsi-meet-turnserver").is_installed


def test_forwards_stand_above_libvirt(nat_host):
    jumps = [line for line in nat_host.check_output("iptables -S FORWARD").splitlines() if line.startswith("-A")]
    own, libvirt = jumps.index("-A FORWARD -j PF-jitsi-FWD"), jumps.index("-A FORWARD -j LIBVIRT_FWI")
    assert own < libvirt


@pytest.mark.parametrize("role", ["guest", "host itself"])
def test_public_address_works_from_inside(jitsi, nat_host, role):
    place = jitsi if role == "guest" else nat_host
    program = "import urllib.request as u; print(u.urlopen('http://jitsi.test/.well-known/acme-challenge/').status)"
    done = place.run(f'python3 -c "{program}"')
    # The folder itself may not be listed; what answers is the proxy.
    assert "HTTP Error 403" in done.stderr


def test_guests_reach_the_internet_with_the_hosts_address(other, internet):
    program = "import urllib.request as u; print(u.urlopen('http://packages.test/fingerprint').status)"
    assert other.check_output(f'python3 -c "{program}"') == "200"
    log = internet.place.check_output("journalctl --unit packages --no-pager --output cat")
    assert "198.51.100.10 - - " in log
    assert "192.168.122.110" not in log


def test_forwarding_survives_in_a_file(nat_host):
    assert nat_host.file("/etc/sysctl.d/99-zz-nat-host.conf").contains("net.ipv4.ip_forward = 1")
    assert nat_host.check_output("sysctl -n net.ipv4.ip_forward") == "1"


def test_proxy_refuses_a_backend_with_another_certificate(internet, proxy, jitsi):
    """Another key under the right name is what an attacker among the guests could show."""
    folder = "/etc/jitsi/meet"
    jitsi.run_expect([0], f"cp -a {folder}/jitsi.test.crt /root/own.crt && cp -a {folder}/jitsi.test.key /root/own.key")
    try:
        jitsi.run_expect(
            [0],
            "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=jitsi.test "
            "-addext subjectAltName=DNS:jitsi.test "
            f"-keyout {folder}/jitsi.test.key -out {folder}/jitsi.test.crt",
        )
        jitsi.run_expect([0], "systemctl reload nginx")
        refused = eventually(lambda: internet.curl("https://jitsi.test/config.js").status >= 500)
        assert refused, "the proxy took a certificate that is not the pinned one"
        assert "AH02039" in proxy.check_output("cat /var/log/apache2/error.log"), "refused, but not for the certificate"
    finally:
        for kind in ("crt", "key"):
            jitsi.run_expect([0], f"cp -a /root/own.{kind} {folder}/jitsi.test.{kind}")
        jitsi.run_expect([0], "systemctl reload nginx")
    assert eventually(lambda: internet.curl("https://jitsi.test/config.js").status == 200)


def test_proxy_verifies_backends(proxy):
    configuration = proxy.check_output("cat /etc/apache2/sites-enabled/*.conf /etc/apache2/conf-enabled/*.conf")
    assert "SSLProxyVerify require" in configuration
    assert "SSLProxyVerify none" not in configuration


def test_services_run_without_failures(jitsi, proxy):
    for name in ("nginx", "prosody", "jicofo", "jitsi-videobridge2"):
        assert jitsi.service(name).is_running, name
        assert jitsi.service(name).is_enabled, name
    assert proxy.service("apache2").is_running
    assert jitsi.check_output("systemctl show --property NRestarts --value jitsi-videobridge2") == "0"


def test_others_cannot_read_the_bridges_password(jitsi):
    files = jitsi.check_output("grep -rlE 'PASSWORD|SECRET' /etc/jitsi/videobridge /etc/jitsi/jicofo").split()
    assert files
    for name in files:
        assert jitsi.run(f"runuser -u nobody -- cat {name}").rc != 0, name
