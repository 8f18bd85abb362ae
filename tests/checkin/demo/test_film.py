"""The film shows the codes it was given, each where its truth file says, and is seeded."""

import json
import time
from pathlib import Path

import cv2
import numpy as np
import pytest

from checkin.demo.cast import EXPECTED, Kind, Showing, forged, line_up, pass_id
from checkin.demo.film import FilmError, shoot, truth_file
from checkin.domain.admission import Outcome
from invitations.domain import passes
from invitations.domain.errors import PassError
from invitations.services import drawing
from scanner.decode import PASS_PATTERN
from scanner.reader import FilmReader

SEED = bytes(range(32))
EVENT = 77
TRUST = passes.TrustList(1, (passes.TrustedKey(1, passes.public_key(SEED)),))


def a_pass(number: int, event: int = EVENT) -> str:
    door_pass = passes.DoorPass(1, event, f"{number:016x}", 0, passes.MINUTE_ZERO + 6_000_000)
    return passes.mint(door_pass, SEED)


def a_showing(number: int, kind: Kind = Kind.GUEST) -> Showing:
    text = a_pass(number)
    return Showing(kind, text, drawing.png(text), "Bà Ánh", "Họp báo", "471108329956")


def texts_seen(film: Path) -> list[tuple[int, str]]:
    """Return (frame, text) of every sighting of a pass in *film*."""
    reader = FilmReader(lambda raw: PASS_PATTERN.fullmatch(raw) is not None)
    capture = cv2.VideoCapture(str(film), cv2.CAP_FFMPEG)
    seen, number = [], 0
    while True:
        good, picture = capture.read()
        if not good:
            break
        gray = np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY), np.uint8)
        seen += [(number, symbol.raw.decode()) for symbol in reader.look(gray).symbols]
        number += 1
    capture.release()
    return seen


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("film")


def test_every_phone_can_be_read_while_it_is_in_view_and_never_else(folder: Path) -> None:
    queue = [a_showing(number) for number in (1, 2, 3)]

    film = shoot(queue, folder / "door.avi", seed=5)
    seen = texts_seen(film.path)

    for showing, shown in zip(queue, film.shown, strict=True):
        frames = [at for at, text in seen if text == showing.text]
        assert len(frames) >= 5
        assert shown.first <= min(frames)
        assert max(frames) < shown.last
    assert {text for _, text in seen} == {showing.text for showing in queue}


def test_the_truth_stands_beside_the_film(folder: Path) -> None:
    film = shoot([a_showing(9, Kind.WITHDRAWN)], folder / "one.avi", seed=5)

    truth = json.loads(truth_file(film.path).read_text())

    assert truth["frames"] == film.frames
    assert [(each["kind"], each["pass_id"], each["expected"]) for each in truth["shown"]] == [
        ("withdrawn", f"{9:016x}", "revoked")
    ]


def test_the_same_seed_gives_the_same_film(folder: Path) -> None:
    films = [
        shoot([a_showing(1)], folder / f"{name}.avi", seed=seed).path.read_bytes()
        for name, seed in (("a", 3), ("b", 3), ("c", 4))
    ]

    assert films[0] == films[1]
    assert films[0] != films[2]


def test_a_film_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    with pytest.raises(FilmError):
        shoot([a_showing(1)], tmp_path / "nowhere" / "door.avi")


def test_a_forged_pass_has_the_form_of_a_true_one_and_opens_nothing() -> None:
    text = forged(a_pass(4), seed=1)

    assert pass_id(text) == pass_id(a_pass(4))
    with pytest.raises(PassError) as refused:
        passes.judge(text, TRUST, event=EVENT, now=int(time.time()))
    assert refused.value.reason == "forged"


def test_a_text_that_is_no_pass_names_none() -> None:
    with pytest.raises(ValueError, match="not a pass text"):
        pass_id("hello")


@pytest.mark.parametrize("seed", range(20))
def test_a_used_pass_comes_well_after_it_was_used(seed: int) -> None:
    guests = [a_showing(number) for number in range(1, 9)]
    planted = [a_showing(1, Kind.USED), a_showing(50, Kind.FORGED), a_showing(2, Kind.USED)]

    queue = line_up(guests, planted, seed=seed)

    assert [each for each in queue if each.kind is Kind.GUEST] == guests
    for used in planted[::2]:
        first = next(at for at, each in enumerate(queue) if each.text == used.text)
        again = next(at for at, each in enumerate(queue) if each is used)
        assert again - first > 3


def test_every_kind_has_an_answer_of_its_own() -> None:
    assert set(EXPECTED) == set(Kind)
    assert len(set(EXPECTED.values())) == len(EXPECTED)
    assert EXPECTED[Kind.GUEST] is Outcome.ADMITTED
