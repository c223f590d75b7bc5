# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""How much memory the Java programs of a machine may use."""

from __future__ import annotations

#: What Jitsi's packages give each program, whatever the machine has, in MiB.
OF_THE_PACKAGES = 3072
#: MiB for the system and for what Java keeps outside its heaps; with prosody and nginx, and for a bridge alone.
_REST = {False: 1024, True: 512}
#: The least that each program needs to start and to hold a small conference.
_LEAST = {"videobridge": 256, "jicofo": 192}
#: The memory that Linux reports differs a little from boot to boot, and no service shall be restarted for that.
_STEP = 64


def heaps(memory: int, bridge_alone: bool = False) -> dict[str, int]:
    """The most MiB of heap for the videobridge and for jicofo; 0 where the packages' own number fits.

    Half of what is left goes to the bridge and a quarter to jicofo. The rest is for what Java keeps outside its heap.

    :param memory: the machine's, in MiB.
    :param bridge_alone: whether jicofo and prosody run on another machine.
    """
    free = max(0, memory - _REST[bridge_alone])
    shares = {"videobridge": free * 3 // 4 if bridge_alone else free // 2, "jicofo": free // 4}
    return {name: _rounded(max(_LEAST[name], share)) for name, share in shares.items()}


def _rounded(share: int) -> int:
    return 0 if share >= OF_THE_PACKAGES else share // _STEP * _STEP
