"""The filter says what the module would say."""

from __future__ import annotations

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.selfhosted.jitsi.plugins.plugin_utils._jinja.forwards import forward_problems

SITE = ("198.51.100.10", "192.168.122.0/24")


def forward(**changes):
    return {"protocol": "tcp", "port": 443, "to": "192.168.122.100", **changes}


@pytest.mark.parametrize(
    "forwards",
    [
        [],
        [forward()],
        [forward(port="10000-10010", to_port="20000-20010"), forward(sources=["203.0.113.0/24"], comment="web")],
        [forward(), forward(protocol="udp")],
    ],
)
def test_forwards_that_can_be_have_no_problems(forwards):
    assert forward_problems(forwards, *SITE) == []


@pytest.mark.parametrize(
    ("forwards", "words"),
    [
        ([forward(), forward(to="192.168.122.120")], "overlaps tcp port 443 of forwards[0]"),
        ([forward(to="10.0.0.1")], "10.0.0.1 is not in the network 192.168.122.0/24"),
        ([forward(port=0)], "'0'"),
        ([forward(port=65536)], "65536"),
        ([forward(protocol="sctp")], "sctp"),
        ([{"protocol": "tcp", "port": 443}], "forwards[0]"),
        ([forward(port=22)], "the ssh port of this host"),
    ],
)
def test_a_problem_is_said_in_a_sentence(forwards, words):
    (problem,) = forward_problems(forwards, *SITE)
    assert words in problem


def test_ssh_may_be_elsewhere_or_given_up():
    assert forward_problems([forward(port=22)], *SITE, ssh_port=2222) == []
    assert forward_problems([forward(port=22)], *SITE, allow_ssh=True) == []
    assert len(forward_problems([forward(port=2222)], *SITE, ssh_port="2222")) == 1


@pytest.mark.parametrize("value", ["text", 5, ["text"]])
def test_what_is_no_list_of_forwards_is_refused(value):
    with pytest.raises(AnsibleFilterError, match=r"is not a (list|mapping); use a"):
        forward_problems(value, *SITE)
