"""Draws a phone in a hand, with the pass on its screen, as one picture with transparency."""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter, ImageFont

if TYPE_CHECKING:
    from checkin.demo.cast import Showing

Layer = NDArray[np.float32]

CANVAS = (900, 1700)  # width, height of the drawing in pixels
SMALLER = 0.6  # a sprite is about as large as it is seen
SPRITE = (540, 1020)
BODY = (170, 90, 730, 1270)  # left, top, right, bottom of the phone in the sprite
SCREEN = (188, 108, 712, 1252)
CARD = (226, 330, 674, 778)
RADIUS = 62
FINGER = 74
FONTS = Path("/usr/share/fonts/truetype")
LETTERS = ("croscore/Arimo", "liberation/LiberationSans", "dejavu/DejaVuSans")

SKINS = ("#e8bf9d", "#d9a679", "#c58e63", "#a9744f", "#f1cfb4")
SLEEVES = ("#23344f", "#5b5f66", "#7b2d2d", "#e9e6df", "#2f4a3a", "#16181c", "#8a7a5c")
BODIES = ("#15171b", "#3a3d42", "#c9ccd1", "#26324a", "#5a2b33")


@dataclass(frozen=True)
class Look:
    """What differs from phone to phone: colours, and whether its screen is in dark mode."""

    skin: str
    sleeve: str
    body: str
    dark: bool
    right_handed: bool


def a_look(random: np.random.Generator) -> Look:
    """Return the look of the next phone."""
    return Look(
        skin=str(random.choice(SKINS)),
        sleeve=str(random.choice(SLEEVES)),
        body=str(random.choice(BODIES)),
        dark=bool(random.random() < 0.35),  # noqa: PLR2004 - about a third of all phones
        right_handed=bool(random.random() < 0.85),  # noqa: PLR2004 - and most hands
    )


def draw(showing: Showing, look: Look) -> Layer:
    """Return the hand with its phone: height x width x 4, BGR times alpha, alpha; 0 to 1."""
    sprite = Image.new("RGBA", CANVAS, (0, 0, 0, 0))
    _palm(sprite, look)
    _body(sprite, look)
    _screen(sprite, showing, look)
    _fingers(sprite, look)
    if not look.right_handed:
        sprite = _mirrored_hand(sprite)
    return _layer(sprite)


def corners_of_code() -> NDArray[np.float32]:
    """Return the four corners of the card with the code in the sprite, clockwise."""
    left, top, right, bottom = CARD
    corners = [(left, top), (right, top), (right, bottom), (left, bottom)]
    return np.array(corners, np.float32) * np.float32(SMALLER)


def _palm(sprite: Image.Image, look: Look) -> None:
    """Draw forearm, sleeve and palm, which lie behind the phone."""
    draw = ImageDraw.Draw(sprite)
    draw.polygon([(330, 1200), (640, 1180), (760, 1700), (400, 1700)], fill=look.skin)
    draw.rounded_rectangle((250, 900, 700, 1380), radius=150, fill=look.skin)
    draw.polygon([(352, 1470), (722, 1450), (830, 1700), (352, 1700)], fill=look.sleeve)
    draw.line([(352, 1470), (722, 1450)], fill=_shade(look.sleeve, 0.75), width=16)


def _body(sprite: Image.Image, look: Look) -> None:
    """Draw the case of the phone and its shadow on the hand."""
    shadow = Image.new("RGBA", CANVAS, (0, 0, 0, 0))
    left, top, right, bottom = BODY
    ImageDraw.Draw(shadow).rounded_rectangle(
        (left - 4, top + 10, right + 12, bottom + 22), radius=RADIUS, fill=(0, 0, 0, 120)
    )
    sprite.alpha_composite(shadow.filter(ImageFilter.GaussianBlur(14)))
    draw = ImageDraw.Draw(sprite)
    draw.rounded_rectangle(BODY, radius=RADIUS, fill=look.body)
    draw.rounded_rectangle(BODY, radius=RADIUS, outline=_shade(look.body, 1.5), width=4)


