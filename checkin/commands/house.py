"""``thumoi init``, ``serve``, ``keys``: making the house, opening it, and its keys."""

from __future__ import annotations

import sys
from argparse import Namespace
from typing import TYPE_CHECKING

from checkin.commands.room import Room, done
from checkin.server import Service, serve
from checkin.words import say
from invitations.services.keyring import Keyring

if TYPE_CHECKING:
    from checkin.config import Config
    from checkin.control import Answer
    from checkin.opening import House
    from checkin.server import RunOrder


def init(wish: Namespace, room: Room) -> Answer:
    """Say what was made; opening the room has made it."""
    keyring = Keyring(room.database, room.config.keys)
    kid = keyring.ensure(room.office.id)
    found = {
        "office": room.office.name,
        "data": str(room.config.data),
        "keys": str(room.config.keys),
        "kid": kid,
    }
    text = say(
        "Đơn vị: %(office)s\nDữ liệu: %(data)s\nKhóa ký số %(kid)s: %(keys)s",
        **found,
    )
    return done(f"{text}\n{first_account()}", found, as_json=wish.json)


def keys(wish: Namespace, room: Room) -> Answer:
    """List the public keys whose passes this house reads."""
    trust = Keyring(room.database, room.config.keys).trust()
    found = [
        {"kid": key.kid, "public_key": key.public_key.hex(), "office": key.office}
        for key in trust.keys
    ]
    text = "\n".join(f"{key.kid}  {key.public_key.hex()}  {key.office}" for key in trust.keys)
    return done(text, found, as_json=wish.json)


def open_doors(config: Config, run: RunOrder) -> None:
    """Serve until somebody says stop.

    Raises:
        WriterBusyError: another process is the writer of this database.
        OSError: the address is taken or not ours.
    """
    serve(Service(config, run, _welcome))


def first_account() -> str:
    """Return how to make the first account."""
    return say(
        "Tạo tài khoản đầu tiên: "
        'thumoi user add ten@example.vn --name "Họ và tên" --role officer'
    )


def _welcome(address: str, house: House) -> None:
    lines = [say("%(office)s: %(address)s", office=house.office.name, address=address)]
    if not house.has_officer:
        lines.append(first_account())
    lines.append(say("Dừng: Ctrl-C"))
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    sys.stdout.flush()
