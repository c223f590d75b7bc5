# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""What breaks soon on a machine, or after its next reboot."""

from __future__ import annotations

import pytest
from ansible_collections.selfhosted.jitsi.plugins.plugin_utils._check.condition.machine import judge

UNIT = {
    "exists": True,
    "state": "active",
    "active": True,
    "file_state": "enabled",
    "enabled": True,
    "result": "success",
    "last_run": "",
    "failed": [],
}
CERTIFICATE = {
    "path": "/etc/ssl/selfhosted/a.test.crt",
    "name": "a.test",
    "not_before": "2026-11-29T15:37:51Z",
    "not_after": "2027-02-07T15:37:51Z",
    "days_left": 70.0,
    "begun": True,
    "names": ["a.test"],
    "fits": True,
    "problem": "",
    "key": "/etc/ssl/selfhosted/a.test.key",
    "key_fits": True,
    "key_problem": "",
}
DISK = {"path": "/", "total": 20000, "free": 9000, "free_inodes": 87.4, "read_only": False}
MEMORY = {"total": 4000, "available": 1200, "swap_total": 0, "swap_free": 0, "oom_kills": 0}
GATEWAY = {"address": "192.168.122.1", "device": "enp1s0", "state": "REACHABLE", "answers": True}
LIVE = "/etc/letsencrypt/live/a.test/fullchain.pem"


def seen(**changed):
    return {
        "disks": [DISK],
        "memory": MEMORY,
        "packages": {"unfinished": [], "interrupted": False},
        "units": {"apache2": UNIT, "certbot.timer": UNIT},
        "certificates": [CERTIFICATE],
        "configurations": {"apache2": {"tested": True, "problem": ""}, "nginx": {"tested": False, "problem": ""}},
        "resolves": {"b.test": {"addresses": ["192.0.2.7"], "problem": ""}},
        "gateway": GATEWAY,
        "name_servers": ["192.168.122.1"],
        "missing_addresses": [],
        **changed,
    }


def rows(wanted=None, **changed):
    request = {"role": "proxy", "units": ["apache2"], "timers": ["certbot.timer"], "gateway": "192.168.122.1"}
    request["own_folder"] = "/etc/ssl/selfhosted"
    return judge("proxy", {"seen": seen(**changed), "wanted": {**request, **(wanted or {})}})


def wrong(wanted=None, **changed):
    """The one row that is wrong."""
    (row,) = [row for row in rows(wanted, **changed) if not row.ok]
    return row


def test_machine_that_is_right_has_seven_rows_without_remedies():
    assert [(row.name, row.ok, row.found) for row in rows()] == [
        ("proxy has room on its disks", True, "/: 9000 of 20000 MiB free"),
        ("proxy has memory left", True, "1200 of 4000 MiB available, 0 MiB of swap space free"),
        ("proxy has no package half installed", True, "none"),
        ("proxy starts its services at the next boot", True, "apache2, certbot.timer"),
        ("proxy has certificates that last", True, "a.test ends first, in 70.0 days (2027-02-07T15:37:51Z)"),
        ("proxy has configurations that its programs can read", True, "apache2"),
        ("proxy finds names and has a way out", True, "192.168.122.1 at enp1s0, b.test"),
    ]
    assert {row.remedy for row in rows()} == {""}


def test_what_nobody_asked_for_has_no_row():
    nothing = {"disks": [], "certificates": [], "missing_addresses": [], "name_servers": []}
    nothing |= {key: {} for key in ("memory", "packages", "units", "configurations", "resolves", "gateway")}
    assert judge("host", {"seen": nothing, "wanted": {"role": "host"}}) == []


