"""The settings of papers: seals of letters and mails, authorities, wallets of telephones."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from checkin.settings import folder, number, text, web_address
from checkin.words import say
from invitations.couriers.seals import Dkim, Seals, Smime
from invitations.services.wallet import Apple, Google

if TYPE_CHECKING:
    from checkin.settings import Section

MOST_OFFICES = 1_000_000
LABELS = re.compile(r"[a-z0-9_-]+(\.[a-z0-9_-]+)*", re.ASCII | re.IGNORECASE)


@dataclass(frozen=True)
class LetterConfig:
    """Where seals, trusted roots and an office's own templates are.

    *seals*/<office number>/ holds ``seal.p12``, ``password`` and perhaps ``seal.png``;
    *roots* certificates of authorities; *templates*/<office number>/ a template of its own.
    *timestamp* is the address of a timestamp server, or empty.
    """

    seals: Path = Path("seals")
    roots: Path = Path("roots")
    templates: Path = Path("templates")
    timestamp: str = ""


@dataclass(frozen=True)
class WalletConfig:
    """The office's own certificate at Apple and its key at Google; nothing, no wallet."""

    apple: Apple | None = None
    google: Google | None = None


def read_letter(section: Section, data: Path) -> LetterConfig:
    """Read the section ``[letter]``; what is not set stands in the folder *data*.

    Raises:
        ConfigError: a setting is not allowed.
    """
    return LetterConfig(
        seals=section.get("seals", folder, data / "seals"),
        roots=section.get("roots", folder, data / "roots"),
        templates=section.get("templates", folder, data / "offices"),
        timestamp=section.get("timestamp", web_address, ""),
    )


def read_mail_seals(section: Section, sender: str, seals: Path) -> Seals:
    """Read the seals of mail in the section ``[mail]``; *seals* has those of the offices.

    Raises:
        ConfigError: a setting is not allowed, or one that belongs to another is missing.
    """
    return Seals(smime=_smime(section, seals), dkim=_dkim(section, sender))


def _dkim(section: Section, sender: str) -> Dkim | None:
    names = ("domain", "selector", "key")
    found = {name: section.get(f"dkim_{name}", text, "") for name in names}
    missing = [name for name, value in found.items() if not value]
    if len(missing) == len(found):
        return None
    if missing:
        raise section.refusal(f"dkim_{missing[0]}", "", say("điền đủ các mục cùng nhóm"))
    for name in ("domain", "selector"):
        if not LABELS.fullmatch(found[name]):
            raise section.refusal(
                f"dkim_{name}", found[name], say("chữ không dấu, số, gạch nối và dấu chấm")
            )
    domain = found["domain"].lower()
    if not f".{sender.rpartition('@')[2].lower()}".endswith(f".{domain}"):
        raise section.refusal("dkim_domain", domain, say("tên miền của địa chỉ người gửi"))
    return Dkim(domain, found["selector"], folder(found["key"]))


def _smime(section: Section, seals: Path) -> Smime | None:
    p12 = section.get("smime_p12", text, "")
    password = section.secret("smime_password")
    office = section.get("smime_office", number(0, MOST_OFFICES), 0)
    if p12 and office:
        raise section.refusal("smime_office", office, say("chỉ một trong hai mục"))
    if office:
        place = seals / str(office)
        return Smime(place / "seal.p12", password_file=place / "password")
    return Smime(folder(p12), password) if p12 else None


def read_wallet(section: Section) -> WalletConfig:
    """Read the section ``[wallet]``.

    Raises:
        ConfigError: a setting is not allowed, or one that belongs to another is missing.
    """
    apple = {
        name: section.get(f"apple_{name}", text, "")
        for name in ("p12", "wwdr", "pass_type", "team")
    }
    password = section.secret("apple_password")
    google = {name: section.get(f"google_{name}", text, "") for name in ("key", "issuer")}
    for prefix, found in (("apple", apple), ("google", google)):
        missing = [name for name, value in found.items() if not value]
        if missing and len(missing) < len(found):
            raise section.refusal(
                f"{prefix}_{missing[0]}", "", say("điền đủ các mục cùng nhóm")
            )
    return WalletConfig(
        Apple(
            folder(apple["p12"]),
            folder(apple["wwdr"]),
            apple["pass_type"],
            apple["team"],
            password,
        )
        if apple["p12"]
        else None,
        Google(folder(google["key"]), google["issuer"]) if google["key"] else None,
    )
