"""Signing with a token (PKCS #11): the key stays in it, and the letter is as good as any."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from invitations.domain.errors import SealError
from invitations.services import sealwords
from invitations.services.sealing import Sealing, ToSign
from tests.invitations.authority import OFFICE, Authority, a_member, a_seal, an_authority
from tests.invitations.letterbox import EVENT
from tests.invitations.letterbox import OFFICE as HOST
from tests.invitations.papers_desk import FORM, a_desk
from tests.invitations.softtoken import SoftToken, keep_token


@pytest.fixture(scope="module")
def authority() -> Authority:
    return an_authority()


@pytest.fixture(scope="module")
def token(
    tmp_path_factory: pytest.TempPathFactory, authority: Authority
) -> Iterator[SoftToken]:
    """A token with the seal of an office; this process and its children find it."""
    made = SoftToken(tmp_path_factory.mktemp("token"))
    with pytest.MonkeyPatch.context() as patch:
        for name, value in made.environment.items():
            patch.setenv(name, value)
        made.make()
        made.take(a_member(authority, strong=True))
        made.take(a_member(authority, days=(-400, -30), strong=True), "cu", "02")
        yield made


def said(text: str, **values: str) -> str:
    """Return *text* in Vietnamese."""
    return text % values


@pytest.fixture
def sealing(tmp_path: Path, token: SoftToken, authority: Authority) -> Sealing:
    assert token.folder.is_dir()
    keep_token(tmp_path / "1")
    (tmp_path / "1" / "seal.png").write_bytes(a_seal())
    (tmp_path / "roots").mkdir()
    (tmp_path / "roots" / "co-yeu.pem").write_bytes(authority.pem)
    return Sealing(tmp_path, tmp_path / "roots")


@pytest.fixture(scope="module")
def unsigned(tmp_path_factory: pytest.TempPathFactory) -> ToSign:
    desk = a_desk(tmp_path_factory.mktemp("offices"))
    sheet = desk.sheet(FORM, HOST, EVENT)
    return ToSign(desk.press.pdf(sheet.template, sheet.data), desk.sign_here(sheet))


def test_letters_signed_by_a_token_are_good_signatures_of_its_owner(
    sealing: Sealing, unsigned: ToSign
) -> None:
    assert sealing.ready(1)
    signed = sealing.sign(1, [unsigned, unsigned], place="Thành phố Hồ Chí Minh").letters

    for each in signed:
        report = sealing.verify(each)
        (signature,) = report.signatures
        assert report.valid
        assert (signature.signer, signature.trust, signature.whole) == (OFFICE, "trusted", True)


def test_a_letter_of_a_token_that_is_touched_is_seen(
    sealing: Sealing, unsigned: ToSign
) -> None:
    (signed,) = sealing.sign(1, [unsigned]).letters
    place = signed.index(b"/Producer") if b"/Producer" in signed else 200
    touched = signed[:place] + bytes([signed[place] ^ 1]) + signed[place + 1 :]

    assert not sealing.verify(touched).valid


@pytest.mark.parametrize(
    ("described", "code"),
    [
        pytest.param({"pin": "999999"}, "pin", id="wrong PIN"),
        pytest.param({"token": "nobody"}, "token", id="no such token"),
        pytest.param({"label": "nothing"}, "token", id="no such certificate"),
        pytest.param({"label": "cu"}, "expired", id="certificate of last year"),
    ],
)
def test_what_stops_a_token_is_said(
    sealing: Sealing, unsigned: ToSign, described: dict[str, str], code: str
) -> None:
    keep_token(sealing.seals / "1", **described)

    with pytest.raises(SealError) as stopped:
        sealing.sign(1, [unsigned])

    assert stopped.value.code == code
    assert "%(" not in sealwords.refusal(stopped.value, said)


def test_a_pin_that_others_can_read_is_not_used(sealing: Sealing, unsigned: ToSign) -> None:
    (sealing.seals / "1" / "pin").chmod(0o644)

    with pytest.raises(SealError) as stopped:
        sealing.sign(1, [unsigned])

    assert stopped.value.code == "open"


@pytest.mark.parametrize("text", ["library = 1", "token = 'a'", "= broken", ""])
def test_a_description_that_cannot_be_read_is_named(
    sealing: Sealing, unsigned: ToSign, text: str
) -> None:
    (sealing.seals / "1" / "token.toml").write_text(text)

    with pytest.raises(SealError) as stopped:
        sealing.sign(1, [unsigned])

    assert (stopped.value.code, Path(stopped.value.detail).name) == ("token-file", "token.toml")
