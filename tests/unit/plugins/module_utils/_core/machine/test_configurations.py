# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""What programs say of their configuration, without its values."""

from __future__ import annotations

import pytest
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.machine.configurations import is_tested, problem

#: What the programs of Debian 12 print.
APACHE = """\
AH00526: Syntax error on line 3 of /etc/apache2/sites-enabled/a.conf:
Invalid command 'hunter2', perhaps misspelled or defined by a module not included in the server configuration
Action '-t' failed.
"""
NGINX = """\
2026/11/29 15:38:50 [emerg] 7959#7959: unknown directive "hunter2" in /etc/nginx/nginx.conf:5
nginx: configuration file /etc/nginx/nginx.conf test failed
"""
NGINX_ARGUMENTS = 'nginx: [emerg] invalid number of arguments in "server_name" directive in /etc/nginx/nginx.conf:7\n'
NGINX_END = '2026/11/29 15:38:50 [emerg] 63#63: unexpected end of file, expecting ";" or "}" in /etc/nginx/a.conf:7\n'
NGINX_CERTIFICATE = (
    'nginx: [emerg] cannot load certificate "/a.crt": BIO_new_file() failed '
    "(SSL: error:80000002:system library::No such file or directory:calling fopen(/a.crt, r))\n"
)
NGINX_OTHER = 'nginx: [emerg] mkdir() "/var/lib/nginx/body" failed (2: No such file or directory)\n'
LUA = "/etc/prosody/conf.d/a.cfg.lua:2: unfinished string near '\"hunter2'\n"
LUA_LINK = "cannot open /etc/prosody/conf.d/a.cfg.lua: No such file or directory\n"
SSHD = """\
/etc/ssh/sshd_config: line 2: Bad configuration option: Foo
/etc/ssh/sshd_config: terminating, 1 bad configuration options
"""
SSHD_VALUE = '/etc/ssh/sshd_config line 2: unsupported option "perhaps".\n'


@pytest.mark.parametrize(
    ("program", "words", "found"),
    [
        ("apache2", APACHE, "Syntax error on line 3 of /etc/apache2/sites-enabled/a.conf"),
        ("apache2", "AH00534: No MPM loaded.\n", "its test ends with exit code 1"),
        ("nginx", NGINX, 'unknown directive "…" in /etc/nginx/nginx.conf:5'),
        ("nginx", NGINX_ARGUMENTS, 'invalid number of arguments in "server_name" directive in /etc/nginx/nginx.conf:7'),
        ("nginx", NGINX_END, 'unexpected end of file, expecting ";" or "}" in /etc/nginx/a.conf:7'),
        ("nginx", NGINX_CERTIFICATE, 'cannot load certificate "/a.crt"'),
        ("nginx", NGINX_OTHER, "its test ends with exit code 1"),
        ("prosody", LUA, "/etc/prosody/conf.d/a.cfg.lua:2: unfinished string"),
        ("prosody", LUA_LINK, LUA_LINK.strip()),
        ("sshd", SSHD, "/etc/ssh/sshd_config: line 2: Bad configuration option: Foo"),
        ("sshd", SSHD_VALUE, '/etc/ssh/sshd_config line 2: unsupported option "…".'),
    ],
)
def test_first_line_with_a_place_is_shown_without_values(program, words, found):
    assert problem(program, 1, words) == found


def test_test_that_passes_has_no_problem():
    assert problem("nginx", 0, NGINX) == ""


def test_sshd_of_a_socket_is_not_tested():
    assert is_tested("Missing privilege separation directory: /run/sshd\n") is False
    assert is_tested(SSHD) is True
