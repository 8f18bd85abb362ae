"""The clocks, and names that are unique without asking."""

import stat
import time
import uuid
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.clock import Clock, mono_ms
from scanner.identity import new_scan_id, station_key


def test_a_station_that_never_heard_the_server_says_so() -> None:
    moment = Clock().now()

    assert (moment.offset_ms, moment.offset_error_ms) == (None, None)
    assert moment.corrected_ms == moment.wall_ms


def test_the_server_time_is_learnt_with_its_error() -> None:
    clock = Clock()
    asked = mono_ms() - 40

    clock.hear(time.time_ns() // 1_000_000 + 90_000, asked)
    moment = clock.now()

    assert moment.offset_ms is not None
    assert abs(moment.offset_ms - 90_020) < 60
    assert moment.offset_error_ms is not None
    assert 20 <= moment.offset_error_ms < 60


def test_a_wall_clock_set_by_hand_does_not_change_the_order(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock = Clock()
    clock.hear(1_000_000, mono_ms())
    before = clock.now()

    monkeypatch.setattr("scanner.clock.time.time_ns", lambda: 0)
    after = clock.now()

    assert 0 <= after.corrected_ms - before.corrected_ms < 1000


def test_a_vaguer_answer_does_not_replace_a_sharper_one() -> None:
    clock = Clock()
    clock.hear(1_000_000, mono_ms())
    sharp = clock.now()

    clock.hear(999_900, mono_ms() - 400)
    later = clock.now()

    assert later.corrected_ms - sharp.corrected_ms < 50


def test_what_was_learnt_is_recalled_in_the_same_boot_only() -> None:
    clock, again, elsewhere = Clock(), Clock(), Clock()
    clock.hear(5_000_000, mono_ms())

    again.recall(clock.to_json())
    elsewhere.recall(clock.to_json() | {"boot_id": "another boot"})

    assert again.now().offset_ms is not None
    assert elsewhere.now().offset_ms is None


@given(st.integers(0, 2**48 - 1))
def test_a_scan_id_is_a_uuid_of_version_7_with_its_time(now_ms: int) -> None:
    scan = uuid.UUID(new_scan_id(now_ms))

    assert (scan.version, scan.variant, scan.int >> 80) == (7, uuid.RFC_4122, now_ms)


def test_the_key_is_made_once_and_readable_by_its_owner_alone(tmp_path: Path) -> None:
    first, second = station_key(tmp_path), station_key(tmp_path)

    assert first.public_hex == second.public_hex
    assert stat.S_IMODE((tmp_path / "station.key").stat().st_mode) == 0o400
