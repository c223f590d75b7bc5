# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""An inventory is for one site; two inventories, each with an owner and a port of its own, stand beside each other."""

from __future__ import annotations

import shutil

import pytest
import yaml
from test_wrong_inventory import EXAMPLE, run


def with_second_machine(folder, group):
    inventory = folder / "inventory"
    shutil.copytree(EXAMPLE, inventory)
    more = {"all": {"children": {group: {"hosts": {"second.example.org": {}}}}}}
    (inventory / "more.yml").write_text(yaml.safe_dump(more))
    return inventory


@pytest.mark.parametrize("group", ["jitsi", "reverse_proxy", "nat_host"])
def test_second_machine_of_a_group_is_refused(tmp_path, group):
    code, output = run(with_second_machine(tmp_path, group), "selfhosted.jitsi.site")
    said = " ".join(output.split())
    assert code != 0, output
    assert f"The group {group} has 2 machines" in said
    assert "second.example.org" in said
    assert "Give each site an inventory of its own" in said
    assert "PLAY [Configure the port forwards]" not in output


def test_second_site_of_a_host_has_an_owner_and_a_port_of_its_own(tmp_path):
    """The inventory of docs/guides/second_site.md passes the preflight, and its port is forwarded without a list."""
    inventory = tmp_path / "inventory"
    shutil.copytree(EXAMPLE, inventory)
    facts = {
        "jitsi_meet_fqdn": "second.example.org",
        "jitsi_meet_local_address": "192.168.122.130",
        "jitsi_meet_bridge_port": 20000,
        "nat_host_public_address": "198.51.100.10",
        "nat_host_name": "second",
        "nat_host_forwards": [],
        "reverse_proxy_address": "192.168.122.100",
    }
    (inventory / "group_vars" / "all.yml").write_text(yaml.safe_dump(facts))
    show = [
        {
            "hosts": "nat_host",
            "gather_facts": False,
            "vars_files": [str(EXAMPLE.parents[1] / "playbooks" / "roles" / "site" / "vars" / "main.yml")],
            "tasks": [
                {
                    "ansible.builtin.assert": {
                        "that": "site_all_forwards == [{'protocol': 'udp', 'port': 20000, 'to': '192.168.122.130'}]"
                    }
                }
            ],
        }
    ]
    (tmp_path / "show.yml").write_text(yaml.safe_dump(show))
    for playbook in ("selfhosted.jitsi.preflight", str(tmp_path / "show.yml")):
        code, output = run(inventory, playbook)
        assert code == 0, output


@pytest.mark.parametrize(("serving", "kept"), [([], []), (["second.example.org"], [80, 443])])
def test_uninstallation_keeps_the_forwards_that_the_other_inventorys_site_needs(tmp_path, serving, kept):
    """The first site's inventory has the forwards to the proxy for both. What is left there the proxy says itself."""
    role = str(EXAMPLE.parents[1] / "playbooks" / "roles" / "site" / "vars" / "main.yml")
    known = {"reverse_proxy_sites": [], "reverse_proxy_left": {"serving": serving}}
    left = {"name": "Remove a site", "ansible.builtin.set_fact": known}
    forwards = "site_forwards_of_others | selectattr('to', 'eq', '192.168.122.100') | map(attribute='port') | sort"
    judged = {"ansible.builtin.assert": {"that": f"({forwards}) == {kept}"}}
    plays = [
        {"hosts": "reverse_proxy", "gather_facts": False, "tasks": [left]},
        {"hosts": "nat_host", "gather_facts": False, "vars_files": [role], "tasks": [judged]},
    ]
    (tmp_path / "play.yml").write_text(yaml.safe_dump(plays))
    code, output = run(EXAMPLE, str(tmp_path / "play.yml"))
    assert code == 0, output
