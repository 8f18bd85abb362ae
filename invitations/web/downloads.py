"""Lists that the officer takes away: the guests for the doors, the rows to be mended."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from flask import Response

from invitations.domain.addresses import national
from invitations.services.listfiles import CSV, XLSX, as_csv, as_workbook
from invitations.web.listtable import error_rows
from invitations.web.listwords import Translator, field_name, invitation_state

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from invitations.domain.model import Guest
    from invitations.services.drafts import Draft

EXPORTED = (
    "honorific",
    "name",
    "title",
    "organisation",
    "phone",
    "email",
    "note",
    "vip",
    "party",
    "press_card",
    "category",
)


def guest_list(listed: list[tuple[Guest, str]], kind: str, _: Translator) -> Response:
    """Return the guests, each with the state of the invitation, as ``xlsx`` or ``csv``."""
    header = [_("STT"), *(field_name(name, _) for name in EXPORTED), _("Thư mời")]
    rows = [
        [str(number), *_exported(guest), invitation_state(state, _)]
        for number, (guest, state) in enumerate(listed, start=1)
    ]
    return table(_("Danh sách khách"), header, rows, kind)


def problems(draft: Draft, _: Translator) -> Response:
    """Return the rows that wait for an answer as .xlsx, each with what is wrong."""
    header, rows = error_rows(draft, _)
    return table(_("Dòng cần sửa"), header, rows, "xlsx")


def table(
    title: str, header: Sequence[str], rows: Iterable[Sequence[str]], kind: str
) -> Response:
    """Return a table as a file that bears its *title*, ``xlsx`` or ``csv``."""
    if kind == "csv":
        return _file(as_csv(header, rows), CSV, f"{title}.csv")
    return _file(as_workbook(title, header, rows), XLSX, f"{title}.xlsx")


def _exported(guest: Guest) -> list[str]:
    """Return the cells of one guest, as Excel shows them to the door."""
    told = {name: getattr(guest, name) for name in EXPORTED}
    told["phone"] = national(guest.phone)
    told["vip"] = "VIP" if guest.vip else ""
    return [str(told[name]) for name in EXPORTED]


def _file(data: bytes, kind: str, name: str) -> Response:
    """Return *data* as a download; the name may have any letters (RFC 8187)."""
    quoted = f"attachment; filename*=UTF-8''{quote(name)}"
    return Response(data, content_type=kind, headers={"Content-Disposition": quoted})
