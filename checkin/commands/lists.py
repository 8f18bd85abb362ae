"""``thumoi import``: a guest list from a spreadsheet, with every row accounted for."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from checkin.commands.room import Room, done, refused
from checkin.words import say
from invitations.domain.errors import FileRefusedError, NotFoundError
from invitations.services.importing import Importing, preview_file, summary

if TYPE_CHECKING:
    from checkin.control import Answer

LIST = "list"
SHOWN = 40


def preview(wish: Namespace) -> Answer:
    """Say what an import would do; needs no event and no database."""
    try:
        found = summary(preview_file(wish.file))
    except FileRefusedError as error:
        return file_refused(error, wish)
    return done(_words(found), found, as_json=wish.json)


def store(wish: Namespace, room: Room) -> Answer:
    """Store the rows that are beyond doubt in an event's guest list."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / wish.file.name
        path.write_bytes(room.file(LIST))
        try:
            made = Importing(room.database).import_file(path, wish.event, room.actor)
        except FileRefusedError as error:
            return file_refused(error, wish)
        except NotFoundError:
            text = say("Không có sự kiện %(event)s trong đơn vị này.", event=wish.event)
            return refused(text, {"error": "no-such-event"}, as_json=wish.json)
    found = {**summary(made.preview), "import": made.id, "event": wish.event}
    return done(_words(found), found, as_json=wish.json)


def file_refused(error: FileRefusedError, wish: Namespace) -> Answer:
    """Say why a file is no guest list; nothing of it was stored."""
    text = _refusals().get(error.code) or say("Không đọc được tệp này.")
    name = wish.file.name
    said = f"{name}: {text} " + say("Không có gì được ghi.")
    found = {"error": error.code, "detail": error.detail, "file": name}
    return refused(said, found, as_json=wish.json)


def unreadable() -> FileRefusedError:
    """Return the refusal of a file that cannot be opened."""
    return FileRefusedError("not-found")


def _words(found: dict[str, Any]) -> str:
    lines = [
        say("%(rows)s dòng:", rows=found["rows"]),
        say("  %(n)s nhập nguyên vẹn", n=found["imported"]),
        say("  %(n)s nhập sau khi sửa", n=found["repaired"]),
        say("  %(n)s cần hỏi lại", n=found["questioned"]),
        say("  %(n)s bỏ qua", n=found["skipped"]),
    ]
    problems = found["problems"]
    lines += [
        "  · " + ", ".join(f"{key} {value}" for key, value in each.items() if value)
        for each in problems[:SHOWN]
    ]
    if len(problems) > SHOWN:
        lines.append(say("  … và %(n)s điều nữa; xem --json", n=len(problems) - SHOWN))
    return "\n".join(lines)


def _refusals() -> dict[str, str]:
    return {
        "empty": say("tệp rỗng. Hãy lưu lại danh sách rồi chọn đúng tệp."),
        "no-rows": say("bảng không có dòng nào dưới tiêu đề."),
        "no-header": say("không thấy dòng tiêu đề có cột họ tên. Hãy thêm dòng tiêu đề."),
        "too-many-rows": say("bảng quá dài. Hãy chia thành nhiều tệp."),
        "too-large": say("tệp lớn hơn 10 MB. Hãy bỏ hình ảnh và trang tính thừa."),
        "bomb": say("tệp nén giãn ra quá lớn nên bị từ chối. Hãy lưu lại từ Excel."),
        "locked": say("tệp có mật khẩu. Hãy bỏ mật khẩu rồi lưu lại."),
        "macros": say("tệp có macro. Hãy lưu thành .xlsx thường."),
        "picture": say("đây là hình ảnh, không phải bảng."),
        "renamed": say("nội dung không đúng với đuôi tệp. Hãy mở bằng Excel và lưu lại."),
        "unknown": say("không phải .xlsx, .xls, .ods hay .csv."),
        "broken": say("tệp hỏng. Hãy mở bằng Excel và lưu lại."),
        "too-slow": say("đọc tệp quá lâu nên đã dừng. Hãy lưu lại từ Excel."),
        "not-found": say("không mở được tệp. Hãy kiểm tra đường dẫn và quyền đọc."),
    }
