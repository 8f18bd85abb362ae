"""The words of the command line, and what each of them teaches with ``--help``."""

from __future__ import annotations

from argparse import SUPPRESS, ArgumentParser, RawDescriptionHelpFormatter
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING

from checkin.commands import house, journals, lists, stations, users
from checkin.domain.accounts import Role
from checkin.words import say

if TYPE_CHECKING:
    from argparse import _SubParsersAction

    Commands = _SubParsersAction[ArgumentParser]


def build_parser() -> ArgumentParser:
    """Return the parser of everything that ``thumoi`` understands."""
    parser = ArgumentParser(
        prog="thumoi",
        description=say("Thư mời có mã QR ký số, và đón khách ở cửa."),
        epilog=say(
            "Bắt đầu: thumoi init; thumoi user add …; thumoi serve.\n"
            "Cấu hình: thumoi.toml trong thư mục này, hoặc --config, hoặc THUMOI_…\n"
            "Mã thoát: 0 xong, 1 bị từ chối hoặc không khớp, 2 dùng sai."
        ),
        formatter_class=RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--version", action="version", version=_version(), help=say("in số phiên bản rồi thoát")
    )
    _add_config(parser, default=None)
    commands = parser.add_subparsers(dest="command", required=True, metavar=say("LỆNH"))
    _add_house(commands)
    _add_users(commands)
    _add_lists(commands)
    _add_checks(commands)
    _add_doors(commands)
    _add_elsewhere(commands)
    return parser


def _add_house(commands: Commands) -> None:
    make = _add(
        commands,
        "init",
        say("tạo thư mục dữ liệu, cơ sở dữ liệu, đơn vị và khóa ký"),
        say("Chạy lại bao nhiêu lần cũng được: những gì đã có thì giữ nguyên."),
    )
    make.set_defaults(work=house.init)
    serve = _add(
        commands,
        "serve",
        say("mở máy chủ: trang web, đường dây trực tiếp, gửi thư"),
        say(
            "Dừng bằng Ctrl-C hoặc SIGTERM; mọi việc đang ghi được ghi xong trước khi dừng.\n"
            "--port 0 chọn một cổng trống và in địa chỉ."
        ),
    )
    serve.add_argument("--host", help=say("địa chỉ để nghe, thay cho server.host"))
    serve.add_argument("--port", type=int, help=say("cổng để nghe, thay cho server.port"))
    serve.set_defaults(work=None)
    keys = _add(
        commands,
        "keys",
        say("liệt kê khóa công khai dùng để đọc mã"),
        say("Khóa riêng nằm trong thư mục keys, mỗi khóa một tệp chỉ máy chủ đọc được."),
    )
    keys.set_defaults(work=house.keys)


def _add_users(commands: Commands) -> None:
    user = commands.add_parser("user", help=say("tài khoản: add, list, password, disable"))
    verbs = user.add_subparsers(dest="verb", required=True, metavar=say("VIỆC"))
    add = _add(
        verbs,
        "add",
        say("thêm tài khoản"),
        say(
            "Vai trò: officer làm mọi việc; supervisor quyết định ở cửa; steward đón khách;\n"
            "viewer chỉ xem màn hình. Không có mật khẩu thì tạo tự động và in một lần.\n"
            'Ví dụ: thumoi user add anh@example.vn --name "Lê Ánh" --role officer'
        ),
    )
    add.add_argument("email", help=say("địa chỉ thư điện tử, dùng để đăng nhập"))
    add.add_argument("--name", default="", help=say("họ và tên"))
    add.add_argument("--role", choices=[role.value for role in Role], default="officer")
    _add_password(add)
    add.set_defaults(work=users.add)
    every = _add(verbs, "list", say("liệt kê tài khoản"), "")
    every.set_defaults(work=users.every)
    password = _add(verbs, "password", say("đặt mật khẩu mới; mọi phiên kết thúc"), "")
    password.add_argument("email")
    _add_password(password)
    password.set_defaults(work=users.set_password)
    disable = _add(verbs, "disable", say("khóa tài khoản; mọi phiên kết thúc"), "")
    disable.add_argument("email")
    disable.add_argument("--undo", action="store_true", help=say("mở lại"))
    disable.set_defaults(work=users.disable)


def _add_lists(commands: Commands) -> None:
    load = _add(
        commands,
        "import",
        say("nhập danh sách khách từ .xlsx, .xls, .ods hay .csv"),
        say(
            "Mỗi dòng đều được kể: nhập, sửa, cần hỏi, hay bỏ qua; bốn số cộng lại bằng "
            "số dòng.\n"
            "--dry-run chỉ đọc thử, không cần sự kiện hay cơ sở dữ liệu.\n"
            "Ví dụ: thumoi import khach-moi.xlsx --dry-run --json"
        ),
    )
    load.add_argument("file", type=Path, help=say("tệp danh sách"))
    load.add_argument("--event", type=int, help=say("số của sự kiện"))
    load.add_argument("--dry-run", action="store_true", help=say("chỉ đọc thử"))
    load.set_defaults(work=lists.store)


