"""The line to the server: one WebSocket, or the same messages posted over HTTP."""

from __future__ import annotations

import itertools
import json
import threading
from concurrent.futures import Future, InvalidStateError, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import httpx
from websockets.exceptions import WebSocketException

from checkin.domain.protocol import (
    CHALLENGE_PATH,
    POST_PATH,
    SESSION_PATH,
    VERSION,
    Hello,
    challenge_bytes,
)
from scanner.clock import Clock
from scanner.errors import LineError, RefusedError
from scanner.speech import READ_WITHIN, Answer, http_to, object_in, socket_to, why

if TYPE_CHECKING:
    from collections.abc import Callable

    from scanner.identity import StationKey

POSTS_AT_ONCE = 4
SIGNED_OUT = "revoked"


@dataclass(frozen=True)
class Caller:
    """Who calls: the *server*'s address, the *station*'s id, its *key* and its *clock*."""

    server: str
    station: str
    key: StationKey
    clock: Clock

    def reply(self, challenge: Answer, head: int) -> Answer:
        """Return what proves our key to a server that sent *challenge*."""
        signed = self.key.sign(challenge_bytes(challenge["challenge"], self.station))
        return {
            "station": self.station,
            "signature": signed,
            "head": head,
            "version": VERSION,
        }


class Line(Protocol):
    """A way to ask the server; answers come as futures, so that nobody must wait."""

    hello: Hello
    pushes: bool

    def begin(self, verb: str, request: Answer) -> Future[Answer]:
        """Send *request* and return the answer to come."""

    def close(self) -> None:
        """Hang up; every answer still to come fails."""


class SocketLine:
    """The line over one WebSocket; the server may speak unasked."""

    pushes = True

    def __init__(self, caller: Caller, head: int, heard: Callable[[Answer], None]) -> None:
        """Call the server and prove our key; *heard* is given what it says unasked.

        Raises:
            LineError: nobody answered in time, or we were refused.
        """
        self._clock = caller.clock
        self._heard = heard
        self._numbers = itertools.count(1)
        self._open: dict[int, tuple[Future[Answer], int]] = {}
        self._lock = threading.Lock()
        self._held = ExitStack()
        self._socket = socket_to(caller.server, self._held)
        try:
            challenge = object_in(self._socket.recv(READ_WITHIN))
            asked = self._clock.mono_ms()
            self._socket.send(json.dumps(caller.reply(challenge, head)))
            self.hello = _hello(object_in(self._socket.recv(READ_WITHIN)))
        except (OSError, WebSocketException, KeyError) as error:
            self._held.close()
            raise LineError(why(error)) from error
        except LineError:
            self._held.close()
            raise
        self._clock.hear(self.hello.now_ms, asked)
        threading.Thread(target=self._listen, name="line", daemon=True).start()

    def begin(self, verb: str, request: Answer) -> Future[Answer]:
        """Send *request* and return the answer to come."""
        number, answer = next(self._numbers), Future[Answer]()
        with self._lock:
            self._open[number] = answer, self._clock.mono_ms()
        try:
            self._socket.send(json.dumps({"id": number, "do": verb, **request}))
        except (OSError, WebSocketException) as error:
            self._fail(LineError(why(error)))
        return answer

    def close(self) -> None:
        """Hang up; every answer still to come fails."""
        self._fail(LineError("closed"))
        threading.Thread(target=self._held.close, name="hang-up", daemon=True).start()

    def _listen(self) -> None:
        """Hand out answers and news until the line breaks."""
        try:
            for message in self._socket:
                spoken = object_in(message)
                if "id" in spoken:
                    self._answered(spoken)
                else:
                    self._heard(spoken)
        except (OSError, WebSocketException, LineError) as error:
            self._fail(LineError(why(error)))
        self._fail(LineError("the server hung up"))
        self._heard({"closed": True})

    def _answered(self, spoken: Answer) -> None:
        with self._lock:
            answer, asked = self._open.pop(spoken["id"], (None, 0))
        if "now_ms" in spoken:
            self._clock.hear(spoken["now_ms"], asked or self._clock.mono_ms())
        if answer is not None:
            _settle(answer, spoken)

    def _fail(self, error: LineError) -> None:
        with self._lock:
            waiting = [answer for answer, _ in self._open.values()]
            self._open.clear()
        for answer in waiting:
            if not answer.done():
                answer.set_exception(error)


class PostLine:
    """The same messages as HTTP posts, where a WebSocket does not get through.

    Over it a station that was *signed_out* can still bring its journal, and nothing else.
    """

    pushes = False
    signed_out = False

    def __init__(self, caller: Caller, head: int) -> None:
        """Open a session with the server by proving our key.

        Raises:
            LineError: nobody answered in time, or we were refused.
        """
        self._clock = caller.clock
        self._pool = ThreadPoolExecutor(POSTS_AT_ONCE, "post")
        self._client = http_to(caller.server)
        try:
            challenge = self._spoken("GET", CHALLENGE_PATH, None)
            asked = self._clock.mono_ms()
            proof = caller.reply(challenge, head) | {"challenge": challenge["challenge"]}
            self.hello = self._greeted(proof)
        except KeyError as error:
            self.close()
            raise LineError(why(error)) from error
        except LineError:
            self.close()
            raise
        if self.hello.now_ms:
            self._clock.hear(self.hello.now_ms, asked)
        self._client.headers["Authorization"] = f"Bearer {self.hello.bearer}"

    def begin(self, verb: str, request: Answer) -> Future[Answer]:
        """Send *request* and return the answer to come."""
        try:
            return self._pool.submit(self._ask, {"id": 0, "do": verb, **request})
        except RuntimeError as error:
            failed = Future[Answer]()
            failed.set_exception(LineError(why(error)))
            return failed

    def close(self) -> None:
        """Hang up; an answer still to come is not waited for."""
        self._pool.shutdown(wait=False)
        self._client.close()

    def _greeted(self, proof: Answer) -> Hello:
        """Return the greeting; a station that was signed out gets the rest of one."""
        try:
            return _hello(self._spoken("POST", SESSION_PATH, proof))
        except LineError as refusal:
            self.signed_out = str(refusal) == SIGNED_OUT and "bearer" in refusal.said
            if not self.signed_out:
                raise
            left = {"bearer": refusal.said["bearer"], "marks": refusal.said.get("marks", {})}
            return Hello("", 0, 0, 0, "", 0, "", trust={}, **left)

    def _ask(self, request: Answer) -> Answer:
        asked = self._clock.mono_ms()
        spoken = self._spoken("POST", POST_PATH, request)
        if "error" in spoken:
            raise RefusedError(str(spoken["error"]))
        if "now_ms" in spoken:
            self._clock.hear(spoken["now_ms"], asked)
        return spoken

    def _spoken(self, method: str, path: str, body: Answer | None) -> Answer:
        try:
            response = self._client.request(method, path, json=body)
        except (httpx.HTTPError, RuntimeError) as error:
            raise LineError(why(error)) from error
        spoken = object_in(response.content)
        if response.is_error:
            raise LineError(str(spoken.get("error", response.status_code)), spoken)
        return spoken


def _hello(spoken: Answer) -> Hello:
    if "error" in spoken:
        raise LineError(str(spoken["error"]))
    try:
        return Hello.from_json(spoken)
    except ValueError as error:
        raise LineError(why(error)) from error


def _settle(answer: Future[Answer], spoken: Answer) -> None:
    try:
        if "error" in spoken:
            answer.set_exception(RefusedError(str(spoken["error"])))
        else:
            answer.set_result(spoken)
    except InvalidStateError:  # it failed in the same moment; the failure stands
        return
