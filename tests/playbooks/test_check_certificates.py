# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the check says of certificates that end soon."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

PLAYBOOKS = Path(__file__).resolve().parents[2] / "playbooks"
#: For how many days each certificate is good, and whether that does.
DAYS = {"fresh.test": (100, True), "soon.test": (13, False), "tomorrow.test": (1, False)}


def test_certificates_that_end_soon_are_named(play_here, tmp_path):
    for name, (days, _ok) in DAYS.items():
        request = [
            "openssl",
            "req",
            "-x509",
            "-newkey",
            "rsa:2048",
            "-nodes",
            "-subj",
            f"/CN={name}",
            "-addext",
            f"subjectAltName=DNS:{name}",
            "-keyout",
            str(tmp_path / f"{name}.key"),
        ]
        subprocess.run(
            [*request, "-days", str(days), "-out", str(tmp_path / f"{name}.crt")], check=True, capture_output=True
        )
    (tmp_path / "broken.test.crt").write_text("no certificate\n")
    sites = [*DAYS, "broken.test", "missing.test"]
    result = tmp_path / "result.json"
    files = [
        {"name": name, "path": str(tmp_path / f"{name}.crt"), "key": str(tmp_path / f"{name}.key")} for name in sites
    ]
    asked = {"disks": [], "memory": False, "packages": False, "gateway": False, "certificates": files}
    wanted = {"role": "proxy", "own_folder": str(tmp_path)}
    tasks = [
        {
            "name": "Read the variables",
            "ansible.builtin.include_vars": str(PLAYBOOKS / "roles" / "check" / "vars" / "main" / "condition.yml"),
        },
        {
            "name": "Check",
            "ansible.builtin.include_tasks": str(PLAYBOOKS / "tasks" / "check_looks.yml"),
            "vars": {
                "check_condition_asked": asked,
                "check_condition_wanted": wanted,
                "check_packets_needed": {},
                # It watches for no datagrams.
                "check_watch_looks": [],
                "check_watch_parts": {},
                "check_subjects": ["condition"],
                "check_looks": "{{ check_condition_looks }}",
                "check_parts": "{{ check_condition_parts }}",
                "check_found": "{{ check_look.by_name }}",
            },
        },
        {
            "name": "Judge",
            "selfhosted.jitsi.site_verdict": {"jitsi": "localhost", "proxies": ["localhost"]},
            "register": "verdict",
        },
        {
            "name": "Write the rows",
            "ansible.builtin.copy": {"content": "{{ verdict.rows | to_json }}", "dest": str(result), "mode": "0600"},
        },
    ]
    done = play_here(tasks)
    assert done.returncode == 0, done.stdout
    found = {
        row["name"]: row for row in json.loads(result.read_text()) if row["name"].endswith("the certificate lasts")
    }
    late = [name for name, (_days, ok) in DAYS.items() if not ok]
    assert {name: row["ok"] for name, row in found.items()} == {
        f"{name}: the certificate lasts": False for name in (*late, "broken.test", "missing.test")
    }
    assert " ends in 13" in found["soon.test: the certificate lasts"]["found"] or " ends in 12.9" in str(found)
    assert "selfhosted.jitsi.site" in found["soon.test: the certificate lasts"]["remedy"]
