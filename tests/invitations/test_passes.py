"""The pass text: what is minted is read, and nothing else ever opens the door."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st
from itsdangerous import Signer

from checkin.commands.vectors import run
from invitations.domain import passes
from invitations.domain.errors import PassError
from invitations.domain.passes import (
    CONTEXT,
    MINUTE_ZERO,
    DoorPass,
    Ed25519Verifying,
    TrustedKey,
    TrustList,
    judge,
    mint,
    public_key,
    read,
    whole_minute,
)

VECTORS = Path(__file__).parents[1] / "vectors/pass-text.json"
SEED = bytes(range(32))
OTHER_SEED = bytes(range(1, 33))
TRUST = TrustList(1, (TrustedKey(1, public_key(SEED)), TrustedKey(2, public_key(OTHER_SEED))))
Reader = Callable[[str, TrustList], DoorPass]

PASSES = st.builds(
    DoorPass,
    kid=st.just(1),
    event=st.integers(0, 2**32 - 1),
    pass_id=st.binary(min_size=8, max_size=8).map(bytes.hex),
    generation=st.integers(0, 255),
    not_after=st.integers(0, 2**24 - 1).map(lambda minute: MINUTE_ZERO + 60 * minute),
)


def opened(reader: Reader, text: str) -> DoorPass | None:
    """Return what *reader* lets in with *text*, or None."""
    try:
        return reader(text, TRUST)
    except PassError:
        return None


def one_bit_off(text: str, bit: int) -> str:
    """Return *text* with one bit of its 83 bytes turned over."""
    return f"71{int(text[2:]) ^ 1 << bit:0200d}"


def near_misses(text: str) -> list[str]:
    """Return texts that look like the valid *text* and are not."""
    digits = [
        text[:place] + str((int(text[place]) + 1) % 10) + text[place + 1 :]
        for place in range(len(text))
    ]
    blanks = [f" {text}", f"{text} ", f"{text}\n", f"\ufeff{text}", f"{text}\0"]
    written = [text.translate({48 + n: 0x0660 + n for n in range(10)}), f"0{text}", text[1:]]
    bits = [one_bit_off(text, bit) for bit in range(8 * passes.TEXT_BYTES)]
    return [*digits, *blanks, *written, *bits, text + text, text[::-1]]


def test_every_vector_agrees() -> None:
    document = json.loads(VECTORS.read_text(encoding="utf-8"))

    found = run(document)

    assert found == {
        "agreed": len(document["vectors"]),
        "disagreed": 0,
        "disagreements": [],
    }


@given(PASSES)
def test_what_is_minted_is_read(door_pass: DoorPass) -> None:
    text = mint(door_pass, SEED)

    assert read(text, TRUST) == door_pass
    assert passes.PATTERN.fullmatch(text)


@given(st.text() | st.from_regex(passes.PATTERN, fullmatch=True) | st.binary().map(repr))
def test_no_text_off_the_street_opens_the_door(text: str) -> None:
    assert opened(read, text) is None


def test_no_text_beside_a_valid_one_opens_the_door() -> None:
    texts = near_misses(mint(a_pass(), SEED))

    assert len(texts) > 800
    assert [text for text in texts if opened(read, text)] == []


@given(PASSES, st.lists(st.integers(0, 8 * passes.TEXT_BYTES - 1), min_size=1, unique=True))
def test_no_pass_with_turned_bits_opens_the_door(door_pass: DoorPass, bits: list[int]) -> None:
    text = mint(door_pass, SEED)
    for bit in bits:
        text = one_bit_off(text, bit)

    assert opened(read, text) is None


@given(PASSES, st.data())
def test_no_other_pass_opens_with_a_borrowed_signature(
    door_pass: DoorPass, data: st.DataObject
) -> None:
    other = data.draw(PASSES.filter(lambda each: each != door_pass))
    ours, theirs = _bytes(mint(door_pass, SEED)), _bytes(mint(other, SEED))

    forged = theirs[: passes.BODY_BYTES] + ours[passes.BODY_BYTES :]

    assert opened(read, f"71{int.from_bytes(forged, 'big'):0200d}") is None


@given(PASSES)
def test_a_key_that_is_not_trusted_opens_nothing(door_pass: DoorPass) -> None:
    text = mint(door_pass, OTHER_SEED)

    assert opened(read, text) is None


@pytest.mark.parametrize(
    "own",
    [{1: SEED}, {1: SEED, 2: OTHER_SEED}, {1: OTHER_SEED}, {2: SEED}],
    ids=["ours", "all ours", "not the seed of that key", "of another key"],
)
def test_whose_key_it_is_changes_no_reading(own: dict[int, bytes]) -> None:
    ours, theirs = mint(a_pass(), SEED), mint(a_pass(kid=2), OTHER_SEED)
    forged = [mint(a_pass(kid=2), SEED), mint(a_pass(), OTHER_SEED), *near_misses(ours)[::7]]

    def with_seeds(text: str, trust: TrustList) -> DoorPass:
        return read(text, trust, own)

    found = [opened(with_seeds, each) for each in (ours, theirs)]
    assert found == [a_pass(), a_pass(kid=2)]
    assert [text for text in forged if opened(with_seeds, text)] == []


@pytest.mark.parametrize(
    ("change", "event", "now", "reason"),
    [
        pytest.param({}, 8, 0, "wrong_event", id="another event"),
        pytest.param({}, 7, MINUTE_ZERO + 601, "too_late", id="a second too late"),
        pytest.param({}, 8, MINUTE_ZERO + 601, "wrong_event", id="both: the event comes first"),
        pytest.param({"kid": 9}, 7, 0, "forged", id="a key nobody knows"),
    ],
)
def test_the_first_reason_that_applies_is_told(
    change: dict[str, int], event: int, now: int, reason: str
) -> None:
    text = mint(a_pass(**change), SEED)

    with pytest.raises(PassError) as refusal:
        judge(text, TRUST, event=event, now=now)

    assert refusal.value.reason == reason


def test_a_pass_is_good_to_its_very_last_second() -> None:
    assert judge(mint(a_pass(), SEED), TRUST, event=7, now=MINUTE_ZERO + 600) == a_pass()


def test_a_pass_that_ends_between_minutes_is_not_minted() -> None:
    with pytest.raises(ValueError, match="whole minute"):
        mint(a_pass(not_after=MINUTE_ZERO + 61), SEED)


@given(st.integers(0, 2**40))
def test_a_whole_minute_is_never_before_its_instant(instant: int) -> None:
    minute = whole_minute(instant)

    assert (minute % 60, 0 <= minute - instant < 60) == (0, True)


@pytest.mark.parametrize("sign", [0, 1])
@pytest.mark.parametrize("y", sorted(passes._SMALL_ORDER))  # noqa: SLF001 - the list under test
def test_a_key_under_which_anybody_could_sign_is_never_trusted(y: int, sign: int) -> None:
    key = (y | sign << 255).to_bytes(32, "little")

    with pytest.raises(ValueError, match="small order"):
        TrustedKey(1, key)


def test_whoever_verifies_cannot_sign() -> None:
    signer = Signer(public_key(SEED), key_derivation="none", algorithm=Ed25519Verifying())

    with pytest.raises(TypeError, match="cannot sign"):
        signer.sign(b"a pass")


def test_the_signature_stands_over_the_context_and_the_body() -> None:
    raw = _bytes(mint(a_pass(), SEED))

    key = Ed25519PrivateKey.from_private_bytes(SEED).public_key()

    key.verify(raw[passes.BODY_BYTES :], CONTEXT + raw[: passes.BODY_BYTES])


# Readers that are wrong on purpose: each must be seen by the questions asked above.


def _trims(text: str, trust: TrustList) -> DoorPass:
    return read(text.strip(), trust)


def _reads_any_digits(text: str, trust: TrustList) -> DoorPass:
    return read("".join(str(int(each)) if each.isdigit() else each for each in text), trust)


def _takes_what_it_finds(text: str, trust: TrustList) -> DoorPass:
    found = re.search(r"71[0-9]{200}", text)
    return read(found.group() if found else text, trust)


def _forgets_the_signature(text: str, trust: TrustList) -> DoorPass:
    door_pass = passes._fields(passes._raw(text))  # noqa: SLF001 - how a careless reader is made
    if trust.key(door_pass.kid) is None:
        raise PassError("forged")
    return door_pass


def _forgets_the_last_bit(text: str, trust: TrustList) -> DoorPass:
    for each in (text, _turned(text)):
        if found := opened(read, each):
            return found
    return read(text, trust)


def _turned(text: str) -> str:
    return one_bit_off(text, 0) if passes.PATTERN.fullmatch(text) else text


@pytest.mark.parametrize(
    "careless",
    [
        _trims,
        _reads_any_digits,
        _takes_what_it_finds,
        _forgets_the_signature,
        _forgets_the_last_bit,
    ],
)
def test_a_careless_reader_is_seen(careless: Reader) -> None:
    texts = near_misses(mint(a_pass(), SEED))

    assert [text for text in texts if opened(careless, text)] != []


def test_a_careless_reader_disagrees_with_the_vectors() -> None:
    document = json.loads(VECTORS.read_text(encoding="utf-8"))

    found = run(document, lambda text, trust, **_: _forgets_the_signature(text, trust))

    assert found["disagreed"] > 0
    assert found["agreed"] + found["disagreed"] == len(document["vectors"])


def a_pass(**changes: int) -> DoorPass:
    """Return a dull pass of event 7 that is good for ten minutes after the year's turn."""
    usual = {"kid": 1, "event": 7, "generation": 0, "not_after": MINUTE_ZERO + 600}
    return DoorPass(pass_id="0011223344556677", **{**usual, **changes})


def _bytes(text: str) -> bytes:
    return int(text[2:]).to_bytes(passes.TEXT_BYTES, "big")
