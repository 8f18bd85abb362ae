"""``thumoi``: what a person or a script can type, and how it answers.

Exit codes: 0 done, 1 refused or disagreed, 2 wrong use.
"""

from __future__ import annotations

import getpass
import importlib
import os
import sys
from argparse import Namespace
from collections.abc import Sequence

from checkin.commands import house, journals, letters, lists, vectors
from checkin.commands.parser import build_parser
from checkin.commands.room import DONE, REFUSED, WRONG_USE, Room, Work
from checkin.commands.users import PASSWORD
from checkin.config import Config, read_config
from checkin.control import Answer, Order, ask
from checkin.doctor import examine
from checkin.opening import caretaker, prepare
from checkin.settings import ConfigError
from checkin.words import language, say, speaking, teach_argparse
from invitations.domain.errors import KeyFileError, OfficeError, WriterBusyError
from invitations.storage.database import Database

STATION = "scanner.__main__"
ELSEWHERE = {
    "station": STATION,
    "pair": STATION,
    "read-pictures": STATION,
    "demo": "checkin.demo.__main__",
    "bench": "checkin.bench.__main__",
}


def main(words: Sequence[str] | None = None) -> int:
    """Do what *words* (or the command line) say; return the exit code."""
    typed = list(sys.argv[1:] if words is None else words)
    teach_argparse()
    if typed and typed[0] in ELSEWHERE:
        return _go_elsewhere(typed)
    wish = build_parser().parse_args(typed)
    os.umask(0o077)  # what is written here is nobody else's business
    try:
        return _say(_do(wish, typed))
    except ConfigError as error:
        return _say(Answer(WRONG_USE, "", f"{error}\n"))
    except KeyboardInterrupt:
        return REFUSED
    except (OfficeError, OSError) as error:
        return _say(Answer(REFUSED, "", f"{trouble(error)}\n"))


def run_order(order: Order, config: Config, database: Database) -> Answer:
    """Do the command of *order* in *database*, in the language of whoever typed it."""
    with speaking(order.language):
        try:
            wish = build_parser().parse_args(order.words)
            found = prepare(config, database)
            actor = caretaker(found.office, order.login)
            work: Work = wish.work
            return work(wish, Room(config, database, found.office, actor, order))
        except (OfficeError, OSError) as error:
            return Answer(REFUSED, "", f"{trouble(error)}\n")
        except SystemExit as stop:
            return Answer(int(stop.code or DONE))


def trouble(error: Exception) -> str:
    """Return what went wrong and what to do, for whoever sits at the terminal."""
    if isinstance(error, WriterBusyError):
        return say(
            "Một tiến trình khác đang ghi vào %(database)s. Hãy dừng tiến trình đó trước.",
            database=error,
        )
    if isinstance(error, KeyFileError):
        return say("Tệp khóa ký có vấn đề: %(what)s. Xem: thumoi doctor", what=error)
    return say("Không làm được: %(what)s", what=error)


def _do(wish: Namespace, typed: list[str]) -> Answer:
    if wish.command == "vectors":
        return vectors.compare(wish)
    if wish.command == "import" and wish.dry_run:
        return lists.preview(wish)
    if wish.command == "verify-journal" and wish.file is not None:
        return journals.examine(wish)
    config = read_config(wish.config)
    if wish.command == "verify-letter":
        return letters.examine(wish, config)
    if wish.command == "doctor":
        return examine(config, as_json=wish.json)
    if wish.command == "serve":
        house.open_doors(_with_port(config, wish), run_order)
        return Answer()
    return _at_the_house(wish, typed, config)


def _at_the_house(wish: Namespace, typed: list[str], config: Config) -> Answer:
    """Have a running server do it; without one, do it here under the writer's lock."""
    files: dict[str, bytes] = {}
    if wish.command == "import":
        if wish.event is None:
            return Answer(WRONG_USE, "", say("Cần --event SỐ hoặc --dry-run.") + "\n")
        try:
            files[lists.LIST] = wish.file.read_bytes()
        except OSError:
            return lists.file_refused(lists.unreadable(), wish)
    if getattr(wish, "asks_password", False):
        files.update(_ask_password(wish))
    order = Order(tuple(typed), files, getpass.getuser(), language())
    if config.data.is_dir() and (answer := ask(config.data, order)) is not None:
        return answer
    database = Database(config.database)
    try:
        return run_order(order, config, database)
    finally:
        database.close()


def _ask_password(wish: Namespace) -> dict[str, bytes]:
    if wish.password_stdin:
        return {PASSWORD: sys.stdin.buffer.readline()}
    if wish.generate or not sys.stdin.isatty():
        return {}
    typed = getpass.getpass(say("Mật khẩu (để trống: tạo tự động): "))
    return {PASSWORD: typed.encode()} if typed else {}


def _with_port(config: Config, wish: Namespace) -> Config:
    server = config.server
    host = server.host if wish.host is None else wish.host
    return config.at(host, server.port if wish.port is None else wish.port)


def _go_elsewhere(typed: list[str]) -> int:
    """Hand the rest to the room that knows; the station, for one, is another program."""
    program = importlib.import_module(ELSEWHERE[typed[0]])
    words = typed if ELSEWHERE[typed[0]] == STATION else typed[1:]
    return int(program.main(words) or DONE)


def _say(answer: Answer) -> int:
    sys.stdout.write(answer.out)
    sys.stderr.write(answer.err)
    return answer.code


if __name__ == "__main__":
    sys.exit(main())
