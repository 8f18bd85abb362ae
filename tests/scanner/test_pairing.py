"""Pairing and the command line: clear words for what goes wrong, nothing half done."""

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from scanner.__main__ import main
from scanner.config import paired
from tests.scanner.door_frames import a_code, a_text

Answer = Callable[[dict[str, Any]], tuple[int, dict[str, Any]]]


@pytest.fixture(autouse=True)
def in_vietnamese(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "vi_VN.UTF-8")


@pytest.fixture(name="office")
def a_pairing_office() -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Serve the pairing of a station: each code has its own answer."""
    asked: list[dict[str, Any]] = []

    class Desk(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            wish = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            asked.append(wish)
            status, answer = ANSWERS[wish["code"]]
            body = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Desk)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", asked
    server.shutdown()
    server.server_close()


ANSWERS: dict[str, tuple[int, dict[str, Any]]] = {
    "GOOD": (
        200,
        {
            "station": "00000000000000a1",
            "event": 5,
            "title": "Họp báo",
            "gate_id": 1,
            "gate": "Cửa A",
            "fingerprint": "một hai ba bốn",
            "now_ms": 0,
        },
    ),
    "OLD": (410, {"error": "code_expired"}),
    "WRONG": (404, {"error": "code_unknown"}),
    "HALF": (200, {"station": "x"}),
}


def pair(server: str, code: str, data: Path) -> int:
    return main(["pair", "--server", server, "--code", code, "--data", str(data)])


def test_a_good_code_pairs_and_shows_the_four_words(
    office: tuple[str, list[dict[str, Any]]],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    server, asked = office

    code = pair(server, "GOOD", tmp_path)
    place = paired(tmp_path)

    assert code == 0
    assert place is not None
    assert (place.station, place.gate) == ("00000000000000a1", "Cửa A")
    assert "một hai ba bốn" in capsys.readouterr().err
    assert len(bytes.fromhex(asked[0]["public_key"])) == 32


@pytest.mark.parametrize(
    ("code", "words"),
    [
        pytest.param("OLD", "hết hạn", id="expired"),
        pytest.param("WRONG", "không đúng", id="unknown"),
        pytest.param("HALF", "Không gọi được", id="a server that is none of ours"),
    ],
)
def test_a_refused_code_is_said_clearly_and_leaves_the_station_unpaired(
    office: tuple[str, list[dict[str, Any]]],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    code: str,
    words: str,
) -> None:
    assert pair(office[0], code, tmp_path) == 1
    assert words in capsys.readouterr().err
    assert paired(tmp_path) is None


def test_a_server_that_is_not_there_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert pair("http://127.0.0.1:9", "GOOD", tmp_path) == 1
    assert "Không gọi được máy chủ" in capsys.readouterr().err


def test_an_unpaired_station_says_how_to_pair(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["station", "--data", str(tmp_path)]) == 1
    assert "--code" in capsys.readouterr().err


def test_a_film_that_is_not_there_is_wrong_use(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = main(["station", "--data", str(tmp_path), "--camera", str(tmp_path / "no.avi")])

    assert code == 2
    assert "no.avi" in capsys.readouterr().err


def test_read_pictures_prints_texts_and_milliseconds(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cv2.imwrite(str(tmp_path / "a.png"), a_code(a_text(1)))
    cv2.imwrite(str(tmp_path / "b.png"), np.zeros((50, 50), np.uint8))

    code = main(["read-pictures", str(tmp_path), "--json"])
    rows = json.loads(capsys.readouterr().out)

    assert code == 0
    assert [row["texts"] for row in rows] == [[a_text(1)], []]
    assert all(row["milliseconds"] > 0 for row in rows)


def test_read_pictures_of_no_folder_is_wrong_use(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["read-pictures", str(tmp_path / "nowhere")]) == 2
    assert "nowhere" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
