"""``thumoi doctor``: is this machine fit for the day, and if not, how is it mended?"""

from __future__ import annotations

import importlib
import json
import os
import shutil
import socket
import stat
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from checkin.certificates import certificates
from checkin.config import LOOPBACK
from checkin.control import Answer
from checkin.storage.schema import state_of
from checkin.words import say
from invitations.domain.errors import CourierError

if TYPE_CHECKING:
    from checkin.config import Config

LINE_PATIENCE_S = 4
SOON_S = 30 * 86_400  # an authority takes its time to issue a certificate
LEAST_SPACE = 1 << 30
TIGHT_SPACE = 5 << 30
BUILT_AFTER = 1_767_225_600  # 2026-01-01: a clock before that is certainly wrong
LIBRARIES = {"cv2": "opencv-python-headless", "zxingcpp": "zxing-cpp", "argon2": "argon2-cffi"}


class State(StrEnum):
    """How one thing is."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at, how it is, and how it is mended."""

    name: str
    state: State
    text: str
    mend: str = ""


Check = Callable[["Config"], Iterator[Finding]]


def examine(config: Config, *, as_json: bool) -> Answer:
    """Look at everything; exit code 1 when something has to be mended before the doors open."""
    findings = list(findings_of(config))
    code = int(any(each.state is State.FAIL for each in findings))
    if as_json:
        found = {"ok": not code, "findings": [asdict(each) for each in findings]}
        return Answer(code, json.dumps(found, ensure_ascii=False, indent=2) + "\n")
    return Answer(code, "".join(map(_line, findings)))


def findings_of(config: Config) -> Iterator[Finding]:
    """Yield every finding; a check that breaks is a finding too."""
    for check in CHECKS:
        try:
            yield from check(config)
        except Exception as error:  # noqa: BLE001 - an examination ends with a finding, always
            yield Finding(
                check.__name__.strip("_"), State.FAIL, f"{type(error).__name__}: {error}"
            )


def _libraries(_config: Config) -> Iterator[Finding]:
    for name, package in LIBRARIES.items():
        try:
            module = importlib.import_module(name)
        except ImportError as error:
            mend = say("Cài lại: make ready, hoặc pip install %(package)s", package=package)
            yield Finding(name, State.FAIL, str(error), mend)
        else:
            yield Finding(name, State.OK, str(getattr(module, "__version__", "")))
    # The reader loads it through ctypes, so only the shared library itself tells.
    found = subprocess.run(
        ["/sbin/ldconfig", "-p"], capture_output=True, text=True, check=False
    )
    if "libzbar.so.0" in found.stdout:
        yield Finding("zbar", State.OK, "libzbar.so.0")
    else:
        yield Finding("zbar", State.FAIL, say("thiếu"), "apt-get install libzbar0")


def _fonts(_config: Config) -> Iterator[Finding]:
    folders = [Path(each) for each in ("/usr/share/fonts", "/usr/local/share/fonts")]
    found = next((each for root in folders for each in root.rglob("Tinos-Regular.ttf")), None)
    if found:
        yield Finding("fonts", State.OK, str(found))
    else:
        yield Finding("fonts", State.WARN, say("thiếu Tinos"), "apt-get install fonts-croscore")


def _seals(config: Config) -> Iterator[Finding]:
    """Look at the seals that sign letters: there, and nobody else's to read."""
    folder = config.letter.seals
    files = [*sorted(folder.glob("*/seal.p12")), *sorted(folder.glob("*/pin"))]
    if not files:
        mend = say("Không bắt buộc: đặt seal.p12 và password vào %(folder)s/1", folder=folder)
        yield Finding("seal", State.OK, say("chưa có con dấu số"), mend)
    for file in files:
        mode = stat.S_IMODE(file.stat().st_mode)
        if mode & 0o077:
            yield Finding("seal", State.FAIL, f"{file} {mode:04o}", f"chmod 600 {file}")
        else:
            yield Finding("seal", State.OK, str(file))


def _camera(config: Config) -> Iterator[Finding]:
    devices = sorted(str(each) for each in Path("/dev").glob("video*"))
    if devices:
        yield Finding("camera", State.OK, ", ".join(devices))
    elif config.camera.startswith(("rtsp://", "http")):
        yield Finding("camera", State.OK, urlsplit(config.camera).hostname or "")
    else:
        mend = say("Chỉ cần ở máy làm trạm: cắm camera, hoặc dùng camera mạng rtsp://…")
        yield Finding("camera", State.WARN, say("không thấy camera"), mend)


def _keys(config: Config) -> Iterator[Finding]:
    files = sorted(config.keys.glob("*.key")) if config.keys.is_dir() else []
    if not files:
        yield Finding("keys", State.WARN, say("chưa có khóa ký"), "thumoi init")
        return
    for file in files:
        mode = stat.S_IMODE(file.stat().st_mode)
        if mode == stat.S_IRUSR:
            yield Finding("keys", State.OK, f"{file} 0400")
        else:
            yield Finding("keys", State.FAIL, f"{file} {mode:04o}", f"chmod 400 {file}")


