"""The site comes back from its backup on new machines. The files behind this one then look at these machines."""

from __future__ import annotations

import json
import time

import pytest
from lab_runs import lab
from machines import unchanged_machines
from site_runs import LAB, TREE, changed, run_playbook, site
from tokens import SECRET, claims, token
from xmpp import log_in

BACKUP = {"backup_password": "only for the backups of the lab"}
#: What people made, and no inventory says.
ACCOUNT, PASSWORD = "anna@auth.jitsi.test", "what only anna knows"
REGISTER = f"prosodyctl register anna auth.jitsi.test '{PASSWORD}'"
#: What the proxy, clients of TURN, bridges and jicofo trust; then what browsers trust.
CERTIFICATES = "/etc/jitsi/meet/jitsi.test.crt /etc/selfhosted-jitsi/test.crt /etc/prosody/certs/auth.jitsi.test.crt"
OF_SITES = "/etc/ssl/selfhosted/jitsi.test.crt /etc/ssl/selfhosted/other.test.crt"
PREPARED = ("molecule/shared/prepare_german.yml", "molecule/options/earlier_attempt.yml")
#: Who reads the key of the TURN server's certificate. Its group is there before the package that makes it.
LIST, READERS = "stat --format '%U:%G %a' /etc/selfhosted-jitsi/test.key", "root:turnserver 640"
HOURS = 3600


def run(playbook, **variables):
    return site(f"--extra-vars={json.dumps(variables)}", playbook=f"selfhosted.jitsi.{playbook}", generation="several")


def trusted(jitsi, proxy):
    return jitsi.check_output(f"sha256sum {CERTIFICATES}"), proxy.check_output(f"sha256sum {OF_SITES}")


@pytest.fixture(scope="module")
def before(jitsi, proxy, tmp_path_factory):
    """What people have of the site, whose machines are lost then: only the inventory and a backup are left."""
    jitsi.run_expect([0], REGISTER)
    known = {
        "trusted": trusted(jitsi, proxy),
        "token": token(SECRET, claims(exp=int(time.time()) + 2 * HOURS)),
    }
    folder = tmp_path_factory.mktemp("backups")
    code, said = run("backup", backup_folder=str(folder), **BACKUP)
    assert code == 0, said
    assert jitsi.check_output(LIST) == READERS
    for role in ("jitsi", "proxy"):
        lab("replace-guest", role)
    for playbook in PREPARED:
        code, said = run_playbook(TREE / playbook, [LAB], "--limit=jitsi-lab-jitsi:jitsi-lab-proxy")
        assert code == 0, said
    assert not jitsi.package("prosody").is_installed
    assert not proxy.package("apache2").is_installed
    (made,) = (folder / "jitsi.test").iterdir()
    code, said = run("restore", restore="jitsi.test", restore_from=str(made), **BACKUP)
    assert code == 0, said
    assert SECRET not in said
    assert PASSWORD not in said
    return known


def test_token_from_before_opens_a_room(before, focus, logins):
    """Whoever was logged in stays so, for the inventory has the secret. jicofo's sessions of accounts end with it."""
    assert logins.visits({"before": before["token"]}, focus)["before"] == ["success", "joined"]


def test_account_has_its_password(before, jitsi):
    assert log_in(jitsi, ACCOUNT, PASSWORD) == ""
    assert "failed_all_auth" in log_in(jitsi, ACCOUNT, "another one")


@pytest.mark.usefixtures("before")
def test_turn_server_can_read_its_key(jitsi):
    assert jitsi.check_output(LIST) == READERS


def test_nobody_has_to_trust_another_certificate(before, jitsi, proxy):
    assert trusted(jitsi, proxy) == before["trusted"]


@pytest.mark.usefixtures("before")
def test_check_finds_nothing():
    with unchanged_machines():
        code, said = run("check")
    assert code == 0, said


@pytest.mark.usefixtures("before")
def test_nothing_is_left_to_do():
    code, said = run("site")
    assert (code, changed(said)) == (0, False), said
