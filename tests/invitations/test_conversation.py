"""Conversations with relays that take commands in groups, and with some that break off."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace

import pytest

from invitations.couriers import Letter
from invitations.couriers.email import EmailCourier, Relay
from invitations.domain.errors import CourierError
from tests.invitations.letterbox import LETTERS, a_pass_text, an_errand

MAIL = LETTERS.mail(an_errand(), a_pass_text())
HELLO = [b"220 here\r\n", b"250-here\r\n250 PIPELINING\r\n"]
GOOD = b"250 ok\r\n250 ok\r\n354 go on\r\n"
HANG_UP = b""


@dataclass
class Script:
    """A server that gives one answer for each group of lines it reads, in turn."""

    answers: Sequence[bytes]
    heard: list[bytes] = field(default_factory=list)

    async def play(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Give the answers; nothing more to say is hanging up."""
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            for number, answer in enumerate(self.answers):
                if number:
                    self.heard.append(await self._read(reader))
                if answer == HANG_UP:
                    break
                writer.write(answer)
            else:
                self.heard.append(await reader.read(1 << 20))
        writer.close()

    async def _read(self, reader: asyncio.StreamReader) -> bytes:
        """Read a group of commands, or a letter with its lone dot."""
        heard = await reader.readuntil(b"\r\n")
        given = not heard.startswith((b"EHLO", b"MAIL", b"QUIT"))
        if given and heard != b".\r\n":
            return heard + await reader.readuntil(b"\r\n.\r\n")
        if heard.startswith(b"MAIL"):
            heard += await reader.readuntil(b"DATA\r\n")
        return heard


def carried(letters: Sequence[Letter], *scripts: Script) -> list[str | CourierError]:
    """Carry *letters* to a server that plays one script for each connection."""

    async def work() -> list[str | CourierError]:
        rest = iter(scripts)
        playing: list[asyncio.Task[None]] = []
        server = await asyncio.start_server(
            lambda *line: playing.append(asyncio.create_task(next(rest).play(*line))),
            "127.0.0.1",
            0,
        )
        port = server.sockets[0].getsockname()[1]
        courier = EmailCourier(Relay("127.0.0.1", port, security="none", timeout_s=1))
        answers: list[str | CourierError] = []
        for letter in letters:
            try:
                answers.append(await courier.carry(letter))
            except CourierError as error:
                answers.append(error)
        await courier.rest()
        await asyncio.gather(*playing)
        server.close()
        await server.wait_closed()
        return answers

    return asyncio.run(work())


def trouble(*answers: bytes) -> tuple[CourierError, list[bytes]]:
    """Return what became of one letter after *answers*, and what the server heard."""
    script = Script([*HELLO, *answers])
    (error,) = carried([MAIL], script)
    assert isinstance(error, CourierError)
    return error, script.heard


def test_a_relay_that_offers_it_gets_three_commands_at_once() -> None:
    script = Script([*HELLO, GOOD, b"250 2.0.0 Ok: queued as 4XYZ\r\n", b"221 bye\r\n"])

    assert carried([MAIL], script) == ["4XYZ"]
    assert script.heard[1].split(b"\r\n") == [
        f"MAIL FROM:<bounce+{MAIL.tag}@vp.example.vn>".encode(),
        f"RCPT TO:<{MAIL.address}>".encode(),
        b"DATA",
        b"",
    ]
    assert script.heard[3] == b"QUIT\r\n"


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        pytest.param(
            [b"250 ok\r\n550 5.1.1 no\r\n554 no recipients\r\n"],
            ("550 5.1.1", True, False, False), id="the guest is refused",
        ),
        pytest.param(
            [b"250 ok\r\n550 5.1.1 no\r\n354 go on\r\n"],
            ("550 5.1.1", True, False, False), id="refused, and a letter is asked for",
        ),
        pytest.param(
            [b"250 ok\r\n451 4.7.1 later\r\n554 none\r\n"],
            ("451 4.7.1", False, False, False), id="the guest is put off",
        ),
        pytest.param(
            [b"250 ok\r\n250 ok\r\n452 4.3.1 full\r\n"],
            ("452 4.3.1", False, False, False), id="the letter is put off",
        ),
        pytest.param(
            [b"550 5.7.1 who are you\r\n503 no\r\n503 no\r\n"],
            ("sender", False, True, False), id="we are refused",
        ),
        pytest.param(
            [b"552 5.3.4 too big\r\n503 no\r\n503 no\r\n"],
            ("552 5.3.4", True, False, False), id="the letter is too big",
        ),
        pytest.param(
            [b"250 ok\r\n421 4.3.2 closing\r\n"],
            ("421 4.3.2", False, True, False), id="a good-bye in the middle",
        ),
        pytest.param(
            [b"hello there\r\n"], ("unreachable", False, True, False), id="no mail server",
        ),
        pytest.param(
            [b"250 ok\r\n"], ("unreachable", False, True, False), id="half an answer",
        ),
        pytest.param([HANG_UP], ("unreachable", False, True, False), id="silence before"),
        pytest.param([GOOD, HANG_UP], ("uncertain", False, False, True), id="silence after"),
        pytest.param(
            [GOOD, b"554 5.7.1 spam\r\n"],
            ("554 5.7.1", True, False, False), id="refused after",
        ),
    ],
)  # fmt: skip
def test_whatever_breaks_off_is_called_by_its_name(
    answers: list[bytes], expected: tuple[str, bool, bool, bool]
) -> None:
    error, heard = trouble(*answers)

    assert (error.code, error.permanent, error.relay, error.uncertain) == expected
    given = [each for each in heard if b"Message-ID" in each]
    assert len(given) == (answers[0] == GOOD)


def test_a_line_that_speaks_unasked_is_not_used_again() -> None:
    """Its answers would be taken for those to the next letter."""
    letters = [MAIL, replace(MAIL, address="b@x.vn")]
    first = Script([*HELLO, GOOD, b"250 queued as 1AAA\r\n250 ok\r\n250 ok\r\n"])
    second = Script([*HELLO, GOOD, b"250 queued as 2BBB\r\n", b"221 bye\r\n"])

    assert carried(letters, first, second) == ["1AAA", "2BBB"]


def test_an_answer_of_many_lines_is_one_answer() -> None:
    answer = b"250-2.0.0 thank you\r\n250 queued as 9ZZZ\r\n"
    script = Script([*HELLO, GOOD, answer, b"221 bye\r\n"])

    assert carried([MAIL], script) == ["9ZZZ"]
