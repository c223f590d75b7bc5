# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""A file takes another one's place in one step: who looks at any moment finds the old or the new one, whole."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from typing import Any, Callable, Iterator, NoReturn

from ansible.module_utils.basic import AnsibleModule

from ..files import explain


@contextlib.contextmanager
def replacement(module: AnsibleModule, target: str, content: bytes, difference: dict[str, Any]) -> Iterator[str]:
    """Yield the path of a file with new content and all its attributes, which then takes the place of the target.

    If the body raises or ends the module, the target stays as it was.

    :param module: its options say which owner, mode and so on are wanted, and whether ``unsafe_writes`` is allowed.
    :param target: the path of a file that may exist, without symbolic links.
    :param difference: is told how the attributes of a file that exists change, as Ansible's diff has it.
    """
    folder = _folder_beside(module, target)
    # A command that checks it may go by the extension, as node does.
    hidden, temporary = os.path.join(folder, "new"), f"{folder}_new{os.path.splitext(target)[1]}"
    try:
        _fill(module, hidden, target, content, difference)
        _take_out(module, hidden, temporary)
        yield temporary
        _rename(module, temporary, target)
    finally:
        for path in (hidden, temporary):
            with contextlib.suppress(FileNotFoundError):
                os.unlink(path)
        with contextlib.suppress(FileNotFoundError):
            os.rmdir(folder)


def _fill(module: AnsibleModule, hidden: str, target: str, content: bytes, difference: dict[str, Any]) -> None:
    try:
        with open(os.open(hidden, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            # The attributes come first, so that what is secret is never open to more people than it shall be.
            _set_attributes(module, hidden, target, difference)
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        folder = os.path.dirname(os.path.dirname(hidden))
        refuse(module, explain(error, folder, "check the kernel log for errors of the file system"))


def _take_out(module: AnsibleModule, hidden: str, temporary: str) -> None:
    """Move the finished file beside the target, where a command that checks it finds what it includes."""
    try:
        os.rename(hidden, temporary)
        os.rmdir(os.path.dirname(hidden))
    except OSError as error:
        refuse(
            module, explain(error, os.path.dirname(temporary), "check the mount and the attributes of its directory")
        )


def _folder_beside(module: AnsibleModule, target: str) -> str:
    """A folder in the target's directory, for only there a rename is sure to be one step.

    Nobody else can enter it. Owner, mode and ACL are made from the old ones in there, and somebody whom the old ones
    let in could open the file meanwhile.
    """
    directory = os.path.dirname(target)
    if module.params["unsafe_writes"] and not os.access(directory, os.W_OK | os.X_OK):
        directory = module.tmpdir
    try:
        return tempfile.mkdtemp(prefix=".ansible_tmp", dir=directory)
    except OSError as error:
        remedy = "run the task as a user that can write there, or set unsafe_writes to true to write the file in place"
        refuse(module, f"no file can be created in its directory: {explain(error, directory, remedy)}")


def refuse(module: AnsibleModule, problem: str) -> NoReturn:
    """Say what hinders, and end the module."""
    end: Callable[..., NoReturn] = module.fail_json
    end(msg=f"Cannot replace {module.params['path']}: {problem}")


def _set_attributes(module: AnsibleModule, temporary: str, target: str, difference: dict[str, Any]) -> None:
    wanted = dict(module.load_file_common_arguments(module.params, path=target), path=temporary, attributes=None)
    if os.path.exists(target):
        make_alike(module, temporary, target)
        context = module.selinux_context(target)
    else:
        difference = {}
        context = module.selinux_default_context(target)
        if not str(wanted["mode"]).isdigit():
            os.chmod(temporary, 0o666 & ~_umask())
    module.set_context_if_different(temporary, context, False)
    module.set_fs_attributes_if_different(wanted, False, diff=difference)


def make_alike(module: AnsibleModule, temporary: str, target: str) -> None:
    """Give a file the owner, the mode and the extended attributes of another one, which hold its ACL."""
    status = os.stat(target)
    try:
        os.chown(temporary, status.st_uid, status.st_gid)
    except OSError as error:
        refuse(module, f"its owner and group cannot be kept ({error.strerror}); run the task as root")
    with contextlib.suppress(OSError):
        # The directory may have given it an ACL, which must go before the mode lets anybody in.
        for name in set(os.listxattr(temporary)) - set(os.listxattr(target)):
            os.removexattr(temporary, name)
    shutil.copystat(target, temporary)


def _umask() -> int:
    umask = os.umask(0o077)
    os.umask(umask)
    return umask


def _rename(module: AnsibleModule, temporary: str, target: str) -> None:
    try:
        os.rename(temporary, target)
    except OSError as error:
        if not module.params["unsafe_writes"]:
            remedy = "check its mount and its attributes, or set unsafe_writes to true to write it in place"
            refuse(module, f"no other file can be moved to its place ({error.strerror}); {remedy}")
        module.atomic_move(temporary, target, unsafe_writes=True)
    with contextlib.suppress(OSError):
        descriptor = os.open(os.path.dirname(target), os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
