# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""The files with the certificates that the backends of sites may show: written, and taken away where they are ours."""

from __future__ import annotations

from posixpath import normpath
from typing import Collection, Mapping, Sequence

from ..files import File
from .request import Site, SiteError
from .vhost import Settings

#: How a file of ours begins. Apache reads only what stands between the lines of the certificates.
NOTE = "# Managed by selfhosted.jitsi.reverse_proxy: the certificates that the backends of this site may show.\n"


def refuse_written(sites: Sequence[Site], settings: Settings) -> None:
    """Refuse to have a site read what is written for another one: it would change, and go, with that one.

    :raises SiteError: if there is such a site.
    """
    written = {normpath(settings.pinned(site)): site.name for site in sites if site.present and site.backend_ca}
    for site in sites:
        path = site.backend_ca_file
        if site.present and path and normpath(path) in written:
            raise SiteError(
                f"sites[{site.name!r}].backend_ca_file: {path!r} is the file of backend_ca of "
                f"{written[normpath(path)]!r}, and changes with it; set backend_ca for both sites, or name another file"
            )


def pinned(site: Site, settings: Settings, there: Mapping[str, str], is_new: bool) -> dict[str, File]:
    """The file of a site with ``backend_ca``.

    :param there: the texts of the files in the folder, by their paths.
    :param is_new: whether no vhost of ours has the site yet, so that a file there without a note is somebody else's.
    :raises SiteError: if such a file would be lost.
    """
    path = settings.pinned(site)
    text = there.get(path, "")
    if is_new and text and not _is_ours(text) and text != site.backend_ca:
        raise SiteError(
            f"sites[{site.name!r}].backend_ca: {path} is not of this module, and would be lost; set backend_ca_file to "
            "use it, or move it away"
        )
    return {path: File(NOTE + site.backend_ca)}


def unpinned(name: str, settings: Settings, there: Mapping[str, str], named: Collection[str]) -> dict[str, None]:
    """What goes of a site without ``backend_ca``: a file that says that it is ours, and that nobody else names.

    :param named: the files that sites and vhosts of others name.
    """
    path = settings.pinned(Site(name))
    is_left = _is_ours(there.get(path, "")) and normpath(path) not in named
    return {path: None} if is_left else {}


def _is_ours(text: str) -> bool:
    return text.startswith(NOTE)
