# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which files, links and modules of an Apache have to change for what is asked."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from posixpath import normpath
from typing import Mapping, Sequence

from ..files import File, Files, Link, describe
from ..outcome import Outcome
from .configuration import VirtualHost
from .pins import pinned, refuse_written, unpinned
from .request import Site, SiteError
from .shown import masked
from .vhost import MARK, UNKNOWN, Settings, modules, render, render_unknown

#: Finds the first line of a file of ours in its text.
MARKED = re.compile("^" + re.escape(MARK), re.M)
_DEPENDENCIES = re.compile(r"^# Depends:(.*)$", re.M)
#: Comes before the names of sites.
_STRANGERS = "000-selfhosted.conf"
#: Modules whose settings of Debian's would change the sites of others: HTTP/2 for all of them.
_WITHOUT_SETTINGS = frozenset({"http2"})


def described(before: File | Link | None, after: File | Link | None) -> tuple[str, str]:
    """What a diff shows of two states of a path, without the secrets of vhosts."""
    texts = describe(before), describe(after)
    if any(MARKED.search(text) for text in texts):
        texts = masked(*texts)
    if isinstance(before, File) and isinstance(after, File) and before.private != after.private:
        return f"mode {before.mode:04o}\n{texts[0]}", f"mode {after.mode:04o}\n{texts[1]}"
    return texts


@dataclass(frozen=True)
class Tree:
    """What was found of an Apache.

    :param configuration: its folder.
    :param available: the text of each file in sites-available, by its name.
    :param enabled: the text of each file in sites-enabled, by its name.
    :param loadable: the text of each ``.load`` file in mods-available, by the module's name.
    :param settled: the names in mods-available that end in ``.conf``, without it.
    :param hosts: all vhosts, as Apache itself sees them; None where it does not accept its configuration.
    :param places: the addresses and ports on which it listens; empty where it does not accept its configuration.
    :param tls_files: the certificates and keys that vhosts name, each behind the file that names it; likewise.
    :param backends: the text of each file in the folder of backends' certificates, by its path.
    """

    configuration: str
    available: Mapping[str, str]
    enabled: Mapping[str, str]
    loadable: Mapping[str, str]
    settled: frozenset[str] = field(default_factory=frozenset)
    hosts: tuple[VirtualHost, ...] | None = ()
    places: frozenset[tuple[str, int]] = frozenset()
    tls_files: tuple[tuple[str, str], ...] = ()
    backends: Mapping[str, str] = field(default_factory=dict)

    def path(self, *parts: str) -> str:
        """A path below the configuration's folder."""
        return "/".join((self.configuration, *parts))

    def own_files(self) -> set[str]:
        """The paths of the enabled files of ours."""
        return {self.path("sites-enabled", name) for name, text in self.enabled.items() if MARKED.search(text)}

    def own(self) -> list[str]:
        """The names of the sites in files of ours."""
        files = [name for name, text in self.available.items() if MARKED.search(text)]
        return sorted(name[: -len(".conf")] for name in files if name.endswith(".conf") and name != _STRANGERS)


@dataclass(frozen=True)
class Plan:
    """What shall be there: every path that may change, with what it shall hold, and whose certificates are needed.

    :param removed: the names of sites that go, with the certificates of ours.
    :param certified: the sites that need a certificate of ours.
    :param serving: the names of the sites of ours that are there from now on.
    :param named: the certificates and keys that sites and the vhosts of others name, without what these sites go for.
    """

    wanted: Files
    removed: tuple[str, ...]
    certified: tuple[Site, ...]
    serving: tuple[str, ...]
    named: frozenset[str]

    @property
    def forgotten(self) -> tuple[str, ...]:
        """The names whose certificates of ours go."""
        return self.removed if UNKNOWN in self.certified else (*self.removed, UNKNOWN.name)


def plan(
    sites: Sequence[Site], settings: Settings, tree: Tree, purge: bool, machine: str, refuse_strangers: bool = True
) -> Plan:
    """Decide.

    :param purge: whether files of ours for sites that are not listed go, too.
    :param machine: what messages call the machine.
    :param refuse_strangers: whether clients that ask for an unknown name get none of our sites.
    :raises SiteError: if somebody else's vhost has a name of ours, or a module is missing.
    """
    present = [site for site in sites if site.present]
    refuse_foreign(present, tree, machine)
    refuse_written(present, settings)
    wanted: dict[str, File | Link | None] = {}
    removed = tuple(_leaving(sites, tree, purge))
    named = _named(sites, removed, tree)
    for site in present:
        wanted.update(_files_of(site, settings, tree, named))
    for name in removed:
        wanted.update(_no_links(f"{name}.conf", tree))
    for name in (*removed, *_cut_off(sites, removed, tree)):
        wanted.update(unpinned(name, settings, tree.backends, named))
    certified = tuple(site for site in sites if site.has_own_certificate)
    used = set().union(*(modules(site, settings) for site in present))
    serving = tuple(sorted({site.name for site in present}.union(tree.own()).difference(removed)))
    if refuse_strangers and serving and _get_strangers(serving[0], tree):
        wanted.update(_links(_STRANGERS, render_unknown(settings), tree))
        certified += (UNKNOWN,)
        used |= modules(UNKNOWN, settings)
    elif MARKED.search(tree.available.get(_STRANGERS, "")):
        wanted.update(_no_links(_STRANGERS, tree))
    for name in _with_dependencies(used, tree):
        wanted.update(_module(name, tree))
    return Plan(wanted, removed, certified, serving, named)


