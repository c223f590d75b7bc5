# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the check says of certificates that end soon."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

TASKS = Path(__file__).resolve().parents[2] / "playbooks" / "tasks" / "check_certificates.yml"
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
            "-keyout",
            "/dev/null",
        ]
        subprocess.run(
            [*request, "-days", str(days), "-out", str(tmp_path / f"{name}.crt")], check=True, capture_output=True
        )
    (tmp_path / "broken.test.crt").write_text("no certificate\n")
    sites = [*DAYS, "broken.test", "missing.test"]
    result = tmp_path / "result.json"
    tasks = [
        {"name": "Say the sites", "ansible.builtin.set_fact": {"check_sites": sites, "check_provided": []}},
        {"name": "Check", "ansible.builtin.include_tasks": str(TASKS)},
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
    done = play_here(tasks, variables={"reverse_proxy_certificate_directory": str(tmp_path)})
    assert done.returncode == 0, done.stdout
    found = {
        row["name"]: row for row in json.loads(result.read_text()) if row["name"].endswith("the certificate lasts")
    }
    assert {name: row["ok"] for name, row in found.items()} == {
        **{f"{name}: the certificate lasts": ok for name, (_days, ok) in DAYS.items()},
        "broken.test: the certificate lasts": False,
    }
    assert found["soon.test: the certificate lasts"]["found"].startswith("ends ")
    assert "selfhosted.jitsi.site" in found["soon.test: the certificate lasts"]["remedy"]
