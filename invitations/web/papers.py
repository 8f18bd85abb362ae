"""The official letter of an event: filled in, looked at, signed; and passes on paper."""

from __future__ import annotations

from base64 import b64encode
from datetime import date, datetime
from http import HTTPStatus
from typing import TYPE_CHECKING

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _

from invitations.domain.errors import SealError, TypesettingError
from invitations.domain.papers import FIELDS, Flaw, LetterForm, read_form
from invitations.services import sealwords
from invitations.services.calendars import ZONE
from invitations.web.actors import current_actor
from invitations.web.desks import desks
from invitations.web.plurals import counted

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from flask import Response
    from flask.typing import ResponseReturnValue

    from invitations.domain.seals import LetterReport
    from invitations.services.chancery import Draft

blueprint = Blueprint("papers", __name__)

PDF = "application/pdf"


@blueprint.route("/events/<int:event_id>/letter", methods=["GET", "POST"])
def letter(event_id: int) -> ResponseReturnValue:
    """Show the letter of an event beside its form; keep the form when it is sent."""
    if request.method == "GET":
        return _page(event_id)
    form = _typed(request.form)
    wrong = desks().chancery.save(event_id, current_actor(), form)
    if wrong:
        return _page(event_id, wrong=wrong), HTTPStatus.UNPROCESSABLE_ENTITY
    flash(_("Đã lưu giấy mời. Hãy xem lại bản bên cạnh trước khi ký."), "ok")
    return redirect(url_for("papers.letter", event_id=event_id), 303)


@blueprint.get("/events/<int:event_id>/letter.pdf")
def unsigned(event_id: int) -> ResponseReturnValue:
    """Give the letter as it is, for signing elsewhere."""
    try:
        pdf = desks().chancery.pdf(event_id, current_actor())
    except TypesettingError as error:
        return _stopped(event_id, error)
    return _file(pdf, "giay-moi-chua-ky.pdf")


@blueprint.get("/events/<int:event_id>/letter/signed.pdf")
def signed(event_id: int) -> Response:
    """Give the signed letter that stands."""
    return _file(desks().chancery.signed(event_id, current_actor()), "giay-moi.pdf")


@blueprint.post("/events/<int:event_id>/letter/sign")
def sign(event_id: int) -> ResponseReturnValue:
    """Sign the letter with the office's seal."""
    try:
        desks().chancery.sign(event_id, current_actor())
    except (SealError, TypesettingError) as error:
        return _stopped(event_id, error)
    flash(_("Đã ký giấy mời. Thư mời gửi từ lúc này có kèm bản ký."), "ok")
    return redirect(url_for("papers.letter", event_id=event_id), 303)


@blueprint.post("/events/<int:event_id>/letter/sign-each")
def sign_each(event_id: int) -> ResponseReturnValue:
    """Sign a letter to each of the next guests, by name."""
    try:
        count = desks().chancery.sign_each(event_id, current_actor())
    except (SealError, TypesettingError) as error:
        return _stopped(event_id, error)
    flash(counted("Đã ký %(count)s giấy mời ghi tên riêng.", count), "ok")
    return redirect(url_for("papers.letter", event_id=event_id), 303)


@blueprint.post("/events/<int:event_id>/letter/signed")
def take_in(event_id: int) -> ResponseReturnValue:
    """Take in a letter that was signed elsewhere, if its signatures hold."""
    actor, file = current_actor(), request.files.get("file")
    desks().chancery.draft(event_id, actor)  # an event of another office is not there
    if file is None or not file.filename:
        flash(_("Hãy chọn tệp PDF đã ký."), "stop")
        return redirect(url_for("papers.letter", event_id=event_id), 303)
    try:
        taken = desks().chancery.take_in(event_id, actor, file.read())
    except SealError as error:
        return _stopped(event_id, error)
    if taken.letter_id is None:
        return _page(event_id, refused=taken.report), HTTPStatus.UNPROCESSABLE_ENTITY
    flash(_("Đã nhận giấy mời đã ký. Thư mời gửi từ lúc này có kèm bản ký."), "ok")
    return redirect(url_for("papers.letter", event_id=event_id), 303)


@blueprint.post("/events/<int:event_id>/letter/drop")
def drop(event_id: int) -> ResponseReturnValue:
    """Send no signed letter any longer."""
    desks().chancery.drop(event_id, current_actor())
    flash(_("Đã bỏ bản ký. Thư mời gửi từ lúc này không kèm giấy mời."), "warn")
    return redirect(url_for("papers.letter", event_id=event_id), 303)


