"""``python -m checkin.bench.slow serve``: the house on a disk that is slow on purpose.

Each commit waits as many milliseconds as ``BENCH_COMMIT_MS`` says before it is made
durable, as on a hard disk; nothing else is changed. Only the bench starts this.
"""

from __future__ import annotations

import os
import sys
import time
from typing import Any

from checkin import cli, server
from checkin.bench.doorhouse import COMMIT_MS
from invitations.storage.database import Database


class SlowDatabase(Database):
    """A database whose every commit takes so long more."""

    def _settle(self, connection: Any) -> None:  # noqa: ANN401 - SQL stays in its rooms
        time.sleep(float(os.environ[COMMIT_MS]) / 1000)
        super()._settle(connection)


if __name__ == "__main__":
    setattr(server, "Database", SlowDatabase)  # noqa: B010 - what the worker opens
    sys.exit(cli.main(sys.argv[1:]))
