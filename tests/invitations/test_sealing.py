"""Signatures: a letter that was signed, one that was touched, and seals that do not fit."""

from __future__ import annotations

import asyncio
import io
import time
from collections.abc import Callable
from dataclasses import replace
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pypdf
import pytest
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

from invitations.couriers import Attachment
from invitations.couriers.email import EmailCourier
from invitations.couriers.email import Relay as RelayAddress
from invitations.domain.errors import SealError
from invitations.domain.seals import LetterReport, read_report, report_json
from invitations.services import sealwords
from invitations.services.paper import Paper
from invitations.services.sealing import SEAL_MM, Sealing, ToSign, verify
from tests.invitations.authority import (
    OFFICE,
    Authority,
    a_member,
    an_authority,
    keep_seal,
)
from tests.invitations.letterbox import EVENT, LETTERS, a_pass_text, an_errand
from tests.invitations.letterbox import OFFICE as HOST
from tests.invitations.papers_desk import FORM, a_desk, fonts, words
from tests.invitations.relay import Relay
from tests.invitations.timestamps import TimestampServer

YEAR = 365 * 86_400


@pytest.fixture(scope="module")
def authority() -> Authority:
    return an_authority()


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Paper:
    return a_desk(tmp_path_factory.mktemp("offices"))


@pytest.fixture(scope="module")
def sealing(tmp_path_factory: pytest.TempPathFactory, authority: Authority) -> Sealing:
    folder = tmp_path_factory.mktemp("seals")
    keep_seal(folder / "1", a_member(authority, strong=True), picture=True)
    keep_seal(folder / "2", a_member(authority, "Lê Ánh"))
    (folder / "roots").mkdir()
    (folder / "roots" / "co-yeu.pem").write_bytes(authority.pem)
    return Sealing(folder, folder / "roots")


@pytest.fixture(scope="module")
def unsigned(desk: Paper) -> ToSign:
    sheet = desk.sheet(FORM, HOST, EVENT)
    return ToSign(desk.press.pdf(sheet.template, sheet.data), desk.sign_here(sheet))


@pytest.fixture(scope="module")
def signed(sealing: Sealing, unsigned: ToSign) -> bytes:
    return sealing.sign(1, [unsigned], place="Thành phố Hồ Chí Minh").letters[0]


def test_a_signed_letter_tells_who_signed_it_and_when(sealing: Sealing, signed: bytes) -> None:
    report = sealing.verify(signed)

    (signature,) = report.signatures
    assert report.valid
    assert signature.signer == OFFICE
    assert signature.issuer == "Ban Cơ yếu thử nghiệm"
    assert signature.signed_at is not None
    assert abs(signature.signed_at - time.time()) < 120
    assert (signature.whole, signature.changes, signature.timestamped) == (True, "none", False)


def test_a_signed_letter_is_still_the_same_letter(unsigned: ToSign, signed: bytes) -> None:
    assert signed.startswith(unsigned.pdf)
    assert words(signed) == words(unsigned.pdf)
    assert fonts(signed) == fonts(unsigned.pdf)


def test_the_seal_stands_beside_the_signature_in_its_real_size(
    unsigned: ToSign, signed: bytes
) -> None:
    page: Any = pypdf.PdfReader(io.BytesIO(signed)).pages[0]
    (mark,) = [each.get_object() for each in page["/Annots"]]
    left, bottom, right, top = (float(each) / 72 * 25.4 for each in mark["/Rect"])

    spot = unsigned.spot
    assert spot is not None
    assert (round(right - left), round(top - bottom)) == (SEAL_MM, SEAL_MM)
    assert spot.x < left < right < spot.x + spot.width
    assert abs((297 - top + SEAL_MM / 2) - (spot.y + spot.height / 2)) < 1
    assert list(mark["/AP"]["/N"]["/Resources"]["/XObject"]) != []


