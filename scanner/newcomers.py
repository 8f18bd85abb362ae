"""The forms for people who are not on the list: searched, walked in, or sent instead."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Response, jsonify, render_template, request

from scanner.answers import SubstituteForm, WalkInAnswer, WalkInForm
from scanner.deskwords import problem_words
from scanner.forms import Reply, refused, second_of, text, wish
from scanner.labels import Papers, qr_symbol

if TYPE_CHECKING:
    from flask import Flask

    from scanner.station import Station

SHORTEST = 3
ASKED = "asked"
ANSWERED = "door/sheets/substitute-answer.html"
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
        answer = desk.substitute(form, second_of(asked))
        if answer.problem:
            return refused(answer.problem)
        about = _pass(form.name, answer.pass_text, papers)
        return jsonify(html=render_template(ANSWERED, **about)), 200

    _add_walk_ins(app, station, papers)


def _add_walk_ins(app: Flask, station: Station, papers: Papers) -> None:
    desk, screen = station.desk, station.screen

    @app.post("/walk-in")
    def walk_in() -> Reply:
        asked = wish()
        form = WalkInForm(*(text(asked, key) for key in WALKED_IN))
        answer = desk.walk_in(form, second_of(asked))
        if answer.problem:
            return refused(answer.problem)
        if answer.state == ASKED:
            screen.ask(answer.id, form.name)
        return jsonify(html=_told(answer, form.name, papers)), 200

    @app.get("/sheet/walk-in/<int:number>")
    def walk_in_answer(number: int) -> str:
        answer, name = desk.walk_in_answer(number), screen.asked.get(number, "")
        if answer.state != ASKED:
            screen.forget_asked(number)
        told = station.gatekeeper.carried.walk_ins.get(number, {})
        return _told(answer, name, papers, str(told.get("pass_id") or ""))


def _told(answer: WalkInAnswer, name: str, papers: Papers, pass_id: str = "") -> str:
    return render_template(
        "door/sheets/walk-in-answer.html",
        state=answer.state,
        id=answer.id,
        inside=answer.shown is not None,
        pass_id=pass_id,
        **_pass(name, answer.pass_text, papers),
    )


def _pass(name: str, pass_text: str, papers: Papers) -> dict[str, str]:
    """Return what a sheet shows of a pass that was made at the door, if one was."""
    return {
        "name": name,
        "symbol": qr_symbol(pass_text) if pass_text else "",
        "paper": papers.keep(name, pass_text) if pass_text else "",
    }
