"""What the tests of all scenarios need: the machines by name, and clients that stand on the lab's Internet."""

from __future__ import annotations

import contextlib
import json
import os
import re
import secrets
import shlex
import time
from collections import namedtuple
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import capture
import pytest
import testinfra
from check_runs import run_check

STATE = Path(os.environ["JITSI_LAB_STATE"])
CERTIFICATES = "/tmp/front-certificates.pem"

Answer = namedtuple("Answer", "status headers body")

PROXY_CERTIFICATES = "cat /etc/ssl/selfhosted/*.crt"

MACHINES = ("internet", "host", "proxy", "jitsi", "other")
#: Without libvirtd, which ends when nobody asks it, and starts for the next question.
SERVICES = "apache2 coturn jicofo jitsi-videobridge2 nginx port-forwards prosody"
#: Files, accounts, rules without their counters, and since when services are as they are.
#: Without the times at which prosody ran its own regular tasks, and those of folders, in which it then replaces a file.
STATE_OF_A_MACHINE = f"""
find $(ls -d /etc /usr/local /var/lib/prosody /var/lib/selfhosted* 2> /dev/null) -xdev ! -name 'cron.dat*' \\
    '(' -type d -printf '%p %y %m %u:%g\\n' -o -printf '%p %y %m %u:%g %l %T@\\n' ')' \\
    -type f -exec sha256sum {{}} ';' | sort
iptables-save 2> /dev/null | sed -E -e '/^#/d' -e 's/\\[[0-9:]+\\]//'
systemctl show --property=Id,StateChangeTimestamp {SERVICES}
"""


def repository():
    """What the lab's machines were told of the repository of Jitsi's packages."""
    return json.loads((STATE / "repository.json").read_text())


def pytest_configure(config):
    for marker in (
        "either_release: the release of Debian makes no difference; one of them shows it in a whole run",
        "standin(why): only the lab's stand-ins of Jitsi's packages can answer; skipped with another repository",
    ):
        config.addinivalue_line("markers", marker)


def pytest_sessionstart():
    capture.end_first_runs()


def pytest_collection_modifyitems(items):
    """Skip what only the stand-ins can answer, where JITSI_LAB_REPOSITORY gave the lab another repository."""
    chosen = repository()
    for item in items if not chosen["stand_ins"] else ():
        if marker := item.get_closest_marker("standin"):
            why = f"only the stand-ins can answer this ({marker.args[0]}), and the packages are of {chosen['uri']}"
            item.add_marker(pytest.mark.skip(reason=why))


def machine(role):
    """One machine of the lab, reached by ssh as a user's machines are, with sudo."""
    socket = Path(os.environ.get("ANSIBLE_SSH_CONTROL_PATH_DIR", "/tmp")) / "test-%C"
    options = f"-o ControlMaster=auto -o ControlPersist=60s -o ControlPath={socket}"
    return testinfra.get_host(
        f"ssh://jitsi-lab-{role}", ssh_config=str(STATE / "ssh_config"), ssh_extra_args=options, sudo=True
    )


def eventually(question, seconds=30):
    """Ask until the answer is true; return the last answer."""
    deadline = time.monotonic() + seconds
    while True:
        answer = question()
        if answer or time.monotonic() > deadline:
            return answer
        time.sleep(0.2)


def evaluate(place, program):
    """Run a Python program on a machine and return what it printed as JSON."""
    done = place.run(f"python3 -c {shlex.quote(program)}")
    assert done.rc == 0, done.stderr
    return json.loads(done.stdout)


@contextlib.contextmanager
def full_disk(place, folder):
    """Have a folder of a machine, with what is in it, on a file system of its own that has no room left."""
    aside, filler = "/run/beside-a-full-disk", f"{folder}/.filler"
    place.run_expect([0], f"cp -a {folder} {aside} && mount -t tmpfs -o size=256k full-disk {folder}")
    try:
        place.run_expect([0], f"cp -a {aside}/. {folder}")
        place.run_expect([1], f"dd if=/dev/zero of={filler} bs=512 2> /dev/null")
        yield
    finally:
        place.run_expect([0], f"umount {folder} && rm -r {aside}")


