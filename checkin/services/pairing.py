"""The pairing desk: takes devices in by a one-time code, and knows them by their key."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from itsdangerous import BadSignature, URLSafeTimedSerializer

from checkin.domain.errors import PairingError
from checkin.domain.protocol import PairRequest, challenge_bytes
from checkin.domain.stations import (
    CODE_DIGITS,
    CODE_LASTS_S,
    Offer,
    Station,
    StationStatus,
    digits,
)
from checkin.storage import journals, stations
from invitations.domain.passes import TrustedKey
from invitations.storage.database import Database

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from invitations.domain.model import Actor

MOST_WRONG = 60  # codes in ten minutes, for the whole house
CHALLENGE_LASTS_S = 60
BEARER_LASTS_S = 12 * 3600
FRESH_S = 1.0  # how long a station is not looked up again; signing out here ends it at once
MOST_BORNE = 1_000
LONGEST_NAME = 60
CHALLENGE = "thumoi/station/challenge"
BEARER = "thumoi/station/bearer"


@dataclass(frozen=True)
class Pairing:
    """Hands out one-time codes, takes stations in, and recognises them."""

    database: Database
    clock: Callable[[], float] = time.time
    _wrong: deque[float] = field(default_factory=deque)
    _borne: dict[str, tuple[float, Station]] = field(default_factory=dict)

    def renew(self) -> str:
        """Give this database a new incarnation and return it; called at each start.

        Stations that hear of a new one compare their journals with our marks, so a database
        restored from an older copy gets back what it lost.
        """
        fresh = secrets.token_hex(8)
        return self.database.write(
            lambda tx: stations.state(tx, "incarnation", fresh, again=True)
        )

    def incarnation(self) -> str:
        """Return the incarnation of this database."""
        return self._fact("incarnation", secrets.token_hex(8))

    def offer(self, event_id: int, gate_id: int, actor: Actor) -> Offer:
        """Make a one-time code for a device at one gate, good for ten minutes."""
        handle = secrets.token_hex(12)
        expires_at = int(self.clock()) + CODE_LASTS_S
        offer = Offer(handle, self._code(handle), event_id, gate_id, expires_at)
        found = {
            "event_id": event_id,
            "gate_id": gate_id,
            "by": actor.name,
            "expires_at": expires_at,
        }
        self.database.write(lambda tx: stations.offer(tx, self._hash(offer.code), found))
        return offer

    def offered(self, handle: str) -> Offer | None:
        """Return an offer by its *handle*, used or not; nothing if there is none."""
        code = self._code(handle)
        with self.database.read() as connection:
            row = stations.offered(connection, self._hash(code))
        if row is None:
            return None
        return Offer(handle, code, row.event_id, row.gate_id, row.expires_at, row.used_at)

    def pair(self, request: PairRequest) -> Station:
        """Take in the device that shows a code and its public key.

        Raises:
            PairingError: ``code_unknown``, ``code_expired``, ``too_many`` or ``bad_key``.
        """
        now = int(self.clock())
        self._bound(now)
        key = _public_key(request.public_key)
        code_hash = self._hash(digits(str(request.code)))
        name = " ".join(str(request.name).split())[:LONGEST_NAME]
        found = self.database.write(
            partial(self._pair, code_hash=code_hash, key=key, name=name, now=now)
        )
        if isinstance(found, PairingError):
            self._wrong.append(now)
            raise found
        return found

    def find(self, station: str) -> Station | None:
        """Return a station, or nothing."""
        with self.database.read() as connection:
            return stations.find(connection, station)

    def paired_since(self, offer: Offer) -> Station | None:
        """Return the station that used *offer*, once one has."""
        if offer.used_at is None:
            return None
        with self.database.read() as connection:
            all_of_them = stations.of_event(connection, offer.event_id)
        wanted = (offer.gate_id, offer.used_at)
        return next((s for s in all_of_them if (s.gate_id, s.paired_at) == wanted), None)

    def revoke(self, station: str) -> bool:
        """Sign a station out for good; tell whether it was signed in."""
        now = int(self.clock())
        try:
            return self.database.write(lambda tx: stations.revoke(tx, station, at=now))
        finally:
            self._borne.clear()

    def heard(self, station: str, status: dict[str, Any]) -> None:
        """Keep what a station says of itself.

        Raises:
            ValueError: it is no `StationStatus`.
        """
        told = StationStatus.from_json(status).to_json()
        now = int(self.clock())
        self.database.write(lambda tx: stations.heard(tx, station, told, at=now))

    def marks(self, station: str) -> dict[str, int]:
        """Return, for each epoch of a station, up to which record we have every one."""
        with self.database.read() as connection:
            return journals.marks(connection, station)

    def copied(self, event_id: int) -> set[str]:
        """Return the stations of an event whose journal seems to live on two devices."""
        with self.database.read() as connection:
            return journals.doubled(connection, event_id)

    def challenge(self) -> str:
        """Return a challenge that needs no memory here; it lasts a minute."""
        return str(self._signer(CHALLENGE).dumps(secrets.token_hex(16)))

    def is_ours(self, challenge: str) -> bool:
        """Tell whether we made *challenge* less than a minute ago."""
        return self._opened(CHALLENGE, challenge, CHALLENGE_LASTS_S) is not None

    def proven(self, station: str, challenge: str, signature: str) -> Station | None:
        """Return the station that signed *challenge*, or nothing if it is not who it says."""
        found = self.find(station)
        if found is None:
            return None
        try:
            Ed25519PublicKey.from_public_bytes(found.public_key).verify(
                bytes.fromhex(signature), challenge_bytes(challenge, station)
            )
        except (InvalidSignature, ValueError):
            return None
        return found

    def bearer(self, station: Station) -> str:
        """Return what lets *station* ask by HTTP for twelve hours."""
        return str(self._signer(BEARER).dumps(station.id))

    def borne(self, bearer: str) -> Station | None:
        """Return the station to which *bearer* was given, while it holds."""
        now = time.monotonic()
        known = self._borne.get(bearer)
        if known is not None and now - known[0] < FRESH_S:
            return known[1]
        opened = self._opened(BEARER, bearer, BEARER_LASTS_S)
        found = self.find(opened) if opened else None
        if found is not None:
            if len(self._borne) >= MOST_BORNE:
                self._borne.clear()
            self._borne[bearer] = now, found
        return found

    def _pair(
        self, connection: Connection, *, code_hash: bytes, key: bytes, name: str, now: int
    ) -> Station | PairingError:
        offer = stations.offered(connection, code_hash)
        if offer is None:
            return PairingError("code_unknown")
        if offer.expires_at < now or not stations.use(connection, code_hash, at=now):
            return PairingError("code_expired")
        station = Station(
            id=secrets.token_hex(8),
            event_id=offer.event_id,
            gate_id=offer.gate_id,
            name=name,
            public_key=key,
            paired_at=now,
            seen_at=now,
        )
        if not name:
            station = replace(station, name=station.fingerprint)
        stations.add(connection, station)
        return station

    def _bound(self, now: int) -> None:
        while self._wrong and self._wrong[0] < now - CODE_LASTS_S:
            self._wrong.popleft()
        if len(self._wrong) >= MOST_WRONG:
            raise PairingError("too_many")

    def _code(self, handle: str) -> str:
        """Return the digits that belong to *handle*; they are nowhere written down."""
        made = hmac.digest(self._secret(), f"code {handle}".encode(), "sha256")
        return f"{int.from_bytes(made[:8], 'big') % 10**CODE_DIGITS:0{CODE_DIGITS}d}"

    def _hash(self, code: str) -> bytes:
        return hmac.digest(self._secret(), f"hash {code}".encode(), "sha256")

    def _signer(self, purpose: str) -> URLSafeTimedSerializer:
        settings = {"key_derivation": "hmac", "digest_method": hashlib.sha256}
        return URLSafeTimedSerializer(self._secret(), salt=purpose, signer_kwargs=settings)

    def _opened(self, purpose: str, text: str, lasts: int) -> str | None:
        try:
            return str(self._signer(purpose).loads(text, max_age=lasts))
        except BadSignature:
            return None

    def _secret(self) -> bytes:
        return bytes.fromhex(self._fact("station_secret", secrets.token_hex(32)))

    def _fact(self, name: str, otherwise: str) -> str:
        with self.database.read() as connection:
            found = stations.fact(connection, name)
        if found is not None:
            return found
        return self.database.write(lambda tx: stations.state(tx, name, otherwise))


def _public_key(text: str) -> bytes:
    """Return the 32 bytes of a public key under which not everybody can sign."""
    try:
        return TrustedKey(0, bytes.fromhex(text)).public_key
    except (ValueError, TypeError) as error:
        raise PairingError("bad_key") from error
