"""Sites come, change, break and go, and clients on the Internet see nothing of it."""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path

import pytest
from machines import CERTIFICATES, eventually

TREE = Path(os.environ["JITSI_TREE"])
SCENARIO = TREE / "molecule" / "reverse_proxy"
FOLDER = "/tmp/onlooker"
SERVED = {
    "name": "other.test",
    "aliases": ["www.other.test"],
    "backend": "http://192.168.122.110:8080/",
    "websocket": True,
    "paths": [{"path": "/tunnel/", "backend": "http://192.168.122.110:8081/"}],
}
NEW = {"name": "jitsi.test", "backend": "http://192.168.122.110:8080/"}


def role(*sites, **variables):
    """Run the role on these sites; return its exit code and what it said, in one line."""
    environment = {**os.environ, "ANSIBLE_FORCE_COLOR": "false", "NO_COLOR": "1"}
    inventories = [f"--inventory={TREE}/inventory/lab", f"--inventory={SCENARIO}/inventory"]
    command = ["ansible-playbook", *inventories, str(SCENARIO / "converge.yml"), "--limit", "reverse_proxy"]
    command += ["--extra-vars", json.dumps({"reverse_proxy_sites": list(sites), **variables})]
    done = subprocess.run(command, env=environment, cwd=TREE, capture_output=True, text=True, check=False)
    return done.returncode, " ".join((done.stdout + done.stderr).split())


def changed(said):
    return bool(re.search(r"changed=[1-9]", said))


def files(proxy):
    """Every file and link of Apache and of the certificates."""
    command = "find /etc/apache2 /etc/ssl/selfhosted -type f -exec sha256sum {} + -o -type l -printf '%p %l\\n' | sort"
    return proxy.check_output(command)


@pytest.fixture
def onlooker(internet):
    """A client that looks on from now to the end of the test; gives what it saw."""
    place = internet.place
    place.run_expect([0], f"rm -rf {FOLDER} && mkdir {FOLDER}")
    start = f"python3 /srv/onlooker.py {CERTIFICATES} {FOLDER}"
    place.run_expect([0], f"nohup {start} > {FOLDER}/output 2>&1 < /dev/null & echo started")
    ready = eventually(lambda: place.file(f"{FOLDER}/ready").exists)
    assert ready, place.check_output(f"cat {FOLDER}/output")

    def stop():
        place.run_expect([0], f"touch {FOLDER}/stop")
        assert eventually(lambda: place.file(f"{FOLDER}/report").exists), place.check_output(f"cat {FOLDER}/output")
        return json.loads(place.check_output(f"cat {FOLDER}/report"))

    yield stop
    place.run_expect([0], f"touch {FOLDER}/stop")


def test_clients_see_nothing_of_sites_that_come_break_and_go(onlooker, internet, proxy):
    before = files(proxy)
    code, said = role(SERVED, NEW)
    assert code == 0, said
    assert proxy.file("/etc/apache2/sites-enabled/jitsi.test.conf").is_symlink
    with_both = files(proxy)
    code, said = role({**SERVED, "hsts": 300}, {**NEW, "extra_directives": "NoSuchDirective on"})
    assert code != 0
    assert "Invalid command 'NoSuchDirective'" in said
    assert "what was there before has been put back" in said
    assert files(proxy) == with_both
    code, said = role(SERVED, {"name": "jitsi.test", "state": "absent"})
    assert code == 0, said
    assert files(proxy) == before
    report = onlooker()
    assert report["failures"] == []
    assert report["count"] > 20


def test_site_that_is_not_listed_stays_until_it_is_purged(proxy):
    before = files(proxy)
    assert role(SERVED, NEW)[0] == 0
    with_both = files(proxy)
    code, said = role(SERVED)
    assert (code, changed(said)) == (0, False)
    assert files(proxy) == with_both
    assert role(SERVED, reverse_proxy_purge=True)[0] == 0
    assert files(proxy) == before


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
