"""The article's own system, made by hand: the check names what holds no longer, and its remedies end in a right one.

What is deployed in the end is the inventory that selfhosted.jitsi.adopt writes of it.
"""

from __future__ import annotations

import json
import os
import shlex
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace

import pytest
import yaml
from check_runs import failed_rows
from fault_runs import findings, told
from machines import PROXY_CERTIFICATES, STATE, machine, repository, state_of_machines
from site_runs import LAB, changed, in_one_line, run_playbook, site

ARTICLE = Path(os.environ["MOLECULE_SCENARIO_DIRECTORY"]) / "files" / "article"
NAMES = ("jitsi.test", "other.test")
CLIENTS_FILE = "/etc/jitsi/meet/jitsi.test-config.js"
LIST = "/etc/apt/sources.list.d/jitsi-stable.list"
RUN = "Run selfhosted.jitsi.site"
CERTIFICATE = "/etc/ssl/certs/jitsi.test.pem"
#: How Ansible reaches the machines, and nothing else.
MACHINES = {
    "vars": {
        "ansible_python_interpreter": "/usr/bin/python3",
        "ansible_ssh_common_args": f"-F '{STATE}/ssh_config'",
        "ansible_ssh_pipelining": True,
    },
    "children": {
        "nat_host": {"hosts": {"jitsi-lab-host": None}},
        "reverse_proxy": {"hosts": {"jitsi-lab-proxy": None}},
        "jitsi": {"hosts": {"jitsi-lab-jitsi": None}},
        "outside": {"hosts": {"jitsi-lab-internet": None}},
    },
}
#: What the user completes, and what only the lab needs.
COMPLETED = {
    "jitsi_meet_apt_key_url": repository()["key_url"],
    "jitsi_meet_apt_key_fingerprints": repository()["fingerprints"],
    **({"jitsi_meet_videobridge_memory": 136, "jitsi_meet_jicofo_memory": 72} if repository()["stand_ins"] else {}),
}

RULES, KEPT = "jitsi-lab-host has the forwards of the inventory", "jitsi-lab-host keeps the forwards for the next boot"
PASSES = "jitsi-lab-host lets tcp/80 from outside and tcp/443 from outside and tcp/4443 from outside and "
PASSES += "udp/10000 from outside pass"
PROXY, SITES = (
    "jitsi-lab-proxy was set up by selfhosted.jitsi.site",
    "jitsi-lab-proxy has the sites of Apache as wanted",
)
JITSI, SOURCES = (
    "jitsi-lab-jitsi was set up by selfhosted.jitsi.site",
    "jitsi-lab-jitsi has its package sources as wanted",
)
OVER_TCP, PRIVACY = "the bridge listens on tcp/4443", "no outside host is contacted"
REDIRECT, BOSH = "jitsi.test: http is sent to https", "jitsi.test: XMPP over BOSH"
PAGE, MEDIA = "jitsi.test: the page and its files", "udp/10000: reaches the bridge"
BACKEND = "jitsi.test: the backend 192.168.122.120:443 proves its identity"

#: What the remedy of each finding begins with, or names.
REMEDIES = {
    RULES: RUN,
    KEPT: RUN,
    PROXY: RUN,
    SITES: "Correct what the message names",
    JITSI: RUN,
    SOURCES: f"Remove {LIST} on jitsi-lab-jitsi",
    OVER_TCP: "Take the forward of tcp/4443 away",
}


def run_script(place, name, **environment):
    """Type the lines of a file on a machine."""
    given = "".join(f"{key}={shlex.quote(value)} " for key, value in environment.items())
    place.run_expect([0], f"{given}sh -euc {shlex.quote((ARTICLE / name).read_text())}")


def type_rules(nat_host, verb, chain):
    """Type the host's rules of a chain with another verb than --append."""
    lines = [line for line in (ARTICLE / "host.sh").read_text().splitlines() if f" {chain} " in line]
    script = "\n".join(['nat="iptables --table nat"', *(line.replace("--append", verb) for line in lines)])
    nat_host.run_expect([0], f"sh -euc {shlex.quote(script)}")


def switch_off(proxy, name):
    """Disable a vhost, and give its file another name."""
    file = f"/etc/apache2/sites-available/{name}.conf"
    proxy.run_expect([0], f"a2dissite --quiet {name} && mv {file} {file}.by-hand")


@pytest.fixture(scope="module")
def made_by_hand(jitsi, nat_host, proxy):
    """The article's system on machines that are bare; who is outside trusts the certificates, as everybody's did."""
    known = json.dumps({"uninstall": "jitsi.test", "uninstall_other_sites": True})
    code, said = site("--extra-vars", known, playbook="selfhosted.jitsi.uninstall", generation="2020")
    assert code == 0, said
    assert not jitsi.package("jitsi-meet").is_installed
    lab, outside = repository(), machine("internet")
    scripts = {
        "host.sh": (nat_host, {}),
        "proxy.sh": (proxy, {}),
        "jitsi.sh": (jitsi, {"REPOSITORY": f"{lab['uri']}/2020", "KEY": lab["key_url"]}),
    }
    with ThreadPoolExecutor() as pool:
        for typed in [pool.submit(run_script, place, name, **given) for name, (place, given) in scripts.items()]:
            typed.result()
    trusted = [f"/usr/local/share/ca-certificates/{name}.crt" for name in NAMES]
    for name, path in zip(NAMES, trusted):
        certificate = proxy.check_output(f"cat /etc/ssl/certs/{name}.pem")
        outside.run_expect([0], f"printf '%s\\n' {shlex.quote(certificate)} > {path}")
    outside.run_expect([0], "update-ca-certificates")
    yield
    outside.run_expect([0], f"rm {' '.join(trusted)} && update-ca-certificates --fresh")