@pytest.mark.parametrize(
    ("changed", "role", "found"),
    [
        ({"free": 511}, "proxy", "/: 511 of 20000 MiB free"),
        ({"free": 512}, "proxy", ""),
        # Of a small disk 5 % are enough, and of a large one 512 MiB.
        ({"total": 1000, "free": 50}, "proxy", ""),
        ({"total": 1000, "free": 49}, "proxy", "/: 49 of 1000 MiB free"),
        ({"total": 2000000, "free": 600}, "proxy", ""),
        ({"free_inodes": 1.9}, "proxy", "/: 1.9 % of the inodes free"),
        ({"free_inodes": 2.0}, "proxy", ""),
        ({"free_inodes": None}, "proxy", ""),
        ({"total": 0, "free": 0}, "proxy", ""),
        ({"read_only": True}, "proxy", "/: it is mounted read-only"),
        ({"read_only": True, "free": 0}, "host", ""),
    ],
)
def test_room_on_disks(changed, role, found):
    row = rows({"role": role}, disks=[{**DISK, **changed}])[0]
    assert (row.ok, row.found if found else "") == (not found, found)


def test_remedy_of_full_disks_names_them():
    var = {**DISK, "path": "/var", "free_inodes": 0.1}
    row = wrong(disks=[{**DISK, "free": 0}, var, {**DISK, "path": "/tmp", "read_only": True}])
    assert row.found.split("; ") == [
        "/: 0 of 20000 MiB free",
        "/var: 0.1 % of the inodes free",
        "/tmp: it is mounted read-only",
    ]
    assert "du -xh --max-depth=2 / and du --inodes -xh --max-depth=2 /var | sort -h" in row.remedy
    assert row.remedy.endswith("Read dmesg on proxy, for the kernel stopped writing to /tmp")


@pytest.mark.parametrize(
    ("changed", "ok"),
    [
        ({"available": 119}, False),
        ({"available": 120}, True),
        ({"total": 1000, "available": 99}, False),
        ({"total": 1000, "available": 100}, True),
        ({"available": 10, "swap_free": 100}, True),
        ({"available": 10, "swap_free": 99}, False),
    ],
)
def test_memory(changed, ok):
    assert rows(memory={**MEMORY, **changed})[1].ok is ok


def test_processes_that_the_kernel_ended_are_told():
    row = rows(memory={**MEMORY, "oom_kills": 2})[1]
    assert (row.ok, row.found.partition("; ")[2]) == (
        True,
        "since its boot the kernel ended 2 processes that needed more",
    )


@pytest.mark.parametrize(
    ("unfinished", "interrupted", "found"),
    [
        (["jicofo"], False, "jicofo"),
        ([], True, "dpkg was interrupted"),
        (["a", "b"], True, "a, b, dpkg was interrupted"),
    ],
)
def test_packages(unfinished, interrupted, found):
    row = wrong(packages={"unfinished": unfinished, "interrupted": interrupted})
    assert (row.name, row.found) == ("proxy has no package half installed", found)
    assert row.remedy == "On proxy run: dpkg --configure -a; then: apt-get --fix-broken install"


MASKED = {"enabled": False, "file_state": "masked"}


@pytest.mark.parametrize(
    ("changed", "name", "found", "remedy"),
    [
        (
            {"enabled": False, "file_state": "enabled-runtime"},
            "apache2 starts at the next boot on proxy",
            "enabled-runtime",
            "systemctl enable apache2 on proxy",
        ),
        (
            MASKED,
            "apache2 starts at the next boot on proxy",
            "masked",
            "systemctl unmask apache2 && systemctl enable apache2 on proxy",
        ),
        (
            {"active": False, "state": "failed", "result": "exit-code"},
            "apache2 runs on proxy",
            "failed (exit-code)",
            "Read journalctl -u apache2 on proxy, correct what it names, and run: systemctl restart apache2",
        ),
        ({"exists": False}, "apache2 runs on proxy", "systemd has no such unit", "Run selfhosted.jitsi.site"),
    ],
)
def test_service_that_does_not_start_again(changed, name, found, remedy):
    row = wrong(units={"apache2": {**UNIT, **changed}, "certbot.timer": UNIT})
    assert (row.name, row.found, row.remedy) == (name, found, remedy)


