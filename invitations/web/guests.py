"""The guest list on the screen: who is on it, and the four steps of an import."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from invitations.domain.addresses import national
from invitations.domain.errors import FileRefusedError, UndoRefusedError
from invitations.domain.headings import FIELDS
from invitations.domain.names import fold
from invitations.web import downloads, importform, listwords
from invitations.web.actors import current_actor
from invitations.web.desks import desks
from invitations.web.listtable import (
    questions,
    repairs,
    sample_cells,
    skipped_rows,
    updates,
)
from invitations.web.plurals import counted

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

    from invitations.services.drafts import Draft

blueprint = Blueprint("guests", __name__, url_prefix="/events/<int:event_id>/guests")

PER_PAGE = 200
ASKED_AT_ONCE = 100
CHANGED_AT_ONCE = 200


@blueprint.app_template_filter("national")
def home_number(number: str) -> str:
    """Show a telephone number as it is dialled at home."""
    return national(number)


@blueprint.get("")
def index(event_id: int) -> ResponseReturnValue:
    """Show the guests of an event, by given name or by organisation, or those searched for."""
    desk, actor = desks().importing, current_actor()
    words = request.args.get("q", "").strip()[:100]
    guests = desk.guests(event_id, actor, words)
    order = "organisation" if request.args.get("sort") == "organisation" else "name"
    if order == "organisation":
        guests.sort(key=lambda guest: fold(guest.organisation))
    page = max(request.args.get("page", 1, type=int), 1)
    return render_template(
        "organiser/guests/index.html",
        event_id=event_id,
        event_title=desk.event_title(event_id, actor),
        guests=guests[(page - 1) * PER_PAGE : page * PER_PAGE],
        total=len(guests),
        page=page,
        pages=max(-(-len(guests) // PER_PAGE), 1),
        words=words,
        order=order,
        last=desk.last(event_id),
        passes=desk.passes(event_id),
    )


@blueprint.get("/list.<kind>")
def export(event_id: int, kind: str) -> ResponseReturnValue:
    """Hand out the guest list for the doors, by given name, as .xlsx or .csv."""
    if kind not in {"xlsx", "csv"}:
        abort(404)
    listed = desks().importing.export(event_id, current_actor())
    return downloads.guest_list(listed, kind, _)


@blueprint.get("/import")
def upload(event_id: int) -> ResponseReturnValue:
    """Show step one: the file."""
    return _upload_page(event_id)


@blueprint.post("/import")
def receive(event_id: int) -> ResponseReturnValue:
    """Take a file, or cells pasted from a spreadsheet, and go on to its columns."""
    desk, actor = desks().importing, current_actor()
    file = request.files.get("file")
    pasted = request.form.get("pasted", "")
    if file is not None and file.filename:
        data, name = file.read(), file.filename
    else:
        data, name = pasted.encode("utf-8", "replace"), _("Ô dán từ bảng tính")
    try:
        draft_id = desk.upload(data, name, event_id, actor)
    except FileRefusedError as refused:
        return _upload_page(event_id, listwords.refusal(refused, _), pasted), 422
    return redirect(url_for(".columns", event_id=event_id, draft_id=draft_id))


@blueprint.get("/import/<draft_id>/columns")
def columns(event_id: int, draft_id: str) -> ResponseReturnValue:
    """Show step two: which sheet is read, and what each column was taken for."""
    return _columns_page(_draft(event_id, draft_id))


@blueprint.post("/import/<draft_id>/sheet")
def choose_sheet(event_id: int, draft_id: str) -> ResponseReturnValue:
    """Read another sheet of the file, or its hidden rows too."""
    draft = _draft(event_id, draft_id)
    index = request.form.get("sheet", draft.said.sheet, type=int)
    with_hidden = "hidden" in request.form
    try:
        desks().importing.choose_sheet(draft, index, current_actor(), with_hidden=with_hidden)
    except FileRefusedError as refused:
        return _columns_page(draft, listwords.refusal(refused, _)), 422
    return redirect(url_for(".columns", event_id=event_id, draft_id=draft_id))


@blueprint.post("/import/<draft_id>/columns")
def choose(event_id: int, draft_id: str) -> ResponseReturnValue:
    """Take the officer's word for the columns and go on to the questions."""
    draft = _draft(event_id, draft_id)
    choice = {
        column.index: request.form.get(f"column-{column.index}") or None
        for column in draft.preview.columns
    }
    desks().importing.choose_columns(draft, choice, current_actor())
    return redirect(url_for(".problems", event_id=event_id, draft_id=draft_id))


@blueprint.get("/import/<draft_id>/problems")
def problems(event_id: int, draft_id: str) -> ResponseReturnValue:
    """Show step three: what is asked, repaired, changed and skipped, and who is missing."""
    draft = _draft(event_id, draft_id)
    asked = questions(draft, _, most=ASKED_AT_ONCE)
    return render_template(
        "organiser/guests/problems.html",
        **_about(draft),
        asked=asked,
        waiting=draft.preview.questioned - len(asked),
        repairs=repairs(draft, _),
        updates=updates(draft, _, most=CHANGED_AT_ONCE),
        missing=draft.preview.missing[: importform.GONE_AT_ONCE],
        passes=desks().importing.passes(event_id),
        skipped=skipped_rows(draft, _),
        proposals=[
            (problem, listwords.proposal(problem, _))
            for problem in draft.preview.problems
            if problem.kind == "proposed"
        ],
    )


