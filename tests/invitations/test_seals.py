"""Seals of mails: they hold after a real relay and a real mailbox, and break when touched."""

from __future__ import annotations

import asyncio
import base64
import imaplib
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import dkim
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa

from invitations.couriers import Attachment, Letter
from invitations.couriers.email import EmailCourier
from invitations.couriers.email import Relay as RelayAddress
from invitations.couriers.headers import inspect
from invitations.couriers.message import build
from invitations.couriers.seals import Dkim, Seals, Smime
from invitations.domain.errors import CourierError
from invitations.domain.outbox import cause
from invitations.services.sealing import Sealing, ToSign
from tests.invitations.authority import PASSWORD, a_member, an_authority, keep_seal
from tests.invitations.letterbox import EVENT, LETTERS, OFFICE, a_pass_text, an_errand
from tests.invitations.mailbox import a_mailbox, kept
from tests.invitations.papers_desk import FORM, a_desk
from tests.invitations.relay import Relay

DOMAIN, SELECTOR = "vp.example.vn", "moi"
LETTER = LETTERS.mail(an_errand(), a_pass_text())
CALENDAR = base64.b64encode(b"BEGIN:VCALENDAR")
HARD = replace(LETTER, text="Kính gửi Bà\n.\n..\n.hết\n" + "." * 200 + "\n" + "ầ x" * 2_000)


@dataclass(frozen=True)
class House:
    """An office with a DKIM key, a seal in ``seals/1`` and an authority, all in *folder*."""

    folder: Path
    record: bytes

    @property
    def smime(self) -> Smime:
        seal = self.folder / "seals" / "1"
        return Smime(seal / "seal.p12", password_file=seal / "password")

    @property
    def dkim(self) -> Dkim:
        return Dkim(DOMAIN, SELECTOR, self.folder / "dkim.pem")

    @property
    def sealing(self) -> Sealing:
        return Sealing(self.folder / "seals", self.folder / "roots")

    def dkim_holds(self, mail: bytes) -> bool:
        """Ask as a receiving server does, with our record as the name server has it."""
        records = {f"{SELECTOR}._domainkey.{DOMAIN}.".encode(): self.record}
        return bool(dkim.verify(mail, dnsfunc=lambda name, **_: records.get(name)))

    def smime_holds(self, mail: bytes) -> bool:
        """Ask OpenSSL, which knows nothing of how we made it."""
        root = self.folder / "roots" / "root.pem"
        asked = subprocess.run(
            ["openssl", "smime", "-verify", "-CAfile", root, "-out", "/dev/null"],
            input=mail,
            capture_output=True,
            check=False,
            timeout=20,
        )
        return asked.returncode == 0


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> House:
    folder = tmp_path_factory.mktemp("house")
    authority = an_authority()
    keep_seal(folder / "seals" / "1", a_member(authority, strong=True))
    (folder / "roots").mkdir()
    (folder / "roots" / "root.pem").write_bytes(authority.pem)
    key = rsa.generate_private_key(public_exponent=65_537, key_size=2_048)
    (folder / "dkim.pem").write_bytes(pem(key))
    public = key.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return House(folder, b"v=DKIM1; k=rsa; p=" + base64.b64encode(public))


@pytest.fixture(scope="module")
def inbox() -> Iterator[imaplib.IMAP4]:
    with a_mailbox() as line:
        yield line