@pytest.mark.parametrize("name", ["prosody", "jitsi-videobridge2.service"])
@pytest.mark.parametrize("changed", [{"active": False, "state": "failed"}, {"exists": False}])
def test_what_other_rows_say_of_a_service_is_not_said_twice(name, changed):
    found = rows({"units": [name], "timers": []}, units={name: {**UNIT, **changed}})
    assert all(row.ok for row in found)


def test_service_that_other_rows_judge_must_be_enabled():
    row = wrong(
        {"units": ["nginx"]},
        units={"nginx": {**UNIT, "enabled": False, "file_state": "disabled"}, **{"certbot.timer": UNIT}},
    )
    assert row.name == "nginx starts at the next boot on proxy"


@pytest.mark.parametrize(
    ("changed", "found", "remedy"),
    [
        (
            {"active": False, "state": "inactive", "enabled": False, "file_state": "disabled"},
            "inactive, disabled",
            "systemctl enable --now certbot.timer on proxy",
        ),
        (
            {"active": False, "state": "inactive"},
            "inactive, enabled",
            "systemctl enable --now certbot.timer on proxy",
        ),
        (
            MASKED,
            "active, masked",
            "systemctl unmask certbot.timer && systemctl enable --now certbot.timer on proxy",
        ),
        (
            {"failed": ["certbot.service"], "last_run": "Sun 2026-11-29 18:32:05 UTC"},
            "certbot.service failed at its last run (Sun 2026-11-29 18:32:05 UTC)",
            "Read journalctl -u certbot on proxy, correct what it names, and run: certbot renew --dry-run",
        ),
        (
            {"failed": ["other.service"]},
            "other.service failed at its last run",
            "Read journalctl -u other on proxy, correct what it names, and run: systemctl start other.service",
        ),
        ({"exists": False}, "systemd has no such timer", "Run selfhosted.jitsi.site"),
    ],
)
def test_timer(changed, found, remedy):
    row = wrong(units={"apache2": UNIT, "certbot.timer": {**UNIT, **changed}})
    assert (row.name, row.found, row.remedy) == ("certbot.timer runs", found, remedy)


@pytest.mark.parametrize(
    ("changed", "name", "found"),
    [
        ({"days_left": 13.9}, "a.test: the certificate lasts", "ends in 13.9 days (2027-02-07T15:37:51Z)"),
        ({"days_left": -1.5}, "a.test: the certificate lasts", "expired 1.5 days ago (2027-02-07T15:37:51Z)"),
        ({"begun": False}, "a.test: the certificate lasts", "is not valid before 2026-11-29T15:37:51Z"),
        ({"fits": False, "names": ["b.test"]}, "a.test: the certificate is for this name", "is for b.test"),
        ({"fits": False, "names": []}, "a.test: the certificate is for this name", "is for no name"),
    ],
)
def test_certificate(changed, name, found):
    row = wrong(certificates=[{**CERTIFICATE, **changed}])
    assert (row.name, row.found) == (name, f"/etc/ssl/selfhosted/a.test.crt {found}")


def test_certificate_that_cannot_be_read_has_one_row():
    unread = {"problem": "there is no such file", "days_left": None, "begun": False, "fits": None, "key_fits": None}
    row = wrong(certificates=[{**CERTIFICATE, **unread}])
    assert row.name == "a.test: the certificate lasts"
    assert row.found == "/etc/ssl/selfhosted/a.test.crt: there is no such file"


def test_key_of_another_certificate():
    row = wrong(certificates=[{**CERTIFICATE, "key_fits": False, "key_problem": "it belongs to another certificate"}])
    assert row.name == "a.test: the key belongs to the certificate"
    assert row.found == "/etc/ssl/selfhosted/a.test.key: it belongs to another certificate"


@pytest.mark.parametrize(("days", "ok"), [(14.0, True), (13.9, False)])
def test_certificate_has_14_days(days, ok):
    assert rows(certificates=[{**CERTIFICATE, "days_left": days}])[4].ok is ok


