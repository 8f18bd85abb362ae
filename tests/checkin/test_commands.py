"""The command line, and the server it opens: real processes, real sockets."""

from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)

ROOT = Path(__file__).parents[2]
VECTORS = ROOT / "tests/vectors/pass-text.json"
THUMOI = (sys.executable, "-m", "checkin")
STARTS_WITHIN_S = 60


@pytest.fixture
def place(tmp_path: Path) -> dict[str, str]:
    """An environment whose house stands in a folder of its own, deep enough for any path."""
    deep = tmp_path / ("a-folder-with-a-long-name-" * 4)
    return {
        **{name: value for name, value in os.environ.items() if not name.startswith("THUMOI")},
        "THUMOI_DATA": str(deep),
        "THUMOI_SERVER_THREADS": "20",
        "PYTHONPATH": str(ROOT),
        "LC_ALL": "C.UTF-8",
    }


def thumoi(
    place: dict[str, str], *words: str, text: str = ""
) -> subprocess.CompletedProcess[str]:
    """Run one command to its end."""
    return subprocess.run(
        [*THUMOI, *words],
        env=place,
        input=text,
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
        cwd=Path(place["THUMOI_DATA"]).parent,
    )


def told(place: dict[str, str], *words: str, text: str = "") -> Any:
    """Run one command and return what it says as JSON."""
    return json.loads(thumoi(place, *words, "--json", text=text).stdout)


@contextmanager
def serving(place: dict[str, str]) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """Lend a running server and its address; it is killed if it is still there."""
    log = Path(place["THUMOI_DATA"]).parent / "server.log"
    with log.open("wb") as out:
        server = subprocess.Popen(
            [*THUMOI, "serve", "--port", "0"], env=place, stdout=out, stderr=out
        )
    try:
        yield server, _address(server, log)
    finally:
        if server.poll() is None:
            server.kill()
        server.wait(10)


def test_the_first_start_makes_everything_and_shuts_it_away(place: dict[str, str]) -> None:
    found = told(place, "init")

    data = Path(place["THUMOI_DATA"])
    modes = {
        name: stat.S_IMODE((data / name).stat().st_mode)
        for name in ("", "keys", "keys/1.key", "thumoi.db")
    }
    assert found["kid"] == 1
    assert modes == {"": 0o700, "keys": 0o700, "keys/1.key": 0o400, "thumoi.db": 0o600}


def test_a_second_start_changes_nothing(place: dict[str, str]) -> None:
    first = told(place, "init")
    key = (Path(place["THUMOI_DATA"]) / "keys/1.key").read_bytes()

    assert told(place, "init") == first
    assert (Path(place["THUMOI_DATA"]) / "keys/1.key").read_bytes() == key


def test_the_vectors_agree_and_one_wrong_line_is_told(
    place: dict[str, str], tmp_path: Path
) -> None:
    spoilt = json.loads(VECTORS.read_text())
    spoilt["vectors"][0]["generation"] += 1
    (tmp_path / "spoilt.json").write_text(json.dumps(spoilt))

    good = thumoi(place, "vectors", str(VECTORS))
    bad = thumoi(place, "vectors", str(tmp_path / "spoilt.json"))

    assert (good.returncode, json.loads(good.stdout)["disagreed"]) == (0, 0)
    assert (bad.returncode, json.loads(bad.stdout)["disagreed"]) == (1, 1)


@pytest.mark.parametrize(
    ("words", "code"),
    [
        pytest.param(("vectors", "none.json"), 2, id="no such file"),
        pytest.param(("user", "add", "nobody"), 2, id="no address"),
        pytest.param(("user", "disable", "x@example.vn"), 1, id="nobody there"),
        pytest.param(("import", "none.xlsx", "--dry-run"), 1, id="no such list"),
        pytest.param(("import", "none.xlsx"), 2, id="no event"),
        pytest.param(("--config", "none.toml", "keys"), 2, id="no configuration"),
        pytest.param(("dance",), 2, id="no such command"),
    ],
)
def test_a_refusal_has_its_exit_code_and_says_why(
    place: dict[str, str], words: tuple[str, ...], code: int
) -> None:
    answer = thumoi(place, *words)

    assert (answer.returncode, answer.stdout) == (code, "")
    assert answer.stderr.strip() != ""
    assert "Traceback" not in answer.stderr


