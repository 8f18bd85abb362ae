"""Whatever is handed in at the counter that is no good: a clear word, and nothing half-done."""

import json
import os
import sqlite3
import subprocess
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from openpyxl import Workbook

from checkin.demo.desk import Desk
from checkin.demo.door import DoorStation
from checkin.demo.house import House, open_house
from checkin.demo.processes import THUMOI, Program
from checkin.demo.visitor import HEADERS, Visitor

pytestmark = pytest.mark.timeout(300)

PASSWORD_WRONG = 401
NO_CAMERA = "63"  # /dev/video63
TABLES = ("guests", "imports", "import_drafts", "invitations", "deliveries", "stations")


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with open_house(tmp_path_factory.mktemp("house")) as opened:
        opened.add_person("officer", "canbo@vanphong.example", "Nguyễn Thị Hoa")
        yield opened


@pytest.fixture(scope="module")
def desk(house: House) -> Iterator[Desk]:
    person = house.add_person("officer", "truong@vanphong.example", "Lê Văn Bình")
    with Visitor(house.url) as visitor:
        visitor.sign_in(person.email, person.password)
        yield Desk(visitor)


@pytest.fixture(scope="module")
def event(desk: Desk) -> int:
    return desk.plan("Họp báo", "Cửa A", datetime.now(UTC))


def thumoi(house: House, *words: str) -> "subprocess.CompletedProcess[str]":
    """Run one command as a person would; return its code and its words."""
    return subprocess.run(
        [*THUMOI, *words],
        env=dict(os.environ) | dict(house.environment) | {"LANG": "vi_VN.UTF-8"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        stdin=subprocess.DEVNULL,
    )


def kept(house: House, *tables: str) -> dict[str, int]:
    """Return how many rows the database has in each of *tables*."""
    path = house.folder / "office" / "thumoi.db"
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as database:
        counts = {
            name: int(database.execute(f"SELECT count(*) FROM {name}").fetchone()[0])  # noqa: S608 - our own names
            for name in tables
        }
    database.close()
    return counts


def a_sheet(path: Path, *rows: tuple[str, ...]) -> Path:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append(row)
    book.save(path)
    return path


def a_bomb(path: Path) -> Path:
    """Return a workbook of a few kilobytes whose sheet unfolds to half a gigabyte."""
    inside = a_sheet(path.with_name("inside.xlsx"), ("Họ và tên", "Cơ quan"))
    with (
        zipfile.ZipFile(inside) as good,
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as bad,
    ):
        for name in good.namelist():
            if "sheet1" not in name:
                bad.writestr(name, good.read(name))
        with bad.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as sheet:
            sheet.write(b"<worksheet><sheetData>")
            for _ in range(512):
                sheet.write(b" " * 1024 * 1024)
    return path


def make(kind: str, folder: Path) -> Path:
    """Make a bad list of *kind* in *folder*."""
    path = folder / f"{kind}.xlsx"
    match kind:
        case "renamed":
            path.write_text("Kính gửi Văn phòng, đây là thư chứ không phải danh sách.\n")
        case "empty":
            path.write_bytes(b"")
        case "no-rows":
            a_sheet(path, ("Họ và tên", "Cơ quan", "Thư điện tử"))
        case "no-header":
            a_sheet(path, ("1", "2", "3"), ("4", "5", "6"), ("7", "8", "9"))
        case "bomb":
            a_bomb(path)
        case _:
            path = folder / "nowhere.xlsx"
    return path


@pytest.mark.parametrize(
    "kind", ["renamed", "empty", "no-rows", "no-header", "bomb", "not-found"]
)
def test_a_file_that_is_no_list_is_named_and_nothing_of_it_is_stored(
    house: House, event: int, kind: str, tmp_path: Path
) -> None:
    path = make(kind, tmp_path)
    before = kept(house, *TABLES)

    for_people = thumoi(house, "import", str(path), "--event", str(event))
    for_programs = thumoi(house, "import", str(path), "--event", str(event), "--json")

    assert (for_people.returncode, for_programs.returncode) == (1, 1)
    assert path.name in for_people.stderr
    assert "Không có gì được ghi." in for_people.stderr
    assert "Traceback" not in for_people.stderr
    assert json.loads(for_programs.stdout)["error"] == kind
    assert kept(house, *TABLES) == before


def test_a_wrong_password_opens_nothing(house: House) -> None:
    before = kept(house, "sessions")

    answer = httpx.post(
        f"{house.url}/sign-in",
        data={"email": "canbo@vanphong.example", "password": "sai-mat-khau"},
        headers=HEADERS,
        trust_env=False,
    )

    assert answer.status_code == PASSWORD_WRONG
    assert "mật khẩu" in answer.text
    assert "set-cookie" not in answer.headers
    assert kept(house, "sessions") == before


def let_codes_expire(house: House) -> None:
    """Let every one-time code be an hour old, while nobody else writes."""
    house.server.stop()
    with sqlite3.connect(house.folder / "office" / "thumoi.db") as database:
        database.execute("UPDATE pairings SET expires_at = expires_at - 3600")
    database.close()
    house.open_doors()


@pytest.mark.parametrize(
    ("state", "word"),
    [
        pytest.param("expired", "hết hạn", id="expired"),
        pytest.param("unknown", "không đúng", id="never given out"),
    ],
)
def test_a_bad_pairing_code_takes_no_station_in(
    house: House, desk: Desk, event: int, tmp_path: Path, state: str, word: str
) -> None:
    code = desk.pairing_code(event)
    if state == "expired":
        let_codes_expire(house)
    else:
        code = code[::-1]
    before = kept(house, "stations")

    words = ("--server", house.url, "--code", code, "--data", str(tmp_path), "--camera", "0")
    answer = thumoi(house, "station", *words)

    assert answer.returncode == 1
    assert word in answer.stderr
    assert "Traceback" not in answer.stderr
    assert not (tmp_path / "paired.json").exists()
    assert kept(house, "stations") == before


def test_a_camera_that_is_not_there_is_named_and_the_station_works_on(
    house: House, desk: Desk, event: int, tmp_path: Path
) -> None:
    code = desk.pairing_code(event)
    paired = thumoi(
        house, "pair", "--server", house.url, "--code", code, "--data", str(tmp_path)
    )
    camera = ("--data", str(tmp_path), "--camera", NO_CAMERA)

    checked = thumoi(house, "station", *camera, "--check")
    door = DoorStation(Program(["station", *camera, "--json"], tmp_path / "station.log"))
    with door.program:
        screen = door.wait_until_ready()
        door.program.wait_until(lambda: camera_of(screen) == "offline", 30, "offline")
        page = httpx.get(screen, trust_env=False).text

    assert paired.returncode == 0
    assert checked.returncode == 1
    assert "✕" in checked.stdout
    assert "camera" in checked.stdout.lower()
    assert "Mất camera" in page
    assert "Traceback" not in door.program.last_words()


def camera_of(screen: str) -> str:
    """Return how the station whose screen this is says that its camera is."""
    return str(httpx.get(f"{screen}state", trust_env=False).json()["camera"])
