# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""How programs test their own configuration, and what of their words is shown: a file and a line, and no values."""

from __future__ import annotations

import re

APACHE, NGINX, PROSODY, SSHD = "apache2", "nginx", "prosody", "sshd"
PROGRAMS = (APACHE, NGINX, PROSODY, SSHD)
COMMANDS = {
    # Makes the folders in /run that Apache's start makes, if they are missing.
    APACHE: ["apache2ctl", "-t"],
    # Opens what its start opens. It makes logs, folders and an empty file for its process number, if they are missing.
    NGINX: ["nginx", "-t", "-q"],
    SSHD: ["sshd", "-t"],
}
#: Prosody's files are programs in Lua. prosodyctl would run them, and needs them right to say anything.
LUA = ("lua5.4", "lua5.3", "lua5.2", "lua5.1", "luajit", "lua")
LUA_FILES = ("/etc/prosody/prosody.cfg.lua", "/etc/prosody/conf.d/*.cfg.lua")
#: Reads files and runs none. Lua takes it from the standard input.
LUA_TEST = """\
for place = 1, #arg do
  local read, problem = loadfile(arg[place])
  if not read then print(problem) os.exit(1) end
end
"""
#: sshd of a socket has this folder only while somebody is logging in.
_NOT_TESTED = "Missing privilege separation directory"
#: The part of a line that names a file and a line number. Behind "near" Lua quotes the file, with its secrets.
_PLACES = {
    APACHE: re.compile(r"(Syntax error on line [0-9]+ of [^:]+)"),
    NGINX: re.compile(r"\[emerg\] (?:[0-9]+#[0-9]+: )?(.* in \S+:[0-9]+$|cannot load [^:]*)"),
    PROSODY: re.compile(r"(\S+:[0-9]+: .*?|cannot open .*)(?: near .*)?$"),
    SSHD: re.compile(r"(\S+ line [0-9]+: .*)"),
}
_QUOTED = re.compile(r'"([^"]*)"( directive)?')
_HIDDEN = '"…"'


def lua_command(interpreter: str, paths: list[str]) -> list[str]:
    """What tests files of Lua, with LUA_TEST as its input."""
    return [interpreter, "-", *paths]


def is_tested(words: str) -> bool:
    """Whether a program came so far as to read its files."""
    return _NOT_TESTED not in words


def problem(program: str, status: int, words: str) -> str:
    """What a program says of its configuration; empty if it can read it.

    :param words: all that it printed. Only the first line that names a file and a line is shown.
    """
    if status == 0:
        return ""
    found = (_PLACES[program].search(line.strip()) for line in words.splitlines())
    place = next((match[1] for match in found if match), "")
    return _QUOTED.sub(_without_value, place) or f"its test ends with exit code {status}"


def _without_value(quoted: re.Match[str]) -> str:
    """What a program quotes: a sign, a path or the name of a directive is no secret."""
    is_shown = len(quoted[1]) < 2 or quoted[1].startswith("/") or quoted[2]
    return quoted[0] if is_shown else _HIDDEN
