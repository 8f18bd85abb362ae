"""The mail coach: letters go to the office's mail relay by SMTP (RFC 5321), one line each.

The phases of a transaction are driven one by one, so that it is known whether a letter can
have been taken: only from its DATA on, and only when no answer came.
"""

from __future__ import annotations

import asyncio
import re
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

import aiosmtplib

from invitations.couriers import Letter, message
from invitations.couriers.seals import Seals
from invitations.domain.errors import CourierError

STARTTLS, TLS, NONE = "starttls", "tls", "none"
LOOPBACK = re.compile(r"localhost|127(\.\d+){3}|::1", re.ASCII)
CLOSING = 421  # RFC 5321, section 3.8: the server says good-bye
TOO_LARGE = 552
GO_ON, TAKEN = 354, 250
NAMED = frozenset({250, 251})
LOST = "Connection lost"
SEND_BUFFER = 1 << 20
LAST_PASSING = 499
ANSWER_LIMIT = 200

_QUEUE_ID = re.compile(r"(?:queued as|\bid=) ?<?([\w.-]{4,80})", re.ASCII | re.IGNORECASE)
_ENHANCED = re.compile(r"\b([245]\.\d{1,3}\.\d{1,3})\b", re.ASCII)


@dataclass(frozen=True)
class Relay:
    """The office's mail relay and how hard it may be pressed.

    *security* is ``starttls``, ``tls`` or, to this very machine only, ``none``. Exim hands
    over ten messages at once from one connection; Exchange Online allows 3 connections and
    30 messages a minute.

    Raises:
        ValueError: the security is unknown, or none on the way to another machine.
    """

    host: str
    port: int = 587
    security: str = STARTTLS
    username: str = ""
    password: str = field(default="", repr=False)
    ca_file: str = ""
    greeting: str = ""  # our name in EHLO; empty: the name of this machine
    max_connections: int = 4
    messages_per_connection: int = 10
    per_minute: int = 0
    timeout_s: float = 30
    seals: Seals = field(default_factory=Seals)

    def __post_init__(self) -> None:
        if self.security not in {STARTTLS, TLS, NONE}:
            msg = f"unknown security of the mail relay: {self.security}"
            raise ValueError(msg)
        if self.security == NONE and not LOOPBACK.fullmatch(self.host):
            msg = f"letters go to {self.host} under TLS or not at all"
            raise ValueError(msg)


class _Line:
    """One open connection, and how many letters it has carried."""

    def __init__(self, relay: Relay) -> None:
        self.carried = 0
        self.dsn = False
        self.client = aiosmtplib.SMTP(
            hostname=relay.host,
            port=relay.port,
            username=relay.username or None,
            password=relay.password or None,
            use_tls=relay.security == TLS,
            start_tls=relay.security == STARTTLS,
            cert_bundle=relay.ca_file or None,
            local_hostname=relay.greeting or socket.gethostname(),
            timeout=relay.timeout_s,
        )

    async def open(self) -> None:
        """Connect, and learn what the relay can do."""
        await self.client.connect()
        if self.client.is_ehlo_or_helo_needed:
            await self.client.ehlo()
        self.dsn = self.client.supports_extension("dsn")
        wire = self.client.get_transport_info("socket")
        if wire is not None:  # one write for one letter
            wire.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)


class EmailCourier:
    """Carries mails to one relay over lines that it keeps and uses again."""

    def __init__(self, relay: Relay) -> None:
        self.relay = relay
        self._idle: list[_Line] = []

    @property
    def at_once(self) -> int:
        """How many lines may be open."""
        return self.relay.max_connections

    @property
    def per_minute(self) -> int:
        """How many mails the relay takes in a minute; 0 for no limit."""
        return self.relay.per_minute

    async def carry(self, letter: Letter) -> str:
        """Hand *letter* to the relay; return the relay's answer, which names its queue id.

        Raises:
            CourierError: it was not taken, or nobody knows whether it was.
        """
        made = self.relay.seals.seal(message.build(letter), letter)
        if not made.endswith(b"\r\n") or made.count(b"\n") != made.count(b"\r\n"):
            raise CourierError("header", permanent=True, code="header")
        line = await self._ready_line(letter)
        try:
            answer = await _hand_over(line, letter, made)
        except BaseException:  # a line in an unknown state is never used again
            line.client.close()
            raise
        line.carried += 1
        await self._put_back(line)
        return answer

    async def rest(self) -> None:
        """Say good-bye on every idle line."""
        while self._idle:
            await _hang_up(self._idle.pop())

    async def _ready_line(self, letter: Letter) -> _Line:
        """Return a line on which the relay has accepted the sender of *letter*."""
        while self._idle:
            line = self._idle.pop()
            try:
                await _introduce(line, letter)
            except (aiosmtplib.SMTPException, OSError):
                line.client.close()  # it grew cold; a new one tells what is really wrong
            except BaseException:
                line.client.close()
                raise
            else:
                return line
        line = _Line(self.relay)
        try:
            with _connecting():
                await line.open()
            with _introducing():
                await _introduce(line, letter)
        except BaseException:
            line.client.close()
            raise
        return line

    async def _put_back(self, line: _Line) -> None:
        if line.carried < self.relay.messages_per_connection:
            self._idle.append(line)
        else:
            await _hang_up(line)


