# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""A copy of a file beside it, which is at no time open to more people than the file."""

from __future__ import annotations

import contextlib
import os
import shutil
import time
from typing import Iterator

from ansible.module_utils.basic import AnsibleModule

from ..files import explain
from .replace import make_alike, refuse


def kept_copy(module: AnsibleModule, target: str) -> str:
    """Copy a file with all its attributes, and give the copy's path.

    :param target: the path of a file that exists, without symbolic links.
    """
    # Ansible's own name for it. Its own copy lets in whom the directory's ACL lets into new files.
    path = f"{target}.{os.getpid()}.{time.strftime('%Y-%m-%d@%H:%M:%S~')}"
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with _unlinked_on_failure(path):
            with os.fdopen(descriptor, "wb") as copy, open(target, "rb") as file:
                shutil.copyfileobj(file, copy)
            make_alike(module, path, target)
            module.set_context_if_different(path, module.selinux_context(target), False)
    except OSError as error:
        remedy = "check the mount and the attributes of its directory, or set backup to false"
        refuse(module, f"no backup can be created: {explain(error, os.path.dirname(target), remedy)}")
    return path


@contextlib.contextmanager
def _unlinked_on_failure(path: str) -> Iterator[None]:
    try:
        yield
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(path)
        raise
