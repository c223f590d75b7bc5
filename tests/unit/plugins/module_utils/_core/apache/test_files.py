# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.apache.files import Tree, outcome, plan
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.apache.pins import NOTE
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.apache.request import SiteError, parse_sites
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.apache.vhost import MARK, Settings, render
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.certificates.self_signed import is_good, note
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.files import File, Link, describe

ROOT = "/etc/apache2"
SITE = {"name": "a.test", "backend": "http://192.168.122.9/"}
LOADABLE = {
    **dict.fromkeys(["alias", "headers", "proxy", "http2", "setenvif", "mime", "rewrite", "proxy_wstunnel"], ""),
    "ssl": "# Depends: setenvif mime\nLoadModule ssl_module x\n",
    "proxy_http": "# Depends: proxy\n",
}


def tree(available=None, enabled=None, loadable=None, **more):
    modules = LOADABLE if loadable is None else loadable
    return Tree(ROOT, available or {}, enabled or {}, modules, frozenset({"ssl"}), **more)


def decide(*sites, found=None, purge=False, settings=None):
    return plan(parse_sites(sites), settings or Settings(), found or tree(), purge, "proxy")


def test_only_modules_that_are_needed_are_enabled():
    links = {path for path in decide(SITE).wanted if "/mods-enabled/" in path}
    names = {"alias", "headers", "proxy", "proxy_http", "http2", "setenvif", "mime", "ssl"}
    assert links == {f"{ROOT}/mods-enabled/{name}.load" for name in names} | {f"{ROOT}/mods-enabled/ssl.conf"}
    assert f"{ROOT}/mods-enabled/http2.load" not in decide(SITE, settings=Settings(http2=False)).wanted


def test_no_site_needs_no_module():
    assert decide().wanted == {}


def test_missing_module_is_named():
    with pytest.raises(SiteError, match="no module ssl, but the sites need it; install"):
        decide(SITE, found=tree(loadable={**{name: "" for name in LOADABLE if name != "ssl"}}))


def test_link_comes_after_its_file_and_goes_before_it():
    available, enabled = f"{ROOT}/sites-available/a.test.conf", f"{ROOT}/sites-enabled/a.test.conf"
    paths = list(decide(SITE).wanted)
    assert paths.index(available) < paths.index(enabled)
    gone = decide({"name": "a.test", "state": "absent"}, found=tree({"a.test.conf": MARK}))
    paths = list(gone.wanted)
    assert paths.index(enabled) < paths.index(available)
    assert gone.removed == ("a.test",)


@pytest.mark.parametrize(("purge", "removed"), [(False, ()), (True, ("old.test",))])
def test_only_own_sites_are_purged_and_only_on_demand(purge, removed):
    found = tree({"old.test.conf": f"{MARK}. More\n", "theirs.test.conf": f"# like {MARK}\n"})
    assert decide(SITE, found=found, purge=purge).removed == removed


PIN = f"{ROOT}/backends/a.test.pem"
PEM = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"
HTTPS = {**SITE, "backend": "https://192.168.122.9/"}
GONE = {"name": "a.test", "state": "absent"}
OURS = f"{ROOT}/sites-enabled/a.test.conf"


def found_with(text, named=(), is_own=True):
    files = {"a.test.conf": MARK if is_own else "# by hand\n"}
    return tree(files, files, backends={PIN: text}, tls_files=tuple(named))


@pytest.mark.parametrize("site", [SITE, GONE], ids=["without", "absent"])
def test_pin_that_is_not_wanted_any_more_goes_if_it_is_ours(site):
    assert decide(site, found=found_with(f"{NOTE}{PEM}", [(OURS, PIN)])).wanted[PIN] is None
    assert PIN not in decide(site, found=found_with(PEM, [(OURS, PIN)])).wanted
    assert PIN not in decide(site).wanted


@pytest.mark.parametrize("path", [PIN, f"{ROOT}//backends/../backends/a.test.pem"])
@pytest.mark.parametrize("text", [PEM, f"{NOTE}{PEM}"], ids=["theirs", "ours"])
def test_pin_that_a_site_names_itself_stays(path, text):
    kept = {**HTTPS, "backend_ca_file": path}
    assert PIN not in decide(kept, found=found_with(text)).wanted
    # Another site may name it, too.
    assert PIN not in decide({**kept, "name": "b.test"}, GONE, found=found_with(text)).wanted


