"""Names that are unique without asking anybody: UUIDv7 for scans, epochs, the station's key."""

from __future__ import annotations

import os
import secrets
import uuid
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from scanner.storeroom import wipe_file

KEY_FILE = "station.key"
SEED_BYTES = 32


@dataclass(frozen=True)
class StationKey:
    """The station's own Ed25519 key; it never leaves the machine."""

    _private: Ed25519PrivateKey

    @property
    def public_hex(self) -> str:
        """The public key, hexadecimal, as the server keeps it."""
        return self._private.public_key().public_bytes_raw().hex()

    def sign(self, message: bytes) -> str:
        """Return the signature of *message*, hexadecimal."""
        return self._private.sign(message).hex()


def station_key(directory: Path) -> StationKey:
    """Return the key kept in *directory*; the first call makes it, readable by us alone."""
    path = directory / KEY_FILE
    if not path.exists():
        _write_secret(path, secrets.token_bytes(SEED_BYTES))
    return StationKey(Ed25519PrivateKey.from_private_bytes(path.read_bytes()))


def forget_key(directory: Path) -> None:
    """Destroy the key kept in *directory*: this machine is no station any more."""
    path = directory / KEY_FILE
    if path.exists():
        wipe_file(path)


def has_key(directory: Path) -> bool:
    """Tell whether the machine with *directory* still has the key of a station."""
    return (directory / KEY_FILE).exists()


def new_scan_id(now_ms: int) -> str:
    """Return a UUIDv7 (RFC 9562, 5.7) for *now_ms*: 48 bits of time, then random bits."""
    number = (now_ms & (1 << 48) - 1) << 80 | 0x7 << 76 | secrets.randbits(12) << 64
    return str(uuid.UUID(int=number | 0b10 << 62 | secrets.randbits(62)))


def new_epoch() -> str:
    """Return a random name for a journal file."""
    return secrets.token_hex(8)


def _write_secret(path: Path, secret: bytes) -> None:
    """Write *secret* whole or not at all, mode 0400."""
    half = path.with_suffix(".new")
    half.unlink(missing_ok=True)
    descriptor = os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o400)
    with os.fdopen(descriptor, "wb") as out:
        out.write(secret)
        out.flush()
        os.fsync(out.fileno())
    half.rename(path)
