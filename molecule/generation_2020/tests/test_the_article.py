"""The article's own system, made by hand: the check names what holds no longer, and its remedies end in a right one."""

from __future__ import annotations

import json
import os
import shlex
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from check_runs import failed_rows
from fault_runs import findings, told
from machines import PROXY_CERTIFICATES, machine, repository
from site_runs import changed, site

ARTICLE = Path(os.environ["MOLECULE_SCENARIO_DIRECTORY"]) / "files" / "article"
NAMES = ("jitsi.test", "other.test")
CLIENTS_FILE = "/etc/jitsi/meet/jitsi.test-config.js"
LIST = "/etc/apt/sources.list.d/jitsi-stable.list"
RUN = "Run selfhosted.jitsi.site"

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


@pytest.mark.usefixtures("made_by_hand")
def test_site_says_itself_what_has_to_go_first(jitsi, proxy):
    """What the remedies name by hand; the inventory has the settings of the vhosts."""
    code, said = site(generation="2020")
    assert code != 0
    assert f"{LIST} on jitsi-lab-jitsi already names" in said
    jitsi.run_expect([0], f"rm {LIST}")
    folder = "/etc/apache2/sites-available"
    for name in NAMES:
        proxy.run_expect([0], f"a2dissite --quiet {name} && mv {folder}/{name}.conf {folder}/{name}.conf.by-hand")


@pytest.mark.usefixtures("made_by_hand")
def test_site_takes_the_system_over(jitsi, nat_host, proxy, request):
    assert not jitsi.file(LIST).exists
    before = jitsi.package("jitsi-meet").version
    code, said = site("--extra-vars", '{"reverse_proxy_may_restart": true}', generation="2020")
    assert code == 0, said
    assert jitsi.package("jitsi-meet").version == before
    rows = failed_rows()
    assert not rows, told(rows)
    # Without the rules of the article, too.
    type_rules(nat_host, "--delete", "FORWARD")
    type_rules(nat_host, "--delete", "PREROUTING")
    code, said = site(generation="2020")
    assert (code, changed(said)) == (0, False), said
    rows = failed_rows(request.getfixturevalue("check_of_the_site"))
    assert not rows, told(rows)
    internet = request.getfixturevalue("internet")
    internet.trust(proxy.check_output(PROXY_CERTIFICATES))
    assert internet.curl("https://jitsi.test/Room").status == 200
