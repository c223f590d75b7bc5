# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Wrong sites, as a playbook gives them to the role: each is refused on the controller with its own message."""

from __future__ import annotations

import json

import pytest
from reports import report_of

NAME = "a.example.org"
RIGHT = {"name": NAME, "backend": "https://192.168.122.9/"}
PEM = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----"
DANGER = "backend_unverified_and_open_to_impostors"


def pair(path, backend, **more):
    return {"name": NAME, "backend": None, "paths": [{"path": path, "backend": backend, **more}]}


#: What is different from a right site, and what the message must say: what is wrong, and what to do.
WRONG = {
    "a name without a dot": (
        {"name": "jenkins"},
        "reverse_proxy_sites[0].name: 'jenkins' is not a fully qualified",
        "use for example",
    ),
    "a name in upper case": ({"name": "A.example.org"}, "not a fully qualified host name in lower case", "example"),
    "an address for a name": ({"name": "192.168.122.9"}, "not a fully qualified host name", "use for"),
    "no name": ({"name": None}, "missing required arguments: name", "reverse_proxy_sites"),
    "an alias with a star": ({"aliases": ["*.example.org"]}, "aliases[0]: '*.example.org' is not", "use for example"),
    "an alias that is the name": ({"aliases": [NAME]}, "reverse_proxy_sites: duplicate name", "must be unique"),
    "no backend": ({"backend": None}, "no backend", "set backend, paths or state: absent"),
    "a backend that is no URL": (
        {"backend": "192.168.122.9:80"},
        "not an http or https URL",
        "use for example https://",
    ),
    "a backend without a slash": ({"backend": "http://b:80"}, "ends in a slash", "use for example"),
    "a backend with a wrong port": ({"backend": "http://b:65536/"}, "http://b:65536/", "use for example"),
    "a path without a slash": (pair("x/", "http://b/x/"), "path: 'x/' is not a valid path", "begin it with a slash"),
    "slashes that do not fit": (pair("/x", "http://b/x/"), "only one of path '/x' and", "end both in a slash"),
    "two backends of a path": (
        {"paths": [{"path": "/", "backend": "http://b/"}]},
        "duplicate path '/'",
        "keep one",
    ),
    "a timeout of nothing": ({"timeout": 0}, "timeout: 0 is not between 1", "give a number of seconds"),
    "a timeout that is no number": ({"timeout": "long"}, "timeout", "int"),
    "an unknown option": ({"backends": []}, "backends", "Supported parameters"),
    "an unknown certificate": ({"certificate": "bought"}, "certificate must be one of", "bought"),
    "a provided certificate without files": (
        {"certificate": "provided"},
        "'provided' needs the files",
        "set certificate_file",
    ),
    "files without provided": (
        {"certificate_file": "/x"},
        "certificate_file: '/x' has no effect",
        "set certificate: provided",
    ),
    "a key among certificates": (
        {"backend_ca": f"{PEM}\n-----BEGIN PRIVATE KEY-----"},
        "backend_ca: the text contains a private key",
        "replace the key",
    ),
    "a path for a certificate": ({"backend_ca": "/etc/x.crt"}, "the text contains no certificate", "give PEM text"),
    "two ways of pinning": (
        {"backend_ca": PEM, "backend_ca_file": "/x"},
        "backend_ca_file are both set",
        "keep one of them",
    ),
    "pinned, but not verified": (
        {"backend_ca": PEM, DANGER: True},
        f"{DANGER}: true contradicts backend_ca",
        "remove this",
    ),
    "http that is not verified": (
        {"backend": "http://b/", DANGER: True},
        "all backends use http",
        "use an https backend",
    ),
    "HSTS of less than nothing": ({"hsts": -1}, "hsts: -1 is negative", "or 0 to let the backend"),
    "a header with a line break": (
        {"request_headers": {"X": "1\n2"}},
        "request_headers['X']: Apache",
        "remove line breaks",
    ),
    "directives that leave the vhost": ({"extra_directives": "</VirtualHost>"}, "</VirtualHost> closes", "close only"),
    "directives that stay open": ({"extra_directives": "<If true>"}, "<if> is not closed", "close each section"),
}
CASES = [
    {name: value for name, value in {**RIGHT, **changes}.items() if value is not None}
    for changes, *_words in WRONG.values()
]
TRY = [
    {
        "block": [
            {
                "ansible.builtin.include_role": {"name": "selfhosted.jitsi.reverse_proxy", "tasks_from": "preflight"},
                "vars": {"reverse_proxy_sites": ["{{ case }}"]},
            },
            {"ansible.builtin.set_fact": {"messages": "{{ messages + ['accepted'] }}"}},
        ],
        "rescue": [
            {
                "ansible.builtin.set_fact": {
                    "messages": "{{ messages + [ansible_failed_result.msg ~ ansible_failed_result | to_json] }}"
                }
            }
        ],
    }
]


@pytest.fixture(scope="module")
def messages(tmp_path_factory):
    """What the role said to each site."""
    folder = tmp_path_factory.mktemp("sites")
    (folder / "try.yml").write_text(json.dumps(TRY))
    tasks = [{"ansible.builtin.include_tasks": "try.yml", "loop": CASES, "loop_control": {"loop_var": "case"}}]
    return report_of(folder, {"hosts": "localhost", "vars": {"messages": []}, "tasks": tasks}, "messages")


@pytest.mark.parametrize("name", WRONG)
def test_wrong_sites_are_refused(messages, name):
    message = messages[list(WRONG).index(name)]
    for part in WRONG[name][1:]:
        assert part in message, message
    assert "Traceback" not in message
