"""What is measured at the door book: durable admissions a second, eight stations at once."""

from __future__ import annotations

import asyncio
import json
import secrets
import time
import uuid
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import httpx
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from websockets.asyncio.client import connect

from checkin.bench.measures import Measure, percentile
from checkin.demo.processes import DemoError
from checkin.domain.admission import Outcome
from checkin.domain.protocol import (
    CHALLENGE_PATH,
    LINE_PATH,
    PAIR_PATH,
    POST_PATH,
    SESSION_PATH,
    VERSION,
    PairRequest,
    ScanReport,
    challenge_bytes,
)

STATIONS = 8
MILLISECONDS = 1_000

Ask = Callable[[dict[str, Any]], Awaitable[dict[str, Any]]]


@dataclass(frozen=True)
class Device:
    """A station as the server knows it: where it calls, its id, and its private key."""

    server: str
    station: str
    key: Ed25519PrivateKey

    def proof(self, challenge: str) -> dict[str, Any]:
        """Return what proves that this station holds its key."""
        signature = self.key.sign(challenge_bytes(challenge, self.station)).hex()
        return {
            "station": self.station,
            "signature": signature,
            "head": 0,
            "version": VERSION,
        }


def paired(server: str, code: str) -> Device:
    """Return a device that *server* took in for the one-time *code*.

    Raises:
        DemoError: the code was refused.
    """
    key = Ed25519PrivateKey.generate()
    request = PairRequest(code, key.public_key().public_bytes_raw().hex(), "bench")
    answer = httpx.post(f"{server}{PAIR_PATH}", json=request.to_json(), trust_env=False)
    if answer.is_error:
        raise DemoError("pair", answer.text)
    return Device(server, answer.json()["station"], key)


def over_websocket(devices: Sequence[Device], texts: Sequence[str]) -> Measure:
    """Measure admissions of *texts* by *devices*, each over one open WebSocket."""
    return asyncio.run(_all("admissions_ws", devices, texts, _on_line, 3_000))


def over_http(devices: Sequence[Device], texts: Sequence[str]) -> Measure:
    """Measure admissions of *texts* by *devices*, each with one kept-alive connection."""
    return asyncio.run(_all("admissions_http", devices, texts, _by_post, 1_000))


async def _all(
    name: str,
    devices: Sequence[Device],
    texts: Sequence[str],
    way: Callable[[Device, Sequence[str]], Awaitable[list[float]]],
    target: float,
) -> Measure:
    shares = [texts[start :: len(devices)] for start in range(len(devices))]
    started = time.perf_counter()
    spent = await asyncio.gather(
        *(way(device, share) for device, share in zip(devices, shares, strict=True))
    )
    took = time.perf_counter() - started
    each = sorted(value for station in spent for value in station)
    more = {
        "stations": len(devices),
        "admissions": len(each),
        "ms_p50": percentile(each, 0.5),
        "ms_p99": percentile(each, 0.99),
    }
    return Measure(name, len(each) / took, "/s", more, target)


async def _on_line(device: Device, texts: Sequence[str]) -> list[float]:
    address = device.server.replace("http", "ws", 1) + LINE_PATH
    async with connect(address, compression=None, max_size=None, proxy=None) as line:
        challenge = json.loads(await line.recv())["challenge"]
        await line.send(json.dumps(device.proof(challenge)))
        _greeted(json.loads(await line.recv()))

        async def ask(request: dict[str, Any]) -> dict[str, Any]:
            await line.send(json.dumps(request))
            while True:
                answer: dict[str, Any] = json.loads(await line.recv())
                if answer.get("id") == request["id"]:
                    return answer

        return await _present_all(ask, texts)


async def _by_post(device: Device, texts: Sequence[str]) -> list[float]:
    address = urlsplit(device.server)
    reader, writer = await asyncio.open_connection(address.hostname, address.port)
    head = f"Host: {address.netloc}\r\nContent-Type: application/json\r\n"

    async def send(method: str, path: str, more: str, body: object) -> dict[str, Any]:
        content = b"" if body is None else json.dumps(body).encode()
        lines = (
            f"{method} {path} HTTP/1.1\r\n{head}{more}Content-Length: {len(content)}\r\n\r\n"
        )
        writer.write(lines.encode() + content)
        return await _answer(reader)

    challenge = (await send("GET", CHALLENGE_PATH, "", None))["challenge"]
    proof = device.proof(challenge) | {"challenge": challenge}
    bearer = _greeted(await send("POST", SESSION_PATH, "", proof))["bearer"]

    async def ask(request: dict[str, Any]) -> dict[str, Any]:
        return await send("POST", POST_PATH, f"Authorization: Bearer {bearer}\r\n", request)

    try:
        return await _present_all(ask, texts)
    finally:
        writer.close()


async def _present_all(ask: Ask, texts: Sequence[str]) -> list[float]:
    """Present each of *texts* and return the milliseconds that each admission took."""
    epoch, boot_id = secrets.token_hex(8), str(uuid.uuid4())
    spent = []
    for n, text in enumerate(texts, start=1):
        request = {"id": n, "do": "present", "scan": _report(epoch, boot_id, n, text)}
        started = time.perf_counter()
        answer = await ask(request)
        spent.append((time.perf_counter() - started) * MILLISECONDS)
        outcome = answer.get("verdict", {}).get("outcome")
        if outcome != Outcome.ADMITTED:
            raise DemoError("present", json.dumps(answer))
    return spent


def _report(epoch: str, boot_id: str, n: int, text: str) -> dict[str, Any]:
    wall_ms = time.time_ns() // 1_000_000
    report = ScanReport(
        scan_id=str(uuid.uuid4()),
        epoch=epoch,
        n=n,
        text=text,
        direction="entry",
        wall_ms=wall_ms,
        mono_ms=time.monotonic_ns() // 1_000_000,
        boot_id=boot_id,
        offset_ms=0,
        offset_error_ms=1,
    )
    return report.to_json()


def _greeted(hello: dict[str, Any]) -> dict[str, Any]:
    if "error" in hello:
        raise DemoError("hello", str(hello["error"]))
    return hello


async def _answer(reader: asyncio.StreamReader) -> dict[str, Any]:
    """Read one HTTP answer with a Content-Length and return its JSON."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    fields = dict(line.lower().split(": ", 1) for line in head.splitlines()[1:] if ": " in line)
    content = await reader.readexactly(int(fields["content-length"]))
    found: dict[str, Any] = json.loads(content)
    return found
