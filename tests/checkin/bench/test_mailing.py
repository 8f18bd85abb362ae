"""The bench's sinks, and ten thousand guests mailed by a server that is looked at meanwhile."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from checkin.bench import postfix
from checkin.bench.mailing import mailing
from checkin.bench.measures import table
from invitations.couriers.email import EmailCourier, Relay
from tests.invitations.letterbox import LETTERS, a_pass_text, an_errand

MAIL = LETTERS.mail(an_errand(), a_pass_text())


def carried(port: int, count: int) -> list[str]:
    async def work() -> list[str]:
        courier = EmailCourier(Relay("127.0.0.1", port, security="none", timeout_s=5))
        letters = [replace(MAIL, address=f"khach{number}@x.vn") for number in range(count)]
        receipts = [await courier.carry(letter) for letter in letters]
        await courier.rest()
        return receipts

    return asyncio.run(work())


def test_a_machine_without_postfix_has_our_own_sink(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postfix, "found", lambda _name: None)

    with postfix.sink() as sink:
        receipts = carried(sink.port, 12)
        rate = postfix.source(sink.port, messages=1, size=100, lines=1)

    assert (sink.name, receipts, rate) == ("own", ["4711"] * 12, None)


def test_postfix_takes_our_letters_and_its_own() -> None:
    with postfix.sink() as sink:
        receipts = carried(sink.port, 12)
        rate = postfix.source(sink.port, messages=20, size=5_000, lines=2)

    assert (sink.name, len(receipts)) == ("smtp-sink", 12)
    assert rate is not None
    assert rate.per_second > 1


@pytest.mark.nightly
def test_ten_thousand_guests_are_mailed_while_the_page_answers(tmp_path: Path) -> None:
    taken_in, sent = mailing(tmp_path, 10_000)

    shown = table([taken_in, sent])
    assert sent.more["mails"] == 10_000, shown
    assert sent.more["page_ms_p95"] < 1_000, shown
    assert sent.more["megabytes_peak"] - sent.more["megabytes_before"] < 64, shown
