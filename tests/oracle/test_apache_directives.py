# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Apache itself refuses in a vhost what extra_directives may not hold, and takes what it may."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from ansible_collections.selfhosted.jitsi.plugins.module_utils._core.apache.directives import SERVER_ONLY

PROGRAM = shutil.which("apache2", path=f"{os.environ['PATH']}:/usr/sbin")
MODULES = [path for path in sorted(Path("/usr/lib/apache2/modules").glob("mod_*.so")) if "mpm_" not in path.name]
#: As many words as a directive wants; Apache counts them first.
WORDS = ("1", "a b", "", "a b c", "On")
RIGHT = ("Timeout 9", "KeepAlive Off", "LimitRequestBody 9", "LogLevel debug", "ServerSignature Off", "SSLProtocol all")

pytestmark = pytest.mark.skipif(not PROGRAM, reason="Apache is not installed; install apache2-bin")


@pytest.fixture(scope="module")
def judge(tmp_path_factory):
    """What Apache says to a line in a vhost: ``judge(line)``."""
    folder = tmp_path_factory.mktemp("apache")
    (folder / "logs").mkdir()
    loads = ["mpm_event", *(path.stem[len("mod_") :] for path in MODULES)]

    def say(line):
        text = "".join(f"LoadModule {name}_module /usr/lib/apache2/modules/mod_{name}.so\n" for name in loads)
        text += (
            f"ServerRoot {folder}\nServerName a.test\nListen 127.0.0.1:9\n<VirtualHost *:9>\n{line}\n</VirtualHost>\n"
        )
        (folder / "apache2.conf").write_text(text)
        done = subprocess.run(
            [PROGRAM, "-t", "-f", folder / "apache2.conf"], capture_output=True, text=True, check=False
        )
        return done.stdout + done.stderr

    # Some modules need others, or are for other systems; Apache names the line of the first that it cannot load.
    while bad := re.search(r"on line (\d+)", said := say("Timeout 9")):
        assert "Syntax OK" not in said
        del loads[int(bad[1]) - 1]
    return say


@pytest.mark.parametrize("name", sorted(SERVER_ONLY))
def test_apache_refuses_it_in_a_vhost(judge, name):
    answers = [judge(f"{name} {words}") for words in WORDS]
    if all("Invalid command" in answer for answer in answers):
        # Another release or multi-processing module has it.
        assert name in {"listencoresbucketsratio", "sslvhostsnipolicy", "globallog", "watchdoginterval"}
        return
    assert any("cannot occur within <VirtualHost> section" in answer for answer in answers), answers


@pytest.mark.parametrize("line", RIGHT)
def test_apache_takes_what_is_not_listed(judge, line):
    assert "Syntax OK" in judge(line)
    assert line.split()[0].lower() not in SERVER_ONLY
