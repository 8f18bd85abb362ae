"""The label printer of a station: a name badge as a PDF, handed to CUPS."""

from __future__ import annotations

import json
import shutil
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING

import typst

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scanner.screen import Screen

SIZES = {"small": (62, 29), "large": (100, 62)}  # millimetres, as label rolls are sold
PATIENCE_S = 5.0
# Typst sees the guest's words as data alone, never as its own code.
TEMPLATE = """
#let told = json(bytes(sys.inputs.badge))
#set page(width: told.width * 1mm, height: told.height * 1mm, margin: told.height * 0.07 * 1mm)
#set text(font: ("Tinos", "Noto Sans", "DejaVu Sans"), lang: "vi")
#set par(leading: 0.35em, justify: false)
#let fitted(words, largest, least, weight: "regular") = layout(room => {
  let high(size) = measure(
    block(width: room.width, text(size: size, weight: weight, words))
  ).height
  let size = largest
  while size > largest * 0.62 and high(size) > size * 1.1 { size = size - 0.5pt }
  if high(size) > size * 1.1 { size = largest * 0.8 }
  while size > least and high(size) > size * 2.3 { size = size - 0.5pt }
  text(size: size, weight: weight, words)
})
#let lines = (fitted(told.name, told.height * 0.72pt, 7pt, weight: "bold"),)
#if told.organisation != "" { lines.push(fitted(told.organisation, told.height * 0.4pt, 5pt)) }
#if told.category != "" {
  lines.push(text(size: told.height * 0.3pt, tracking: 0.06em, upper(told.category)))
}
#align(center + horizon, stack(dir: ttb, spacing: told.height * 0.07 * 1mm, ..lines))
"""


@dataclass(frozen=True)
class LabelPrinter:
    """Prints the badge of a guest who was just let in.

    *name* is what CUPS calls the printer, *size* one of `SIZES`.
    """

    screen: Screen
    name: str
    size: str = "small"

    def __call__(self, scan_id: str) -> bool:
        """Print the badge of the scan *scan_id*; tell whether the printer took it."""
        shown = self.screen.find(scan_id)
        if not self.name or shown is None or shown.verdict.entry is None:
            return False
        return _hand_over(label(shown.verdict.entry, self.size), self.name)


def label(entry: Mapping[str, object], size: str = "small") -> bytes:
    """Return the badge of a line of the roster as a PDF of one page of *size*."""
    return typst.compile(TEMPLATE.encode(), sys_inputs=told(entry, size))


def told(entry: Mapping[str, object], size: str) -> dict[str, str]:
    """Return what the template is told of a guest and of the label's *size*."""
    width, height = SIZES[size]
    words = {key: str(entry.get(key, "")) for key in ("name", "organisation", "category")}
    return {"badge": json.dumps({**words, "width": width, "height": height})}


def printers() -> list[str]:
    """Return the printers that CUPS knows on this machine; none where there is no CUPS."""
    told = _run("lpstat", "-e")
    return told.split() if told is not None else []


def _hand_over(paper: bytes, printer: str) -> bool:
    return (
        _run("lp", "-s", "-d", printer, "-o", "fit-to-page", "--", "-", given=paper) is not None
    )


def _run(program: str, *arguments: str, given: bytes = b"") -> str | None:
    """Return what a program of CUPS prints, or nothing where it is missing or fails."""
    path = shutil.which(program)
    if path is None:
        return None
    try:
        done = subprocess.run(  # noqa: S603 - a program of CUPS, arguments are no shell's
            [path, *arguments],
            input=given,
            capture_output=True,
            timeout=PATIENCE_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.decode(errors="replace") if done.returncode == 0 else None
