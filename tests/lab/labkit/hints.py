"""What a person can paste to look at a deployed lab."""

from __future__ import annotations

import shlex
from pathlib import Path

from . import cables, topology
from .containers import Containers
from .topology import GUESTS, MACHINES

PROXY = next(guest for guest in GUESTS if guest.role == "proxy")
CERTIFICATES = "/etc/ssl/selfhosted"


def _certificates(containers: Containers) -> Path:
    """Copy the front's self-signed certificates, so that curl here can verify them."""
    target = containers.settings.state / "front.pem"
    target.write_text(containers.execute(PROXY, "sh", "-c", f"cat {CERTIFICATES}/*.crt"))
    return target


def text(containers: Containers) -> str:
    """The hints, as lines ready to paste."""
    name, config = containers.settings.name, shlex.quote(str(containers.settings.ssh_config))
    lines = ["", "Look at it:"]
    if cables.machine_is_plugged(containers):
        trusted = shlex.quote(str(_certificates(containers)))
        public = topology.PUBLIC_ADDRESS
        curl = f"curl --cacert {trusted} --resolve '*:443:{public}' --resolve '*:80:{public}'"
        lines += [
            f"  {curl} --head 'http://jitsi.test/Room?x=1'",
            f"  {curl} https://jitsi.test/config.js",
            f"  {curl} https://other.test/",
        ]
    lines.append(f"  podman exec {name}-internet curl --head 'http://jitsi.test/Room?x=1'")
    lines += ["", "Step in:"]
    lines += [f"  ssh -F {config} jitsi-lab-{machine.role}" for machine in MACHINES]
    lines += [
        "",
        "What the host forwards, and what the videobridge read:",
        f"  ssh -F {config} jitsi-lab-host sudo iptables-save",
        f"  ssh -F {config} jitsi-lab-jitsi sudo tail /var/log/jitsi/jvb.log",
        "",
        f"The containers {name}-* keep running. Remove them with: make clean",
    ]
    return "\n".join(lines)
