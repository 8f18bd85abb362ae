"""The sheets of the kiosk: what lies over the scan screen while somebody does something."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Response, abort, jsonify, render_template, request
from flask_babel import gettext as _

from scanner.deskwords import reasons_to_override
from scanner.devices import devices
from scanner.facing import Facing
from scanner.view import VerdictView, view

if TYPE_CHECKING:
    from flask import Flask

    from scanner.station import Station

YOUNG_MS = 30_000


def add_sheets(app: Flask, station: Station) -> None:
    """Add the sheets."""

    @app.get("/sheet/leave")
    def leave_sheet() -> str:
        return render_template("door/sheets/leave.html", staff=station.desk.staff())

    @app.get("/sheet/opening")
    def opening() -> str:
        return render_template(
            "door/sheets/opening.html", staff=station.desk.staff(), chosen=""
        )

    @app.get("/sheet/more")
    def more() -> str:
        desk, rules = station.desk, station.gatekeeper.carried.rules
        facing = Facing(station.gatekeeper.carried)
        return render_template(
            "door/sheets/more.html",
            direction=desk.direction.value,
            rehearsing=desk.rehearsing,
            shift=desk.shift,
            names_hidden=facing.names_hidden,
            badges=bool(rules and rules.badges),
        )

    @app.get("/sheet/scanner")
    def scanner_sheet() -> str:
        return render_template("door/sheets/scanner.html")

    @app.get("/devices")
    def check_list() -> Response:
        return jsonify([vars(each) for each in devices(station)])

    _add_of_scans(app, station)
    _add_of_people(app, station)


def _add_of_scans(app: Flask, station: Station) -> None:
    """Add the sheets about scans that were made."""

    @app.get("/sheet/history")
    def history() -> str:
        return _history(station, request.args.get("show", "all"))

    @app.get("/sheet/undo")
    def undo_sheet() -> str:
        return _of_scan(station, "undo")

    @app.get("/sheet/override")
    def override_sheet() -> str:
        return _of_scan(station, "override", reasons=reasons_to_override())


def _add_of_people(app: Flask, station: Station) -> None:
    """Add the sheets about people who are not on the list."""

    @app.get("/sheet/walk-in")
    def walk_in_sheet() -> str:
        rules = station.gatekeeper.carried.rules
        policy = rules.walk_ins if rules else "deny"
        asks = policy == "ask" and station.desk.shift is not None
        return render_template(
            "door/sheets/walk-in.html", policy=policy, **_deciders(station, enough=asks)
        )

    @app.get("/sheet/substitute")
    def substitute_sheet() -> str:
        return render_template(
            "door/sheets/substitute.html",
            pass_id=request.args.get("pass_id", ""),
            instead_of=request.args.get("name", ""),
            **_deciders(station),
        )


def _history(station: Station, chosen: str) -> str:
    names = Facing(station.gatekeeper.carried).names
    seen = [view(shown, names=names) for shown in station.screen.history]
    kept = {
        "all": seen,
        "in": [each for each in seen if each.can_undo],
        "refused": [each for each in seen if each.kind in {"stop", "already"}],
        "undone": [each for each in seen if each.undone],
    }
    rules = station.gatekeeper.carried.rules
    return render_template(
        "door/sheets/history.html",
        filters=[
            ("all", _("Tất cả")),
            ("in", _("Đã cho vào")),
            ("refused", _("Bị từ chối")),
            ("undone", _("Đã hoàn tác")),
        ],
        counts={key: len(found) for key, found in kept.items()},
        chosen=chosen if chosen in kept else "all",
        verdicts=kept.get(chosen, seen),
        badges=bool(rules and rules.badges),
    )


def _of_scan(station: Station, sheet: str, **about: object) -> str:
    """Return the *sheet* about the scan that is asked for; a steward's names a supervisor."""
    shown = station.screen.find(request.args.get("scan_id", ""))
    if shown is None:
        abort(404)
    seen: VerdictView = view(shown, names=Facing(station.gatekeeper.carried).names)
    young = station.door.clock.now().corrected_ms - shown.at_ms <= YOUNG_MS
    return render_template(
        f"door/sheets/{sheet}.html",
        verdict=seen,
        **_deciders(station, enough=sheet == "undo" and young),
        **about,
    )


def _deciders(station: Station, *, enough: bool = False) -> dict[str, Any]:
    """Return whether this shift may do it alone, and which supervisors may stand beside it."""
    shift = station.desk.shift
    return {
        "decides": enough or (shift is not None and shift.decides),
        "deciders": [each for each in station.desk.staff() if each.decides],
    }