def _screen(sprite: Image.Image, showing: Showing, look: Look) -> None:
    """Draw the page of the pass: office, event, code on white, name, door code."""
    paper, ink, soft = (
        ("#15181d", "#f2f3f5", "#9aa3af") if look.dark else ("#f6f5f1", "#16202c", "#5d6874")
    )
    draw = ImageDraw.Draw(sprite)
    draw.rounded_rectangle(SCREEN, radius=RADIUS - 18, fill=paper)
    draw.rounded_rectangle((400, 122, 500, 146), radius=12, fill="#0b0c0e")
    draw.text((232, 124), "14:32", fill=ink, font=_font(24, bold=True))
    draw.rectangle((644, 128, 672, 142), outline=ink, width=2)
    draw.rectangle((647, 131, 664, 139), fill=ink)
    draw.rectangle((188, 166, 712, 226), fill="#7a1f2b")
    _centred(draw, 196, "THƯ MỜI", _font(32, bold=True), "#ffffff")
    _centred(draw, 268, _fitted(showing.title, 26, 470), _font(26, bold=True), ink)
    draw.rounded_rectangle(CARD, radius=20, fill="#ffffff")
    _code(sprite, showing.picture)
    _centred(draw, 836, _fitted(showing.name, 36, 470), _font(36, bold=True), ink)
    _centred(draw, 892, _grouped(showing.door_code), _font(34), ink)
    for line, width in ((960, 380), (996, 300), (1032, 340)):
        draw.rounded_rectangle((450 - width // 2, line, 450 + width // 2, line + 12), 6, soft)
    draw.rounded_rectangle((300, 1090, 600, 1154), radius=32, fill="#7a1f2b")
    draw.rounded_rectangle((380, 1232, 520, 1238), radius=3, fill=soft)


def _code(sprite: Image.Image, picture: bytes) -> None:
    """Put the delivered picture on the card, every module a whole number of pixels."""
    with Image.open(io.BytesIO(picture)) as delivered:
        code = delivered.convert("L")
    left, top, right, bottom = CARD
    room = right - left - 8
    if code.width > room:
        code = code.resize((room, room), Image.Resampling.LANCZOS)
    else:
        whole = code.width * (room // code.width)
        code = code.resize((whole, whole), Image.Resampling.NEAREST)
    at = ((left + right - code.width) // 2, (top + bottom - code.height) // 2)
    sprite.paste(code.convert("RGBA"), at)


def _fingers(sprite: Image.Image, look: Look) -> None:
    """Draw the finger tips that hold the phone at its edges; the code stays free."""
    layer = Image.new("RGBA", CANVAS, (0, 0, 0, 0))
    draw = ImageDraw.Draw(layer)
    _finger(draw, (800, 800), (712, 770), look.skin)
    _finger(draw, (810, 910), (706, 890), look.skin)
    _finger(draw, (800, 1020), (708, 1008), look.skin)
    _finger(draw, (770, 1120), (716, 1116), look.skin)
    _finger(draw, (120, 1120), (196, 900), look.skin)
    draw.polygon([(86, 1100), (260, 1300), (420, 1420), (330, 1200), (170, 1080)], look.skin)
    left, top, right, bottom = BODY
    inside = Image.new("L", CANVAS, 0)
    ImageDraw.Draw(inside).rounded_rectangle(
        (left + 60, top, right - 60, bottom), radius=RADIUS, fill=255
    )
    layer.paste((0, 0, 0, 0), mask=inside)
    sprite.alpha_composite(layer)


def _finger(
    draw: ImageDraw.ImageDraw, root: tuple[int, int], tip: tuple[int, int], skin: str
) -> None:
    dark = _shade(skin, 0.82)
    for width, colour in ((FINGER, dark), (FINGER - 10, skin)):
        half = width // 2
        draw.line([root, tip], fill=colour, width=width)
        for x, y in (root, tip):
            draw.ellipse((x - half, y - half, x + half, y + half), fill=colour)


def _mirrored_hand(sprite: Image.Image) -> Image.Image:
    """Return the sprite with the hand on the other side; the screen stays readable."""
    mirrored = sprite.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    mask = Image.new("L", CANVAS, 0)
    left, top, right, bottom = SCREEN
    box = (left + 42, top, right - 42, bottom)
    ImageDraw.Draw(mask).rectangle(box, fill=255)
    mirrored.paste(sprite, mask=mask)
    return mirrored


def _layer(sprite: Image.Image) -> Layer:
    small = sprite.resize(SPRITE, Image.Resampling.BOX)
    raw = np.asarray(small, dtype=np.float32) / 255
    alpha = raw[:, :, 3:]
    return np.concatenate((raw[:, :, 2::-1] * alpha, alpha), axis=2)


def _font(size: int, *, bold: bool = False) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """Return a font with Vietnamese letters, or Pillow's own where the machine has none."""
    weight = "-Bold.ttf" if bold else "-Regular.ttf"
    for name in LETTERS:
        file = FONTS / f"{name}{weight}"
        if file.is_file():
            return ImageFont.truetype(file, size)
    return ImageFont.load_default(size)


def _centred(
    draw: ImageDraw.ImageDraw,
    middle: int,
    text: str,
    font: ImageFont.FreeTypeFont | ImageFont.ImageFont,
    colour: str,
) -> None:
    draw.text((450, middle), text, fill=colour, font=font, anchor="mm")


def _fitted(text: str, size: int, room: int) -> str:
    """Return *text*, shortened to *room* pixels in letters of *size*."""
    font = _font(size, bold=True)
    if font.getlength(text) <= room:
        return text
    while text and font.getlength(f"{text}…") > room:
        text = text[:-1]
    return f"{text.rstrip()}…"


def _grouped(code: str) -> str:
    return " ".join(code[at : at + 4] for at in range(0, len(code), 4))


def _shade(colour: str, by: float) -> str:
    parts = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return "#" + "".join(f"{min(round(part * by), 255):02x}" for part in parts)
