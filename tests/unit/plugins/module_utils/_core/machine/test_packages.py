# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""What dpkg says of packages: installed with a version, or in between."""

from __future__ import annotations

from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.machine.packages import (
    Packages,
    parse_edited,
    parse_packages,
)


def test_packages_are_installed_gone_or_in_between():
    text = (
        "installed ok nginx 1.22.1-9\n"
        "config-files ok apache2 2.4.62-1\n"
        "not-installed ok mutt \n"
        "half-configured ok jicofo 1.0-1\n"
        "unpacked ok jitsi-videobridge2 2.3-1\n"
        "installed reinstreq prosody 0.12.3-1\n"
    )
    assert parse_packages(text) == Packages({"nginx": "1.22.1-9"}, ("jicofo", "jitsi-videobridge2", "prosody"))


def test_package_of_two_architectures_is_named_once():
    text = (
        "half-configured ok libc6 2.36\nhalf-configured ok libc6 2.36\ninstalled ok zlib1g 1\ninstalled ok zlib1g 1\n"
    )
    assert parse_packages(text) == Packages({"zlib1g": "1"}, ("libc6",))


def test_nothing_is_no_package():
    assert parse_packages("") == Packages()


def test_edited_configuration_files_are_those_with_another_checksum():
    text = (
        "??5?????? c /etc/turnserver.conf\n"
        "missing   c /etc/default/coturn\n"
        "?????????  c /etc/logrotate.d/coturn\n"
        "??5??????   /usr/bin/turnserver\n"
        "??5?????? c /etc/with a blank\n"
    )
    assert parse_edited(text) == ["/etc/turnserver.conf", "/etc/with a blank"]
    assert parse_edited("") == []
