# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""The vhosts of others, in what Apache prints of its configuration."""

from __future__ import annotations

import pytest
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.apache.foreign import vhosts_as_data

DUMP = """# In file: /etc/apache2/apache2.conf
#  10:
Timeout 300
# In file: /etc/apache2/sites-enabled/meet.conf
#   5:
<VirtualHost *:443>
  #   6:
  ServerName https://Meet.example.org:443
  #   7:
  ServerAlias www.example.org
  SSLEngine on
  SSLCertificateFile /etc/ssl/meet.pem
  SSLCertificateKeyFile /etc/ssl/meet.key
  SSLProxyVerify none
  ProxyPass / https://anna:hush@192.0.2.3/
  <Location /etherpad>
    ProxyPass http://192.0.2.9:9001/
  </Location>
  LINES
</VirtualHost>
"""


def test_vhost_is_told():
    (vhost,) = vhosts_as_data(DUMP.replace("  LINES\n", ""))
    assert vhost == {
        "name": "meet.example.org",
        "aliases": ["www.example.org"],
        "addresses": ["*:443"],
        "file": "/etc/apache2/sites-enabled/meet.conf",
        "line": 5,
        "tls": True,
        "certificate": "/etc/ssl/meet.pem",
        "certificate_key": "/etc/ssl/meet.key",
        "backends": [
            {"path": "/", "url": "https://192.0.2.3/"},
            {"path": "/etherpad", "url": "http://192.0.2.9:9001/"},
        ],
        "others": [],
    }


@pytest.mark.parametrize(
    ("line", "others"),
    [
        ('RequestHeader set X-Secret "hush"', ["requestheader"]),
        ("Require all granted", []),
        ("Require ip 192.0.2.0/24", ["require"]),
        ("RewriteRule ^/ws wss://192.0.2.3/ws [P]", []),
        ("RewriteRule ^/a /b", ["rewriterule"]),
        ("ProxyPass /no !", []),
    ],
)
def test_other_directives_are_named_without_their_arguments(line, others):
    (vhost,) = vhosts_as_data(DUMP.replace("LINES", line))
    assert vhost["others"] == others
    assert "hush" not in str(vhost)
    assert len(vhost["backends"]) == 2
