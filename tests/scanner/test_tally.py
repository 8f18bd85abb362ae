"""The tally of the reading: what is counted, and from when a pass counts as being read."""

from scanner.decode import Candidate, Reading, Symbol
from scanner.tally import Tally
from tests.scanner.door_frames import a_text

UNREAD = Reading((), (Candidate(((0, 0), (9, 0), (9, 9), (0, 9)), 5),), 10.0)
EMPTY = Reading((), (), 2.0)


def a_reading(stage: str) -> Reading:
    return Reading((Symbol(a_text(1).encode(), (), stage),), (), 4.0)


def test_the_time_to_read_is_from_first_sight_to_the_frame_that_is_read() -> None:
    tally = Tally()
    for reading, at in ((EMPTY, 0.0), (UNREAD, 1.0), (UNREAD, 1.1), (a_reading("soft"), 1.2)):
        tally.note(reading, at)

    told = tally.as_dict()

    assert (told["frames"], told["unread"], told["stages"]) == (4, 2, {"soft": 1})
    assert round(told["to_read_ms"]["p50"]) == 204


def test_a_phone_that_stays_is_one_presentation_and_the_next_is_another() -> None:
    tally = Tally()
    for at in (1.0, 1.1, 1.2, 9.0):
        tally.note(a_reading("zxing"), at)

    assert tally.as_dict()["to_read_ms"] == {"p50": 4.0, "p95": 4.0}
    assert tally.as_dict()["stages"] == {"zxing": 4}


def test_a_tally_of_nothing_has_no_percentiles() -> None:
    assert Tally().as_dict()["frame_ms"] == {}
