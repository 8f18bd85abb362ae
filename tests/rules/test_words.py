"""Whoever reads English misses nothing, and no code stands on a screen in place of words."""

import ast
import importlib.util
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po
from flask import Flask

from checkin import words as house_words
from checkin.commands.parser import build_parser
from checkin.config import templates_dir
from checkin.domain.accounts import PasswordProblem, Role
from checkin.domain.admission import Direction, Flag, Outcome
from checkin.domain.protocol import WireVerdict
from checkin.web import boardwords, language
from checkin.web.login import password_words, role_words
from invitations.domain.encodings import DECODERS
from invitations.domain.errors import FileRefusedError
from invitations.domain.guestrow import RowProblem
from invitations.domain.outbox import State
from invitations.web import listwords, plurals, troubles
from invitations.web.listwords import Translator
from scanner import view
from scanner import words as station_words
from scanner.door import Shown
from tests.rules.reading import ROOT

PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|\{\w*\}")
VIETNAMESE = re.compile(
    "[ăâđêôơưàảãáạằẳẵắặầẩẫấậèẻẽéẹềểễếệìỉĩíịòỏõóọồổỗốộờởỡớợùủũúụừửữứựỳỷỹýỵ]", re.IGNORECASE
)
# Names, and what stands in Vietnamese lists and letters whoever reads them.
STAY = (
    "Thư Mời",
    "Lê Ánh",
    "Kính gửi",
    "đi 2 người",
    "Thẻ nhà báo 12345",
    "TM. ỦY BAN NHÂN DÂN, KT. CHÁNH VĂN PHÒNG",
    "Ông/Bà",
    "[THỬ]",
)
CODE = re.compile(r"[a-z]+(?:-[a-z0-9]+)+")
LIST_ROOMS = ("guestrow", "guestlist", "duplicates", "addresses", "names")
LANGUAGES = ("vi", "en")


def faults(catalogue: Catalog, texts: Iterable[tuple[str, bool]]) -> list[str]:
    """Return what is wrong with the English of *texts* (and whether they count something)."""
    found: list[str] = []
    for text, counts in texts:
        message = catalogue.get(text)
        if message is None or not all(_forms(message)):
            found.append(f"no English: {text}")
        elif message.fuzzy:
            found.append(f"not sure: {text}")
        elif len(_forms(message)) != 1 + counts:
            found.append(f"singular and plural: {text}")
        else:
            found += [
                f"{what}: {text}" for each in _forms(message) for what in _wrong(text, each)
            ]
    return found


def codes_in(module: Path) -> set[str]:
    """Return the texts in *module* that look like codes."""
    constants = [each for each in ast.walk(_tree(module)) if isinstance(each, ast.Constant)]
    texts = {each.value for each in constants if isinstance(each.value, str)}
    return {text for text in texts if CODE.fullmatch(text)}


def named(modules: Iterable[Path], call: str, keyword: str = "") -> set[str]:
    """Return the constants that *modules* hand to *call*, first or by *keyword*."""
    calls = [
        each
        for module in modules
        for each in ast.walk(_tree(module))
        if isinstance(each, ast.Call)
        and isinstance(each.func, ast.Name)
        and each.func.id == call
    ]
    given = [each.args[0] for each in calls if each.args and not keyword]
    given += [one.value for each in calls for one in each.keywords if one.arg == keyword]
    return {str(each.value) for each in given if isinstance(each, ast.Constant)}


def question_codes() -> set[str]:
    """Return every code that the reading of a guest list writes down about a row."""
    codes = {code for room in LIST_ROOMS for code in codes_in(_domain(room))}
    encodings = {f"encoding-{name}" for name in DECODERS}
    return (codes - refusal_codes()) | encodings | {"answered", "kept"}


def refusal_codes() -> set[str]:
    """Return every code with which a file is refused."""
    rooms = list((ROOT / "invitations").rglob("*.py"))
    child = ROOT / "invitations/storage/workbook_child.py"
    answers = [each for each in ast.walk(_tree(child)) if isinstance(each, ast.Dict)]
    refused = {
        str(value.value)
        for each in answers
        for key, value in zip(each.keys, each.values, strict=True)
        if isinstance(key, ast.Constant) and key.value == "refused"
        if isinstance(value, ast.Constant)
    }
    return named(rooms, "FileRefusedError") | refused


def cause_codes() -> set[str]:
    """Return every cause by which the failures of letters are grouped."""
    outbox = _domain("outbox")
    tables = [
        each
        for each in ast.walk(_tree(outbox))
        if isinstance(each, ast.Assign) and isinstance(each.value, ast.Dict)
    ]
    grouped = {
        str(value.value)
        for table in tables
        if isinstance(table.value, ast.Dict)
        for value in table.value.values
        if isinstance(value, ast.Constant)
    }
    carriers = list((ROOT / "invitations").rglob("*.py"))
    raised = named(carriers, "CourierError", "code") | named(carriers, "_ill")
    return grouped | raised | {"worker-died", "too-late", "withdrawn", "event-cancelled"}


