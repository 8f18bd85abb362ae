"""Dull errands for tests of letters: one office, one event, one guest."""

from dataclasses import replace
from pathlib import Path

from invitations.domain.model import Event, Guest, Invitation, Office
from invitations.domain.outbox import EMAIL, SMS, Delivery, Errand
from invitations.domain.passes import DoorPass, TrustedKey, TrustList, mint, public_key
from invitations.domain.wording import Words
from invitations.services.letters import Letters

ROOT = Path(__file__).parents[2]
STARTS_AT = 1_795_075_200  # 15:00, Thursday, 19 November 2026, in Ho Chi Minh City
WRITTEN_AT = STARTS_AT - 10 * 86_400
SEED = bytes(range(32))
TRUST = TrustList(1, (TrustedKey(7, public_key(SEED)),))
TAG = "mfrggzdfmztwq2lk"

LETTERS = Letters(ROOT / "templates", "https://moi.example.vn", "thumoi@vp.example.vn")
OFFICE = Office(
    id=1,
    name="Văn phòng Ủy ban nhân dân Thành phố Hồ Chí Minh",
    short_name="VP UBND TP.HCM",
    phone="(028) 3829 6052",
)
EVENT = Event(
    id=0x0BADCAFE,
    office_id=1,
    title="Họp báo định kỳ tháng 11/2026",
    chair="Chánh Văn phòng UBND Thành phố",
    place="Hội trường A",
    address="86 Lê Thánh Tôn, phường Sài Gòn",
    contact="Bà Trần Thị Bích Ngọc, (028) 3829 6052",
    notes="",
    starts_at=STARTS_AT,
    ends_at=STARTS_AT + 7_200,
    opens_at=STARTS_AT - 1_800,
    closes_at=STARTS_AT + 5_400,
    reply_by=STARTS_AT - 86_400,
    capacity=180,
    refuse_when_full=False,
    reentry=False,
    state="open",
    sequence=0,
)
GUEST = Guest(
    id=1,
    event_id=EVENT.id,
    honorific="Bà",
    name="Nguyễn Thị Minh Ánh",
    title="Trưởng ban Chính trị",
    organisation="Báo Sài Gòn Giải Phóng",
    phone="+84903123456",
    email="anh.nguyen@sggp.example.vn",
    note="",
    press_card="",
    vip=False,
    party=1,
)
INVITATION = Invitation(
    id=1,
    event_id=EVENT.id,
    guest_id=1,
    tag=TAG,
    link="k5xw6zdfmztwq2lknrws",
    state="issued",
    pass_id="00112233445566aa",
    generation=0,
    kid=7,
    not_after=(STARTS_AT + 5_400) // 60 * 60,
    door_code="471108329956",
    reply="needs-action",
)


def a_delivery(channel: str = EMAIL, address: str = "", seq: int = 0) -> Delivery:
    """Return a delivery that was never tried."""
    return Delivery(
        id=1,
        sending_id=1,
        invitation_id=1,
        channel=channel,
        address=address or {EMAIL: GUEST.email, SMS: GUEST.phone}[channel],
        message_id=LETTERS.message_id(TAG, seq),
        seq=seq,
        attempts=0,
        not_after=STARTS_AT,
    )


def an_errand(
    channel: str = EMAIL,
    *,
    guest: Guest = GUEST,
    event: Event = EVENT,
    words: Words | None = None,
) -> Errand:
    """Return the errand of inviting *guest* to *event*."""
    return Errand(
        delivery=replace(a_delivery(channel)),
        office=OFFICE,
        event=event,
        guest=guest,
        invitation=INVITATION,
        words=words or LETTERS.standard_words(),
        written_at=WRITTEN_AT,
    )


def a_pass_text() -> str:
    """Return the text of the pass of `INVITATION`."""
    return mint(
        DoorPass(
            INVITATION.kid,
            INVITATION.event_id,
            INVITATION.pass_id,
            INVITATION.generation,
            INVITATION.not_after,
        ),
        SEED,
    )