def test_a_password_may_come_from_a_pipe_and_must_be_good(place: dict[str, str]) -> None:
    add = ("user", "add", "anh@example.vn", "--password-stdin")

    short = told(place, *add, text="ngắn\n")
    good = told(place, *add, text="bốn từ ghép lại là đủ\n")
    twice = told(place, *add, text="bốn từ ghép lại là đủ\n")

    assert (short, twice) == ({"error": "too_short"}, {"error": "email_taken"})
    assert good == {"email": "anh@example.vn", "role": "officer"}


def test_the_doctor_tells_how_to_mend(place: dict[str, str]) -> None:
    before = told(place, "doctor")
    told(place, "init")
    key = Path(place["THUMOI_DATA"]) / "keys/1.key"
    good = told(place, "doctor")
    key.chmod(0o644)
    open_key = told(place, "doctor")

    states = {each["name"]: each["state"] for each in good["findings"]}
    mends = [each["mend"] for each in open_key["findings"] if each["state"] == "fail"]
    assert [each["name"] for each in before["findings"] if each["state"] == "fail"] == [
        "database"
    ]
    assert (states["database"], states["schema"], states["keys"]) == ("ok", "ok", "ok")
    assert mends == [f"chmod 400 {key}"]


def test_the_doctor_looks_at_the_keys_that_sign_mail(
    place: dict[str, str], tmp_path: Path
) -> None:
    key = tmp_path / "dkim.pem"
    signing = {
        "THUMOI_MAIL_SENDER": "moi@b.vn",
        "THUMOI_MAIL_DKIM_DOMAIN": "b.vn",
        "THUMOI_MAIL_DKIM_SELECTOR": "s",
        "THUMOI_MAIL_DKIM_KEY": str(key),
    }

    missing = _dkim(place | signing)
    made = rsa.generate_private_key(public_exponent=65_537, key_size=2_048)
    key.write_bytes(made.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    key.chmod(0o644)
    open_to_all = _dkim(place | signing)
    key.chmod(0o600)

    assert (missing["state"], open_to_all["state"]) == ("warn", "warn")
    assert str(key) in missing["text"]
    assert open_to_all["mend"] == f"chmod 600 {key}"
    assert _dkim(place | signing)["state"] == "ok"


def _dkim(place: dict[str, str]) -> dict[str, str]:
    (found,) = [each for each in told(place, "doctor")["findings"] if each["name"] == "dkim"]
    return {name: str(value) for name, value in found.items()}


def test_a_server_serves_takes_commands_and_ends_cleanly(place: dict[str, str]) -> None:
    with serving(place) as (server, address):
        page = httpx.get(f"{address}/sign-in")
        made = told(place, "user", "add", "anh@example.vn", "--generate")
        form = {"email": "anh@example.vn", "password": made["password"]}
        signed_in = httpx.post(f"{address}/sign-in", data=form, headers={"Origin": address})
        second = thumoi(place, "serve", "--port", "0")
        server.send_signal(signal.SIGTERM)
        ended = server.wait(40)

    data = Path(place["THUMOI_DATA"])
    assert (page.status_code, signed_in.status_code, ended) == (200, 303, 0)
    assert (second.returncode, str(data / "thumoi.db") in second.stderr) == (1, True)
    assert not (data / "control.sock").exists()
    assert [each["email"] for each in told(place, "user", "list")] == ["anh@example.vn"]


def test_a_worker_that_dies_is_replaced(place: dict[str, str]) -> None:
    with serving(place) as (server, address):
        children = Path(f"/proc/{server.pid}/task/{server.pid}/children").read_text().split()
        os.kill(int(children[0]), signal.SIGKILL)
        _wait_for(lambda: httpx.get(f"{address}/sign-in").status_code == 200)
        server.send_signal(signal.SIGINT)
        ended = server.wait(40)

    assert ended == 0


def test_a_taken_port_is_said(place: dict[str, str]) -> None:
    with serving(place) as (_server, address):
        port = address.rpartition(":")[2]
        other = {**place, "THUMOI_DATA": f"{place['THUMOI_DATA']}-2"}
        answer = thumoi(other, "serve", "--port", port)

    assert answer.returncode == 1
    assert "Traceback" not in answer.stderr


def _address(server: subprocess.Popen[bytes], log: Path) -> str:
    _wait_for(lambda: "http://" in log.read_text("utf-8") or server.poll() is not None)
    found = log.read_text("utf-8")
    assert server.poll() is None, found
    return "http://" + found.partition("http://")[2].split()[0]


def _wait_for(holds: Any) -> None:
    deadline = time.monotonic() + STARTS_WITHIN_S
    while time.monotonic() < deadline:
        try:
            if holds():
                return
        except httpx.TransportError:
            pass
        time.sleep(0.05)
    raise TimeoutError
