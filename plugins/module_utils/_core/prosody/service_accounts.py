# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""The accounts with which jicofo and a videobridge log in to prosody, as their own files have them."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass, field
from typing import Any, Iterator, Mapping

from ..bridge.account import accounts_of
from ..errors import CoreError
from ..hocon.data import data_from
from ..java_properties.data import mapping_from
from .accounts import Account, Work
from .leftovers import HOST

JICOFO, BRIDGE = "jicofo", "jitsi-videobridge2"
#: The name that jicofo has unless its files say another one.
_FOCUS = "focus"
_OF_JICOFO = ("jicofo", "xmpp", "client")
#: Prosody sets storage for all hosts, for one, or for each kind of data by its name.
_STORAGE = re.compile(
    r"^[ \t]*(?:default_)?storage\s*=\s*(?:(?P<all>\"[^\"\n]*\"|'[^'\n]*')|\{(?P<some>[^}]*)\})", re.M
)
_OF_ACCOUNTS = re.compile(r"\baccounts\b[\"'\]\s]*=\s*(?P<kind>\"[^\"\n]*\"|'[^'\n]*')")
#: Components of rooms keep nothing, and say so in the same way.
_IN_FILES = ("internal", "memory", "none")


@dataclass(frozen=True)
class Texts:
    """The files of both services, empty where there are none.

    :param jicofo: jicofo.conf.
    :param jicofo_variables: the shell variables with which packages of 2020 start jicofo.
    :param properties: sip-communicator.properties of the bridge.
    :param hocon: its jvb.conf.
    """

    jicofo: str = ""
    jicofo_variables: str = ""
    properties: str = ""
    hocon: str = ""


@dataclass(frozen=True)
class Login:
    """With which account a service logs in."""

    service: str
    name: str
    password: str = field(repr=False)


def logins_in(texts: Texts, domain: str) -> list[Login]:
    """The logins of both services in a domain, one for each account.

    A file that its service could not read has none: other modules say what is wrong with it.
    """
    found: dict[str, Login] = {}
    for login in (*_of_jicofo(texts, domain), *_of_bridge(texts, domain)):
        # Prosody writes names in lower case.
        found.setdefault(login.name.lower(), Login(login.service, login.name.lower(), login.password))
    return list(found.values())


def accounts_for(logins: list[Login], missing: list[str], prosody: list[str]) -> list[Account]:
    """What prosody shall have.

    :param missing: the names of which prosody's files have no record.
    :param prosody: the texts of prosody's configuration. Where prosody keeps accounts in something else than its
        files, an account without a record there is nobody's business.
    """
    elsewhere = any(is_kept_elsewhere(text) for text in prosody)
    wanted = [login for login in logins if not (elsewhere and login.name in missing)]
    return [Account(login.name, login.password) for login in wanted]


def findings(work: Work, logins: list[Login], domain: str) -> list[str]:
    """A sentence for each account that is wrong."""
    services = {login.name: login.service for login in logins}
    missing = [f"prosody has no account {name}@{domain}, which {services[name]} uses" for name in work.created]
    return missing + [
        f"the account {name}@{domain} has another password than the files of {services[name]}" for name in work.updated
    ]


def is_kept_elsewhere(text: str, host: str = "") -> bool:
    """Whether a file of prosody's configuration has accounts in something else than prosody's files.

    :param host: whose accounts; empty for those of any host.
    """
    text = re.sub(r"--[^\n]*", "", text)
    # What stands before the first host is for all of them.
    whole, *sections = HOST.split(text)
    texts = [whole] + [body for name, body in zip(sections[::2], sections[1::2]) if host in ("", name.lower())]
    return any(_is_elsewhere(part) for part in texts)


def _is_elsewhere(text: str) -> bool:
    for found in _STORAGE.finditer(text):
        of_accounts = _OF_ACCOUNTS.search(found["some"] or "")
        kind = found["all"] or (of_accounts["kind"] if of_accounts else "")
        if kind and kind[1:-1] not in _IN_FILES:
            return True
    return False


def _of_jicofo(texts: Texts, domain: str) -> Iterator[Login]:
    client: Any = _data(texts.jicofo)
    for name in _OF_JICOFO:
        client = client.get(name) if isinstance(client, Mapping) else None
    settings = client if isinstance(client, Mapping) else {}
    variables = _variables(texts.jicofo_variables)
    said = {
        key: str(settings.get(key) or variables.get(f"JICOFO_AUTH_{variable}") or "")
        for key, variable in (("domain", "DOMAIN"), ("username", "USER"), ("password", "PASSWORD"))
    }
    if said["password"] and said["domain"].lower() == domain.lower():
        yield Login(JICOFO, said["username"] or _FOCUS, said["password"])


def _of_bridge(texts: Texts, domain: str) -> Iterator[Login]:
    try:
        properties = mapping_from(texts.properties)
    except CoreError:
        return
    for account in accounts_of(properties, _data(texts.hocon), domain):
        yield Login(BRIDGE, account["username"], account["password"])


def _data(text: str) -> Mapping[str, Any]:
    try:
        return data_from(text)
    except CoreError:
        return {}


def _variables(text: str) -> dict[str, str]:
    """Shell variables by their names; of a line that the shell would not take there is none."""
    found = {}
    for line in text.splitlines():
        try:
            words = shlex.split(line, comments=True)
        except ValueError:
            continue
        name, equals, value = words[0].partition("=") if len(words) == 1 else ("", "", "")
        if equals:
            found[name] = value
    return found
