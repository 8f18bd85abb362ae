"""How far apart two colours look, also to eyes that confuse some: for the verdicts' test."""

from __future__ import annotations

from math import atan2, cos, degrees, exp, hypot, radians, sin, sqrt

Colour = tuple[float, float, float]
Matrix = tuple[Colour, Colour, Colour]

SAME: Matrix = ((1, 0, 0), (0, 1, 0), (0, 0, 1))
# Machado, Oliveira, Fernandes 2009, severity 1.0, for linear RGB.
EYES: dict[str, Matrix] = {
    "normal": SAME,
    "protan": (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
    "deutan": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.011820, 0.042940, 0.968881),
    ),
    "tritan": (
        (1.255528, -0.076749, -0.178779),
        (-0.078411, 0.930809, 0.147602),
        (0.004733, 0.691367, 0.303900),
    ),
}
TO_XYZ: Matrix = (
    (0.4124564, 0.3575761, 0.1804375),
    (0.2126729, 0.7151522, 0.0721750),
    (0.0193339, 0.1191920, 0.9503041),
)
WHITE: Colour = (0.95047, 1.0, 1.08883)
FAR = 25.0**7


def contrast(one: Colour, other: Colour) -> float:
    """Return the contrast of two colours (0 to 255 each), 1 to 21, as WCAG 2.2 defines it."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def distance(one: Colour, other: Colour, eyes: str = "normal") -> float:
    """Return CIEDE2000 between two colours (0 to 255 each), as these *eyes* see them."""
    return ciede2000(_lab(one, EYES[eyes]), _lab(other, EYES[eyes]))


def _linear(colour: Colour) -> Colour:
    parts = [part / 255 for part in colour]
    r, g, b = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return r, g, b


def _luminance(colour: Colour) -> float:
    return sum(a * b for a, b in zip(TO_XYZ[1], _linear(colour), strict=True))


def _times(matrix: Matrix, colour: Colour) -> Colour:
    x, y, z = (sum(a * b for a, b in zip(row, colour, strict=True)) for row in matrix)
    return x, y, z


def _lab(colour: Colour, eyes: Matrix) -> Colour:
    r, g, b = _times(eyes, _linear(colour))
    seen = (min(max(r, 0), 1), min(max(g, 0), 1), min(max(b, 0), 1))
    ratios = [v / w for v, w in zip(_times(TO_XYZ, seen), WHITE, strict=True)]
    x, y, z = (v ** (1 / 3) if v > 0.008856 else 7.787 * v + 16 / 116 for v in ratios)
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def ciede2000(one: Colour, other: Colour) -> float:
    """Return CIEDE2000 of two colours in CIELAB (Sharma, Wu, Dalal 2005)."""
    mean_c = (hypot(*one[1:]) + hypot(*other[1:])) / 2
    grow = 1.5 - 0.5 * sqrt(mean_c**7 / (mean_c**7 + FAR))
    c1, h1 = _polar(one, grow)
    c2, h2 = _polar(other, grow)
    light, chroma = other[0] - one[0], c2 - c1
    turn = (h2 - h1 + 180) % 360 - 180 if c1 * c2 else 0.0
    hue = 2 * sqrt(c1 * c2) * sin(radians(turn / 2))
    mid_l, mid_c = (one[0] + other[0]) / 2, (c1 + c2) / 2
    mid_h = (h1 + turn / 2) % 360 if c1 * c2 else h1 + h2
    s_l = 1 + 0.015 * (mid_l - 50) ** 2 / sqrt(20 + (mid_l - 50) ** 2)
    s_c, s_h = 1 + 0.045 * mid_c, 1 + 0.015 * mid_c * _hue_weight(mid_h)
    l_, c_, h_ = light / s_l, chroma / s_c, hue / s_h
    return sqrt(l_**2 + c_**2 + h_**2 + _rotation(mid_c, mid_h) * c_ * h_)


def _polar(lab: Colour, grow: float) -> tuple[float, float]:
    a = lab[1] * grow
    return hypot(a, lab[2]), degrees(atan2(lab[2], a)) % 360


def _hue_weight(hue: float) -> float:
    return (
        1
        - 0.17 * cos(radians(hue - 30))
        + 0.24 * cos(radians(2 * hue))
        + 0.32 * cos(radians(3 * hue + 6))
        - 0.20 * cos(radians(4 * hue - 63))
    )


def _rotation(chroma: float, hue: float) -> float:
    turned = 30 * exp(-(((hue - 275) / 25) ** 2))
    return -2 * sqrt(chroma**7 / (chroma**7 + FAR)) * sin(radians(2 * turned))
