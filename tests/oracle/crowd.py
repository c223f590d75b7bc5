# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""A crowd of WebSockets: `crowd.py backend PORT` echoes, `crowd.py clients CA_FILE` opens and holds connections.

The clients take commands on stdin and answer each with one line of JSON: `open N SECONDS` opens N more WebSockets
through jitsi.test, until they are open or none came for so long, `echo` has each of them echo a byte, `watch` begins
to ask other.test every 100 ms, `seen` tells what came of that.
"""

from __future__ import annotations

import asyncio
import json
import ssl
import sys
import time

UPGRADE = (
    b"GET /xmpp-websocket HTTP/1.1\r\nHost: jitsi.test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\n\r\n"
)
QUESTION = b"GET / HTTP/1.1\r\nHost: other.test\r\nConnection: close\r\n\r\n"
#: Seconds that one answer may take.
PATIENCE = 4
#: How many clients open theirs at the same moment.
AT_ONCE = 20


async def _serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    if b"upgrade: websocket" not in head:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello")
        await writer.drain()
        writer.close()
        return
    writer.write(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n")
    while data := await reader.read(100):
        writer.write(data)
    writer.close()


async def backend(port: int) -> None:
    """Echo what comes over WebSockets, and say hello to whoever else asks."""
    server = await asyncio.start_server(_serve, "127.0.0.1", port, backlog=2048)
    print("ready", flush=True)
    await server.serve_forever()


class Crowd:
    """Clients of the proxy."""

    def __init__(self, authorities: str) -> None:
        self.context = ssl.create_default_context(cafile=authorities)
        self.open: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []
        self.answers: list[float] = []
        self.failures: list[str] = []
        self.watcher: asyncio.Task | None = None

    async def _connect(self, name: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        return await asyncio.open_connection("127.0.0.1", 443, ssl=self.context, server_hostname=name)

    async def _websocket(self) -> None:
        reader, writer = await self._connect("jitsi.test")
        writer.write(UPGRADE)
        head = await reader.readuntil(b"\r\n\r\n")
        if b" 101 " not in head.split(b"\r\n", 1)[0]:
            raise ConnectionError(head.split(b"\r\n", 1)[0].decode())
        self.open.append((reader, writer))

    async def _open(self, count: int, seconds: float) -> dict:
        limit = asyncio.Semaphore(AT_ONCE)

        async def one() -> None:
            async with limit:
                await self._websocket()

        tries = [asyncio.create_task(one()) for _n in range(count)]
        late = set(tries)
        done = late
        while done and late:
            done, late = await asyncio.wait(late, timeout=seconds)
        for task in late:
            task.cancel()
        results = await asyncio.gather(*tries, return_exceptions=True)
        wrong = [repr(result) for result in results if result is not None]
        return {"open": len(self.open), "wrong": wrong[:3]}

    async def _echo(self) -> dict:
        async def one(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
            writer.write(b"x")
            return await asyncio.wait_for(reader.read(1), PATIENCE) == b"x"

        results = await asyncio.gather(*(one(*pair) for pair in self.open), return_exceptions=True)
        return {"alive": sum(result is True for result in results)}

    async def _ask(self) -> None:
        reader, writer = await self._connect("other.test")
        writer.write(QUESTION)
        answer = await reader.read()
        writer.close()
        if not answer.startswith(b"HTTP/1.1 200 ") or not answer.endswith(b"hello"):
            raise ConnectionError(answer[:40].decode())

    async def _one_question(self) -> None:
        began = time.monotonic()
        try:
            await asyncio.wait_for(self._ask(), PATIENCE)
        except (OSError, asyncio.IncompleteReadError, asyncio.TimeoutError) as error:
            self.failures.append(repr(error))
        self.answers.append(time.monotonic() - began)

    async def _watch(self) -> None:
        running = set()
        while True:
            running.add(asyncio.create_task(self._one_question()))
            running = {task for task in running if not task.done()}
            await asyncio.sleep(0.1)

    async def command(self, words: list[str]) -> dict:
        """Do what a line asks for."""
        if words[0] == "open":
            return await self._open(int(words[1]), float(words[2]))
        if words[0] == "echo":
            return await self._echo()
        if words[0] == "watch":
            self.watcher = asyncio.create_task(self._watch())
            return {}
        return {"asked": len(self.answers), "slowest": max(self.answers, default=0), "failures": self.failures}


async def clients(authorities: str) -> None:
    """Take commands from stdin until it ends."""
    crowd = Crowd(authorities)
    lines = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    while line := await lines.readline():
        print(json.dumps(await crowd.command(line.decode().split())), flush=True)


if __name__ == "__main__":
    asyncio.run(backend(int(sys.argv[2])) if sys.argv[1] == "backend" else clients(sys.argv[2]))
