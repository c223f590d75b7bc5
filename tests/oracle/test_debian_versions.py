# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""The order of versions, judged by dpkg."""

from __future__ import annotations

import random
import shutil
import subprocess

import pytest
from ansible_collections.selfhosted.jitsi.plugins.plugin_utils._releases.debian_version import key

pytestmark = pytest.mark.skipif(not shutil.which("dpkg"), reason="dpkg is not installed")

CASES = 1000
# Few letters, so that versions are often nearly the same.
LETTERS = "0019aAz~+."


def version(chance):
    upstream, revision = ("".join(chance.choices(LETTERS, k=chance.randint(0, 5))) for _count in range(2))
    epoch, dash = chance.choice(["", "0:", "1:"]), chance.choice(["", f"-{revision}", f"-b-{revision}"])
    return f"{epoch}{chance.randint(0, 2)}{upstream}{dash if revision else ''}"


def relation(first, second):
    return "eq" if first == second else "lt" if first < second else "gt"


def test_order_is_dpkgs():
    chance = random.Random(1)
    pairs = [(version(chance), version(chance)) for _count in range(CASES)]
    found = [(first, relation(key(first), key(second)), second) for first, second in pairs]
    script = "".join(f"dpkg --compare-versions {' '.join(one)} || echo wrong: {' '.join(one)}\n" for one in found)
    done = subprocess.run(["sh"], input=script, capture_output=True, text=True, check=True)
    assert done.stdout + done.stderr == ""
    assert {word for _first, word, _second in found} == {"lt", "eq", "gt"}