def _add_checks(commands: Commands) -> None:
    compare = _add(
        commands,
        "vectors",
        say("so mã thẻ với tệp mẫu"),
        say("In số mẫu khớp và không khớp; mã thoát 1 nếu có mẫu không khớp."),
    )
    compare.add_argument("file", type=Path, help=say("tệp JSON chứa các mẫu"))
    letter = _add(
        commands,
        "verify-letter",
        say("giải thích chữ ký số của một giấy mời PDF"),
        say(
            "Ai ký, lúc nào, có bao trọn tệp không, có bị sửa sau khi ký không, nơi cấp chứng\n"
            "thư có được tin không. Chứng thư gốc nằm trong thư mục roots, hoặc --root TỆP.\n"
            "Mã thoát 0 nếu mọi chữ ký đều dùng được, 1 nếu không."
        ),
    )
    letter.add_argument("file", type=Path, help=say("tệp PDF đã ký"))
    letter.add_argument(
        "--root",
        type=Path,
        action="append",
        default=[],
        metavar=say("TỆP"),
        help=say("tin thêm chứng thư gốc này"),
    )
    _add(
        commands,
        "doctor",
        say("kiểm tra máy này: thư viện, phông chữ, camera, khóa, dữ liệu, đường gửi, đồng hồ"),
        say("Mỗi dòng là ok, warn hoặc fail kèm cách sửa; mã thoát 1 nếu có fail."),
    )


def _add_doors(commands: Commands) -> None:
    journal = _add(
        commands,
        "verify-journal",
        say("kiểm tra chuỗi bản ghi của một sổ trạm"),
        say(
            "Mỗi bản ghi ở cửa mang mã băm của bản ghi trước nó; sửa, xóa hay chèn một\n"
            "bản ghi thì chuỗi gãy, và lệnh này nêu bản ghi đầu tiên không khớp.\n"
            "Tệp sổ trạm (journal.db) chỉ được đọc; --server kiểm tra sổ máy chủ đã nhận.\n"
            "Mã thoát 0 nếu nguyên vẹn, 1 nếu gãy hoặc không đọc được, 2 nếu dùng sai."
        ),
    )
    what = journal.add_mutually_exclusive_group(required=True)
    what.add_argument(
        "file", type=Path, nargs="?", default=None, help=say("tệp journal.db của một trạm")
    )
    what.add_argument(
        "--server", type=int, metavar=say("SỐ"), help=say("số của sự kiện trên máy chủ này")
    )
    journal.set_defaults(work=journals.of_server)
    ships = _add(
        commands,
        "fleet",
        say("các trạm ở cửa: trực tuyến, chờ gửi, danh sách, camera, pin, đồng hồ"),
        say("Các trạm của sự kiện chưa kết thúc; --all kể cả trạm đã ngắt và sự kiện cũ."),
    )
    ships.add_argument("--all", action="store_true", help=say("mọi trạm từng được ghép"))
    ships.set_defaults(work=stations.show)


def _add_elsewhere(commands: Commands) -> None:
    """Name the commands that other programs of the house answer, with their own --help."""
    for name, text in (
        ("station", say("trông một cửa: camera, quyết định, màn hình cho nhân viên cửa")),
        ("pair", say("ghép trạm này với máy chủ bằng mã dùng một lần")),
        ("read-pictures", say("đọc mã trong một thư mục ảnh")),
        ("demo", say("cả một buổi họp báo trên máy này")),
        ("bench", say("đo tốc độ máy này; in JSON")),
    ):
        commands.add_parser(name, help=text, add_help=False)


def _add(commands: Commands, name: str, text: str, more: str) -> ArgumentParser:
    parser = commands.add_parser(
        name,
        help=text,
        description=f"{text[:1].upper()}{text[1:]}.",
        epilog=more,
        formatter_class=RawDescriptionHelpFormatter,
    )
    parser.add_argument("--json", action="store_true", help=say("trả lời bằng JSON"))
    _add_config(parser, default=SUPPRESS)
    return parser


def _add_config(parser: ArgumentParser, default: str | None) -> None:
    parser.add_argument(
        "--config",
        type=Path,
        default=default,
        metavar=say("TỆP"),
        help=say("tệp cấu hình TOML"),
    )


def _add_password(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--password-stdin", action="store_true", help=say("đọc mật khẩu từ dòng đầu của stdin")
    )
    parser.add_argument(
        "--generate", action="store_true", help=say("tạo mật khẩu tự động, không hỏi")
    )
    parser.set_defaults(asks_password=True)


def _version() -> str:
    try:
        return f"thumoi {version('thumoi')}"
    except PackageNotFoundError:
        return "thumoi"
