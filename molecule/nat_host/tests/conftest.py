"""What the tests of this scenario share."""

from __future__ import annotations

import pytest
import runs
from machines import machine


@pytest.fixture(scope="session")
def client():
    """A machine on the Internet."""
    return machine("internet")


@pytest.fixture(scope="class")
def without_role():
    """The host as the role has never seen it."""
    runs.ensure(nat_host_state="absent")


@pytest.fixture(scope="class")
def with_role():
    """The host as the role leaves it."""
    runs.ensure()
