"""The stations' line: one WebSocket, or the same messages posted over HTTP.

A station proves itself by the key it was paired with, never by a cookie; so the rules for
browsers do not apply here, and a page in a browser can do nothing with these routes.
"""

from __future__ import annotations

import json
import threading
import time
from dataclasses import asdict, dataclass, field
from functools import partial
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, current_app, jsonify, request

from checkin.domain.errors import DeniedError, PairingError
from checkin.domain.protocol import LARGEST_UPLOAD, Hello, PairAnswer, PairRequest, ScanReport
from checkin.domain.stations import sound_report
from checkin.domain.wire import trust_to_json
from checkin.services.door import ScanTakenError
from checkin.web.desks import Desks, desks
from checkin.web.frames import LARGEST_MESSAGE
from checkin.web.sockets import Socket, hold
from checkin.web.switchboard import Call, Switchboard
from checkin.web.verbs import VERBS
from invitations.domain.errors import OfficeError

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Future

    from checkin.domain.protocol import WireVerdict
    from checkin.domain.stations import Station

    Judged = Future[tuple[WireVerdict, bool]]

SWITCHBOARD = "thumoi.switchboard"
PROOF_WITHIN_S = 10
FAREWELL_S = 1.0
LOOK_S = 0.2
CHECK_S = 5.0
REFUSED = {"code_unknown": 404, "code_expired": 410, "too_many": 429, "bad_key": 400}
GONE, NOT_KNOWN, NOT_OURS, BAD, FAILED = 403, 401, 401, 400, 503

blueprint = Blueprint("line", __name__, url_prefix="/station")

Message = dict[str, Any]


@blueprint.post("/pair")
def pair() -> tuple[Response, int]:
    """Take in a device by its one-time code."""
    try:
        station = desks().pairing.pair(PairRequest.from_json(_posted()))
    except PairingError as refusal:
        return jsonify(error=refusal.code), REFUSED[refusal.code]
    except ValueError as error:
        return jsonify(error="bad_message", detail=str(error)), BAD
    return jsonify(_pair_answer(station).to_json()), 200


@blueprint.get("/challenge")
def challenge() -> Response:
    """Ask a station to prove its key."""
    return jsonify(challenge=desks().pairing.challenge(), now_ms=_now_ms())


@blueprint.post("/session")
def session() -> tuple[Response, int]:
    """Greet a station that proved its key; one signed out may still bring its journal."""
    found = _posted()
    if not desks().pairing.is_ours(_text(found, "challenge")):
        return jsonify(error="challenge"), NOT_OURS
    station = _proven(desks(), found, _text(found, "challenge"))
    if station is None:
        return jsonify(error="unknown"), NOT_KNOWN
    if station.revoked_at is not None:
        pairing = desks().pairing
        left = {"bearer": pairing.bearer(station), "marks": pairing.marks(station.id)}
        return jsonify(error="revoked", **left), GONE
    return jsonify(_hello(desks(), station).to_json()), 200


@blueprint.post("/post")
def post() -> tuple[Response, int]:
    """Answer one request of a station that bears what the session gave it."""
    request.max_content_length = LARGEST_MESSAGE
    bearer = request.headers.get("Authorization", "")
    answer, status = answered(desks(), bearer, request.get_data())
    return jsonify(answer), status


def answered(here: Desks, authorization: str, body: bytes) -> tuple[Message, int]:
    """Return the answer to one posted request, and its HTTP status."""
    kind, _, bearer = authorization.partition(" ")
    station = here.pairing.borne(bearer) if kind == "Bearer" else None
    if station is None:
        return {"error": "unknown"}, NOT_KNOWN
    asked = _parsed(body)
    if station.revoked_at is not None and asked.get("do") != "upload":
        return {"error": "revoked"}, GONE
    answer = _answer(here, station, asked)
    return answer, FAILED if answer.get("error") == "storage" else 200


