# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""What somebody has set in the files of a videobridge."""

from __future__ import annotations

import pytest
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.bridge.kept import kept_settings

OLD, NEW = "sip-communicator.properties", "jvb.conf"
DISABLE = "org.jitsi.videobridge.DISABLE_TCP_HARVESTER"


@pytest.mark.parametrize(
    ("properties", "hocon", "reads", "port"),
    [
        ("", None, (OLD,), 0),
        (f"{DISABLE}=false\norg.jitsi.videobridge.TCP_HARVESTER_PORT=4443\n", None, (OLD,), 4443),
        (f"{DISABLE}=false\n", None, (OLD,), 443),
        (f"{DISABLE}=true\n", "videobridge.ice.tcp.enabled = true", (OLD, NEW), 0),
        (None, "videobridge.ice.tcp { enabled = true, port = 4443 }", (NEW,), 4443),
        (f"{DISABLE}=false\n", "", (NEW,), 0),
        (None, "videobridge {", (NEW,), 0),
    ],
)
def test_port_for_tcp(properties, hocon, reads, port):
    assert kept_settings(properties, hocon, reads).tcp_port == port


def test_secrets_and_addresses_are_left_out():
    properties = f"{DISABLE}=false\norg.ice4j.ice.harvest.DISABLE_AWS_HARVESTER=true\n"
    properties += "org.jitsi.videobridge.xmpp.user.shard.PASSWORD=hush\n"
    hocon = "videobridge.ice.advertise-private-candidates = false, videobridge.apis.xmpp-client.a.PASSWORD = hush"
    kept = kept_settings(properties, hocon, (OLD, NEW))
    assert kept.properties == {DISABLE: "false"}
    assert kept.hocon == {"videobridge.ice.advertise-private-candidates": False}


@pytest.mark.parametrize(
    ("properties", "hocon", "names"),
    [
        ("a=\\u12", None, [OLD]),
        (None, 'include "base.conf"\nvideobridge.ice.udp.port = 20000', [NEW]),
        (None, "videobridge.ice.udp.port = ${?PORT}", [NEW]),
        (None, "a += 1", [NEW]),
        (f"{DISABLE}=false\n", "videobridge {", [NEW]),
        ("", "", []),
    ],
)
def test_file_that_cannot_be_parsed_says_why(properties, hocon, names):
    reads = tuple(name for name, text in ((OLD, properties), (NEW, hocon)) if text is not None)
    problems = kept_settings(properties, hocon, reads).problems
    assert list(problems) == names
    assert all(problems.values())
