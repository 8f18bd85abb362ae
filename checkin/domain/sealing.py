"""Sealing: what a station at a door carries of the guests, unreadable when it is stolen.

Per guest there is a content key, made from the event's key. What tells who the guest is lies
under the content key (*sealed*); the content key lies under the signature of the guest's own
pass (*box*), which nobody but the office and the guest has. So a pass that is shown opens one
guest, and the event's key, which staff unlock by PIN, opens the list. Everything else that
`decide` needs is in clear.

ChaCha20-Poly1305 (RFC 8439), HKDF-SHA256 (RFC 5869), Argon2id (RFC 9106). The nonce is made
from key and content, as in RFC 5297: the same content gives the same bytes, and no nonce ever
serves two contents.
"""

from __future__ import annotations

import hmac
import json
from base64 import b64decode, b64encode
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from invitations.domain.passes import BODY_BYTES, PATTERN, TEXT_BYTES
from invitations.domain.roster import RosterEntry, to_json

KEY_BYTES = 32
SALT_BYTES = 16
NONCE_BYTES = 12
PIN_DIGITS = 6
PADDED_TO = 64
BOX = b"thumoi/box/1"
ENTRY = b"thumoi/entry/1"
STAFF = b"thumoi/staff/1"
DETAILS = b"thumoi/details/1"
NONCE = b"thumoi/nonce/1"
CLEAR = ("pass_id", "generation", "state", "reply", "category", "party", "vip")

Line = dict[str, Any]


@dataclass(frozen=True)
class PinCost:
    """How dear one guess of a PIN is: passes, KiB of memory, lanes (RFC 9106)."""

    t: int = 3
    m: int = 128 * 1024
    p: int = 1

    def to_json(self) -> dict[str, int]:
        """Return the cost as JSON."""
        return {"t": self.t, "m": self.m, "p": self.p}


def seal_entry(entry: RosterEntry, event_key: bytes, text: str) -> Line:
    """Return the line of a station's list for *entry*, whose present pass text is *text*.

    Without a text there is no box; the line then opens under the event's key only.
    """
    found = to_json(entry)
    whose = entry.pass_id.encode()
    private = {name: value for name, value in found.items() if name not in CLEAR}
    content_key = _content_key(event_key, entry.pass_id)
    box = _seal(_box_key(text), content_key, BOX + whose) if text else b""
    clear = {name: found[name] for name in CLEAR}
    return clear | {
        "name": "",  # stations of an older version ask for one
        "sealed": _written(_seal(content_key, _padded(private), ENTRY + whose)),
        "box": _written(box),
    }


def open_by_pass(line: Line, text: str) -> Line | None:
    """Return the whole entry behind *line*, opened by the pass text just shown, or nothing."""
    if not PATTERN.fullmatch(text):
        return None
    whose = BOX + str(line["pass_id"]).encode()
    content_key = _open(_box_key(text), _read(line.get("box")), whose)
    return None if content_key is None else _opened(line, content_key)


def open_by_key(line: Line, event_key: bytes | bytearray) -> Line | None:
    """Return the whole entry behind *line*, opened by the event's key, or nothing."""
    return _opened(line, _content_key(event_key, str(line["pass_id"])))


def key_of_pin(pin: str, salt: bytes, cost: PinCost) -> bytes:
    """Return the 32 bytes that a *pin* comes to: Argon2id, slow on purpose."""
    made = Argon2id(
        salt=salt, length=KEY_BYTES, iterations=cost.t, lanes=cost.p, memory_cost=cost.m
    )
    return made.derive(pin.encode())


def wrap_key(pin_key: bytes, event_key: bytes, *, staff_id: str, role: str) -> bytes:
    """Return the event's key and the *role*, as only the PIN of *staff_id* opens them."""
    return _seal(pin_key, event_key + role.encode(), STAFF + staff_id.encode())


def unwrap_key(pin_key: bytes, sealed: bytes, *, staff_id: str) -> tuple[bytes, str] | None:
    """Return the event's key and the role, or nothing when the PIN was another."""
    found = _open(pin_key, sealed, STAFF + staff_id.encode())
    if found is None:
        return None
    return found[:KEY_BYTES], found[KEY_BYTES:].decode("utf-8", "replace")


def seal_details(details: Line, event_key: bytes | bytearray, scan_id: str) -> str:
    """Return *details* (a walk-in's name and telephone) for the journal, under the key."""
    key = hmac.digest(event_key, DETAILS, "sha256")
    return _written(_seal(key, _padded(details), DETAILS + scan_id.encode()))


def open_details(sealed: str, event_key: bytes | bytearray, scan_id: str) -> Line | None:
    """Return what `seal_details` sealed, or nothing if it is not of this event and scan."""
    key = hmac.digest(event_key, DETAILS, "sha256")
    return _object(_open(key, _read(sealed), DETAILS + scan_id.encode()))


def _opened(line: Line, content_key: bytes) -> Line | None:
    whose = ENTRY + str(line["pass_id"]).encode()
    private = _object(_open(content_key, _read(line.get("sealed")), whose))
    if private is None:
        return None
    return private | {name: line[name] for name in CLEAR if name in line}


def _content_key(event_key: bytes | bytearray, pass_id: str) -> bytes:
    return hmac.digest(event_key, ENTRY + pass_id.encode(), "sha256")


def _box_key(text: str) -> bytes:
    """Return the key that the signature in a pass text comes to."""
    signature = int(text[2:]).to_bytes(TEXT_BYTES, "big")[BODY_BYTES:]
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=BOX).derive(signature)


def _seal(key: bytes, plain: bytes, bound: bytes) -> bytes:
    """Return nonce and ciphertext of *plain*, which opens only with *bound* beside it."""
    made_of = len(bound).to_bytes(2, "big") + bound + plain
    nonce = hmac.digest(hmac.digest(key, NONCE, "sha256"), made_of, "sha256")[:NONCE_BYTES]
    return nonce + ChaCha20Poly1305(key).encrypt(nonce, plain, bound)


def _open(key: bytes, sealed: bytes, bound: bytes) -> bytes | None:
    try:
        return ChaCha20Poly1305(key).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], bound)
    except (InvalidTag, ValueError):
        return None


def _padded(found: Line) -> bytes:
    """Return *found* as JSON, blanks at its end: how long a name is stays unknown."""
    plain = json.dumps(found, ensure_ascii=False, separators=(",", ":")).encode()
    return plain + b" " * (-len(plain) % PADDED_TO)


def _object(plain: bytes | None) -> Line | None:
    found = None if plain is None else json.loads(plain)
    return found if isinstance(found, dict) else None


def _written(raw: bytes) -> str:
    return b64encode(raw).decode("ascii")


def _read(text: object) -> bytes:
    """Return the bytes behind *text*; none where it is not what we write."""
    try:
        return b64decode(text, validate=True) if isinstance(text, str) else b""
    except ValueError:
        return b""
