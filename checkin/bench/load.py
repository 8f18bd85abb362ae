"""``python -m checkin.bench.load``: stations that present passes as fast as they are answered.

A process of its own, of plain sockets, so that the server and not its caller is measured. It
reads a `Job` as JSON on standard input and writes a `Result` as JSON.
"""

from __future__ import annotations

import json
import secrets
import selectors
import socket
import sys
import time
import uuid
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from checkin.bench.clientframes import CLOSE, PING, PONG, TEXT, frame, unframed
from checkin.domain.protocol import (
    CHALLENGE_PATH,
    LINE_PATH,
    POST_PATH,
    SESSION_PATH,
    VERSION,
    ScanReport,
    challenge_bytes,
)

NANO_PER_MS = 1_000_000
PATIENCE_S = 30
READ_BYTES = 1 << 18
GREEN = b'"outcome":"admitted"'


@dataclass(frozen=True)
class Job:
    """What is to be presented, *by* "ws" or "http", and by which stations (id, hex seed)."""

    url: str
    by: str
    stations: list[tuple[str, str]]
    texts: list[str]


@dataclass
class Result:
    """What came of it: milliseconds of each admission, refusals and losses, own CPU seconds.

    It began *at* a point of the monotonic clock, which every process shares.
    """

    at: float = 0.0
    seconds: float = 0.0
    cpu: float = 0.0
    failures: int = 0
    ms: list[float] = field(default_factory=list)


class Wire(ABC):
    """One station's connection: requests made ready before, answers timed."""

    def __init__(self, job: Job, station: str, seed: str, texts: Sequence[str]) -> None:
        self.where = urlsplit(job.url)
        self.station = station
        self._key = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(seed))
        address = (self.where.hostname or "", self.where.port or 80)
        self.socket = socket.create_connection(address, PATIENCE_S)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._texts = texts
        self._requests: Iterator[bytes] = iter(())
        self._sent = 0
        self.waiting = bytearray()

    @abstractmethod
    def open(self) -> None:
        """Prove who we are, and make every request ready."""

    @abstractmethod
    def packed(self, request: dict[str, Any]) -> bytes:
        """Return *request* as it goes onto the wire."""

    @abstractmethod
    def answers(self) -> Iterator[bytes]:
        """Take every whole answer out of what was received."""

    def proof(self, challenge: str) -> dict[str, Any]:
        """Return what proves that we hold the key."""
        signed = self._key.sign(challenge_bytes(challenge, self.station)).hex()
        return {"station": self.station, "signature": signed, "head": 0, "version": VERSION}

    def make_ready(self) -> None:
        """Write every request down beforehand."""
        epoch, boot_id = secrets.token_hex(8), str(uuid.uuid4())
        made = [
            self.packed({"id": n, "do": "present", "scan": _report(epoch, boot_id, n, text)})
            for n, text in enumerate(self._texts, start=1)
        ]
        self._requests = iter(made)

    def send_next(self) -> bool:
        """Present the next pass; tell whether there was one."""
        request = next(self._requests, None)
        if request is None:
            return False
        self._sent = time.perf_counter_ns()
        self.socket.sendall(request)
        return True

    def hear(self, result: Result) -> bool:
        """Take in what arrived; tell whether the one presentation was answered."""
        received = self.socket.recv(READ_BYTES)
        if not received:
            raise ConnectionError(self.station)
        self.waiting += received
        answered = False
        for answer in self.answers():
            result.ms.append((time.perf_counter_ns() - self._sent) / NANO_PER_MS)
            result.failures += GREEN not in answer.replace(b": ", b":")
            answered = True
        return answered

    def head(self) -> bytes:
        """Read until the blank line that ends an HTTP head; return the head."""
        while (end := self.waiting.find(b"\r\n\r\n")) < 0:
            received = self.socket.recv(READ_BYTES)
            if not received:
                raise ConnectionError(self.station)
            self.waiting += received
        found = bytes(self.waiting[: end + 4])
        del self.waiting[: end + 4]
        return found


