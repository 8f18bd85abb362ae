"""Pairing: a code is good once and for ten minutes; a key is known by its words."""

from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import select

from checkin.domain.errors import PairingError
from checkin.domain.protocol import PairRequest, challenge_bytes
from checkin.domain.stations import fingerprint, grouped
from checkin.services.pairing import MOST_WRONG, Pairing
from checkin.storage.tables import pairings
from invitations.storage.database import Database
from tests.checkin.factories import House, a_house

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PUBLIC = KEY.public_key().public_bytes_raw()


@pytest.fixture
def house(database: Database, tmp_path: Path) -> House:
    return a_house(database, tmp_path / "keys")


def refusal(house: House, code: str, key: str = PUBLIC.hex()) -> str:
    with pytest.raises(PairingError) as caught:
        house.pairing.pair(PairRequest(code, key))
    return caught.value.code


def test_a_code_pairs_a_device_once(house: House) -> None:
    offer = house.pairing.offer(house.event, house.gates[1], house.officer)

    station = house.pairing.pair(PairRequest(grouped(offer.code), PUBLIC.hex(), " Máy  B "))

    assert (station.event_id, station.gate_id) == (house.event, house.gates[1])
    assert (station.name, station.fingerprint) == ("Máy B", fingerprint(PUBLIC))
    assert refusal(house, offer.code) == "code_expired"


def test_a_code_is_good_for_ten_minutes(house: House) -> None:
    offers = [house.pairing.offer(house.event, house.gates[0], house.officer) for _ in range(2)]

    house.clock.pass_by(600)
    house.pairing.pair(PairRequest(offers[0].code, PUBLIC.hex()))
    house.clock.pass_by(1)

    assert refusal(house, offers[1].code) == "code_expired"


def test_an_unknown_code_is_refused_and_guessing_ends(house: House) -> None:
    said = [refusal(house, "000 000 000") for _ in range(MOST_WRONG)]

    assert set(said) == {"code_unknown"}
    assert refusal(house, "000 000 001") == "too_many"
    house.clock.pass_by(601)
    assert refusal(house, "000 000 001") == "code_unknown"


@pytest.mark.parametrize("key", ["", "zz", "00" * 31, "00" * 32, "01" + "00" * 31])
def test_a_key_under_which_anybody_could_sign_is_refused(house: House, key: str) -> None:
    offer = house.pairing.offer(house.event, house.gates[0], house.officer)

    assert refusal(house, offer.code, key) == "bad_key"
    house.pairing.pair(PairRequest(offer.code, PUBLIC.hex()))


def test_the_code_stands_nowhere_in_the_database(house: House) -> None:
    offer = house.pairing.offer(house.event, house.gates[0], house.officer)

    with house.database.read() as connection:
        rows = [tuple(row) for row in connection.execute(select(pairings))]

    assert offer.code not in str(rows)
    assert house.pairing.offered(offer.handle) == offer


def test_the_screen_learns_which_device_used_its_code(house: House) -> None:
    offer = house.pairing.offer(house.event, house.gates[0], house.officer)
    assert house.pairing.paired_since(offer) is None

    station = house.pairing.pair(PairRequest(offer.code, PUBLIC.hex()))

    used = house.pairing.offered(offer.handle)
    assert used is not None
    assert house.pairing.paired_since(used) == station


def test_a_station_is_known_by_its_signature_alone(house: House) -> None:
    device = house.at_gate()
    challenge = house.pairing.challenge()
    name = device.station.id
    good = device.key.sign(challenge_bytes(challenge, name)).hex()
    other = KEY.sign(challenge_bytes(challenge, name)).hex()

    assert house.pairing.is_ours(challenge)
    assert house.pairing.proven(name, challenge, good) == device.station
    assert house.pairing.proven(name, challenge, other) is None
    assert house.pairing.proven(name, house.pairing.challenge(), good) is None
    assert house.pairing.proven("0" * 16, challenge, good) is None
    assert house.pairing.proven(name, challenge, "not hexadecimal") is None


def test_a_bearer_names_its_station_and_cannot_be_made_up(house: House) -> None:
    device = house.at_gate()
    bearer = house.pairing.bearer(device.station)

    assert house.pairing.borne(bearer) == device.station
    assert (
        house.pairing.borne(bearer[:-5] + ("A" if bearer[-5] != "A" else "B") + bearer[-4:])
        is None
    )
    assert house.pairing.borne(house.pairing.challenge()) is None


def test_codes_and_bearers_survive_a_restart(house: House) -> None:
    device = house.at_gate()
    offer = house.pairing.offer(house.event, house.gates[0], house.officer)
    bearer = house.pairing.bearer(device.station)

    restarted = Pairing(house.database, house.clock)

    assert restarted.borne(bearer) == device.station
    assert restarted.offered(offer.handle) == offer


def test_a_station_signed_out_stays_known_as_such(house: House) -> None:
    device = house.at_gate()

    assert house.pairing.revoke(device.station.id)
    assert not house.pairing.revoke(device.station.id)

    found = house.pairing.find(device.station.id)
    assert found == replace(device.station, revoked_at=int(house.clock.now))
