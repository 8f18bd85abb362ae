"""What a thief finds on a station: every byte of its folder, and every way to read it."""

import json
import re
import sqlite3
from collections.abc import Iterable, Iterator
from pathlib import Path

from checkin.domain.admission import Outcome
from invitations.domain.names import fold
from invitations.domain.passes import FIRST_BYTE, TEXT_BYTES
from scanner.gatekeeper import Gatekeeper

PRINTABLE = re.compile(rb"[\x20-\x7e]{4,}")


def haul(folder: Path) -> dict[str, bytes]:
    """Return every file of a station as it lies there, the unfinished ones of SQLite too."""
    return {path.name: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def readable(bytes_found: Iterable[bytes], secrets: Iterable[str]) -> set[str]:
    """Return which of *secrets* stand there: plain, escaped as in JSON, or unaccented."""
    whole = b"\0".join(bytes_found)
    lowered = whole.lower()
    return {
        secret
        for secret in secrets
        if secret.encode() in whole
        or json.dumps(secret)[1:-1].encode() in whole
        or fold(secret).encode() in lowered
        or secret.encode("utf-16-le") in whole
    }


def opened_by(bytes_found: dict[str, bytes], gatekeeper: Gatekeeper) -> list[str]:
    """Return every string of the haul that the door would take for a pass."""
    return [
        text
        for text in set(_texts(bytes_found))
        if not isinstance(gatekeeper.identify(text), Outcome)
    ]


def cells(path: Path) -> Iterator[object]:
    """Give every value in every table of a database."""
    database = sqlite3.connect(path)
    tables = [row[0] for row in database.execute("SELECT name FROM sqlite_master")]
    for table in tables:
        try:
            rows = database.execute(f'SELECT * FROM "{table}"').fetchall()  # noqa: S608 - its own names
        except sqlite3.OperationalError:  # an index
            continue
        for row in rows:
            yield from row
    database.close()


def _texts(bytes_found: dict[str, bytes]) -> Iterator[str]:
    """Give each printable run and its digits, and each 83 bytes that could be a pass."""
    for raw in bytes_found.values():
        for run in PRINTABLE.findall(raw):
            yield run.decode("ascii")
            yield from re.findall(r"71[0-9]{200}|[0-9]{12}", run.decode("ascii"))
        at = raw.find(FIRST_BYTE)
        while at >= 0:
            body = raw[at : at + TEXT_BYTES]
            if len(body) == TEXT_BYTES:
                yield f"71{int.from_bytes(body, 'big'):0200d}"
            at = raw.find(FIRST_BYTE, at + 1)