def outcome(found: Files, wanted: Files) -> Outcome[Files]:
    """The decision about what was found at the paths of a plan."""
    return Outcome(
        {path: found.get(path) for path in wanted},
        {path: _respected(path, found.get(path), content) for path, content in wanted.items()},
    )


def _respected(path: str, found: File | Link | None, wanted: File | Link | None) -> File | Link | None:
    """What is wanted; but what administrators have in its place stays where it serves as well.

    That is a module that they enabled in their own way, which a2enmod does not touch either, and a file that they have
    closed to others.
    """
    if found is not None and "/mods-enabled/" in path:
        return found
    if isinstance(found, File) and found.private and wanted == File(found.text):
        return found
    return wanted


def refuse_foreign(present: Sequence[Site], tree: Tree, machine: str) -> None:
    """Refuse to take over what somebody else wrote, and to write what somebody else's vhost would hide.

    :raises SiteError: if a vhost that is not ours answers for a name of these sites, or a file has the name of theirs.
    """
    files = {f"{site.name}.conf" for site in present}
    own = {f"{name}.conf" for name in tree.own()}
    foreign = [name for name in tree.available if name in files and name not in own]
    foreign += [name for name, text in tree.enabled.items() if name in files and not MARKED.search(text)]
    places = [tree.path("sites-available", name) for name in foreign] + _taking(present, tree)
    if places:
        raise SiteError(
            f"sites: {', '.join(sorted(set(places)))} on {machine} already uses one of these names, and this module "
            "did not write it; move its settings into sites, then disable and rename that file, or remove the name "
            "from sites"
        )


def foreign_hosts(tree: Tree) -> list[VirtualHost]:
    """The vhosts that are not in files of ours, in Apache's order."""
    own = tree.own_files()
    return [host for host in tree.hosts or () if host.file not in own]


def foreseen(files: Outcome[Files], configuration: str) -> list[str]:
    """The files of the modules that the sites need, if any of them has yet to be enabled; else none.

    All of those that load modules are among them, because one can need another that is enabled already.
    """
    folder = f"{configuration}/mods-enabled/"
    enabled = {path: before for path, before in files.before.items() if path.startswith(folder)}
    if None not in enabled.values():
        return []
    return sorted(
        f"{configuration}/mods-available/{path[len(folder) :]}"
        for path, before in enabled.items()
        if before is None or path.endswith(".load")
    )


def new_places(before: Tree, now: Tree) -> frozenset[tuple[str, int]]:
    """Where Apache did not listen before: addresses (empty for all) with ports that are new."""
    known = {port for _address, port in before.places}
    return frozenset(place for place in now.places if place[1] not in known)


def _taking(present: Sequence[Site], tree: Tree) -> list[str]:
    """Where others' vhosts would get requests for these sites."""
    found = []
    for host in (host for host in foreign_hosts(tree) if host.is_public):
        for site in present:
            for name in site.names:
                # At an address of its own it gets other requests, which hidden() names.
                is_asked = host.is_everywhere and _comes_first(host, site.name, tree)
                word = host.claims(name) or (host.matches(name) if is_asked else "")
                if word:
                    found.append(f"{host.file} (line {host.line}: {word})")
    return found


def _comes_first(host: VirtualHost, site: str, tree: Tree) -> bool:
    """Whether Apache reads a vhost before that of a site of ours. In doubt it does."""
    folder, _slash, name = host.file.rpartition("/")
    return folder != tree.path("sites-enabled") or name < f"{site}.conf"


def _get_strangers(first: str, tree: Tree) -> bool:
    """Whether ours would be what clients with an unknown name get, for nobody else's vhost comes before them.

    :param first: the name of the site that Apache would take.
    """
    if _STRANGERS in tree.available and not MARKED.search(tree.available[_STRANGERS]):
        return False
    return not any(host.is_for_strangers and _comes_first(host, first, tree) for host in foreign_hosts(tree))


