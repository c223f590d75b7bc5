"""Real packets: clients that say in one line who answered, or how the connection failed."""

from __future__ import annotations

from machines import evaluate

PUBLIC = "198.51.100.10"
CLIENT = "198.51.100.20"
JITSI = "192.168.122.120"
OTHER = "192.168.122.110"
GATEWAY = "192.168.122.1"

#: What the client on the Internet hears through the forwards of the scenario's inventory.
GOOD = {"tcp 4443": f"jitsi saw {CLIENT}", "tcp 8443": f"other saw {CLIENT}", "udp 10000": f"jitsi saw {CLIENT}"}

PROGRAM = """
import json, socket
def ask(kind, port):
    client = socket.socket(socket.AF_INET, socket.SOCK_DGRAM if kind == "udp" else socket.SOCK_STREAM)
    client.settimeout({seconds})
    try:
        client.connect(({address!r}, port))
        client.send(b"ask")
        return client.recv(100).decode().strip()
    except ConnectionRefusedError:
        return "refused"
    except TimeoutError:
        return "timeout"
    except OSError as error:
        return str(error)
print(json.dumps([ask(kind, port) for kind, port in {wanted!r}]))
"""


def answers(place, *wanted, address=PUBLIC, seconds=10):
    """Ask at "tcp PORT" or "udp PORT" of an address, each with a new socket: the answers in the same order.

    :param seconds: how long to wait for each; say less only where no answer is what is right.
    """
    pairs = [(kind, int(port)) for kind, port in (name.split() for name in wanted)]
    return evaluate(place, PROGRAM.format(address=address, wanted=pairs, seconds=seconds))


def answer(place, wanted="tcp 4443", **options):
    """Ask once."""
    return answers(place, wanted, **options)[0]


def forwarded(client):
    """What the client on the Internet hears at each forward; compare it with GOOD."""
    return dict(zip(GOOD, answers(client, *GOOD)))
