"""``thumoi import``: a guest list from a spreadsheet, with every row accounted for."""

from __future__ import annotations

from argparse import Namespace
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from checkin.commands.room import Room, done, refused
from checkin.words import say
from invitations.domain.errors import FileRefusedError, NotFoundError
from invitations.services.importing import Importing, preview_file, summary
from invitations.web import listwords

if TYPE_CHECKING:
    from collections.abc import Iterator

    from checkin.control import Answer
    from invitations.domain.guestlist import GuestListPreview

LIST = "list"
SHOWN = 40


def preview(wish: Namespace) -> Answer:
    """Say what an import would do; needs no event and no database."""
    try:
        read = preview_file(wish.file)
    except FileRefusedError as error:
        return file_refused(error, wish)
    return done(_words(read), summary(read), as_json=wish.json)


def store(wish: Namespace, room: Room) -> Answer:
    """Store the rows that are beyond doubt in an event's guest list."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / wish.file.name
        path.write_bytes(room.file(LIST))
        try:
            made = Importing(room.database).import_file(path, wish.event, room.actor)
        except FileRefusedError as error:
            return file_refused(error, wish)
        except NotFoundError:
            text = say("Không có sự kiện %(event)s trong đơn vị này.", event=wish.event)
            return refused(text, {"error": "no-such-event"}, as_json=wish.json)
    found = {**summary(made.preview), "import": made.id, "event": wish.event}
    return done(_words(made.preview), found, as_json=wish.json)


def file_refused(error: FileRefusedError, wish: Namespace) -> Answer:
    """Say why a file is no guest list; nothing of it was stored."""
    name = wish.file.name
    said = f"{name}: {listwords.refusal(error, say)} " + say("Không có gì được ghi.")
    found = {"error": error.code, "detail": error.detail, "file": name}
    return refused(said, found, as_json=wish.json)


def unreadable() -> FileRefusedError:
    """Return the refusal of a file that cannot be opened."""
    return FileRefusedError("not-found")


def _words(read: GuestListPreview) -> str:
    lines = [
        say("%(rows)s dòng:", rows=read.rows),
        say("  %(n)s nhập nguyên vẹn", n=read.imported),
        say("  %(n)s nhập sau khi sửa", n=read.repaired),
        say("  %(n)s cần hỏi lại", n=read.questioned),
        say("  %(n)s bỏ qua", n=read.skipped),
    ]
    rows = list(_rows(read))
    lines += [f"  · {row}" for row in rows[:SHOWN]]
    if len(rows) > SHOWN:
        lines.append(say("  … và %(n)s điều nữa; xem --json", n=len(rows) - SHOWN))
    return "\n".join(lines)


def _rows(read: GuestListPreview) -> Iterator[str]:
    """Yield what is asked, then what was skipped, then the repairs by kind."""
    for kind, said in (("questioned", listwords.question), ("skipped", listwords.skipped)):
        for each in read.problems:
            if each.kind == kind:
                yield say("dòng %(row)s: %(what)s", row=each.row, what=said(each, say))
    repairs = Counter(each.code for each in read.problems if each.kind == "repaired")
    for code, number in repairs.most_common():
        yield f"{listwords.repair(code, say)}: {number}"