async def _introduce(line: _Line, letter: Letter) -> None:
    """Name the sender, and the key that a returned letter carries (RFC 3461, section 4.4)."""
    keyed = [b"RET=HDRS", b"ENVID=" + letter.envelope_id.encode("ascii")] if line.dsn else []
    sender = b"FROM:<" + letter.bounce_to.encode("ascii") + b">"
    answer = await line.client.execute_command(b"MAIL", sender, *keyed)
    if answer.code != TAKEN:
        raise aiosmtplib.SMTPSenderRefused(answer.code, answer.message, letter.bounce_to)


async def _hand_over(line: _Line, letter: Letter, made: bytes) -> str:
    """Name the guest, give the letter, and return the id of the relay's queue."""
    wish = [b"NOTIFY=FAILURE,DELAY"] if line.dsn else []
    guest = b"TO:<" + letter.address.encode("ascii") + b">"
    with _naming():
        named = await line.client.execute_command(b"RCPT", guest, *wish)
        if named.code not in NAMED:
            raise aiosmtplib.SMTPRecipientRefused(named.code, named.message, letter.address)
        go_on = await line.client.execute_command(b"DATA")
        if go_on.code != GO_ON:
            raise aiosmtplib.SMTPDataError(go_on.code, go_on.message)
    with _giving():
        answer = await _give(line.client, made)
    words = _words(answer.message)
    queue_id = _QUEUE_ID.search(words)
    return queue_id[1] if queue_id else words


async def _give(client: aiosmtplib.SMTP, made: bytes) -> aiosmtplib.SMTPResponse:
    """Give the letter itself (RFC 5321, section 4.1.1.4), in one write.

    The library's own way mends line ends with regular expressions, in three quarters of the
    time; ours are right already, and counted before anything leaves.
    """
    if client.protocol is None:
        raise aiosmtplib.SMTPServerDisconnected(LOST)
    client.protocol.write(_stuffed(made) + b".\r\n")
    answer = await client.protocol.read_response(timeout=client.timeout)
    if answer.code != TAKEN:
        raise aiosmtplib.SMTPDataError(answer.code, answer.message)
    return answer


def _stuffed(made: bytes) -> bytes:
    """Return *made* with a second dot where a line begins with one (RFC 5321, 4.5.2)."""
    if b"\r\n." in made:
        made = made.replace(b"\r\n.", b"\r\n..")
    return b"." + made if made.startswith(b".") else made


async def _hang_up(line: _Line) -> None:
    with suppress(aiosmtplib.SMTPException, OSError, asyncio.TimeoutError):
        await line.client.quit()
    line.client.close()


@contextmanager
def _connecting() -> Iterator[None]:
    """Translate what goes wrong before any letter is named: it is the relay's illness."""
    try:
        yield
    except ssl.SSLError as error:
        raise _ill("tls", str(error)) from error
    except aiosmtplib.SMTPAuthenticationError as error:
        raise _ill("auth", error.message) from error
    except aiosmtplib.SMTPResponseException as error:
        raise _ill(_code(error), error.message) from error
    except (aiosmtplib.SMTPException, OSError) as error:
        code = "tls" if isinstance(error.__cause__, ssl.SSLError) else "unreachable"
        raise _ill(code, str(error)) from error


@contextmanager
def _introducing() -> Iterator[None]:
    """Translate a refusal of our own address; only the size is the letter's fault."""
    try:
        yield
    except aiosmtplib.SMTPResponseException as error:
        if error.code == TOO_LARGE:
            raise _refused(error) from error
        code = _code(error) if error.code <= LAST_PASSING else "sender"
        raise _ill(code, error.message) from error
    except (aiosmtplib.SMTPException, OSError) as error:
        raise _ill("unreachable", str(error)) from error


@contextmanager
def _naming() -> Iterator[None]:
    """Translate a refusal of the guest's address."""
    try:
        yield
    except aiosmtplib.SMTPResponseException as error:
        raise _refused(error) from error
    except (aiosmtplib.SMTPException, OSError) as error:
        raise _ill("unreachable", str(error)) from error


@contextmanager
def _giving() -> Iterator[None]:
    """Translate a refusal of the letter; silence after it was given is uncertain."""
    try:
        yield
    except aiosmtplib.SMTPResponseException as error:
        raise _refused(error) from error
    except (aiosmtplib.SMTPException, OSError) as error:
        raise CourierError(str(error), uncertain=True, code="uncertain") from error


def _refused(error: aiosmtplib.SMTPResponseException) -> CourierError:
    """Return a refusal of one letter; a relay that says good-bye refuses nobody."""
    if error.code == CLOSING:
        return _ill(_code(error), error.message)
    permanent = error.code > LAST_PASSING
    return CourierError(_words(error.message), permanent=permanent, code=_code(error))


def _ill(code: str, words: str) -> CourierError:
    return CourierError(_words(words), relay=True, code=code)


def _code(error: aiosmtplib.SMTPResponseException) -> str:
    """Return the basic code and the enhanced one, if the server gave one (RFC 3463)."""
    enhanced = _ENHANCED.search(error.message)
    return f"{error.code} {enhanced[1]}" if enhanced else str(error.code)


def _words(text: str) -> str:
    return " ".join(text.split())[:ANSWER_LIMIT]
