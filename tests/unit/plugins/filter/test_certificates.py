# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Each site has the files that its vhost names."""

from __future__ import annotations

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.selfhosted.jitsi.plugins.plugin_utils._jinja.certificates import site_certificates


def test_site_has_files_of_its_name_or_those_that_it_names():
    own = {"name": "b.test", "certificate_file": "/b.pem", "certificate_key_file": "/b.key"}
    assert site_certificates([{"name": "a.test"}, own], "/etc/ssl/x/") == [
        {"name": "a.test", "path": "/etc/ssl/x/a.test.crt", "key": "/etc/ssl/x/a.test.key"},
        {"name": "b.test", "path": "/b.pem", "key": "/b.key"},
    ]


@pytest.mark.parametrize("sites", [None, "a.test", ["a.test"], [{}]])
def test_anything_else_is_refused(sites):
    with pytest.raises(AnsibleFilterError, match="site_certificates: use a list of sites"):
        site_certificates(sites, "/etc")
