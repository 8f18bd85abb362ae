"""The live line to the boards: Socket.IO, one room for each event.

The socket is only a hint. Every message carries the numbers of the news it stands on, and a
board that misses one asks for what it lacks; the database is what it asks.
"""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass, field
from functools import partial
from threading import Lock
from typing import TYPE_CHECKING, Any

from flask import request
from flask_socketio import SocketIO
from werkzeug.http import parse_cookie

from checkin.domain.accounts import Right, Session, may
from checkin.domain.stations import Station
from checkin.services.pulse import Pulse
from checkin.web import access, desks
from checkin.web.boardline import Board, Boards, packed
from checkin.web.frames import frame
from invitations.domain.errors import NotFoundError

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Flask

    from checkin.services.rosters import Rosters
    from checkin.storage.ear import Ear

PING_S, PONG_S = 4, 3
LARGEST_MESSAGE = 64 * 1024
BEAT_S = 2.0
CHECK_S = 60.0
EXTENSION = "thumoi.live"
Answer = dict[str, Any]


@dataclass
class _Watcher:
    """One open board; *board* is its own line where it does not poll."""

    event_id: int
    session_id: str
    checked_at: float
    board: Board | None = None


@dataclass
class Live:
    """The boards that are open, and what each event's room was told last."""

    socketio: SocketIO = field(
        default_factory=lambda: SocketIO(
            async_mode="threading",
            ping_interval=PING_S,
            ping_timeout=PONG_S,
            max_http_buffer_size=LARGEST_MESSAGE,
        )
    )
    _rosters: Rosters | None = None
    _session: Callable[[str], Session | None] | None = None
    _watchers: dict[str, _Watcher] = field(default_factory=dict)
    _told: dict[int, int] = field(default_factory=dict)
    _gates: dict[int, Answer] = field(default_factory=dict)
    _beaten: float = 0.0
    _lock: Lock = field(default_factory=Lock)
    _pulse: Pulse | None = None
    _ear: Ear | None = None
    _boards: Boards | None = None
    _cookie: Callable[[], str] = access.cookie_name

    def attach(self, app: Flask) -> None:
        """Answer the boards' sockets in front of *app*, whose desks are laid out."""
        found = app.extensions[desks.EXTENSION]
        app.extensions[EXTENSION] = self
        self._rosters, self._session = found.rosters, found.accounts.session
        self.socketio.init_app(app)
        self._boards, self._cookie = Boards(self), partial(_cookie_of, app)
        app.wsgi_app = self._boards.in_front_of(app.wsgi_app)  # type: ignore[method-assign]  # how Flask says to do it
        self._ear = found.rosters.ear(self.announce)
        self.socketio.on_event("connect", self._connect)
        self.socketio.on_event("disconnect", self._disconnect)
        self.socketio.on_event("since", self._since)

    def announce(self, event_id: int) -> None:
        """Say that an event has news; returns at once."""
        if self._pulse is not None:
            self._pulse.ring(event_id)

    def stop(self) -> None:
        """Tell no more, and hang up on every board: it will call again."""
        if self._pulse is not None:
            self._pulse.stop()
        if self._ear is not None:
            self._ear.stop()
        with self._lock:
            boards = [each.board for each in self._watchers.values() if each.board]
        for board in boards:
            board.line.shut()
        if self._boards is not None:
            self._boards.close()

    def welcome(self, board: Board, asked: object) -> bool:
        """Let a board in that opened a line of its own; see `Host`."""
        session_id = parse_cookie(board.cookie).get(self._cookie(), "")
        return self._let_in(board.sid, session_id, asked, board)

    def asked(self, board: Board, wanted: object) -> Answer:
        """Return what a board has to learn after a number; see `Host`."""
        return self._news(board.sid, wanted)

    def gone(self, board: Board) -> None:
        """Forget a board; see `Host`."""
        with self._lock:
            self._watchers.pop(board.sid, None)

    def _connect(self, auth: object = None) -> bool:
        """Let a board in whose account may watch this event, and bring it up to date."""
        session_id = request.cookies.get(access.cookie_name(), "")
        return self._let_in(request.sid, session_id, auth, None)  # type: ignore[attr-defined]  # Socket.IO adds it

    def _let_in(self, sid: str, session_id: str, auth: object, board: Board | None) -> bool:
        event_id = _number(auth, "event")
        if event_id is None or not self._may_watch(session_id, event_id):
            return False
        watcher = _Watcher(event_id, session_id, time.monotonic(), board)
        if board is not None:
            board.admit()
        with self._lock:
            self._watchers[sid] = watcher
            self._told.setdefault(event_id, self._desk.head(event_id))
            self._start()
        number = _number(auth, "number")
        update = self._desk.board_since(event_id, -1 if number is None else number)
        self._tell_one(sid, watcher, "update", asdict(update))
        self._tell_one(sid, watcher, "gates", self._health(event_id))
        return True

    def _tell_one(self, sid: str, watcher: _Watcher, name: str, body: Answer) -> None:
        if watcher.board is None:
            self.socketio.emit(name, body, to=sid)
        else:
            watcher.board.tell(packed(name, body))

    def _disconnect(self, *_reason: object) -> None:
        with self._lock:
            self._watchers.pop(request.sid, None)  # type: ignore[attr-defined]  # Socket.IO adds it

    def _since(self, asked: object) -> Answer:
        """Return what the asking board has to learn after a number."""
        return self._news(request.sid, asked)  # type: ignore[attr-defined]  # Socket.IO adds it

    def _news(self, sid: str, asked: object) -> Answer:
        watcher = self._watchers.get(sid)
        number = _number(asked, "number")
        if watcher is None or number is None:
            return {"error": "unknown"}
        if not self._may_watch(watcher.session_id, watcher.event_id):
            return {"error": "signed_out"}
        return asdict(self._desk.board_since(watcher.event_id, number))

    @property
    def _desk(self) -> Rosters:
        if self._rosters is None:
            message = "the live line is not attached to an application"
            raise RuntimeError(message)
        return self._rosters

    def _may_watch(self, session_id: str, event_id: int) -> bool:
        session = self._session(session_id) if self._session and session_id else None
        if session is None or not may(session.account.role, Right.WATCH):
            return False
        event = self._desk.event(event_id)
        return event is not None and event.office_id == session.account.office_id

    def _start(self) -> None:
        """Begin to beat with the first board, in the process that serves it."""
        if self._pulse is None:
            self._pulse = Pulse(self._tell, self._look)
            self._pulse.start()
            if self._ear is not None:
                self._ear.start()

    def _tell(self, event_id: int) -> None:
        """Tell the room of an event all news since it was last told some."""
        if event_id not in self._told:
            return
        try:
            update = self._desk.board_since(event_id, self._told[event_id])
        except NotFoundError:
            return
        if update.head != self._told[event_id]:
            self._told[event_id] = update.head
            self._say(event_id, "update", asdict(update))

    def _say(self, event_id: int, name: str, body: Answer) -> None:
        """Tell every board of an event something that it may also miss."""
        with self._lock:
            watching = [(s, w) for s, w in self._watchers.items() if w.event_id == event_id]
        message = frame(packed(name, body))
        for sid, watcher in watching:
            if watcher.board is None:
                self.socketio.emit(name, body, to=sid)
            else:
                watcher.board.line.hint(message)

    def _look(self) -> set[int]:
        """Look after the boards once a second; return the events they watch."""
        now = time.monotonic()
        with self._lock:
            old = {s: w for s, w in self._watchers.items() if now - w.checked_at > CHECK_S}
            watched = {watcher.event_id for watcher in self._watchers.values()}
            for event_id in set(self._told) - watched:
                del self._told[event_id]
        for sid, watcher in old.items():
            watcher.checked_at = now
            if self._may_watch(watcher.session_id, watcher.event_id):
                continue
            if watcher.board is None:
                self.socketio.server.disconnect(sid)
            else:
                watcher.board.send_away()
        if now - self._beaten >= BEAT_S:
            self._beaten = now
            for event_id in watched:
                self._beat(event_id)
        return watched

    def _beat(self, event_id: int) -> None:
        """Tell a room that we are here, which news is the latest, and how the gates are."""
        health = self._health(event_id)
        if health["stations"] != self._gates.get(event_id):
            self._gates[event_id] = health["stations"]
            self._say(event_id, "gates", health)
        beat = {"head": self._told.get(event_id, 0), "now_ms": health["now_ms"]}
        self._say(event_id, "beat", beat)

    def _health(self, event_id: int) -> Answer:
        return health(self._desk, event_id)


def health(rosters: Rosters, event_id: int) -> Answer:
    """Return how the gates of an event are, and the server's clock in milliseconds."""
    event = rosters.event(event_id)
    gates = {gate.id: gate.name for gate in event.gates} if event else {}
    found = [each for each in rosters.stations(event_id) if each.revoked_at is None]
    return {
        "stations": [_state(station, gates.get(station.gate_id, "")) for station in found],
        "now_ms": int(time.time() * 1000),
    }


def _state(station: Station, gate: str) -> Answer:
    return {
        "id": station.id,
        "name": station.name,
        "gate": gate,
        "seen_at": station.seen_at,
        "status": station.status or None,
    }


def _cookie_of(app: Flask) -> str:
    with app.app_context():
        return access.cookie_name()


def _number(found: object, name: str) -> int | None:
    value = found.get(name) if isinstance(found, dict) else None
    return value if isinstance(value, int) and not isinstance(value, bool) else None
