"""The uplink: asks the server within a budget, and keeps journal and roster in step with it.

Nothing here may stop the door. Every failure makes the station go on alone, and it comes
back by itself.
"""

from __future__ import annotations

import logging
import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from checkin.domain.protocol import Hello, RosterSnapshot
from checkin.domain.stations import StationStatus
from scanner.asking import TOO_LATE, TROUBLE, Asking
from scanner.errors import LineError
from scanner.keeping import forget_list
from scanner.line import SIGNED_OUT, Caller, Line, PostLine, SocketLine
from scanner.speech import READ_WITHIN

if TYPE_CHECKING:
    from collections.abc import Callable

    from scanner.journal import Journal
    from scanner.roster import Carried

BACK_OFF_FIRST = 0.25
BACK_OFF_MOST = 5.0
LOOK_EVERY = 0.1
STATUS_EVERY = 3.0
POLL_EVERY = 2.0
RESEND_AFTER = 5.0
STEADY_AFTER = 10.0
HUNG_UP = "the server hung up"

log = logging.getLogger(__name__)


@dataclass
class Uplink:
    """Keeps the line open from a thread of its own.

    *changed* is called after new knowledge was taken in; *describe* says how the station
    is, for the status it sends; *ended* is called when the station was signed out and the
    server has its whole journal.
    """

    caller: Caller
    journal: Journal
    carried: Carried
    changed: Callable[[], None] = lambda: None
    describe: Callable[[], StationStatus] | None = None
    ended: Callable[[], None] = lambda: None
    trouble: str = ""
    signed_out: bool = False
    asking: Asking = field(init=False)
    _wake: threading.Event = field(default_factory=threading.Event)
    _stopping: threading.Event = field(default_factory=threading.Event)
    _behind: bool = False
    _closed: bool = False
    _sent: dict[str, int] = field(default_factory=dict)
    _resend_at: float = 0.0
    _thread: threading.Thread | None = None

    def __post_init__(self) -> None:
        """Let people at the door ask on the line that this keeps open."""
        self.asking = Asking(self._go_offline)

    def start(self) -> None:
        """Begin to call the server, for the first time or again; returns at once."""
        self._stopping.clear()
        self._thread = threading.Thread(target=self._keep, name="uplink", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Hang up."""
        self._stopping.set()
        self._wake.set()
        if self._thread is not None:
            self._thread.join(READ_WITHIN + 1)

    @property
    def online(self) -> bool:
        """Whether the server would be asked now."""
        return self.asking.line is not None

    def nudge(self) -> None:
        """Say that there is a new record to upload."""
        self._wake.set()

    def _keep(self) -> None:
        """Call the server again and again; ever more slowly while it does not answer."""
        wait = BACK_OFF_FIRST
        while not self._stopping.is_set():
            line, began = None, time.monotonic()
            try:
                line = self._connect()
                if isinstance(line, PostLine) and line.signed_out:
                    self._hand_in(line)
                self._greet(line.hello)
                self._catch_up(line)
                self.asking.line, self.trouble = line, ""
                self.changed()
                self._serve(line)
            except TROUBLE as error:
                self.trouble = str(error)
            except Exception as error:  # the loop must not die: it is the way back
                log.exception("The line upset the station")
                self.trouble = type(error).__name__
            if line is not None:
                self._go_offline(line, self.trouble)
                line.close()
            lasted = time.monotonic() - began > STEADY_AFTER
            wait = BACK_OFF_FIRST if lasted and line else wait
            self._stopping.wait(wait)
            wait = min(wait * 2, BACK_OFF_MOST)

    def _connect(self) -> Line:
        """Return an open line: a WebSocket if one gets through, else HTTP."""
        self._closed = False
        try:
            return SocketLine(self.caller, self.carried.head, self._heard)
        except LineError as error:
            if str(error) == "unknown":
                raise
            return PostLine(self.caller, self.carried.head)

    def _greet(self, hello: Hello) -> None:
        self.journal.greet(hello.incarnation, hello.marks)
        self._sent.clear()
        if self.carried.noted("incarnation") not in {None, hello.incarnation}:
            self.carried.note("head", -1)  # another copy of the book: its numbers start anew
        self.carried.note("incarnation", hello.incarnation)
        self.carried.take_trust(hello.trust)
        for key in ("title", "place", "starts_at"):
            self.carried.note(key, getattr(hello, key))

    def _hand_in(self, line: PostLine) -> None:
        """Bring the server the rest of our journal, as we were signed out, and forget the list.

        Raises:
            LineError: always; there is nothing else to do on this line.
        """
        self.signed_out = True
        self.journal.step_back(line.hello.marks)
        self._sent.clear()
        try:
            self._upload(line)
        finally:
            self.carried.wipe()
        if not self.journal.waiting():
            self.ended()
        raise LineError(SIGNED_OUT)

    def _serve(self, line: Line) -> None:
        """Upload, report and catch up while the line holds."""
        status_at, poll_at = 0.0, time.monotonic() + POLL_EVERY
        while not self._stopping.is_set() and self.asking.line is line:
            now = time.monotonic()
            if self._closed:
                raise LineError(HUNG_UP)
            self._check_pending(line)
            self._upload(line)
            if now >= status_at:
                self._report(line)
                status_at = now + STATUS_EVERY
            if self._behind or (not line.pushes and now >= poll_at):
                self._catch_up(line)
                poll_at = now + POLL_EVERY
            self._wake.wait(LOOK_EVERY)
            self._wake.clear()

    def _upload(self, line: Line) -> None:
        """Send what the server does not have; what it refuses holds nothing up."""
        if self._resend_at and time.monotonic() >= self._resend_at:
            self._sent.clear()
            self._resend_at = 0.0
        while (batch := self.journal.unsent(self._sent)) is not None:
            request = {"records": [record.to_json() for record in batch.records]}
            answer = self._answer(line, "upload", request)
            sent = batch.records[-1].n
            self.journal.acknowledge(batch.epoch, min(int(answer["mark"]), sent))
            self._sent[batch.epoch] = sent
        if not self._resend_at and self.journal.waiting():
            self._resend_at = time.monotonic() + RESEND_AFTER

    def _report(self, line: Line) -> None:
        """Tell how the station is; the answer also says that the roster is current."""
        if self.describe is None:
            return
        forget_list(self.carried, self.caller.clock.now().corrected_ms / 1000)
        answer = self._answer(line, "status", {"status": self.describe().to_json()})
        if not self._behind:
            self.carried.note("as_of", int(answer["now_ms"]) // 1000)
            self.carried.note("clock", self.caller.clock.to_json())

    def _catch_up(self, line: Line) -> None:
        """Ask for the news since ours, until there is none."""
        while True:
            self._behind = False
            number = self.carried.head if self.carried.rules else -1
            answer = self._answer(line, "since", {"number": number})
            if "snapshot" in answer:
                self.carried.take_snapshot(RosterSnapshot.from_json(answer["snapshot"]))
                self.carried.learn_own(self.journal.all())
            for news in answer.get("news", ()):
                self.carried.take_news(news["number"], news["kind"], news["body"])
            if self.carried.head >= int(answer["head"]):
                break
            if not answer.get("news") and "snapshot" not in answer:
                self.carried.note("head", int(answer["head"]))
        self.carried.note("as_of", self.caller.clock.now().corrected_ms // 1000)
        self.changed()

    def _heard(self, spoken: dict[str, Any]) -> None:
        """Take what the server says unasked: a hint, and often already the news itself."""
        if spoken.get("closed"):
            self._closed = True
            self._wake.set()
            return
        try:
            for news in spoken.get("news", ()):
                if not self.carried.take_news(news["number"], news["kind"], news["body"]):
                    self._behind = True
            self._behind |= int(spoken.get("head", 0)) > self.carried.head
        except TROUBLE:
            self._behind = True
        self._wake.set()
        self.changed()

    def _answer(self, line: Line, verb: str, request: dict[str, Any]) -> dict[str, Any]:
        """Ask and wait at most five seconds, while keeping an eye on the scans being asked."""
        answer = line.begin(verb, request)
        deadline = time.monotonic() + READ_WITHIN
        while not answer.done() and time.monotonic() < deadline:
            self._check_pending(line)
            try:
                return answer.result(LOOK_EVERY)
            except TimeoutError:
                continue
        return answer.result(0)

    def _check_pending(self, line: Line) -> None:
        """Give the line up when the answer to a scan fails or is later than 1.5 s."""
        if self.asking.late():
            self._go_offline(line, TOO_LATE)
            raise LineError(TOO_LATE)

    def _go_offline(self, line: Line, why: str) -> None:
        if self.asking.hang_up(line):
            self.trouble = why
        self._wake.set()
        self.changed()
