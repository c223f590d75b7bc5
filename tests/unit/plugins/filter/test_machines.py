"""Heaps fit into the machine, and change only where the packages' own would not; other releases are named."""

from __future__ import annotations

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.selfhosted.jitsi.plugins.filter.machines import FilterModule
from ansible_collections.selfhosted.jitsi.plugins.plugin_utils._machine_size import OF_THE_PACKAGES, heaps

java_heaps = FilterModule().filters()["java_heaps"]
untested_release = FilterModule().filters()["untested_release"]
MEMINFO = "MemTotal:        2007040 kB\nMemFree:          100000 kB\n"


@pytest.mark.parametrize(
    ("memory", "bridge", "jicofo"),
    [
        (0, 256, 192),
        (960, 256, 192),
        (1960, 448, 192),
        (3920, 1408, 704),
        (7167, 3008, 1472),
        (7168, 0, 1536),
        (24000, 0, 0),
    ],
)
def test_heaps_by_the_machines_memory(memory, bridge, jicofo):
    assert heaps(memory) == {"videobridge": bridge, "jicofo": jicofo}


@pytest.mark.parametrize(("memory", "bridge"), [(480, 256), (960, 320), (1960, 1024), (4608, 0)])
def test_bridge_alone_has_more_of_the_machine(memory, bridge):
    assert heaps(memory, bridge_alone=True)["videobridge"] == bridge


@pytest.mark.parametrize("memory", range(1472, 24000, 256))
def test_heaps_leave_room_for_the_rest_and_never_exceed_the_packages(memory):
    sizes = [size or OF_THE_PACKAGES for size in heaps(memory).values()]
    assert sum(sizes) <= memory - 1024
    assert max(sizes) <= OF_THE_PACKAGES


def test_a_little_less_memory_after_a_reboot_changes_nothing():
    assert heaps(3920) == heaps(3915)


def test_filter_reads_what_the_kernel_says():
    assert java_heaps(MEMINFO) == {"memory": 1960, "videobridge": 448, "jicofo": 192}
    assert java_heaps(MEMINFO, bridge_alone=True)["videobridge"] == 1024


@pytest.mark.parametrize("text", ["", "MemFree: 12 kB\n", "MemTotal: much kB\n", f"MemTotal: {'9' * 5000} kB\n"])
def test_text_without_the_memory_is_named(text):
    with pytest.raises(AnsibleFilterError, match="use the text of /proc/meminfo"):
        java_heaps(text)


@pytest.mark.parametrize("value", [None, 12, [MEMINFO], {"MemTotal": 1}, b"MemTotal: 1 kB"])
def test_wrong_type_is_refused(value):
    with pytest.raises(AnsibleFilterError, match="java_heaps: a value has a wrong type"):
        java_heaps(value)


def test_untested_release_is_named():
    assert untested_release("ID=debian\nVERSION_ID=13\n", "jitsi", "variable") == ""
    assert untested_release("ID=debian\nVERSION_ID=11\n", "jitsi", "variable").startswith("jitsi runs debian 11, but ")


@pytest.mark.parametrize("value", [None, 12, ["ID=debian"], {"ID": "debian"}, b"ID=debian"])
def test_wrong_type_of_a_release_is_refused(value):
    with pytest.raises(AnsibleFilterError, match="untested_release: a value has a wrong type"):
        untested_release(value, "jitsi", "variable")