@blueprint.get("/line", websocket=True)
def line() -> Response:
    """Hold a station's line until either side hangs up."""
    board: Switchboard = current_app.extensions.setdefault(SWITCHBOARD, Switchboard())
    return hold(request.environ, _Line(desks(), board).serve)


@dataclass
class _Line:
    """One open line: presentations are answered as they are committed, the rest in order.

    The switchboard hears what the station says and judges presentations; the thread that
    opened the line answers what takes longer, and pushes the news.
    """

    desks: Desks
    board: Switchboard
    told: int = 0
    told_at: float = 0.0
    checked_at: float = 0.0
    station: Station = field(init=False)
    waiting: SimpleQueue[Message | None] = field(default_factory=SimpleQueue)

    def serve(self, line: Socket) -> None:
        """Let the station prove itself, then answer it until the line ends."""
        station = self._open(line)
        if station is None:
            return
        self.station = station
        ended = threading.Event()
        self.board.take(Call(line, partial(self._hear, line), partial(self._end, ended)))
        try:
            self._attend(line)
        finally:
            line.close()
            ended.wait(FAREWELL_S)

    def _attend(self, line: Socket) -> None:
        while True:
            try:
                asked = self.waiting.get(timeout=LOOK_S)
            except Empty:
                asked = {}
            if asked is None:
                return
            if asked:
                line.say(_answer(self.desks, self.station, asked))
            self._push(line, self.station)
            still = self._still(line, self.station)
            if still is None:
                return
            self.station = still

    def _hear(self, line: Socket, message: bytes) -> None:
        """Judge a presentation; leave everything else to the line's own thread."""
        asked = _parsed(message)
        if asked.get("do") != "present" or asked.get("simulate") is True:
            self.waiting.put(asked or {"do": None})
            return
        try:
            report = sound_report(ScanReport.from_json(_part(asked, "scan")))
            judged = self.desks.door.submit(self.station, report)
        except (ValueError, TypeError, OfficeError):
            self.waiting.put(asked)  # what is wrong with it is found, and said, once more
            return
        answer = partial(self._judged, line, asked)
        judged.add_done_callback(lambda done: self.board.do(partial(answer, done)))

    def _judged(self, line: Socket, asked: Message, judged: Judged) -> None:
        """Answer a presentation whose judgement is committed."""
        if judged.exception() is not None:
            self.waiting.put(asked)
            return
        verdict = self.desks.door.settled(self.station, judged)
        number = json.dumps(asked.get("id"))
        line.say_text(f'{{"id":{number},"verdict":{verdict.text},"now_ms":{_now_ms()}}}')

    def _end(self, ended: threading.Event) -> None:
        ended.set()
        self.waiting.put(None)

    def _open(self, line: Socket) -> Station | None:
        challenge = self.desks.pairing.challenge()
        line.say({"challenge": challenge, "now_ms": _now_ms()})
        proof = _parsed(line.hear(PROOF_WITHIN_S) or "")
        station = _proven(self.desks, proof, challenge)
        if station is None or station.revoked_at is not None:
            line.say({"error": "unknown" if station is None else "revoked"})
            return None
        self.desks.rosters.tape(station.event_id)  # it runs from here on, if not before
        hello = _hello(self.desks, station)
        self.told, self.checked_at = hello.head, time.monotonic()
        line.say(hello.to_json())
        return station

    def _push(self, line: Socket, station: Station) -> None:
        """Tell the news since we last told some: at most five times a second."""
        now = time.monotonic()
        if now - self.told_at < LOOK_S:
            return
        self.told_at = now
        head, pieces = self.desks.rosters.tape(station.event_id).after(self.told)
        if head > self.told:
            self.told = head
            line.say_text(f'{{"push":"news","head":{head},"news":[{",".join(pieces)}]}}')

    def _still(self, line: Socket, station: Station) -> Station | None:
        """Return *station* as it is now; nothing, after saying so, if it was signed out."""
        now = time.monotonic()
        if now - self.checked_at < CHECK_S:
            return station
        self.checked_at = now
        found = self.desks.pairing.find(station.id)
        if found is None or found.revoked_at is not None:
            line.say({"error": "revoked"})
            return None
        return found


