"""The signed text in the QR code: mint it, read it, and the list of trusted keys.

The layout is version 1 of the pass text: ``71`` and 200 digits, which are 83 bytes as one
big-endian integer: first byte, key id, event id, pass id, generation, last minute of
validity, and an Ed25519 signature (RFC 8032) over the 19 bytes before it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from hmac import compare_digest
from types import MappingProxyType

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)
from itsdangerous.signer import SigningAlgorithm

from invitations.domain.errors import PassError

PATTERN = re.compile(r"71[0-9]{200}", re.ASCII)
FIRST_BYTE = 0x11
CONTEXT = b"thumoi/pass/1\x00"
MINUTE_ZERO = 1_577_836_800  # 2020-01-01T00:00Z
BODY_BYTES = 19
KEY_BYTES = 32
TEXT_BYTES = BODY_BYTES + 64

NO_SEEDS: Mapping[int, bytes] = MappingProxyType({})

_PRIME = 2**255 - 19
_ORDER_EIGHT = 0x5FC536D880238B13933C6D305ACDFD5F098EFF289F4C345B027B2C28F95E826
# The y of every point of small order, as encoded with or without reduction: under such a
# "public key" signatures can be made without a private one.
_SMALL_ORDER = frozenset(
    y + extra
    for y in (0, 1, _PRIME - 1, _ORDER_EIGHT, _PRIME - _ORDER_EIGHT)
    for extra in (0, _PRIME)
    if y + extra < 2**255
)


@dataclass(frozen=True)
class DoorPass:
    """What a pass text says, once its signature holds.

    *event* is 32 bits, *pass_id* 16 lower-case hexadecimal digits, *generation* 0 to 255,
    *not_after* Unix seconds (a whole minute).
    """

    kid: int
    event: int
    pass_id: str
    generation: int
    not_after: int


@dataclass(frozen=True)
class TrustedKey:
    """One line of the trust list: a public key of 32 bytes and when it may sign."""

    kid: int
    public_key: bytes
    office: str = ""

    def __post_init__(self) -> None:
        """Refuse a key under which anybody could sign (RFC 8032, section 8.9).

        Raises:
            ValueError: the key has small order or not 32 bytes.
        """
        if len(self.public_key) != KEY_BYTES:
            msg = "an Ed25519 public key has 32 bytes"
            raise ValueError(msg)
        if int.from_bytes(self.public_key, "little") % 2**255 in _SMALL_ORDER:
            msg = "a public key of small order is never trusted"
            raise ValueError(msg)


@dataclass(frozen=True)
class TrustList:
    """The keys whose passes are read, under a number that only rises."""

    number: int
    keys: tuple[TrustedKey, ...]

    def key(self, kid: int) -> TrustedKey | None:
        """Return the key *kid*, or nothing when it is not trusted."""
        return next((key for key in self.keys if key.kid == kid), None)


class Ed25519Signing(SigningAlgorithm):
    """Signs with the 32-byte seed of a private key."""

    def get_signature(self, key: bytes, value: bytes) -> bytes:
        """Return the 64-byte signature of *value* under the seed *key*."""
        return _private_key(key).sign(value)


class Ed25519Verifying(SigningAlgorithm):
    """Verifies with the 32-byte public key, and cannot sign."""

    def get_signature(self, key: bytes, value: bytes) -> bytes:  # noqa: ARG002 - inherited
        """Refuse: whoever only reads passes holds no private key.

        Raises:
            TypeError: always.
        """
        msg = "a public key cannot sign"
        raise TypeError(msg)

    def verify_signature(self, key: bytes, value: bytes, sig: bytes) -> bool:
        """Tell whether *sig* is the signature of *value* under the public key *key*."""
        try:
            _verifier(key).verify(sig, value)
        except (InvalidSignature, ValueError):
            return False
        return True


def mint(door_pass: DoorPass, seed: bytes) -> str:
    """Return the 202-digit text of *door_pass*, signed with the 32-byte *seed*."""
    body = _body(door_pass)
    signature = Ed25519Signing().get_signature(seed, CONTEXT + body)
    return f"71{int.from_bytes(body + signature, 'big'):0200d}"


@lru_cache(maxsize=64)  # making a key of its seed takes as long as a signature
def _private_key(seed: bytes) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(seed)


def public_key(seed: bytes) -> bytes:
    """Return the 32-byte public key that belongs to the private *seed*."""
    return Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()


def read(text: str, trust: TrustList, own: Mapping[int, bytes] = NO_SEEDS) -> DoorPass:
    """Return what *text* says, once its format and signature hold.

    *own* holds the seeds of those key ids that are ours. Ed25519 signs the same bytes always
    the same way (RFC 8032, section 5.1.6), so a signature that equals ours is one; to make it
    takes a third of the time to verify it. What differs is verified like any other.

    Raises:
        PassError: ``not_a_pass`` or ``forged``, the first that applies.
    """
    raw = _raw(text)
    door_pass = _fields(raw)
    key = trust.key(door_pass.kid)
    if key is None:
        raise PassError("forged")
    body, signature = raw[:BODY_BYTES], raw[BODY_BYTES:]
    if _is_ours(own.get(key.kid), key.public_key, body, signature):
        return door_pass
    if not Ed25519Verifying().verify_signature(key.public_key, CONTEXT + body, signature):
        raise PassError("forged")
    return door_pass


def judge(text: str, trust: TrustList, *, event: int, now: int) -> DoorPass:
    """Return what *text* says if it is good for *event* at *now* (Unix seconds).

    Raises:
        PassError: the first of ``not_a_pass``, ``forged``, ``wrong_event``, ``too_late``.
    """
    door_pass = read(text, trust)
    if door_pass.event != event:
        raise PassError("wrong_event")
    if now > door_pass.not_after:
        raise PassError("too_late")
    return door_pass


def whole_minute(instant: int) -> int:
    """Return the first whole minute at or after *instant*, as a pass can hold it."""
    return -(-instant // 60) * 60


@lru_cache(maxsize=64)
def _verifier(public: bytes) -> Ed25519PublicKey:
    """Return a key ready to verify with; a door has few, and shows each very often."""
    return Ed25519PublicKey.from_public_bytes(public)


def _is_ours(seed: bytes | None, public: bytes, body: bytes, signature: bytes) -> bool:
    """Tell whether we would have signed *body* just so; how far it agrees cannot be timed."""
    if seed is None or _public_key(seed) != public:
        return False
    return compare_digest(_private_key(seed).sign(CONTEXT + body), signature)


@lru_cache(maxsize=64)
def _public_key(seed: bytes) -> bytes:
    return public_key(seed)


def _body(door_pass: DoorPass) -> bytes:
    minutes, rest = divmod(door_pass.not_after - MINUTE_ZERO, 60)
    if rest:
        msg = "a pass ends on a whole minute"
        raise ValueError(msg)
    return b"".join(
        (
            FIRST_BYTE.to_bytes(1, "big"),
            door_pass.kid.to_bytes(2, "big"),
            door_pass.event.to_bytes(4, "big"),
            bytes.fromhex(door_pass.pass_id),
            door_pass.generation.to_bytes(1, "big"),
            minutes.to_bytes(3, "big"),
        )
    )


def _raw(text: str) -> bytes:
    if not PATTERN.fullmatch(text):
        raise PassError("not_a_pass")
    number = int(text[2:])
    if number >= 1 << (8 * TEXT_BYTES):
        raise PassError("not_a_pass")
    raw = number.to_bytes(TEXT_BYTES, "big")
    if raw[0] != FIRST_BYTE:
        raise PassError("not_a_pass")
    return raw


def _fields(raw: bytes) -> DoorPass:
    return DoorPass(
        kid=int.from_bytes(raw[1:3], "big"),
        event=int.from_bytes(raw[3:7], "big"),
        pass_id=raw[7:15].hex(),
        generation=raw[15],
        not_after=MINUTE_ZERO + 60 * int.from_bytes(raw[16:19], "big"),
    )
