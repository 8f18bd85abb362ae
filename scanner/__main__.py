"""The commands of the station: run at a door, pair with a server, read a folder of pictures."""

from __future__ import annotations

import argparse
import json
import os
import signal
import socket
import sys
import threading
import time
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from checkin.domain.admission import Direction
from checkin.domain.protocol import PairRequest
from scanner.camera import is_film
from scanner.checkup import checkup
from scanner.config import DEFAULT_DATA, Paired, StationConfig, keep_paired, paired
from scanner.display import Display
from scanner.errors import LineError, PairingError, StationError
from scanner.identity import has_key, station_key
from scanner.keeping import set_aside
from scanner.pairing import pair
from scanner.pictures import read_pictures
from scanner.printing import SIZES, printers
from scanner.report import Reporter
from scanner.station import Station, assemble
from scanner.words import say

if TYPE_CHECKING:
    from collections.abc import Sequence

DONE, REFUSED, WRONG_USE = 0, 1, 2
UPLOAD_PATIENCE = 10.0
LAST_LOOK = 0.5


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command that *argv* names; return its exit code (0 done, 1 refused, 2 wrong)."""
    arguments = _parser().parse_args(argv)
    try:
        return int(arguments.run(arguments))
    except StationError as error:
        _complain(str(error))
        return REFUSED


def read_pictures_command(arguments: argparse.Namespace) -> int:
    """Print what is read in each picture of a folder."""
    if not arguments.directory.is_dir():
        _complain(say("Không có thư mục {name}.", name=arguments.directory))
        return WRONG_USE
    found = read_pictures(arguments.directory)
    if arguments.json:
        rows = [asdict(reading) for reading in found]
        for row in rows:
            row["milliseconds"] = round(row["milliseconds"], 1)
        sys.stdout.write(json.dumps(rows, ensure_ascii=False, indent=1) + "\n")
        return DONE
    for reading in found:
        what = " · ".join(reading.texts) or reading.problem or "–"
        sys.stdout.write(f"{reading.file}\t{reading.milliseconds:.0f} ms\t{what}\n")
    return DONE


def pair_command(arguments: argparse.Namespace) -> int:
    """Pair this machine with a server, and do nothing else."""
    return DONE if _place(arguments) is not None else REFUSED


def station_command(arguments: argparse.Namespace) -> int:
    """Pair if need be, then watch the camera until told to stop."""
    if not _camera_makes_sense(arguments.camera):
        _complain(say("Không có tệp phim {name}.", name=arguments.camera))
        return WRONG_USE
    if arguments.printer and arguments.printer not in printers():
        named = ", ".join(printers()) or "–"
        _complain(
            say(
                "CUPS không có máy in {name}; có: {named}.", name=arguments.printer, named=named
            )
        )
        return WRONG_USE
    place = _place(arguments)
    if place is None:
        return REFUSED
    config = StationConfig(
        data=arguments.data,
        camera=arguments.camera,
        port=arguments.port,
        pace=arguments.pace,
        loop=arguments.loop,
        direction=Direction.EXIT if arguments.exit else Direction.ENTRY,
        json=arguments.json,
        until_end=arguments.until_end,
        printer=arguments.printer,
        label=arguments.label,
    )
    if arguments.check:
        return _check(config, place)
    return _run(config, place)


def _run(config: StationConfig, place: Paired) -> int:
    """Run the station and its screen until Ctrl-C, or until the film ends."""
    station = assemble(config, place)
    try:
        display = Display(station, config.port)
    except OSError as error:
        _complain(say("Cổng {port} đã có chương trình khác dùng.", port=config.port))
        raise StationError(str(error)) from error
    reporter = Reporter(station, as_json=config.json)
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    station.start()
    display.start()
    reporter.begin(display.url, place)
    watching = threading.Thread(target=station.run, name="station", daemon=True)
    watching.start()
    while not stop.wait(0.05):
        reporter.tell()
        if config.until_end and station.done.is_set():
            break
    _see_off(station, stop)
    reporter.tell()
    reporter.sum_up()
    station.stopping.set()
    watching.join(2)
    display.stop()
    station.stop()
    return DONE


def _see_off(station: Station, stop: threading.Event) -> None:
    """Wait until the last records are uploaded, ten seconds at most."""
    if not stop.is_set():
        stop.wait(LAST_LOOK)
    deadline = time.monotonic() + UPLOAD_PATIENCE
    while station.journal.waiting() and station.uplink.online and time.monotonic() < deadline:
        time.sleep(0.05)
    while not stop.is_set() and station.journal.waiting() and time.monotonic() < deadline:
        time.sleep(0.05)


def _place(arguments: argparse.Namespace) -> Paired | None:
    """Return where this station stands, pairing it first if it has a code."""
    data = arguments.data.expanduser()
    arguments.data = data
    os.umask(0o077)  # what a station writes is nobody else's business
    data.mkdir(parents=True, exist_ok=True, mode=0o700)
    known = paired(data)
    if known is not None and has_key(data):
        return known
    if known is not None and not arguments.code:
        _complain(say("Trạm này đã bị ngắt. Lấy mã ghép mới ở trang Trạm của sự kiện."))
        return None
    if known is not None:
        set_aside(data, known.station)
    if not arguments.server or not arguments.code:
        _complain(
            say(
                "Trạm này chưa ghép với máy chủ. Mở trang Trạm của sự kiện, lấy mã ghép,"
                " rồi chạy lại với --server ĐỊA-CHỈ --code MÃ."
            )
        )
        return None
    return _paired_anew(data, arguments.server.rstrip("/"), arguments.code)


def _paired_anew(data: Path, server: str, code: str) -> Paired | None:
    key = station_key(data)
    try:
        answer = pair(server, PairRequest(code, key.public_hex, socket.gethostname()))
    except PairingError as refusal:
        _complain(_why_not_paired(refusal.code))
        return None
    except LineError as error:
        _complain(say("Không gọi được máy chủ {server}: {why}", server=server, why=error))
        return None
    place = Paired(
        server,
        answer.station,
        answer.event,
        answer.title,
        answer.gate_id,
        answer.gate,
        answer.fingerprint,
    )
    keep_paired(data, place)
    sys.stderr.write(
        say(
            "Đã ghép: {gate}, {title}. Đối chiếu bốn từ này với trang Trạm: {fingerprint}",
            gate=place.gate,
            title=place.title,
            fingerprint=place.fingerprint,
        )
        + "\n"
    )
    return place


def _why_not_paired(code: str) -> str:
    if code == "code_expired":
        return say("Mã ghép đã hết hạn hoặc đã dùng. Lấy mã mới ở trang Trạm của sự kiện.")
    if code == "code_unknown":
        return say("Mã ghép không đúng. Xem lại mã ở trang Trạm của sự kiện.")
    return say("Máy chủ không nhận trạm này: {why}", why=code)


def _check(config: StationConfig, place: Paired) -> int:
    findings = checkup(config, place)
    for finding in findings:
        sys.stdout.write(f"{'✓' if finding.good else '✕'} {finding.words}\n")
    return DONE if all(finding.good for finding in findings) else REFUSED


def _camera_makes_sense(camera: str) -> bool:
    """Tell whether *camera* is a number, an address, or a file that is there."""
    known = camera.isdigit() or camera.startswith("/dev/") or "://" in camera
    return known or is_film(camera) or Path(camera).is_fifo()


def _complain(text: str) -> None:
    sys.stderr.write(f"{text}\n")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="thumoi", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar=say("LỆNH"))
    _add_station(commands.add_parser("station", help=say("trông một cửa")))
    _add_pairing(commands.add_parser("pair", help=say("ghép trạm này với máy chủ")))
    reading = commands.add_parser("read-pictures", help=say("đọc mã trong một thư mục ảnh"))
    reading.add_argument("directory", type=Path, metavar="DIR")
    reading.add_argument("--json", action="store_true", help=say("in JSON"))
    reading.set_defaults(run=read_pictures_command)
    return parser


def _add_station(parser: argparse.ArgumentParser) -> None:
    _add_pairing(parser)
    add = parser.add_argument
    add("--camera", default="0", help=say("số camera, địa chỉ rtsp://…, hoặc tệp phim"))
    add("--port", type=int, default=0, help=say("cổng của màn hình ở cửa (0: tự chọn)"))
    add("--pace", type=float, default=1.0, help=say("tốc độ chiếu phim"))
    add("--loop", action="store_true", help=say("chiếu phim lại từ đầu"))
    add("--exit", action="store_true", help=say("đây là lối ra"))
    add("--json", action="store_true", help=say("mỗi lượt quét một dòng JSON"))
    add("--until-end", action="store_true", help=say("dừng khi hết phim, in tóm tắt"))
    add("--printer", default="", help=say("máy in thẻ tên, theo tên trong CUPS"))
    add(
        "--label",
        choices=sorted(SIZES),
        default="small",
        help=say("cỡ nhãn: 62x29 hoặc 100x62 mm"),
    )
    add("--check", action="store_true", help=say("chỉ kiểm tra máy trước giờ mở cửa"))
    parser.set_defaults(run=station_command)


def _add_pairing(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--server", default="", help=say("địa chỉ máy chủ"))
    parser.add_argument("--code", default="", help=say("mã ghép dùng một lần"))
    parser.add_argument(
        "--data", type=Path, default=DEFAULT_DATA, help=say("thư mục của trạm này")
    )
    parser.set_defaults(run=pair_command)


if __name__ == "__main__":
    sys.exit(main())
