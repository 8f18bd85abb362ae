"""Organisations of the register on the screen: the tree, and one of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from invitations.domain.register import Organisation
from invitations.web import registerwords
from invitations.web.actors import current_actor
from invitations.web.desks import desks

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flask.typing import ResponseReturnValue

    from invitations.domain.plans import Problem

blueprint = Blueprint("register_organisations", __name__, url_prefix="/register/organisations")


@blueprint.get("")
def index() -> str:
    """Show all organisations, each below the one it belongs to."""
    return render_template(
        "organiser/register/organisations.html",
        tree=desks().organisations.tree(current_actor()),
        kinds=registerwords.kinds(),
    )


@blueprint.route("/new", methods=["GET", "POST"])
def new() -> ResponseReturnValue:
    """Show an empty form, or take a new organisation in."""
    if request.method == "GET":
        return _form(Organisation(0, "", request.args.get("parent", type=int)))
    return _save(registerwords.typed_organisation(request.form))


@blueprint.route("/<int:organisation_id>", methods=["GET", "POST"])
def edit(organisation_id: int) -> ResponseReturnValue:
    """Show one organisation with its history, or change it as a sent form says."""
    if request.method == "GET":
        return _form(desks().organisations.find(organisation_id, current_actor()))
    return _save(registerwords.typed_organisation(request.form, organisation_id))


def _save(typed: Organisation) -> ResponseReturnValue:
    wrong = desks().organisations.save(typed, current_actor())
    if wrong:
        return _form(typed, wrong), 422
    flash(_("Đã lưu cơ quan."), "ok")
    return redirect(url_for(".index"), 303)


def _form(found: Organisation, wrong: Sequence[Problem] = ()) -> str:
    actor = current_actor()
    own = desks().organisations.below(found.id, actor) if found.id else frozenset()
    return render_template(
        "organiser/register/organisation.html",
        organisation=found,
        errors=registerwords.errors(wrong),
        above=[
            each
            for each in desks().organisations.tree(actor)
            if each.organisation.id not in own
        ],
        kinds=registerwords.kinds(),
        past=desks().histories.of_organisation(found.id, actor) if found.id else None,
    )
