# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""The inventory as a file, and what the playbook says."""

from __future__ import annotations

import pytest
import yaml
from ansible.errors import AnsibleError
from ansible.parsing.vault import VaultedValue
from ansible_collections.selfhosted.jitsi.plugins.plugin_utils._adopt.closing import closing
from ansible_collections.selfhosted.jitsi.plugins.plugin_utils._adopt.connection import connection, kept_back
from ansible_collections.selfhosted.jitsi.plugins.plugin_utils._adopt.document import document, sentence

CONNECTION = {"ansible_host": "192.168.122.120", "ansible_port": 22, "ansible_ssh_pipelining": True}
GROUPS = {"nat_host": {"host": {}}, "jitsi": {"vm, of Anna": CONNECTION}}


class Loader(yaml.SafeLoader):
    """Reads Ansible's tag against templates."""


Loader.add_constructor("!unsafe", lambda loader, node: ("unsafe", loader.construct_scalar(node)))


def read(adopted):
    return yaml.load(document(adopted, GROUPS, "now"), Loader)["all"]


def test_file_says_what_was_decided(article):
    found = read(article.adopted())
    assert found["vars"] == article.values()
    assert found["children"] == {
        "nat_host": {"hosts": {"host": {}}},
        "jitsi": {"hosts": {"vm, of Anna": CONNECTION}},
    }


def test_lines_are_short_and_each_remark_is_in_the_file_and_in_the_closing(article):
    article.site.update(authentication="token")
    adopted = article.adopted()
    text = document(adopted, GROUPS, "now")
    assert [line for line in text.splitlines() if len(line) > 160] == []
    words = " ".join(text.replace("#", " ").split())
    said = " ".join(" ".join(closing(adopted, "/a")).split())
    for remark in adopted.remarks:
        assert " ".join(sentence(remark).split()) in words
        assert sentence(remark) in said
    assert '# jitsi_meet_jwt_app_secret: "{{ vault_jitsi_meet_jwt_app_secret }}"' in text
    assert f"is in /a, with {len(adopted.remarks)} remarks." in said
    assert "A real run writes" in closing(adopted, "")[0]


def test_text_of_a_machine_is_no_template_and_ends_no_comment(article):
    evil = "{{ lookup('ansible.builtin.file', '/etc/passwd') }}"
    article.site["changes"] = [{"key": "a", "value": evil, "plain": True, "secret": False}]
    article.vhosts[0]["others"] = ["x\n    evil: true\u2028evil: true"]
    found = read(article.adopted())
    assert found["vars"]["jitsi_meet_config_js"] == [{"key": "a", "value": ("unsafe", evil)}]
    assert "evil" not in found["vars"]


@pytest.mark.parametrize(
    ("given", "copied"),
    [
        ({"ansible_host": "a", "nat_host_name": "b", "ansible_password": "hush"}, {"ansible_host": "a"}),
        ({"ansible_ssh_common_args": "-o ProxyCommand='sshpass -p hush ssh a'"}, {}),
        ({"ansible_ssh_common_args": "-o ProxyJump=a"}, {"ansible_ssh_common_args": "-o ProxyJump=a"}),
    ],
)
def test_connection_is_copied_without_its_secrets(given, copied):
    found = connection(given, given.__getitem__)
    assert found == copied
    names = [remark.what.split()[0] for remark in kept_back("a", given, found)]
    assert names == [name for name in given if name.startswith("ansible_") and name not in copied]


class Variables(dict):
    """The variables of a machine; those that hold an error cannot be read."""

    def __getitem__(self, name):
        found = super().__getitem__(name)
        if isinstance(found, AnsibleError):
            raise found
        return found


@pytest.mark.parametrize("user", ["hush-anna", "hush"])
def test_encrypted_values_of_the_connection_are_kept_back(user):
    name = VaultedValue(ciphertext="$ANSIBLE_VAULT").tag(user)
    given = Variables(
        ansible_user=name,
        ansible_become_user=user,
        ansible_ssh_common_args=f"-o ProxyJump={user}@a",
        ansible_host="a",
        other=AnsibleError("undefined"),
    )
    found = connection(given, given.__getitem__)
    longer = {} if len(user) > 5 else {"ansible_ssh_common_args": "-o ProxyJump=hush@a"}
    assert found == {**longer, "ansible_host": "a"}
    remarks = list(kept_back("a", given, found))
    assert remarks[0].what == "ansible_user is or may hold a secret, and is not in this file"
    assert not [remark for remark in remarks if "hush" in f"{remark}"]
