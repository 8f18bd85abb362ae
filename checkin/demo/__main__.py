"""``thumoi demo``: a whole press conference on this machine."""

from __future__ import annotations

import argparse
import json
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from checkin.demo.casting import Parts, parts_for
from checkin.demo.house import Ports, open_house
from checkin.demo.play import Summary, follow, reckon
from checkin.demo.processes import DemoError
from checkin.demo.sinks import free_port
from checkin.demo.story import Plot, Story
from checkin.words import say

USUAL = Ports(server=8000, postbox=8025, smtp=2525)
USUAL_SCREEN = 8010
DONE, DISAGREED, SIGNALLED = 0, 1, 128
BAR = 24
SERVER = "thumoi serve"


def main(words: Sequence[str]) -> int:
    """Play the story as *words* ask; return 0 if everything agreed."""
    wish = _parser().parse_args(words)
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(SIGNALLED + number))
    # Whoever is started in the background inherits a deaf ear for Ctrl-C.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    kept = wish.keep is not None
    folder = Path(wish.keep or tempfile.mkdtemp(prefix="thumoi-demo-")).absolute()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        code = _play(wish, folder)
    except DemoError as error:
        kept = True
        code = DISAGREED
        _fail(error, folder)
    except KeyboardInterrupt:
        code = SIGNALLED + signal.SIGINT if wish.once else DONE
        _write(say("Đã dừng buổi chạy thử."))
    finally:
        if not kept:
            shutil.rmtree(folder, ignore_errors=True)
    return code


def _play(wish: argparse.Namespace, folder: Path) -> int:
    """Play the story once, and go on showing the film unless asked to end."""
    started = time.monotonic()
    with open_house(folder, USUAL) as house:
        story = Story(house, Plot(parts_for(wish.guests)), _Progress())
        try:
            story.open_office()
            _show_addresses(story)
            story.send_letters()
            film = story.shoot_film()
            board = story.watch()
            options = ("--until-end",) if wish.once else ("--loop",)
            door = story.new_station(*options, "--port", str(free_port(USUAL_SCREEN)))
            with door.program:
                screen = door.wait_until_ready()
                _write(say("Màn hình ở cửa: %(url)s", url=screen))
                scans = follow(story, film, door)
                summary = reckon(story, scans, board, time.monotonic() - started)
                _show_summary(summary, as_json=wish.json)
                if not wish.once:
                    _stay(story)
        finally:
            story.close()
    return DISAGREED if summary.disagreements else DONE


def _stay(story: Story) -> None:
    """Keep everything running until Ctrl-C."""
    _write(
        say(
            "Phim chiếu lại từ đầu; từ giờ thẻ nào cũng đã dùng, nên cửa báo ĐÃ QUÉT. "
            "Dừng: Ctrl-C."
        )
    )
    while story.house.server.alive:
        time.sleep(1)
    raise story.house.server.failure(SERVER)


class _Progress:
    """Says on standard error how far the story is: a bar for people, lines for logs."""

    def __init__(self) -> None:
        self._last = ("", -1)

    def __call__(self, what: str, done: int, every: int) -> None:
        """Tell that *done* of *every* is done of *what*."""
        if (what, done) == self._last:
            return
        self._last = (what, done)
        finished = done >= every
        if not sys.stderr.isatty():
            if finished:
                _write(f"· {what}: {done}/{every}")
            return
        full = BAR * done // max(every, 1)
        line = f"\r{what:<24} {'█' * full}{'·' * (BAR - full)} {done}/{every} "
        sys.stderr.write(line + ("\n" if finished else ""))
        sys.stderr.flush()


def _show_addresses(story: Story) -> None:
    house = story.house
    lines = [
        "",
        say("Trang của văn phòng:   %(url)s", url=f"{house.url}/events/{story.event}"),
        say("Bảng trực tiếp:        %(url)s", url=story.board_url),
        say("Thư đã đến nơi:        %(url)s", url=house.postbox_url),
        say("Tài khoản:"),
    ]
    lines += [
        f"  {person.role:<11}{person.email:<32}{person.password}"
        for person in story.people.values()
    ]
    _write("\n".join([*lines, ""]))


def _show_summary(summary: Summary, *, as_json: bool) -> None:
    if as_json:
        sys.stdout.write(json.dumps(summary.to_json(), ensure_ascii=False, indent=1) + "\n")
        sys.stdout.flush()
        return
    found = summary
    reasons = ", ".join(f"{reason} {count}" for reason, count in found.refused.items())
    lines = [
        say("%(n)s khách được mời", n=found.guests),
        say(
            "%(n)s thư điện tử, %(m)s tin nhắn đã đến",
            n=found.mails_delivered,
            m=found.texts_delivered,
        ),
        say("%(n)s thẻ giơ lên, %(m)s thẻ đọc được", n=found.passes_shown, m=found.passes_read),
        say("%(n)s khách vào cửa", n=found.admitted),
        say("từ chối: %(reasons)s", reasons=reasons),
        say("bảng trực tiếp đếm %(n)s", n=found.board_arrived),
        say("%(n)s giây", n=found.seconds),
    ]
    mark = "✗" if found.disagreements else "✓"
    _write("\n".join(f"{mark} {line}" for line in [*lines, *found.disagreements]))


def _fail(error: DemoError, folder: Path) -> None:
    lines = [say("Buổi chạy thử không xong: %(what)s", what=error.what), error.words]
    lines.append(say("Nhật ký: %(path)s", path=error.log or folder))
    _write("\n".join(line for line in lines if line))


def _write(text: str) -> None:
    sys.stderr.write(text + "\n")
    sys.stderr.flush()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="thumoi demo",
        description=say(
            "Cả một buổi họp báo trên máy này: thư mời, khách, cửa, bảng trực tiếp."
        ),
    )
    add = parser.add_argument
    add("--once", action="store_true", help=say("chạy một lần rồi dừng"))
    add("--json", action="store_true", help=say("in tóm tắt bằng JSON"))
    add("--keep", metavar=say("THƯ-MỤC"), help=say("giữ mọi thứ trong thư mục này"))
    text = say("bao nhiêu khách vào được cửa trong phim")
    add("--guests", type=int, default=Parts.guests, metavar=say("SỐ"), help=text)
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
