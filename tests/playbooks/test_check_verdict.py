# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""The verdict about recorded facts, and a whole check that loses machines midway."""

from __future__ import annotations

import copy
import json
import stat
from pathlib import Path

import pytest
import yaml

HERE = Path(__file__).resolve().parent
RECORDED = yaml.safe_load((HERE / "recorded" / "check.yml").read_text(encoding="utf-8"))
CHECK = HERE.parents[1] / "playbooks" / "check.yml"
OUTSIDE = ["out1", "out2"]
SITE = {
    "jitsi": "meet",
    "nat_hosts": ["host"],
    "proxies": ["proxy"],
    "bridges": ["bridge"],
    "outside": OUTSIDE,
    "fqdn": "jitsi.test",
}
#: Every row of the recorded site, in its order.
ROWS = [
    ("out2 is reached", False),
    ("jitsi.test: http is sent to https from out1", True),
    ("jitsi.test: the proxy answers ACME from out1", True),
    ("wiki.test: http is sent to https from out1", True),
    ("wiki.test: the proxy answers ACME from out1", True),
    ("acme.test: http is sent to https from out1", True),
    ("acme.test: the proxy answers ACME from out1", True),
    ("wiki.test: the first page from out1", False),
    ("acme.test: the first page from out1", False),
    ("jitsi.test: the web page's settings from out1", True),
    ("jitsi.test: XMPP over BOSH from out1", True),
    ("jitsi.test: XMPP over WebSocket from out1", False),
    ("jitsi.test: WebSockets of the bridge on meet from out1", True),
    ("jitsi.test: WebSockets of the bridge on bridge from out1", True),
    ("udp/10000: reaches the host from out1", True),
    ("udp/10000: reaches the bridge from out1", False),
    ("udp/10001: reaches the host from out1", True),
    ("udp/10001: reaches the bridge on bridge from out1", True),
    ("udp/3478: the TURN server answers from out1", False),
    ("tcp/3478: the TURN server answers from out1", False),
    ("host forwards IPv4", True),
    ("host has the forwards of the inventory", True),
    ("host keeps the forwards for the next boot", True),
    ("jitsi.test: the certificate's authority", True),
    ("wiki.test: the certificate's authority", True),
    ("jitsi.test: the backend 192.168.122.120:443 proves its identity", True),
    ("wiki.test: the backend 192.168.122.110:443 proves its identity", False),
    ("proxy holds the WebSockets of 100 people", False),
    ("jitsi-videobridge2 runs", True),
    ("the bridge listens on udp/10000", False),
    ("the bridge maps its address", True),
    ("the bridge is where jicofo looks for it", True),
    ("the bridge's files agree", False),
    ("prosody runs", True),
    ("nginx runs", True),
    ("jicofo runs", True),
    ("coturn runs", True),
    ("no other TURN server of its own", True),
    ("prosody tells clients of the TURN server", True),
    ("no outside host is contacted", True),
    ("jitsi-videobridge2 runs on bridge", True),
    ("the bridge on bridge listens on udp/10001", False),
    ("the bridge on bridge maps its address", False),
    ("the bridge on bridge is where jicofo looks for it", True),
    ("the bridge's files agree on bridge", False),
    ("the bridges keep out of each other's way", False),
]


@pytest.fixture
def judge(play_here, tmp_path):
    """Runs the action on facts of machines; gives its result, or the words of a run that fails."""

    def run(facts=RECORDED, **options):
        inventory, result = tmp_path / "hosts.yml", tmp_path / "result.json"
        inventory.write_text(yaml.safe_dump({"all": {"hosts": facts}}))
        tasks = [
            {"name": "Judge", "selfhosted.jitsi.site_verdict": {**SITE, **options}, "register": "verdict"},
            {
                "name": "Write the result",
                "ansible.builtin.copy": {"content": "{{ verdict | to_json }}", "dest": str(result), "mode": "0600"},
            },
        ]
        done = play_here(tasks, "--inventory", str(inventory))
        return json.loads(result.read_text()) if done.returncode == 0 else " ".join(done.stdout.split())

    return run


def test_recorded_facts_become_the_rows_of_the_table(judge):
    said = judge()
    assert [(row["name"], row["ok"]) for row in said["rows"]] == ROWS
    assert said["changed"] is False
    wrong = [row for row in said["rows"] if not row["ok"]]
    assert all(row["remedy"] for row in wrong)
    # Every failed row is a finding, or explained by another failed row.
    causes = {row["name"]: row["cause"] for row in wrong if row["cause"]}
    assert set(causes.values()) <= {row["name"] for row in wrong}
    assert said["findings"] == len(wrong) - len(causes)
    assert said["verdict"] == f"jitsi.test: {said['findings']} findings in {len(ROWS)} checks"


def test_rows_say_whose_they_are_and_where_to_read_on(judge):
    rows = {row["name"]: row for row in judge()["rows"]}
    places = {name: (rows[name]["machine"], rows[name]["subject"]) for name, _ok in ROWS}
    assert places["the bridge on bridge maps its address"] == ("bridge", "bridge")
    assert places["proxy holds the WebSockets of 100 people"] == ("proxy", "workers")
    assert places["the bridges keep out of each other's way"] == ("", "conflicts")
    for row in rows.values():
        assert (CHECK.parents[1] / row["anchor"].partition("#")[0]).is_file()