def test_a_signed_letter_survives_the_mail(sealing: Sealing, signed: bytes) -> None:
    letter = replace(
        LETTERS.mail(an_errand(), a_pass_text()),
        attachments=(Attachment("giay-moi.pdf", "application/pdf", signed),),
    )

    with Relay() as relay:
        asyncio.run(_send(relay.port, letter))
        ((_, content),) = relay.kept

    mail = message_from_bytes(content, policy=policy.default)
    assert isinstance(mail, EmailMessage)
    files = {each.get_filename(): each for each in mail.iter_attachments()}
    assert set(files) - {None} == {"giay-moi.pdf", "invite.ics"}
    arrived = files["giay-moi.pdf"].get_content()
    assert arrived == signed
    assert sealing.verify(arrived).valid


async def _send(port: int, letter: object) -> None:
    courier = EmailCourier(RelayAddress(host="127.0.0.1", port=port, security="none"))
    await courier.carry(letter)  # type: ignore[arg-type]  # a letter, replaced
    await courier.rest()


def flip(pdf: bytes, place: int) -> bytes:
    """Return *pdf* with one bit turned."""
    return pdf[:place] + bytes([pdf[place] ^ 1]) + pdf[place + 1 :]


@pytest.mark.parametrize("part", [0.1, 0.35, 0.6])
def test_one_bit_turned_is_caught(
    sealing: Sealing, unsigned: ToSign, signed: bytes, part: float
) -> None:
    touched = flip(signed, int(len(unsigned.pdf) * part))

    assert not sealing.verify(touched).valid


def careless(report: LetterReport) -> bool:
    """Judge as a reader does who only looks whether there is a signature."""
    return bool(report.signatures)


