"""The couriers, against a real mail server and a real web server on this machine."""

import asyncio
import json
import socket
from collections.abc import Sequence
from dataclasses import replace
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest

from invitations.couriers import Courier, Letter
from invitations.couriers.email import EmailCourier, Relay
from invitations.couriers.gateways import Gateway
from invitations.couriers.sms import SmsCourier
from invitations.domain.errors import CourierError
from invitations.domain.outbox import cause
from tests.invitations import relay
from tests.invitations.letterbox import LETTERS, a_pass_text, an_errand

MAIL = LETTERS.mail(an_errand(), a_pass_text())
TEXT = LETTERS.text_message(an_errand("sms"))


def mail_to(address: str) -> Letter:
    return replace(MAIL, address=address)


def carry(courier: Courier, letters: Sequence[Letter]) -> list[str | CourierError]:
    """Carry *letters* one after the other; return receipts and troubles."""

    async def work() -> list[str | CourierError]:
        answers: list[str | CourierError] = []
        for letter in letters:
            try:
                answers.append(await courier.carry(letter))
            except CourierError as error:
                answers.append(error)
        await courier.rest()
        return answers

    return asyncio.run(work())


def trouble(courier: Courier, letter: Letter) -> CourierError:
    answer = carry(courier, [letter])[0]
    assert isinstance(answer, CourierError)
    return answer


def at(port: int) -> EmailCourier:
    return EmailCourier(
        Relay("127.0.0.1", port, security="none", timeout_s=2, messages_per_connection=3)
    )


def free_port() -> int:
    with socket.socket() as line:
        line.bind(("127.0.0.1", 0))
        return int(line.getsockname()[1])


def test_a_mail_arrives_as_it_was_written() -> None:
    with relay.Relay() as here:
        receipts = carry(at(here.port), [MAIL])

    assert receipts == ["ABC123"]
    assert [address for address, _ in here.kept] == [MAIL.address]
    assert here.senders == {f"bounce+{MAIL.tag}@vp.example.vn": 1}
    assert here.ids() == {MAIL.address: {f"<{MAIL.reference}>"}}


DOTS = "Kính gửi Bà\n.\n..\n.hết\n" + "." * 200


def dotted(text: str) -> str:
    """Return the plain text that arrived when *text* was sent."""
    with relay.Relay() as here:
        carry(at(here.port), [replace(MAIL, text=text)])
    mail = message_from_bytes(here.kept[0][1], policy=policy.default)
    assert isinstance(mail, EmailMessage)
    body = mail.get_body(("plain",))
    assert body is not None
    return str(body.get_content()).replace("\r\n", "\n").rstrip("\n")


def test_lines_of_dots_arrive_as_they_were_written() -> None:
    assert dotted(DOTS) == DOTS


def test_dots_left_alone_would_be_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """A seeded bug: a line that begins with a dot loses it on the way, or ends the letter."""
    monkeypatch.setattr(
        "invitations.couriers.message._printable", lambda line: line.encode() + b"\r\n"
    )
    with relay.Relay() as here:
        error = trouble(at(here.port), replace(MAIL, text=f".{DOTS}"))

    assert (error.code, error.permanent, here.kept) == ("header", True, [])


def test_a_line_is_used_again_but_not_for_ever() -> None:
    letters = [mail_to(f"khach{number}@x.vn") for number in range(7)]
    with relay.Relay() as here:
        carry(at(here.port), letters)

    assert (len(here.kept), here.lines) == (7, 3)


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("550 5.1.1 No such user", ("address", True, False, False)),
        ("550 5.7.1 Not allowed", ("policy", True, False, False)),
        ("552 5.2.2 Mailbox full", ("full", True, False, False)),
        ("451 4.7.1 Greylisted", ("busy", False, False, False)),
        ("450 Try again", ("busy", False, False, False)),
        ("452 4.2.2 Full", ("full", False, False, False)),
        ("421 4.3.2 Closing", ("relay", False, True, False)),
    ],
)
def test_a_refused_guest_is_told_from_an_ill_relay(
    answer: str, expected: tuple[str, bool, bool, bool]
) -> None:
    with relay.Relay(rcpt={MAIL.address: [answer]}) as here:
        error = trouble(at(here.port), MAIL)

    assert (cause(error), error.permanent, error.relay, error.uncertain) == expected
    assert here.kept == []


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("554 5.7.1 Spam", ("policy", True, False, False)),
        ("451 4.3.0 Later", ("busy", False, False, False)),
        (relay.DROP_BEFORE, ("uncertain", False, False, True)),
        (relay.DROP_AFTER, ("uncertain", False, False, True)),
    ],
)
def test_silence_after_the_letter_is_uncertain_and_a_word_is_not(
    answer: str, expected: tuple[str, bool, bool, bool]
) -> None:
    with relay.Relay(data={MAIL.address: [answer]}) as here:
        error = trouble(at(here.port), MAIL)

    assert (cause(error), error.permanent, error.relay, error.uncertain) == expected


