"""A small server that keeps the protocol, for stations under test: it can be slow, or gone."""

import json
import secrets
import threading
import time
from dataclasses import dataclass, field, replace
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from websockets.exceptions import ConnectionClosed
from websockets.sync.server import Server, ServerConnection, serve

from checkin.domain.admission import (
    Direction,
    Earlier,
    EventRules,
    GateRules,
    Knowledge,
    Outcome,
    decide,
)
from checkin.domain.protocol import ScanRecord, challenge_bytes
from checkin.domain.wire import gate_to_json, on_the_wire, rules_to_json, trust_to_json
from invitations.domain import roster
from invitations.domain.passes import DoorPass
from invitations.domain.roster import RosterEntry
from scanner.gatekeeper import read_text
from tests.scanner.door_frames import EVENT, TRUST

STATION = "00000000000000a1"
RULES = EventRules(EVENT, opens_at=0, closes_at=4_000_000_000)
GATE = GateRules(1, "Cửa A")


def an_entry(number: int, **changes: Any) -> RosterEntry:
    """Return the roster's line for guest *number*."""
    plain = RosterEntry(
        f"{number:016x}", 0, "issued", f"Khách {number}", organisation="Báo Thử"
    )
    return replace(plain, **changes)


@dataclass
class LittleServer:
    """The office, in a thread; *delay* slows answers to scans, *deaf* never answers them."""

    public_key: str
    entries: list[RosterEntry] = field(default_factory=list)
    incarnation: str = "first"
    delay: float = 0.0
    deaf: bool = False
    stored: dict[tuple[str, int], ScanRecord] = field(default_factory=dict)
    answered: dict[str, dict[str, Any]] = field(default_factory=dict)
    news: list[dict[str, Any]] = field(default_factory=list)
    refuse_n: set[int] = field(default_factory=set)
    port: int = 0
    _server: Server | None = None
    _open: set[ServerConnection] = field(default_factory=set)
    _lock: threading.RLock = field(default_factory=threading.RLock)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def running(self) -> bool:
        return self._server is not None

    def start(self) -> "LittleServer":
        self._server = serve(self._talk, "127.0.0.1", self.port, compression=None)
        self.port = self._server.socket.getsockname()[1]
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def stop(self) -> None:
        """Be gone, as if killed: every connection breaks."""
        if self._server is not None:
            self._server.shutdown()
            self._server = None
        for connection in list(self._open):
            connection.close_socket()

    def mark(self, epoch: str) -> int:
        n = 0
        while (epoch, n + 1) in self.stored:
            n += 1
        return n

    def marks(self) -> dict[str, int]:
        return {epoch: self.mark(epoch) for epoch, _ in self.stored}

    def announce(self, kind: str, body: dict[str, Any]) -> None:
        """Add a piece of news and push it."""
        with self._lock:
            news = {"number": len(self.news) + 1, "kind": kind, "body": body}
            self.news.append(news)
            message = {"push": "news", "head": len(self.news), "news": [news]}
            for connection in list(self._open):
                connection.send(json.dumps(message))

    def admitted(self) -> list[str]:
        """Return the passes for which a green light was shown, once for each light."""
        records = self.stored.values()
        return sorted(r.pass_id for r in records if r.outcome == Outcome.ADMITTED)

    def _talk(self, connection: ServerConnection) -> None:
        challenge = secrets.token_hex(16)
        connection.send(json.dumps({"challenge": challenge, "now_ms": _now_ms()}))
        try:
            proof = json.loads(connection.recv(5))
            key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(self.public_key))
            signed = challenge_bytes(challenge, proof["station"])
            key.verify(bytes.fromhex(proof["signature"]), signed)
            connection.send(json.dumps(self._hello()))
            self._open.add(connection)
            for message in connection:
                self._answer(connection, json.loads(message))
        except InvalidSignature:
            connection.send(json.dumps({"error": "unknown"}))
        except (ConnectionClosed, OSError, TimeoutError):
            return
        finally:
            self._open.discard(connection)

    def _answer(self, connection: ServerConnection, asked: dict[str, Any]) -> None:
        if asked["do"] == "present" and self.deaf:
            return
        if asked["do"] == "present":
            time.sleep(self.delay)
        with self._lock:
            said = self._said(asked["do"], asked)
        connection.send(json.dumps({"id": asked["id"], "now_ms": _now_ms(), **said}))

    def _said(self, verb: str, asked: dict[str, Any]) -> dict[str, Any]:
        if verb == "present":
            return self._present(asked)
        if verb == "upload":
            return self.take(asked)
        return self._since(asked) if verb == "since" else {}

    def _hello(self) -> dict[str, Any]:
        return {
            "incarnation": self.incarnation,
            "now_ms": _now_ms(),
            "head": len(self.news),
            "event": EVENT,
            "title": "Họp báo tháng 11",
            "gate_id": 1,
            "gate": "Cửa A",
            "bearer": "",
            "marks": self.marks(),
            "trust": trust_to_json(TRUST),
        }

    def _present(self, asked: dict[str, Any]) -> dict[str, Any]:
        scan = asked["scan"]
        if scan["scan_id"] not in self.answered:
            self.answered[scan["scan_id"]] = self._judge(scan)
        return {"verdict": self.answered[scan["scan_id"]]}

    def _judge(self, scan: dict[str, Any]) -> dict[str, Any]:
        found = self._found(scan["text"])
        pass_id = "" if isinstance(found, Outcome) else found.pass_id
        entry = next((each for each in self.entries if each.pass_id == pass_id), None)
        known = Knowledge(entry, self._earlier(pass_id), roster_as_of=_now_ms() // 1000)
        direction = Direction(scan["direction"])
        verdict = decide(found, known, RULES, GATE, now=_now_ms() // 1000, direction=direction)
        return on_the_wire(verdict, found).to_json() | {"judge": "server"}

    def _found(self, text: str) -> DoorPass | Outcome:
        for entry in self.entries:
            if entry.door_code and entry.door_code == text:
                return DoorPass(0, EVENT, entry.pass_id, entry.generation, RULES.closes_at)
        return read_text(text.encode(), TRUST)

    def _earlier(self, pass_id: str) -> list[Earlier]:
        stored = [
            Earlier(r.scan_id, Outcome(r.outcome), Direction(r.direction), r.wall_ms)
            for r in self.stored.values()
            if r.pass_id == pass_id and not r.undoes
        ]
        said = [
            Earlier(scan_id, Outcome(verdict["outcome"]), Direction.ENTRY, 0)
            for scan_id, verdict in self.answered.items()
            if verdict["pass_id"] == pass_id
        ]
        return stored + said

    def take(self, asked: dict[str, Any]) -> dict[str, Any]:
        """Store what is new of an upload, but for the numbers it is told to refuse."""
        records = [ScanRecord.from_json(found) for found in asked["records"]]
        for record in records:
            if record.n not in self.refuse_n:
                self.stored.setdefault((record.epoch, record.n), record)
        return {"mark": self.mark(records[0].epoch), "incarnation": self.incarnation}

    def _since(self, asked: dict[str, Any]) -> dict[str, Any]:
        head = len(self.news)
        if asked["number"] < 0:
            return {"head": head, "snapshot": self._snapshot(head)}
        return {"head": head, "news": self.news[asked["number"] :]}

    def _snapshot(self, head: int) -> dict[str, Any]:
        return {
            "head": head,
            "event": EVENT,
            "title": "Họp báo tháng 11",
            "rules": rules_to_json(RULES),
            "gate": gate_to_json(GATE),
            "entries": [roster.to_json(entry) for entry in self.entries],
            "scans": [],
        }


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
