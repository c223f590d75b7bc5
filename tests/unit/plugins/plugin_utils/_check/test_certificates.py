# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""The sites whose certificate no authority has signed are named, and not blamed."""

from __future__ import annotations

from ansible_collections.selfhosted.jitsi.plugins.plugin_utils._check import certificates


def test_each_site_has_a_row_that_is_in_order():
    rows = certificates.judge("proxy", {"names": ["a.test", "b.test"]})
    assert [(row.name, row.ok) for row in rows] == [
        ("a.test: the certificate's authority", True),
        ("b.test: the certificate's authority", True),
    ]


def test_without_one_there_is_no_row():
    assert certificates.judge("proxy", {"names": []}) == []
