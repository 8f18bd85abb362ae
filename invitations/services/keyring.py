"""The keyring: the private keys that sign passes, one read-only file each."""

from __future__ import annotations

import os
import secrets
import stat
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from invitations.domain import passes
from invitations.domain.errors import KeyFileError
from invitations.storage import keys

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from invitations.domain.passes import TrustList
    from invitations.storage.database import Database

LARGEST_KID = 0xFFFF


@dataclass(frozen=True)
class Keyring:
    """The keys of every office of this house; private seeds are files in *directory*.

    A seed file ``<kid>.key`` holds 64 hexadecimal digits and a line end, mode 0400, in a
    directory of mode 0700. The database knows public keys only.
    """

    database: Database
    directory: Path
    clock: Callable[[], float] = time.time
    _first: Lock = field(default_factory=Lock, repr=False, compare=False)

    def ensure(self, office_id: int) -> int:
        """Return the key id with which the office signs; make its first key if it has none.

        Raises:
            KeyFileError: the key's file is missing, or not the key that the database knows.
        """
        with self._first:
            with self.database.read() as connection:
                kid = keys.active(connection, office_id)
                largest = keys.largest(connection)
            if kid is None:
                return self._make(office_id, largest)
        self._check(kid)
        return kid

    def seed(self, kid: int) -> bytes:
        """Return the private seed of *kid*, 32 bytes.

        Raises:
            KeyFileError: its file is missing, damaged, or open to other people.
        """
        path = self._path(kid)
        try:
            if stat.S_IMODE(path.stat().st_mode) & 0o077:
                raise KeyFileError("open", str(path))
            found = bytes.fromhex(path.read_text(encoding="ascii"))
        except FileNotFoundError as error:
            raise KeyFileError("missing", str(path)) from error
        except (OSError, ValueError) as error:
            raise KeyFileError("damaged", str(path)) from error
        if len(found) != passes.KEY_BYTES:
            raise KeyFileError("damaged", str(path))
        return found

    def trust(self) -> TrustList:
        """Return the public keys whose passes are read."""
        with self.database.read() as connection:
            return keys.trusted(connection)

    def trust_in(self, connection: Connection) -> TrustList:
        """Return the public keys whose passes are read, as *connection* sees them."""
        return keys.trusted(connection)

    def _make(self, office_id: int, largest: int) -> int:
        """Make a key: its file first, so that no row ever names a key nobody holds."""
        seed = secrets.token_bytes(passes.KEY_BYTES)
        kid = self._keep(seed, largest + 1)
        public = passes.public_key(seed)
        at = int(self.clock())
        self.database.write(lambda tx: keys.add(tx, office_id, kid, public, at=at))
        return kid

    def _keep(self, seed: bytes, kid: int) -> int:
        """Write *seed* under the first free key id from *kid* on, and return that id."""
        self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.directory.chmod(0o700)
        while self._path(kid).exists():  # left behind by a start that was cut off
            kid += 1
        if kid > LARGEST_KID:
            raise KeyFileError("exhausted", str(self.directory))
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
        file = os.open(self._path(kid), flags, 0o400)
        with os.fdopen(file, "w", encoding="ascii") as out:
            out.write(f"{seed.hex()}\n")
            out.flush()
            os.fsync(file)
        self._settle()
        return kid

    def _settle(self) -> None:
        """Make the directory's new entry durable."""
        folder = os.open(self.directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def _check(self, kid: int) -> None:
        trusted = self.trust().key(kid)
        if trusted is None or passes.public_key(self.seed(kid)) != trusted.public_key:
            raise KeyFileError("foreign", str(self._path(kid)))

    def _path(self, kid: int) -> Path:
        return self.directory / f"{kid}.key"
