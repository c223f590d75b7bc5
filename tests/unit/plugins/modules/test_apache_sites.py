"""The module, run on folders that stand for those of Apache, with commands that answer as the real ones do."""

from __future__ import annotations

import errno
import json
import os
import socket

import pytest
from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.testing import patch_module_args
from ansible_collections.selfhosted.jitsi.plugins.module_utils._module import apache_sites

SITE = {"name": "a.test", "backend": "http://192.168.122.9/"}
APACHECTL = """#!/bin/sh
[ "$1" = -v ] && { echo "Server version: Apache/2.4.62 (Debian)"; exit; }
grep -Rq NoSuchDirective "$APACHE"/sites-enabled/ && { echo "Invalid command 'NoSuchDirective'" >&2; exit 1; }
echo "Syntax OK" >&2
"""
OPENSSL = """#!/bin/sh
while [ $# -gt 0 ]; do
    case $1 in -keyout | -out) echo "made for $1" > "$2" ;; esac
    shift
done
"""
MODULES = ("alias", "headers", "http2", "mpm_prefork", "proxy", "proxy_http", "ssl")


@pytest.fixture
def folder(tmp_path, monkeypatch):
    for name in ("available", "enabled"):
        (tmp_path / "apache2" / f"mods-{name}").mkdir(parents=True)
        (tmp_path / "apache2" / f"sites-{name}").mkdir()
    for name in MODULES:
        (tmp_path / "apache2" / "mods-available" / f"{name}.load").write_text(f"LoadModule {name}\n")
    for name, text in (("apachectl", APACHECTL), ("openssl", OPENSSL)):
        (tmp_path / name).write_text(text)
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    monkeypatch.setenv("APACHE", str(tmp_path / "apache2"))
    monkeypatch.setattr(apache_sites, "LOCK", str(tmp_path / "lock"))
    return tmp_path


@pytest.fixture
def run(capsys, folder):
    """Runs main() and gives its result."""

    def call(*sites, **options):
        arguments = {
            "sites": list(sites),
            "configuration": str(folder / "apache2"),
            "certificate_directory": str(folder / "ssl"),
            "backend_directory": str(folder / "apache2" / "backends"),
            **options,
        }
        with patch_module_args(arguments), pytest.raises(SystemExit):
            apache_sites.main()
        return json.loads(capsys.readouterr().out)

    return call


def test_site_is_written_once(run, folder):
    result = run(SITE)
    assert (result["changed"], result["made"]) == (True, ["a.test"])
    assert (folder / "apache2" / "sites-enabled" / "a.test.conf").read_text().count("ServerName a.test") == 2
    assert (folder / "ssl" / "a.test.key").stat().st_mode & 0o777 == 0o600
    assert run(SITE)["changed"] is False


def test_webroot_is_served_as_certbot_writes_it(run, folder):
    run(SITE, acme_webroot="/srv//acme/./")
    text = (folder / "apache2" / "sites-available" / "a.test.conf").read_text()
    assert '"/srv/acme/.well-known/acme-challenge/"' in text
    assert run(SITE, acme_webroot="/srv/acme")["changed"] is False


def test_check_mode_predicts_the_very_diff_and_writes_nothing(run, folder):
    before = sorted(folder.rglob("*"))
    predicted = run(SITE, _ansible_check_mode=True, _ansible_diff=True)
    assert sorted(folder.rglob("*")) == before
    done = run(SITE, _ansible_diff=True)
    assert predicted["changed"] is done["changed"] is True
    assert predicted["diff"] == done["diff"]
    assert "made for -keyout" not in json.dumps(done)


LISTENS = """case "$*" in *ssl.load*) echo "Listen $PORT" ;; esac
[ -e "$APACHE"/mods-enabled/ssl.load ] && echo "Listen $PORT"
"""


def test_check_mode_refuses_a_taken_port_as_a_run_does(run, folder, monkeypatch):
    """Apache listens there only when it has the module for TLS."""
    (folder / "apachectl").write_text(APACHECTL + LISTENS + "exit 0\n")
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        monkeypatch.setenv("PORT", str(port))
        before = sorted(folder.rglob("*"))
        predicted = run(SITE, _ansible_check_mode=True)["msg"]
        assert sorted(folder.rglob("*")) == before
        said = run(SITE)["msg"]
    assert predicted.startswith(f"Apache would listen on tcp/{port} from now on")
    assert said == predicted.replace("Free the port", "The earlier files are restored. Free the port")
    assert run(SITE, _ansible_check_mode=True)["changed"] is True


def test_refused_directives_fail_with_apaches_words(run, folder):
    run(SITE)
    result = run({**SITE, "extra_directives": "NoSuchDirective"})
    assert result["failed"] is True
    assert "Invalid command 'NoSuchDirective'" in result["msg"]
    assert "NoSuchDirective" not in (folder / "apache2" / "sites-available" / "a.test.conf").read_text()


HIDDEN = "Bearer hush-hush"
SECRETS = {
    "request_headers": {"Authorization": HIDDEN, "Cookie": None},
    "extra_directives": f'Header set X-Shown seen\nRequestHeader set X-Key "{HIDDEN}"\nAuthLDAPBindPassword hush-hush',
}


