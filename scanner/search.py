"""The register: the guest list in memory while a shift is open, searched without marks."""

from __future__ import annotations

import re
import threading
from typing import TYPE_CHECKING

from checkin.domain import sealing
from invitations.domain.names import fold

if TYPE_CHECKING:
    from collections.abc import Iterable

    from checkin.domain.sealing import Line

SHORTEST = 3
SHORTEST_CODE = 6
MOST_WORDS = 8
MOST_HITS = 10
_WORD = re.compile(r"[^\W_]+")
_DIGITS = re.compile(r"[0-9]+", re.ASCII)


def words_of(query: str) -> list[str]:
    """Return the words that are sought for *query*; none if it is too short to search."""
    words = _WORD.findall(fold(query))[:MOST_WORDS]
    return words if sum(map(len, words)) >= SHORTEST else []


class Register:
    """Finds guests by the beginnings of words of name and organisation, or by digits.

    It keeps what is compared, and no more; whoever is found is opened again one by one.
    """

    def __init__(self, lines: Iterable[Line], key: bytes | bytearray) -> None:
        self._lock = threading.Lock()
        self._key = key
        self._rows: dict[str, str] = {}
        self._codes: dict[str, str] = {}
        self._organisations: dict[str, str] = {}
        for line in lines:
            self.take(line)

    def __len__(self) -> int:
        """Return how many guests can be found."""
        return len(self._rows)

    def take(self, line: Line) -> None:
        """Take in a line, new or changed."""
        found = line if line.get("name") else sealing.open_by_key(line, self._key)
        if found is None:
            return
        pass_id, code = str(line["pass_id"]), str(found.get("door_code", ""))
        organisation = str(found.get("organisation", ""))
        folded = fold(f"{found['name']} {organisation}")
        words = " ".join(_WORD.findall(folded))
        with self._lock:
            self._rows[pass_id] = f" {words} {found.get('phone_tail', '')}"
            if organisation:
                self._organisations.setdefault(fold(organisation), organisation)
            if code:
                self._codes[code] = pass_id

    def by_code(self, door_code: str) -> str | None:
        """Return the pass with a door code of 12 digits, or nothing."""
        return self._codes.get(door_code)

    def organisations(self, letters: str, most: int = MOST_HITS) -> list[str]:
        """Return at most *most* organisations of the list that have a word for each of ours."""
        words = [f" {word}" for word in words_of(letters)]
        with self._lock:
            known = list(self._organisations.items())
        found = [
            name
            for folded, name in known
            if words and all(word in f" {folded}" for word in words)
        ]
        return sorted(found)[:most]

    def find(self, query: str, most: int = MOST_HITS) -> tuple[list[str], bool]:
        """Return at most *most* passes in the office's order, and whether there are more.

        Guests in whom the words stand next to each other come first.
        """
        words = words_of(query)
        if not words:
            return [], False
        digits = "".join(words)
        if len(digits) >= SHORTEST_CODE and _DIGITS.fullmatch(digits):
            found = [each for code, each in self._codes.items() if code.startswith(digits)]
        else:
            found = self._with(words)
        return found[:most], len(found) > most

    def _with(self, words: list[str]) -> list[str]:
        """Return the passes in whom each of *words* begins a word."""
        with self._lock:
            rows = list(self._rows.items())
        for word in sorted((f" {word}" for word in words), key=len, reverse=True):
            rows = [(pass_id, row) for pass_id, row in rows if word in row]
        phrase = " " + " ".join(words)
        rows.sort(key=lambda each: phrase not in each[1])
        return [pass_id for pass_id, _ in rows]
