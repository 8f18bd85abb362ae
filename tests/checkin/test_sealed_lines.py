"""Sealed lines: a pass opens its own guest, the PIN opens the list, and nothing else does."""

import json
import secrets
from base64 import b64decode
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkin.domain import sealing
from checkin.domain.sealing import PinCost
from invitations.domain import roster
from invitations.domain.roster import RosterEntry
from tests.scanner.door_frames import OTHER_SEED, a_text

KEY, OTHER_KEY = bytes(range(32)), bytes(range(1, 33))
CHEAP = PinCost(t=1, m=64, p=1)
HA = RosterEntry(
    f"{1:016x}",
    0,
    "issued",
    "Nguyễn Thị Thu Hà",
    honorific="Bà",
    title="Phóng viên",
    organisation="Báo Thanh Niên",
    vip=True,
    note="Hàng ghế đầu",
    party=2,
    reply="accepted",
    category="press",
    door_code="123456789015",
    phone_tail="0917",
)
TEXT = a_text(1)


def line() -> sealing.Line:
    return sealing.seal_entry(HA, KEY, TEXT)


def test_the_pass_that_is_shown_opens_its_guest() -> None:
    assert sealing.open_by_pass(line(), TEXT) == roster.to_json(HA)


def test_the_key_of_the_event_opens_every_guest() -> None:
    assert sealing.open_by_key(line(), KEY) == roster.to_json(HA)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(a_text(2), id="another guest's pass"),
        pytest.param(a_text(1, seed=OTHER_SEED), id="a forged pass"),
        pytest.param("", id="nothing"),
        pytest.param("71" + "0" * 200, id="noughts"),
    ],
)
def test_no_other_text_opens_it(text: str) -> None:
    assert sealing.open_by_pass(line(), text) is None


def test_no_other_key_opens_it() -> None:
    assert sealing.open_by_key(line(), OTHER_KEY) is None


def test_what_is_sealed_for_one_guest_opens_for_no_other() -> None:
    moved = line() | {"pass_id": f"{2:016x}"}

    assert sealing.open_by_key(moved, KEY) is None
    assert sealing.open_by_pass(moved, TEXT) is None


def in_the_clear(found: sealing.Line) -> set[str]:
    """Return which values of the guest can be read in a line without any key."""
    told = json.dumps(found, ensure_ascii=False) + "".join(
        b64decode(found[name]).decode("latin-1") for name in ("sealed", "box")
    )
    private = {HA.name, HA.organisation, HA.title, HA.note, HA.door_code, HA.phone_tail}
    return {value for value in private if value in told}


def test_a_line_tells_what_the_decision_needs_and_nobodys_name() -> None:
    found = line()

    assert set(found) == {*sealing.CLEAR, "name", "sealed", "box"}
    assert found["name"] == ""
    assert in_the_clear(found) == set()


def test_a_station_of_an_older_version_reads_a_line_and_learns_no_name() -> None:
    found = roster.from_json(line())

    assert (found.pass_id, found.party, found.vip, found.name) == (HA.pass_id, 2, True, "")


def test_a_name_left_in_the_clear_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    """The seeded bug: somebody lets the title through because a badge wants it."""
    monkeypatch.setattr(sealing, "CLEAR", (*sealing.CLEAR, "title"))

    assert in_the_clear(line()) == {HA.title}


def test_how_long_a_name_is_stays_unknown() -> None:
    short = sealing.seal_entry(replace(HA, name="Lê An"), KEY, TEXT)

    assert len(short["sealed"]) == len(line()["sealed"])


def test_a_pin_unwraps_the_key_and_the_role_that_goes_with_it() -> None:
    salt = secrets.token_bytes(sealing.SALT_BYTES)
    wrapped = sealing.wrap_key(
        sealing.key_of_pin("204617", salt, CHEAP), KEY, staff_id="7", role="supervisor"
    )

    right = sealing.key_of_pin("204617", salt, CHEAP)
    wrong = sealing.key_of_pin("204618", salt, CHEAP)

    assert sealing.unwrap_key(right, wrapped, staff_id="7") == (KEY, "supervisor")
    assert sealing.unwrap_key(wrong, wrapped, staff_id="7") is None
    assert sealing.unwrap_key(right, wrapped, staff_id="8") is None


def test_details_of_a_walk_in_open_for_their_own_scan_only() -> None:
    sealed = sealing.seal_details({"name": "Võ Minh Hùng"}, KEY, "scan-1")

    assert sealing.open_details(sealed, KEY, "scan-1") == {"name": "Võ Minh Hùng"}
    assert sealing.open_details(sealed, KEY, "scan-2") is None
    assert sealing.open_details(sealed, OTHER_KEY, "scan-1") is None
    assert sealing.open_details("no base64!", KEY, "scan-1") is None


@given(st.text(max_size=80), st.text(max_size=80), st.binary(min_size=32, max_size=32))
def test_whatever_a_guest_is_called_comes_back(name: str, note: str, key: bytes) -> None:
    guest = replace(HA, name=name, note=note)
    found = sealing.seal_entry(guest, key, TEXT)

    assert sealing.open_by_key(found, key) == roster.to_json(guest)
    assert sealing.open_by_pass(found, TEXT) == roster.to_json(guest)


@given(st.integers(0, 400), st.integers(1, 255))
def test_a_changed_byte_is_noticed(place: int, by: int) -> None:
    found = line()
    raw = bytearray(b64decode(found["sealed"]))
    raw[place % len(raw)] ^= by

    changed = found | {"sealed": sealing._written(bytes(raw))}  # noqa: SLF001 - as we write it

    assert sealing.open_by_key(changed, KEY) is None
