"""A client that keeps one socket and asks every 50 ms: prints the time and the answer, line by line."""

import socket
import sys
import time

kind, address, port = sys.argv[1], sys.argv[2], int(sys.argv[3])


def stream():
    """The first connection that is answered, and the greeting: a network may just be starting."""
    deadline = time.monotonic() + 25
    while True:
        found = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        found.settimeout(5)
        try:
            found.connect((address, port))
            greeting = found.recv(100).decode().strip()
            # A busy machine may be late; a connection that is lost is never answered.
            found.settimeout(20)
            return found, greeting
        except OSError:
            found.close()
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)


if kind == "tcp":
    client, greeting = stream()
else:
    client, greeting = socket.socket(socket.AF_INET, socket.SOCK_DGRAM), ""
    client.settimeout(0.05)
    client.connect((address, port))
while True:
    try:
        # An ICMP error of an earlier datagram is told at any call.
        client.send(b"ask\n")
        answer = client.recv(100).decode().strip()
        print(f"{time.time():.3f} {greeting or answer}", flush=True)
    except (TimeoutError, ConnectionRefusedError):
        # A datagram may be lost; a stream may not.
        if kind == "tcp":
            raise
    time.sleep(0.05)
