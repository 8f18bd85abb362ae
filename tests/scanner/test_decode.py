"""The reader: what it reads, what ends its search, and what cannot upset it."""

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from pyzbar import pyzbar

from scanner.decode import PASS_PATTERN, Accept, Candidate, Found, Stage, Symbol, read
from scanner.filters import Gray, as_gray
from scanner.gatekeeper import Verifier
from scanner.reader import FilmReader
from scanner.stages import ADAPTIVE, EVERY_STAGE, FIRST, pyzbar_adaptive, zxing
from scanner.still import read_still
from tests.scanner.door_frames import (
    JUDGING,
    OTHER_SEED,
    TRUST,
    Light,
    Picture,
    a_code,
    a_frame,
    a_hard_light,
    a_room,
    a_text,
)

STRANGER = b"https://example.test/menu"


def in_grey(frame: Picture) -> Gray:
    return as_gray(cv2.cvtColor(frame, cv2.COLOR_BGR2GRAY))


def texts(symbols: tuple[Symbol, ...]) -> set[bytes]:
    return {symbol.raw for symbol in symbols}


def like_a_pass(raw: bytes) -> bool:
    return PASS_PATTERN.fullmatch(raw) is not None


@pytest.mark.parametrize(
    "light",
    [
        pytest.param(Light(), id="good light"),
        pytest.param(Light(tilt=0.6, turn=30), id="tilted and turned"),
        pytest.param(Light(noise=20, dark=0.6), id="dark and noisy"),
        pytest.param(Light(blur=1.6), id="out of focus"),
        pytest.param(Light(motion=5), id="shaken"),
    ],
)
def test_a_phone_before_the_camera_is_read(light: Light) -> None:
    text = a_text(1)

    reading = read(in_grey(a_frame([text], light)), EVERY_STAGE, like_a_pass, 1000)

    assert texts(reading.symbols) == {text.encode()}


def test_a_symbol_says_where_it_is() -> None:
    frame = in_grey(a_frame([a_text(1)], places=[(0.25, 0.5)]))

    (symbol,) = read(frame, (FIRST,), like_a_pass, 1000).symbols

    xs, ys = [x for x, _ in symbol.corners], [y for _, y in symbol.corners]
    assert abs(np.mean(xs) - 320) < 30
    assert abs(np.mean(ys) - 360) < 30


def half_blind(gray: Gray, _candidates: tuple[Candidate, ...], _accept: Accept) -> Found:
    """See only strangers, as a decoder does when the pass beside is a little blurred."""
    found = zxing(gray)
    return Found(tuple(s for s in found.symbols if not like_a_pass(s.raw)))


def test_another_code_in_view_does_not_end_the_search() -> None:
    text = a_text(1)
    frame = in_grey(a_frame([STRANGER, text]))
    stages = (Stage("half blind", half_blind, 1), FIRST)

    honest = read(frame, stages, like_a_pass, 1000)
    seeded_bug = read(frame, stages, lambda _raw: True, 1000)

    assert texts(honest.symbols) == {STRANGER, text.encode()}
    assert texts(seeded_bug.symbols) == {STRANGER}


def test_a_forged_pass_does_not_end_the_search() -> None:
    forged, good = a_text(1, seed=OTHER_SEED), a_text(2)
    verifies = Verifier(TRUST)

    def blind_to_good(gray: Gray, _candidates: tuple[Candidate, ...], _accept: Accept) -> Found:
        found = zxing(gray)
        return Found(tuple(s for s in found.symbols if s.raw != good.encode()))

    stages = (Stage("blind", blind_to_good, 1), FIRST)
    reading = read(in_grey(a_frame([forged, good])), stages, verifies, 1000)

    assert texts(reading.symbols) == {forged.encode(), good.encode()}


def a_structured_append() -> Picture:
    """Return the first of three codes that belong together: pyzbar's own decode raises."""
    params = cv2.QRCodeEncoder.Params()
    params.structure_number = 3
    encoder = cv2.QRCodeEncoder.create(params)
    picture = encoder.encodeStructuredAppend("one code of several, which belong together")[0]
    grown = np.kron(np.asarray(picture, np.uint8), np.ones((6, 6), np.uint8))
    return np.pad(grown, 40, constant_values=255)


def test_a_poisonous_code_does_not_hide_the_pass_beside_it() -> None:
    poison, good = a_structured_append(), a_code(a_text(1), scale=6)
    sheet = np.full((400, 900), 255, np.uint8)
    sheet[20 : 20 + poison.shape[0], 20 : 20 + poison.shape[1]] = poison
    sheet[20 : 20 + good.shape[0], 500 : 500 + good.shape[1]] = good

    with pytest.raises(ValueError, match="ZBarOrientation"):
        pyzbar.decode(sheet)
    found = pyzbar_adaptive(sheet, (), like_a_pass)

    assert a_text(1).encode() in texts(found.symbols)


def test_a_stage_that_fails_is_passed_over() -> None:
    def broken(_gray: Gray, _candidates: tuple[Candidate, ...], _accept: Accept) -> Found:
        raise cv2.error

    frame = in_grey(a_frame([a_text(1)]))
    reading = read(frame, (Stage("broken", broken, 1), FIRST), like_a_pass, 1000)

    assert texts(reading.symbols) == {a_text(1).encode()}


def test_a_stage_that_would_take_too_long_is_not_begun() -> None:
    frame = in_grey(a_room(1))

    reading = read(frame, (FIRST, Stage("slow", ADAPTIVE.look, 100)), like_a_pass, 60)

    assert reading.late


@given(
    arrays.arrays(
        np.uint8,
        st.tuples(st.integers(1, 60), st.integers(1, 60)),
        elements=st.integers(0, 255),
    )
)
def test_no_noise_upsets_a_stage_or_reads_as_a_text(noise: Gray) -> None:
    corners = ((0, 0), (9, 0), (9, 9), (0, 9))
    for stage in EVERY_STAGE:
        reading = read(noise, (stage,), like_a_pass, 1000, candidates=(Candidate(corners),))

        assert reading.symbols == ()


def test_two_phones_in_view_are_both_read() -> None:
    reader = FilmReader(Verifier(TRUST))
    frame = in_grey(a_frame([a_text(1), a_text(2)], Light(side=200)))

    seen = set()
    for _ in range(4):
        seen |= texts(reader.look(frame).symbols)

    assert seen == {a_text(1).encode(), a_text(2).encode()}


def test_an_empty_doorway_soon_costs_only_the_first_stage(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    reader, frame = FilmReader(like_a_pass), in_grey(a_room(3))
    now = 100.0
    monkeypatch.setattr("scanner.reader.time.monotonic", lambda: now)
    awake = reader.look(frame)
    now = 103.0

    asleep = min((reader.look(frame) for _ in range(5)), key=lambda r: r.milliseconds)

    assert asleep.milliseconds < awake.milliseconds / 2


def test_the_stages_together_read_more_than_any_decoder_alone() -> None:
    ours = theirs = zbar = 0
    for seed in range(JUDGING, JUDGING + 40):
        text = a_text(seed).encode()
        frame = in_grey(a_frame([text.decode()], a_hard_light(seed), seed))
        ours += text in texts(read_still(frame, like_a_pass))
        theirs += text in texts(zxing(frame).symbols)
        zbar += any(text == found.data for found in pyzbar.decode(frame))

    assert ours >= theirs + 6
    assert ours >= zbar + 8
