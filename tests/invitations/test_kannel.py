"""Kannel, the real one, with its fake network: texts arrive as written, and so do reports."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import func, select

from invitations.couriers import Letter
from invitations.couriers.callbacks import Callback
from invitations.couriers.gateways import Gateway
from invitations.couriers.gateways import Kannel as OurKannel
from invitations.couriers.sms import SmsCourier
from invitations.domain.wording import Words
from invitations.services.receipts import Receipts
from invitations.storage.database import Database
from invitations.storage.tables import deliveries
from tests.invitations.kannel import Kannel, installed
from tests.invitations.outboxes import House, a_house

pytestmark = pytest.mark.skipif(
    not installed(), reason="needs Debian's kannel and kannel-extras; `make test` installs them"
)
GUESTS = 12
MARKED = Words("Giấy mời", "Kính mời", sms="Mời dự họp báo, mã {ma_cua}", accented=True)


@contextmanager
def reports_to(database: Database) -> Iterator[str]:
    """Open the entrance at which Kannel reports; give its address, secret included."""
    heard: list[Receipts] = []

    class Entrance(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            where = urlsplit(self.path)
            query = {name: values[0] for name, values in parse_qs(where.query).items()}
            good = heard[0].take(where.path.rpartition("/")[2], Callback(query=query))
            self.send_response(204 if good else 404)
            self.end_headers()

        def log_message(self, *_args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Entrance)
    address = f"http://127.0.0.1:{server.server_port}/kin"
    heard.append(Receipts(database, Gateway("https://x.vn/"), "kin"))
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    yield address
    server.shutdown()
    server.server_close()


def reported(house: House) -> dict[str, int]:
    with house.database.read() as connection:
        rows = connection.execute(
            select(deliveries.c.report, func.count()).group_by(deliveries.c.report)
        )
        return {str(row[0]): int(row[1]) for row in rows}


def send_all(house: House, gateway: Gateway) -> None:
    house.send("sms", words=MARKED)
    house.postman({"sms": SmsCourier(gateway)}).run_until_empty(give_up_s=30)


def test_texts_arrive_with_their_marks_and_are_reported(
    sqlite_database: Database, tmp_path: Path
) -> None:
    house = a_house(sqlite_database, tmp_path / "keys", people=GUESTS)
    with Kannel(tmp_path) as kannel, reports_to(sqlite_database) as callback:
        gateway = Gateway(
            kannel.url, username="moi", password="x", sender="UBND", callback=callback
        )
        send_all(house, gateway)
        ends = time.monotonic() + 20
        while reported(house) != {"delivered": GUESTS} and time.monotonic() < ends:
            time.sleep(0.1)
        arrived = [line for line in kannel.log("network").splitlines() if "Got message" in line]

    assert reported(house) == {"delivered": GUESTS}
    assert house.states() == {"accepted": GUESTS}
    assert len(arrived) == GUESTS
    assert all(" ucs-2 " in line and "?" not in line for line in arrived)


def test_a_gateway_not_told_of_the_marks_would_be_seen(
    sqlite_database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A seeded bug: without its coding Kannel takes the text, and the phone shows "M?i"."""
    house = a_house(sqlite_database, tmp_path / "keys", people=1)
    told = OurKannel.request

    def hushed(self: OurKannel, gateway: Gateway, letter: Letter) -> dict[str, object]:
        asked = told(self, gateway, letter)
        asked["params"].pop("coding")
        return asked

    monkeypatch.setattr(OurKannel, "request", hushed)
    with Kannel(tmp_path) as kannel:
        send_all(house, Gateway(kannel.url, username="moi", password="x", sender="UBND"))
        ends = time.monotonic() + 10
        while "Got message" not in kannel.log("network") and time.monotonic() < ends:
            time.sleep(0.05)
        said = kannel.log("network")

    assert "M?i d? h?p b?o" in said
