"""The whole chain of a mail: words, pass, picture, calendar, bytes, delivery.

Measured three times in the same run and into the same sink: our way, from the outbox on; the
plain library way (qrcode, icalendar, `EmailMessage`, one SMTP connection for each message);
and Postfix's `smtp-source` with messages of the same size, which only sends.
"""

from __future__ import annotations

import os
import smtplib
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email import policy
from email.headerregistry import Address
from email.message import EmailMessage
from pathlib import Path

from checkin.bench import postfix
from checkin.bench.alone import a_pass, guest_list
from checkin.bench.measures import Measure
from checkin.config import templates_dir
from checkin.demo.processes import DemoError
from checkin.demo.sinks import HOST
from checkin.storage.schema import migrate
from invitations.couriers.email import EmailCourier, Relay
from invitations.couriers.message import PICTURE_ID, build
from invitations.domain.model import Actor, Gate, Office
from invitations.domain.outbox import Delivery, Errand
from invitations.domain.plans import Plan
from invitations.services import drawing, plainqr
from invitations.services.importing import Importing
from invitations.services.issuing import Issuing
from invitations.services.keyring import Keyring
from invitations.services.letters import Letters
from invitations.services.offices import Offices
from invitations.services.planning import Planning
from invitations.services.postman import Postman
from invitations.services.scribe import Scribe
from invitations.services.sending import Sending
from invitations.storage.database import Database

GUESTS, PLAIN, SOURCE = 2_000, 60, 1_500
LINES = 4
WHOLE_BYTES = 59_000
SENDER = "thumoi@vp.example"
MILLISECONDS = 1_000


@dataclass(frozen=True)
class Cost:
    """What *count* letters cost: seconds on the clock, and of this process's processor."""

    count: int
    seconds: float
    cpu: float

    @property
    def each_ms(self) -> float:
        """Milliseconds of the processor for one letter."""
        return self.cpu * MILLISECONDS / self.count

    @property
    def per_second(self) -> float:
        """Letters a second by the clock."""
        return self.count / self.seconds


def chain(folder: Path) -> Iterator[Measure]:
    """Measure guests per second of the processor for the whole chain, and its parts."""
    room = folder / "chain"
    room.mkdir()
    house = _Office(room)
    try:
        with postfix.sink() as sink:
            plain = house.plain_way(sink.port)
            prepared = house.preparation()
            before = _source(sink.port)
            ours = house.our_way(sink.port)
            after = _source(sink.port)
    finally:
        house.database.close()
    yield Measure("preparation", prepared.each_ms, "ms CPU", {}, 0.4, least=False)
    more = {
        "cpu_ms_each": ours.each_ms,
        "per_second": ours.per_second,
        "bytes_each": float(house.bytes_each),
    }
    notes: dict[str, str | None] = {"sink": sink.name}
    yield Measure("chain", MILLISECONDS / ours.each_ms, "/CPU-s", more, notes=notes)
    against = {
        "plain_per_cpu_second": MILLISECONDS / plain.each_ms,
        "plain_per_second": plain.per_second,
    }
    yield Measure("chain_to_plain", plain.each_ms / ours.each_ms, "x", against, 10)
    yield _beside_source(ours, [rate for rate in (before, after) if rate])


def _source(port: int) -> postfix.Rate | None:
    return postfix.source(port, messages=SOURCE, size=WHOLE_BYTES, lines=LINES)


def _beside_source(ours: Cost, rates: list[postfix.Rate]) -> Measure:
    """Return our letters a second as a share of what Postfix's sender only sends."""
    name, unit, aim = "chain_to_smtp_source", "%", 30
    if not rates:
        why = "smtp-source (Debian: postfix) is not on this machine"
        return Measure(name, 0, unit, notes={"not_measured": why})
    per_second = sum(rate.per_second for rate in rates) / len(rates)
    more = {
        "smtp_source_per_second": per_second,
        "smtp_source_per_cpu_second": sum(each.per_cpu_second for each in rates) / len(rates),
    }
    return Measure(name, 100 * ours.per_second / per_second, unit, more, aim)


