"""Accounts are judged on the controller as on the machine, and no sentence holds a password."""

from __future__ import annotations

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.selfhosted.jitsi.plugins.plugin_utils._jinja.accounts import account_problems


@pytest.mark.parametrize("accounts", [[], [{"name": "ada", "password": "secret"}, {"name": "old", "state": "absent"}]])
def test_accounts_that_can_be_have_no_problems(accounts):
    assert account_problems(accounts) == []


@pytest.mark.parametrize(
    ("accounts", "words"),
    [
        ([{"password": "secret"}], "jitsi_meet_accounts[0].name: the name is missing"),
        (["secret"], "jitsi_meet_accounts[0].name: the name is missing"),
        ([{"name": "A", "password": "secret"}], "jitsi_meet_accounts[0].name: 'A' is not a valid account name"),
        ([{"name": "a", "password": "secret\n"}], "control characters"),
    ],
)
def test_problem_is_a_sentence_without_the_password(accounts, words):
    (problem,) = account_problems(accounts)
    assert words in problem
    assert "secret" not in problem


@pytest.mark.parametrize("value", [None, "text", {"name": "a"}])
def test_what_is_no_list_is_refused(value):
    with pytest.raises(AnsibleFilterError, match="use a list of accounts"):
        account_problems(value)
