"""The filter says what the module would say."""

from __future__ import annotations

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.selfhosted.jitsi.plugins.plugin_utils._jinja.sites import acme_problems, site_problems


def test_sites_that_can_be_have_no_problem():
    assert site_problems([]) == []
    assert site_problems([{"name": "a.example.org", "backend": "http://192.168.122.9/"}]) == []


def test_problem_is_told():
    (problem,) = site_problems([{"name": "jenkins", "backend": "http://192.168.122.9/"}])
    assert problem.startswith("reverse_proxy_sites[0].name: 'jenkins' is not a fully qualified host name")


@pytest.mark.parametrize("sites", ["a.example.org", None, {"name": "a.example.org"}, ["a.example.org"]])
def test_what_is_no_list_of_sites_is_refused(sites):
    with pytest.raises(AnsibleFilterError, match=r"site_problems: .* is not a (list|mapping)"):
        site_problems(sites)


def test_authority_is_judged_only_where_a_site_needs_it():
    account = {"directory_url": "http://acme.test/", "webroot": "/var/www/acme"}
    assert acme_problems([{"name": "a.test"}], **account) == []
    (problem,) = acme_problems([{"name": "a.test", "certificate": "acme"}], **account)
    assert "not an https URL" in problem
    assert (
        acme_problems([{"name": "a.test", "certificate": "acme"}], **{**account, "directory_url": "https://a/"}) == []
    )
