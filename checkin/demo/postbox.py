"""The page that shows what arrived at the sinks: every mail, rendered, and every text."""

from __future__ import annotations

import json
import re
from email.message import EmailMessage
from pathlib import Path

from flask import Blueprint, Flask, Response, abort, current_app, render_template

from checkin.config import templates_dir
from checkin.demo.arrived import Arrived, Mail, body, picture
from checkin.demo.sinks import ARRIVED, gateway
from checkin.words import language, say

DIST = Path(__file__).parents[1] / "static" / "dist"
STYLE = "postbox.css"
POLICY = "default-src 'none'; img-src 'self'; style-src 'self'; frame-src 'self'"
# A letter carries its own style; it may show the picture it brought, and nothing else.
LETTER_POLICY = "default-src 'none'; img-src 'self'; style-src 'unsafe-inline'; sandbox"
CONTENT_ID = re.compile(r"cid:[^\"'\s)>]+")

page = Blueprint("page", __name__)


def postbox(arrived: Arrived) -> Flask:
    """Return the small application of the demo: the gateway, and the page of arrivals."""
    app = Flask(
        __name__,
        template_folder=str(templates_dir()),
        static_folder=str(DIST),
        static_url_path="/static",
    )
    app.extensions[ARRIVED] = arrived
    app.jinja_env.globals.update(_=say, language=language())
    app.register_blueprint(gateway)
    app.register_blueprint(page)
    app.after_request(_guarded)
    return app


@page.get("/")
def everything() -> str:
    """Show the list of mails and of text messages."""
    arrived = _arrived()
    letters = [(mail, mail.message()) for mail in reversed(arrived.mails)]
    return render_template(
        "demo/postbox.html",
        letters=letters,
        texts=tuple(reversed(arrived.texts)),
        style=f"/static/{STYLE}",
    )


@page.get("/mail/<int:number>")
def one_mail(number: int) -> str:
    """Show one mail: who wrote to whom, how it looks, its plain text, its parts."""
    mail = _mail(number)
    message = mail.message()
    parts = [
        (part.get_content_type(), len(part.get_payload(decode=True) or b""))
        for part in message.walk()
        if not part.is_multipart()
    ]
    return render_template(
        "demo/mail.html",
        mail=mail,
        message=message,
        plain=body(message, "plain"),
        parts=parts,
        style=f"/static/{STYLE}",
    )


@page.get("/mail/<int:number>/letter")
def letter(number: int) -> Response:
    """Show the HTML of one mail by itself, its picture beside it."""
    html = CONTENT_ID.sub(f"/mail/{number}/picture", body(_message(number), "html"))
    shown = Response(html, mimetype="text/html")
    shown.headers["Content-Security-Policy"] = LETTER_POLICY
    return shown


@page.get("/mail/<int:number>/picture")
def code(number: int) -> Response:
    """Show the picture that came inside one mail."""
    found = picture(_message(number))
    if found is None:
        abort(404)
    return Response(found, mimetype="image/png")


@page.get("/mail/<int:number>/source")
def source(number: int) -> Response:
    """Show one mail as it came over the line."""
    return Response(_mail(number).raw, mimetype="text/plain")


@page.get("/favicon.ico")
def icon() -> tuple[str, int]:
    """Say that this page has no icon."""
    return "", 204


@page.get("/count")
def count() -> Response:
    """Say how many have arrived, as JSON."""
    arrived = _arrived()
    found = {"mails": len(arrived.mails), "texts": len(arrived.texts)}
    return Response(json.dumps(found), mimetype="application/json")


def _arrived() -> Arrived:
    arrived: Arrived = current_app.extensions[ARRIVED]
    return arrived


def _mail(number: int) -> Mail:
    mails = _arrived().mails
    if not 1 <= number <= len(mails):
        abort(404)
    return mails[number - 1]


def _message(number: int) -> EmailMessage:
    return _mail(number).message()


def _guarded(response: Response) -> Response:
    response.headers.setdefault("Content-Security-Policy", POLICY)
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    response.headers.setdefault("Referrer-Policy", "no-referrer")
    response.headers.setdefault("Cache-Control", "no-store")
    return response