def _answer(here: Desks, station: Station, asked: Message) -> Message:
    """Answer one request; whatever is wrong with it is said, and nothing else happens."""
    number = asked.get("id")
    ask = _VERBS.get(str(asked.get("do"))) or VERBS.get(str(asked.get("do")))
    if ask is None:
        return {"id": number, "error": "bad_message", "detail": "do"}
    try:
        return {"id": number, **ask(here, station, asked)}
    except (ValueError, TypeError, KeyError) as error:
        return {"id": number, "error": "bad_message", "detail": str(error)}
    except ScanTakenError:
        return {"id": number, "error": "scan_id"}
    except DeniedError as refusal:
        return {"id": number, "error": refusal.code}
    except OfficeError as error:
        return {"id": number, "error": "storage", "detail": str(error)}


def _present(here: Desks, station: Station, asked: Message) -> Message:
    report = sound_report(ScanReport.from_json(_part(asked, "scan")))
    judge = here.door.simulate if asked.get("simulate") is True else here.door.present
    return {"verdict": judge(station, report).to_json(), "now_ms": _now_ms()}


def _upload(here: Desks, station: Station, asked: Message) -> Message:
    records = asked.get("records")
    if not isinstance(records, list) or len(records) > LARGEST_UPLOAD:
        raise ValueError("records")
    return asdict(here.door.upload(station, records))


def _since(here: Desks, station: Station, asked: Message) -> Message:
    number = asked.get("number")
    if not isinstance(number, int):
        raise TypeError("number")
    update = here.rosters.since(station, number)
    if update.snapshot is not None:
        return {"head": update.head, "snapshot": update.snapshot}
    return {"head": update.head, "news": update.news}


def _status(here: Desks, station: Station, asked: Message) -> Message:
    here.pairing.heard(station.id, _part(asked, "status"))
    return {"now_ms": _now_ms()}


_VERBS: dict[str, Callable[[Desks, Station, Message], Message]] = {
    "present": _present,
    "upload": _upload,
    "since": _since,
    "status": _status,
}


def _proven(here: Desks, proof: Message, challenge: str) -> Station | None:
    signature = _text(proof, "signature")
    return here.pairing.proven(_text(proof, "station"), challenge, signature)


def _hello(here: Desks, station: Station) -> Hello:
    event = here.rosters.event(station.event_id)
    gates = {gate.id: gate.name for gate in event.gates} if event else {}
    return Hello(
        incarnation=here.pairing.incarnation(),
        now_ms=_now_ms(),
        head=here.rosters.head(station.event_id),
        event=station.event_id,
        title=event.title if event else "",
        gate_id=station.gate_id,
        gate=gates.get(station.gate_id, ""),
        bearer=here.pairing.bearer(station),
        marks=here.pairing.marks(station.id),
        trust=trust_to_json(here.door.trust()),
        starts_at=event.starts_at if event else 0,
        place=event.place if event else "",
    )


def _pair_answer(station: Station) -> PairAnswer:
    event = desks().rosters.event(station.event_id)
    gates = {gate.id: gate.name for gate in event.gates} if event else {}
    return PairAnswer(
        station=station.id,
        event=station.event_id,
        title=event.title if event else "",
        gate_id=station.gate_id,
        gate=gates.get(station.gate_id, ""),
        fingerprint=station.fingerprint,
        now_ms=_now_ms(),
    )


def _posted() -> Message:
    request.max_content_length = LARGEST_MESSAGE
    return _parsed(request.get_data())


def _parsed(message: str | bytes) -> Message:
    """Return a message as the object it should be; an empty one if it is none."""
    try:
        found = json.loads(message)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _part(asked: Message, name: str) -> Message:
    found = asked.get(name)
    if not isinstance(found, dict):
        raise TypeError(name)
    return found


def _text(found: Message, name: str) -> str:
    value = found.get(name)
    return value if isinstance(value, str) else ""


def _now_ms() -> int:
    return int(time.time() * 1000)