def hidden(tree: Tree) -> list[str]:
    """Where others' vhosts are asked before all of ours, whatever the name: one sentence each."""
    return [
        f"{host.file} (line {host.line}) has a vhost on {address}, which gets all requests to this address instead of "
        f"the sites of this module on *:{address.rpartition(':')[2]}. To serve the sites there, replace the address of "
        "that vhost with *."
        for host in foreign_hosts(tree)
        for address in host.hides()
    ]


def displaced(wanted: Files, tree: Tree) -> list[str]:
    """Which vhost of others stops being what clients with an unknown name get, for one of ours comes before it."""
    folder = tree.path("sites-enabled") + "/"
    new = [path[len(folder) :] for path, after in wanted.items() if after and path.startswith(folder)]
    new = sorted(name[: -len(".conf")] for name in new if name not in tree.enabled)
    found = []
    for port in ("80", "443"):
        # Ours for strangers is on one port alone.
        names = [name for name in new if port == "443" or f"{name}.conf" != _STRANGERS]
        host = next((host for host in tree.hosts or () if host.is_on_all_addresses(port)), None)
        if host in foreign_hosts(tree) and names and not _comes_first(host, names[0], tree):
            found.append(
                f"{host.file} (line {host.line}) answered on port {port} for names that no vhost has, and "
                f"{names[0]}.conf comes before it from now on. If clients reach it by such names, add them to its "
                "ServerAlias. To keep it first, rename the file so that it sorts first."
            )
    return found


def _leaving(sites: Sequence[Site], tree: Tree, purge: bool) -> list[str]:
    own = tree.own()
    absent = {site.name for site in sites if not site.present}
    listed = {site.name for site in sites}
    # Two files that answer for one name would have Apache choose by the alphabet.
    taken = {alias for site in sites if site.present for alias in site.aliases}
    return [name for name in own if name in absent or (name not in listed and (purge or name in taken))]


def _cut_off(sites: Sequence[Site], removed: Sequence[str], tree: Tree) -> list[str]:
    """Sites whose removal may have been cut off behind their vhosts. Where Apache names no files, nobody knows."""
    gone = [site.name for site in sites if not site.present and site.name not in removed]
    return [] if tree.hosts is None else gone


def _named(sites: Sequence[Site], removed: Sequence[str], tree: Tree) -> frozenset[str]:
    """The certificates and keys that sites name themselves, and vhosts that stay as they are."""
    present = [site for site in sites if site.present]
    given = {
        each for site in present for each in (site.backend_ca_file, site.certificate_file, site.certificate_key_file)
    }
    files = {_STRANGERS, *(f"{name}.conf" for name in (*(site.name for site in sites), *removed))}
    changing = {tree.path("sites-enabled", name) for name in files} & tree.own_files()
    given |= {path for file, path in tree.tls_files if file not in changing}
    return frozenset(normpath(path) for path in given if path)


def _files_of(site: Site, settings: Settings, tree: Tree, named: frozenset[str]) -> dict[str, File | Link | None]:
    found: dict[str, File | Link | None] = {}
    if site.backend_ca:
        found.update(pinned(site, settings, tree.backends, is_new=site.name not in tree.own()))
    else:
        found.update(unpinned(site.name, settings, tree.backends, named))
    found.update(_links(f"{site.name}.conf", render(site, settings), tree, site.may_hold_secrets))
    return found


def _links(name: str, text: str, tree: Tree, is_secret: bool = False) -> dict[str, File | Link | None]:
    link = Link(f"../sites-available/{name}")
    return {tree.path("sites-available", name): File(text, is_secret), tree.path("sites-enabled", name): link}


def _no_links(name: str, tree: Tree) -> dict[str, File | Link | None]:
    # The link goes first: at no moment does it lead nowhere.
    return {tree.path("sites-enabled", name): None, tree.path("sites-available", name): None}


def _with_dependencies(names: set[str], tree: Tree) -> list[str]:
    done: set[str] = set()
    rest = sorted(names)
    while rest:
        name = rest.pop()
        if name in done:
            continue
        if name not in tree.loadable:
            raise SiteError(
                f"Apache has no module {name}, but the sites need it; install the package that contains "
                f"{tree.path('mods-available', name)}.load"
            )
        done.add(name)
        for words in _DEPENDENCIES.findall(tree.loadable[name]):
            rest += words.replace(",", " ").split()
    return sorted(done)


def _module(name: str, tree: Tree) -> dict[str, File | Link | None]:
    endings = ["load", "conf"] if name in tree.settled - _WITHOUT_SETTINGS else ["load"]
    links: dict[str, File | Link | None] = {}
    for ending in reversed(endings):
        links[tree.path("mods-enabled", f"{name}.{ending}")] = Link(f"../mods-available/{name}.{ending}")
    return links
