"""The film runs: a station watches it, the board counts, and everything is compared."""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from checkin.demo import reckoning
from checkin.demo.processes import DemoError
from checkin.words import say

if TYPE_CHECKING:
    from checkin.demo.board import BoardWatcher
    from checkin.demo.door import DoorStation, Scan
    from checkin.demo.film import Film
    from checkin.demo.story import Story

LOOK_EVERY_S = 0.1
AFTER_FILM_S = 20.0


@dataclass(frozen=True)
class Summary:
    """What came of it, for programs; *disagreements* is empty when everything agrees."""

    guests: int
    rows: int
    imported: int
    repaired: int
    questioned: int
    skipped: int
    mails_delivered: int
    texts_delivered: int
    passes_shown: int
    passes_read: int
    admitted: int
    refused: dict[str, int]
    refused_as_planted: bool
    board_arrived: int
    board_equals_book: bool
    verdict_ms_p50: int
    verdict_ms_p95: int
    seconds: float
    disagreements: list[str] = field(default_factory=list)

    def to_json(self) -> dict[str, Any]:
        """Return the summary as JSON."""
        return asdict(self)


def follow(story: Story, film: Film, door: DoorStation) -> list[Scan]:
    """Wait until *door* has seen *film* once; return its verdicts.

    Raises:
        DemoError: the film is long over and phones are missing, or the station ended early.
    """
    every = len(film.shown)
    until = time.monotonic() + film.seconds + AFTER_FILM_S
    while True:
        alive = door.program.alive
        scans = door.scans()
        story.tell(say("Đón khách ở cửa"), min(len(scans), every), every)
        if len(scans) >= every or not alive:
            return scans[:every]
        if time.monotonic() > until:
            return scans
        time.sleep(LOOK_EVERY_S)


def reckon(story: Story, scans: list[Scan], board: BoardWatcher, seconds: float) -> Summary:
    """Compare film, door, book and board.

    Raises:
        DemoError: no film was shown.
    """
    film = story.film
    if film is None:
        raise DemoError("film")
    seen = board.settled(reckoning.admitted(scans))
    wrong = reckoning.misread(film.shown, scans) + _unsent(story) + list(seen.differences)
    planted = reckoning.planted(film.shown)
    refused = reckoning.refused(scans)
    if refused != planted:
        wrong.append(f"refused {refused}, planted {planted}")
    spent = sorted(scan.latency_ms for scan in scans)
    counts = story.counts
    return Summary(
        guests=counts["imported"] + counts["repaired"],
        **counts,
        mails_delivered=len(story.house.arrived.letters),
        texts_delivered=len(story.house.arrived.messages),
        passes_shown=len(film.shown),
        passes_read=len(scans),
        admitted=reckoning.admitted(scans),
        refused=refused,
        refused_as_planted=refused == planted,
        board_arrived=seen.arrived,
        board_equals_book=not seen.differences,
        verdict_ms_p50=_at(spent, 0.5),
        verdict_ms_p95=_at(spent, 0.95),
        seconds=round(seconds, 1),
        disagreements=wrong,
    )


def _unsent(story: Story) -> list[str]:
    """Return what is wrong with the letters: each has to be at its sink, once."""
    kept = story.house.arrived
    arrived = {"email": len(kept.letters), "sms": len(kept.messages)}
    sent = {name: sum(pile.sent.get(name, 0) for pile in story.piles) for name in arrived}
    every = sum(pile.every for pile in story.piles)
    if sent == arrived and sum(sent.values()) == every:
        return []
    return [f"letters {every}, sent {sent}, arrived {arrived}"]


def _at(ordered: list[int], share: float) -> int:
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)] if ordered else 0
