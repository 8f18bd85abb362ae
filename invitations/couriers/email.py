"""The mail coach: letters go to the office's mail relay by SMTP (RFC 5321), one line each.

The phases of a transaction are kept apart, so that it is known whether a letter can have
been taken: only from its DATA on, and only when no answer came.
"""

from __future__ import annotations

import asyncio
import re
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import aiosmtplib

from invitations.couriers import Letter, message
from invitations.couriers.conversation import CLOSING, Conversation, Reply
from invitations.couriers.seals import Seals
from invitations.domain.errors import CourierError

STARTTLS, TLS, NONE = "starttls", "tls", "none"
LOOPBACK = re.compile(r"localhost|127(\.\d+){3}|::1", re.ASCII)
TOO_LARGE = 552
GO_ON, TAKEN = 354, 250
NAMED = frozenset({250, 251})
OFFER = 3  # MAIL, RCPT, DATA
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
        self.dsn = self.groups = False
        self._relay = relay
        self._talk: Conversation | None = None
        self._client = aiosmtplib.SMTP(
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
        """Connect, learn what the relay can do, and take the line over from the library."""
        await self._client.connect()
        if self._client.is_ehlo_or_helo_needed:
            await self._client.ehlo()
        self.dsn = self._client.supports_extension("dsn")
        self.groups = self._client.supports_extension("pipelining")
        transport = self._client.transport
        if not isinstance(transport, asyncio.Transport):
            raise aiosmtplib.SMTPServerDisconnected(LOST)
        wire = transport.get_extra_info("socket")  # one write for one letter
        wire.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)
        self._talk = Conversation(transport, self._relay.timeout_s)

    async def offer(self, letter: Letter) -> list[Reply]:
        """Name sender and guest and ask to give the letter; return the replies so far.

        The letter itself is not in the group, so whatever is lost here was not taken.
        """
        commands = _envelope(letter, dsn=self.dsn)
        if self.groups:
            return await self.say(b"".join(commands), len(commands))
        replies: list[Reply] = []
        for command, good in zip(commands, (NAMED, NAMED, {GO_ON}), strict=True):
            answer = await self.say(command)
            replies += answer
            if not answer or answer[0].code not in good:
                break
        return replies

    async def say(self, words: bytes, replies: int = 1) -> list[Reply]:
        """Say *words* and return the replies to them; fewer when the line is lost."""
        return await self._talk.say(words, replies) if self._talk else []

    async def leave(self) -> None:
        """Say good-bye and let the line go."""
        if self._talk:
            await self._talk.leave()
        self.close()

    @property
    def trouble(self) -> str:
        """Why the line is lost."""
        return self._talk.trouble if self._talk else LOST

    def close(self) -> None:
        """Let the line go at once."""
        if self._talk:
            self._talk.close()
        self._client.close()


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
        built = message.build(letter)
        made = self.relay.seals.seal(built, letter)
        if made is not built:
            message.check_lines(made)
        line, replies = await self._ready_line(letter)
        try:
            _must_take(line, replies)
            answer = await _give(line, made)
        except BaseException:  # a line in an unknown state is never used again
            line.close()
            raise
        line.carried += 1
        await self._put_back(line)
        return answer

    async def rest(self) -> None:
        """Say good-bye on every idle line."""
        while self._idle:
            await self._idle.pop().leave()

    async def _ready_line(self, letter: Letter) -> tuple[_Line, list[Reply]]:
        """Return a line on which the relay has accepted the sender, and what it said."""
        while self._idle:
            line = self._idle.pop()
            replies = await line.offer(letter)
            if replies and replies[0].code == TAKEN:
                return line, replies
            line.close()  # it grew cold; a new one tells what is really wrong
        line = _Line(self.relay)
        try:
            with _connecting():
                await line.open()
            replies = await line.offer(letter)
        except BaseException:
            line.close()
            raise
        if not replies or replies[0].code != TAKEN:
            line.close()
            raise _sender_trouble(line, replies)
        return line, replies

    async def _put_back(self, line: _Line) -> None:
        if line.carried < self.relay.messages_per_connection:
            self._idle.append(line)
        else:
            await line.leave()


def _envelope(letter: Letter, *, dsn: bool) -> tuple[bytes, bytes, bytes]:
    """Return the commands before a letter, with the key of its reports (RFC 3461)."""
    key = f" RET=HDRS ENVID={letter.envelope_id}" if dsn else ""
    wish = " NOTIFY=FAILURE,DELAY" if dsn else ""
    sender = f"MAIL FROM:<{letter.bounce_to}>{key}\r\n"
    guest = f"RCPT TO:<{letter.address}>{wish}\r\n"
    return sender.encode("ascii"), guest.encode("ascii"), b"DATA\r\n"


async def _give(line: _Line, made: bytes) -> str:
    """Give the letter itself (RFC 5321, section 4.1.1.4); return the relay's queue id.

    No line of it begins with a dot, so none needs a second one. Silence after it was given
    is uncertain.
    """
    replies = await line.say(made + b".\r\n")
    if not replies:
        raise CourierError(_words(line.trouble), uncertain=True, code="uncertain")
    (answer,) = replies
    if answer.code != TAKEN:
        raise _refused(answer)
    queue_id = _QUEUE_ID.search(answer.text)
    return queue_id[1] if queue_id else _words(answer.text)


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
        raise _ill(_code(Reply(error.code, error.message)), error.message) from error
    except (aiosmtplib.SMTPException, OSError) as error:
        code = "tls" if isinstance(error.__cause__, ssl.SSLError) else "unreachable"
        raise _ill(code, str(error)) from error


def _sender_trouble(line: _Line, replies: list[Reply]) -> CourierError:
    """Return what a refusal of our own address means; only the size is the letter's fault."""
    if not replies:
        return _ill("unreachable", line.trouble)
    if replies[0].code == TOO_LARGE:
        return _refused(replies[0])
    code = _code(replies[0]) if replies[0].code <= LAST_PASSING else "sender"
    return _ill(code, replies[0].text)


def _must_take(line: _Line, replies: list[Reply]) -> None:
    """Let *replies* pass if the relay takes the guest and waits for the letter.

    Raises:
        CourierError: it refused one of them, or the line is lost; nothing was given.
    """
    for reply, good in zip(replies[1:], (NAMED, {GO_ON}), strict=False):
        if reply.code not in good:
            raise _refused(reply)
    if len(replies) != OFFER:
        raise _ill("unreachable", line.trouble)


def _refused(reply: Reply) -> CourierError:
    """Return a refusal of one letter; a relay that says good-bye refuses nobody."""
    if reply.code == CLOSING:
        return _ill(_code(reply), reply.text)
    permanent = reply.code > LAST_PASSING
    return CourierError(_words(reply.text), permanent=permanent, code=_code(reply))


def _ill(code: str, words: str) -> CourierError:
    return CourierError(_words(words), relay=True, code=code)


def _code(reply: Reply) -> str:
    """Return the basic code and the enhanced one, if the server gave one (RFC 3463)."""
    enhanced = _ENHANCED.search(reply.text)
    return f"{reply.code} {enhanced[1]}" if enhanced else str(reply.code)


def _words(text: str) -> str:
    return " ".join(text.split())[:ANSWER_LIMIT]
