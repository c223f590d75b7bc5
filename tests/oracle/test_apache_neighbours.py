# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Vhosts that others have on the same Apache: which take our names, and who answers to names that nobody has."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass, replace

import pytest
import test_apache
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.apache.request import SiteError, parse_sites
from ansible_collections.selfhosted.jitsi.plugins.module_utils._shell.apache.sites import look
from ansible_collections.selfhosted.jitsi.plugins.module_utils._shell.apache.tree import tls_files_named
from ansible_collections.selfhosted.jitsi.plugins.module_utils._shell.commands import CommandError
from test_apache import A, certificate_of

pytestmark, apache = test_apache.pytestmark, test_apache.apache

#: What theirs answers; ours redirects.
GONE = 410
FIRST, LAST = "sites-enabled/000-theirs.conf", "sites-enabled/zzz.conf"


def vhost(names, address="*:80", more=""):
    return f"<VirtualHost {address}>\n{more}{names}\n  Redirect {GONE} /\n</VirtualHost>\n"


@dataclass(frozen=True)
class Case:
    """A file of somebody else, and whether Apache gives it what is asked of a.test."""

    file: str
    text: str
    taken: bool


CASES = {
    "the name": Case(FIRST, vhost("ServerName a.test"), True),
    "the name with scheme and port": Case(FIRST, vhost('servername "http://A.test:80"'), True),
    "an alias among others": Case(FIRST, vhost("ServerName x.test\n ServerAlias y.test a.test"), True),
    "a star": Case(FIRST, vhost("ServerName x.test\n ServerAlias *.test"), True),
    "a question mark": Case(FIRST, vhost("ServerName x.test\n ServerAlias ?.test"), True),
    "everything": Case(FIRST, vhost("ServerName x.test\n ServerAlias *"), True),
    "quotes": Case(FIRST, vhost("ServerName x.test\n ServerAlias 'y.test' \"a.test\""), True),
    "a continued line": Case(FIRST, vhost("ServerName x.test\n ServerAlias y.test \\\n   a.test"), True),
    "a definition": Case(FIRST, "Define NAME a\nDefine D test\n" + vhost("ServerName ${NAME}.${D}"), True),
    "a macro": Case(FIRST, f"<Macro Site $n>\n{vhost('ServerName $n')}</Macro>\nUse Site a.test\n", True),
    "an include": Case(FIRST, "Include more/theirs\n", True),
    "a true condition": Case(FIRST, f"<IfModule ssl_module>\n{vhost('ServerName a.test')}</IfModule>\n", True),
    "a folder of settings": Case("conf-enabled/theirs.conf", vhost("ServerName a.test"), True),
    "the main file": Case("apache2.conf", vhost("ServerName a.test"), True),
    "a comment": Case(FIRST, vhost("ServerName x.test\n # ServerAlias a.test"), False),
    "a false condition": Case(FIRST, f"<IfDefine Never>\n{vhost('ServerName a.test')}</IfDefine>\n", False),
    "a copy": Case("sites-enabled/old.conf.bak", vhost("ServerName a.test"), False),
    "a star behind ours": Case(LAST, vhost("ServerName x.test\n ServerAlias *.test"), False),
    "a star of another domain": Case(FIRST, vhost("ServerName x.test\n ServerAlias *.a.test"), False),
    "another port": Case(FIRST, "Listen 8080\n" + vhost("ServerName a.test", "*:8080"), False),
    "a macro that nobody uses": Case(FIRST, f"<Macro Site $n>\n{vhost('ServerName a.test')}</Macro>\n", False),
}


def put(server, file, text):
    path = server.configuration / file
    if file == "apache2.conf":
        text = path.read_text().replace("IncludeOptional sites-enabled", f"{text}IncludeOptional sites-enabled")
    path.write_text(text)


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_names_are_refused_where_apache_would_give_them_to_others(apache, case):
    apache.apply(A)
    module = apache.configuration / "mods-enabled" / "macro.load"
    module.symlink_to("../mods-available/macro.load")
    (apache.configuration / "more").mkdir()
    (apache.configuration / "more" / "theirs").write_text(vhost("ServerName x.test\nServerAlias a.test"))
    put(apache, case.file, case.text)
    apache.start()
    assert (apache.curl("http://a.test/")[1] == GONE) == case.taken
    # The same, whether our file is there already or not.
    for there in (True, False):
        if not there:
            for folder in ("sites-enabled", "sites-available"):
                (apache.configuration / folder / "a.test.conf").unlink()
        if case.taken:
            with pytest.raises(SiteError, match=r"on proxy already uses one of these names"):
                apache.look(A)
        else:
            apache.look(A)