def pem(key: rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def travelled(letter: Letter, seals: Seals) -> bytes:
    """Return what a relay has of *letter* when the courier has handed it over."""

    async def work(port: int) -> None:
        courier = EmailCourier(RelayAddress("127.0.0.1", port, security="none", seals=seals))
        await courier.carry(letter)
        await courier.rest()

    with Relay() as relay:
        asyncio.run(work(relay.port))
        ((_, content),) = relay.kept
    return content


def test_both_seals_hold_after_relay_and_mailbox(house: House, inbox: imaplib.IMAP4) -> None:
    mail = travelled(HARD, Seals(house.smime, house.dkim))
    fetched = kept(inbox, mail)

    assert [house.dkim_holds(each) for each in (mail, fetched)] == [True, True]
    assert [house.smime_holds(each) for each in (mail, fetched)] == [True, True]


def test_each_seal_holds_alone(house: House, inbox: imaplib.IMAP4) -> None:
    by_domain = kept(inbox, travelled(HARD, Seals(dkim=house.dkim)))
    by_office = kept(inbox, travelled(HARD, Seals(smime=house.smime)))

    assert (house.dkim_holds(by_domain), house.smime_holds(by_domain)) == (True, False)
    assert (house.dkim_holds(by_office), house.smime_holds(by_office)) == (False, True)


def test_without_seals_a_mail_leaves_as_it_was() -> None:
    made = build(LETTER)

    assert Seals().seal(made, LETTER) == made


def test_the_guest_reads_the_same_words_under_a_seal(house: House) -> None:
    made = build(HARD)
    sealed = Seals(house.smime, house.dkim).seal(made, HARD)

    assert made.partition(b"\r\nContent-Type: ")[2] in sealed
    assert plain(sealed) == plain(made)


def plain(mail: bytes) -> str:
    found = message_from_bytes(mail, policy=policy.default)
    assert isinstance(found, EmailMessage)
    texts = [each for each in found.walk() if each.get_content_type() == "text/plain"]
    assert len(texts) == 1
    return str(texts[0].get_content())


def test_the_signed_letter_in_a_sealed_mail_still_verifies(
    house: House, inbox: imaplib.IMAP4, tmp_path: Path
) -> None:
    desk = a_desk(tmp_path)
    sheet = desk.sheet(FORM, OFFICE, EVENT)
    order = ToSign(desk.press.pdf(sheet.template, sheet.data), desk.sign_here(sheet))
    signed = house.sealing.sign(1, [order]).letters[0]
    letter = replace(
        LETTER, attachments=(Attachment("giay-moi.pdf", "application/pdf", signed),)
    )

    fetched = kept(inbox, travelled(letter, Seals(house.smime, house.dkim)))

    (arrived,) = [
        each.get_payload(decode=True)
        for each in message_from_bytes(fetched).walk()
        if each.get_content_type() == "application/pdf"
    ]
    assert arrived == signed
    assert house.sealing.verify(signed).valid
    assert (house.dkim_holds(fetched), house.smime_holds(fetched)) == (True, True)


def flipped(mail: bytes, mark: bytes) -> bytes:
    """Return *mail* with one bit turned in the letter that follows *mark*."""
    at = mail.index(mark) + len(mark)
    return mail[:at] + bytes([mail[at] ^ 1]) + mail[at + 1 :]


@pytest.mark.parametrize(
    ("mark", "expected"),
    [
        pytest.param(b"\r\nSubject: =?utf-8?b?", (False, True), id="the subject"),
        pytest.param(b"image/png; name=", (False, False), id="a part's header"),
        pytest.param(CALENDAR, (False, False), id="the calendar"),
    ],
)
def test_one_bit_turned_is_caught(
    house: House, mark: bytes, expected: tuple[bool, bool]
) -> None:
    sealed = Seals(house.smime, house.dkim).seal(build(LETTER), LETTER)

    touched = flipped(sealed, mark)

    assert (house.dkim_holds(touched), house.smime_holds(touched)) == expected


def test_a_second_sender_put_on_top_is_caught(house: House) -> None:
    sealed = Seals(dkim=house.dkim).seal(build(LETTER), LETTER)

    assert not house.dkim_holds(b"From: <ai-do@x.example.vn>\r\n" + sealed)


def test_a_mail_written_anew_on_its_way_is_caught(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A seeded bug: a courier that parses the sealed mail and writes it again."""
    seal = Seals.seal
    again = policy.SMTP.clone(refold_source="all", cte_type="8bit")

    def written_anew(seals: Seals, made: bytes, letter: Letter) -> bytes:
        return message_from_bytes(seal(seals, made, letter), policy=again).as_bytes()

    monkeypatch.setattr(Seals, "seal", written_anew)
    mail = travelled(HARD, Seals(house.smime, house.dkim))

    assert plain(mail) == plain(build(HARD))
    assert not house.dkim_holds(mail)


def _none(_file: Path) -> None:
    """Lay nothing there."""


def _no_key(file: Path) -> None:
    file.write_bytes(b"no key at all")


def _other_kind(file: Path) -> None:
    file.write_bytes(pem(ed25519.Ed25519PrivateKey.generate()))


@pytest.mark.parametrize("lay", [_none, _no_key, _other_kind])
def test_a_key_that_does_not_fit_holds_the_post_and_blames_no_guest(
    tmp_path: Path, lay: Callable[[Path], None]
) -> None:
    lay(tmp_path / "key")

    for seals in (
        Seals(dkim=Dkim(DOMAIN, SELECTOR, tmp_path / "key")),
        Seals(smime=Smime(tmp_path / "key", PASSWORD)),
    ):
        with pytest.raises(CourierError) as caught:
            seals.seal(build(LETTER), LETTER)

        assert (cause(caught.value), caught.value.relay) == ("seal", True)


def test_a_wrong_password_holds_the_post(house: House) -> None:
    with pytest.raises(CourierError) as caught:
        replace(house.smime, password="sai", password_file=None).check()

    assert cause(caught.value) == "seal"


def test_the_guard_takes_the_headers_of_the_seals_and_no_others(house: House) -> None:
    sealed = Seals(house.smime, house.dkim).seal(build(LETTER), LETTER)

    inspect(sealed, LETTER, added=("DKIM-Signature",))
    for wrong, added in (
        (sealed, ()),
        (b"Bcc: <x@y.vn>\r\n" + sealed, ("DKIM-Signature",)),
        (build(LETTER), ("DKIM-Signature",)),
    ):
        with pytest.raises(CourierError) as caught:
            inspect(wrong, LETTER, added=added)

        assert cause(caught.value) == "header"


def test_the_passwords_of_seals_are_not_printed() -> None:
    printed = repr(RelayAddress("x.vn", seals=Seals(Smime(Path("a"), "bí mật"))))

    assert "bí mật" not in printed
