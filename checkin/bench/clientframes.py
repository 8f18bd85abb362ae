"""WebSocket frames (RFC 6455) as a client sends and takes them, with next to no work."""

from __future__ import annotations

import os

TEXT, CLOSE, PING, PONG = 1, 8, 9, 10
SHORT, LONG = 126, 127
HEAD = 2  # the bytes every frame begins with


def frame(payload: bytes, kind: int = TEXT) -> bytes:
    """Return *payload* in one masked frame, as a client has to send it (RFC 6455, 5.2)."""
    mask = os.urandom(4)
    length = len(payload)
    if length < SHORT:
        head = bytes((0x80 | kind, 0x80 | length))
    elif length < 1 << 16:
        head = bytes((0x80 | kind, 0x80 | SHORT)) + length.to_bytes(2, "big")
    else:
        head = bytes((0x80 | kind, 0x80 | LONG)) + length.to_bytes(8, "big")
    cover = (mask * (length // 4 + 1))[:length]
    covered = int.from_bytes(payload, "big") ^ int.from_bytes(cover, "big")
    return head + mask + covered.to_bytes(length, "big")


def unframed(waiting: bytearray) -> tuple[int, bytes] | None:
    """Take the first whole frame of a server off *waiting*; None if there is none yet."""
    if len(waiting) < HEAD:
        return None
    length, start = waiting[1] & 0x7F, HEAD
    if length == SHORT:
        length, start = int.from_bytes(waiting[2:4], "big"), 4
    elif length == LONG:
        length, start = int.from_bytes(waiting[2:10], "big"), 10
    if len(waiting) < start + length:
        return None
    kind, payload = waiting[0] & 0x0F, bytes(waiting[start : start + length])
    del waiting[: start + length]
    return kind, payload