@pytest.mark.parametrize("is_own", [True, False])
def test_pin_that_a_vhost_of_others_names_stays(is_own):
    """Of another inventory, or of an administrator, who may have taken over ours."""
    theirs = f"{ROOT}/sites-enabled/theirs.conf" if is_own else OURS
    assert PIN not in decide(GONE, found=found_with(f"{NOTE}{PEM}", [(theirs, PIN)], is_own)).wanted


def test_pin_of_a_removal_that_was_cut_off_goes():
    assert decide(GONE, found=tree(backends={PIN: f"{NOTE}{PEM}"})).wanted == {PIN: None}
    # Where Apache accepts nothing, it names nobody who needs it.
    assert decide(GONE, found=tree(backends={PIN: f"{NOTE}{PEM}"}, hosts=None)).wanted == {}


def test_pin_says_whose_it_is():
    assert decide({**HTTPS, "backend_ca": PEM}).wanted[PIN] == File(NOTE + PEM)


def test_file_of_others_where_a_new_pin_would_lie_is_refused():
    new = {**HTTPS, "backend_ca": PEM}
    with pytest.raises(SiteError, match=r"a[.]test[.]pem is not of this module, .* lost; set backend_ca_file"):
        decide(new, found=tree(backends={PIN: "# mine\n"}))
    # One without a note that says the same is as good, and a site's own file is put right again.
    for found in (tree(backends={PIN: PEM}), found_with("# changed by hand\n")):
        assert decide(new, found=found).wanted[PIN] == File(NOTE + PEM)


def test_site_that_would_read_the_pin_of_another_one_is_refused():
    other = {**HTTPS, "name": "b.test", "backend_ca_file": f"{ROOT}//backends/a.test.pem"}
    with pytest.raises(SiteError, match=r"sites\['b.test'\].backend_ca_file: .* is the file of backend_ca of 'a.test'"):
        decide({**HTTPS, "backend_ca": PEM}, other)


def test_outcome_says_what_changes():
    wanted = decide(SITE).wanted
    assert outcome({}, wanted).changed
    assert not outcome(dict(wanted), wanted).changed


def test_diff_shows_links_and_texts():
    assert [describe(each) for each in (File("x\n"), Link("../y"), None)] == ["x\n", "link to ../y\n", ""]


def test_unverified_backend_says_so_in_the_file():
    site = {**SITE, "backend": "https://192.168.122.9/"}
    text = render(parse_sites([{**site, "backend_unverified_and_open_to_impostors": True}])[0], Settings())
    assert "SSLProxyVerify none" in text
    assert "NOT VERIFIED" in text
    text = render(parse_sites([site])[0], Settings())
    assert "SSLProxyVerify require" in text
    assert "none" not in text


def test_challenges_can_be_left_to_what_is_there():
    text = render(parse_sites([SITE])[0], Settings(acme_webroot=""))
    assert "Alias " not in text
    assert "(?!/\\.well-known/acme-challenge/)" in text


NOW = 1_800_000_000.0


@pytest.mark.parametrize(
    ("names", "days", "good"),
    [
        (["a.test", "b.test"], 0, True),
        (["b.test", "a.test"], 0, True),
        (["a.test"], 0, False),
        (["a.test", "b.test"], 366, True),
        (["a.test", "b.test"], 368, False),
        # As one of ten years that was made today.
        (["a.test", "b.test"], 397 - 3650, False),
        (["a.test", "b.test"], -1, False),
    ],
)
def test_own_certificate_does_until_its_names_change_or_it_runs_out(names, days, good):
    text = note(["a.test", "b.test"], NOW) + "-----BEGIN CERTIFICATE-----\n"
    assert is_good(text, names, NOW + days * 86400) == good


def test_text_without_a_note_is_not_believed():
    assert not is_good("Names: a.test\nNot after: soon\n", ["a.test"], NOW)
