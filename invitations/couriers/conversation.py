"""A conversation with a mail server, over a line that is open and greeted (RFC 5321).

The library opens lines, encrypts them and signs in. From then on it would ask for one thing
at a time and mend the line ends of every letter with regular expressions; here commands may
leave in groups (RFC 2920), and a letter in one write.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass

CLOSING = 421  # RFC 5321, section 3.8: the server says good-bye
LONGEST_REPLY = 1 << 16
FAREWELL_S = 1

_CODE = slice(0, 3)
_MORE = b"-"


@dataclass(frozen=True)
class Reply:
    """What a server said: its basic *code*, and its words in one line."""

    code: int
    text: str


class Conversation(asyncio.Protocol):
    """Speaks over *transport*, and waits *timeout_s* seconds for each answer."""

    def __init__(self, transport: asyncio.Transport, timeout_s: float) -> None:
        self.trouble = ""  # why the line is lost, in the words of whoever lost it
        self._transport = transport
        self._timeout_s = timeout_s
        self._unread = b""
        self._lines: list[str] = []
        self._replies: list[Reply] = []
        self._wanted = 0
        self._waiter: asyncio.Future[None] | None = None
        self._ended = asyncio.Event()
        transport.set_protocol(self)

    async def say(self, words: bytes, replies: int = 1) -> list[Reply]:
        """Write *words*; return the replies to them, fewer than *replies* if the line ends.

        A good-bye of the server is the last reply, wherever in a group it comes.
        """
        if self._replies or self._unread:
            self._lose("the server answers what nobody asked")
        if self.trouble:
            return []
        loop = asyncio.get_running_loop()
        self._wanted, self._waiter = replies, loop.create_future()
        clock = loop.call_later(self._timeout_s, self._lose, "no answer in time")
        try:
            self._transport.write(words)
            await self._waiter
        except asyncio.CancelledError:  # whoever stops listening cannot go on talking
            self.close()
            raise
        finally:
            clock.cancel()
            self._waiter = None
        heard, self._replies = self._replies[:replies], self._replies[replies:]
        return heard

    async def leave(self) -> None:
        """Say good-bye, and wait a little for the server to hang up, as is its part."""
        await self.say(b"QUIT\r\n")
        if not self._transport.is_closing():  # closed twice, it could not be aborted any more
            self._transport.close()
        with suppress(asyncio.TimeoutError):
            await asyncio.wait_for(self._ended.wait(), FAREWELL_S)
        self.close()

    def close(self) -> None:
        """Let the line go at once."""
        self._transport.abort()

    def data_received(self, data: bytes) -> None:
        """Read replies (RFC 5321, section 4.2), of one line or several."""
        *lines, self._unread = (self._unread + data).split(b"\n")
        for line in lines:
            self._read(line.rstrip(b"\r"))
        if len(self._unread) > LONGEST_REPLY or len(self._lines) > LONGEST_REPLY:
            self._lose("an answer without an end")
        if len(self._replies) >= self._wanted:
            self._wake()

    def connection_lost(self, exc: Exception | None) -> None:
        """Let whoever waits know that nothing more will come."""
        self.trouble = self.trouble or (str(exc) if exc else "") or "the server hung up"
        self._ended.set()
        self._wake()

    def _read(self, line: bytes) -> None:
        code = line[_CODE]
        if not code.isdigit() or len(code) != _CODE.stop:
            self._lose("not an answer of a mail server")
            return
        self._lines.append(line[_CODE.stop + 1 :].decode("utf-8", "replace"))
        if line[_CODE.stop : _CODE.stop + 1] == _MORE:
            return
        reply = Reply(int(code), " ".join(" ".join(self._lines).split()))
        self._lines.clear()
        self._replies.append(reply)
        if reply.code == CLOSING:
            self._lose(reply.text)

    def _lose(self, trouble: str) -> None:
        self.trouble = self.trouble or trouble or "the line is lost"
        self._transport.abort()
        self._wake()

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)