def wordless(codes: Iterable[str], said: Callable[[str], str]) -> list[str]:
    """Return the codes that *said* has no words of their own for."""
    unknown = said("of-no-kind-we-know")
    return sorted(code for code in codes if said(code) in {code, unknown, ""})


def test_every_text_has_its_english() -> None:
    texts = {(each.text, each.counts) for each in _tool().extract()}
    counting = {text for text, counts in texts if counts}

    found = faults(_english(), ((text, text in counting) for text, _ in sorted(texts)))

    assert found == [], "take the new ones: make words"


def test_the_catalogue_holds_nothing_else() -> None:
    texts = {each.text for each in _tool().extract()}
    kept = {_text(message) for message in _english() if message.id}

    assert kept - texts == set(), "drop the old ones: make words"


def test_argparse_speaks_vietnamese() -> None:
    with (ROOT / "checkin/translations/vi/LC_MESSAGES/argparse.po").open("rb") as file:
        catalogue = read_po(file, locale="vi")

    found = [
        _text(each)
        for each in catalogue
        if each.id
        and (not all(_forms(each)) or _holders(_text(each)) != _holders(_forms(each)[0]))
    ]

    assert found == []


@pytest.mark.parametrize("wanted", LANGUAGES)
def test_every_outcome_has_words_on_board_and_kiosk(wanted: str) -> None:
    with _reader(wanted):
        board = boardwords.outcomes()
        kiosk = {each: view.view(_shown(each)) for each in Outcome}

    refused = set(Outcome) - {Outcome.ADMITTED}
    assert set(board) == set(refused)
    assert all(board.values())
    assert [each for each in Outcome if not kiosk[each].word] == []
    assert [each for each in refused if not kiosk[each].lines] == []


@pytest.mark.parametrize("flag", list(Flag))
@pytest.mark.parametrize("wanted", LANGUAGES)
def test_the_steward_sees_every_flag(wanted: str, flag: Flag) -> None:
    with _reader(wanted):
        plain = view.view(_shown(Outcome.ADMITTED))
        marked = view.view(_shown(Outcome.ADMITTED, flag))

    assert (plain.word, plain.lines) != (marked.word, marked.lines)


@pytest.mark.parametrize("wanted", LANGUAGES)
def test_every_state_of_a_delivery_has_a_word_of_its_own(wanted: str) -> None:
    with _reader(wanted) as app:
        tag = app.jinja_env.from_string(
            '{% from "organiser/sending/parts.html" import state_tag with context %}'
            "{{ state_tag(state) }}"
        )
        said = {state: tag.render(state=state) for state in State}

    assert len(set(said.values())) == len(State)


@pytest.mark.parametrize("wanted", LANGUAGES)
def test_every_cause_says_what_to_do(wanted: str) -> None:
    with _reader(wanted):
        assert wordless(cause_codes() - {"other"}, lambda cause: troubles.said(cause)[0]) == []


@pytest.mark.parametrize("wanted", LANGUAGES)
def test_every_role_and_password_problem_has_words(wanted: str) -> None:
    with _reader(wanted):
        roles = [role_words(role) for role in Role]
        problems = [password_words(problem) for problem in PasswordProblem]

    assert len(set(roles)) == len(Role)
    assert len(set(problems)) == len(PasswordProblem)


@pytest.mark.parametrize("wanted", LANGUAGES)
def test_every_question_about_a_row_has_words(wanted: str) -> None:
    with house_words.speaking(wanted):
        assert (
            wordless(question_codes(), lambda code: _said_of_row(code, house_words.say)) == []
        )


@pytest.mark.parametrize("wanted", LANGUAGES)
def test_every_refusal_of_a_file_has_words(wanted: str) -> None:
    def said(code: str) -> str:
        return listwords.refusal(FileRefusedError(code), house_words.say)

    with house_words.speaking(wanted):
        assert wordless(refusal_codes() - {"unknown"}, said) == []


