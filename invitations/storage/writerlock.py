"""The lock file that says which process is the writer of a SQLite database."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path


class WriterLock:
    """An advisory lock (flock) on a file beside the database; freed when its process ends.

    With *database* None (PostgreSQL keeps its own writers apart) taking it always succeeds.
    """

    def __init__(self, database: str | None) -> None:
        self._path = Path(f"{database}.writer") if database else None
        self._file: int | None = None

    def take(self) -> bool:
        """Take the lock; tell whether this process has it now."""
        if self._path is None or self._file is not None:
            return True
        self._path.parent.mkdir(parents=True, exist_ok=True)
        file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(file)
            return False
        self._file = file
        return True

    def release(self) -> None:
        """Let the lock go."""
        if self._file is not None:
            os.close(self._file)
            self._file = None
