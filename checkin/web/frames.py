"""WebSocket frames (RFC 6455): bytes in, whole messages out, and the other way round."""

from __future__ import annotations

import base64
import hashlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

LARGEST_MESSAGE = 512 * 1024
MORE, TEXT, BINARY, CLOSE, PING, PONG = 0, 1, 2, 8, 9, 10
TOO_LARGE, WRONG = 1009, 1002

_GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
_SHORT, _LONG = 126, 127
_FINAL, _RESERVED, _MASKED = 0x80, 0x70, 0x80
_HEAD = 6  # two bytes and the mask


class FrameError(Exception):
    """The other side does not speak as it should; *code* says how (RFC 6455, 7.4)."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


def accept(key: str) -> str:
    """Return the answer to the *key* of a client's handshake (RFC 6455, 4.2.2)."""
    digest = hashlib.sha1(f"{key}{_GUID}".encode(), usedforsecurity=False).digest()
    return base64.b64encode(digest).decode()


def frame(payload: bytes, kind: int = TEXT) -> bytes:
    """Return *payload* as one unmasked frame, as a server has to send it."""
    length = len(payload)
    first = bytes((_FINAL | kind,))
    if length < _SHORT:
        return first + length.to_bytes(1, "big") + payload
    if length < 1 << 16:
        return first + bytes((_SHORT,)) + length.to_bytes(2, "big") + payload
    return first + bytes((_LONG,)) + length.to_bytes(8, "big") + payload


def farewell(code: int) -> bytes:
    """Return the frame that ends a conversation with *code*."""
    return frame(code.to_bytes(2, "big"), CLOSE)


class Reader:
    """Puts the bytes of a client together again; a message is text, close, ping or pong."""

    def __init__(self) -> None:
        self._waiting = bytearray()
        self._parts: list[bytes] = []

    def feed(self, received: bytes) -> Iterator[tuple[int, bytes]]:
        """Take bytes in, and give each message that is whole as its kind and content.

        Raises:
            FrameError: the client breaks the rules, or says too much at once.
        """
        self._waiting += received
        while (found := self._frame()) is not None:
            final, kind, payload = found
            if kind >= CLOSE:
                yield kind, payload
                continue
            self._parts.append(payload)
            if sum(map(len, self._parts)) > LARGEST_MESSAGE:
                raise FrameError(TOO_LARGE)
            if final:
                whole = self._parts[0] if len(self._parts) == 1 else b"".join(self._parts)
                self._parts.clear()
                yield TEXT, whole

    def _frame(self) -> tuple[bool, int, bytes] | None:
        """Take the first whole frame off; None if there is none yet."""
        waiting = self._waiting
        if len(waiting) < _HEAD:
            return None
        first, second = waiting[0], waiting[1]
        if first & _RESERVED or not second & _MASKED:
            raise FrameError(WRONG)
        length, start = second & 0x7F, _HEAD
        if length == _SHORT:
            length, start = int.from_bytes(waiting[2:4], "big"), start + 2
        elif length == _LONG:
            length, start = int.from_bytes(waiting[2:10], "big"), start + 8
        if length > LARGEST_MESSAGE:
            raise FrameError(TOO_LARGE)
        if len(waiting) < start + length:
            return None
        payload = _uncovered(waiting[start : start + length], waiting[start - 4 : start])
        del waiting[: start + length]
        return bool(first & _FINAL), first & 0x0F, payload


def _uncovered(covered: bytearray, mask: bytearray) -> bytes:
    """Take the mask off; the whole content as one number is twenty times faster than bytes."""
    length = len(covered)
    cover = (mask * (length // 4 + 1))[:length]
    number = int.from_bytes(covered, "big") ^ int.from_bytes(cover, "big")
    return number.to_bytes(length, "big")
