"""The recorded facts of tests/lab/facts, and what a machine has in their place."""

from __future__ import annotations

import functools
import json
import os
import re
import shlex
from pathlib import Path

import yaml
from machines import evaluate

FACTS = Path(os.environ["JITSI_TREE"]) / "tests" / "lab" / "facts"
NAMES = {"fqdn": "jitsi.test", "address": "192.168.122.120"}
#: Whether the packages are our stand-ins, of which some differences are on purpose.
ARE_STANDINS = not os.environ.get("JITSI_LAB_REPOSITORY")
STARTS = {
    "/var/log/jitsi/jvb.log": "Starting jitsi-videobridge",
    "/var/log/jitsi/jicofo.log": "Using org.jitsi.jicofo.bridge.",
}
#: Prints what answers to GET.
ASK = """
import json, urllib.error, urllib.request
try:
    page = urllib.request.Request(PAGE, headers={"Accept": "*/*"})
    answer = urllib.request.urlopen(page, timeout=10)
except urllib.error.HTTPError as error:
    answer = error
except urllib.error.URLError:
    answer = None
kind = answer and answer.headers["Content-Type"] or ""
print(json.dumps([answer.status, kind, answer.read().decode()] if answer else [0, "", ""]))
"""
#: What an entry is about, in the order in which it names it.
SUBJECTS = ("path", "url", "file", "host", "unit", "account", "option", "property", "says", "never")

#: Prints what prosody would read in a site's file, one thing a line: hosts with their kind and options.
LUA = r"""
local hosts, current = {}, "*";
local function enter(kind) return function (name)
    current = name; hosts[name] = { kind = kind, options = {} };
    return function (plugin) hosts[name].kind = plugin; end;
end; end
hosts["*"] = { kind = "", options = {} };
local reader = { VirtualHost = enter("host"), Component = enter("component"), Include = function () end };
setmetatable(reader, { __newindex = function (_, name, value) hosts[current].options[name] = value; end });
assert(loadfile(arg[1], "t", reader))();
local function shown(value)
    if type(value) ~= "table" then return tostring(value); end
    local parts = {};
    for _, part in ipairs(value) do parts[#parts + 1] = type(part) == "table" and "{}" or tostring(part); end
    return table.concat(parts, " ");
end
for name, host in pairs(hosts) do
    print(("host\t%s\t%s"):format(name, host.kind));
    for option, value in pairs(host.options) do print(("option\t%s\t%s\t%s"):format(name, option, shown(value))); end
end
"""


@functools.lru_cache(maxsize=None)
def tables(generation):
    return yaml.safe_load((FACTS / f"{generation}.yml").read_text(encoding="utf-8"))


def filled_in(value):
    """A value of a table with the names of the lab in it."""
    if isinstance(value, str):
        return value.replace("{fqdn}", NAMES["fqdn"]).replace("{address}", NAMES["address"])
    if isinstance(value, list):
        return [filled_in(part) for part in value]
    return value


def expected(entry):
    """An entry as it applies here: as recorded, or as a stand-in or this collection's role differs on purpose."""
    result = {name: filled_in(value) for name, value in entry.items() if name not in ("standins", "role")}
    for cause in ("standins", "role") if ARE_STANDINS else ("role",):
        differences = dict(entry.get(cause, {}))
        assert not differences or differences.pop("why"), entry
        result.update({name: filled_in(value) for name, value in differences.items()})
    return result


def group(generation, name):
    """The entries of a group, each as it applies here."""
    return [expected(entry) for entry in tables(generation)[name]["entries"]]


def titles(entry):
    """The name of an entry in what pytest prints."""
    return " ".join(str(entry[name]) for name in SUBJECTS if name in entry)


def is_set(place, path):
    """Whether a setting of jicofo.conf is true."""
    return place.run(f"hocon -f /etc/jitsi/jicofo/jicofo.conf get {path}").stdout.strip() == "true"


def answer(place, url):
    """Status, content type and text of what answers there; the status is 0 where nothing does."""
    return tuple(evaluate(place, ASK.replace("PAGE", repr(url))))


def sockets(place):
    """How often something listens at each address that is not of the system itself: {(protocol, place): times}."""
    found = {}
    for line in place.check_output("ss --listening --tcp --udp --numeric --no-header").splitlines():
        protocol, _state, _received, _sent, local = line.split()[:5]
        shown = re.sub(r"%\w+(?=:)", "", re.sub(r"^\[::ffff:([0-9.]+)\]", r"\1", local)).replace("*:", "[::]:")
        if shown.rpartition(":")[2] not in ("22", "53", "68", "546"):
            found[protocol, shown] = found.get((protocol, shown), 0) + 1
    return found


def questions(place):
    """Debconf's questions: {name: (type, owners)}."""
    types, result = {}, {}
    for path in ("templates.dat", "config.dat", "passwords.dat"):
        for paragraph in place.check_output(f"cat /var/cache/debconf/{path}").split("\n\n"):
            fields = dict(line.split(": ", 1) for line in paragraph.splitlines() if re.match(r"\w+: ", line))
            if path == "templates.dat":
                types[fields.get("Name")] = fields.get("Type")
            elif fields:
                result[fields["Name"]] = (types.get(fields["Template"]), set(fields["Owners"].split(", ")))
    return result


def last_start(place, path):
    """A program's log since it was started last."""
    log = place.check_output(f"cat {path}")
    return log[max(0, log.rfind(STARTS[path])) - 100 if STARTS[path] in log else 0 :]


def prosody_hosts(place, path):
    """What a site's file says: {host: (kind, {option: value})}; `*` is what stands before all hosts."""
    script = "/tmp/read-site.lua"
    done = place.run(f"printf %s {shlex.quote(LUA)} > {script} && lua5.4 {script} {path}; rm {script}")
    hosts = {}
    for line in done.stdout.splitlines():
        kind, name, first, *rest = line.split("\t")
        if kind == "host":
            hosts.setdefault(name, ["", {}])[0] = first
        else:
            hosts.setdefault(name, ["", {}])[1][first] = rest[0]
    assert hosts, done.stderr
    return hosts


def setting(place, file, path):
    """A value of a HOCON file; an empty text where it has none."""
    done = place.run(f"hocon -f {file} -j get {path}")
    if done.rc != 0:
        return ""
    value = json.loads(done.stdout)
    return value if isinstance(value, str) else json.dumps(value)
