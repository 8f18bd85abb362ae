"""The forms for people who are not on the list: searched, walked in, or sent instead."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Response, jsonify, render_template, request

from scanner.answers import SubstituteForm, WalkInAnswer, WalkInForm
from scanner.deskwords import problem_words
from scanner.forms import Reply, refused, text, wish
from scanner.labels import Papers, qr_symbol

if TYPE_CHECKING:
    from flask import Flask

    from scanner.station import Station

SHORTEST = 3
SENT_INSTEAD = ("pass_id", "name", "honorific", "title", "phone", "email")
WALKED_IN = ("name", "organisation", "reason", "vouched_by", "honorific", "phone")


def add_newcomers(app: Flask, station: Station, papers: Papers) -> None:
    """Add the search, the walk-in and the substitute."""
    desk = station.desk

    @app.get("/search")
    def search() -> str:
        found = desk.search(request.args.get("q", "").strip())
        return render_template(
            "door/hits.html",
            hits=found.hits,
            more=found.more,
            offline=found.offline,
            problem=problem_words(found.problem) if found.problem else "",
        )

    @app.get("/organisations")
    def organisations() -> Response:
        letters = request.args.get("q", "").strip()
        return jsonify(desk.organisations(letters) if len(letters) >= SHORTEST else [])

    @app.post("/substitute")
    def substitute() -> Reply:
        asked = wish()
        form = SubstituteForm(*(text(asked, key) for key in SENT_INSTEAD))
        answer = desk.substitute(form)
        if answer.problem:
            return refused(answer.problem)
        return _sheet("substitute-answer", form.name, answer.pass_text, papers)

    _add_walk_ins(app, station, papers)


def _add_walk_ins(app: Flask, station: Station, papers: Papers) -> None:
    desk = station.desk
    names: dict[int, str] = {}

    @app.post("/walk-in")
    def walk_in() -> Reply:
        asked = wish()
        form = WalkInForm(*(text(asked, key) for key in WALKED_IN))
        answer = desk.walk_in(form)
        if answer.problem:
            return refused(answer.problem)
        names[answer.id] = form.name
        return _told(answer, form.name, papers)

    @app.get("/walk-in/<int:number>")
    def walk_in_answer(number: int) -> Reply:
        return _told(desk.walk_in_answer(number), names.get(number, ""), papers)


def _told(answer: WalkInAnswer, name: str, papers: Papers) -> Reply:
    about: dict[str, str | int] = {"state": answer.state, "id": answer.id}
    return _sheet("walk-in-answer", name, answer.pass_text, papers, **about)


def _sheet(
    template: str, name: str, pass_text: str, papers: Papers, **about: str | int
) -> Reply:
    html = render_template(
        f"door/sheets/{template}.html",
        name=name,
        symbol=qr_symbol(pass_text) if pass_text else "",
        paper=papers.keep(name, pass_text) if pass_text else "",
        **about,
    )
    return jsonify(html=html, state=about.get("state", "")), 200
