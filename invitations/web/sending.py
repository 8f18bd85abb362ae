"""The composer: write a letter, look at it, send it to oneself, check it, and let it go."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import format_decimal
from flask_babel import gettext as _

from invitations.domain.composition import english_readers, gaps
from invitations.domain.dispatch import next_morning, write_instant
from invitations.domain.outbox import EMAIL, SMS
from invitations.services.dispatching import Word
from invitations.web import letterform, letterviews, rehearsals
from invitations.web.actors import current_actor
from invitations.web.desks import desks
from invitations.web.header import link
from invitations.web.letterform import LetterForm

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flask import Response
    from flask.typing import ResponseReturnValue

    from invitations.domain.model import Actor, Event
    from invitations.domain.sendings import Candidate, Plan

blueprint = Blueprint("sending", __name__)

LARGEST_CHOICE = 500  # guests offered for the preview


@blueprint.get("/events/<int:event_id>/sending")
def compose(event_id: int) -> str:
    """Show the form with the letter as it stands."""
    desk = desks().sending
    found = desk.composing.composition(event_id, current_actor())
    return _compose_page(event_id, letterform.of(found, desk.channels))


@blueprint.get("/events/<int:event_id>/sending/next")
def begin(event_id: int) -> ResponseReturnValue:
    """Go to the check where words are at hand, and to the composer where there are none."""
    found = desks().sending.composing.composition(event_id, current_actor())
    way = "sending.compose" if found.channels is None else "sending.review"
    return redirect(url_for(way, event_id=event_id), 303)


@blueprint.post("/events/<int:event_id>/sending/words")
def edit(event_id: int) -> str:
    """Show the form again with what was typed."""
    return _compose_page(event_id, letterform.typed(request.form))


@blueprint.route("/events/<int:event_id>/sending/preview/<kind>", methods=["GET", "POST"])
def preview(event_id: int, kind: str) -> Response:
    """Show the letter as one guest will get it: *kind* is one of `letterviews.KINDS`."""
    composing, actor = desks().sending.composing, current_actor()
    if request.method == "POST":
        form = letterform.typed(request.form)
    else:
        form = letterform.of(composing.composition(event_id, actor), ())
    guest_id = request.args.get("guest", form.guest_id, type=int)
    shown = replace(letterform.composed(form), guest_id=guest_id)
    return letterviews.show(event_id, kind, shown)


@blueprint.post("/events/<int:event_id>/sending/test")
def test(event_id: int) -> ResponseReturnValue:
    """Send the letter to whoever is signed in, and go back to where they were."""
    actor, composing = current_actor(), desks().sending.composing
    if "subject" in request.form:
        form = _kept_form()
        plan = composing.plan(event_id, actor, form.words, form.channels, again=True)
        if plan.mistakes:
            return _compose_page(event_id, form, letterform.errors(plan.mistakes)), 422
        composing.keep(event_id, actor, letterform.composed(form))
        way = "sending.compose"
    else:
        form = letterform.of(composing.composition(event_id, actor), desks().sending.channels)
        way = "sending.review"
    event = composing.event(event_id, actor)
    for channel in form.channels:
        rehearsals.rehearse(event, letterform.composed(form), channel)
    return redirect(url_for(way, event_id=event_id, _anchor="test"), 303)


@blueprint.post("/events/<int:event_id>/sending/check")
def check(event_id: int) -> ResponseReturnValue:
    """Keep the letter and go on to the check; back to the form if something must be mended."""
    form = _kept_form()
    desk, actor = desks().sending, current_actor()
    plan = desk.composing.plan(event_id, actor, form.words, form.channels, again=form.again)
    if plan.mistakes:
        return _compose_page(event_id, form, letterform.errors(plan.mistakes)), 422
    desk.composing.keep(event_id, actor, letterform.composed(form))
    return redirect(url_for("sending.review", event_id=event_id), 303)


@blueprint.get("/events/<int:event_id>/sending/check")
def review(event_id: int) -> ResponseReturnValue:
    """Show what would be sent to whom, what it costs, and what is still to be done."""
    return _check_page(event_id)


@blueprint.post("/events/<int:event_id>/sending")
def send(event_id: int) -> ResponseReturnValue:
    """Queue the letters and go to where their progress is told."""
    count = request.form.get("count", "").replace(".", "").strip()
    word = Word(
        seal=request.form.get("seal", ""),
        count=int(count) if count.isdecimal() else None,
        terms=letterform.terms(request.form),
    )
    actor, desk = current_actor(), desks().dispatching
    if not desk.check(event_id, actor).plan.reached or not _anybody(event_id):
        flash(_("Mọi khách đã có thư mời, hoặc chưa có địa chỉ. Chưa gửi gì thêm."), "warn")
        return redirect(url_for("sending.compose", event_id=event_id), 303)
    released = desk.release(event_id, actor, word)
    if isinstance(released, int):
        return redirect(url_for("tracking.show", sending_id=released), 303)
    return _check_page(event_id, letterform.errors(released)), 422


def _anybody(event_id: int) -> bool:
    plan = desks().dispatching.check(event_id, current_actor()).plan
    return bool(plan.mistakes) or plan.possible


def _kept_form() -> LetterForm:
    return letterform.kept(letterform.typed(request.form), desks().sending.channels)


def _compose_page(event_id: int, form: LetterForm, errors: dict[str, str] | None = None) -> str:
    desk, actor = desks().sending, current_actor()
    found = desk.composing.candidates(event_id, actor)
    return render_template(
        "organiser/sending/compose.html",
        letter=link("papers.letter", event_id=event_id),
        event=desks().planning.event(event_id, actor).event,
        form=form,
        errors=errors or {},
        channels=desk.channels,
        candidates=_offered(found, form.guest_id),
        reachable={c: sum(bool(each.address(c)) for each in found) for c in desk.channels},
        gaps=gaps(found, form.words, [c for c in form.channels if c in desk.channels]),
        sent_before=any(each.sent for each in found),
        batches=desk.batches(event_id, actor),
        fields=letterform.fields(),
        ways=_previews(event_id),
        shown=_previews(event_id, guest=form.guest_id),
        english=form.words.en or desk.letters.standard_english(),
        english_readers=english_readers(found),
        own=_own_addresses(actor),
        tried=desks().dispatching.rehearsing.done(event_id, actor, letterform.composed(form)),
    )


def _previews(event_id: int, guest: int | None = None) -> dict[str, str]:
    """Return where each look of the letter is drawn."""
    return {
        kind: url_for("sending.preview", event_id=event_id, kind=kind, guest=guest)
        for kind in letterviews.KINDS
    }


def _offered(found: Sequence[Candidate], chosen: int | None) -> list[Candidate]:
    """Return the guests offered for the preview; whoever reads English is never left out."""
    first, others = found[:LARGEST_CHOICE], found[LARGEST_CHOICE:]
    more = [each for each in others if each.guest.language == "en" or each.guest.id == chosen]
    return [*first, *more[:LARGEST_CHOICE]]


def _check_page(event_id: int, errors: dict[str, str] | None = None) -> str:
    desk, actor = desks().sending, current_actor()
    found = desks().dispatching.check(event_id, actor)
    event = desks().planning.event(event_id, actor).event
    now = int(desk.clock())
    wrong = letterform.errors(found.plan.mistakes) | (errors or {})
    return render_template(
        "organiser/sending/check.html",
        money=format_decimal,
        event=event,
        check=found,
        plan=found.plan,
        errors=wrong,
        typed=request.form,
        rules=desks().dispatching.rules,
        preview=desk.composing.preview(event_id, actor, found.composition),
        warnings=[letterform.warning(code) for code in found.plan.warnings],
        fields=letterform.fields(),
        english=found.plan.english,
        enclosed=_encloses_a_letter(event, found.plan),
        own=_own_addresses(actor),
        ends_at={c: now + 60 * minutes for c, minutes in found.minutes.items()},
        morning=write_instant(next_morning(now)),
        earliest=write_instant(now),
    )


def _encloses_a_letter(event: Event, plan: Plan) -> bool:
    """Tell whether a signed letter goes with the mails, by the first of them."""
    first = plan.reached.get(EMAIL, ())[:1]
    return any(desks().letters.enclose(event, guest.id) for guest in first)


def _own_addresses(actor: Actor) -> dict[str, str]:
    return {EMAIL: desks().mail_of(actor), SMS: rehearsals.own_phone()}
