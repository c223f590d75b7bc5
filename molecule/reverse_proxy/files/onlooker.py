"""Ask for a page every 50 ms over new connections, and keep one WebSocket open: `onlooker.py CA FOLDER`.

Makes FOLDER/ready when both work; ends when FOLDER/stop is there, and leaves what it saw in FOLDER/report.
"""

import http.client
import json
import pathlib
import socket
import ssl
import sys
import time

PAUSE = 0.05
NAME = "other.test"
HANDSHAKE = (
    f"GET /tunnel/ HTTP/1.1\r\nHost: {NAME}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
)


def tunnel(context):
    connection = context.wrap_socket(socket.create_connection((NAME, 443), timeout=10), server_hostname=NAME)
    connection.sendall(HANDSHAKE.encode())
    answer = b""
    while not answer.endswith(b"\r\n\r\n"):
        answer += connection.recv(1)
    return connection, int(answer.split()[1])


def page(context):
    connection = http.client.HTTPSConnection(NAME, timeout=10, context=context)
    try:
        connection.request("GET", "/")
        return connection.getresponse().status
    finally:
        connection.close()


def look(context, connection, count):
    failures = []
    try:
        status = page(context)
        if status != 200:
            failures.append(f"page {status}")
    except OSError as error:
        failures.append(f"page {error}")
    try:
        connection.sendall(b"%08d" % count)
        if connection.recv(8) != b"%08d" % count:
            failures.append("the WebSocket ended")
    except OSError as error:
        failures.append(f"WebSocket {error}")
    return failures


def main():
    folder = pathlib.Path(sys.argv[2])
    context = ssl.create_default_context(cafile=sys.argv[1])
    connection, status = tunnel(context)
    failures = [] if status == 101 else [f"the WebSocket's status is {status}"]
    count = 0
    while not (folder / "stop").exists():
        failures += [f"{time.time():.2f} {failure}" for failure in look(context, connection, count)]
        count += 1
        if count == 3:
            (folder / "ready").touch()
        time.sleep(PAUSE)
    (folder / "report").write_text(json.dumps({"count": count, "failures": failures}))


main()
