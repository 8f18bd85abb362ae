"""The forms of the kiosk: what a steward can do beside showing a pass to the camera."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Response, jsonify, request

from checkin.domain.admission import Outcome
from scanner.answers import Second
from scanner.deskwords import problem_words, reasons_to_override
from scanner.errors import JournalError

if TYPE_CHECKING:
    from flask import Flask

    from scanner.station import Station

TYPED_MOST = 400
ANSWER_MOST = 200
REASONS = ("mistake", "left", "other")
ASKED = "a-"

Reply = tuple[Response, int]


def add_forms(app: Flask, station: Station) -> None:
    """Add what a steward does with a scan: type it, take it back, let in all the same."""

    @app.post("/typed")
    def typed() -> Reply:
        return _present(station)

    @app.post("/undo")
    def undo() -> Reply:
        asked = wish()
        reason, scan_id = asked.get("reason"), asked.get("scan_id")
        if reason not in REASONS or not isinstance(scan_id, str):
            return refused("reason", 400)
        return _done(station.desk.undo(scan_id, str(reason), second_of(asked)).problem)

    @app.post("/override")
    def override() -> Reply:
        asked = wish()
        reason = asked.get("reason")
        if reason not in dict(reasons_to_override()):
            return refused("reason", 400)
        scan_id, second = text(asked, "scan_id"), second_of(asked)
        return _done(station.desk.override(scan_id, str(reason), second).problem)

    @app.errorhandler(JournalError)
    def no_journal(_error: JournalError) -> Reply:
        station.screen.say_trouble("journal")
        return refused("journal", 503)

    _add_after_the_light(app, station)


def _add_after_the_light(app: Flask, station: Station) -> None:
    """Add what is asked after a green light: how many came, what they answered, the badge."""

    @app.post("/heads")
    def heads() -> Reply:
        asked = wish()
        number = text(asked, "heads")
        if not number.isascii() or not number.isdigit():
            return refused("invalid", 400)
        return _done(station.desk.set_heads(text(asked, "scan_id"), int(number)).problem)

    @app.post("/answers")
    def answers() -> Reply:
        asked = wish()
        said = {
            key.removeprefix(ASKED): text(asked, key)[:ANSWER_MOST]
            for key in asked
            if key.startswith(ASKED)
        }
        return _done(station.desk.answer(text(asked, "scan_id"), said))

    @app.post("/admit")
    def admit() -> Reply:
        return _done(station.desk.admit(text(wish(), "pass_id")).problem)

    @app.post("/badge")
    def badge() -> Reply:
        scan_id = text(wish(), "scan_id")
        problem = station.desk.reprint(scan_id)
        if problem:
            return refused(problem)
        printed = station.desk.print_badge(scan_id)
        return jsonify(done=True, label="" if printed else f"/label/{scan_id}"), 200


def wish() -> dict[str, Any]:
    """Return what the page asks for, as a JSON object."""
    found = request.get_json(silent=True)
    return found if isinstance(found, dict) else {}


def text(asked: dict[str, Any], key: str) -> str:
    """Return the text under *key*, without blank ends; numbers count as text."""
    found = asked.get(key, "")
    return str(found).strip() if isinstance(found, str | int) else ""


def second_of(asked: dict[str, Any]) -> Second | None:
    """Return the supervisor who gave their PIN for this deed alone, if one did."""
    staff, pin = text(asked, "staff_id"), text(asked, "pin")
    return Second(staff, pin) if staff and pin else None


def refused(problem: str, status: int = 409, wait_s: int = 0) -> Reply:
    """Say that the desk could not do it, and why."""
    return jsonify(error=problem, words=problem_words(problem, wait_s)), status


def _done(problem: str) -> Reply:
    return refused(problem) if problem else (jsonify(done=True), 200)


def _present(station: Station) -> Reply:
    """Judge what was typed, and say what came of it."""
    found = wish().get("text")
    if not isinstance(found, str) or len(found) > TYPED_MOST:
        return jsonify(error="not_a_pass"), 400
    answer = station.desk.present("".join(s for s in found if s not in " .-\r\n\t"))
    if answer.problem not in {"", Outcome.NOT_A_PASS.value}:
        return refused(answer.problem)
    shown = answer.shown
    outcome = shown.verdict.outcome if shown else Outcome.NOT_A_PASS.value
    return jsonify(outcome=outcome), 200
