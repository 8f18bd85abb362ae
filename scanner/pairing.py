"""Pairing: a one-time code makes this machine a station of an event."""

from __future__ import annotations

import httpx

from checkin.domain.protocol import PAIR_PATH, PairAnswer, PairRequest
from scanner.errors import LineError, PairingError
from scanner.speech import http_to, object_in, why


def pair(server: str, request: PairRequest) -> PairAnswer:
    """Show the one-time code and our public key to *server*; return where we stand.

    Raises:
        PairingError: the server refused the code.
        LineError: the server could not be reached or is none of ours.
    """
    try:
        with http_to(server) as client:
            response = client.post(PAIR_PATH, json=request.to_json())
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise LineError(why(error)) from error
    spoken = object_in(response.content)
    if response.is_error or "error" in spoken:
        raise PairingError(str(spoken.get("error", response.status_code)))
    try:
        return PairAnswer.from_json(spoken)
    except ValueError as error:
        raise LineError(why(error)) from error