def causes(rows):
    """The failed rows that others explain, by their names."""
    return {row["name"]: row["cause"] for row in rows if row["cause"]}


def require_findings(rows, expected):
    """The findings are these, each with its remedy, and whatever else failed stands under one of them."""
    named = findings(rows)
    assert set(named) == set(expected), told(rows)
    assert set(causes(rows).values()) <= {row["name"] for row in rows}
    for name, remedy in expected.items():
        assert remedy in named[name], named[name]


@pytest.mark.usefixtures("made_by_hand")
def test_rules_that_stand_below_those_of_libvirt_are_the_cause_of_the_silence(nat_host):
    assert "--to-destination 192.168.122.120:10000" in nat_host.check_output("iptables-save")
    rows = failed_rows()
    require_findings(rows, {**REMEDIES, PRIVACY: RUN})
    found = {row["name"]: row["found"] for row in rows}
    assert found[PRIVACY].startswith(
        "stun.l.google.com, stun1.l.google.com, stun2.l.google.com: config.p2p.stunServers"
    )
    assert found[PASSES].startswith("rejected by ")
    explained = causes(rows)
    assert {explained[name] for name in (PASSES, REDIRECT, PAGE, BOSH, MEDIA)} == {RULES}
    assert explained[BACKEND] == SITES


@pytest.mark.usefixtures("made_by_hand")
def test_what_the_vhosts_lack_is_named_under_them(jitsi, nat_host):
    """As it was for the author: his rules stood above libvirt's, and clients ask the STUN server that he names."""
    if nat_host.run("nft list table ip libvirt_network").rc == 0:
        pytest.skip("this libvirt keeps its rules in nftables, and no rule of iptables lets anything through")
    type_rules(nat_host, "--delete", "FORWARD")
    type_rules(nat_host, "--insert", "FORWARD")
    jitsi.run_expect(
        [0], f"sed -i 's/stun:.*google.com:19302/stun:meet-jit-si-turnrelay.jitsi.net:443/' {CLIENTS_FILE}"
    )
    rows = failed_rows()
    require_findings(rows, REMEDIES)
    explained = causes(rows)
    behind = {name: explained.get(name) for name in (REDIRECT, REDIRECT.replace("jitsi", "other"), BOSH, BACKEND)}
    assert set(behind.values()) == {SITES}, behind
    found = {row["name"]: row["found"] for row in rows}
    assert found[REDIRECT].startswith("301 https://jitsi.test/?x=1")
    assert found[BOSH].startswith("stream: 404")
    assert found[BACKEND] == "its certificate is not verified"
    assert not {PAGE, MEDIA, PASSES} & set(found)


@pytest.fixture(scope="module")
def adoption(request, tmp_path_factory):
    """The inventory that the playbook wrote, what it said, and whether the machines are as they were."""
    request.getfixturevalue("made_by_hand")
    folder = tmp_path_factory.mktemp("adoption")
    machines, completed, inventory = (folder / name for name in ("machines.yml", "completed.yml", "adopted.yml"))
    machines.write_text(yaml.safe_dump({"all": MACHINES}))
    completed.write_text(yaml.safe_dump({"all": {"vars": COMPLETED}}))
    before = state_of_machines()
    options = ("-vvv", "--diff", "--extra-vars", f"adopt_inventory={inventory}")
    code, said = in_one_line(run_playbook("selfhosted.jitsi.adopt", [machines], *options))
    assert code == 0, said
    changes = state_of_machines() ^ before
    return SimpleNamespace(path=inventory, inventories=[inventory, completed], said=said, changes=changes)


@pytest.fixture
def adopted_site(adoption):
    """Runs a playbook with the adopted inventory; gives its exit code, and what it said in one line."""

    def run(*options, playbook="selfhosted.jitsi.site"):
        return in_one_line(run_playbook(playbook, adoption.inventories, *options))

    return run


@pytest.fixture
def adopted_rows(adopted_site, tmp_path):
    """Runs the check with the adopted inventory; gives its rows that are not in order."""

    def run():
        facts = json.dumps({"check_wait": 4, "check_json": f"{tmp_path}/check.json"})
        code, said = adopted_site("--extra-vars", facts, playbook="selfhosted.jitsi.check")
        return failed_rows((code, said, json.loads((tmp_path / "check.json").read_text())["rows"]))

    return run