@blueprint.get("/import/<draft_id>/problems.xlsx")
def problem_file(event_id: int, draft_id: str) -> ResponseReturnValue:
    """Hand out the rows that wait for an answer, to be mended in a spreadsheet."""
    return downloads.problems(_draft(event_id, draft_id), _)


@blueprint.post("/import/<draft_id>/problems")
def settle(event_id: int, draft_id: str) -> ResponseReturnValue:
    """Take answers about rows; what is still in doubt is asked again."""
    draft, desk = _draft(event_id, draft_id), desks().importing
    desk.settle(draft, importform.answers(draft), importform.dropped(draft))
    left = _draft(event_id, draft_id).preview.questioned
    to_ask = left and "go-on" not in request.form
    step = ".problems" if to_ask else ".check"
    return redirect(url_for(step, event_id=event_id, draft_id=draft_id))


@blueprint.post("/import/<draft_id>/rows/<int:row>")
def change_row(event_id: int, draft_id: str, row: int) -> ResponseReturnValue:
    """Refuse one repair of a row, allow it again, or forget what was said about the row.

    The button stands in the form of all answers: those given on the page are kept.
    """
    draft, desk = _draft(event_id, draft_id), desks().importing
    asked = questions(draft, _, most=ASKED_AT_ONCE)
    desk.settle(draft, importform.touched(draft, asked), importform.dropped(draft))
    draft = _draft(event_id, draft_id)
    act, _sep, rest = request.args.get("act", "").partition(" ")
    name, _sep, code = rest.partition(" ")
    if act == "revert" and name in FIELDS:
        desk.revert(draft, row, name, code)
    elif act == "repair" and name in FIELDS:
        desk.repair(draft, row, name)
    elif act == "reopen":
        desk.reopen(draft, row)
    else:
        abort(400)
    return redirect(url_for(".problems", event_id=event_id, draft_id=draft_id))


@blueprint.get("/import/<draft_id>/confirm")
def check(event_id: int, draft_id: str) -> ResponseReturnValue:
    """Show step four: what will be stored, changed and taken back."""
    draft = _draft(event_id, draft_id)
    passes = desks().importing.passes(event_id)
    missing = {guest.id for guest in draft.preview.missing}
    return render_template(
        "organiser/guests/confirm.html",
        **_about(draft),
        revoked=[
            guest
            for guest in draft.listed
            if passes.get(guest.id) == "withdrawn" and guest.id not in missing
        ],
        losing=[guest for guest in draft.dropped if passes.get(guest.id) == "issued"],
        leaving=[guest for guest in draft.dropped if guest.id not in passes],
    )


@blueprint.post("/import/<draft_id>/confirm")
def confirm(event_id: int, draft_id: str) -> ResponseReturnValue:
    """Store the list."""
    imported = desks().importing.confirm(_draft(event_id, draft_id), current_actor())
    said = [counted("Đã nhập %(count)s khách.", len(imported.preview.guests))]
    if imported.preview.changes:
        said.append(counted("Đã cập nhật %(count)s khách.", len(imported.preview.changes)))
    if imported.withdrawn:
        said.append(counted("Đã thu hồi %(count)s thẻ.", imported.withdrawn))
    if imported.removed:
        said.append(counted("Đã bỏ %(count)s khách khỏi danh sách.", imported.removed))
    flash(" ".join(said), "ok")
    return redirect(url_for(".index", event_id=event_id))


@blueprint.post("/import/<draft_id>/drop")
def drop(event_id: int, draft_id: str) -> ResponseReturnValue:
    """Forget an upload."""
    desks().importing.drop(_draft(event_id, draft_id))
    flash(_("Đã bỏ tệp này. Chưa có gì được lưu."), "info")
    return redirect(url_for(".index", event_id=event_id))


@blueprint.post("/imports/<int:import_id>/undo")
def undo(event_id: int, import_id: int) -> ResponseReturnValue:
    """Take a whole import back."""
    try:
        gone = desks().importing.undo(import_id, event_id, current_actor())
    except UndoRefusedError as refused:
        flash(listwords.undo_refusal(refused.reason, _), "warn")
    else:
        flash(counted("Đã hoàn tác: bỏ %(count)s khách vừa nhập.", gone), "ok")
    return redirect(url_for(".index", event_id=event_id))


def _upload_page(event_id: int, trouble: str = "", pasted: str = "") -> str:
    title = desks().importing.event_title(event_id, current_actor())
    return render_template(
        "organiser/guests/upload.html",
        event_id=event_id,
        event_title=title,
        trouble=trouble,
        pasted=pasted,
    )


def _columns_page(draft: Draft, trouble: str = "") -> str:
    return render_template(
        "organiser/guests/columns.html",
        **_about(draft),
        samples=sample_cells(draft),
        fields=[(field, listwords.field_name(field, _)) for field in ("number", *FIELDS)],
        trouble=trouble,
    )


def _draft(event_id: int, draft_id: str) -> Draft:
    return desks().importing.draft(draft_id, event_id, current_actor())


def _about(draft: Draft) -> dict[str, object]:
    """Return what every step after the first shows."""
    title = desks().importing.event_title(draft.event_id, current_actor())
    taken = [*draft.preview.guests, *(change.after for change in draft.preview.changes)]
    return {
        "draft": draft,
        "preview": draft.preview,
        "event_id": draft.event_id,
        "event_title": title,
        "without_phone": sum(not guest.phone for guest in taken),
        "without_mail": sum(not guest.email for guest in taken),
    }
