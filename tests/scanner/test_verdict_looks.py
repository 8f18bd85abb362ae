"""The verdicts can be told apart at two metres, by every eye, and without any colour."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

import cv2
import numpy as np
import pytest
from playwright.sync_api import expect

from tests.scanner.colours import EYES, Colour, ciede2000, contrast, distance
from tests.scanner.door_frames import a_text
from tests.scanner.little_server import an_entry
from tests.scanner.screens import a_browser, a_door, a_window

pytestmark = pytest.mark.browser

FAR_ENOUGH = 15
READABLE = 4.5
THIRTY_MM_ON_A_PHONE = 170  # CSS pixels of a phone 65 to 70 mm wide that shows 390 of them
TALLEST_LETTER = 1.18  # stacked Vietnamese diacritics need this line height
GUESTS = [
    an_entry(1, name="Nguyễn Thị Minh Ánh"),
    an_entry(2, name="Lê Quang Huy", vip=True),
    an_entry(3, name="Trần Văn Đức", state="withdrawn"),
]
SHOWN = {"ok": 1, "already": 1, "vip": 2, "stop": 3}
MEASURE = """panel => {
  const [sign, word] = [".sign", ".word"].map((name) => panel.querySelector(name));
  const style = getComputedStyle(word);
  const height = sign.getBoundingClientRect().height;
  const lines = parseFloat(style.lineHeight) / parseFloat(style.fontSize);
  const drawn = panel.querySelector(".signs").innerHTML.replace(/\\s+/g, " ");
  return [getComputedStyle(panel).color, word.textContent, drawn, height, lines];
}"""


@dataclass(frozen=True)
class Look:
    """What can be seen of one verdict: colours of its ground, its ink, word and symbol."""

    grounds: tuple[Colour, ...]
    ink: Colour
    word: str
    symbol: str
    symbol_height: float
    line_height: float


@pytest.fixture(name="looks", scope="module")
def the_looks_on_a_phone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Look]]:
    folder = tmp_path_factory.mktemp("looks")
    phone = {"viewport": {"width": 390, "height": 844}}
    with (
        a_door(folder, GUESTS) as (rig, display),
        a_browser() as browser,
        a_window(browser, display.url, **phone) as watched,
    ):
        page, found = watched.begin().page, {}
        for kind, number in SHOWN.items():
            rig.station.typed(a_text(number))
            panel = page.locator(f".verdict.{kind}")
            expect(panel).to_be_visible()
            about = panel.evaluate(MEASURE)
            ink = _rgb(about[0])
            found[kind] = Look(_grounds(page.screenshot(), ink), ink, *about[1:])
        yield found


def alike(colours: dict[str, tuple[Colour, ...]]) -> list[str]:
    """Return which pairs of verdicts some eyes could take for one another."""
    return [
        f"{one}-{other} {eyes}"
        for one, other in combinations(colours, 2)
        for eyes in EYES
        for first in colours[one]
        for second in colours[other]
        if distance(first, second, eyes) < FAR_ENOUGH
    ]


def test_every_eye_tells_the_verdicts_apart(looks: dict[str, Look]) -> None:
    assert [len(look.grounds) for look in looks.values()] == [1, 2, 1, 1]
    assert alike({kind: look.grounds for kind, look in looks.items()}) == []


def test_a_darker_green_is_seen_to_be_too_near_to_the_red(looks: dict[str, Look]) -> None:
    darker: dict[str, tuple[Colour, ...]] = {
        "ok": ((0, 0x70, 0x4A),),
        "stop": looks["stop"].grounds,
    }

    assert alike(darker) == ["ok-stop deutan"]


def test_words_and_symbols_differ_without_any_colour(looks: dict[str, Look]) -> None:
    assert len({look.word for look in looks.values()}) == len(SHOWN)
    assert len({look.symbol for look in looks.values()}) == len(SHOWN)


def test_the_words_stand_out_from_their_ground(looks: dict[str, Look]) -> None:
    pale = {
        kind: ground
        for kind, look in looks.items()
        for ground in look.grounds
        if contrast(look.ink, ground) < READABLE
    }

    assert pale == {}
    assert contrast((0x85, 0x85, 0x85), (255, 255, 255)) < READABLE


def test_the_symbol_is_thirty_millimetres_high_on_a_phone(looks: dict[str, Look]) -> None:
    assert [k for k, v in looks.items() if v.symbol_height < THIRTY_MM_ON_A_PHONE] == []


def test_capitals_with_two_marks_do_not_touch_the_line_above(looks: dict[str, Look]) -> None:
    assert [k for k, v in looks.items() if v.line_height < TALLEST_LETTER] == []


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        pytest.param((50, 2.6772, -79.7751), (50, 0, -82.7485), 2.0425, id="1"),
        pytest.param(
            (60.2574, -34.0099, 36.2677), (60.4626, -34.1751, 39.4387), 1.2644, id="17"
        ),
        pytest.param((90.8027, -2.0831, 1.4410), (91.1528, -1.6435, 0.0447), 1.4441, id="23"),
    ],
)
def test_our_ruler_measures_what_its_authors_measured(
    one: Colour, other: Colour, expected: float
) -> None:
    assert ciede2000(one, other) == pytest.approx(expected, abs=1e-4)


def _grounds(png: bytes, ink: Colour) -> tuple[Colour, ...]:
    """Return the colours that fill a tenth of the picture inside its frame, but the *ink*."""
    picture = cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_COLOR)
    assert picture is not None
    height, width = picture.shape[:2]
    inside = picture[height // 5 : -height // 8 : 4, width // 8 : -width // 8 : 4, ::-1]
    common = Counter(map(tuple, inside.reshape(-1, 3).tolist()))
    enough = sum(common.values()) / 10
    return tuple(
        (r, g, b) for (r, g, b), many in common.items() if many > enough and (r, g, b) != ink
    )


def _rgb(css: str) -> Colour:
    red, green, blue = (int(part) for part in css[css.index("(") + 1 : -1].split(",")[:3])
    return red, green, blue
