"""Everything that crosses the border between a station and the server, version 1.

All messages are JSON objects. A station speaks over one WebSocket, ``/station/line``; every
request may instead be posted to ``/station/post`` (same handler, bearer from `Hello`).

Pairing (HTTP POST ``/station/pair``): `PairRequest` -> `PairAnswer`, or status 410 with
``{"error": "code_expired"}``, 404 ``{"error": "code_unknown"}``.

Opening a line: the server sends ``{"challenge": HEX, "now_ms": N}``; the station answers
``{"station": ID, "signature": HEX, "head": N, "version": 1}`` where the signature is Ed25519
over `challenge_bytes`; the server sends `Hello` or ``{"error": "revoked" | "unknown"}`` and
closes. For HTTP: GET ``/station/challenge`` and POST ``/station/session`` do the same.

Requests on the line: ``{"id": N, "do": VERB, ...}``; answers repeat the id. Verbs:

- ``present``: ``{"scan": ScanReport}`` -> ``{"id": N, "verdict": WireVerdict, "now_ms": N}``
- ``upload``: ``{"records": [ScanRecord, ...]}`` -> ``{"id": N, "mark": N, "incarnation": S}``:
  every record up to and including *mark* of that epoch is stored; records of one epoch only
- ``since``: ``{"number": N}`` -> ``{"id": N, "head": N, "news": [...]}``, or with
  ``"snapshot": RosterSnapshot`` instead of news when the gap is too large
- ``status``: ``{"status": StationStatus}`` -> ``{"id": N, "now_ms": N}``

Unasked, the server sends ``{"push": "news", "head": N, "news": [...]}``: a hint; the station
asks ``since`` when the numbers do not follow on from its own.

News kinds for a station: ``roster`` (body: a roster entry as JSON), ``scan`` (body: see
`ScanNews`), ``event`` (body: ``{"rules": EventRules as JSON, "title": S}``).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

VERSION = 1
LINE_PATH = "/station/line"
POST_PATH = "/station/post"
PAIR_PATH = "/station/pair"
CHALLENGE_PATH = "/station/challenge"
SESSION_PATH = "/station/session"
ANSWER_BUDGET_S = 0.3
OFFLINE_AFTER_S = 1.5
LARGEST_UPLOAD = 200


def challenge_bytes(challenge: str, station: str) -> bytes:
    """Return what a station signs to prove its key: context, its id, the *challenge*."""
    return b"\x00".join((b"thumoi/station/1", station.encode(), challenge.encode()))


class Message:
    """A dataclass that can be written as JSON and read back; unknown keys are ignored."""

    def to_json(self) -> dict[str, Any]:
        """Return the message as plain JSON."""
        return {name: getattr(self, name) for name in self.names()}

    @classmethod
    def names(cls) -> tuple[str, ...]:
        """Return the names of the fields, in order."""
        return tuple(cls.__annotations__)

    @classmethod
    def from_json(cls, found: dict[str, Any]) -> Self:
        """Read a message; keys of a newer version are ignored.

        Raises:
            ValueError: a field is missing.
        """
        names = cls.names()
        try:
            return cls(**{key: value for key, value in found.items() if key in names})
        except TypeError as error:
            raise ValueError(str(error)) from error


@dataclass(frozen=True)
class PairRequest(Message):
    """A station shows its one-time *code* and its Ed25519 public key (hexadecimal)."""

    code: str
    public_key: str
    name: str = ""
    version: int = VERSION


@dataclass(frozen=True)
class PairAnswer(Message):
    """The server took the station in: what it is called and where it stands.

    *fingerprint* is four words that the organiser's screen shows too.
    """

    station: str
    event: int
    title: str
    gate_id: int
    gate: str
    fingerprint: str
    now_ms: int


@dataclass(frozen=True)
class Hello(Message):
    """The server greets a station whose signature held.

    *bearer* is good for HTTP requests of this station for 12 hours; *marks* gives, for each
    epoch the server has heard of, up to which record it has every one.
    """

    incarnation: str
    now_ms: int
    head: int
    event: int
    title: str
    gate_id: int
    gate: str
    bearer: str
    marks: dict[str, int]
    trust: dict[str, Any]  # see `checkin.domain.wire`
    starts_at: int = 0
    place: str = ""


@dataclass(frozen=True)
class ScanReport(Message):
    """One presentation, as the station asks about it.

    *text* is the pass text, or 12 digits of a door code. *epoch* and *n* are those of the
    journal record that will be written whatever the answer is. Times in milliseconds.
    """

    scan_id: str
    epoch: str
    n: int
    text: str
    direction: str
    wall_ms: int
    mono_ms: int
    boot_id: str
    offset_ms: int | None = None
    offset_error_ms: int | None = None


@dataclass(frozen=True)
class ScanRecord(Message):
    """One record of a station's journal: what it saw, when, and which light it showed.

    *hash* is SHA-256 (hexadecimal) over the record before it and this one; see `chain_bytes`.
    """

    epoch: str
    n: int
    scan_id: str
    pass_id: str
    generation: int
    direction: str
    outcome: str
    flags: list[str]
    judge: str  # server, station
    wall_ms: int
    mono_ms: int
    boot_id: str
    offset_ms: int | None
    offset_error_ms: int | None
    undoes: str = ""
    reason: str = ""
    actor: str = ""
    hash: str = ""


@dataclass(frozen=True)
class WireVerdict(Message):
    """A verdict on its way to a station's screen; *entry* is a RosterEntry as JSON.

    *before* tells of the admission that used the pass: ``{"at_ms", "gate", "station"}``.
    """

    outcome: str
    flags: list[str]
    pass_id: str = ""
    generation: int = 0
    entry: dict[str, Any] | None = None
    before: dict[str, Any] | None = None
    until: int | None = None
    gate: str = ""
    judge: str = "server"


@dataclass(frozen=True)
class ScanNews(Message):
    """The news of one scan, for boards and stations.

    *before* and *after* are what this pass counted for before and after the scan, so that a
    screen can keep its figures without the whole book: see `checkin.domain.attendance`.
    """

    scan_id: str
    pass_id: str
    outcome: str
    direction: str
    flags: list[str]
    judge: str
    station: str
    gate_id: int
    gate: str
    at_ms: int
    name: str = ""
    honorific: str = ""
    title: str = ""
    organisation: str = ""
    party: int = 1
    undoes: str = ""
    before: dict[str, Any] | None = None
    after: dict[str, Any] | None = None


@dataclass(frozen=True)
class StationStatus(Message):
    """What a station says of itself every few seconds; *battery* in percent if it has one."""

    online: bool
    waiting: int
    list_as_of: int
    camera: str  # online, stalled, offline
    median_ms: int | None = None
    battery: int | None = None
    last_scan_ms: int | None = None


@dataclass(frozen=True)
class RosterSnapshot(Message):
    """Everything a station carries: entries, rules, gate, and the scans that count."""

    head: int
    event: int
    title: str
    rules: dict[str, Any]
    gate: dict[str, Any]
    entries: list[dict[str, Any]]
    scans: list[dict[str, Any]]  # ScanNews, only those which count


def chain_bytes(before: str, record: ScanRecord) -> bytes:
    """Return what is hashed for *record*, given the hash of the record *before* it."""
    parts = [before, *(str(value) for key, value in record.to_json().items() if key != "hash")]
    return "\x1f".join(parts).encode()
