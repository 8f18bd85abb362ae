"""The machines' entrance: gateways report here what became of text messages."""

from __future__ import annotations

from flask import Blueprint, Response, abort, request

from invitations.couriers.callbacks import Callback
from invitations.web.desks import desks

blueprint = Blueprint("callbacks", __name__)


@blueprint.route("/callbacks/sms/<secret>", methods=["GET", "POST"])
def sms(secret: str) -> Response:
    """Take one report; a caller without the secret finds nothing here."""
    raw = request.get_data(cache=True)
    call = Callback(
        query=request.args.to_dict(),
        form=request.form.to_dict(),
        raw=raw,
        headers={name.lower(): value for name, value in request.headers.items()},
        query_string=request.query_string.decode("ascii", "replace"),
    )
    if not desks().receipts.take(secret, call):
        abort(404)
    return Response(status=204)
