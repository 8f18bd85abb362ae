"""An upload between its preview and its confirmation, and how it is kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from invitations.domain.guestlist import Answer, GuestListPreview, read_guest_list
from invitations.domain.guestrow import GuestRow
from invitations.storage.workbook import Sheet


@dataclass(frozen=True)
class Draft:
    """An upload between its preview and its confirmation."""

    id: str
    event_id: int
    file_name: str
    sheet: Sheet
    choice: Mapping[int, str | None]
    answers: Mapping[int, Answer]
    preview: GuestListPreview


def draft_as_json(
    sheet: Sheet, choice: Mapping[int, str | None], answers: Mapping[int, Answer]
) -> dict[str, Any]:
    """Return what an upload carries as plain JSON."""
    return {
        "sheet": asdict(sheet),
        "choice": {str(index): field for index, field in choice.items()},
        "answers": {str(row): asdict(answer) for row, answer in answers.items()},
    }


def draft_from_json(
    draft_id: str,
    event_id: int,
    file_name: str,
    carried: dict[str, Any],
    listed: tuple[GuestRow, ...],
) -> Draft:
    """Read an upload back, and judge it against the guests *listed* now."""
    sheet = Sheet(
        carried["sheet"]["name"],
        tuple(map(tuple, carried["sheet"]["rows"])),
        tuple(carried["sheet"]["others"]),
    )
    choice = {int(index): field for index, field in carried["choice"].items()}
    answers = {int(row): Answer(**answer) for row, answer in carried["answers"].items()}
    preview = read_guest_list(sheet.rows, choice=choice, answers=answers, listed=listed)
    return Draft(draft_id, event_id, file_name, sheet, choice, answers, preview)
