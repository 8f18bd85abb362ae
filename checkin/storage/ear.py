"""The ear of a process: on PostgreSQL it hears what other processes told."""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import psycopg

if TYPE_CHECKING:
    from collections.abc import Callable

    from invitations.storage.database import Database

CHANNEL = "thumoi_news"  # a trigger calls out each event that has news
LOOK_S = 0.5
AGAIN_S = 2.0

_log = logging.getLogger(__name__)


@dataclass
class Ear:
    """Calls *heard* with the id of each event of which any process told news.

    It may miss some while its line is broken, so whoever relies on it looks now and then.
    On SQLite there is no other process, and nothing to hear.
    """

    database: Database
    heard: Callable[[int], None]
    _stopping: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin to listen."""
        if self.database.dialect == "sqlite" or self._thread is not None:
            return
        self._thread = threading.Thread(target=self._serve, name="ear", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop listening."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join()

    def _serve(self) -> None:
        while not self._stopping.is_set():
            try:
                self._listen()
            except psycopg.Error as error:
                _log.warning("not hearing other processes: %s", type(error).__name__)
                self._stopping.wait(AGAIN_S)

    def _listen(self) -> None:
        address = self.database.url.set(drivername="postgresql")
        url = address.render_as_string(hide_password=False)
        with psycopg.connect(url, autocommit=True) as line:
            line.execute(f"LISTEN {CHANNEL}")
            while not self._stopping.is_set():
                for told in line.notifies(timeout=LOOK_S):
                    self.heard(int(told.payload))
