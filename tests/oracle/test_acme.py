# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Certificates of a real ACME authority (pebble), fetched by the real certbot through a real Apache."""

from __future__ import annotations

import dataclasses
import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.certificates.acme import (
    Account,
    command,
    parse_account,
)
from ansible_collections.selfhosted.jitsi.plugins.module_utils._shell.certificates.certbot import Certificates
from ansible_collections.selfhosted.jitsi.plugins.module_utils._shell.commands import run as command_run
from test_apache import PROGRAM, A, Apache, certificate_of

MISSING = [name for name in ("pebble", "pebble-challtestsrv", "certbot", "curl") if not shutil.which(name)]
pytestmark = pytest.mark.skipif(
    bool(MISSING) or not PROGRAM, reason=f"missing: {', '.join(MISSING) or 'apache2'}; install pebble and certbot"
)
B = {**A, "name": "b.test", "aliases": ["www.b.test"], "certificate": "acme"}
SITES = [{**A, "certificate": "acme"}, B]
NAMES = (["a.test"], ["b.test", "www.b.test"])


class Authority:
    """A pebble in Apache's network, and the certbot that asks it."""

    def __init__(self, apache, folder):
        self.apache, self.folder = apache, folder
        certificate, key = certificate_of(folder, "localhost")
        self.certificate = certificate
        settings = {
            "listenAddress": "127.0.0.1:14000",
            "managementListenAddress": "127.0.0.1:15000",
            "certificate": certificate,
            "privateKey": key,
            "httpPort": 80,
            "tlsPort": 443,
        }
        (folder / "pebble.json").write_text(json.dumps({"pebble": settings}))
        quiet = ["-http01", "", "-https01", "", "-tlsalpn01", "", "-defaultIPv6", ""]
        self._start("pebble-challtestsrv", "-defaultIPv4", "127.0.0.1", "-dns01", "127.0.0.1:8053", *quiet)
        self._start("pebble", "-config", str(folder / "pebble.json"), "-dnsserver", "127.0.0.1:8053")
        self.call("--retry", "60", "--retry-connrefused", "--retry-delay", "1", "https://localhost:14000/dir")
        self.root = folder / "root.pem"
        self.root.write_text(self.call("https://localhost:15000/roots/0"))
        reload = f"kill -USR1 $(cat {apache.folder}/pid)"
        self.account = Account(
            "https://localhost:14000/dir",
            "",
            "ecdsa",
            apache.settings.acme_webroot,
            reload,
            folder=str(folder / "certbot"),
        )

    def _start(self, *argv):
        environment = {**os.environ, "PEBBLE_VA_NOSLEEP": "1", "PEBBLE_WFE_NONCEREJECT": "0"}
        with (self.folder / f"{argv[0]}.log").open("w") as log:
            process = subprocess.Popen(
                self.apache.inside(*argv), env=environment, stdout=log, stderr=log, stdin=subprocess.DEVNULL
            )
        self.apache.processes.append(process)

    def call(self, *words):
        command = ["curl", "--silent", "--show-error", "--cacert", self.certificate, *words]
        return subprocess.run(self.apache.inside(*command), check=True, capture_output=True, text=True).stdout

    def break_name(self, name):
        self.call("--data", json.dumps({"host": f"{name}."}), "http://localhost:8055/set-servfail")

    def run(self, argv, stdin):
        if argv[0] == "certbot":
            variable = f"REQUESTS_CA_BUNDLE={self.certificate}"
            return command_run(self.apache.inside("env", variable, "/usr/bin/certbot", *argv[1:]), stdin)
        return command_run(argv, stdin)

    def fetch(self, names=NAMES, others=(), check_mode=False, named=(), purge=False, **changed):
        account = dataclasses.replace(self.account, **changed)
        directory = self.apache.settings.certificate_directory
        return Certificates(account, directory, self.run, check_mode, lambda: named).bring_about(names, others, purge)

    def fetch_by_hand(self, *names):
        """What an admin does who has read the same manual: webroot and reload are ours, the mark is not."""
        argv = command(names, self.account)
        argv[argv.index("--deploy-hook") + 1] = self.account.reload
        status, output, errors = self.run(argv, "")
        assert status == 0, output + errors

    def lineage(self, name):
        """All that certbot has of it."""
        found = [path for path in (self.folder / "certbot").rglob("*") if name in str(path) and "logs" not in str(path)]
        return {
            path: os.readlink(path) if path.is_symlink() else path.read_bytes() for path in found if not path.is_dir()
        }


@pytest.fixture
def authority(tmp_path):
    apache = Apache(tmp_path)
    # The children of Apache read challenges, and pytest's own folders are closed to them.
    webroot = Path(tempfile.mkdtemp(prefix="acme"))
    webroot.chmod(0o755)
    try:
        if not apache.ready:
            pytest.skip("no network namespace can be made here: run the tests as root")
        apache.settings = type(apache.settings)(**{**vars(apache.settings), "acme_webroot": str(webroot)})
        apache.backend(8001)
        apache.apply(*SITES)
        apache.start()
        yield Authority(apache, tmp_path)
    finally:
        apache.close()
        shutil.rmtree(webroot)