class Internet:
    """A client on the Internet side. It trusts the front's certificates and verifies every connection."""

    def __init__(self, place):
        self.place = place

    def trust(self, certificates):
        """From now on trust these certificates, PEM texts, and no others."""
        self.place.run_expect([0], f"printf %s {shlex.quote(certificates)} > {CERTIFICATES}")

    def curl(self, *words):
        """Run curl and return its Answer; a failure of the connection fails the test."""
        command = [
            "curl",
            "--silent",
            "--show-error",
            "--include",
            "--max-time",
            "20",
            "--cacert",
            CERTIFICATES,
            *words,
        ]
        done = self.place.run(" ".join(shlex.quote(word) for word in command))
        assert done.rc == 0, done.stderr
        head, body = done.stdout.replace("\r\n", "\n").split("\n\n", 1)
        first, *lines = head.splitlines()
        headers = dict(line.split(": ", 1) for line in lines)
        return Answer(int(first.split()[1]), {name.lower(): headers[name] for name in headers}, body)

    def websocket(self, url, domain):
        """Open an XMPP stream over a WebSocket: its handshake's status and the server's first frame."""
        program = f"""
import json, websocket
connection = websocket.create_connection(
    {url!r}, subprotocols=["xmpp"], sslopt={{"ca_certs": {CERTIFICATES!r}}}, timeout=20)
connection.send('<open xmlns="urn:ietf:params:xml:ns:xmpp-framing" to="{domain}" version="1.0"/>')
print(json.dumps([connection.status, connection.recv()]))
"""
        return evaluate(self.place, program)

    def binding(self, name, port, user):
        """Ask the bridge as a participant's ICE does: the own address and port, and those that the bridge saw."""
        program = f"""
import json, os, socket, struct
user, cookie = {user.encode()!r}, 0x2112A442
value = struct.pack("!HH", 6, len(user)) + user + bytes(-len(user) % 4)
client = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
client.settimeout(5)
client.connect(({name!r}, {port}))
client.send(struct.pack("!HHI", 1, len(value), cookie) + os.urandom(12) + value)
answer, place = client.recv(2000), 20
while struct.unpack_from("!H", answer, place)[0] != 0x20:
    place += 4 + -(-struct.unpack_from("!H", answer, place + 2)[0] // 4) * 4
port, address = struct.unpack_from("!xxHI", answer, place + 4)
seen = socket.inet_ntoa(struct.pack("!I", address ^ cookie)), port ^ cookie >> 16
print(json.dumps([client.getsockname(), seen]))
"""
        return evaluate(self.place, program)


def ask_bridge(internet, name, port, *places):
    """Ask a bridge as a participant does, whom it must see with the own address.

    Return that address and port, and of the machines those whose bridge logged the request.
    """
    user = f"{secrets.token_hex(8)}-{port}"
    own, seen = internet.binding(name, port, user)
    assert seen == own
    line = f"request from {own[0]}:{own[1]} user={user}"
    return own, [place for place in places if line in machine(place).check_output("cat /var/log/jitsi/jvb.log")]


@pytest.fixture(scope="session")
def internet(proxy):
    client = Internet(machine("internet"))
    client.trust(proxy.check_output(PROXY_CERTIFICATES))
    return client


def state_of_machines(*further):
    """What a run that only reads leaves as it is, in lines."""
    names = (*MACHINES, *further)
    with ThreadPoolExecutor() as pool:
        texts = list(pool.map(lambda name: machine(name).check_output(STATE_OF_A_MACHINE), names))
    lines = {f"{name}: {line}" for name, text in zip(names, texts) for line in text.splitlines()}
    assert len(lines) > 1000, "this saw nothing of the machines"
    return lines


@contextlib.contextmanager
def unchanged_machines(*further, account=""):
    """What runs here leaves nothing on any machine that was not there before, and takes nothing away.

    :param account: with which it logs in; prosody notes of it when it was last there.
    """
    before = state_of_machines(*further)
    yield
    changes = state_of_machines(*further) ^ before
    assert changes - (notes_of(account, changes) if account else set()) == set()


def notes_of(account, lines):
    """Those lines that are about what prosody notes of an account: its files, and a folder that is new for one."""
    file = re.compile(rf"(/\S+)/{re.escape(account)}\.dat(?: |$)")
    folders = {found[1] for found in map(file.search, lines) if found}
    return {line for line in lines if file.search(line) or any(f" {folder} d " in line for folder in folders)}


@pytest.fixture(scope="session")
def check_of_the_site():
    """What the check makes of the site, for tests between which nothing changes; ask for it behind the last run."""
    with unchanged_machines():
        return run_check()


@pytest.fixture(scope="session")
def nat_host():
    return machine("host")


@pytest.fixture(scope="session")
def proxy():
    return machine("proxy")


@pytest.fixture(scope="session")
def jitsi():
    return machine("jitsi")


@pytest.fixture(scope="session")
def other():
    return machine("other")
