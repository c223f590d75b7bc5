# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.forwards import persistence
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.forwards.persistence import File
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.forwards.request import ForwardError, parse_request

RIGHT = {"name": "j", "public_address": "198.51.100.10", "network": "192.168.122.0/24"}
FORWARDS = [
    {"protocol": "tcp", "port": "22", "to": "192.168.122.100", "to_port": "2222", "comment": "ssh für alle"},
    {"protocol": "udp", "port": "10000-10010", "to": "192.168.122.120", "sources": ["10.0.0.0/8", "203.0.113.5"]},
    {"protocol": "tcp", "port": "443", "to": "192.168.122.100", "sources": ["0.0.0.0/0"]},
]
OWN = "/etc/port-forwards/j.json"


def ask(**changes):
    return parse_request({**RIGHT, "forwards": FORWARDS, "allow_ssh": True, **changes})


def files(request, programs=(persistence.LIBVIRT,), found=None, others=False):
    shared = persistence.shared_files({"_core/a.py": "a = 1\n"}, programs)
    there = dict.fromkeys([OWN, *shared])
    there.update(found or {})
    return persistence.plan("j", request, shared, there, others)


@pytest.mark.parametrize(
    "changes", [{}, {"hairpin": False}, {"masquerade": False}, {"forwards": []}, {"purpose": "a.test"}]
)
def test_what_is_kept_means_the_same(changes):
    request = ask(**changes)
    assert persistence.load(persistence.dump(request)) == request


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"name": 1}', "null", '{"name": "j", "forwards": [1]}'])
def test_what_is_no_request_is_refused(text):
    with pytest.raises(ForwardError):
        persistence.load(text)


def test_everything_is_written():
    after = files(ask()).after
    assert sorted(after) == [
        "/etc/libvirt/hooks/network.d/port-forwards",
        OWN,
        "/etc/systemd/system/port-forwards.service",
        "/usr/local/lib/port-forwards/__main__.py",
        "/usr/local/lib/port-forwards/port_forwards/_core/a.py",
    ]
    assert all(after.values())
    assert after["/etc/libvirt/hooks/network.d/port-forwards"].mode == 0o755


def test_without_libvirt_there_is_no_hook():
    assert persistence.HOOK not in files(ask(), programs=()).after


def test_firewalld_is_watched_where_it_is():
    assert persistence.WATCH_FILE not in files(ask()).after
    assert files(ask(), programs=[persistence.FIREWALLD]).after[persistence.WATCH_FILE]


def test_a_reload_of_nftables_is_followed_where_it_is():
    assert persistence.RELOAD_FILE not in files(ask()).after
    assert files(ask(), programs=[persistence.NFTABLES]).after[persistence.RELOAD_FILE]


def test_a_second_time_nothing_is_written():
    assert not files(ask(), found=files(ask()).after).changed


def test_a_file_that_was_changed_is_put_right():
    found = {**files(ask()).after, persistence.UNIT_FILE: File("mine\n")}
    assert files(ask(), found=found).changed


def test_the_last_owner_takes_everything_away():
    there = files(ask()).after
    assert not any(files(None, found=there).after.values())


def test_others_keep_what_they_need():
    there = files(ask()).after
    outcome = files(None, found=there, others=True)
    assert [path for path in there if outcome.after[path] is None] == [OWN]


def test_a_diff_shows_what_a_person_reads():
    text = persistence.describe(files(ask()).after)
    assert "ssh für alle" in text
    assert "a = 1" not in text
    assert "2 files of the collection's own code" in text
    changed = {**files(ask()).after, "/usr/local/lib/port-forwards/port_forwards/_core/a.py": File("a = 2\n")}
    assert persistence.describe(changed) != text
