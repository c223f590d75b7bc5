# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""The source file of a package repository, and what shows that a repository is configured as wanted."""

from __future__ import annotations

import hashlib
import re
from typing import Any, Mapping, Sequence

#: Where apt reads the names of repositories.
SOURCES = (
    "/etc/apt/*.list",
    "/etc/apt/*.sources",
    "/etc/apt/sources.list.d/*.list",
    "/etc/apt/sources.list.d/*.sources",
)
_SCHEME = re.compile("^[a-z]+://")

Repository = Mapping[str, Any]


def source_text(repository: Repository, caller: str) -> str:
    """The text of the source file.

    :param repository: ``uri``, ``suite`` and ``keyring``, and ``components`` unless the repository is a flat one.
    :param caller: the role, for the first line.
    """
    fields = {"Types": "deb", "URIs": repository["uri"], "Suites": repository["suite"]}
    if "components" in repository:
        fields["Components"] = repository["components"]
    fields["Signed-By"] = repository["keyring"]
    return "".join([f"# Managed by Ansible: {caller}\n", *(f"{name}: {value}\n" for name, value in fields.items())])


def naming(repository: Repository) -> str:
    """A regular expression for the lines in which a repository is named."""
    return "^[^#]*" + re.escape(_SCHEME.sub("", repository["uri"]))


def plan(repositories: Sequence[Repository], caller: str) -> dict[str, Any]:
    """What tasks need of repositories.

    :returns: ``texts`` of the source files by path, ``expressions`` by the same paths, the options ``searches`` and
        ``expected`` of machine_info, and the entries of batch_info for the ``keyrings``.
    """
    texts = {one["file"]: source_text(one, caller) for one in repositories}
    return {
        "texts": texts,
        "expressions": {one["file"]: naming(one) for one in repositories},
        "searches": [
            {"patterns": list(SOURCES), "excluded": [one["file"]], "expression": naming(one)} for one in repositories
        ],
        "expected": [
            {"path": path, "checksum": hashlib.sha256(text.encode()).hexdigest()} for path, text in texts.items()
        ],
        "keyrings": [_keyring(one) for one in repositories],
    }


def _keyring(repository: Repository) -> dict[str, Any]:
    path = repository["keyring"]
    options = {"path": path, "fingerprints": list(repository["fingerprints"])}
    return {"name": path, "module": "repository_keyring", "options": options}
