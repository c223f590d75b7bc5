"""Sites come, change, break and go, and clients on the Internet see nothing of it."""

from __future__ import annotations

import json

import pytest
from machines import CERTIFICATES, eventually
from proxy_runs import NEW, SCENARIO, SERVED, files, role
from site_runs import changed


@pytest.fixture(scope="module")
def late_answer(internet):
    """A long poll of a minute, begun before the first change; gives what came of it, when it is there."""
    place, result = internet.place, "/tmp/late"
    words = f"curl --silent --max-time 90 --cacert {CERTIFICATES} https://other.test/tunnel/wait/60"
    place.run_expect(
        [0], f"rm -f {result}; nohup sh -c '{words} > {result}.new; mv {result}.new {result}' > /dev/null 2>&1 &"
    )

    def get():
        assert eventually(lambda: place.file(result).exists, 95)
        return place.check_output(f"cat {result}")

    return get


def test_clients_see_nothing_of_sites_that_come_break_and_go(onlooker, late_answer, internet, proxy):
    before = files(proxy)
    code, said = role(SERVED, NEW)
    assert code == 0, said
    assert proxy.file("/etc/apache2/sites-enabled/jitsi.test.conf").is_symlink
    with_both = files(proxy)
    code, said = role({**SERVED, "hsts": 300}, {**NEW, "extra_directives": "NoSuchDirective on"})
    assert code != 0
    assert "Invalid command 'NoSuchDirective'" in said
    assert "the earlier files are restored" in said
    assert files(proxy) == with_both
    code, said = role(SERVED, {"name": "jitsi.test", "state": "absent"})
    assert code == 0, said
    assert files(proxy) == before
    report = onlooker()
    assert report["failures"] == []
    assert report["count"] > 20


def test_site_that_is_not_listed_stays_until_it_is_purged(late_answer, proxy):
    """Nor does a client see anything of this whose answer has been on its way since before the first change."""
    before = files(proxy)
    assert role(SERVED, NEW)[0] == 0
    with_both = files(proxy)
    code, said = role(SERVED)
    assert (code, changed(said)) == (0, False)
    assert files(proxy) == with_both
    assert role(SERVED, reverse_proxy_purge=True)[0] == 0
    assert files(proxy) == before
    assert late_answer() == "late"


def test_browsers_get_http_2_and_modern_tls_alone(internet):
    answer = internet.curl("--http2", "--write-out", "%{http_version}", "https://other.test/")
    assert answer.body.endswith("2")
    assert answer.headers["server"] == "Apache"
    for version in ("1.0", "1.1"):
        words = f"curl --silent --cacert {CERTIFICATES} --tlsv{version} --tls-max {version} https://other.test/"
        assert internet.place.run(words).rc == 35, version


def test_forged_address_is_not_passed_on(internet):
    answer = internet.curl("--header", "X-Forwarded-For: 203.0.113.66", "https://other.test/")
    assert json.loads(answer.body)["headers"]["x-forwarded-for"] == "198.51.100.20"


def test_what_somebody_else_serves_is_as_it_was(internet, proxy):
    own = (SCENARIO / "files" / "wiki.conf").read_text()
    assert proxy.file("/etc/apache2/sites-available/wiki.conf").content_string == own
    for name in ("wiki.test", "www.wiki.test"):
        answer = internet.curl("--resolve", f"{name}:80:198.51.100.10", f"http://{name}/")
        assert (answer.status, answer.body) == (200, "Somebody's wiki")
    # The site that Debian brings still answers for names that nobody claims.
    answer = internet.curl("--resolve", "unknown.test:80:198.51.100.10", "http://unknown.test/")
    assert answer.status == 200
    assert "Apache2 Debian Default Page" in answer.body
