# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Read configuration files that may be missing."""

from __future__ import annotations

from ansible.module_utils.basic import AnsibleModule


def text_of_file(module: AnsibleModule, path: str) -> str | None:
    """A file's text, in which bytes that are not UTF-8 stand as surrogates; None if it is not there."""
    content = bytes_of_file(module, path)
    return None if content is None else content.decode("utf-8", "surrogateescape")


def bytes_of_file(module: AnsibleModule, path: str) -> bytes | None:
    """A file's content; None if it is not there."""
    try:
        with open(path, "rb") as file:
            return file.read()
    except FileNotFoundError:
        return None
    except OSError as error:
        module.fail_json(msg=f"Cannot read {path}: {error.strerror}; run as root or as another user that can read it")
        return None
