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
        "chain": "",
        "backends": [
            {"path": "/", "url": "https://192.0.2.3/"},
            {"path": "/etherpad", "url": "http://192.0.2.9:9001/"},
        ],
        "lines": [],
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
        ("RewriteRule ^ https://%{SERVER_NAME}%{REQUEST_URI} [END,NE,R=permanent]", []),
        ("RewriteRule ^/a https://%{SERVER_NAME}%{REQUEST_URI}", ["rewriterule"]),
        ("Redirect permanent /help https://192.0.2.3/", []),
        ("ProxyPass /no !", []),
    ],
)
def test_other_directives_are_named_without_their_arguments(line, others):
    (vhost,) = vhosts_as_data(DUMP.replace("LINES", line))
    assert vhost["others"] == others
    assert "hush" not in str(vhost)
    assert len(vhost["backends"]) == 2


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("ProxyPass /no !", ("proxypass /no !", "", False)),
        ("Redirect permanent /help https://anna:hush@a.test/", ("redirect permanent /help https://a.test/", "", False)),
        ("RedirectMatch 404 ^/about", ("redirectmatch 404 ^/about", "", False)),
        ("RedirectMatch permanent ^/$ https://a.test/", ("redirectmatch permanent ^/$ https://a.test/", "", False)),
        ("Redirect / https://a.test/", ("redirect / https://a.test/", "https://a.test/", True)),
        ("RewriteRule ^/w wss://192.0.2.3/w [P]", ("rewriterule ^/w wss://192.0.2.3/w", "wss://192.0.2.3/w", False)),
    ],
)
def test_lines_that_lead_somewhere_are_told(line, told):
    (vhost,) = vhosts_as_data(DUMP.replace("LINES", f"#  20:\n  {line}"))
    (found,) = vhost["lines"]
    assert (found["file"], found["line"]) == ("/etc/apache2/sites-enabled/meet.conf", 20)
    text, to, is_for_all = told
    assert (found["text"], found["is_for_all"]) == (text, is_for_all)
    assert found["to"] == (to or found["to"])


@pytest.mark.parametrize(
    "pattern",
    ["^/(.*)$", "^/?(.*)$", "(.*)", "^", "^(?!/\\.well-known/acme-challenge/).*", "^(?!/.well-known/)(.*)$", "^(/.*)$"],
)
def test_redirect_of_each_path_is_known(pattern):
    (vhost,) = vhosts_as_data(DUMP.replace("LINES", f"RedirectMatch permanent {pattern} https://a.test/$1"))
    (found,) = vhost["lines"]
    assert (found["to"], found["is_for_all"]) == ("https://a.test/$1", True)


@pytest.mark.parametrize("section", ['<Location ~ "^/x">', "<LocationMatch ^/x>", '<If "true">'])
def test_proxypass_for_a_pattern_is_no_backend(section):
    kind = section[1:].partition(" ")[0]
    (vhost,) = vhosts_as_data(DUMP.replace("LINES", f"{section}\n    ProxyPass http://y.test/\n  </{kind}>"))
    assert [line["text"] for line in vhost["lines"]] == ["proxypass http://y.test/"]
    assert len(vhost["backends"]) == 2


def test_challenges_that_are_not_passed_on_are_left_out():
    (vhost,) = vhosts_as_data(DUMP.replace("LINES", "ProxyPass /.well-known/acme-challenge/ !"))
    assert vhost["lines"] == []


@pytest.mark.parametrize(("said", "path"), [("ssl/a.pem", "/etc/apache2/ssl/a.pem"), ("pkcs11:a", "pkcs11:a")])
def test_paths_of_certificates_are_absolute(said, path):
    (vhost,) = vhosts_as_data(DUMP.replace("LINES", f"SSLCertificateFile {said}\n  SSLCertificateChainFile {said}"))
    assert (vhost["certificate"], vhost["chain"]) == (path, path)


def test_further_certificates_of_a_vhost_are_told():
    more = "SSLCertificateFile /ec.pem\n  SSLCertificateKeyFile /ec.key"
    (vhost,) = vhosts_as_data(DUMP.replace("LINES", more))
    assert (vhost["certificate"], vhost["certificate_key"]) == ("/ec.pem", "/ec.key")
    first = ["sslcertificatefile /etc/ssl/meet.pem", "sslcertificatekeyfile /etc/ssl/meet.key"]
    assert [line["text"] for line in vhost["lines"]] == first
