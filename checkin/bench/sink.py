"""A mail server that takes everything and keeps nothing, in a process of its own."""

from __future__ import annotations

import asyncio
import sys
from typing import cast

from checkin.demo.sinks import HOST

LIMIT = 1 << 22
ANSWERS = {
    b"EHLO": b"250-sink\r\n250 PIPELINING\r\n",
    b"DATA": b"354 Go on\r\n",
    b"QUIT": b"221 Bye\r\n",
}
END = b"\r\n.\r\n"


class Sink(asyncio.Protocol):
    """One conversation (RFC 5321) in which every command is answered with yes."""

    def __init__(self) -> None:
        self._waiting = bytearray()
        self._in_letter = False
        self._line: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Greet."""
        self._line = cast("asyncio.Transport", transport)
        self._line.write(b"220 sink\r\n")

    def data_received(self, data: bytes) -> None:
        """Answer each command and each letter that is complete."""
        self._waiting += data
        while (end := self._waiting.find(END if self._in_letter else b"\r\n")) >= 0:
            command = bytes(self._waiting[:4]).upper()
            del self._waiting[: end + (len(END) if self._in_letter else 2)]
            answer = b"250 Ok: queued as 4711\r\n"
            if not self._in_letter:
                answer = ANSWERS.get(command, b"250 Ok\r\n")
            self._in_letter = not self._in_letter and command == b"DATA"
            if self._line is not None:
                self._line.write(answer)


async def _serve(port: int) -> None:
    server = await asyncio.get_running_loop().create_server(Sink, HOST, port)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_serve(int(sys.argv[1])))
