# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the tests of generated cases share: how many cases there are, and how a module is run."""

from __future__ import annotations

import contextlib
import io
import json
import os

import pytest
from ansible.module_utils.testing import patch_module_args
from hypothesis import HealthCheck, settings


def many(cases):
    """The settings of a test for this many cases, or for ORACLE_CASES."""
    cases = int(os.environ.get("ORACLE_CASES", cases))
    return settings(max_examples=cases, deadline=None, database=None, suppress_health_check=list(HealthCheck))


def few(cases):
    """The settings of a slower test: a fifteenth of the cases, but 50 at least."""
    full = many(cases)
    return settings(full, max_examples=max(full.max_examples // 15, 50))


def answer(module, **options):
    """Run a module in this process, and return its answer."""
    stdout = io.StringIO()
    with patch_module_args(options), contextlib.redirect_stdout(stdout), pytest.raises(SystemExit):
        module.main()
    return json.loads(stdout.getvalue())
