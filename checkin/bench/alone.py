"""What is measured without a server: the disk, QR codes, guest lists, pictures."""

from __future__ import annotations

import itertools
import json
import os
import secrets
import tempfile
import time
from pathlib import Path

import cv2
from openpyxl import Workbook

from checkin.bench.measures import Measure, percentile, rate
from checkin.demo.cast import Kind, Showing
from checkin.demo.film import still
from checkin.demo.processes import run
from invitations.domain.passes import DoorPass, mint, whole_minute
from invitations.services import drawing, plainqr
from invitations.services.importing import preview_file

PICTURES = 60
ROWS = 5_000
RECORD_BYTES = 200
JUDGING_SEED = 90_000  # films and tests use small seeds
HEADINGS = ("STT", "Xưng hô", "Họ và tên", "Cơ quan báo chí", "Điện thoại", "Thư điện tử")


def disk(folder: Path) -> Measure:
    """Measure how often a record of 200 bytes can be made durable in *folder*."""
    record = os.urandom(RECORD_BYTES)
    with tempfile.TemporaryFile(dir=folder, buffering=0) as file:

        def append() -> None:
            file.write(record)
            os.fsync(file.fileno())

        return Measure("fsync", rate(append, 1.0), "/s")


def codes() -> Measure:
    """Measure QR codes as PNG, and the same by the library's own way."""
    seed = secrets.token_bytes(32)
    numbers = itertools.count(1)
    ours = rate(lambda: drawing.png(a_pass(next(numbers), seed)), 1.5)
    plain = rate(lambda: plainqr.png(a_pass(next(numbers), seed)), 1.5)
    mints = rate(lambda: a_pass(next(numbers), seed), 0.3)
    more = {"plain_qrcode": plain, "ratio": ours / plain, "signatures": mints}
    return Measure("qr_codes", ours, "/s", more)


def lists(folder: Path) -> Measure:
    """Measure rows of a spreadsheet read, repaired and judged, from the file on."""
    path = folder / "list.xlsx"
    guest_list(path, ROWS)
    started = time.perf_counter()
    preview = preview_file(path)
    took = time.perf_counter() - started
    return Measure("import_rows", preview.rows / took, "/s", {"rows": preview.rows})


def pictures(folder: Path) -> Measure:
    """Measure pictures of phones at a door, read by ``thumoi read-pictures``."""
    room = folder / "pictures"
    room.mkdir()
    texts = [_picture(room, number) for number in range(PICTURES)]
    started = time.perf_counter()
    found = json.loads(run(["read-pictures", str(room), "--json"], {}, seconds=120))
    took = time.perf_counter() - started
    readings = found if isinstance(found, list) else found["pictures"]
    spent = sorted(float(each["milliseconds"]) for each in readings)
    right = sum(text in each["texts"] for text, each in zip(texts, readings, strict=True))
    more = {
        "read_share": right / len(texts),
        "ms_p50": percentile(spent, 0.5),
        "ms_p95": percentile(spent, 0.95),
        "with_start_and_files": len(texts) / took,
    }
    return Measure("pictures_decoded", 1000 * len(spent) / sum(spent), "/s", more)


def guest_list(path: Path, rows: int) -> None:
    """Write a list of *rows* guests who differ in name, phone and address."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("DS mời")
    sheet.append(HEADINGS)
    for number in range(1, rows + 1):
        name = f"Nguyễn Thị {_letters(number)}"
        row = (number, "Bà", name, f"Báo {number % 97}", f"09{number:08d}", _mail(number))
        sheet.append(row)
    book.save(path)


def a_pass(number: int, seed: bytes) -> str:
    """Return a pass text that no door knows, signed with *seed*."""
    ends = whole_minute(int(time.time()) + 86_400)
    return mint(DoorPass(1, 77, f"{number:016x}", 0, ends), seed)


def _picture(room: Path, number: int) -> str:
    """Draw one phone at the door into *room*; return the text in its code."""
    text = a_pass(number + 1, secrets.token_bytes(32))
    showing = Showing(Kind.GUEST, text, drawing.png(text), "Bà Ánh", "Họp báo", "471108329956")
    cv2.imwrite(str(room / f"{number:03d}.jpg"), still(showing, seed=JUDGING_SEED + number))
    return text


def _mail(number: int) -> str:
    return f"khach{number}@bao{number % 97}.example"


def _letters(number: int) -> str:
    """Return *number* in letters, so that every guest has a name of her own."""
    word = ""
    while number:
        number, rest = divmod(number, 26)
        word += chr(ord("a") + rest)
    return word.capitalize()
