"""The configuration: one TOML file and the environment, read once, never changed after.

A setting ``port`` of the section ``[server]`` is ``THUMOI_SERVER_PORT`` in the environment,
which wins over the file. A secret may also be named by a file that holds it:
``THUMOI_MAIL_PASSWORD_FILE`` or ``password_file`` in the section.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from urllib.parse import urlsplit

from checkin.paperwork import (
    LetterConfig,
    WalletConfig,
    read_letter,
    read_mail_seals,
    read_wallet,
)
from checkin.settings import (
    Section,
    Source,
    folder,
    listing,
    number,
    one_of,
    read_document,
    switch,
    text,
    web_address,
)
from checkin.words import say
from invitations.couriers.seals import Seals
from invitations.domain.dispatch import HouseRules

LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
USUAL_FILE = "thumoi.toml"


@dataclass(frozen=True)
class ServerConfig:
    """Where the server listens, and under which address people reach it.

    *base_url* has no slash at its end; links in letters begin with it. *threads* is how many
    requests and open lines are served at once; *proxies* how many reverse proxies stand
    before us and may tell a client's address.
    """

    host: str = "127.0.0.1"
    port: int = 8000
    base_url: str = ""
    trusted_hosts: tuple[str, ...] = ()
    threads: int = 200
    proxies: int = 0


@dataclass(frozen=True)
class OfficeConfig:
    """What the office is called, for the first start."""

    name: str = "Văn phòng"
    short_name: str = ""
    address: str = ""
    email: str = ""
    phone: str = ""


@dataclass(frozen=True)
class MailConfig:
    """The relay that takes our letters; no host, no e-mail.

    *security* is ``tls``, ``starttls`` or ``none``, the last on this machine only. *ca_file*
    names an office's own authority, *greeting* our name in EHLO. *per_minute* is 0 for no
    limit, *per_domain* also. *uncertain* (mail that may have come): ``resend`` or ``ask``.
    """

    host: str = ""
    port: int = 587
    security: str = "starttls"
    user: str = ""
    password: str = field(default="", repr=False)
    sender: str = ""
    sender_name: str = ""
    reply_to: str = ""
    ca_file: str = ""
    greeting: str = ""
    connections: int = 4
    messages_per_connection: int = 10
    per_minute: int = 0
    per_domain: int = 0
    uncertain: str = "resend"
    seals: Seals = field(default_factory=Seals)


@dataclass(frozen=True)
class SmsConfig:
    """The HTTP gateway that takes our text messages; no address, no text messages.

    *callback_secret* stands in the address to which the gateway reports, *callback_key* is
    what Zalo signs with, *template* what it approved. In VND, 0 for unknown: *price* of a part,
    *ceiling* of a sending. *after_hours* gives guests without mail a text, 0 for never.
    """

    url: str = ""
    kind: str = "kannel"
    user: str = ""
    password: str = field(default="", repr=False)
    callback_secret: str = field(default="", repr=False)
    callback_key: str = field(default="", repr=False)
    sender: str = ""
    template: str = ""
    ca_file: str = ""
    connections: int = 2
    per_minute: int = 0
    ceiling: int = 0
    after_hours: int = 0
    price: int = 0


@dataclass(frozen=True)
class Config:
    """Everything that is decided before the house opens.

    With *approval* a second officer says yes to every sending.
    """

    data: Path
    database: str = field(repr=False)  # a URL may carry a password
    keys: Path
    camera: str = ""
    server: ServerConfig = ServerConfig()
    office: OfficeConfig = OfficeConfig()
    mail: MailConfig = MailConfig()
    sms: SmsConfig = SmsConfig()
    approval: bool = False
    letter: LetterConfig = field(default_factory=LetterConfig)
    wallet: WalletConfig = field(default_factory=WalletConfig)

    @property
    def base_url(self) -> str:
        """The address people reach us under, without a slash at its end."""
        return (
            self.server.base_url or f"http://{_url_host(self.server.host)}:{self.server.port}"
        )

    @property
    def secure(self) -> bool:
        """Tell whether people reach us over TLS."""
        return self.base_url.startswith("https://")

    @property
    def channels(self) -> tuple[str, ...]:
        """The ways by which letters can leave this house: ``email``, ``sms``."""
        ways = {"email": self.mail.host, "sms": self.sms.url}
        return tuple(name for name, address in ways.items() if address)

    @property
    def rules(self) -> HouseRules:
        """What is settled for every sending."""
        pace = {"email": self.mail.per_minute, "sms": self.sms.per_minute}
        return HouseRules(self.approval, self.sms.price, pace, self.sms.ceiling)

    def at(self, host: str, port: int) -> Config:
        """Return the configuration of a server that got *port* on *host*."""
        return replace(self, server=replace(self.server, host=host, port=port))


def read_config(path: Path | None = None, environ: Mapping[str, str] = os.environ) -> Config:
    """Read the configuration from *path* and *environ*.

    Without *path* the file is ``THUMOI_CONFIG``, or ``thumoi.toml`` in this folder if there
    is one, or none.

    Raises:
        ConfigError: a setting is unknown or not allowed; says which, where and what is.
    """
    chosen = path or _usual_file(environ)
    source = Source(chosen, read_document(chosen) if chosen else {}, environ)
    config = _config(source)
    source.finish()
    return config


def templates_dir() -> Path:
    """Return the folder of the templates: in the wheel, or in the tree."""
    packed = Path(__file__).parent / "_templates"
    return packed if packed.is_dir() else Path(__file__).parents[1] / "templates"


def _config(source: Source) -> Config:
    top = source.section("")
    data = top.get("data", folder, Path("var").absolute())
    letter = read_letter(source.section("letter"), data)
    return Config(
        data=data,
        database=top.secret("database") or f"sqlite:///{data / 'thumoi.db'}",
        keys=top.get("keys", folder, data / "keys"),
        camera=top.get("camera", text, ""),
        server=_server(source.section("server")),
        office=_office(source.section("office")),
        mail=_mail(source.section("mail"), letter.seals),
        sms=_sms(source.section("sms")),
        approval=source.section("sending").get("approval", switch, False),
        letter=letter,
        wallet=read_wallet(source.section("wallet")),
    )


def _server(section: Section) -> ServerConfig:
    usual = ServerConfig()
    return ServerConfig(
        host=section.get("host", text, usual.host),
        port=section.get("port", number(0, 65_535), usual.port),
        base_url=section.get("base_url", web_address, usual.base_url),
        trusted_hosts=section.get("trusted_hosts", listing, usual.trusted_hosts),
        threads=section.get("threads", number(8, 10_000), usual.threads),
        proxies=section.get("proxies", number(0, 5), usual.proxies),
    )


def _office(section: Section) -> OfficeConfig:
    usual = OfficeConfig()
    return OfficeConfig(
        name=section.get("name", text, usual.name),
        short_name=section.get("short_name", text, ""),
        address=section.get("address", text, ""),
        email=section.get("email", text, ""),
        phone=section.get("phone", text, ""),
    )


def _mail(section: Section, seals: Path) -> MailConfig:
    usual = MailConfig()
    sender = section.get("sender", text, "")
    mail = MailConfig(
        host=section.get("host", text, ""),
        port=section.get("port", number(1, 65_535), usual.port),
        security=section.get("security", one_of("tls", "starttls", "none"), usual.security),
        user=section.get("user", text, ""),
        password=section.secret("password"),
        sender=sender,
        sender_name=section.get("sender_name", text, ""),
        reply_to=section.get("reply_to", text, ""),
        ca_file=section.get("ca_file", text, ""),
        greeting=section.get("greeting", text, ""),
        connections=section.get("connections", number(1, 50), usual.connections),
        messages_per_connection=section.get(
            "messages_per_connection", number(1, 1_000), usual.messages_per_connection
        ),
        per_minute=section.get("per_minute", number(0, 100_000), usual.per_minute),
        per_domain=section.get("per_domain", number(0, 100_000), usual.per_domain),
        uncertain=section.get("uncertain", one_of("resend", "ask"), usual.uncertain),
        seals=read_mail_seals(section, sender, seals),
    )
    if mail.host and mail.security == "none" and mail.host not in LOOPBACK:
        raise section.refusal("security", mail.security, say("tls hoặc starttls khi ra ngoài"))
    if mail.host and not mail.sender:
        raise section.refusal("sender", "", say("địa chỉ thư điện tử của đơn vị"))
    return mail


def _sms(section: Section) -> SmsConfig:
    usual = SmsConfig()
    sms = SmsConfig(
        url=section.get("url", web_address, ""),
        user=section.get("user", text, ""),
        kind=section.get("kind", text, usual.kind),
        password=section.secret("password"),
        callback_secret=section.secret("callback_secret"),
        callback_key=section.secret("callback_key"),
        template=section.get("template", text, ""),
        sender=section.get("sender", text, ""),
        ca_file=section.get("ca_file", text, ""),
        connections=section.get("connections", number(1, 50), usual.connections),
        per_minute=section.get("per_minute", number(0, 100_000), usual.per_minute),
        after_hours=section.get("after_hours", number(0, 720), usual.after_hours),
        ceiling=section.get("ceiling", number(0, 1_000_000_000), usual.ceiling),
        price=section.get("price", number(0, 100_000), usual.price),
    )
    if sms.url.startswith("http://") and urlsplit(sms.url).hostname not in LOOPBACK:
        raise section.refusal("url", sms.url, say("địa chỉ https:// khi ra ngoài máy này"))
    return sms


def _usual_file(environ: Mapping[str, str]) -> Path | None:
    if named := environ.get("THUMOI_CONFIG"):
        return Path(named)
    here = Path(USUAL_FILE)
    return here if here.is_file() else None


def _url_host(host: str) -> str:
    if host in {"", "0.0.0.0", "::"}:  # noqa: S104 - compared with, not bound to
        return "localhost"
    return f"[{host}]" if ":" in host else host
