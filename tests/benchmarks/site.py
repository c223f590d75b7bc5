# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a whole site costs on the lab, beside a playbook of stock modules and a bare apt-get: as ratios.

Each has a lab of its own, one after the other. Run it with ``make benchmark``.

For many sites the inventory names the machines of the one site many times. So this shows what the controller spends for
each further machine. The machines themselves would share the work of the one.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import yaml

LAB = Path(__file__).resolve().parents[1] / "lab" / "lab.py"
STOCK = Path(__file__).resolve().parent / "stock" / "site.yml"
INVENTORY = Path(os.environ["JITSI_TREE"]) / "inventory" / "lab"
PREPARE = Path(__file__).resolve().parent / "stock" / "packages.yml"
MANY = Path(__file__).resolve().parent / "many.yml"
SITES = (1, 5, 20)
#: sshd allows so many sessions in one connection, and the names of one machine share their connection.
FORKS = "10"
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


def playbook(name: str, inventory: Path = INVENTORY) -> tuple[float, str]:
    return run("ansible-playbook", "--forks", FORKS, "--inventory", str(inventory), name)


def repeated(name: str, inventory: Path = INVENTORY) -> float:
    """The best of some runs that change nothing."""
    runs = [playbook(name, inventory) for _repeat in range(REPEATS)]
    if any(CHANGED.search(said) for _seconds, said in runs):
        sys.exit(f"{name} changed something again")
    return min(seconds for seconds, _said in runs)


def facts(inventory: Path = INVENTORY) -> float:
    """The best time of connecting to the machines and gathering their facts."""
    where = ("--forks", FORKS, "--inventory", str(inventory), "nat_host:jitsi:reverse_proxy")
    return min(run("ansible", *where, "--module-name", "setup")[0] for _repeat in range(REPEATS))


def inventory_of(folder: Path, sites: int) -> Path:
    """An inventory with so many names for each machine of the lab's site."""
    shutil.copytree(INVENTORY / "group_vars", folder / "group_vars")
    said = yaml.safe_load((INVENTORY / "hosts.yml").read_text())
    groups = said["all"]["children"]
    for name in ("nat_host", "jitsi", "reverse_proxy"):
        (host,) = groups[name]["hosts"]
        groups[name]["hosts"] = {f"{host}-{number}": {"ansible_host": host} for number in range(sites)}
    (folder / "hosts.yml").write_text(yaml.safe_dump(said))
    return folder


def of_many(sites: int) -> tuple[float, float]:
    """How long a repeated run for so many sites takes, and connecting to as many machines and gathering their facts."""
    with tempfile.TemporaryDirectory() as folder:
        inventory = inventory_of(Path(folder), sites)
        return repeated(str(MANY), inventory), facts(inventory)


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
        many = {sites: of_many(sites) for sites in SITES}
    finally:
        lab("down")
    print(f"connect and gather facts   {base:6.1f} s")
    rows = (("site, first", first, stock_first), ("site, again", again, stock_again))
    for name, ours, stock in rows:
        print(f"{name:24} {ours:8.1f} s   facts x {ours / base:5.1f}   stock / ours {stock / ours:5.2f}")
    print(f"check                    {check:8.1f} s   facts x {check / base:5.1f}")
    print(f"packages alone           {bare:8.1f} s   site, first / packages {first / bare:5.2f}")
    one = many[SITES[0]][0]
    for sites, (again, base) in many.items():
        share = f"a site / one alone {again / sites / one:5.2f}"
        print(f"roles again, {sites:2} sites    {again:8.1f} s   facts x {again / base:5.1f}   {share}")


if __name__ == "__main__":
    main()
