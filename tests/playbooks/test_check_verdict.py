# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""The verdict about recorded facts, and a whole check that loses machines midway."""

from __future__ import annotations

import copy
import json
import stat
from dataclasses import dataclass
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


#: How the action is used wrongly, and the words about it.
WRONG = {
    "unknown machine": ({"bridges": ["nowhere"]}, "the inventory has no machine of this name. Add it"),
    "no machine": ({"jitsi": None}, "Cannot judge ''"),
    "unknown option": ({"machines": []}, "Unsupported parameters"),
}


def judge_all(play, folder, facts, cases):
    """Run the action on facts of machines, once for the options of each case; give the results, and what was said."""
    inventory, result = folder / "hosts.yml", folder / "result.json"
    inventory.write_text(yaml.safe_dump({"all": {"hosts": facts}}))
    judge = [
        {
            "name": f"Judge {case}",
            "selfhosted.jitsi.site_verdict": {**SITE, **options},
            "register": f"case_{number}",
            "ignore_errors": True,
        }
        for number, (case, options) in enumerate(cases.items())
    ]
    names = ", ".join(f"{json.dumps(case)}: case_{number}" for number, case in enumerate(cases))
    write = {"content": f"{{{{ {{{names}}} | to_json }}}}", "dest": str(result), "mode": "0600"}
    done = play([*judge, {"name": "Write the results", "ansible.builtin.copy": write}], "--inventory", str(inventory))
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads(result.read_text()), " ".join(done.stdout.split())


@pytest.fixture
def judge(play_here, tmp_path):
    """Runs the action on facts of machines; gives its result."""

    def run(facts):
        return judge_all(play_here, tmp_path, facts, {"one": {}})[0]["one"]

    return run


@dataclass
class Judged:
    """What the action did with the recorded facts, by the names of cases."""

    folder: Path
    results: dict
    said: str


@pytest.fixture(scope="module")
def judged(play_once, tmp_path_factory):
    """One run with every case of the recorded facts."""
    folder = tmp_path_factory.mktemp("judged")
    (folder / "served.html").write_text("earlier")
    (folder / "served.html").chmod(0o644)
    (folder / "link.html").symlink_to(folder / "served.html")
    files = {"page": "check.html", "document": "check.json", "metrics": "check.prom"}
    cases = {
        "recorded": {name: str(folder / file) for name, file in files.items()},
        "link": {"page": str(folder / "link.html")},
        "no folder": {"page": str(folder / "missing" / "check.html")},
        **{case: options for case, (options, _words) in WRONG.items()},
    }
    return Judged(folder, *judge_all(play_once, folder, RECORDED, cases))


def test_recorded_facts_become_the_rows_of_the_table(judged):
    said = judged.results["recorded"]
    assert [(row["name"], row["ok"]) for row in said["rows"]] == ROWS
    assert said["changed"] is False
    wrong = [row for row in said["rows"] if not row["ok"]]
    assert all(row["remedy"] for row in wrong)
    # Every failed row is a finding, or explained by another failed row.
    causes = {row["name"]: row["cause"] for row in wrong if row["cause"]}
    assert set(causes.values()) <= {row["name"] for row in wrong}
    assert said["findings"] == len(wrong) - len(causes)
    assert said["verdict"] == f"jitsi.test: {said['findings']} findings in {len(ROWS)} checks"


def test_rows_say_whose_they_are_and_where_to_read_on(judged):
    rows = {row["name"]: row for row in judged.results["recorded"]["rows"]}
    places = {name: (rows[name]["machine"], rows[name]["subject"]) for name, _ok in ROWS}
    assert places["the bridge on bridge maps its address"] == ("bridge", "bridge")
    assert places["proxy holds the WebSockets of 100 people"] == ("proxy", "workers")
    assert places["the bridges keep out of each other's way"] == ("", "conflicts")
    for row in rows.values():
        assert (CHECK.parents[1] / row["anchor"].partition("#")[0]).is_file()


def test_results_are_written_for_people_and_for_programs(judged):
    folder, said = judged.folder, judged.results["recorded"]
    modes = {name: stat.S_IMODE((folder / f"check.{name}").stat().st_mode) for name in ("html", "json", "prom")}
    assert modes == {"html": 0o600, "json": 0o600, "prom": 0o644}
    document = json.loads((folder / "check.json").read_text(encoding="utf-8"))
    assert document["rows"] == said["rows"]
    assert len(document["findings"]) == said["findings"]
    assert f'selfhosted_jitsi_check_findings{{site="jitsi.test"}} {said["findings"]}\n' in (
        folder / "check.prom"
    ).read_text(encoding="utf-8")
    assert all(row["name"].replace("'", "&#x27;") in (folder / "check.html").read_text() for row in said["rows"])
    # Nothing else is left in the folder.
    assert [path.name for path in folder.iterdir() if path.name.startswith(".")] == []


def test_file_that_cannot_be_written_is_refused(judged):
    assert judged.results["no folder"]["failed"] is True
    assert "Cannot write the page" in judged.said
    assert "No such file or directory. Correct this, or name another file" in judged.said


def test_file_keeps_its_mode_and_its_place_behind_a_link(judged):
    assert (judged.folder / "link.html").is_symlink()
    assert stat.S_IMODE((judged.folder / "served.html").stat().st_mode) == 0o644
    assert "jitsi.test" in (judged.folder / "served.html").read_text()


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


@pytest.mark.parametrize("case", WRONG)
def test_wrong_use_is_refused_in_words(judged, case):
    assert judged.results[case]["failed"] is True
    assert WRONG[case][1] in judged.results[case]["msg"]
    assert WRONG[case][1] in judged.said
    assert "Traceback" not in judged.said


def test_fact_that_is_no_mapping_is_refused_in_words(play_here, tmp_path):
    results, said = judge_all(play_here, tmp_path, {**RECORDED, "meet": {"check_seen": "text"}}, {"text": {}})
    assert results["text"]["failed"] is True
    assert "its fact check_seen is no mapping of subjects to records" in said
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
        "check_json": "/throwaway/check.json",
    }
    children = {"reverse_proxy": {"hosts": {"proxy": lost}}, "jitsi": {"hosts": {"meet": lost}}}
    machine.write("/throwaway/hosts.yml", yaml.safe_dump({"all": {"vars": facts, "children": children}}))
    code, said = machine.ansible("--inventory", "/throwaway/hosts.yml", str(CHECK))
    assert code != 0
    assert "localhost : ok=" in said
    rows = json.loads(machine.path("/throwaway/check.json").read_text())["rows"]
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
