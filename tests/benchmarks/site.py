# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a whole site costs on the lab, beside a playbook of stock modules and a bare apt-get: as ratios.

Each has a lab of its own, one after the other. Run it with ``make benchmark``.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from pathlib import Path

LAB = Path(__file__).resolve().parents[1] / "lab" / "lab.py"
STOCK = Path(__file__).resolve().parent / "stock" / "site.yml"
INVENTORY = Path(os.environ["JITSI_TREE"]) / "inventory" / "lab"
PREPARE = Path(__file__).resolve().parent / "stock" / "packages.yml"
REPEATS = 3
CHANGED = re.compile(r"changed=([1-9][0-9]*)")


def run(*words: str) -> tuple[float, str]:
    """Run a command that must succeed; return how long it took, in seconds, and what it said."""
    start = time.monotonic()
    done = subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    seconds = time.monotonic() - start
    if done.returncode:
        sys.exit(f"{' '.join(words)} failed:\n{done.stdout}{done.stderr}")
    return seconds, done.stdout


def lab(action: str) -> None:
    run(sys.executable, str(LAB), action)


def playbook(name: str) -> tuple[float, str]:
    return run("ansible-playbook", "--inventory", str(INVENTORY), name)


def repeated(name: str) -> float:
    """The best of some runs that change nothing."""
    runs = [playbook(name) for _repeat in range(REPEATS)]
    if any(CHANGED.search(said) for _seconds, said in runs):
        sys.exit(f"{name} changed something again")
    return min(seconds for seconds, _said in runs)


def facts() -> float:
    """The best time of connecting to the three machines and gathering their facts."""
    words = ("ansible", "--inventory", str(INVENTORY), "nat_host:jitsi:reverse_proxy", "--module-name", "setup")
    return min(run(*words)[0] for _repeat in range(REPEATS))


def on_a_new_lab(name: str) -> tuple[float, float]:
    """How long a playbook takes on a lab where nothing is, and again."""
    lab("down")
    lab("up")
    return playbook(name)[0], repeated(name)


def main() -> None:
    try:
        bare = on_a_new_lab(str(PREPARE))[0]
        stock_first, stock_again = on_a_new_lab(str(STOCK))
        first, again = on_a_new_lab("selfhosted.jitsi.site")
        check = repeated("selfhosted.jitsi.check")
        base = facts()
    finally:
        lab("down")
    print(f"connect and gather facts   {base:6.1f} s")
    rows = (("site, first", first, stock_first), ("site, again", again, stock_again))
    for name, ours, stock in rows:
        print(f"{name:24} {ours:8.1f} s   facts x {ours / base:5.1f}   stock / ours {stock / ours:5.2f}")
    print(f"check                    {check:8.1f} s   facts x {check / base:5.1f}")
    print(f"packages alone           {bare:8.1f} s   site, first / packages {first / bare:5.2f}")


if __name__ == "__main__":
    main()