class SocketWire(Wire):
    """A WebSocket (RFC 6455), without a library between us and the bytes."""

    def open(self) -> None:
        """Prove who we are, and make every request ready."""
        ask = (
            f"GET {LINE_PATH} HTTP/1.1\r\nHost: {self.where.netloc}\r\nUpgrade: websocket\r\n"
            "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        )
        self.socket.sendall(ask.encode())
        self.head()
        challenge = json.loads(self._one())["challenge"]
        self.socket.sendall(self.packed(self.proof(challenge)))
        if "error" in (hello := json.loads(self._one())):
            raise ConnectionError(hello["error"])
        self.make_ready()

    def packed(self, request: dict[str, Any]) -> bytes:
        """Return *request* as one masked frame."""
        return frame(json.dumps(request).encode())

    def answers(self) -> Iterator[bytes]:
        """Take out the answers, not the news; answer pings."""
        while (found := unframed(self.waiting)) is not None:
            kind, payload = found
            if kind == PING:
                self.socket.sendall(frame(payload, PONG))
            elif kind == CLOSE:
                raise ConnectionError(self.station)
            elif kind == TEXT and not payload.startswith(b'{"push"'):
                yield payload

    def _one(self) -> bytes:
        while True:
            for answer in self.answers():
                return answer
            received = self.socket.recv(READ_BYTES)
            if not received:
                raise ConnectionError(self.station)
            self.waiting += received


class PostWire(Wire):
    """A kept-alive HTTP connection."""

    def open(self) -> None:
        """Prove who we are, and make every request ready."""
        self._bearer = ""
        challenge = self._ask("GET", CHALLENGE_PATH, b"")["challenge"]
        proof = self.proof(challenge) | {"challenge": challenge}
        self._bearer = self._ask("POST", SESSION_PATH, json.dumps(proof).encode())["bearer"]
        self.make_ready()

    def packed(self, request: dict[str, Any]) -> bytes:
        """Return *request* as one POST."""
        return self._http("POST", POST_PATH, json.dumps(request).encode())

    def answers(self) -> Iterator[bytes]:
        """Take out each answer that is complete."""
        while (end := self.waiting.find(b"\r\n\r\n")) >= 0:
            fields = bytes(self.waiting[:end]).lower()
            length = int(fields.partition(b"content-length: ")[2].partition(b"\r\n")[0])
            if len(self.waiting) < end + 4 + length:
                return
            body = bytes(self.waiting[end + 4 : end + 4 + length])
            del self.waiting[: end + 4 + length]
            yield body

    def _http(self, method: str, path: str, body: bytes) -> bytes:
        bearer = f"Authorization: Bearer {self._bearer}\r\n" if self._bearer else ""
        lines = (
            f"{method} {path} HTTP/1.1\r\nHost: {self.where.netloc}\r\n{bearer}"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        return lines.encode() + body

    def _ask(self, method: str, path: str, body: bytes) -> dict[str, Any]:
        self.socket.sendall(self._http(method, path, body))
        while True:
            for answer in self.answers():
                found: dict[str, Any] = json.loads(answer)
                return found
            received = self.socket.recv(READ_BYTES)
            if not received:
                raise ConnectionError(self.station)
            self.waiting += received


def run(job: Job) -> Result:
    """Present every text of *job*, each station one after the other."""
    kind = SocketWire if job.by == "ws" else PostWire
    many = len(job.stations)
    wires = [
        kind(job, station, seed, job.texts[number::many])
        for number, (station, seed) in enumerate(job.stations)
    ]
    for wire in wires:
        wire.open()
    result = Result()
    result.at = time.monotonic()
    started, cpu = time.perf_counter(), time.process_time()
    _present_all(wires, result)
    result.seconds = time.perf_counter() - started
    result.cpu = time.process_time() - cpu
    result.failures += len(job.texts) - len(result.ms)  # not answered at all
    for wire in wires:
        wire.socket.close()
    return result


def _present_all(wires: Sequence[Wire], result: Result) -> None:
    with selectors.DefaultSelector() as selector:
        for wire in wires:
            if wire.send_next():
                selector.register(wire.socket, selectors.EVENT_READ, wire)
        while selector.get_map() and (ready := selector.select(PATIENCE_S)):
            for key, _ in ready:
                if key.data.hear(result) and not key.data.send_next():
                    selector.unregister(key.fileobj)


def _report(epoch: str, boot_id: str, n: int, text: str) -> dict[str, Any]:
    return ScanReport(
        scan_id=str(uuid.uuid4()),
        epoch=epoch,
        n=n,
        text=text,
        direction="entry",
        wall_ms=time.time_ns() // NANO_PER_MS,
        mono_ms=time.monotonic_ns() // NANO_PER_MS,
        boot_id=boot_id,
        offset_ms=0,
        offset_error_ms=1,
    ).to_json()


if __name__ == "__main__":
    found = json.load(sys.stdin)
    sys.stdout.write(json.dumps(asdict(run(Job(**found)))))
