"""Calendar requests: what is filled in by hand equals what the library would write."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from invitations.services import calendars
from invitations.services.calendars import Booking, Person
from tests.invitations.letterbox import EVENT, TAG, WRITTEN_AT

BOOKING = Booking(
    event=EVENT,
    uid=f"{TAG}@vp.example.vn",
    organiser=Person("Văn phòng UBND; Thành phố, “A”", f"rsvp+{TAG}@vp.example.vn"),
    url="https://moi.example.vn/p/k5xw6zdfmztwq2lknrws",
    description="Thẻ vào cửa: https://moi.example.vn/p/k5xw\nMã cửa: 4711 0832 9956",
    written_at=WRITTEN_AT,
)


@given(st.text(max_size=120), st.text("aáệ\n\\;,^: ", max_size=160))
@example("Nguyễn Thị Minh Ánh", "Mã cửa: 4711")
@example("VnExpress", "a" * 73 + "\n" + "b" * 80)
@example('A"; B', "x")
def test_every_request_is_the_librarys_own(name: str, description: str) -> None:
    booking = replace(BOOKING, description=description)
    attendee = Person(name, "anh.nguyen@sggp.example.vn")
    try:
        expected = calendars.written_request(booking, attendee)
    except ValueError:  # the library refuses control characters, and so do we
        with pytest.raises(ValueError, match=r".*"):
            calendars.request(booking, attendee)
        return

    assert calendars.request(booking, attendee) == expected


def test_a_guest_whose_invitation_changed_has_a_sequence_of_her_own() -> None:
    attendee = Person("Nguyễn Thị Minh Ánh", "anh.nguyen@sggp.example.vn")
    changed = replace(BOOKING, sequence=2)

    made = [calendars.request(each, attendee) for each in (BOOKING, changed)]

    assert made[0] != made[1]
    assert made[1] == calendars.written_request(changed, attendee)


def quick_fold(line: str) -> str:
    return "\r\n ".join(line[at : at + 74] for at in range(0, len(line), 74))


def no_quotes(name: str) -> str:
    return name


@pytest.mark.parametrize(
    ("place", "bug"),
    [
        pytest.param("_folded", quick_fold, id="folds letters and not octets"),
        pytest.param("_quoted", no_quotes, id="forgets the quotes"),
    ],
)
def test_a_careless_way_would_be_seen(
    place: str, bug: Callable[[str], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Seeded bugs: the comparison with the library is one that can fail."""
    attendee = Person("Nguyễn Thị Minh Ánh", "anh.nguyen@sggp.example.vn")
    monkeypatch.setattr(calendars, place, bug)

    assert calendars.request(BOOKING, attendee) != calendars.written_request(BOOKING, attendee)
