"""The event form: what an officer typed, what it means, and what to say beside a field."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING

from flask_babel import gettext as _

from invitations.domain.model import Event, Gate
from invitations.domain.names import clean
from invitations.domain.plans import HERE, Plan, Problem

if TYPE_CHECKING:
    from werkzeug.datastructures import MultiDict

DOORS_BEFORE = timedelta(minutes=45)
SPARE_GATES = 2
_LINES = ("title", "chair", "place", "address", "contact")
_TYPED = (
    *_LINES,
    "notes",
    "date",
    "starts",
    "ends_on",
    "ends",
    "opens",
    "closes",
    "reply_date",
    "reply_time",
    "capacity",
)
_SWITCHES = ("refuse_when_full", "reentry")
# Which control of the form stands for which field of the plan.
_CONTROLS = {
    "starts_at": "date",
    "ends_at": "ends",
    "opens_at": "opens",
    "closes_at": "closes",
    "reply_by": "reply_date",
}


@dataclass(frozen=True)
class EventForm:
    """The controls of the form as they stand: texts by name, and a gate per line."""

    typed: dict[str, str]
    switches: dict[str, bool]
    gates: tuple[Gate, ...]

    def gate_lines(self) -> tuple[Gate, ...]:
        """Return the gates and a few empty lines for more."""
        return self.gates + (Gate(0, ""),) * SPARE_GATES


@dataclass
class _Reading:
    """A form on its way to become a plan, with what could not be understood."""

    form: EventForm
    problems: list[Problem] = field(default_factory=list)

    def day(self, name: str) -> date | None:
        text = self.form.typed[name]
        for shape in ("%d/%m/%Y", "%d-%m-%Y", "%d.%m.%Y", "%d/%m/%y", "%Y-%m-%d"):
            try:
                return datetime.strptime(text, shape).replace(tzinfo=HERE).date()
            except ValueError:
                continue
        if text:
            self.problems.append(Problem(name, "date-unreadable"))
        return None

    def clock(self, name: str) -> time | None:
        text = self.form.typed[name].lower().replace("h", ":").rstrip(":")
        try:
            return time.fromisoformat(text if ":" in text else f"{text}:00") if text else None
        except ValueError:
            self.problems.append(Problem(name, "time-unreadable"))
            return None

    def needed(self, name: str, found: date | time | str | None) -> None:
        if not found and not any(each.field == name for each in self.problems):
            self.problems.append(Problem(name, "missing"))

    def capacity(self) -> int | None:
        text = self.form.typed["capacity"].replace(".", "").replace(" ", "")
        if not text:
            return None
        if not text.isdecimal():
            self.problems.append(Problem("capacity", "number-unreadable"))
            return None
        return int(text)


def blank() -> EventForm:
    """Return the form of a new event: an afternoon, one gate."""
    texts = dict.fromkeys(_TYPED, "") | {"starts": "15:00", "ends": "16:30", "opens": "14:15"}
    return EventForm(texts, dict.fromkeys(_SWITCHES, False), (Gate(0, str(_("Cửa chính"))),))


def of_event(event: Event) -> EventForm:
    """Return the form with what *event* says now."""
    starts, ends = _local(event.starts_at), _local(event.ends_at)
    texts = {name: str(getattr(event, name)) for name in (*_LINES, "notes")} | {
        "date": f"{starts:%d/%m/%Y}",
        "starts": f"{starts:%H:%M}",
        "ends_on": f"{ends:%d/%m/%Y}" if ends.date() != starts.date() else "",
        "ends": f"{ends:%H:%M}",
        "opens": f"{_local(event.opens_at):%H:%M}",
        "closes": f"{_local(event.closes_at):%H:%M}",
        "reply_date": "" if event.reply_by is None else f"{_local(event.reply_by):%d/%m/%Y}",
        "reply_time": "" if event.reply_by is None else f"{_local(event.reply_by):%H:%M}",
        "capacity": "" if event.capacity is None else str(event.capacity),
    }
    return EventForm(texts, {name: getattr(event, name) for name in _SWITCHES}, event.gates)


def typed(values: MultiDict[str, str]) -> EventForm:
    """Return the form as it was sent, cleaned but otherwise as the officer typed it."""
    texts = {name: clean(values.get(name, "")) for name in _TYPED}
    texts["notes"] = clean_text(values.get("notes", ""))
    ids = [int(each) if each.isdecimal() else 0 for each in values.getlist("gate_id")]
    names = [clean(each) for each in values.getlist("gate")]
    gates = [Gate(each, name) for each, name in zip(ids, names, strict=False) if name]
    switches = {name: values.get(name) == "1" for name in _SWITCHES}
    return EventForm(texts, switches, tuple(gates))


def read(form: EventForm) -> tuple[Plan | None, tuple[Problem, ...]]:
    """Return the plan that *form* describes, or what in it cannot be understood."""
    reading = _Reading(form)
    day, starts, ends = reading.day("date"), reading.clock("starts"), reading.clock("ends")
    last = reading.day("ends_on")
    opens, closes = reading.clock("opens"), reading.clock("closes")
    reply_day, reply_clock = reading.day("reply_date"), reading.clock("reply_time")
    capacity = reading.capacity()
    reading.needed("title", form.typed["title"])
    for name, found in (("date", day), ("starts", starts), ("ends", ends)):
        reading.needed(name, found)
    reading.needed("place", form.typed["place"])
    if day is None or starts is None or ends is None or reading.problems:
        return None, tuple(reading.problems)
    starts_at = _at(day, starts)
    ends_at = _at(last or day, ends)
    doors_open = _at(day, opens) if opens else starts_at - int(DOORS_BEFORE.total_seconds())
    plan = Plan(
        **{name: form.typed[name] for name in (*_LINES, "notes")},
        starts_at=starts_at,
        ends_at=ends_at,
        opens_at=doors_open,
        closes_at=_at(last or day, closes) if closes else max(starts_at, ends_at),
        reply_by=_at(reply_day, reply_clock or time(17)) if reply_day else None,
        capacity=capacity,
        refuse_when_full=form.switches["refuse_when_full"],
        reentry=form.switches["reentry"],
        gates=form.gates,
    )
    return plan, ()


def clean_text(text: str) -> str:
    """Return *text* with every line cleaned, and no more than one empty line in a row."""
    lines: list[str] = []
    for line in map(clean, text.splitlines()):
        if line or (lines and lines[-1]):
            lines.append(line)
    return "\n".join(lines).strip()


def errors(problems: Iterable[Problem]) -> dict[str, str]:
    """Return what to say beside each control, the first problem of each."""
    said: dict[str, str] = {}
    for problem in problems:
        said.setdefault(_CONTROLS.get(problem.field, problem.field), _words(problem.code))
    return said


def weekday(at: int) -> int:
    """Return the weekday of *at* (Unix seconds) here: 0 for Monday to 6 for Sunday."""
    return _local(at).weekday()


def _words(code: str) -> str:
    known = {
        "missing": _("Hãy điền mục này."),
        "too-long": _("Mục này quá dài. Hãy viết ngắn lại."),
        "date-unreadable": _("Chưa hiểu ngày này. Hãy viết như 19/11/2026."),
        "time-unreadable": _("Chưa hiểu giờ này. Hãy viết như 15:00."),
        "number-unreadable": _("Hãy điền một số, chẳng hạn 180."),
        "year-strange": _("Năm này có vẻ chưa đúng. Hãy kiểm tra lại."),
        "ends-before-start": _("Giờ kết thúc phải sau giờ bắt đầu."),
        "opens-after-start": _("Cửa phải mở trước hoặc đúng giờ bắt đầu."),
        "closes-before-start": _("Cửa phải còn mở khi sự kiện bắt đầu."),
        "reply-after-start": _("Hạn trả lời phải trước giờ bắt đầu."),
        "capacity-range": _("Sức chứa từ 1 đến 100.000 người."),
        "capacity-missing": _("Muốn dừng đón khi đủ chỗ thì cần ghi sức chứa."),
        "gate-missing": _("Cần ít nhất một cửa, chẳng hạn “Cửa chính”."),
        "gate-twice": _("Hai cửa không được trùng tên."),
        "gate-in-use": _("Cửa vừa bỏ đang có trạm. Hãy ngắt trạm ấy trước, rồi bỏ cửa."),
    }
    return str(known[code])


def _local(at: int) -> datetime:
    return datetime.fromtimestamp(at, HERE)


def _at(day: date, clock: time) -> int:
    return int(datetime.combine(day, clock.replace(tzinfo=None), HERE).timestamp())
