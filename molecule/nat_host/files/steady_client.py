"""A client that keeps one socket and asks every 50 ms: prints the time and the answer, line by line."""

import socket
import sys
import time

kind, address, port = sys.argv[1], sys.argv[2], int(sys.argv[3])
client = socket.socket(socket.AF_INET, socket.SOCK_DGRAM if kind == "udp" else socket.SOCK_STREAM)
client.settimeout(5 if kind == "tcp" else 0.05)
client.connect((address, port))
greeting = client.recv(100).decode().strip() if kind == "tcp" else ""
while True:
    client.send(b"ask\n")
    try:
        answer = client.recv(100).decode().strip()
        print(f"{time.time():.3f} {greeting or answer}", flush=True)
    except (TimeoutError, ConnectionRefusedError):
        # A datagram may be lost; a stream may not.
        if kind == "tcp":
            raise
    time.sleep(0.05)
