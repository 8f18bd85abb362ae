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
- ``simulate``: as ``present``; nothing is written
- ``search``: ``{"query": S, "actor": S}`` -> ``{"id": N, "hits": [...], "more": bool}``
- ``admit``: as ``present``, of the pass that ``scan.pass_id`` names; ``scan.text`` is empty
- ``walk_in``: ``{"walk_in": WalkInReport}`` -> ``{"id": N, "walk_in": WalkInAnswer}``, see
  `checkin.domain.newcomers`
- ``substitute``: ``{"scan": ScanReport, "guest": Newcomer}`` -> ``{"id": N, "verdict":
  WireVerdict, "pass_text": S}``; ``scan.pass_id`` names the pass whose seat is taken

Who acts is named by the id of the account, as text; the server looks up what it may do, and
answers ``{"id": N, "error": "no_right" | "no_reason" | "unknown_pass" | ...}`` where it may
not.

Unasked, the server sends ``{"push": "news", "head": N, "news": [...]}``: a hint; the station
asks ``since`` when the numbers do not follow on from its own.

News kinds for a station: ``roster`` (body: a line of the list, see `checkin.domain.sealing`),
``scan`` (body: see `ScanNews`, without the name of the guest), ``event`` (body: ``{"rules":
EventRules as JSON, "title": S, "gates": [GatePlan as JSON]}``). For boards too: ``note``
(body: a fact about an earlier scan), ``decision`` (a conflict was decided), ``walk_in`` (a
guest without an invitation was written down, or answered), ``greeted`` (somebody welcomes a
VIP), ``staff`` (body: ``{"staff": [...]}``, who may open a shift).
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import cached_property
from json import JSONEncoder
from typing import Any, ClassVar

from checkin.domain.message import Message

VERSION = 1
LINE_PATH = "/station/line"
POST_PATH = "/station/post"
PAIR_PATH = "/station/pair"
CHALLENGE_PATH = "/station/challenge"
SESSION_PATH = "/station/session"
ANSWER_BUDGET_S = 0.3
OFFLINE_AFTER_S = 1.5
LARGEST_UPLOAD = 200
NOTE = "note"  # the outcome of a record that is a fact about an earlier scan


def challenge_bytes(challenge: str, station: str) -> bytes:
    """Return what a station signs to prove its key: context, its id, the *challenge*."""
    return b"\x00".join((b"thumoi/station/1", station.encode(), challenge.encode()))


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

    *text* is the pass text, or 12 digits of a door code; it is empty where *pass_id* names a
    guest who was searched for. *epoch* and *n* are those of the journal record that will be
    written whatever the answer is. Times in milliseconds. *override* asks for an admission
    against the rules, by *actor* and for a *reason*; *heads* is how many of a party come in,
    0 for all that are left.
    """

    LATER: ClassVar[frozenset[str]] = frozenset(
        {"override", "reason", "actor", "heads", "pass_id"}
    )

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
    override: bool = False
    reason: str = ""
    actor: str = ""
    heads: int = 0
    pass_id: str = ""


@dataclass(frozen=True)
class ScanRecord(Message):
    """One record of a station's journal: what it saw, when, and which light it showed.

    *hash* is SHA-256 (hexadecimal) over the record before it and this one; see `chain_bytes`.
    *heads* is how many people went through, 0 for all of the party; *override_of* the refusal
    that *actor* put aside for a *reason*. With the outcome `NOTE` the record is a fact about
    the scan *about*, told in *detail*: ``{"answers": {...}}``, ``{"badge": "printed" |
    "reprinted"}``, ``{"greeted": true}``; it counts for nothing else.
    """

    LATER: ClassVar[frozenset[str]] = frozenset({"heads", "override_of", "about", "detail"})

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
    heads: int = 0
    override_of: str = ""
    about: str = ""
    detail: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class WireVerdict(Message):
    """A verdict on its way to a station's screen; *entry* is a RosterEntry as JSON.

    *before* tells of the admission that used the pass: ``{"at_ms", "gate", "station"}``.
    Of the party *party_inside* were in before, and *heads* come in now. *overrode* is the
    refusal that was put aside; *problem* says why an override was not: ``no_right`` or
    ``no_reason``. *event* is the other event that the pass is for, where it is known:
    ``{"title", "starts_at"}``.
    """

    LATER: ClassVar[frozenset[str]] = frozenset(
        {"heads", "party_inside", "overrode", "problem", "event"}
    )

    outcome: str
    flags: list[str]
    pass_id: str = ""
    generation: int = 0
    entry: dict[str, Any] | None = None
    before: dict[str, Any] | None = None
    until: int | None = None
    gate: str = ""
    judge: str = "server"
    heads: int = 0
    party_inside: int = 0
    overrode: str = ""
    problem: str = ""
    event: dict[str, Any] | None = None

    @cached_property
    def text(self) -> str:
        """The verdict as JSON, written out once for the book and for the line."""
        return _written(self.to_json())


@dataclass(frozen=True)
class ScanNews(Message):
    """The news of one scan, for boards and stations.

    *before* and *after* are what this pass counted for before and after the scan, so that a
    screen can keep its figures without the whole book: see `checkin.domain.attendance`.
    *heads* is how many people went through, 0 for all of the party.
    """

    LATER: ClassVar[frozenset[str]] = frozenset({"heads", "override_of", "reason", "actor"})

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
    heads: int = 0
    override_of: str = ""
    reason: str = ""
    actor: str = ""


@dataclass(frozen=True)
class RosterSnapshot(Message):
    """Everything a station carries: entries, rules, gate, and the scans that count.

    *entries* are sealed lines, and *staff* who may open a shift, each with the event's key
    under their PIN; see `checkin.domain.sealing`.
    """

    head: int
    event: int
    title: str
    rules: dict[str, Any]
    gate: dict[str, Any]
    entries: list[dict[str, Any]]
    scans: list[dict[str, Any]]  # ScanNews, only those which count
    staff: list[dict[str, Any]] = field(default_factory=list)


def chain_bytes(before: str, record: ScanRecord) -> bytes:
    """Return what is hashed for *record*, given the hash of the record *before* it."""
    told = record.to_json()
    plain = [str(told[key]) for key in _CHAINED]
    later = [f"{key}={_canonical(told[key])}" for key in sorted(record.LATER) if key in told]
    return "\x1f".join([before, *plain, *later]).encode()


def _canonical(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


_CHAINED = tuple(
    name for name in ScanRecord.names() if name != "hash" and name not in ScanRecord.LATER
)


_written = JSONEncoder(ensure_ascii=False, separators=(",", ":"), check_circular=False).encode