class _Office:
    """An office with one event, its guests and their invitations, in *folder*."""

    def __init__(self, folder: Path) -> None:
        self.database = Database(f"sqlite:///{folder / 'chain.db'}")
        migrate(self.database)
        office = Office(1, "Văn phòng Ủy ban nhân dân Thành phố")
        Offices(self.database).ensure(office)
        self._actor = Actor("bench", 1, "officer", 1)
        self._keyring = Keyring(self.database, folder / "keys")
        self._pdf = os.urandom(WHOLE_BYTES // 2 - 2_000)
        self._letters = Letters(
            templates_dir(), "https://moi.example", SENDER, lambda *_asked: self._pdf
        )
        self._scribe = Scribe(self._letters, self._keyring)
        self._event = self._plan()
        path = folder / "chain.xlsx"
        guest_list(path, GUESTS)
        Importing(self.database).import_file(path, self._event, self._actor)
        sending = Sending(self.database, self._letters, self._keyring)
        self._sending = sending.send(
            self._event, self._actor, self._letters.standard_words(), ("email",)
        )
        self.bytes_each = 0

    def our_way(self, port: int) -> Cost:
        """Empty the outbox into the sink."""
        relay = Relay(
            HOST, port, security="none", max_connections=LINES, messages_per_connection=GUESTS
        )
        postman = Postman(
            self.database, self._letters, self._keyring, {"email": EmailCourier(relay)}
        )
        drawing.png(a_pass(1, bytes(32)))  # the table of pictures is made once in a life
        return _cost(GUESTS, lambda: _must(postman.run_until_empty(give_up_s=120)))

    def preparation(self) -> Cost:
        """Write and build the letters, and throw them away."""
        errands = self._errands()[:500]
        self._build(errands[0])

        def work() -> None:
            for errand in errands:
                self.bytes_each = len(self._build(errand))

        return _cost(len(errands), work)

    def plain_way(self, port: int) -> Cost:
        """Write, build and send letters by the libraries alone, as most programs would."""
        errands = self._errands()[:PLAIN]

        def work() -> None:
            for errand in errands:
                mail = self._plain_mail(errand)
                with smtplib.SMTP(HOST, port) as line:
                    line.send_message(mail, f"bounce@{SENDER}", errand.delivery.address)

        return _cost(len(errands), work)

    def _build(self, errand: Errand) -> bytes:
        return build(self._scribe.write(errand))

    def _plain_mail(self, errand: Errand) -> EmailMessage:
        text = Issuing(self.database, self._keyring).pass_text(errand.invitation)
        letter = self._letters.mail(errand, a_pass(1, bytes(32)))
        request = self._letters.calendar_file(
            errand.office, errand.event, errand.invitation, errand.written_at
        )
        mail = EmailMessage(policy=policy.SMTP)
        mail["From"] = Address(letter.sender_name, addr_spec=letter.sender)
        mail["To"] = Address(letter.name, addr_spec=letter.address)
        mail["Subject"] = letter.subject
        mail.set_content(letter.text)
        mail.add_alternative(letter.html, subtype="html")
        _, page = mail.iter_parts()
        picture = plainqr.png(text)
        page.add_related(picture, "image", "png", cid=f"<{PICTURE_ID}>")
        mail.add_alternative(request.decode(), subtype="calendar", params={"method": "PUBLISH"})
        mail.add_attachment(self._pdf, "application", "pdf", filename="giay-moi.pdf")
        return mail

    def _errands(self) -> list[Errand]:
        event = Planning(self.database).event(self._event, self._actor).event
        (office,) = Offices(self.database).every()
        words = self._letters.standard_words()
        found = []
        issuing = Issuing(self.database, self._keyring)
        for number, holder in enumerate(issuing.holders(self._event, self._actor), 1):
            guest, invitation = holder.guest, holder.invitation
            reference = self._letters.message_id(invitation.tag, 0)
            delivery = Delivery(
                number, 1, invitation.id, "email", guest.email, reference, 0, 0, event.starts_at
            )
            errand = Errand(delivery, office, event, guest, invitation, words, event.starts_at)
            found.append(errand)
        return found

    def _plan(self) -> int:
        starts_at = int(time.time()) + 20 * 86_400
        plan = Plan(
            title="Họp báo định kỳ",
            place="Hội trường A",
            starts_at=starts_at,
            ends_at=starts_at + 7_200,
            opens_at=starts_at - 1_800,
            closes_at=starts_at + 7_200,
            gates=(Gate(0, "A"),),
        )
        planned = Planning(self.database).create(plan, self._actor)
        if planned.event is None:
            raise DemoError("chain", str(planned))
        return planned.event.id


def _cost(count: int, work: Callable[[], object]) -> Cost:
    cpu, clock = time.process_time(), time.perf_counter()
    work()
    return Cost(count, time.perf_counter() - clock, time.process_time() - cpu)


def _must(done: bool) -> None:  # noqa: FBT001 - an answer is judged here
    if not done:
        raise DemoError("chain", "the outbox did not become empty")
