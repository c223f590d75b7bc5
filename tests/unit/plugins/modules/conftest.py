# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the tests of the editors share. Each says what its ``EDITOR`` is, what ``FILE`` it edits, and what is in it."""

from __future__ import annotations

import json

import pytest
from ansible.module_utils.common.parameters import PASS_VARS
from ansible.module_utils.testing import patch_module_args


@pytest.fixture
def run(request, tmp_path, capsys):
    """Runs the editor in this process: ``run(check=False, **options)`` gives its result."""

    def run_module(check=False, **options):
        options = {"path": str(tmp_path / request.module.FILE), **options}
        options.update(_ansible_check_mode=check, _ansible_diff=True, _ansible_remote_tmp=str(tmp_path))
        # Newer releases of ansible-core show a module's arguments in its result only where that is asked for.
        if "inject_invocation" in PASS_VARS:
            options["_ansible_inject_invocation"] = True
        with patch_module_args(options), pytest.raises(SystemExit):
            request.module.EDITOR.main()
        return json.loads(capsys.readouterr().out)

    return run_module


@pytest.fixture
def file(request, tmp_path):
    path = tmp_path / request.module.FILE
    path.write_bytes(request.module.BEFORE)
    path.chmod(0o640)
    return path


@pytest.fixture
def four_steps(run):
    """Check, run, check, run: only the first two may report a change, and the first must not make it."""

    def steps(file, **options):
        before = file.read_bytes() if file.exists() else None
        predicted = run(check=True, **options)
        assert (file.read_bytes() if file.exists() else None) == before
        done = run(**options)
        assert done == predicted
        assert done["changed"]
        after = file.read_bytes()
        assert not run(check=True, **options)["changed"]
        assert not run(**options)["changed"]
        assert file.read_bytes() == after
        return done

    return steps
