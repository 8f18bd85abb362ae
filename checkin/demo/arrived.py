"""What has arrived at the sinks: mails and text messages, kept in memory and in a folder."""

from __future__ import annotations

import email
import email.policy
import json
import threading
import time
from dataclasses import asdict, dataclass
from email.message import EmailMessage
from pathlib import Path

from invitations.domain.outbox import EMAIL, SMS
from invitations.services.rehearsing import MARKS

PICTURE = "image/png"


@dataclass(frozen=True)
class Mail:
    """One mail as it came over the line: *number* counts from 1, *at* in Unix seconds."""

    number: int
    at: float
    sender: str
    recipient: str
    raw: bytes

    def message(self) -> EmailMessage:
        """Return the mail, parsed."""
        found = email.message_from_bytes(self.raw, policy=email.policy.default)
        assert isinstance(found, EmailMessage)  # noqa: S101 - what this policy makes
        return found


@dataclass(frozen=True)
class Text:
    """One text message as the gateway took it; *to* as it was written there."""

    number: int
    at: float
    to: str
    body: str
    ref: str


class Arrived:
    """Everything that arrived, in order; safe to ask from any thread.

    With a *folder* each mail also stands there as ``mail/0001.eml`` and each text message as
    a line of ``texts.jsonl``.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._mails: list[Mail] = []
        self._texts: list[Text] = []
        if folder is not None:
            (folder / "mail").mkdir(parents=True, exist_ok=True)

    def take_mail(self, sender: str, recipient: str, raw: bytes) -> Mail:
        """Keep one mail and return it with its number."""
        with self._lock:
            mail = Mail(len(self._mails) + 1, time.time(), sender, recipient, raw)
            self._mails.append(mail)
        if self._folder is not None:
            (self._folder / "mail" / f"{mail.number:04d}.eml").write_bytes(raw)
        return mail

    def take_text(self, to: str, body: str, ref: str) -> Text:
        """Keep one text message and return it with its number."""
        with self._lock:
            text = Text(len(self._texts) + 1, time.time(), to, body, ref)
            self._texts.append(text)
            if self._folder is not None:
                with (self._folder / "texts.jsonl").open("a", encoding="utf-8") as file:
                    file.write(json.dumps(asdict(text), ensure_ascii=False) + "\n")
        return text

    @property
    def mails(self) -> tuple[Mail, ...]:
        """Every mail so far, oldest first."""
        with self._lock:
            return tuple(self._mails)

    @property
    def letters(self) -> tuple[Mail, ...]:
        """Every mail to a guest so far; what officers sent to themselves is left out."""
        mark = MARKS[EMAIL].strip()
        return tuple(m for m in self.mails if mark not in str(m.message()["Subject"]))

    @property
    def messages(self) -> tuple[Text, ...]:
        """Every text message to a guest so far; officers' own tests are left out."""
        return tuple(text for text in self.texts if not text.body.startswith(MARKS[SMS]))

    @property
    def texts(self) -> tuple[Text, ...]:
        """Every text message so far, oldest first."""
        with self._lock:
            return tuple(self._texts)


def body(message: EmailMessage, kind: str) -> str:
    """Return the *kind* (``plain`` or ``html``) of body that *message* has, or nothing."""
    part = message.get_body((kind,))
    return "" if part is None else str(part.get_content())


def picture(message: EmailMessage) -> bytes | None:
    """Return the picture that stands inline in *message*: the QR code, as PNG."""
    for part in message.walk():
        if part.get_content_type() == PICTURE and part["Content-ID"]:
            return bytes(part.get_content())
    return None
