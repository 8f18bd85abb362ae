"""What the kiosk prints: name badges for a label printer, and passes made at the door."""

from __future__ import annotations

import re
import secrets
import threading
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import zxingcpp
from flask import abort, render_template, request
from markupsafe import Markup

from scanner.clock import wall_ms
from scanner.facing import Facing
from scanner.lines import clock_time
from scanner.manners import language

if TYPE_CHECKING:
    from flask import Flask

    from scanner.station import Station

SIZES = ("small", "large")  # 62 x 29 mm and 100 x 62 mm
KEPT = 50
_PATH = re.compile(r'<path d="([MhvHVZz0-9 .-]+)"')
_WIDTH = re.compile(r'<svg width="(\d+)"')


@dataclass
class Papers:
    """Passes made at this door, in memory only, until they are printed."""

    _kept: OrderedDict[str, tuple[str, str]] = field(default_factory=OrderedDict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def keep(self, name: str, pass_text: str) -> str:
        """Keep the pass of *name*; return the word under which it is found again."""
        word = secrets.token_urlsafe(9)
        with self._lock:
            self._kept[word] = (name, pass_text)
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        return word

    def find(self, word: str) -> tuple[str, str] | None:
        """Return the name and the pass text kept under *word*."""
        with self._lock:
            return self._kept.get(word)


def add_labels(app: Flask, station: Station, papers: Papers) -> None:
    """Add the pages that are only ever printed."""
    carried = station.gatekeeper.carried

    @app.get("/label/<scan_id>")
    def label(scan_id: str) -> str:
        shown = station.screen.find(scan_id)
        if shown is None or shown.verdict.entry is None or not Facing(carried).names:
            abort(404)
        entry, size = shown.verdict.entry, request.args.get("size", "")
        code = entry.get("door_code", "") if request.args.get("qr") else ""
        return render_template(
            "door/label.html",
            language=language(),
            size=size if size in SIZES else SIZES[0],
            name=entry.get("name", ""),
            organisation=entry.get("organisation", ""),
            category=entry.get("category", ""),
            symbol=qr_symbol(code) if code else "",
        )

    @app.get("/paper/<word>")
    def paper(word: str) -> str:
        kept = papers.find(word)
        if kept is None:
            abort(404)
        return render_template(
            "door/paper.html",
            language=language(),
            title=carried.noted("title", ""),
            gate=carried.gate.name,
            time=clock_time(wall_ms() // 1000, "%H:%M %d/%m/%Y"),
            name=kept[0],
            symbol=qr_symbol(kept[1]),
        )


def qr_symbol(text: str) -> Markup:
    """Return *text* as a QR symbol (ISO/IEC 18004, level M) in SVG, its quiet zone too."""
    code = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode, ec_level="M")
    drawn = code.to_svg(scale=1)
    path, width = _PATH.search(drawn), _WIDTH.search(drawn)
    if path is None or width is None:
        return Markup()
    return Markup(
        '<svg viewBox="0 0 {0} {0}" role="img" aria-label="QR" shape-rendering="crispEdges">'
        '<path fill="#fff" d="M0 0h{0}v{0}H0z"/><path d="{1}"/></svg>'
    ).format(width[1], path[1])
