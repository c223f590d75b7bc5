"""Faults that come together are named each by itself, and cured by what the check says of them."""

from __future__ import annotations

import pytest
from check_runs import failed_rows
from fault_runs import cure, faults, put_in, told

pytestmark = pytest.mark.either_release

GROUPS = sorted({fault.together for fault in faults() if fault.together})


@pytest.mark.parametrize("together", GROUPS)
def test_each_of_them_is_named_with_what_cures_it(together):
    group = [fault for fault in faults() if fault.together == together]
    assert len(group) > 1
    try:
        wrong = put_in(group)
        assert not wrong, "\n".join(wrong)
    finally:
        cure(group)


def test_nothing_is_left_of_them():
    rows = failed_rows()
    assert not rows, told(rows)