@pytest.mark.parametrize(
    ("locale", "said"),
    [
        pytest.param({}, "LỆNH", id="no locale"),
        pytest.param({"LANG": "C"}, "LỆNH", id="C"),
        pytest.param({"LANG": "C.UTF-8"}, "LỆNH", id="C.UTF-8"),
        pytest.param({"LANG": "vi_VN.UTF-8"}, "LỆNH", id="Vietnamese"),
        pytest.param({"LANG": "en_US.UTF-8"}, "COMMAND", id="English"),
        pytest.param({"LANG": "vi_VN", "LC_ALL": "en_GB.UTF-8"}, "COMMAND", id="LC_ALL wins"),
    ],
)
def test_terminal_and_station_speak_what_the_locale_asks_for(
    locale: dict[str, str], said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    _tool().compile_stale()
    for name in (*house_words.LOCALE_SETTINGS, "LANGUAGE"):
        monkeypatch.delenv(name, raising=False)
    for name, value in locale.items():
        monkeypatch.setenv(name, value)

    house_words.teach_argparse()

    assert said in build_parser().format_help()
    assert build_parser().format_usage().startswith("cách dùng: ") is (said == "LỆNH")
    assert station_words.say("LỆNH") == said


def test_a_number_decides_the_english_form() -> None:
    with _reader("en"):
        one, many = (plurals.counted("%(count)s khách", count) for count in (1, 2))

    assert (one, many) == ("1 guest", "2 guests")


@pytest.mark.parametrize(
    ("english", "fault"),
    [
        pytest.param("", "no English", id="missing"),
        pytest.param("%(n)s guests", "placeholders", id="other placeholder"),
        pytest.param("%(count)s khách mời", "Vietnamese", id="left in Vietnamese"),
    ],
)
def test_a_bad_entry_is_caught(english: str, fault: str) -> None:
    catalogue = Catalog(locale="en")
    catalogue.add("%(count)s khách mời", english)

    found = faults(catalogue, [("%(count)s khách mời", False)])

    assert [each.partition(":")[0] for each in found] == [fault]


def test_a_text_without_an_entry_or_a_sure_one_is_caught() -> None:
    catalogue = Catalog(locale="en")
    catalogue.add("Cửa", "Gate", flags=["fuzzy"])

    found = faults(catalogue, [("Cửa", False), ("Trạm", False)])

    assert found == ["not sure: Cửa", "no English: Trạm"]


def test_one_form_for_what_is_counted_is_caught() -> None:
    catalogue = Catalog(locale="en")
    catalogue.add("%(count)s khách", "%(count)s guests")

    found = faults(catalogue, [("%(count)s khách", True)])

    assert found == ["singular and plural: %(count)s khách"]


def test_a_code_without_words_is_caught() -> None:
    with house_words.speaking("en"):
        found = wordless(
            ["name-missing", "moon-phase"], lambda code: _said_of_row(code, house_words.say)
        )

    assert found == ["moon-phase"]


def test_a_new_text_is_found_where_it_is_said(tmp_path: Path) -> None:
    (tmp_path / "checkin").mkdir()
    (tmp_path / "checkin/a.py").write_text('say("Mở" " cửa"); line.say("x"); counted("%d", 1)')
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates/a.html").write_text(
        '{{ _("Trạm") }} {{ counted("%(count)s cửa", n) }}'
    )

    tool = _tool()

    found = [(each.text, each.counts) for each in tool.extract(tmp_path)]
    missing = tool.update(tmp_path)
    once = (tmp_path / tool.ENGLISH).read_bytes()
    tool.update(tmp_path)

    assert found == [("Mở cửa", False), ("%d", True), ("Trạm", False), ("%(count)s cửa", True)]
    assert missing == ["Mở cửa", "%d", "Trạm", "%(count)s cửa"]
    assert (tmp_path / tool.ENGLISH).read_bytes() == once


def _wrong(text: str, english: str) -> Iterable[str]:
    if _holders(text) != _holders(english):
        yield "placeholders"
    bare = english
    for name in STAY:
        bare = bare.replace(name, "")
    if VIETNAMESE.search(bare):
        yield "Vietnamese"


def _holders(text: str) -> list[str]:
    return sorted(set(PLACEHOLDER.findall(text)))


def _forms(message: Message) -> tuple[str, ...]:
    string: Any = message.string
    return (string,) if isinstance(string, str) else tuple(string)


def _text(message: Message) -> str:
    found: Any = message.id
    return str(found if isinstance(found, str) else found[0])


def _said_of_row(code: str, translator: Translator) -> str:
    """Return what is said of *code*, whichever kind of thing it says of a row."""
    problem = RowProblem(9, "name", code, "questioned", "x", "y", 8)
    for said in (listwords.question, listwords.skipped):
        if (text := said(problem, translator)) != code:
            return text
    if code in {"name-all-lower", "name-all-caps"}:
        return listwords.proposal(problem, translator)
    return listwords.repair(code, translator)


def _shown(outcome: Outcome, *flags: Flag) -> Shown:
    entry = {"name": "Lê Ánh", "note": "ngồi hàng đầu" if Flag.NOTE in flags else ""}
    entry |= {"party": "3"} if Flag.PARTY in flags else {}
    verdict = WireVerdict(outcome.value, [each.value for each in flags], entry=entry)
    return Shown(1, "s", verdict, Direction.ENTRY, 1_795_000_000_000, 5)


@contextmanager
def _reader(wanted: str) -> Iterator[Flask]:
    """Make a page for somebody who reads the language *wanted*."""
    _tool().compile_stale()
    app = Flask("reader", template_folder=str(templates_dir()))
    language.register(app)
    plurals.register(app)
    with app.test_request_context(f"/?lang={wanted}"):
        yield app


def _english() -> Catalog:
    with (ROOT / _tool().ENGLISH).open("rb") as file:
        return read_po(file, locale="en")


def _domain(name: str) -> Path:
    return ROOT / f"invitations/domain/{name}.py"


def _tree(module: Path) -> ast.Module:
    return ast.parse(module.read_text(encoding="utf-8"))


def _tool() -> ModuleType:
    spec = importlib.util.spec_from_file_location("words", ROOT / ".make/words.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
