# Copyright: Contributors to the selfhosted.jitsi project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The vhosts of apache_sites, judged by a real Apache in a network of its own, with real clients and backends."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.apache_backends import judge, read_vhosts
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.apache_request import SiteError, parse_sites
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.apache_vhost import Settings
from ansible_collections.selfhosted.jitsi.plugins.module_utils._shell.apache_sites import carry_out, look
from ansible_collections.selfhosted.jitsi.plugins.module_utils._shell.commands import CommandError, run

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
    verdict = judge(backend, apache.question(backend))
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
    assert (work.files.before[path].text, work.files.after[path].text) == (first, second)


BROKEN = {**A, "extra_directives": "NoSuchDirective on"}


@pytest.mark.parametrize("first", [[], [A], EVERY_FORM])
def test_broken_directives_leave_everything_as_it_was(apache, first):
    if first:
        apache.apply(*first)
    before = apache.snapshot()
    new = {"name": "new.test", "backend": "https://127.0.0.1:8443/"}
    with pytest.raises(CommandError, match="Invalid command 'NoSuchDirective'") as refused:
        apache.apply(new, BROKEN)
    assert "what was there before has been put back" in str(refused.value)
    assert "either" not in str(refused.value)
    assert apache.snapshot() == before


def test_what_was_broken_before_is_told_apart(apache):
    apache.apply(A)
    (apache.configuration / "sites-enabled" / "theirs.conf").write_text("NobodyKnowsThis on\n")
    before = apache.snapshot()
    with pytest.raises(CommandError, match="does not accept what was there before either"):
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
    with pytest.raises(SiteError, match=r"the certificate \S+ and the key \S+, with which Apache would end.*mismatch"):
        apache.apply({**provided(certificate, key), "timeout": 9})
    assert apache.snapshot() == before
    # What was there before the key changed is refused too: the next reload would be the end.
    with pytest.raises(SiteError, match="give a certificate and its own key"):
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
    with pytest.raises(SiteError, match=f"a[.]test in {option}.* what cannot be read as certificates"):
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
    with pytest.raises(CommandError, match=r"make a certificate for a[.]test"):
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
    with pytest.raises(SiteError, match=r"theirs[.]conf .line 1: A.test:443. on proxy serves a name"):
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
