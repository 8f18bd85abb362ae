"""The line to the server: one WebSocket, or the same messages posted over HTTP."""

from __future__ import annotations

import itertools
import json
import threading
from concurrent.futures import Future, InvalidStateError, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import httpx
from websockets.exceptions import WebSocketException
from websockets.sync.client import ClientConnection, connect

from checkin.domain.protocol import (
    CHALLENGE_PATH,
    LINE_PATH,
    PAIR_PATH,
    POST_PATH,
    SESSION_PATH,
    VERSION,
    Hello,
    PairAnswer,
    PairRequest,
    challenge_bytes,
)
from scanner.clock import Clock, mono_ms
from scanner.errors import LineError, PairingError

if TYPE_CHECKING:
    from collections.abc import Callable

    from scanner.identity import StationKey

CONNECT_WITHIN = 3.0
READ_WITHIN = 5.0
PING_EVERY = 4.0
PONG_WITHIN = 3.0
LARGEST_MESSAGE = 64 * 1024 * 1024
POSTS_AT_ONCE = 4
NONSENSE = "no message of ours"

Answer = dict[str, Any]


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
        self._socket = _called(caller.server, self._held)
        try:
            challenge = _spoken(self._socket.recv(READ_WITHIN))
            asked = mono_ms()
            self._socket.send(json.dumps(caller.reply(challenge, head)))
            self.hello = _hello(_spoken(self._socket.recv(READ_WITHIN)))
        except (OSError, WebSocketException, KeyError) as error:
            self._held.close()
            raise LineError(_why(error)) from error
        except LineError:
            self._held.close()
            raise
        self._clock.hear(self.hello.now_ms, asked)
        threading.Thread(target=self._listen, name="line", daemon=True).start()

    def begin(self, verb: str, request: Answer) -> Future[Answer]:
        """Send *request* and return the answer to come."""
        number, answer = next(self._numbers), Future[Answer]()
        with self._lock:
            self._open[number] = answer, mono_ms()
        try:
            self._socket.send(json.dumps({"id": number, "do": verb, **request}))
        except (OSError, WebSocketException) as error:
            self._fail(LineError(_why(error)))
        return answer

    def close(self) -> None:
        """Hang up; every answer still to come fails."""
        self._fail(LineError("closed"))
        threading.Thread(target=self._held.close, name="hang-up", daemon=True).start()

    def _listen(self) -> None:
        """Hand out answers and news until the line breaks."""
        try:
            for message in self._socket:
                spoken = _spoken(message)
                if "id" in spoken:
                    self._answered(spoken)
                else:
                    self._heard(spoken)
        except (OSError, WebSocketException, LineError) as error:
            self._fail(LineError(_why(error)))
        self._fail(LineError("the server hung up"))
        self._heard({"closed": True})

    def _answered(self, spoken: Answer) -> None:
        with self._lock:
            answer, asked = self._open.pop(spoken["id"], (None, 0))
        if "now_ms" in spoken:
            self._clock.hear(spoken["now_ms"], asked or mono_ms())
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
    """The same messages as HTTP posts, where a WebSocket does not get through."""

    pushes = False

    def __init__(self, caller: Caller, head: int) -> None:
        """Open a session with the server by proving our key.

        Raises:
            LineError: nobody answered in time, or we were refused.
        """
        self._clock = caller.clock
        self._pool = ThreadPoolExecutor(POSTS_AT_ONCE, "post")
        self._client = _http(caller.server)
        try:
            challenge = self._spoken("GET", CHALLENGE_PATH, None)
            asked = mono_ms()
            proof = caller.reply(challenge, head) | {"challenge": challenge["challenge"]}
            self.hello = _hello(self._spoken("POST", SESSION_PATH, proof))
        except KeyError as error:
            self.close()
            raise LineError(_why(error)) from error
        except LineError:
            self.close()
            raise
        self._clock.hear(self.hello.now_ms, asked)
        self._client.headers["Authorization"] = f"Bearer {self.hello.bearer}"

    def begin(self, verb: str, request: Answer) -> Future[Answer]:
        """Send *request* and return the answer to come."""
        try:
            return self._pool.submit(self._ask, {"id": 0, "do": verb, **request})
        except RuntimeError as error:
            failed = Future[Answer]()
            failed.set_exception(LineError(_why(error)))
            return failed

    def close(self) -> None:
        """Hang up; an answer still to come is not waited for."""
        self._pool.shutdown(wait=False)
        self._client.close()

    def _ask(self, request: Answer) -> Answer:
        asked = mono_ms()
        spoken = self._spoken("POST", POST_PATH, request)
        if "error" in spoken:
            raise LineError(str(spoken["error"]))
        if "now_ms" in spoken:
            self._clock.hear(spoken["now_ms"], asked)
        return spoken

    def _spoken(self, method: str, path: str, body: Answer | None) -> Answer:
        try:
            response = self._client.request(method, path, json=body)
        except (httpx.HTTPError, RuntimeError) as error:
            raise LineError(_why(error)) from error
        spoken = _spoken(response.content)
        if response.is_error:
            raise LineError(str(spoken.get("error", response.status_code)))
        return spoken


def pair(server: str, request: PairRequest) -> PairAnswer:
    """Show the one-time code and our public key to *server*; return where we stand.

    Raises:
        PairingError: the server refused the code.
        LineError: the server could not be reached or is none of ours.
    """
    try:
        with _http(server) as client:
            response = client.post(PAIR_PATH, json=request.to_json())
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise LineError(_why(error)) from error
    spoken = _spoken(response.content)
    if response.is_error or "error" in spoken:
        raise PairingError(str(spoken.get("error", response.status_code)))
    try:
        return PairAnswer.from_json(spoken)
    except ValueError as error:
        raise LineError(_why(error)) from error


def _http(server: str) -> httpx.Client:
    limits = httpx.Timeout(READ_WITHIN, connect=CONNECT_WITHIN)
    return httpx.Client(base_url=server, timeout=limits, trust_env=False)


def _called(server: str, held: ExitStack) -> ClientConnection:
    """Return an open WebSocket to *server*, which *held* will close."""
    address = server.rstrip("/").replace("http", "ws", 1) + LINE_PATH
    try:
        return held.enter_context(
            connect(
                address,
                open_timeout=CONNECT_WITHIN,
                ping_interval=PING_EVERY,
                ping_timeout=PONG_WITHIN,
                close_timeout=1,
                max_size=LARGEST_MESSAGE,
                compression=None,
                proxy=None,
            )
        )
    except (OSError, WebSocketException) as error:
        raise LineError(_why(error)) from error


def _spoken(message: str | bytes) -> Answer:
    """Return a message as the JSON object it must be."""
    try:
        spoken = json.loads(message)
    except ValueError as error:
        raise LineError(NONSENSE) from error
    if not isinstance(spoken, dict):
        raise LineError(NONSENSE)
    return spoken


def _hello(spoken: Answer) -> Hello:
    if "error" in spoken:
        raise LineError(str(spoken["error"]))
    try:
        return Hello.from_json(spoken)
    except ValueError as error:
        raise LineError(_why(error)) from error


def _settle(answer: Future[Answer], spoken: Answer) -> None:
    try:
        if "error" in spoken:
            answer.set_exception(LineError(str(spoken["error"])))
        else:
            answer.set_result(spoken)
    except InvalidStateError:  # it failed in the same moment; the failure stands
        return


def _why(error: Exception) -> str:
    return f"{type(error).__name__}: {error}".strip()