@pytest.mark.parametrize(
    ("path", "words"),
    [
        (CERTIFICATE["path"], "Run selfhosted.jitsi.site, which makes a new one; if an authority signs it: On proxy"),
        ("/etc/ssl/selfhosted-other/a.crt", "Replace /etc/ssl/selfhosted-other/a.crt on proxy"),
        (LIVE, "On proxy run: certbot renew"),
        ("/etc/prosody/certs/a.test.crt", "On proxy run: prosodyctl cert generate a.test"),
    ],
)
def test_remedy_of_a_certificate_is_that_of_its_place(path, words):
    assert wrong(certificates=[{**CERTIFICATE, "path": path, "days_left": 3.0}]).remedy.startswith(words)


def test_two_files_for_one_name_have_different_rows():
    late = {**CERTIFICATE, "days_left": 1.0}
    found = [row.name for row in rows(certificates=[late, {**late, "path": LIVE}]) if not row.ok]
    assert found == [f"a.test ({late['path']}): the certificate lasts", f"a.test ({LIVE}): the certificate lasts"]


def test_certificate_for_no_name_is_named_by_its_path():
    assert wrong(certificates=[{**CERTIFICATE, "name": "", "days_left": 1.0}]).name.startswith(CERTIFICATE["path"])


def test_configuration_that_cannot_be_read():
    row = wrong(
        configurations={"nginx": {"tested": True, "problem": "line 3"}, "sshd": {"tested": True, "problem": ""}}
    )
    assert (row.name, row.found) == ("nginx can read its configuration on proxy", "line 3")
    assert row.remedy.endswith("nginx runs on with what it read last, and does not start again")


@pytest.mark.parametrize(
    ("changed", "found", "remedy"),
    [
        (
            {"address": "", "device": ""},
            "there is no default route",
            "Set the gateway of proxy to 192.168.122.1 in its network configuration",
        ),
        (
            {"address": "192.168.122.9"},
            "the gateway is 192.168.122.9",
            "Set the gateway of proxy to 192.168.122.1 in its network configuration",
        ),
        (
            {"address": ""},
            "the gateway is the device enp1s0",
            "Set the gateway of proxy to 192.168.122.1 in its network configuration",
        ),
        (
            {"answers": False, "state": "FAILED"},
            "the gateway 192.168.122.1 at enp1s0 does not answer (FAILED)",
            "See that 192.168.122.1 runs, and that enp1s0 of proxy is in its network",
        ),
    ],
)
def test_way_out(changed, found, remedy):
    row = wrong(gateway={**GATEWAY, **changed})
    assert (row.name, row.found, row.remedy) == ("proxy finds names and has a way out", found, remedy)


@pytest.mark.parametrize("changed", [{"address": "192.0.2.1"}, {"answers": None}, {"address": "", "answers": None}])
def test_any_gateway_is_right_if_none_is_expected(changed):
    assert all(row.ok for row in rows({"gateway": ""}, gateway={**GATEWAY, **changed}))


def test_names_that_are_not_found():
    lost = {"b.test": {"addresses": [], "problem": "no name server answers"}}
    row = wrong(resolves=lost, gateway={**GATEWAY, "device": ""}, name_servers=[])
    assert row.found == "there is no default route; b.test: no name server answers"
    assert row.remedy.endswith("Set a name server that answers in /etc/resolv.conf on proxy (there now: none)")


@pytest.mark.parametrize(
    ("role", "variable"),
    [
        ("host", "nat_host_public_address"),
        ("jitsi", "jitsi_meet_local_address"),
        ("bridge", "videobridge_local_address"),
    ],
)
def test_address_that_the_machine_does_not_have(role, variable):
    row = wrong({"role": role}, missing_addresses=["192.168.122.120"])
    assert (row.name, row.found) == ("proxy has its address", "no network device has 192.168.122.120")
    assert variable in row.remedy