def test_name_of_others_shows_only_when_our_run_has_mended_the_configuration(apache):
    """Before, Apache says nothing about its vhosts, for it accepts nothing."""
    apache.apply(A)
    (apache.folder / "ssl" / "a.test.crt").unlink()
    put(apache, FIRST, vhost("ServerName x.test\n ServerAlias *.test"))
    before = apache.snapshot()
    with pytest.raises(SiteError, match=r"000-theirs[.]conf .line 1: [*][.]test. on proxy already uses"):
        apache.apply(A)
    assert apache.snapshot() == before


def test_name_of_others_behind_a_module_that_is_not_enabled_yet_is_named_by_a_check(apache):
    """Apache reads their vhost only with our module."""
    text = vhost("ServerName x.test\n ServerAlias *.test")
    put(apache, FIRST, f"<IfModule proxy_http_module>\n{text}</IfModule>\n")
    work = apache.look(A)
    with pytest.raises(SiteError, match=r"000-theirs[.]conf .line 2: [*][.]test. on proxy already uses"):
        work.foresee()
    with pytest.raises(SiteError, match=r"000-theirs[.]conf .line 2: [*][.]test. on proxy already uses"):
        apache.apply(A)


def test_wildcard_of_a_vhost_on_an_address_of_its_own_takes_nothing(apache):
    """It is reached at that address alone, where nothing else would be asked either."""
    apache.apply(A)
    put(apache, FIRST, vhost("ServerName x.test\n ServerAlias *.test", "192.0.2.1:80"))
    (warning,) = apache.look(A).warnings
    assert "has a vhost on 192.0.2.1:80" in warning


def test_log_of_strangers_holds_no_more_than_that_of_the_sites(apache):
    apache.settings = replace(apache.settings, log_addresses="none")
    apache.backend(8001)
    apache.apply(A)
    apache.start()
    assert ask_stranger(apache, "https://stranger.test/room?jwt=abc")[0] == 421
    # Apache writes the line after its answer.
    (line,) = test_apache.wait_for_lines(apache.folder / "other_vhosts_access.log", 1)
    assert "/room?********" in line
    assert "127.0.0.1" not in line


def test_vhost_on_an_address_of_its_own_is_named(apache):
    apache.apply(A)
    put(apache, FIRST, vhost("ServerName x.test", "192.0.2.1:80 127.0.0.1:80"))
    (warning,) = apache.look(A).warnings
    assert "000-theirs.conf (line 1) has a vhost on 192.0.2.1:80" in warning


