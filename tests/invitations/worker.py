"""A postman in a process of its own, for tests that kill it."""

import sys
from pathlib import Path

from invitations.services.keyring import Keyring
from invitations.services.postman import Postman
from invitations.storage.database import Database
from tests.invitations.letterbox import LETTERS
from tests.invitations.outboxes import by_mail


def work(url: str, keys: str, port: str) -> None:
    """Empty the outbox of the database at *url* into the relay at *port*."""
    database = Database(url)
    couriers = by_mail(int(port))
    Postman(database, LETTERS, Keyring(database, Path(keys)), couriers).run_until_empty()
    database.close()


if __name__ == "__main__":
    work(*sys.argv[1:])