def test_adoption_changes_nothing_on_the_machines(adoption):
    assert adoption.changes == set()
    assert adoption.path.stat().st_mode & 0o777 == 0o600


def test_adopted_inventory_has_the_values_of_the_labs_own_one(adoption, jitsi):
    found = yaml.safe_load(adoption.path.read_text())["all"]["vars"]
    wanted = yaml.safe_load((LAB / "group_vars" / "all.yml").read_text())
    names = ("jitsi_meet_fqdn", "nat_host_public_address", "nat_host_network", "reverse_proxy_address")
    for name in (*names, "jitsi_meet_local_address"):
        assert found.pop(name) == wanted[name], name
    # Without tcp/4443, where nothing listens.
    assert found.pop("nat_host_forwards") == [
        {"protocol": "tcp", "port": 80, "to": wanted["reverse_proxy_address"]},
        {"protocol": "tcp", "port": 443, "to": wanted["reverse_proxy_address"]},
        {"protocol": "udp", "port": 10000, "to": wanted["jitsi_meet_local_address"]},
    ]
    (own,) = found.pop("reverse_proxy_sites")
    assert own.pop("certificate_key_file").endswith("/jitsi.test.key")
    assert own == {"name": "jitsi.test", "certificate": "provided", "certificate_file": CERTIFICATE}
    is_authors = "meet-jit-si-turnrelay" in jitsi.check_output(f"cat {CLIENTS_FILE}")
    assert found.pop("jitsi_meet_stun_servers", []) == (["meet-jit-si-turnrelay.jitsi.net:443"] if is_authors else [])
    assert found.pop("jitsi_meet_apt_uri") == f"{repository()['uri']}/2020"
    assert found == {}


def test_adoption_names_what_no_variable_says_and_no_secret(adoption, jitsi):
    text = " ".join(adoption.path.read_text().replace("#", " ").split())
    for words in (
        f"{LIST} names the repository of Jitsi's packages",
        "/etc/apache2/sites-enabled/jitsi.test.conf has the vhosts of the site",
        "The rule for tcp/4443 leads to 192.168.122.120:4443, where the videobridge does not listen",
        "Your own rules for tcp/80 and tcp/443 and udp/10000 do the same as those of the collection",
    ):
        assert words in text and words in adoption.said, words
    assert "other.test" not in text
    lines = jitsi.check_output("cat /etc/jitsi/videobridge/sip-communicator.properties").splitlines()
    secrets = [line.partition("=")[2] for line in lines if "PASSWORD" in line]
    assert secrets
    assert not [secret for secret in secrets if secret in text + adoption.said]


def test_site_says_itself_what_has_to_go_first(adopted_site, jitsi, proxy):
    """What the remarks and the remedies name by hand. The vhost of the other service stays as it is."""
    code, said = adopted_site("--check")
    assert code != 0
    assert f"{LIST} on jitsi-lab-jitsi already names" in said
    jitsi.run_expect([0], f"rm {LIST}")
    switch_off(proxy, "jitsi.test")


def test_what_the_adopted_inventory_changes_can_be_seen_first(adopted_site):
    code, said = adopted_site("--check", "--diff")
    assert code == 0, said
    assert changed(said)
    assert "PF-jitsi-DNAT" in said


def test_site_takes_the_system_over(adopted_site, adopted_rows, jitsi, nat_host, proxy, request):
    assert not jitsi.file(LIST).exists
    before = jitsi.package("jitsi-meet").version
    code, said = adopted_site("--extra-vars", '{"reverse_proxy_may_restart": true}')
    assert code == 0, said
    assert jitsi.package("jitsi-meet").version == before
    rows = adopted_rows()
    assert not rows, told(rows)
    # Without the rules of the article, too.
    type_rules(nat_host, "--delete", "FORWARD")
    type_rules(nat_host, "--delete", "PREROUTING")
    code, said = adopted_site()
    assert (code, changed(said)) == (0, False), said
    rows = adopted_rows()
    assert not rows, told(rows)
    internet = request.getfixturevalue("internet")
    internet.trust(proxy.check_output(f"cat {CERTIFICATE} /etc/ssl/certs/other.test.pem"))
    assert internet.curl("https://jitsi.test/Room").status == 200
    assert internet.curl("https://other.test/").status == 200


def test_system_that_was_taken_over_is_not_adopted_again(adopted_site, tmp_path):
    code, said = adopted_site("--extra-vars", f"adopt_inventory={tmp_path}/new.yml", playbook="selfhosted.jitsi.adopt")
    assert code != 0
    assert "jitsi-lab-jitsi was set up by selfhosted.jitsi.site" in said
    assert not list(tmp_path.iterdir())


@pytest.mark.usefixtures("adoption")
def test_vhost_of_the_other_service_can_follow(proxy, request):
    """With the lab's own inventory, which the tests of every site ask for next."""
    switch_off(proxy, "other.test")
    code, said = site(generation="2020")
    assert code == 0, said
    internet = request.getfixturevalue("internet")
    internet.trust(proxy.check_output(PROXY_CERTIFICATES))
    assert internet.curl("https://other.test/").status == 200
