# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""jvb.conf and jicofo.conf as the packages of each generation write them, edited by hocon and then by the packages."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import test_hocon
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.hocon.edit import decide, edits_from
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.hocon.text import parse_path

PACKAGES = Path(__file__).parents[1] / "lab/repository/packages/current"

# Releases of the bridge from 2020-09 on had these, in the object videobridge.
WEBSOCKETS = """    websockets {
        enabled = true
        domain = "jitsi.test:443"
        tls = true
    }
"""
PUBLIC_PORT = """    http-servers {
        public {
            port = 9090
        }
    }
"""
WITHOUT_SHARD = "videobridge {\n" + PUBLIC_PORT + WEBSOCKETS + "}\n"

BRIDGE = {
    "ice4j.harvest.mapping.stun.addresses": [],
    "ice4j.harvest.mapping.static-mappings": [{"local-address": "192.168.122.120", "public-address": "198.51.100.10"}],
    "videobridge.ice.udp.port": 10000,
    "videobridge.apis.xmpp-client.configs.shard.PASSWORD": "p@ss#word",
}
FOCUS = {
    "jicofo.bridge.selection-strategy": "SplitBridgeSelectionStrategy",
    "jicofo.bridge.brewery-jid": "JvbBrewery@internal.auth.jitsi.test",
    "jicofo.xmpp.client.password": "p@ss#word",
    "jicofo.octo.id": 1,
}


def write(package: str, file: Path) -> None:
    """Do with the file what the package's script does when it is configured."""
    if shutil.which("hocon") is None:
        pytest.skip("hocon is not installed; install ruby-hocon")
    script = (PACKAGES / package / "DEBIAN/postinst").read_text()
    names = "set_if_absent|switch_websockets_on|write_hocon|move_rest_api"
    functions = re.findall(rf"^(?:{names})\(\) {{\n.*?^}}\n(?=\n)", script, re.DOTALL | re.MULTILINE)
    calls = [name for name in ("write_hocon", "move_rest_api") if f"\n{name}() {{" in script]
    config = file.with_name("config")
    config.write_text('JVB_OPTS="--apis=rest,xmpp"\n')
    variables = f"set -e\nHOCON='{file}' CONFIG='{config}' JVB_HOSTNAME=jitsi.test JVB_SECRET='a@b#c' PASSWORD=secret\n"
    text = variables + "uuidgen() { echo 4f5e-1a; }\n" + "".join(functions) + "\n".join(calls)
    # The script asks for its own package's version, which this machine need not have.
    commands = file.with_name("commands")
    commands.mkdir(exist_ok=True)
    (commands / "dpkg-query").write_text("#!/bin/sh\necho 2.3-295-g0000000-1\n")
    (commands / "dpkg-query").chmod(0o755)
    path = f"{commands}{os.pathsep}{os.environ['PATH']}"
    subprocess.run(["sh", "-c", text], check=True, env={**os.environ, "PATH": path})


@pytest.fixture(scope="module")
def files(tmp_path_factory) -> dict[str, tuple[str, str, dict]]:
    """The texts by the release, with their package and what is asked of them."""
    folder = tmp_path_factory.mktemp("packages")
    jvb, jicofo = folder / "jvb.conf", folder / "jicofo.conf"
    write("jitsi-videobridge2", jvb)
    write("jicofo", jicofo)
    today = jvb.read_text()
    first, rest = today.split("videobridge {\n", 1)
    return {
        "bridge of 2020": ("jitsi-videobridge2", WITHOUT_SHARD, BRIDGE),
        "bridge of 2025": ("jitsi-videobridge2", first + "videobridge {\n" + PUBLIC_PORT + WEBSOCKETS + rest, BRIDGE),
        "bridge of today": ("jitsi-videobridge2", today, BRIDGE),
        "focus of today": ("jicofo", jicofo.read_text(), FOCUS),
    }


@pytest.mark.parametrize("release", ["bridge of 2020", "bridge of 2025", "bridge of today", "focus of today"])
@pytest.mark.parametrize("form", ["as written", "in braces", "CR LF", "no newline at the end"])
def test_file_of_a_package(lightbend, files, tmp_path, release, form):
    package, text, values = files[release]
    text = "{\n" + text + "}\n" if form == "in braces" else text
    text = text.replace("\n", "\r\n") if form == "CR LF" else text
    text = text.rstrip("\n") + " # end" if form == "no newline at the end" else text
    edits = edits_from([{"key": key, "value": value, "state": "present"} for key, value in values.items()])
    file = tmp_path / "edited.conf"
    file.write_bytes(decide(text.encode(), edits).after)
    paths = [parse_path(key) for key in values]
    require(lightbend, file, paths, values, lightbend(text.encode())[1])

    before = lightbend(file.read_bytes())[1]
    write(package, file)
    changed = decide(file.read_bytes(), edits)
    file.write_bytes(changed.after)
    if package == "jitsi-videobridge2":
        before["videobridge"]["apis"].setdefault("rest", {})["enabled"] = True
    else:
        before["jicofo"]["xmpp"]["client"]["client-proxy"] = "focus.jitsi.test"
    require(lightbend, file, paths, values, before)
    assert not decide(file.read_bytes(), edits).changed


def require(lightbend, file, paths, values, others):
    """The values are in force, and all else is as it was."""
    status, found = lightbend(file.read_bytes())
    assert status == 0
    for path, value in zip(paths, values.values()):
        assert test_hocon.at(found, path) == value
        found, others = test_hocon.without(found, path), test_hocon.without(others, path)
    assert found == others
