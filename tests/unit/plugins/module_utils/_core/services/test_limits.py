# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""A drop-in of ours sets a limit where nobody else does, and is gone where somebody does."""

from __future__ import annotations

import pytest
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.errors import CoreError
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.files import File
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.services.limits import (
    Limit,
    is_set_in,
    parse_limits,
    wanted,
)

NGINX = Limit("nginx", "LimitNOFILE", "LimitNOFILE=16384:524288")
ITEM = {"unit": "nginx", "name": "LimitNOFILE", "setting": "LimitNOFILE=1", "files": []}


@pytest.mark.parametrize(
    ("line", "is_set"),
    [
        ("LimitNOFILE=5", True),
        ("  LimitNOFILE=5", True),
        ("Environment=A=1 LimitNOFILE=5", True),
        ('Environment="LimitNOFILE=5"', True),
        ("export LimitNOFILE=5", True),
        ("# LimitNOFILE=5", False),
        ("; LimitNOFILE=5", False),
        ("LimitNOFILESoft=5", False),
        ("", False),
    ],
)
def test_lines_that_set_it_are_told_from_comments(line, is_set):
    assert is_set_in(f"[Service]\n{line}\n[Install]\n", "LimitNOFILE") == is_set


def test_drop_in_is_written_where_nobody_sets_it():
    text = "# Managed by Ansible: a role\n[Service]\nLimitNOFILE=16384:524288\n"
    files = wanted([NGINX], {NGINX: ["[Service]\nRestart=always\n"]}, "a role")
    assert files == {"/etc/systemd/system/nginx.service.d/00-selfhosted-jitsi.conf": File(text)}


@pytest.mark.parametrize(
    ("limit", "texts"), [(NGINX, ["LimitNOFILE=1\n"]), (Limit("nginx", "LimitNOFILE", ""), [])], ids=["others", "none"]
)
def test_nothing_is_there_where_somebody_sets_it_or_nobody_wants_it(limit, texts):
    assert list(wanted([limit], {limit: texts}, "a role").values()) == [None]


def test_places_are_those_of_the_unit_and_those_of_all_units():
    limit = Limit("nginx", "LimitNOFILE", "", ("/etc/default/nginx",))
    assert limit.places[0] == "/etc/default/nginx"
    for place in (
        "/etc/systemd/system/nginx.service",
        "/usr/lib/systemd/system/nginx.service.d",
        "/run/systemd/system/service.d",
        "/etc/systemd/system.conf",
        "/usr/lib/systemd/system.conf.d",
    ):
        assert place in limit.places


@pytest.mark.parametrize(
    ("items", "words"),
    [
        ([{**ITEM, "unit": "../x"}], "limits[0].unit: '../x' is not the name of a service; use for example nginx"),
        ([{**ITEM, "unit": ""}], "limits[0].unit: '' is not the name of a service"),
        ([ITEM, ITEM], "limits[1].unit: 'nginx' has a limit already"),
        ([{**ITEM, "setting": "A=1\nExecStart=/bin/x"}], "limits[0].setting: "),
    ],
)
def test_wrong_limits_are_refused(items, words):
    with pytest.raises(CoreError) as refused:
        parse_limits(items)
    assert words in str(refused.value)


def test_right_limits_are_read():
    assert parse_limits([{**ITEM, "unit": "x@1", "files": ["/a"]}]) == [
        Limit("x@1", "LimitNOFILE", "LimitNOFILE=1", ("/a",))
    ]
