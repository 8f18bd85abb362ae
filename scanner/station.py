"""The station: camera -> decoder -> steadying -> door -> display, on one page."""

from __future__ import annotations

import hashlib
import logging
import threading
import time
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from checkin.domain.admission import Outcome
from checkin.domain.stations import StationStatus
from scanner import paper
from scanner.camera import Camera, Frame
from scanner.child import DecoderChild
from scanner.clock import Clock
from scanner.desk import Desk
from scanner.door import Door, Shown
from scanner.errors import JournalError
from scanner.gatekeeper import Gatekeeper, Verifier
from scanner.identity import forget_key, station_key
from scanner.journal import Journal
from scanner.keeping import JOURNAL_FILE, forget_journal, sweep
from scanner.line import Caller
from scanner.machine import battery, own_version
from scanner.printing import LabelPrinter
from scanner.roster import ROSTER_FILE, Carried
from scanner.screen import Screen
from scanner.shift import Shifts
from scanner.steady import Steady
from scanner.uplink import Uplink

if TYPE_CHECKING:
    from scanner.config import Paired, StationConfig

FRAME_PATIENCE = 0.2
FORGED_AFTER = 2
HINT_AFTER = 4
CAMERA_WORDS = {"opening": "stalled", "ended": "offline"}

log = logging.getLogger(__name__)


@dataclass
class Station:
    """Everything a door needs, in one process; *run* is the whole road of a picture."""

    camera: Camera
    decoder: DecoderChild
    steady: Steady
    gatekeeper: Gatekeeper
    journal: Journal
    uplink: Uplink
    door: Door
    screen: Screen
    desk: Desk
    folder: Path
    stopping: threading.Event = field(default_factory=threading.Event)
    done: threading.Event = field(default_factory=threading.Event)
    _trusting: int = -1

    def run(self) -> None:
        """Read every frame until told to stop; no frame and no guest may end the loop."""
        number = 0
        while not self.stopping.is_set():
            frame = self.camera.latest.newer_than(number, FRAME_PATIENCE)
            if frame is None:
                if self.camera.ended:
                    self.done.set()
                continue
            number = frame.number
            try:
                self.look(frame)
            except JournalError:
                log.exception("The journal takes no record; no light is shown")
                self.screen.say_trouble("journal")
            except Exception:  # the loop must not die; the next guest is already waiting
                log.exception("Frame %d upset the station", frame.number)

    def look(self, frame: Frame) -> None:
        """Read one frame and present what is new in it."""
        self._follow_trust()
        reading = self.decoder.look(frame.picture)
        if reading is None:
            return
        for symbol in reading.symbols:
            self.sighted(symbol.raw, frame.at, bars=symbol.stage == paper.STAGE)

    def sighted(self, raw: bytes, at: float, *, bars: bool = False) -> Shown | None:
        """Present the text *raw* if this sighting is a new scan.

        Read from *bars* on paper it is a door code, and counts as if it had been typed.
        """
        if self.uplink.signed_out:
            return None
        text = raw.decode("ascii", "replace") if bars or Verifier.is_pass(raw) else ""
        found = self.gatekeeper.identify(text)
        if isinstance(found, Outcome):
            key, after = hashlib.sha256(raw).hexdigest(), FORGED_AFTER if text else HINT_AFTER
        else:
            key, after = f"{found.event}-{found.pass_id}-{found.generation}", 1
        if not self.steady.is_new(key, at, after):
            return None
        if found is Outcome.NOT_A_PASS:
            self.screen.hint()
            return None
        return self.door.present(text, found, at)

    def typed(self, text: str) -> Shown | None:
        """Present what a person or a hand scanner typed: a pass text or a door code."""
        return self.desk.present(text).shown

    def describe(self) -> StationStatus:
        """Return how the station is, for the server and the badge."""
        camera = self.camera.status().state.value
        latencies = self.screen.latencies()
        shift, moment = self.desk.shift, self.door.clock.now()
        return StationStatus(
            online=self.uplink.online,
            waiting=self.journal.waiting(),
            list_as_of=int(self.gatekeeper.carried.noted("as_of") or 0),
            camera=CAMERA_WORDS.get(camera, camera),
            median_ms=latencies[len(latencies) // 2] if latencies else None,
            battery=battery(),
            last_scan_ms=self.screen.last_scan_ms(),
            operator=shift.name if shift else "",
            offset_ms=moment.offset_ms,
            offset_error_ms=moment.offset_error_ms,
            version=own_version(),
        )

    def start(self) -> None:
        """Start the parts; the decoder is ready when this returns."""
        self.uplink.start()
        self.decoder.start()
        self.camera.start()

    def stop(self) -> None:
        """End everything in the order in which guests walk."""
        self.stopping.set()
        self.camera.stop()
        self.uplink.stop()
        self.decoder.stop()
        self.journal.close()
        self.gatekeeper.carried.close()

    def _follow_trust(self) -> None:
        """Let the decoder search by the event's rules and the newest trust list."""
        rules = self.gatekeeper.carried.rules
        self.decoder.look_for_paper(paper=rules is not None and rules.paper)
        trust = self.gatekeeper.carried.trust
        if trust.number != self._trusting:
            self._trusting = trust.number
            self.decoder.accept(Verifier(trust))


def assemble(config: StationConfig, place: Paired) -> Station:
    """Return the station that *config* and *place* describe, not yet started.

    Raises:
        JournalError: the journal cannot be trusted.
        StationError: the copy of the roster is damaged.
    """
    clock, screen, steady = Clock(), Screen(), Steady()
    config.data.chmod(0o700)
    carried = Carried(config.data / ROSTER_FILE)
    carried.station = place.station
    forget_journal(config.data, place.station, carried, time.time())
    sweep(config.data)
    journal = Journal(config.data / JOURNAL_FILE, place.station)
    clock.recall(carried.noted("clock", {}))
    carried.learn_own(journal.all())
    caller = Caller(place.server, place.station, station_key(config.data), clock)
    uplink = Uplink(caller, journal, carried)
    gatekeeper = Gatekeeper(carried)
    door = Door(clock, journal, gatekeeper, uplink, screen.show, config.direction)
    station = Station(
        camera=Camera(config.camera, pace=config.pace, loop=config.loop),
        decoder=DecoderChild(Verifier(carried.trust)),
        steady=steady,
        gatekeeper=gatekeeper,
        journal=journal,
        uplink=uplink,
        door=door,
        screen=screen,
        desk=Desk(
            door,
            screen,
            Shifts(carried, lambda: clock.now().corrected_ms / 1000),
            LabelPrinter(screen, config.printer, config.label),
        ),
        folder=config.data,
    )
    uplink.describe, uplink.changed = station.describe, screen.touch
    uplink.ended = partial(forget_key, config.data)
    return station