def ask_stranger(server, url="https://stranger.test/"):
    """The status that a client gets under a name of nobody, and the name in the certificate."""
    said = server.inside("openssl", "s_client", "-connect", "127.0.0.1:443", "-noservername")
    done = subprocess.run(said, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    subject = [line for line in done.stdout.splitlines() if line.startswith("subject=")]
    return server.curl(url, "--insecure")[1], "".join(subject).rpartition("=")[2].strip()


@pytest.mark.parametrize("url", ["https://stranger.test/", "https://127.0.0.1/", "https://a.test.evil.test/"])
def test_strangers_get_none_of_our_sites(apache, url):
    apache.backend(8001)
    apache.apply(A)
    apache.start()
    assert ask_stranger(apache, url) == (421, "unknown.invalid")
    assert apache.curl("https://a.test/")[1] == 200
    assert not apache.apply(A)


def theirs_over_tls(server):
    certificate, key = certificate_of(server.folder, "x.test")
    tls = f"SSLEngine on\nSSLCertificateFile {certificate}\nSSLCertificateKeyFile {key}\n"
    return vhost("ServerName x.test", "*:443", tls)


def test_strangers_get_what_an_administrator_chose(apache):
    apache.backend(8001)
    apache.apply(A)
    put(apache, "sites-enabled/001-theirs.conf", theirs_over_tls(apache))
    assert apache.apply(A)
    apache.start()
    assert ask_stranger(apache) == (GONE, "x.test")
    assert not list(apache.configuration.glob("sites-*/000-selfhosted.conf"))
    assert not apache.apply(A)


def test_vhost_of_others_behind_ours_changes_nothing_for_strangers(apache):
    apache.backend(8001)
    apache.apply(A)
    put(apache, LAST, theirs_over_tls(apache))
    assert not apache.apply(A)
    apache.start()
    assert ask_stranger(apache) == (421, "unknown.invalid")
    assert apache.curl("https://x.test/", "--insecure")[1] == GONE


def test_strangers_are_left_to_apache_where_that_is_asked_for(apache):
    apache.apply(A)
    work = look(
        parse_sites([A]), apache.settings, str(apache.configuration), False, "proxy", apache.run, refuse_strangers=False
    )
    gone = [path for path, content in work.files.after.items() if content is None and work.files.before[path]]
    assert [path.rpartition("/")[2] for path in gone] == ["000-selfhosted.conf", "000-selfhosted.conf"]


def test_file_for_strangers_goes_with_the_last_site(apache):
    apache.apply(A)
    assert apache.apply({**A, "name": "b.test"}, {"name": "a.test", "state": "absent"})
    assert (apache.configuration / "sites-enabled" / "000-selfhosted.conf").exists()
    assert apache.apply({"name": "b.test", "state": "absent"})
    assert not list(apache.configuration.glob("sites-*/*"))
    assert not list((apache.folder / "ssl").glob("*"))


def test_vhost_that_strangers_got_until_now_is_named(apache):
    """It is the first in Apache's order, and the file of ours sorts before it."""
    theirs = apache.configuration / LAST
    theirs.write_text(vhost("ServerName x.test"))
    (apache.configuration / "mods-enabled" / "alias.load").symlink_to("../mods-available/alias.load")
    apache.start()
    assert apache.curl("http://unknown.test/")[1] == GONE
    (warning,) = apache.look(A).warnings
    assert f"{theirs} (line 1) answered on port 80 for names that no vhost has, and a.test.conf comes" in warning
    apache.apply(A)
    apache.start()
    assert apache.curl("http://unknown.test/")[1] == 301
    # That is how it is from now on.
    assert apache.look(A, {**A, "name": "b.test"}).warnings == ()
    theirs.rename(apache.configuration / FIRST)
    apache.start()
    assert apache.curl("http://unknown.test/")[1] == GONE


def test_certificates_that_vhosts_of_others_use_are_known(apache):
    """So that none of them is deleted with certbot; where Apache does not say, nothing is."""
    apache.apply(A)
    folder = apache.settings.certificate_directory
    assert tls_files_named(str(apache.configuration), folder, apache.run) == []
    certificate, key = certificate_of(apache.folder, "x.test")
    text = f"SSLEngine on\nSSLCertificateFile {certificate}\nSSLCertificateKeyFile '{key}'\n"
    put(apache, LAST, vhost("ServerName x.test", "*:443", text))
    assert set(tls_files_named(str(apache.configuration), folder, apache.run)) == {certificate, key}
    put(apache, FIRST, "NobodyKnowsThis on\n")
    with pytest.raises(CommandError, match="NobodyKnowsThis"):
        tls_files_named(str(apache.configuration), folder, apache.run)
    assert tls_files_named(str(apache.folder / "none"), folder, apache.run) == []


def test_certificate_that_another_site_of_ours_names_stays(apache):
    """Of this list or of another one: Apache's test reads no certificates, and its next reload would be its end."""
    folder = apache.settings.certificate_directory
    files = {"certificate_file": f"{folder}/a.test.crt", "certificate_key_file": f"{folder}//a.test.key"}
    other = {**A, "name": "b.test", "certificate": "provided", **files}
    gone = {"name": "a.test", "state": "absent"}
    apache.apply(A)
    apache.apply(A, other)
    for sites in ([other, gone], [gone]):
        apache.apply(*sites)
        assert (apache.folder / "ssl" / "a.test.key").exists()
    assert apache.apply({"name": "b.test", "state": "absent"}, gone)
    assert not list((apache.folder / "ssl").glob("*"))


def test_certificate_that_the_administrator_took_over_stays(apache):
    """The vhost is not ours any more, and Apache would not start without its key."""
    apache.apply(A)
    for name in ("a.test", "000-selfhosted"):
        path = apache.configuration / "sites-available" / f"{name}.conf"
        path.write_text(path.read_text().partition("\n")[2])
    before = apache.snapshot()
    apache.apply({"name": "a.test", "state": "absent"})
    assert apache.snapshot() == before
    folder = apache.settings.certificate_directory
    assert f"{folder}/a.test.key" in tls_files_named(str(apache.configuration), folder, apache.run)