def test_results_are_written_for_people_and_for_programs(judge, tmp_path):
    files = {"page": "check.html", "document": "check.json", "metrics": "check.prom"}
    said = judge(**{name: str(tmp_path / file) for name, file in files.items()})
    modes = {name: stat.S_IMODE((tmp_path / file).stat().st_mode) for name, file in files.items()}
    assert modes == {"page": 0o600, "document": 0o600, "metrics": 0o644}
    document = json.loads((tmp_path / "check.json").read_text(encoding="utf-8"))
    assert document["rows"] == said["rows"]
    assert len(document["findings"]) == said["findings"]
    assert f'selfhosted_jitsi_check_findings{{site="jitsi.test"}} {said["findings"]}\n' in (
        tmp_path / "check.prom"
    ).read_text(encoding="utf-8")
    assert all(row["name"].replace("'", "&#x27;") in (tmp_path / "check.html").read_text() for row in said["rows"])
    # Nothing else is left in the folder.
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_file_that_cannot_be_written_is_refused(judge, tmp_path):
    said = judge(page=str(tmp_path / "missing" / "check.html"))
    assert "Cannot write the page" in said
    assert "No such file or directory. Correct this, or name another file" in said


def test_file_keeps_its_mode_and_its_place_behind_a_link(judge, tmp_path):
    (tmp_path / "served.html").write_text("earlier")
    (tmp_path / "served.html").chmod(0o644)
    (tmp_path / "check.html").symlink_to(tmp_path / "served.html")
    judge(page=str(tmp_path / "check.html"))
    assert (tmp_path / "check.html").is_symlink()
    assert stat.S_IMODE((tmp_path / "served.html").stat().st_mode) == 0o644
    assert "jitsi.test" in (tmp_path / "served.html").read_text()


def test_machines_that_were_lost_midway_have_a_row(judge):
    facts = copy.deepcopy(RECORDED)
    for machine in ("proxy", "bridge"):
        del facts[machine]["check_ended"]
    del facts["proxy"]["check_seen"]["workers"]
    del facts["bridge"]["check_seen"]
    rows = {row["name"]: row for row in judge(facts)["rows"]}
    assert rows["proxy is checked to the end"]["found"] == "lost midway, after: certificates, backends"
    assert rows["bridge is checked to the end"]["found"] == "lost midway, before its first result"
    assert "meet is checked to the end" not in rows


def test_machines_that_the_limit_leaves_out_have_no_rows(judge):
    facts = {**RECORDED, "proxy": {}, "bridge": {}, "out2": {}}
    rows = judge(facts)["rows"]
    assert {row["machine"] for row in rows} == {"out1", "host", "meet", ""}


@pytest.mark.parametrize(
    ("facts", "options", "words"),
    [
        (RECORDED, {"bridges": ["nowhere"]}, "the inventory has no machine of this name. Add it"),
        ({**RECORDED, "meet": {"check_seen": "text"}}, {}, "its fact check_seen is no mapping of subjects to records"),
        (RECORDED, {"jitsi": None}, "Cannot judge ''"),
        (RECORDED, {"machines": []}, "Unsupported parameters"),
    ],
)
def test_wrong_use_is_refused_in_words(judge, facts, options, words):
    said = judge(facts, **options)
    assert isinstance(said, str)
    assert words in said
    assert "Traceback" not in said


def check_losing(machine, condition):
    """Run the whole check on this machine, whose proxy and Jitsi machine are lost on a condition; give what failed."""
    lost = {
        "ansible_connection": f"{{{{ 'ansible.builtin.ssh' if {condition} else 'ansible.builtin.local' }}}}",
        "ansible_host": "127.0.0.1",
        "ansible_port": 1,
    }
    facts = {
        "jitsi_meet_fqdn": "jitsi.test",
        "jitsi_meet_local_address": "192.168.122.120",
        "nat_host_public_address": "127.0.0.1",
        "check_wait": 1,
        "check_json": "/root/check.json",
    }
    children = {"reverse_proxy": {"hosts": {"proxy": lost}}, "jitsi": {"hosts": {"meet": lost}}}
    machine.write("/root/hosts.yml", yaml.safe_dump({"all": {"vars": facts, "children": children}}))
    code, said = machine.ansible("--inventory", "/root/hosts.yml", str(CHECK))
    assert code != 0
    assert "localhost : ok=" in said
    rows = json.loads(machine.path("/root/check.json").read_text())["rows"]
    failed = [f"{row['name']}: expected {row['expected']}, found {row['found']}" for row in rows if not row["ok"]]
    # People read the findings among them.
    assert any(f"1. {row['name']}" in said for row in rows if not row["ok"])
    return "\n".join(failed)


def test_check_that_loses_its_machines_midway_says_so_in_rows(machine):
    """They answer once, and never again."""
    failed = check_losing(machine, "check_reached is defined")
    for name in ("proxy", "meet"):
        assert f"{name} is checked to the end: expected all of its results, found lost midway" in failed
    assert "udp/10000: reaches the bridge: expected to be watched for on meet" in failed
    assert "jitsi.test: http is sent to https: expected 301" in failed


def test_check_that_loses_a_machine_while_it_captures_goes_on(machine):
    failed = check_losing(machine, "check_ended is defined")
    assert "is checked to the end" not in failed
    assert "udp/10000: reaches the bridge: expected to be watched for on meet" in failed
    assert "jitsi-videobridge2 runs: expected active" in failed
