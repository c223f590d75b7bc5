"""Whom both machines with a bridge turned to outside in their first run, by every packet of it."""

from __future__ import annotations

import pytest
from machines import machine
from outsiders import needs_tshark, require_first_run_among_archives


@needs_tshark
@pytest.mark.parametrize("role", ["jitsi", "bridge"])
def test_first_run_contacts_the_package_archives_and_nobody_else(role):
    require_first_run_among_archives(role, machine(role))
