# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""The logs of a bridge, as they are written, rotated and compressed."""

from __future__ import annotations

import gzip
import json
import os

import pytest
from ansible.module_utils.testing import patch_module_args
from ansible_collections.selfhosted.jitsi.plugins.module_utils._module import bridge_log_info

MAPPING = (
    "JVB 2026-10-0{day} 12:00:01.000 INFO: StaticMapping(localAddress=192.168.122.12{day}, publicAddress=198.51.100.10)"
)


@pytest.fixture
def run(tmp_path, capsys):
    """Runs main() and gives its result."""

    def call(**options):
        with patch_module_args({"folder": str(tmp_path), **options}), pytest.raises(SystemExit):
            bridge_log_info.main()
        return json.loads(capsys.readouterr().out)

    return call


def write(folder, name, content, age):
    path = folder / name
    path.write_bytes(gzip.compress(content) if name.endswith(".gz") else content)
    os.utime(path, (1_000_000 - age, 1_000_000 - age))


def test_rotated_logs_come_first_whatever_their_names_sort_to(run, tmp_path):
    write(tmp_path, "jvb.log", b"at a.b.c\n" + MAPPING.format(day=3).encode() + b"\nlast\n", 0)
    write(tmp_path, "jvb.log.1", MAPPING.format(day=2).encode() + b"\n", 10)
    write(tmp_path, "jvb.log.2.gz", b"no date\n" + MAPPING.format(day=1).encode() + b"\r\n", 20)
    write(tmp_path, "jicofo.log", MAPPING.format(day=9).encode(), 30)
    result = run()
    assert result["mappings"] == [MAPPING.format(day=day) for day in (1, 2, 3)]
    assert result["oldest"] == MAPPING.format(day=1)
    assert result["end"] == ["at a.b.c", MAPPING.format(day=3), "last"]
    assert result["changed"] is False


def test_bridge_without_a_log_has_nothing_to_show(run):
    result = run()
    assert (result["oldest"], result["mappings"], result["end"]) == ("", [], [])


def test_bytes_of_any_kind_are_read_and_only_the_end_is_returned(run, tmp_path):
    write(tmp_path, "jvb.log", b"first\n" + b"\xff\0" * 150_000 + b"\n2026-10-01 12:00 face=\xfe\n", 0)
    result = run()
    assert result["oldest"] == "2026-10-01 12:00 face=\ufffd"
    assert sum(map(len, result["end"])) < 200_000
    assert result["end"][-1] == "2026-10-01 12:00 face=\ufffd"


def test_damaged_copy_does_not_hide_the_others(run, tmp_path):
    write(tmp_path, "jvb.log.1", MAPPING.format(day=1).encode() + b"\n", 10)
    (tmp_path / "jvb.log.2.gz").write_bytes(gzip.compress(bytes(range(256)) * 1_000)[:300])
    (tmp_path / "jvb.log.3.gz").write_bytes(b"not compressed")
    (tmp_path / "jvb.log.old").mkdir()
    assert run()["mappings"] == [MAPPING.format(day=1)]
