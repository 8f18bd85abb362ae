"""An upload between its preview and its confirmation, and how it is kept."""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from threading import Lock
from typing import Any

from invitations.domain.answers import Answer
from invitations.domain.guestlist import GuestListPreview, read_guest_list
from invitations.domain.guestrow import GuestRow
from invitations.domain.headings import find_header, shape
from invitations.storage.workbook import Book, Sheet

_REMEMBERED = 4


@dataclass(frozen=True)
class Said:
    """What the officer said about an upload so far.

    *sheet* is the index of the chosen sheet, *with_hidden* takes its hidden rows too,
    *choice* overrules columns, *answers* settles rows, and *dropped* are listed guests who
    shall go because the list does not name them. *recalled* if the columns are as they were
    chosen for an earlier file of this shape.
    """

    sheet: int = 0
    with_hidden: bool = False
    choice: Mapping[int, str | None] = field(default_factory=dict)
    answers: Mapping[int, Answer] = field(default_factory=dict)
    dropped: tuple[int, ...] = ()
    recalled: bool = False


@dataclass(frozen=True)
class Draft:
    """An upload between its preview and its confirmation.

    *listed* are the event's guests whom the *preview* was judged against.
    """

    id: str
    event_id: int
    file_name: str
    book: Book
    said: Said
    listed: tuple[GuestRow, ...]
    preview: GuestListPreview

    @property
    def sheet(self) -> Sheet:
        """The sheet that is read."""
        return self.book.sheets[self.said.sheet]

    @property
    def dropped(self) -> tuple[GuestRow, ...]:
        """The listed guests who shall go, as far as the list still does not name them."""
        chosen = set(self.said.dropped)
        return tuple(guest for guest in self.preview.missing if guest.id in chosen)


@dataclass(frozen=True)
class Judgements:
    """The last few previews: reading ten thousand rows anew for every page takes seconds."""

    found: OrderedDict[tuple[object, ...], GuestListPreview] = field(
        default_factory=OrderedDict
    )
    lock: Lock = field(default_factory=Lock)

    def of(
        self, key: str, book: Book, said: Said, listed: tuple[GuestRow, ...]
    ) -> GuestListPreview:
        """Return the preview of the upload *key* with what was *said*, against *listed*."""
        question = (key, json.dumps(said_as_json(said)), listed)
        with self.lock:
            known = self.found.get(question)
        if known is not None:
            return known
        preview = judge(book, said, listed)
        with self.lock:
            self.found[question] = preview
            while len(self.found) > _REMEMBERED:
                self.found.popitem(last=False)
        return preview


def judge(book: Book, said: Said, listed: tuple[GuestRow, ...]) -> GuestListPreview:
    """Read the chosen sheet with what the officer said.

    Raises:
        FileRefusedError: the sheet is no guest list.
    """
    sheet = book.sheets[said.sheet]
    return read_guest_list(
        sheet.rows,
        choice=said.choice,
        answers=said.answers,
        listed=listed,
        hidden=() if said.with_hidden else sheet.hidden,
    )


def shape_of(sheet: Sheet) -> str:
    """Return the shape of a sheet's header row, or "" if it has none."""
    header = find_header(sheet.rows)
    return "" if header is None else shape(header[1])


def book_as_json(book: Book) -> dict[str, Any]:
    """Return the sheets as plain JSON."""
    return asdict(book)


def book_from_json(carried: Mapping[str, Any]) -> Book:
    """Read the sheets back."""
    sheets = (
        Sheet(
            sheet["name"],
            tuple(map(tuple, sheet["rows"])),
            tuple(sheet["hidden"]),
            sheet["visible"],
        )
        for sheet in carried["sheets"]
    )
    return Book(tuple(sheets), carried["best"])


def said_as_json(said: Said) -> dict[str, Any]:
    """Return what the officer said as plain JSON."""
    return {
        "sheet": said.sheet,
        "with_hidden": said.with_hidden,
        "choice": {str(index): name for index, name in said.choice.items()},
        "answers": {str(row): asdict(answer) for row, answer in said.answers.items()},
        "dropped": list(said.dropped),
        "recalled": said.recalled,
    }


def said_from_json(carried: Mapping[str, Any]) -> Said:
    """Read back what the officer said."""
    answers = {
        int(row): Answer(**{**answer, "reverted": tuple(answer["reverted"])})
        for row, answer in carried["answers"].items()
    }
    choice = {int(index): name for index, name in carried["choice"].items()}
    return Said(
        carried["sheet"],
        carried["with_hidden"],
        choice,
        answers,
        tuple(carried["dropped"]),
        carried["recalled"],
    )
