"""The mail room: the couriers that the configuration names, and the postman who uses them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from invitations.couriers.email import EmailCourier, Relay
from invitations.couriers.gateways import Gateway
from invitations.couriers.sms import SmsCourier
from invitations.domain.manner import Manner
from invitations.services.postman import Postman

if TYPE_CHECKING:
    from checkin.config import Config, MailConfig
    from invitations.couriers import Courier
    from invitations.storage.database import Database
    from invitations.web.desks import Desks


def hire_postman(config: Config, database: Database, desks: Desks) -> Postman:
    """Return the postman for the ways out of this house; without any, he only waits."""
    return Postman(
        database, desks.letters, desks.keyring, couriers(config), manner=manner(config)
    )


def manner(config: Config) -> Manner:
    """Return how this house wants its post carried."""
    return Manner(
        ask=config.mail.uncertain == "ask",
        per_domain=config.mail.per_domain,
        price=config.sms.price,
        ceiling=config.sms.ceiling,
        text_after_h=config.sms.after_hours,
    )


def couriers(config: Config) -> dict[str, Courier]:
    """Return a courier for each channel that is configured."""
    found: dict[str, Courier] = {}
    if config.mail.host:
        found["email"] = EmailCourier(_relay(config.mail))
    if config.sms.url:
        found["sms"] = SmsCourier(gateway(config))
    return found


def _relay(mail: MailConfig) -> Relay:
    return Relay(
        host=mail.host,
        port=mail.port,
        security=mail.security,
        username=mail.user,
        password=mail.password,
        ca_file=mail.ca_file,
        greeting=mail.greeting,
        max_connections=mail.connections,
        messages_per_connection=mail.messages_per_connection,
        per_minute=mail.per_minute,
        seals=mail.seals,
    )


def gateway(config: Config) -> Gateway:
    """Return the gateway for text messages, which reports to us if it knows our secret."""
    sms = config.sms
    secret = sms.callback_secret
    return Gateway(
        url=sms.url,
        kind=sms.kind,
        username=sms.user,
        password=sms.password,
        sender=sms.sender,
        template=sms.template,
        callback=f"{config.base_url}/callbacks/sms/{secret}" if secret else "",
        callback_key=sms.callback_key,
        price=sms.price,
        ca_file=sms.ca_file,
        max_connections=sms.connections,
        per_minute=sms.per_minute,
    )
