# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""The vhosts of apache_sites, judged by a real Apache in a network of its own, with real clients and backends."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path

import pytest
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.apache.pins import NOTE
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.apache.request import SiteError, parse_sites
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.apache.vhost import Settings
from ansible_collections.selfhosted.jitsi.plugins.module_utils._shell.apache.sites import carry_out, look
from ansible_collections.selfhosted.jitsi.plugins.module_utils._shell.commands import CommandError, run
from ansible_collections.selfhosted.jitsi.plugins.plugin_utils._check.backends import judge_backend, read_vhosts

PROGRAM = shutil.which("apache2", path=f"{os.environ['PATH']}:/usr/sbin")
MODULES = Path("/usr/lib/apache2/modules")
NEEDED = {"ssl": "setenvif mime socache_shmcb", "proxy_http": "proxy", "http2": "", "proxy_wstunnel": "proxy"}
BASE = ("mpm_event", "authn_core", "authz_core")
BACKEND = Path(__file__).parent / "backend.py"
#: Debian's own settings of mpm_event.
STOCK_EVENT = (
    "StartServers 2\nMinSpareThreads 25\nMaxSpareThreads 75\nThreadLimit 64\nThreadsPerChild 25\n"
    "MaxRequestWorkers 150\nMaxConnectionsPerChild 0\n"
)

pytestmark = pytest.mark.skipif(
    not PROGRAM or not shutil.which("curl"), reason="Apache or curl is not installed; install apache2-bin and curl"
)


