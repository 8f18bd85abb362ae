"""What stands on a pass: on paper, in Apple's wallet, in Google's."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from invitations.domain import doorcode
from invitations.services.calendars import ZONE
from invitations.services.phrasing import clock, honorific, long_form, short_form

if TYPE_CHECKING:
    from invitations.domain.model import Event, Guest, Holder, Office

_GREEN, _WHITE = "rgb(18, 84, 74)", "rgb(255, 255, 255)"


def addressed(guest: Guest) -> str:
    """Return the name of *guest* with the honorific; an office has none."""
    return (
        guest.name if guest.name == guest.organisation else f"{honorific(guest)} {guest.name}"
    )


def place_of(event: Event) -> str:
    """Return where *event* is, in one line."""
    return ", ".join(part for part in (event.place, event.address) if part)


def role(guest: Guest) -> str:
    """Return what *guest* is and where, in one line."""
    organisation = "" if guest.name == guest.organisation else guest.organisation
    return ", ".join(part for part in (guest.title, organisation) if part)


def facts(event: Event, guest: Guest) -> list[dict[str, str]]:
    """Return what a pass page tells of *event*: a name (or none) and what is said."""
    told = [
        {"name": "", "said": long_form(event.starts_at)},
        {"name": "Địa điểm", "said": place_of(event)},
    ]
    gates = ", ".join(gate.name for gate in event.gates)
    opens = f"từ {clock(event.opens_at)}" if event.opens_at < event.starts_at else ""
    if said := " ".join(part for part in (gates, opens) if part):
        told.append({"name": "Cửa đón khách", "said": said})
    if guest.party > 1:
        told.append({"name": "Số người", "said": str(guest.party)})
    return told


def apple(holder: Holder, office: Office, event: Event, text: str) -> dict[str, Any]:
    """Return a pass as Apple's PassKit package format describes it, but for whose it is."""
    invitation, code = holder.invitation, doorcode.grouped(holder.invitation.door_code)
    return {
        "formatVersion": 1,
        "serialNumber": f"{invitation.tag}-{invitation.generation}",
        "organizationName": office.short_name or office.name,
        "description": f"Thẻ vào cửa: {event.title}",
        "logoText": office.short_name or office.name,
        "foregroundColor": _WHITE,
        "labelColor": _WHITE,
        "backgroundColor": _GREEN,
        "sharingProhibited": True,
        "relevantDate": _iso(event.starts_at),
        "expirationDate": _iso(invitation.not_after),
        "voided": invitation.state != "issued" or event.state != "open",
        "barcodes": [
            {
                "format": "PKBarcodeFormatQR",
                "message": text,
                "messageEncoding": "iso-8859-1",
                "altText": code,
            },
            {
                "format": "PKBarcodeFormatCode128",
                "message": invitation.door_code,
                "messageEncoding": "iso-8859-1",
                "altText": code,
            },
        ],
        "eventTicket": _ticket(holder, office, event),
    }


def _ticket(holder: Holder, office: Office, event: Event) -> dict[str, Any]:
    """Return the fields on the front and the back of an event ticket."""
    return {
        "primaryFields": [_field("event", "SỰ KIỆN", event.title)],
        "secondaryFields": [_field("guest", "KHÁCH MỜI", addressed(holder.guest))],
        "auxiliaryFields": [
            _field("time", "THỜI GIAN", short_form(event.starts_at)),
            _field("code", "MÃ CỬA", doorcode.grouped(holder.invitation.door_code)),
        ],
        "backFields": [
            _field("place", "Địa điểm", place_of(event)),
            _field("office", "Đơn vị mời", office.name),
            _field("contact", "Liên hệ", event.contact or office.phone),
        ],
    }


def google(
    issuer: str, holder: Holder, office: Office, event: Event, text: str
) -> dict[str, Any]:
    """Return a pass as Google Wallet's event tickets describe it."""
    invitation = holder.invitation
    group = f"{issuer}.su-kien-{event.id}"
    return {
        "eventTicketClasses": [
            {
                "id": group,
                "issuerName": office.short_name or office.name,
                "reviewStatus": "UNDER_REVIEW",
                "eventName": _vietnamese(event.title),
                "venue": {
                    "name": _vietnamese(event.place),
                    "address": _vietnamese(event.address or event.place),
                },
                "dateTime": {"start": _iso(event.starts_at), "end": _iso(event.ends_at)},
            }
        ],
        "eventTicketObjects": [
            {
                "id": f"{issuer}.{invitation.tag}-{invitation.generation}",
                "classId": group,
                "state": "ACTIVE",
                "ticketHolderName": addressed(holder.guest),
                "barcode": {
                    "type": "QR_CODE",
                    "value": text,
                    "alternateText": doorcode.grouped(invitation.door_code),
                },
            }
        ],
    }


def _field(key: str, label: str, value: str) -> dict[str, str]:
    return {"key": key, "label": label, "value": value}


def _vietnamese(text: str) -> dict[str, dict[str, str]]:
    return {"defaultValue": {"language": "vi", "value": text}}


def _iso(instant: int) -> str:
    return datetime.fromtimestamp(instant, ZONE).isoformat()