@blueprint.route("/letter-template", methods=["GET", "POST"])
def template() -> ResponseReturnValue:
    """Show the template of the office's letters; try a sent one and take it if it sets."""
    actor, stationery = current_actor(), desks().stationery
    if request.method == "GET":
        return _template_page(stationery.shown(actor))
    text = request.form.get("template", "").replace("\r\n", "\n")
    try:
        stationery.accept(actor, text)
    except TypesettingError as error:
        said = sealwords.refusal(error, _)
        return _template_page(text, said), HTTPStatus.UNPROCESSABLE_ENTITY
    flash(_("Đã thử và nhận mẫu mới. Giấy mời từ nay theo mẫu này."), "ok")
    return redirect(url_for("papers.template"), 303)


@blueprint.post("/letter-template/reset")
def reset_template() -> ResponseReturnValue:
    """Go back to the template of the house."""
    desks().stationery.drop(current_actor())
    flash(_("Đã trở lại mẫu chung."), "ok")
    return redirect(url_for("papers.template"), 303)


@blueprint.get("/invitations/<int:invitation_id>/pass.pdf")
def pass_page(invitation_id: int) -> ResponseReturnValue:
    """Give the pass of one guest as a page to print."""
    actor = current_actor()
    holder = desks().issuing.holder(invitation_id, actor)
    draft = desks().chancery.draft(holder.invitation.event_id, actor)
    text = desks().issuing.pass_text(holder.invitation)
    try:
        pdf = desks().chancery.paper.pass_page(holder, draft.office, draft.event, text)
    except TypesettingError as error:
        flash(sealwords.refusal(error, _), "stop")
        return redirect(url_for("invitations.show", invitation_id=invitation_id), 303)
    return _file(pdf, "the-vao-cua.pdf")


def _page(
    event_id: int, *, wrong: Iterable[Flaw] = (), refused: LetterReport | None = None
) -> str:
    chancery, actor = desks().chancery, current_actor()
    draft = chancery.draft(event_id, actor)
    try:
        pictures = chancery.pictures(event_id, actor, draft.form)
        trouble = ""
    except TypesettingError as error:
        pictures, trouble = [], sealwords.refusal(error, _)
    return render_template(
        "organiser/papers/letter.html",
        draft=draft,
        form=draft.form,
        dated=_shown(draft.form.dated),
        errors={each.field: _said(each.code) for each in wrong},
        pictures=[_data_uri(each) for each in pictures],
        trouble=trouble,
        refused=None if refused is None else _report(refused),
        report=_report(draft.letter.report) if draft.letter is not None else None,
        signed_when=_when(draft),
    )


def _template_page(text: str, trouble: str = "") -> str:
    own = desks().stationery.has_own(current_actor())
    return render_template(
        "organiser/papers/template.html", template=text, trouble=trouble, own=own
    )


def _stopped(event_id: int, error: SealError | TypesettingError) -> ResponseReturnValue:
    flash(sealwords.refusal(error, _), "stop")
    return redirect(url_for("papers.letter", event_id=event_id), 303)


def _report(report: LetterReport) -> dict[str, object]:
    return {
        "valid": report.valid,
        "verdict": sealwords.verdict(report, _),
        "signatures": [sealwords.points(each, _) for each in report.signatures],
    }


def _when(draft: Draft) -> str:
    if draft.letter is None or draft.letter.signed_at is None:
        return ""
    return f"{datetime.fromtimestamp(draft.letter.signed_at, ZONE):%H:%M %d/%m/%Y}"


def _typed(values: Mapping[str, str]) -> LetterForm:
    found = {name: values.get(name, "") for name in FIELDS}
    return read_form(found | {"dated": _iso(found["dated"])})


def _iso(text: str) -> str:
    """Return the date that an officer typed as ISO, or the text where it is none."""
    for shape in ("%d/%m/%Y", "%d-%m-%Y", "%d.%m.%Y", "%Y-%m-%d"):
        try:
            return (
                datetime.strptime(text.strip(), shape).replace(tzinfo=ZONE).date().isoformat()
            )
        except ValueError:
            continue
    return text


def _shown(dated: str) -> str:
    try:
        return f"{date.fromisoformat(dated):%d/%m/%Y}"
    except ValueError:
        return dated


def _said(code: str) -> str:
    known = {
        "missing": _("Hãy điền mục này."),
        "too-long": _("Mục này quá dài. Hãy viết ngắn lại."),
        "number": _("Chỉ ghi số, chẳng hạn 12; phần /GM- được thêm sẵn."),
        "symbol": _("Chỉ ghi chữ viết tắt tên cơ quan, chẳng hạn VP hoặc VP-BC."),
        "date": _("Chưa hiểu ngày này. Hãy viết như 19/11/2026."),
        "academic-title": _("Trước họ tên người ký không ghi học hàm, học vị."),
    }
    return str(known[code])


def _data_uri(png: bytes) -> str:
    return f"data:image/png;base64,{b64encode(png).decode('ascii')}"


def _file(data: bytes, name: str) -> Response:
    response = make_response(data)
    response.mimetype = PDF
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