def issuer(authority, name):
    """Who signed what a client sees, for clients that trust the authority alone."""
    said = authority.apache.inside("openssl", "s_client", "-connect", "127.0.0.1:443", "-servername", name)
    done = subprocess.run(
        [*said, "-verify_hostname", name, "-CAfile", str(authority.root), "-verify_return_error"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode == 0


def test_first_run_fetches_all_and_the_second_changes_nothing(authority):
    assert not issuer(authority, "a.test")
    assert authority.fetch(check_mode=True).fetched == ["a.test", "b.test"]
    result = authority.fetch()
    assert (result.fetched, result.failures) == (["a.test", "b.test"], [])
    authority.apache.start()
    for name in ("a.test", "b.test", "www.b.test"):
        assert issuer(authority, name)
    assert not authority.fetch().changed
    assert not authority.apache.apply(*SITES)


def test_name_that_cannot_be_validated_fails_alone(authority):
    authority.break_name("a.test")
    result = authority.fetch()
    assert result.fetched == ["b.test"], result.failures
    (failure,) = result.failures
    assert failure.startswith("a.test keeps its current certificate: ")
    assert "a.test:" in failure
    authority.apache.start()
    assert issuer(authority, "b.test")
    assert authority.apache.curl("https://a.test/")[1] == 200


def test_site_that_goes_takes_its_lineage_along(authority):
    authority.fetch()
    assert authority.apache.apply({"name": "b.test", "state": "absent"})
    assert authority.fetch([["a.test"]], others=["b.test"]).removed == ["b.test"]
    assert not list((authority.folder / "certbot").rglob("*b.test*"))


def test_run_that_was_cut_off_between_key_and_certificate_is_made_good(authority):
    own = Path(authority.apache.settings.certificate_directory) / "a.test.crt"
    before = own.read_bytes()
    authority.fetch()
    own.unlink()
    own.write_bytes(before)
    assert authority.apache.apply(*SITES)
    # Apache starts with a pair of its own, until the next fetch links both.
    authority.apache.start()
    assert authority.apache.curl("https://a.test/")[1] == 200
    assert authority.fetch().linked == ["a.test"]
    authority.apache.start()
    assert issuer(authority, "a.test")


def test_lineage_that_a_site_names_stays(authority, tmp_path):
    authority.fetch()
    before = authority.lineage("b.test")
    live = authority.folder / "certbot" / "live" / "b.test"
    link = tmp_path / "by-way-of.key"
    link.symlink_to(live / "privkey.pem")
    archived = (live / "fullchain.pem").resolve()
    for path in (live / "fullchain.pem", link, archived):
        for purge in (False, True):
            result = authority.fetch([["a.test"]], others=["b.test"], named=[str(path)], purge=purge)
            assert (result.removed, result.failures) == ([], [])
    assert authority.lineage("b.test") == before
    other = [str(authority.folder / "certbot" / "live" / "b.test.example" / "fullchain.pem")]
    assert authority.fetch([["a.test"]], others=["b.test"], named=other).removed == ["b.test"]
    assert authority.lineage("b.test") == {}


def test_lineage_of_somebody_else_is_neither_forgotten_nor_taken_over(authority):
    authority.fetch_by_hand("b.test", "www.b.test", "mail.b.test")
    before = authority.lineage("b.test")
    assert before
    for purge in (False, True):
        assert authority.fetch([["a.test"]], others=["b.test"], purge=purge).removed == []
    for check_mode in (True, False):
        result = authority.fetch(check_mode=check_mode)
        assert "b.test" not in (*result.fetched, *result.linked)
        (failure,) = result.failures
        assert "certificate b.test for b.test, mail.b.test, www.b.test, and this module did not create it" in failure
    assert authority.lineage("b.test") == before
    authority.apache.start()
    assert issuer(authority, "a.test")
    assert not issuer(authority, "b.test")
    assert authority.apache.curl("https://b.test/")[1] == 200


def test_lineage_of_ours_is_known_by_another_webroot_and_after_renewals_with_another_hook(authority):
    authority.fetch()
    for spelling in ("{}/", "{}/./", "/{}"):
        webroot = spelling.format(authority.account.webroot)
        assert not authority.fetch(webroot=acme_webroot(webroot)).changed
    folders = command(["a.test"], authority.account)
    folders = [word for word in folders if str(authority.folder / "certbot") in word or word.endswith("-dir")]
    status, output, errors = authority.run(
        [
            "certbot",
            "renew",
            "--no-random-sleep-on-renew",
            "--cert-name",
            "a.test",
            "--force-renewal",
            "--deploy-hook",
            "true",
            *folders,
        ],
        "",
    )
    assert status == 0, output + errors
    renewal = authority.folder / "certbot" / "renewal" / "a.test.conf"
    assert "renew_hook = true" in renewal.read_text()
    result = authority.fetch()
    assert (result.fetched, result.failures) == (["a.test"], [])
    assert authority.account.hook in renewal.read_text()
    elsewhere = Path(authority.account.webroot) / "elsewhere"
    renewal.write_text(renewal.read_text().replace(authority.account.webroot, str(elsewhere)))
    assert authority.fetch().fetched == ["a.test"]
    assert authority.fetch([], others=["a.test", "b.test"]).removed == ["a.test", "b.test"]


def acme_webroot(spelling):
    """What a webroot is, as the module reads it."""
    said = {"directory_url": "https://localhost:14000/dir", "webroot": spelling}
    return parse_account(said).webroot
