"""Passes in the wallets of telephones: signed as Apple and Google ask, or not there at all."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import subprocess
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from PIL import Image

from invitations.domain.errors import SealError
from invitations.domain.model import Holder
from invitations.services.wallet import SAVE_LINK, Apple, Google, Wallet
from tests.invitations.authority import PASSWORD, Authority, a_key, a_member, an_authority
from tests.invitations.letterbox import EVENT, GUEST, INVITATION, OFFICE, a_pass_text

HOLDER = Holder(GUEST, INVITATION)
LONGEST_LINK = 1_800  # what Google calls safe


@pytest.fixture(scope="module")
def authority() -> Authority:
    return an_authority("WWDR thử nghiệm")


@pytest.fixture
def wallet(tmp_path: Path, authority: Authority) -> Wallet:
    member = a_member(authority, "Pass Type ID: pass.vn.example.thumoi", strong=True)
    _keep(tmp_path / "pass.p12", member.p12())
    _keep(tmp_path / "wwdr.pem", authority.pem)
    key: Any = a_key(strong=True)
    account = {
        "client_email": "thumoi@example.iam.example",
        "private_key": key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        ).decode(),
    }
    _keep(tmp_path / "google.json", json.dumps(account).encode())
    apple = Apple(
        tmp_path / "pass.p12",
        tmp_path / "wwdr.pem",
        "pass.vn.example.thumoi",
        "TEAM123456",
        PASSWORD,
    )
    return Wallet(apple, Google(tmp_path / "google.json", "3388000000012345678"))


def files_of(pkpass: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(pkpass)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def openssl_says(folder: Path, files: dict[str, bytes], authority: Authority) -> bool:
    """Return whether openssl finds the signature of the manifest to be good."""
    for name in ("signature", "manifest.json"):
        (folder / name).write_bytes(files[name])
    (folder / "root.pem").write_bytes(authority.pem)
    done = subprocess.run(
        ["openssl", "smime", "-verify", "-inform", "DER", "-in", "signature", "-content",
         "manifest.json", "-CAfile", "root.pem", "-purpose", "any", "-out", "told"],
        cwd=folder, capture_output=True, check=False, timeout=30,
    )  # fmt: skip
    return done.returncode == 0


def test_openssl_finds_the_pass_signed(
    wallet: Wallet, authority: Authority, tmp_path: Path
) -> None:
    files = files_of(wallet.pkpass(HOLDER, OFFICE, EVENT, a_pass_text()))

    assert openssl_says(tmp_path, files, authority)


def test_a_touched_manifest_is_caught(
    wallet: Wallet, authority: Authority, tmp_path: Path
) -> None:
    files = files_of(wallet.pkpass(HOLDER, OFFICE, EVENT, a_pass_text()))
    files["manifest.json"] = files["manifest.json"].replace(b"0", b"1", 1)

    assert not openssl_says(tmp_path, files, authority)


def test_a_pass_signed_by_somebody_else_is_caught(wallet: Wallet, tmp_path: Path) -> None:
    files = files_of(wallet.pkpass(HOLDER, OFFICE, EVENT, a_pass_text()))

    assert not openssl_says(tmp_path, files, an_authority("Nơi khác"))


def test_the_manifest_names_every_file(wallet: Wallet) -> None:
    files = files_of(wallet.pkpass(HOLDER, OFFICE, EVENT, a_pass_text()))
    manifest = json.loads(files.pop("manifest.json"))
    del files["signature"]

    sums = {
        name: hashlib.new("sha1", data).hexdigest()  # noqa: S324 - as the format has it
        for name, data in files.items()
    }
    assert manifest == sums


def test_the_pass_carries_both_codes_and_the_facts(wallet: Wallet) -> None:
    text = a_pass_text()
    files = files_of(wallet.pkpass(HOLDER, OFFICE, EVENT, text))
    told = json.loads(files["pass.json"])

    codes = {each["format"]: each["message"] for each in told["barcodes"]}
    ticket = told["eventTicket"]
    assert codes == {
        "PKBarcodeFormatQR": text,
        "PKBarcodeFormatCode128": INVITATION.door_code,
    }
    assert ticket["primaryFields"][0]["value"] == EVENT.title
    assert ticket["secondaryFields"][0]["value"] == "Bà Nguyễn Thị Minh Ánh"
    assert told["passTypeIdentifier"] == "pass.vn.example.thumoi"
    assert told["teamIdentifier"] == "TEAM123456"
    assert told["relevantDate"] == "2026-11-19T15:00:00+07:00"
    assert told["voided"] is False


def test_a_pass_issued_again_has_another_number(wallet: Wallet) -> None:
    again = Holder(GUEST, replace(INVITATION, generation=1))

    first, second = (
        json.loads(files_of(wallet.pkpass(each, OFFICE, EVENT, a_pass_text()))["pass.json"])[
            "serialNumber"
        ]
        for each in (HOLDER, again)
    )

    assert first != second


@pytest.mark.parametrize(
    ("invitation", "event"),
    [
        pytest.param(replace(INVITATION, state="withdrawn"), EVENT, id="withdrawn"),
        pytest.param(INVITATION, replace(EVENT, state="cancelled"), id="event cancelled"),
    ],
)
def test_a_pass_that_opens_nothing_says_so(wallet: Wallet, invitation: Any, event: Any) -> None:
    file = wallet.pkpass(Holder(GUEST, invitation), OFFICE, event, a_pass_text())

    assert json.loads(files_of(file)["pass.json"])["voided"] is True


def test_the_icons_have_the_sizes_that_apple_asks_for(wallet: Wallet) -> None:
    files = files_of(wallet.pkpass(HOLDER, OFFICE, EVENT, a_pass_text()))

    sizes = {
        name: Image.open(io.BytesIO(data)).size
        for name, data in files.items()
        if name.endswith(".png")
    }
    assert sizes == {"icon.png": (29, 29), "icon@2x.png": (58, 58), "icon@3x.png": (87, 87)}


def decoded(part: str) -> Any:
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))


def google_key(wallet: Wallet) -> rsa.RSAPublicKey:
    assert wallet.google is not None
    account = json.loads(wallet.google.key.read_text(encoding="utf-8"))
    key = serialization.load_pem_private_key(account["private_key"].encode(), None)
    assert isinstance(key, rsa.RSAPrivateKey)
    return key.public_key()


def test_google_is_told_the_pass_in_a_signed_link(wallet: Wallet) -> None:
    text = a_pass_text()

    link = wallet.save_link(HOLDER, OFFICE, EVENT, text, at=1_795_000_000)

    head, claims, signature = link.removeprefix(SAVE_LINK).split(".")
    raw = base64.urlsafe_b64decode(signature + "=" * (-len(signature) % 4))
    google_key(wallet).verify(
        raw, f"{head}.{claims}".encode(), padding.PKCS1v15(), hashes.SHA256()
    )
    told = decoded(claims)
    assert decoded(head) == {"alg": "RS256", "typ": "JWT"}
    assert (told["aud"], told["typ"], told["iss"]) == (
        "google",
        "savetowallet",
        "thumoi@example.iam.example",
    )
    (ticket,) = told["payload"]["eventTicketObjects"]
    assert ticket["barcode"]["value"] == text
    assert ticket["ticketHolderName"] == "Bà Nguyễn Thị Minh Ánh"
    assert len(link.removeprefix(SAVE_LINK)) <= LONGEST_LINK


def test_a_link_with_other_words_is_caught(wallet: Wallet) -> None:
    link = wallet.save_link(HOLDER, OFFICE, EVENT, a_pass_text(), at=1_795_000_000)
    other = wallet.save_link(HOLDER, OFFICE, EVENT, a_pass_text(), at=1_795_000_001)
    signature = link.rpartition(".")[2]
    raw = base64.urlsafe_b64decode(signature + "=" * (-len(signature) % 4))
    words = other.removeprefix(SAVE_LINK).rpartition(".")[0]

    with pytest.raises(InvalidSignature):
        google_key(wallet).verify(raw, words.encode(), padding.PKCS1v15(), hashes.SHA256())


def test_an_office_without_certificates_has_no_wallet() -> None:
    none = Wallet()

    with pytest.raises(SealError):
        none.pkpass(HOLDER, OFFICE, EVENT, a_pass_text())
    with pytest.raises(SealError):
        none.save_link(HOLDER, OFFICE, EVENT, a_pass_text(), at=0)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        pytest.param({"password": "sai"}, "password", id="wrong password"),
        pytest.param({"p12": Path("khong-co.p12")}, "no-key", id="no file"),
        pytest.param({"wwdr": Path("khong-co.pem")}, "no-key", id="no authority"),
    ],
)
def test_a_certificate_that_does_not_fit_says_why(
    wallet: Wallet, change: dict[str, Any], code: str
) -> None:
    assert wallet.apple is not None
    wrong = Wallet(replace(wallet.apple, **change))

    with pytest.raises(SealError) as caught:
        wrong.pkpass(HOLDER, OFFICE, EVENT, a_pass_text())

    assert caught.value.code == code


def _keep(path: Path, data: bytes) -> None:
    path.touch(mode=0o600)
    path.write_bytes(data)
