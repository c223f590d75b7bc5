# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which systems are adopted, and which are refused."""

from __future__ import annotations

import pytest
from ansible_collections.selfhosted.jitsi.plugins.plugin_utils._adopt.model import AdoptError


def refused(article, words):
    with pytest.raises(AdoptError) as refusal:
        article.system()
    assert words in str(refusal.value)


def test_machine_without_jitsi_is_refused(article):
    article.jitsi["sites"] = []
    refused(article, "No Jitsi Meet is on jitsi")


def test_machine_without_apache_is_refused(article):
    article.found["proxy"]["proxy"]["installed"] = False
    refused(article, "No Apache is on proxy")


def test_system_of_this_collection_is_refused(article):
    article.jitsi["marks"] = ["/etc/selfhosted-jitsi"]
    refused(article, "jitsi was set up by selfhosted.jitsi.site, as /etc/selfhosted-jitsi shows; its inventory exists")


def test_one_of_several_sites_has_to_be_named(article):
    article.jitsi["sites"].append({**article.site, "name": "b.test"})
    refused(article, "jitsi has several sites, meet.test, b.test; pass -e adopt_fqdn=NAME")
    article.wanted = "c.test"
    refused(article, "adopt_fqdn: 'c.test' is no site of jitsi, which has meet.test, b.test")
    article.wanted = "b.test"
    assert article.system().fqdn == "b.test"


def test_further_machine_without_a_bridge_is_refused(article):
    article.bridges["bridge1"] = {"interfaces": [], "jitsi": {"bridge": {"reads": []}}}
    refused(article, "No videobridge is on bridge1")
