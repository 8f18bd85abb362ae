"""Printed forms: whatever stands in the gaps, the page is the one that the engine renders."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import Environment, nodes

from invitations.couriers import Letter, Sheet, message
from invitations.domain.wording import Words
from invitations.services import blanks
from tests.invitations.letterbox import (
    EVENT,
    GUEST,
    LETTERS,
    a_delivery,
    a_pass_text,
    an_errand,
)

KINDS = ("invitation", "change", "cancellation", "withdrawal")
NAMES = ("body.txt", "body.html")
SIGNS = st.text(alphabet="Ánh <>&\"'{}%.=\\;,-", max_size=30)
WORDS = st.text(alphabet="Kính mời {xung_ho} {ho_ten} {chuc_vu}\n.<&", max_size=80)

PEOPLE = st.fixed_dictionaries(
    {"name": SIGNS, "title": SIGNS, "honorific": SIGNS, "party": st.sampled_from([1, 3])}
)


def by_the_engine(letter: Letter, place: Mapping[str, Any], kind: str) -> bool:
    """Tell whether both bodies of *letter* are what the engine renders."""
    pages = [
        blanks.rendered(LETTERS.templates, f"letters/{kind}/{name}", place) for name in NAMES
    ]
    return [letter.text, letter.html] == pages


def place_of(monkeypatch: pytest.MonkeyPatch, errand: Any) -> tuple[Letter, dict[str, Any]]:
    """Return the letter of *errand*, and what was put into its pages."""
    seen: dict[str, Any] = {}
    honest = blanks.pages

    def look(templates: Path, names: tuple[str, ...], place: Mapping[str, Any]) -> list[str]:
        seen.update(place)
        return honest(templates, names, place)

    monkeypatch.setattr(blanks, "pages", look)
    return LETTERS.mail(errand, a_pass_text()), seen


@pytest.mark.parametrize("kind", KINDS)
@given(PEOPLE, st.builds(Words, st.just("Mời {ho_ten}"), WORDS, WORDS, english=st.booleans()))
def test_every_page_is_the_one_that_the_engine_renders(
    kind: str, person: dict[str, Any], words: Words
) -> None:
    errand = an_errand(guest=replace(GUEST, **person), words=words)
    errand = replace(errand, delivery=replace(a_delivery(), purpose=kind))

    with pytest.MonkeyPatch.context() as monkeypatch:
        letter, place = place_of(monkeypatch, errand)

    assert by_the_engine(letter, place, kind)


def test_a_page_is_made_of_stretches_that_come_again() -> None:
    first = LETTERS.mail(an_errand(), a_pass_text()).html
    second = LETTERS.mail(
        an_errand(guest=replace(GUEST, name="Lê Văn Sơn")), a_pass_text()
    ).html

    assert isinstance(first, Sheet)
    assert isinstance(second, Sheet)
    same = [one is other for one, other in zip(first.stretches, second.stretches, strict=True)]
    assert sum(len(x) for x, is_same in zip(first.stretches, same, strict=True) if is_same) > (
        len(first) * 0.85
    )


def test_a_sheet_is_encoded_as_the_text_it_is() -> None:
    letter = LETTERS.mail(an_errand(), a_pass_text())
    plain = replace(letter, text=str(letter.text), html=str(letter.html))

    assert isinstance(letter.html, Sheet)
    assert not isinstance(plain.html, Sheet)
    assert message.build(letter) == message.build(plain)


def test_words_with_a_sign_of_ours_are_left_to_the_engine(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Cleaning takes such signs away; should one get through, it is nobody's gap."""
    event = replace(EVENT, title="Họp báo \ue003 tháng 11 \ue0ff")

    letter, place = place_of(monkeypatch, an_errand(event=event))

    assert by_the_engine(letter, place, "invitation")
    assert not isinstance(letter.html, Sheet)


@pytest.mark.parametrize(
    "page",
    [
        pytest.param("Kính gửi {{ honorific | upper }}", id="a gap is changed"),
        pytest.param("{{ honorific | safe }}", id="a gap is not escaped"),
    ],
)
def test_a_page_that_looks_into_its_gaps_is_left_to_the_engine(
    tmp_path: Path, page: str
) -> None:
    """Seeded bugs: forms of these pages would be wrong for somebody."""
    (tmp_path / "page.html").write_text(page, encoding="utf-8")
    place = {"honorific": "Bà <b>"}

    made = blanks.pages(tmp_path, ("page.html",), place)

    assert made == [blanks.rendered(tmp_path, "page.html", place)]
    assert not isinstance(made[0], Sheet)


def test_a_form_that_forgets_to_escape_would_be_seen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A seeded bug: the specimen is full of signs that mean something to a browser."""
    (tmp_path / "page.html").write_text("Kính gửi {{ addressee }}", encoding="utf-8")
    monkeypatch.setattr(blanks, "_ready", lambda _name, texts: texts)

    made = blanks.pages(tmp_path, ("page.html",), {"addressee": "<b>"})

    assert made == ["Kính gửi &lt;b&gt;"]


@pytest.mark.parametrize("kind", KINDS)
def test_no_page_of_ours_compares_what_stands_in_a_gap(kind: str) -> None:
    """A form cannot: it only knows whether a gap says anything."""
    for name in NAMES:
        source = (LETTERS.templates / "letters" / kind / name).read_text(encoding="utf-8")
        compared = Environment(autoescape=True).parse(source).find_all(nodes.Compare)
        names = {found.name for each in compared for found in each.find_all(nodes.Name)}

        assert names <= {"party", "lang"}
