"""The settings of papers: seals and trusted authorities, and the wallets of telephones."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from checkin.settings import folder, text, web_address
from checkin.words import say
from invitations.services.wallet import Apple, Google

if TYPE_CHECKING:
    from checkin.settings import Section


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