def test_our_own_address_refused_is_no_guests_fault() -> None:
    with relay.Relay(mail=["550 5.7.1 Who are you"]) as here:
        error = trouble(at(here.port), MAIL)

    assert (cause(error), error.relay) == ("sender", True)


def test_after_a_refusal_the_next_guest_is_served() -> None:
    with relay.Relay(rcpt={"a@x.vn": ["550 5.1.1 No"]}) as here:
        answers = carry(at(here.port), [mail_to("a@x.vn"), mail_to("b@x.vn")])

    assert [isinstance(each, CourierError) for each in answers] == [True, False]


def test_a_relay_that_is_down_is_ill() -> None:
    error = trouble(at(free_port()), MAIL)

    assert (cause(error), error.relay) == ("unreachable", True)


def test_letters_never_leave_without_tls_for_another_machine() -> None:
    with pytest.raises(ValueError, match="TLS"):
        Relay("mail.example.vn", security="none")


def test_a_relay_without_starttls_gets_neither_password_nor_letter() -> None:
    with relay.Relay() as here:
        wary = EmailCourier(
            Relay("127.0.0.1", here.port, username="moi", password="bí mật", timeout_s=2)
        )
        error = trouble(wary, MAIL)

    assert (error.relay, here.kept, here.senders) == (True, [], {})


def test_a_cancelled_letter_closes_its_line() -> None:
    async def work(courier: EmailCourier) -> None:
        task = asyncio.create_task(courier.carry(MAIL))
        await asyncio.sleep(0.3)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await courier.rest()

    with socket.create_server(("127.0.0.1", 0)) as deaf:
        asyncio.run(work(at(deaf.getsockname()[1])))
        line, _ = deaf.accept()
        with line:
            line.settimeout(5)
            received = line.recv(1_000)

    assert received == b""


def kannel(url: str, kind: str = "kannel") -> SmsCourier:
    return SmsCourier(
        Gateway(url, kind=kind, username="moi", password="secret", sender="UBND", timeout_s=1)
    )


def test_a_plain_text_goes_out_in_the_basic_alphabet() -> None:
    with relay.Gateway() as here:
        receipts = carry(kannel(here.url), [TEXT])

    assert receipts == ["0: Accepted for delivery"]
    assert here.taken == [
        {
            "username": "moi",
            "password": "secret",
            "from": "UBND",
            "to": "+84903123456",
            "text": TEXT.text,
            "charset": "UTF-8",
        }
    ]


def test_an_accented_text_is_marked_as_such() -> None:
    """Without coding=2 Kannel answers 202 and the guest reads "Gi?y m?i h?p b?o"."""
    with relay.Gateway() as here:
        carry(kannel(here.url), [replace(TEXT, text="Giấy mời họp báo")])

    assert (here.taken[0]["text"], here.taken[0]["coding"]) == ("Giấy mời họp báo", "2")


def test_a_plain_json_gateway_gets_our_reference() -> None:
    with relay.Gateway() as here:
        here.answers = [(200, '{"id": "77"}')]
        receipts = carry(kannel(here.url, "json"), [TEXT])

    assert receipts == ["77"]
    assert here.taken[0]["bearer"] == "Bearer secret"
    assert json.loads(here.taken[0]["json"]) == {
        "ref": TEXT.reference,
        "to": TEXT.address,
        "from": "UBND",
        "text": TEXT.text,
        "encoding": "gsm7",
    }


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ((403, "Authorization failed"), ("auth", False, True, False)),
        ((503, "3: busy"), ("relay", False, True, False)),
        ((429, "slow"), ("relay", False, True, False)),
        ((400, "bad number"), ("gateway", True, False, False)),
        ((302, "elsewhere"), ("relay", False, True, False)),
        ((500, "oops"), ("uncertain", False, False, True)),
        (None, ("uncertain", False, False, True)),
    ],
)
def test_only_a_clear_refusal_of_a_text_is_certain(
    answer: tuple[int, str] | None, expected: tuple[str, bool, bool, bool]
) -> None:
    with relay.Gateway() as here:
        here.answers = [answer]
        error = trouble(kannel(here.url), TEXT)

    assert (cause(error), error.permanent, error.relay, error.uncertain) == expected


def test_a_gateway_that_is_down_is_ill() -> None:
    error = trouble(kannel(f"http://127.0.0.1:{free_port()}/"), TEXT)

    assert (cause(error), error.relay) == ("unreachable", True)


@pytest.mark.parametrize("address", ["", "0903123456", "+84 903", "+84903123456\r\n"])
def test_what_is_no_number_stays_here(address: str) -> None:
    error = trouble(kannel("http://127.0.0.1:9/"), replace(TEXT, address=address))

    assert (cause(error), error.permanent) == ("address", True)


def test_texts_never_leave_unencrypted_for_another_machine() -> None:
    with pytest.raises(ValueError, match="https"):
        Gateway("http://sms.example.vn/send")


def test_secrets_are_not_printed() -> None:
    printed = repr(Gateway("https://x.vn/", password="bí mật")) + repr(
        Relay("x.vn", password="bí mật")
    )

    assert "bí mật" not in printed