def _certificates(config: Config) -> Iterator[Finding]:
    """Look at what certificates still hold, and for how long."""
    now = time.time()
    for each in certificates(config):
        day = time.strftime("%d/%m/%Y", time.localtime(each.ends_at))
        said = {"where": each.where, "day": day}
        if each.ends_at is None:
            text = say("không đọc được chứng thư %(where)s", where=each.where)
            yield Finding(each.name, State.WARN, text, say("Xem lại tệp và mật khẩu"))
        elif each.ends_at < now:
            text = say("%(where)s: chứng thư đã hết hạn ngày %(day)s", **said)
            state = State.FAIL if each.name == "tls" else State.WARN
            yield Finding(each.name, state, text, say("Xin cấp chứng thư mới"))
        elif each.ends_at < now + SOON_S:
            text = say("%(where)s: chứng thư hết hạn ngày %(day)s", **said)
            yield Finding(each.name, State.WARN, text, say("Xin cấp chứng thư mới"))
        else:
            yield Finding(each.name, State.OK, say("%(where)s: đến ngày %(day)s", **said))


def _database(config: Config) -> Iterator[Finding]:
    found = state_of(config.database)
    if found.trouble:
        yield Finding("database", State.FAIL, found.trouble, "thumoi init")
        return
    yield Finding("database", State.OK, found.version)
    if found.current:
        yield Finding("schema", State.OK, say("mới nhất"))
    else:
        mend = say("thumoi serve tự nâng cấp, có sao lưu trước")
        yield Finding("schema", State.WARN, say("cũ hơn chương trình, hoặc chưa có"), mend)
    if found.fragile:
        text = say("SQLite %(version)s có lỗi WAL-reset", version=found.version)
        yield Finding("wal", State.OK, text + say("; ở đây tránh được nhờ một tiến trình ghi"))
    if found.unsafe:
        yield Finding("durability", State.FAIL, found.unsafe, "thumoi init")


def _mail(config: Config) -> Iterator[Finding]:
    mail = config.mail
    if not mail.host:
        mend = say("Điền [mail] host, sender trong tệp cấu hình")
        yield Finding("mail", State.WARN, say("chưa cấu hình"), mend)
        return
    yield _reachable("mail", mail.host, mail.port, encrypted=mail.security != "none")


def _mail_seals(config: Config) -> Iterator[Finding]:
    """Look at the keys that sign mail, if there are to be any."""
    seals = config.mail.seals
    if seals.dkim:
        yield _signing_key("dkim", seals.dkim.key, seals.dkim.check)
    if seals.smime:
        yield _signing_key("smime", seals.smime.p12, seals.smime.check)


def _signing_key(name: str, file: Path, check: Callable[[], None]) -> Finding:
    try:
        check()
    except CourierError:
        mend = say("Xem lại mục %(name)s_… của [mail], quyền đọc và mật khẩu", name=name)
        text = say("không dùng được khóa ký thư %(file)s", file=file)
        return Finding(name, State.WARN, text, mend)
    mode = stat.S_IMODE(file.stat().st_mode)
    if mode & 0o077:
        return Finding(name, State.WARN, f"{file} {mode:04o}", f"chmod 600 {file}")
    return Finding(name, State.OK, str(file))


def _sms(config: Config) -> Iterator[Finding]:
    address = urlsplit(config.sms.url)
    if not address.hostname:
        mend = say("Điền [sms] url nếu đơn vị gửi tin nhắn")
        yield Finding("sms", State.WARN, say("chưa cấu hình"), mend)
        return
    port = address.port or (443 if address.scheme == "https" else 80)
    yield _reachable("sms", address.hostname, port, encrypted=address.scheme == "https")


def _clock(_config: Config) -> Iterator[Finding]:
    now = time.time()
    text = time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(now))
    mend = say("Bật đồng bộ giờ: timedatectl set-ntp true")
    if now < BUILT_AFTER:
        yield Finding("clock", State.FAIL, text, mend)
    elif not Path("/run/systemd/timesync/synchronized").exists():
        yield Finding("clock", State.WARN, text + say(", chưa rõ có đồng bộ"), mend)
    else:
        yield Finding("clock", State.OK, text)


def _disk(config: Config) -> Iterator[Finding]:
    folder = next(each for each in (config.data, *config.data.parents) if each.is_dir())
    free = shutil.disk_usage(folder).free
    text = say("%(free)s GB trống ở %(folder)s", free=free >> 30, folder=folder)
    if not os.access(folder, os.W_OK):
        text = say("không ghi được vào %(folder)s", folder=folder)
        yield Finding("disk", State.FAIL, text, f"chown {os.getuid()} {folder}")
    elif free < TIGHT_SPACE:
        state = State.FAIL if free < LEAST_SPACE else State.WARN
        yield Finding("disk", state, text, say("Dọn bớt hoặc chuyển thư mục data"))
    else:
        yield Finding("disk", State.OK, text)


def _reachable(name: str, host: str, port: int, *, encrypted: bool) -> Finding:
    where = f"{host}:{port}"
    if not encrypted and host not in LOOPBACK:
        return Finding(name, State.FAIL, where, say("Bật TLS: đường gửi ra ngoài phải mã hóa"))
    try:
        socket.create_connection((host, port), LINE_PATIENCE_S).close()
    except OSError as error:
        mend = say("Kiểm tra địa chỉ, cổng và tường lửa")
        return Finding(name, State.FAIL, f"{where}: {error}", mend)
    return Finding(name, State.OK, where)


def _line(finding: Finding) -> str:
    mend = f"\n        -> {finding.mend}" if finding.mend else ""
    return f"{finding.state:<5} {finding.name:<11} {finding.text}{mend}\n"


CHECKS: tuple[Check, ...] = (
    _libraries,
    _fonts,
    _camera,
    _keys,
    _seals,
    _certificates,
    _database,
    _mail,
    _mail_seals,
    _sms,
    _clock,
    _disk,
)