@pytest.mark.parametrize("options", [{name: value} for name, value in SECRETS.items()] + [SECRETS], ids=str)
def test_headers_and_directives_are_shown_nowhere(run, folder, options, monkeypatch):
    logged = []
    monkeypatch.setattr(AnsibleModule, "log", lambda _self, text, log_args=None: logged.append(f"{text} {log_args}"))
    more = {"_ansible_diff": True, "_ansible_check_mode": True}
    vhost = folder / "apache2" / "sites-available" / "a.test.conf"
    said = [run({**SITE, **options}, **more), run({**SITE, **options}, _ansible_diff=True)]
    assert "hush-hush" in vhost.read_text()
    changed = json.loads(json.dumps(options).replace("hush-hush", "hush-anew"))
    # Another value, none, and the site itself gone.
    said += [run({**SITE, **changed}, **more), run(SITE, **more), run({"name": "a.test", "state": "absent"}, **more)]
    assert [result.get("changed") for result in said] == [True] * 5
    assert "hush" not in json.dumps(said)
    assert "hush" not in "".join(logged)
    assert "a.test" in "".join(logged)
    # That something changes is seen, and so is what is no secret.
    (shown,) = [each for each in said[2]["diff"] if each["before_header"] == str(vhost)]
    assert "******** (changed)" in shown["after"]
    assert "ServerName a.test" in shown["after"]
    assert shown["before"] != shown["after"]


@pytest.mark.parametrize("options", [{name: value} for name, value in SECRETS.items()], ids=str)
def test_vhosts_that_may_hold_secrets_are_for_root_alone(run, folder, options):
    vhost = folder / "apache2" / "sites-available" / "a.test.conf"
    run(SITE)
    assert vhost.stat().st_mode & 0o777 == 0o644
    run({**SITE, **options})
    assert vhost.stat().st_mode & 0o777 == 0o600
    assert run({**SITE, **options})["changed"] is False
    # A run closes what an earlier one has written for all.
    vhost.chmod(0o644)
    assert run({**SITE, **options}, _ansible_diff=True)["changed"] is True
    assert vhost.stat().st_mode & 0o777 == 0o600
    # What Apache refuses is put back with its mode.
    assert run({**SITE, "extra_directives": "NoSuchDirective", "hsts": 1})["failed"] is True
    assert vhost.stat().st_mode & 0o777 == 0o600


def test_vhost_that_somebody_has_closed_is_not_opened(run, folder):
    run(SITE)
    vhost = folder / "apache2" / "sites-available" / "a.test.conf"
    vhost.chmod(0o640)
    assert run(SITE)["changed"] is False
    assert vhost.stat().st_mode & 0o777 == 0o640


def test_lines_that_somebody_added_by_hand_are_not_shown(run, folder):
    run(SITE)
    vhost = folder / "apache2" / "sites-available" / "a.test.conf"
    vhost.write_text(vhost.read_text().replace("</Virtual", "  AuthLDAPBindPassword hush-hush\n</Virtual"))
    result = run(SITE, _ansible_diff=True)
    assert result["changed"] is True
    assert "hush" not in json.dumps(result)


def test_wrong_site_fails_with_a_remedy(run):
    assert "sites['a.test']: no backend; set backend" in run({"name": "a.test"})["msg"]


def test_site_that_goes_takes_its_key_along(run, folder):
    run(SITE)
    result = run({"name": "a.test", "state": "absent"})
    assert (result["changed"], result["removed"]) == (True, ["a.test"])
    assert not list(folder.glob("**/a.test*"))


def test_apache_with_prefork_gets_no_http2(run, folder):
    (folder / "apache2" / "mods-enabled" / "mpm_prefork.load").write_text("")
    run(SITE)
    assert "Protocols http/1.1" in (folder / "apache2" / "sites-available" / "a.test.conf").read_text()


def test_missing_apache_is_named(run, folder, monkeypatch):
    monkeypatch.setenv("PATH", str(folder))
    (folder / "apachectl").write_text("#!/bin/sh\necho nothing\n")
    assert "Cannot read the version of Apache" in run(SITE)["msg"]


def everything_in(folder):
    return {path: path.read_text() for path in sorted(folder.rglob("*")) if path.is_file()}


@pytest.mark.parametrize("written", range(4))
def test_full_disk_leaves_what_was_there_and_is_named(run, folder, monkeypatch, written):
    """There is room for some of the files (two certificates, two vhosts), and then for none."""
    run(SITE)
    before = everything_in(folder)
    vhost = folder / "apache2" / "sites-available" / "a.test.conf"
    untouched = {0: [vhost, folder / "ssl" / "a.test.key"], 1: [vhost], 2: [vhost]}.get(written, [])
    times = [path.stat().st_mtime_ns for path in untouched]
    room, sync = iter(range(written)), os.fsync

    def full(descriptor):
        if next(room, None) is None:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        sync(descriptor)

    monkeypatch.setattr(os, "fsync", full)
    sites = [{**SITE, "aliases": ["www.a.test"]}, {"name": "b.test", "backend": "http://192.168.122.9/"}]
    result = run(*sites)
    assert "the file does not fit in" in result["msg"]
    assert "No space left on device" in result["msg"]
    assert everything_in(folder) == before
    # To write the same anew is what a full disk has no room for.
    assert [path.stat().st_mtime_ns for path in untouched] == times