def test_a_careless_reader_would_not_catch_it(
    sealing: Sealing, unsigned: ToSign, signed: bytes
) -> None:
    report = sealing.verify(flip(signed, len(unsigned.pdf) // 10))

    assert careless(report)
    assert not report.valid


def test_words_added_after_signing_are_caught(sealing: Sealing, signed: bytes) -> None:
    writer: Any = IncrementalPdfFileWriter(io.BytesIO(signed))
    stream = generic.StreamObject(stream_data=b"0 0 200 200 re f")
    writer.add_stream_to_page(0, writer.add_object(stream))
    out = io.BytesIO()
    writer.write(out)

    (signature,) = sealing.verify(out.getvalue()).signatures
    assert (signature.intact, signature.whole, signature.changes) == (True, False, "forbidden")
    assert not signature.valid


def test_two_people_sign_one_after_the_other(sealing: Sealing, signed: bytes) -> None:
    both = sealing.sign(2, [ToSign(signed)]).letters[0]

    report = sealing.verify(both)
    assert report.valid
    assert report.signers == f"{OFFICE}, Lê Ánh"
    assert [(each.whole, each.changes) for each in report.signatures] == [
        (False, "allowed"),
        (True, "none"),
    ]


def test_one_order_signs_many_letters(sealing: Sealing, unsigned: ToSign) -> None:
    done = sealing.sign(2, [unsigned] * 3)

    assert [sealing.verify(each).valid for each in done.letters] == [True] * 3


def test_a_signature_of_nobody_we_know_is_not_trusted(signed: bytes) -> None:
    strangers = an_authority("Nơi khác").pem

    for roots in ([], [strangers]):
        report = verify(signed, roots)
        assert not report.valid
        assert [each.trust for each in report.signatures] == ["unknown-root"]


def test_a_signature_is_judged_at_its_time(sealing: Sealing, signed: bytes) -> None:
    later = sealing.verify(signed, at=int(time.time()) + YEAR)

    assert [each.trust for each in later.signatures] == ["expired"]


def test_a_timestamp_is_told(authority: Authority, sealing: Sealing, unsigned: ToSign) -> None:
    with TimestampServer(authority) as server:
        stamping = replace(sealing, timestamp=server.url)
        stamped = stamping.sign(2, [unsigned]).letters[0]

    (signature,) = sealing.verify(stamped).signatures
    assert (signature.timestamped, signature.valid) == (True, True)


def test_a_timestamp_server_that_is_away_stops_the_signature(
    sealing: Sealing, unsigned: ToSign
) -> None:
    away = replace(sealing, timestamp="http://127.0.0.1:9/tsa")

    with pytest.raises(SealError) as caught:
        away.sign(2, [unsigned])

    assert caught.value.code == "timestamp"


def _wrong_password(folder: Path, authority: Authority) -> None:
    keep_seal(folder, a_member(authority), password="sai")


def _expired(folder: Path, authority: Authority) -> None:
    keep_seal(folder, a_member(authority, days=(-300, -1)))


def _early(folder: Path, authority: Authority) -> None:
    keep_seal(folder, a_member(authority, days=(10, 300)))


def _not_for_signing(folder: Path, authority: Authority) -> None:
    keep_seal(folder, a_member(authority, sign=False))


def _damaged(folder: Path, authority: Authority) -> None:
    keep_seal(folder, a_member(authority))
    (folder / "seal.p12").write_bytes(b"no seal at all")


def _open(folder: Path, authority: Authority) -> None:
    keep_seal(folder, a_member(authority))
    (folder / "seal.p12").chmod(0o644)


def _no_key(_folder: Path, _authority: Authority) -> None:
    """Lay nothing there."""


def _bad_picture(folder: Path, authority: Authority) -> None:
    keep_seal(folder, a_member(authority))
    (folder / "seal.png").write_bytes(b"GIF89a")


@pytest.mark.parametrize(
    ("lay", "code"),
    [
        pytest.param(_wrong_password, "password", id="wrong password"),
        pytest.param(_expired, "expired", id="expired"),
        pytest.param(_early, "not-yet", id="not yet"),
        pytest.param(_not_for_signing, "not-for-signing", id="for another use"),
        pytest.param(_damaged, "damaged", id="damaged"),
        pytest.param(_open, "open", id="readable by all"),
        pytest.param(_no_key, "no-key", id="missing"),
        pytest.param(_bad_picture, "seal-picture", id="no picture"),
    ],
)
def test_a_seal_that_does_not_fit_says_why(
    tmp_path: Path,
    authority: Authority,
    unsigned: ToSign,
    lay: Callable[[Path, Authority], None],
    code: str,
) -> None:
    lay(tmp_path / "1", authority)

    with pytest.raises(SealError) as caught:
        Sealing(tmp_path, tmp_path / "roots").sign(1, [unsigned])

    assert caught.value.code == code
    said = sealwords.refusal(caught.value, lambda text, **values: text % values)
    assert "Không làm được" not in said


def _locked(pdf: bytes) -> bytes:
    writer = pypdf.PdfWriter(clone_from=pypdf.PdfReader(io.BytesIO(pdf)))
    writer.encrypt("mat-khau", algorithm="RC4-128")
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


@pytest.mark.parametrize(
    ("made", "problem"),
    [
        pytest.param(lambda pdf: pdf, "no-signature", id="never signed"),
        pytest.param(lambda _pdf: b"Kinh gui", "not-a-pdf", id="a text"),
        pytest.param(lambda _pdf: b"", "not-a-pdf", id="nothing"),
        pytest.param(lambda pdf: pdf[: len(pdf) // 2], "broken", id="half a file"),
        pytest.param(lambda _pdf: b"%PDF-1.7\n" + b"x" * 500, "broken", id="a shell"),
        pytest.param(_locked, "locked", id="a password"),
    ],
)
def test_a_file_that_is_no_signed_letter_says_what_it_is(
    sealing: Sealing, unsigned: ToSign, made: Callable[[bytes], bytes], problem: str
) -> None:
    report = sealing.verify(made(unsigned.pdf))

    assert (report.problem, report.signatures, report.valid) == (problem, (), False)


def test_a_letter_cannot_be_signed_that_is_no_pdf(sealing: Sealing) -> None:
    with pytest.raises(SealError) as caught:
        sealing.sign(2, [ToSign(b"Kinh gui")])

    assert caught.value.code == "not-a-pdf"


def test_a_file_beyond_measure_is_not_even_opened(sealing: Sealing) -> None:
    with pytest.raises(SealError) as caught:
        sealing.verify(b"%PDF-" + bytes(9 * 1024 * 1024))

    assert caught.value.code == "too-large"


def test_a_report_is_read_as_it_was_written(sealing: Sealing, signed: bytes) -> None:
    report = sealing.verify(signed)

    assert read_report(report_json(report)) == report
