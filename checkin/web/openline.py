"""One open line of a station: who hears it, who answers, and when news are pushed."""

from __future__ import annotations

import json
import threading
import time
from dataclasses import dataclass, field
from functools import partial
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING

from checkin.domain.protocol import ScanReport
from checkin.domain.stations import sound_report
from checkin.web.answers import Message, answer, hello, now_ms, parsed, part, proven
from checkin.web.switchboard import Call, Switchboard
from invitations.domain.errors import OfficeError

if TYPE_CHECKING:
    from concurrent.futures import Future

    from checkin.domain.protocol import WireVerdict
    from checkin.domain.stations import Station
    from checkin.web.desks import Desks
    from checkin.web.sockets import Socket

    Judged = Future[tuple[WireVerdict, bool]]

PROOF_WITHIN_S = 10
FAREWELL_S = 1.0
LOOK_S = 0.2
CHECK_S = 5.0


@dataclass
class OpenLine:
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
                line.say(answer(self.desks, self.station, asked))
            self._push(line, self.station)
            still = self._still(line, self.station)
            if still is None:
                return
            self.station = still

    def _hear(self, line: Socket, message: bytes) -> None:
        """Judge a presentation; leave everything else to the line's own thread."""
        asked = parsed(message)
        if asked.get("do") != "present" or asked.get("simulate") is True:
            self.waiting.put(asked or {"do": None})
            return
        try:
            report = sound_report(ScanReport.from_json(part(asked, "scan")))
            judged = self.desks.door.submit(self.station, report)
        except (ValueError, TypeError, OfficeError):
            self.waiting.put(asked)  # what is wrong with it is found, and said, once more
            return
        tell = partial(self._judged, line, asked)
        judged.add_done_callback(lambda done: self.board.do(partial(tell, done)))

    def _judged(self, line: Socket, asked: Message, judged: Judged) -> None:
        """Answer a presentation whose judgement is committed."""
        if judged.exception() is not None:
            self.waiting.put(asked)
            return
        verdict = self.desks.door.settled(self.station, judged)
        number = json.dumps(asked.get("id"))
        line.say_text(f'{{"id":{number},"verdict":{verdict.text},"now_ms":{now_ms()}}}')

    def _end(self, ended: threading.Event) -> None:
        ended.set()
        self.waiting.put(None)

    def _open(self, line: Socket) -> Station | None:
        challenge = self.desks.pairing.challenge()
        line.say({"challenge": challenge, "now_ms": now_ms()})
        proof = parsed(line.hear(PROOF_WITHIN_S) or "")
        station = proven(self.desks, proof, challenge)
        if station is None or station.revoked_at is not None:
            line.say({"error": "unknown" if station is None else "revoked"})
            return None
        self.desks.rosters.tape(station.event_id)  # it runs from here on, if not before
        greeting = hello(self.desks, station)
        self.told, self.checked_at = greeting.head, time.monotonic()
        line.say(greeting.to_json())
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
