"""``thumoi verify-letter``: what a person and a script learn of a signature."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from checkin.cli import main
from invitations.services.sealing import Sealing, ToSign
from tests.invitations.authority import OFFICE, Authority, a_member, an_authority, keep_seal
from tests.invitations.papers_desk import a_desk, a_letter


@pytest.fixture(scope="module")
def authority() -> Authority:
    return an_authority()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, authority: Authority) -> Path:
    """Return a folder with a signed letter, an unsigned one and the root."""
    folder = tmp_path_factory.mktemp("letters")
    keep_seal(folder / "seals/1", a_member(authority))
    unsigned = a_letter(a_desk(folder))
    sealing = Sealing(folder / "seals", folder)
    (folder / "signed.pdf").write_bytes(sealing.sign(1, [ToSign(unsigned)]).letters[0])
    (folder / "unsigned.pdf").write_bytes(unsigned)
    (folder / "root.crt").write_bytes(authority.pem)
    return folder


@pytest.fixture(autouse=True)
def house(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("THUMOI_DATA", str(tmp_path))
    monkeypatch.setenv("LC_ALL", "vi_VN.UTF-8")
    monkeypatch.chdir(tmp_path)


def test_a_good_signature_is_told_line_by_line(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = main(
        ["verify-letter", str(folder / "signed.pdf"), "--root", str(folder / "root.crt")]
    )

    said = capsys.readouterr().out.splitlines()
    assert code == 0
    assert said[0] == f"Chữ ký hợp lệ: {OFFICE}."
    assert said[2] == f"  ✓ Người ký: {OFFICE}"
    assert said[4:] == [
        "  ✓ Nội dung đúng như lúc ký.",
        "  ✓ Chữ ký bao trọn tệp.",
        "  ✓ Chứng thư do Ban Cơ yếu thử nghiệm cấp, là nơi được tin.",
    ]


def test_roots_of_the_house_are_trusted(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("THUMOI_LETTER_ROOTS", str(folder))

    code = main(["verify-letter", str(folder / "signed.pdf"), "--json"])

    told = json.loads(capsys.readouterr().out)
    assert (code, told["valid"], told["signatures"][0]["trust"]) == (0, True, "trusted")


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("signed.pdf", "Chữ ký không dùng được. Xem từng điểm bên dưới."),
        ("unsigned.pdf", "PDF chưa được ký số."),
        ("root.crt", "Tệp này không phải PDF."),
    ],
)
def test_what_cannot_be_relied_on_ends_with_one(
    folder: Path, capsys: pytest.CaptureFixture[str], name: str, said: str
) -> None:
    code = main(["verify-letter", str(folder / name)])

    assert (code, capsys.readouterr().out.splitlines()[0]) == (1, said)


def test_a_file_that_is_not_there_is_said(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = main(["verify-letter", str(folder / "khong-co.pdf")])

    assert code == 1
    assert "không mở được tệp" in capsys.readouterr().err