class Apache:
    """An Apache with Debian's folders, which listens on the ports 80 and 443 of a network of its own."""

    def __init__(self, folder):
        self.folder = folder
        self.configuration = folder / "apache2"
        self.settings = Settings(
            certificate_directory=str(folder / "ssl"),
            backend_directory=str(self.configuration / "backends"),
            acme_webroot=str(folder / "acme"),
            log_directory=str(folder),
            version=(2, 4, 62),
        )
        self.network = subprocess.Popen(
            ["unshare", "--net", "sh", "-c", "ip link set lo up && echo ready; exec sleep 600"], stdout=subprocess.PIPE
        )
        self.ready = self.network.stdout.readline() == b"ready\n"
        self.backends = []
        self.processes = []
        self._write_configuration()

    def _write_configuration(self):
        for kind in ("sites", "mods", "conf"):
            (self.configuration / f"{kind}-available").mkdir(parents=True)
            (self.configuration / f"{kind}-enabled").mkdir()
        available = self.configuration / "mods-available"
        for path in MODULES.glob("mod_*.so"):
            name = path.stem[len("mod_") :]
            depends = f"# Depends: {NEEDED[name]}\n" if NEEDED.get(name) else ""
            (available / f"{name}.load").write_text(f"{depends}LoadModule {name}_module {path}\n")
        for name in BASE:
            (self.configuration / "mods-enabled" / f"{name}.load").symlink_to(f"../mods-available/{name}.load")
        (self.configuration / "mime.types").write_text("text/html html\n")
        (available / "mime.conf").write_text("TypesConfig mime.types\n")
        (self.configuration / "apache2.conf").write_text(
            f"ServerName proxy.test\nPidFile {self.folder}/pid\nErrorLog {self.folder}/error.log\nLogLevel info\n"
            f"DefaultRuntimeDir {self.folder}\nUser daemon\nGroup daemon\n"
            "IncludeOptional mods-enabled/*.load\nIncludeOptional mods-enabled/*.conf\n"
            "Listen 80\nListen 443\nIncludeOptional conf-enabled/*.conf\nIncludeOptional sites-enabled/*.conf\n"
        )
        (self.configuration / "mods-enabled" / "mpm_event.conf").write_text(STOCK_EVENT)

    def inside(self, *argv):
        return ["nsenter", f"--net=/proc/{self.network.pid}/ns/net", *argv]

    def run(self, argv, stdin=""):
        """The Runner that the shell wants: apachectl without Debian's environment."""
        if argv[0] == "apachectl":
            return run(self.inside(*self.command(*(["-t"] if argv[1:] == ["configtest"] else argv[1:]))), stdin)
        return run(argv, stdin)

    def command(self, *words):
        return [PROGRAM, "-d", str(self.configuration), "-f", "apache2.conf", *words]

    def look(self, *sites, purge=False):
        return look(parse_sites(sites), self.settings, str(self.configuration), purge, "proxy", self.run)

    def apply(self, *sites, purge=False):
        """Write the sites, and say whether anything changed."""
        work = self.look(*sites, purge=purge)
        carry_out(work, self.settings, self.run)
        return work.changed

    def start(self):
        """Start, or reload where it runs, until what is written answers."""
        pid = self.folder / "pid"
        log = self.folder / "error.log"
        before = log.read_text().count("resuming normal operations") if log.exists() else 0
        if pid.exists():
            os.kill(int(pid.read_text()), signal.SIGUSR1)
        else:
            subprocess.run(self.inside(*self.command("-k", "start")), check=True)
        deadline = time.monotonic() + 30
        while not log.exists() or log.read_text().count("resuming normal operations") == before:
            assert time.monotonic() < deadline, log.read_text() if log.exists() else "no log"
            time.sleep(0.05)

    def backend(self, port, certificate=None):
        """Start a service that says what it was asked; it ends with this Apache."""
        words = ["python3", str(BACKEND), str(port), *(certificate or ())]
        process = subprocess.Popen(self.inside(*words), stdout=subprocess.PIPE)
        self.backends.append(process)
        assert process.stdout.readline() == b"ready\n"
        return process

    def curl(self, url, *words):
        """Ask from a client that knows the certificates of ours: status, headers and body."""
        name = re.match(r"https?://([^/]+)", url)[1]
        authorities = self.folder / "authorities.pem"
        authorities.write_text("".join(path.read_text() for path in (self.folder / "ssl").glob("*.crt")))
        command = ["curl", "--silent", "--show-error", "--max-time", "60", "--cacert", str(authorities), "--include"]
        command += ["--resolve", f"{name}:80:127.0.0.1", "--resolve", f"{name}:443:127.0.0.1", *words, url]
        done = subprocess.run(self.inside(*command), capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        head, body = done.stdout.replace("\r\n", "\n").split("\n\n", 1)
        first, *lines = head.split("\n")
        headers = dict(line.lower().split(": ", 1) for line in lines)
        return first.split()[0], int(first.split()[1]), headers, body

    def question(self, backend):
        """Ask a backend as the check does, and return what openssl said."""
        argv = ["openssl", "s_client", "-connect", backend.address, "-servername", backend.name]
        argv += ["-verify_hostname", backend.name, "-CAfile", backend.authority, "-no-CApath"]
        done = subprocess.run(
            self.inside(*argv), stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, timeout=30
        )
        return done.stdout + done.stderr

    def snapshot(self):
        """Every file and link, with its content."""
        found = {}
        for folder in (self.configuration, self.folder / "ssl"):
            for path in sorted(folder.rglob("*")):
                if path.is_symlink():
                    found[str(path)] = os.readlink(path)
                elif path.is_file():
                    found[str(path)] = path.read_bytes(), path.stat().st_mode
        return found

    def close(self):
        pid = self.folder / "pid"
        if pid.exists():
            os.kill(int(pid.read_text()), signal.SIGTERM)
        for process in (*self.backends, *self.processes, self.network):
            process.kill()
            process.wait()
            if process.stdout:
                process.stdout.close()


@pytest.fixture
def apache(tmp_path):
    server = Apache(tmp_path)
    try:
        if not server.ready:
            pytest.skip("no network namespace can be made here: run the tests as root")
        yield server
    finally:
        server.close()


def certificate_of(folder, name, days=30):
    """Make a key and a certificate; return their paths."""
    certificate, key = (str(folder / f"{name}-{days}.{kind}") for kind in ("crt", "key"))
    request = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", f"/CN={name}"]
    request += ["-addext", f"subjectAltName=DNS:{name}", "-days", str(days), "-keyout", key, "-out", certificate]
    subprocess.run(request, check=True, capture_output=True)
    return [certificate, key]


def expired_certificate_of(folder, name):
    """Make a key and a certificate whose time is over; return their paths."""
    certificate, key = certificate_of(folder, name)
    expired = str(folder / "expired.crt")
    sign = ["openssl", "x509", "-in", certificate, "-signkey", key, "-out", expired]
    # OpenSSL 3.5 refuses negative days, and earlier ones know no dates.
    dates = ("-days", "-1"), ("-not_before", "20200101000000Z", "-not_after", "20210101000000Z")
    codes = [subprocess.run([*sign, *words], capture_output=True, check=False).returncode for words in dates]
    assert 0 in codes
    return [expired, key]


A = {"name": "a.test", "backend": "http://127.0.0.1:8001/"}
EVERY_FORM = [
    {**A, "aliases": ["www.a.test", "old.a.test"], "websocket": True, "hsts": 63072000, "timeout": 3},
    {
        "name": "b.test",
        "aliases": ["www.b.test"],
        "redirect_aliases": False,
        "paths": [
            {"path": "/jenkins/", "backend": "http://127.0.0.1:8001/j/", "timeout": 5},
            {"path": "/jenkins/deep/", "backend": "http://127.0.0.1:8001/deep/", "websocket": True},
            {"path": "/exact", "backend": "http://127.0.0.1:8001/exactly"},
        ],
        "request_headers": {"X-Tenant": 'a "b" \\ 100% %{x}s', "Cookie": None},
        "response_headers": {"X-Frame-Options": "DENY", "X-Powered-By": None},
    },
    {
        "name": "c.test",
        "backend": "https://127.0.0.1:8443/",
        "backend_unverified_and_open_to_impostors": True,
        "extra_directives": "<Location /private/>\n  Require all denied\n</Location>",
    },
    {"name": "d.test", "backend": "https://127.0.0.1:8443/", "preserve_host": False},
]


def test_apache_accepts_every_form_and_a_second_run_changes_nothing(apache):
    assert apache.apply(*EVERY_FORM)
    before = apache.snapshot()
    assert not apache.apply(*EVERY_FORM)
    assert apache.snapshot() == before


def test_apache_of_before_2_4_47_gets_websockets_of_mod_proxy_wstunnel(apache):
    apache.settings = Settings(**{**vars(apache.settings), "version": (2, 4, 38)})
    assert apache.apply(*EVERY_FORM)
    text = (apache.configuration / "sites-available" / "a.test.conf").read_text()
    assert "upgrade=websocket" not in text
    assert 'RewriteRule "^/(.*)$" "ws://127.0.0.1:8001/$1" [P]' in text
    assert (apache.configuration / "mods-enabled" / "proxy_wstunnel.load").is_symlink()


def test_requests_reach_the_backend_as_they_should(apache):
    apache.backend(8001)
    apache.apply(*EVERY_FORM)
    apache.start()
    forged = ("--header", "X-Forwarded-For: 203.0.113.66", "--header", "X-Real-IP: 203.0.113.66")
    version, status, headers, body = apache.curl("https://a.test/x/y?q=1&r=%20", "--http2", *forged)
    seen = json.loads(body)
    assert (version, status) == ("HTTP/2", 200)
    assert (seen["path"], seen["headers"]["host"]) == ("/x/y?q=1&r=%20", "a.test")
    assert seen["headers"]["x-forwarded-for"] == "127.0.0.1"
    assert seen["headers"]["x-forwarded-proto"] == "https"
    assert "x-real-ip" not in seen["headers"]
    assert headers["strict-transport-security"] == "max-age=63072000"
    assert headers["server"] == "apache"


CLIENT_HEADERS = [
    "X-Forwarded-For",
    "X_Forwarded_For",
    "X-Forwarded_For",
    "X-Forwarded-Port",
    "X-Forwarded-Prefix",
    "X-Forwarded_Proto",
    "X-Client-IP",
    "x_client-ip",
    "Client_IP",
    "Forwarded",
]


def test_nothing_that_a_client_claims_of_itself_reaches_a_backend(apache):
    apache.backend(8001)
    apache.apply(A)
    apache.start()
    said = [word for name in CLIENT_HEADERS for word in ("--header", f"{name}: 203.0.113.66")]
    seen = json.loads(apache.curl("https://a.test/", *said, "--header", "X_Tenant: mine")[3])["headers"]
    assert [name for name, value in seen.items() if "203.0.113.66" in value] == []
    assert (seen["x-forwarded-for"], seen["x_tenant"]) == ("127.0.0.1", "mine")


@pytest.mark.parametrize(
    "listed",
    [
        "X-Forwarded-Proto, Authorization",
        "close, x-tenant,X-Forwarded-For",
        "Upgrade, X-Forwarded-Host",
        ",X-Forwarded-Proto",
    ],
)
def test_client_cannot_have_the_proxy_leave_headers_out(apache, listed):
    apache.backend(8001)
    apache.apply({**A, "websocket": True, "request_headers": {"X-Tenant": "mine"}})
    apache.start()
    said = ["--http1.1", "--header", f"Connection: {listed}", "--user", "ada:x"]
    seen = json.loads(apache.curl("https://a.test/", *said)[3])["headers"]
    found = {name: seen.get(name, "") for name in ("x-forwarded-proto", "x-tenant", "x-forwarded-host")}
    assert found == {"x-forwarded-proto": "https", "x-tenant": "mine", "x-forwarded-host": "a.test"}
    assert seen["x-forwarded-for"] == "127.0.0.1"
    assert seen["authorization"].startswith("Basic ")


@pytest.mark.parametrize("listed", ["Upgrade", "keep-alive, Upgrade", "Upgrade, X-Forwarded-Proto"])
def test_upgrade_still_reaches_the_backend(apache, listed):
    apache.backend(8001)
    apache.apply({**A, "websocket": True})
    apache.start()
    said = ["--http1.1", "--header", f"Connection: {listed}", "--header", "Upgrade: websocket"]
    seen = json.loads(apache.curl("https://a.test/", *said)[3])["headers"]
    assert (seen["upgrade"], seen["connection"], seen["x-forwarded-proto"]) == ("websocket", "Upgrade", "https")


def test_client_that_wants_to_close_is_let_go(apache):
    apache.backend(8001)
    apache.apply(A)
    apache.start()
    assert apache.curl("https://a.test/", "--http1.1", "--header", "Connection: close")[2]["connection"] == "close"


#: How much of the address of a client is logged, and what is found then.
LOGGED = {"full": "127.0.0.1", "truncated": "127.0.0.0", "none": "-"}


@pytest.mark.parametrize("addresses", LOGGED)
def test_logs_hold_no_token_and_only_as_much_of_addresses_as_is_wanted(apache, addresses):
    apache.settings = Settings(**{**vars(apache.settings), "log_addresses": addresses})
    apache.backend(8001)
    site = {**A, "aliases": ["www.a.test"], "paths": [{"path": "/dead/", "backend": "http://127.0.0.1:9/"}]}
    apache.apply(site)
    apache.start()
    words = ("--referer", "https://a.test/room?x=1&JWT=hush&y=2#z")
    for url in (
        "https://a.test/room?jwt=hush",
        "https://a.test/xmpp-websocket?room=a&token=hush&b=2",
        "https://a.test/dead/?Token=hush",
        "http://a.test/room?jwt=hush",
        "https://www.a.test/room?a;jwt=hush",
        "https://a.test/plain?a=1",
    ):
        answer = apache.curl(url, *words)
    assert json.loads(answer[3])["headers"]["referer"] == "https://a.test/room?x=1&JWT=********&y=2#z"
    access = wait_for_lines(apache.folder / "other_vhosts_access.log", 6)
    assert not [line for line in access if "hush" in line]
    assert '"GET /plain?a=1 HTTP/' in access[-1]
    assert '"GET /room?******** HTTP/' in access[0]
    assert access[0].startswith(f"a.test:443 {LOGGED[addresses]} - - [")
    assert ' "https://a.test/room?x=1&JWT=********&y=2#z" "' in access[0]
    lines = (apache.folder / "error.log").read_text().splitlines()
    errors = [line for line in lines if "proxy:error" in line or "proxy_http:error" in line]
    assert errors
    assert not [line for line in errors if "hush" in line]
    if addresses != "full":
        assert not [line for line in [*access, *errors] if "client 127.0.0.1" in line or " 127.0.0.1 " in line]


def wait_for_lines(path, count):
    """The lines of a log; a request is logged when its answer has gone."""
    deadline = time.monotonic() + 10
    while len(lines := path.read_text().splitlines()) < count:
        assert time.monotonic() < deadline, lines
        time.sleep(0.05)
    return lines


@pytest.mark.parametrize(
    ("path", "expected"),
    [("/jenkins/a?b", "/j/a?b"), ("/jenkins/deep/x", "/deep/x"), ("/exact", "/exactly"), ("/other", 404), ("/", 404)],
)
def test_each_path_has_its_backend(apache, path, expected):
    apache.backend(8001)
    apache.apply(*EVERY_FORM)
    apache.start()
    _version, status, headers, body = apache.curl(f"https://b.test{path}", "--cookie", "secret=1")
    if expected == 404:
        assert status == 404
        return
    seen = json.loads(body)
    assert (status, seen["path"]) == (200, expected)
    assert seen["headers"]["x-tenant"] == 'a "b" \\ 100% %{x}s'
    assert "cookie" not in seen["headers"]
    assert headers["x-frame-options"] == "deny"
    assert "x-powered-by" not in headers


def test_each_path_of_one_backend_has_its_own_settings(apache):
    """Apache has one worker for both, with the settings of whichever comes first, unless each has its own before."""
    apache.backend(8001)
    root = {"path": "/jenkins/", "backend": "http://127.0.0.1:8001/", "timeout": 1}
    deep = {"path": "/ws/", "backend": "http://127.0.0.1:8001/ws/", "websocket": True, "timeout": 9}
    apache.apply({"name": "a.test", "paths": [root, deep]})
    apache.start()
    upgrade = ("--http1.1", "--header", "Connection: Upgrade", "--header", "Upgrade: websocket")
    asked = {path: json.loads(apache.curl(f"https://a.test{path}x", *upgrade)[3]) for path in ("/jenkins/", "/ws/")}
    assert [seen["path"] for seen in asked.values()] == ["/x", "/ws/x"]
    assert ["upgrade" in seen["headers"] for seen in asked.values()] == [False, True]
    assert apache.curl("https://a.test/jenkins/wait/2")[1] == 502
    with pytest.raises(
        SiteError, match=r"paths.1.: 'http://127[.]0[.]0[.]1:8001/' has another websocket or timeout in"
    ):
        apache.look({"name": "a.test", "paths": [root, {**root, "path": "/b/", "timeout": 2}]})


def test_names_are_redirected_or_served(apache):
    apache.backend(8001)
    apache.apply(*EVERY_FORM)
    apache.start()
    for url, target in {
        "http://a.test/Room?x=1": "https://a.test/room?x=1",
        "http://www.a.test/Room?x=1": "https://a.test/room?x=1",
        "https://old.a.test/p?x=1": "https://a.test/p?x=1",
        "http://www.b.test/p?x=1": "https://www.b.test/p?x=1",
    }.items():
        _version, status, headers, _body = apache.curl(url)
        assert (status, headers["location"]) == (301, target)
    assert json.loads(apache.curl("https://www.b.test/exact")[3])["headers"]["host"] == "www.b.test"


#: What would mean something else behind the redirect if it were decoded, and what is the same in both forms.
PATHS = {
    "/x%3fy=1": "/x%3fy=1",
    "/x%3Fy=1?z=%3f": "/x%3fy=1?z=%3f",
    "/x%23y": "/x%23y",
    "/x%3f%23%25": "/x%3f%23%25",
    "/%3f": "/%3f",
    "/a%20b%22c%25": "/a%20b%22c%25",
    "/x%0ay?z": "/x%0ay?z",
    "/x%0a": "/x%0a",
    "/%0a/x%3fy": "/%0a/x%3fy",
    "//evil.test/%3f": "/evil.test/%3f",
    "/.well-known%3f/acme-challenge/x": "/.well-known%3f/acme-challenge/x",
    f"/{'r' * 300}%3f": f"/{'r' * 300}%3f",
}


def test_redirects_keep_the_path_encoded(apache):
    apache.apply({**A, "aliases": ["www.a.test"]})
    apache.start()
    for scheme in ("http", "https"):
        answers = {path: apache.curl(f"{scheme}://www.a.test{path}", "--path-as-is") for path in PATHS}
        found = {path: headers.get("location") for path, (_version, _status, headers, _body) in answers.items()}
        assert found == {path: f"https://a.test{expected}" for path, expected in PATHS.items()}
        assert {status for _version, status, _headers, _body in answers.values()} == {301}


def test_encoded_challenges_are_not_redirected(apache):
    apache.apply(A)
    apache.start()
    for path in ("/.well-known/acme-challenge/a%3fb", "/.well-known/acme-challenge/%23"):
        _version, status, headers, _body = apache.curl(f"http://a.test{path}")
        assert status >= 400
        assert "location" not in headers


def test_uploads_of_100_megabytes_and_slow_answers_pass(apache):
    apache.backend(8001)
    apache.apply({**A, "timeout": 3})
    apache.start()
    big = apache.folder / "big"
    with big.open("wb") as file:
        file.truncate(100_000_000)
    _version, status, _headers, body = apache.curl("https://a.test/upload", "--http2", "--upload-file", str(big))
    assert (status, json.loads(body)["length"]) == (200, 100_000_000)
    # A long poll ends before the timeout, and what exceeds it fails: the setting counts.
    assert apache.curl("https://a.test/wait/2")[1] == 200
    assert apache.curl("https://a.test/wait/5")[1] >= 500


IMPOSTORS = {
    "right certificate": ("right", 200, "a certificate for a.test"),
    "another key under the right name": ("other", 500, "self-signed certificate"),
    "expired": ("expired", 500, "certificate has expired"),
    "another name": ("name", 500, "hostname mismatch"),
    "plain http on the port": ("plain", 500, "no https"),
}


@pytest.mark.parametrize("case", IMPOSTORS)
def test_backend_must_prove_who_it_is(apache, tmp_path, case):
    kind, expected, found = IMPOSTORS[case]
    made = {
        "right": lambda: certificate_of(tmp_path, "a.test"),
        "other": lambda: certificate_of(tmp_path, "a.test", 31),
        "expired": lambda: expired_certificate_of(tmp_path, "a.test"),
        "name": lambda: certificate_of(tmp_path, "b.test"),
        "plain": lambda: None,
    }[kind]()
    # The expired certificate and that of another name are pinned themselves: only what is wrong about them counts.
    pinned = made if kind in ("right", "expired", "name") else certificate_of(tmp_path, "a.test")
    apache.backend(8443, made)
    apache.apply({"name": "a.test", "backend": "https://127.0.0.1:8443/", "backend_ca": Path(pinned[0]).read_text()})
    apache.start()
    status = apache.curl("https://a.test/")[1]
    assert status == 200 if expected == 200 else status >= 500
    (backend,) = read_vhosts((apache.configuration / "sites-enabled" / "a.test.conf").read_text())
    verdict = judge_backend(backend, apache.question(backend))
    assert verdict.ok == (expected == 200)
    assert found in verdict.found


def test_changed_backend_certificate_is_pinned_by_the_next_run(apache, tmp_path):
    first, second = (Path(certificate_of(tmp_path, "a.test", days)[0]).read_text() for days in (10, 20))
    site = {"name": "a.test", "backend": "https://127.0.0.1:8443/"}
    apache.apply({**site, "backend_ca": first})
    work = apache.look({**site, "backend_ca": second})
    path = str(apache.configuration / "backends" / "a.test.pem")
    changed = [each for each in work.files.after if work.files.after[each] != work.files.before[each]]
    assert changed == [path]
    assert (work.files.before[path].text, work.files.after[path].text) == (NOTE + first, NOTE + second)


BROKEN = {**A, "extra_directives": "NoSuchDirective on"}


@pytest.mark.parametrize("first", [[], [A], EVERY_FORM])
def test_broken_directives_leave_everything_as_it_was(apache, first):
    if first:
        apache.apply(*first)
    before = apache.snapshot()
    new = {"name": "new.test", "backend": "https://127.0.0.1:8443/"}
    with pytest.raises(CommandError, match="Invalid command 'NoSuchDirective'") as refused:
        apache.apply(new, BROKEN)
    assert "the earlier files are restored" in str(refused.value)
    assert "rejects the earlier files" not in str(refused.value)
    assert apache.snapshot() == before


def test_what_was_broken_before_is_told_apart(apache):
    apache.apply(A)
    (apache.configuration / "sites-enabled" / "theirs.conf").write_text("NobodyKnowsThis on\n")
    before = apache.snapshot()
    with pytest.raises(CommandError, match="Apache rejects the earlier files, too"):
        apache.apply({**A, "timeout": 9})
    assert apache.snapshot() == before


def provided(certificate, key):
    return {**A, "certificate": "provided", "certificate_file": certificate, "certificate_key_file": key}


def test_certificate_with_another_key_is_refused_although_apache_accepts_the_files(apache, tmp_path):
    """Apache's test reads no keys, and with such a pair a reload ends it with everybody's sites."""
    certificate, key = certificate_of(tmp_path, "a.test")
    apache.backend(8001)
    apache.apply(provided(certificate, key))
    apache.start()
    before = apache.snapshot()
    shutil.copy(certificate_of(tmp_path, "other.test")[1], key)
    assert apache.run(["apachectl", "configtest"])[0] == 0
    with pytest.raises(SiteError, match=r"certificate \S+ and key \S+ do not match .*mismatch.*; Apache would stop"):
        apache.apply({**provided(certificate, key), "timeout": 9})
    assert apache.snapshot() == before
    # What was there before the key changed is refused too: the next reload would be the end.
    with pytest.raises(SiteError, match="Give a certificate and its own key"):
        apache.look(provided(certificate, key))


@pytest.mark.parametrize("option", ["backend_ca", "backend_ca_file"])
def test_backend_certificates_that_cannot_be_read_are_refused_although_apache_accepts_them(apache, tmp_path, option):
    good = Path(certificate_of(tmp_path, "a.test")[0]).read_text()
    lines = good.splitlines(keepends=True)
    broken = "".join([lines[0], "A" * 64 + "\n", *lines[2:]])
    file = tmp_path / "authorities.pem"
    file.write_text(good)
    site = {"name": "a.test", "backend": "https://127.0.0.1:8443/"}
    commented = f"# f\xfcr das Werk\n{good}"
    assert apache.apply({**site, option: str(file) if option == "backend_ca_file" else commented})
    before = apache.snapshot()
    file.write_text(broken)
    if option == "backend_ca_file":
        assert apache.run(["apachectl", "configtest"])[0] == 0
    with pytest.raises(SiteError, match=f"a[.]test'].{option}: .* contains no valid certificates"):
        apache.apply({**site, option: str(file) if option == "backend_ca_file" else broken})
    assert apache.snapshot() == before


def test_key_with_a_passphrase_is_left_to_apache(apache, tmp_path):
    certificate, key = certificate_of(tmp_path, "a.test")
    locked = str(tmp_path / "locked.key")
    seal = ["openssl", "pkey", "-in", key, "-aes256", "-passout", "pass:secret", "-out", locked]
    subprocess.run(seal, check=True, capture_output=True)
    assert apache.apply(provided(certificate, locked))


def test_failed_openssl_leaves_everything_as_it_was(apache):
    apache.apply(A)
    before = apache.snapshot()
    real = apache.run
    apache.run = lambda argv, stdin: (1, "", "no") if argv[:2] == ["openssl", "req"] else real(argv, stdin)
    with pytest.raises(CommandError, match=r"create a certificate for a[.]test"):
        apache.apply({**A, "aliases": ["www.a.test"]})
    assert apache.snapshot() == before


@pytest.mark.parametrize("way", ["absent", "purge"])
def test_removed_site_leaves_nothing(apache, way):
    apache.apply(A)
    before = apache.snapshot()
    gone = {"name": "gone.test", "backend": "https://127.0.0.1:8443/"}
    apache.apply(A, {**gone, "backend_ca": Path(certificate_of(apache.folder, "gone.test")[0]).read_text()})
    assert not apache.apply(A)
    if way == "absent":
        assert apache.apply({"name": "gone.test", "state": "absent"})
        assert not apache.apply({"name": "gone.test", "state": "absent"})
    else:
        assert apache.apply(A, purge=True)
        assert not apache.apply(A, purge=True)
    assert apache.snapshot() == before


def test_vhosts_of_others_stay_and_their_names_are_refused(apache):
    theirs = apache.configuration / "sites-available" / "theirs.conf"
    theirs.write_text("<VirtualHost *:443>\n  serveralias x.test A.test:443\n</VirtualHost>\n")
    apache.apply(A, purge=True)
    assert theirs.exists()
    (apache.configuration / "sites-enabled" / "theirs.conf").symlink_to("../sites-available/theirs.conf")
    with pytest.raises(SiteError, match=r"theirs[.]conf .line 1: A.test:443. on proxy already uses one of these names"):
        apache.apply(A)
    assert apache.apply({"name": "b.test", "backend": "http://127.0.0.1:8001/"}, purge=True)
    assert theirs.exists()


def test_file_of_somebody_else_is_not_taken_away(apache):
    theirs = apache.configuration / "sites-available" / "theirs.test.conf"
    theirs.write_text("# by hand\n")
    assert not apache.apply({"name": "theirs.test", "state": "absent"})
    with pytest.raises(SiteError, match=r"theirs[.]test[.]conf on proxy"):
        apache.apply({"name": "theirs.test", "backend": "http://127.0.0.1:8001/"})
    assert theirs.read_text() == "# by hand\n"


def test_enabled_file_of_somebody_else_is_not_replaced(apache):
    theirs = apache.configuration / "sites-enabled" / "theirs.test.conf"
    theirs.parent.mkdir(exist_ok=True)
    theirs.write_text("# Use VHost theirs.test\n")
    with pytest.raises(SiteError, match=r"theirs[.]test[.]conf on proxy"):
        apache.apply({"name": "theirs.test", "backend": "http://127.0.0.1:8001/"})
    assert theirs.read_text() == "# Use VHost theirs.test\n"


@pytest.mark.parametrize("way", ["absent", "purge"])
def test_backend_certificates_of_the_administrator_in_our_folder_stay_when_the_site_goes(apache, tmp_path, way):
    folder = apache.configuration / "backends"
    folder.mkdir()
    own = shutil.copy(certificate_of(tmp_path, "a.test")[0], folder / "a.test.pem")
    another = shutil.copy(own, folder / "ours.pem")
    site = {"name": "a.test", "backend": "https://127.0.0.1:8443/"}
    for file in (own, another, f"{folder}/../backends/a.test.pem"):
        apache.apply({**site, "backend_ca_file": str(file)})
        assert own.exists()
    assert apache.apply(*([{"name": "a.test", "state": "absent"}] if way == "absent" else []), purge=way == "purge")
    assert own.exists()
    assert another.exists()


def test_backend_certificates_that_a_vhost_of_others_names_stay(apache, tmp_path):
    pem = Path(certificate_of(tmp_path, "a.test")[0]).read_text()
    apache.apply(A, {"name": "b.test", "backend": "https://127.0.0.1:8443/", "backend_ca": pem})
    pin = apache.configuration / "backends" / "b.test.pem"
    theirs = apache.configuration / "sites-enabled" / "theirs.conf"
    theirs.write_text(
        "<VirtualHost *:443>\n  ServerName theirs.test\n"
        f"  SSLProxyEngine on\n  SSLProxyCACertificateFile {pin}\n</VirtualHost>\n"
    )
    assert apache.apply({"name": "b.test", "state": "absent"})
    assert pin.exists()
    theirs.unlink()
    assert apache.apply({"name": "b.test", "state": "absent"})
    assert not pin.exists()


def test_provided_files_in_our_folder_stay_when_the_site_goes(apache, tmp_path):
    folder = apache.folder / "ssl"
    folder.mkdir()
    files = [shutil.copy(path, folder / f"a.test.{path[-3:]}") for path in certificate_of(tmp_path, "a.test")]
    apache.apply(provided(*map(str, files)))
    assert apache.apply({"name": "a.test", "state": "absent"})
    assert all(path.exists() for path in files)


@pytest.mark.parametrize("way", ["listed as absent", "not listed"])
def test_site_becomes_the_alias_of_another(apache, way):
    """Of two files that answer for a name Apache would take the first by the alphabet."""
    apache.backend(8001)
    apache.apply(A)
    new = {"name": "b.test", "aliases": ["a.test"], "backend": "http://127.0.0.1:8001/"}
    absent = [{"name": "a.test", "state": "absent"}] if way == "listed as absent" else []
    assert apache.apply(new, *absent)
    apache.start()
    _version, status, headers, _body = apache.curl("https://a.test/x", "--insecure")
    assert (status, headers["location"]) == (301, "https://b.test/x")
    assert not apache.apply(new, *absent)


def test_key_of_somebody_else_in_our_folder_stays_when_the_site_goes(apache, tmp_path):
    folder = apache.folder / "ssl"
    folder.mkdir()
    certificate, key = certificate_of(tmp_path, "a.test")
    files = [shutil.copy(certificate, folder / "a.test.pem"), shutil.copy(key, folder / "a.test.key")]
    apache.apply(provided(*map(str, files)))
    assert apache.apply({"name": "a.test", "state": "absent"})
    assert all(path.exists() for path in files)


def test_certificate_of_somebody_else_is_not_written_over(apache, tmp_path):
    """It has another name, so it cannot serve; a key without a certificate is set aside."""
    folder = apache.folder / "ssl"
    folder.mkdir()
    certificate, key = certificate_of(tmp_path, "bought.test")
    shutil.copy(key, folder / "a.test.key")
    shutil.copy(certificate, folder / "a.test.crt")
    before = apache.snapshot()
    with pytest.raises(CommandError, match=r"a[.]test[.]crt is not of this module, .* set certificate: provided"):
        apache.apply(A)
    assert apache.snapshot() == before
    (folder / "a.test.crt").unlink()
    assert apache.apply(A)
    assert (folder / "a.test.key.old").read_text() == Path(key).read_text()


def test_rest_of_a_removal_that_was_cut_off_goes(apache):
    """It was ended between the vhosts and the certificates."""
    apache.apply(A)
    folder = apache.folder / "ssl"
    kept = {path: path.read_bytes() for path in folder.iterdir()}
    gone = {"name": "a.test", "state": "absent"}
    assert apache.apply(gone)
    for path, content in kept.items():
        path.write_bytes(content)
    assert apache.apply(gone)
    assert list(folder.iterdir()) == []
    assert not apache.apply(gone)


def test_modules_as_the_administrator_has_enabled_them_stay(apache):
    """a2enmod does not touch them either: a file in place of the link, and a link that leads elsewhere."""
    available, enabled = (apache.configuration / f"mods-{kind}" for kind in ("available", "enabled"))
    (available / "proxy.conf").write_text("# Debian's\n")
    (enabled / "proxy.conf").write_text("ProxyTimeout 7\n")
    elsewhere = apache.configuration / "ssl.load"
    elsewhere.write_text((available / "ssl.load").read_text())
    (enabled / "ssl.load").symlink_to("../ssl.load")
    apache.apply(A)
    assert (enabled / "proxy.conf").read_text() == "ProxyTimeout 7\n"
    assert os.readlink(enabled / "ssl.load") == "../ssl.load"
    assert not apache.apply(A)


def test_port_that_another_process_has_is_refused(apache):
    """Apache tests its configuration without it, and would end at its reload with everybody's sites."""
    main = apache.configuration / "apache2.conf"
    main.write_text(main.read_text().replace("Listen 443\n", "<IfModule ssl_module>\nListen 443\n</IfModule>\n"))
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        # The test itself is outside of Apache's network, so another port stands for 443.
        port = other.getsockname()[1]
        main.write_text(main.read_text().replace("Listen 443", f"Listen {port}"))
        before = apache.snapshot()
        refused = f"Apache would listen on tcp/{port} from now on, which another process"
        with pytest.raises(CommandError, match=refused) as done:
            apache.apply(A)
        assert "The earlier files are restored" in str(done.value)
        assert apache.snapshot() == before
        # A check says the same, and has nothing to restore.
        with pytest.raises(CommandError, match=refused) as said:
            apache.look(A).foresee()
        assert "restored" not in str(said.value)
        assert apache.snapshot() == before
        # That one has another address.
        main.write_text(main.read_text().replace(f"Listen {port}", f"Listen 127.0.0.2:{port}"))
        apache.look(A).foresee()
        assert apache.apply(A)
        apache.look(A).foresee()


def test_sites_of_others_get_no_http_2_with_ours(apache):
    """Debian's settings of the module would switch it on for the whole server, without TLS too."""
    (apache.configuration / "mods-available" / "http2.conf").write_text("Protocols h2 h2c http/1.1\n")
    theirs = f"<VirtualHost *:80>\n  ServerName theirs.test\n  DocumentRoot {apache.folder}\n</VirtualHost>\n"
    (apache.configuration / "sites-enabled" / "theirs.conf").write_text(theirs)
    apache.backend(8001)
    apache.apply(A)
    apache.start()
    assert "upgrade" not in apache.curl("http://theirs.test/")[2]
    assert apache.curl("https://a.test/", "--http2")[0] == "HTTP/2"


def test_keys_are_for_root_alone_and_renewed_for_new_names(apache):
    apache.apply(A)
    key = apache.folder / "ssl" / "a.test.key"
    first = key.read_bytes()
    assert key.stat().st_mode & 0o777 == 0o600
    assert apache.apply({**A, "aliases": ["www.a.test"]})
    assert key.read_bytes() != first
    assert key.stat().st_mode & 0o777 == 0o600


def test_certificate_of_an_earlier_version_of_the_role_is_kept(apache, tmp_path):
    folder = apache.folder / "ssl"
    folder.mkdir()
    certificate, key = certificate_of(tmp_path, "a.test", 400)
    shutil.copy(certificate, folder / "a.test.crt")
    shutil.copy(key, folder / "a.test.key")
    apache.apply(A)
    assert (folder / "a.test.crt").read_text() == Path(certificate).read_text()


def test_own_certificate_is_of_a_server_and_of_nobody_else(apache):
    apache.backend(8001)
    apache.apply({**A, "aliases": ["www.a.test"]})
    apache.start()
    certificate = apache.folder / "ssl" / "a.test.crt"
    said = shown(certificate, "-text", "-checkend", str(397 * 86400))
    for words in ("CA:FALSE", "TLS Web Server Authentication", "DNS:a.test, DNS:www.a.test", "Certificate will expire"):
        assert words in said
    assert "will not expire" in shown(certificate, "-checkend", str(390 * 86400))
    # Whoever trusts this very certificate verifies it, with curl and with Python's strictest settings.
    assert apache.curl("https://a.test/")[1] == 200
    program = (
        "import socket, ssl, sys; c = ssl.create_default_context(cafile=sys.argv[1]); "
        "c.verify_flags |= ssl.VERIFY_X509_STRICT; "
        "print(c.wrap_socket(socket.create_connection(('127.0.0.1', 443)), server_hostname='www.a.test').version())"
    )
    command = apache.inside("python3", "-c", program, str(certificate))
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.stdout == "TLSv1.3\n", done.stderr


def test_own_certificate_signs_no_other(apache, tmp_path):
    apache.apply(A)
    own = [str(apache.folder / "ssl" / f"a.test.{kind}") for kind in ("crt", "key")]
    request, signed = str(tmp_path / "request"), str(tmp_path / "signed")
    new = ["openssl", "req", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=bank.test", "-keyout", "/dev/null"]
    subprocess.run([*new, "-out", request], check=True, capture_output=True)
    sign = ["openssl", "x509", "-req", "-in", request, "-CA", own[0], "-CAkey", own[1], "-CAcreateserial"]
    subprocess.run([*sign, "-out", signed], check=True, capture_output=True)
    verify = ["openssl", "verify", "-CAfile", own[0], signed]
    done = subprocess.run(verify, capture_output=True, text=True, check=False)
    assert done.returncode
    assert "invalid CA certificate" in done.stdout + done.stderr


def test_certificate_of_ten_years_and_one_that_ends_soon_are_made_anew(apache):
    apache.apply(A)
    certificate = apache.folder / "ssl" / "a.test.crt"
    text = certificate.read_text()
    for year in ("2099", "2020"):
        certificate.write_text(re.sub(r"(Not after: )[0-9]{4}", rf"\g<1>{year}", text))
        assert apache.apply(A)
        assert certificate.read_text() != text
        assert not apache.apply(A)


def shown(certificate, *words):
    """What openssl says of a certificate."""
    command = ["openssl", "x509", "-noout", "-in", str(certificate), *words]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout
