"""Reports and answers find their delivery, by whichever of the five keys they bear."""

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import select, update

from invitations.domain.traces import Trace, Traced
from invitations.storage import traces
from invitations.storage.database import Database
from invitations.storage.tables import deliveries, invitations
from tests.invitations.outboxes import House, a_house

Keys = dict[str, str]


@pytest.fixture
def house(database: Database, tmp_path: Path) -> House:
    """A house of three guests to whom mails were accepted, on each kind of database."""
    made = a_house(database, tmp_path / "keys", people=3)
    made.send()
    database.write(
        lambda tx: tx.execute(
            update(deliveries).values(relay_id="1xV98A-" + deliveries.c.message_id)
        )
    )
    return made


def keys_of(house: House, number: int) -> tuple[Traced, Keys]:
    """Return the delivery to guest *number*, and what its mail says of it."""
    with house.database.read() as connection:
        row = connection.execute(
            select(deliveries, invitations.c.tag)
            .join(invitations, invitations.c.id == deliveries.c.invitation_id)
            .where(invitations.c.guest_id == number)
        ).one()
    keys = {"tag": row.tag, "message_id": row.message_id, "relay_id": row.relay_id}
    return Traced(row.id, row.invitation_id, agreed=True), keys


def look_up(house: House, trace: Trace) -> Traced | None:
    with house.database.read() as connection:
        return traces.find(connection, trace)


@pytest.mark.parametrize(
    "trace_of",
    [
        pytest.param(
            lambda keys: Trace(references=(f"<{keys['message_id']}>",)), id="Message-ID"
        ),
        pytest.param(
            lambda keys: Trace(references=("<other@x.y>", keys["message_id"])), id="References"
        ),
        pytest.param(
            lambda keys: Trace(addresses=(f"bounce+{keys['tag']}@vp.example.vn",)), id="VERP"
        ),
        pytest.param(
            lambda keys: Trace(addresses=("a@b.vn", f"<RSVP+{keys['tag'].upper()}@VP.VN>")),
            id="plus address in capitals",
        ),
        pytest.param(
            lambda keys: Trace(envelope_id=keys["message_id"].partition("@")[0]), id="ENVID"
        ),
        pytest.param(lambda keys: Trace(uid=f"{keys['tag']}@vp.example.vn"), id="calendar UID"),
        pytest.param(lambda keys: Trace(relay_id=keys["relay_id"]), id="relay's number"),
    ],
)
def test_each_key_alone_leads_to_the_delivery(
    house: House, trace_of: Callable[[Keys], Trace]
) -> None:
    meant, keys = keys_of(house, 2)

    assert look_up(house, trace_of(keys)) == meant


def test_keys_that_lead_to_two_guests_are_marked(house: House) -> None:
    meant, keys = keys_of(house, 2)
    _other, others = keys_of(house, 3)

    found = look_up(house, Trace((f"rsvp+{others['tag']}@vp.vn",), (keys["message_id"],)))

    assert found == Traced(meant.delivery_id, meant.invitation_id, agreed=False)


def test_a_calendars_key_is_trusted_before_an_address(house: House) -> None:
    meant, keys = keys_of(house, 2)
    _other, others = keys_of(house, 3)
    trace = Trace((f"rsvp+{others['tag']}@vp.vn",), uid=f"{keys['tag']}@vp.example.vn")

    found = look_up(house, trace)

    assert found == Traced(meant.delivery_id, meant.invitation_id, agreed=False)


@pytest.mark.parametrize(
    "trace",
    [
        Trace(),
        Trace(addresses=("", "bounce+@x.y", "bounce+khách@x.y", "rsvp+aaaaaaaaaaaaaaaa@x.y")),
        Trace(references=("", "<>", "%", "inv.%.0@vp.example.vn")),
        Trace(envelope_id="inv"),
        Trace(envelope_id="%"),
        Trace(uid="' or 1=1 --@x"),
        Trace(relay_id="1xV98A"),
    ],
)
def test_a_trace_of_nobody_leads_nowhere(house: House, trace: Trace) -> None:
    assert look_up(house, trace) is None
