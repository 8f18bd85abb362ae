"""The shift: who is at work here, known by a PIN that unlocks the list, and by nothing else."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from checkin.domain.sealing import PinCost, key_of_pin, unwrap_key
from scanner.answers import Second, ShiftAnswer, StaffMember

if TYPE_CHECKING:
    from scanner.roster import Carried

LASTS_S = 12 * 3600
AFTER_CLOSING_S = 2 * 3600  # latecomers are still let in, and people leave
TRIES = 5
FIRST_WAIT_S = 30
LONGEST_WAIT_S = 15 * 60
MOST_COST = PinCost(t=10, m=1024 * 1024, p=8)


@dataclass
class Shifts:
    """Opens and ends shifts; one is open at a time.

    *clock* is the server's time as well as it is known, Unix seconds. After five wrong PINs
    in a row there is a wait of 30 s, twice as long after each further one, up to 15 minutes;
    it outlasts a restart of the station.
    """

    carried: Carried
    clock: Callable[[], float] = time.time
    _open: StaffMember | None = None
    _ends_at: float = 0.0
    _lock: threading.RLock = field(default_factory=threading.RLock)

    def staff(self) -> list[StaffMember]:
        """Return who may open a shift here, by name."""
        return [
            StaffMember(str(each["id"]), str(each["name"]), str(each["role"]))
            for each in self.carried.noted("staff", [])
        ]

    @property
    def current(self) -> StaffMember | None:
        """Whose shift is open; one that has run out, or whose holder was signed out, ends."""
        with self._lock:
            if self._open is not None and (
                time.monotonic() >= self._ends_at
                or self._over()
                or self._open not in self.staff()
            ):
                self.close()
            return self._open

    def open(self, staff_id: str, pin: str) -> ShiftAnswer:
        """Open the shift of *staff_id*; the PIN is right if it unwraps the event's key."""
        with self._lock:
            answer, key = self._tried(staff_id, pin)
            if answer.staff is not None:
                self.close()
                self.carried.unlock(key)
                self._open, self._ends_at = answer.staff, time.monotonic() + LASTS_S
            return answer

    def decider(self, second: Second | None = None) -> tuple[StaffMember | None, str]:
        """Return who may decide now: a *second* by their PIN, else whose shift is open.

        Or nobody, and the problem.
        """
        if second is not None:
            with self._lock:
                answer, _ = self._tried(second.staff_id, second.pin)
            found, problem = answer.staff, answer.problem
        else:
            found = self.current
            problem = "" if found else "closed"
        if found is not None and not found.decides:
            return None, "rights"
        return found, problem

    def close(self) -> None:
        """End the shift; the key and what it had opened are forgotten."""
        with self._lock:
            self._open = None
            self.carried.lock_up()

    def _tried(self, staff_id: str, pin: str) -> tuple[ShiftAnswer, bytes]:
        """Try a PIN; return whose it is and the event's key, or what came of it."""
        wait = self._wait()
        if wait > 0:
            return ShiftAnswer(None, "wait", wait), b""
        member = next((each for each in self.staff() if each.id == staff_id), None)
        lines = self.carried.noted("staff", [])
        line: dict[str, Any] = next((each for each in lines if str(each["id"]) == staff_id), {})
        key, role = _unwrapped(line, pin) or (b"", "")
        if member is None or role != member.role:
            return self._wrong(), b""
        self.carried.note("wrong_pins", None)
        return ShiftAnswer(member), key

    def _over(self) -> bool:
        rules = self.carried.rules
        return rules is None or self.clock() > rules.closes_at + AFTER_CLOSING_S

    def _wrong(self) -> ShiftAnswer:
        wrong = int((self.carried.noted("wrong_pins") or {}).get("many", 0)) + 1
        self.carried.note("wrong_pins", {"many": wrong, "at": int(time.time())})
        wait = self._wait()
        return ShiftAnswer(None, "wait" if wait else "wrong", wait)

    def _wait(self) -> int:
        """Return for how many seconds no PIN is tried; a clock set back does not shorten it."""
        found = self.carried.noted("wrong_pins") or {}
        beyond = int(found.get("many", 0)) - TRIES
        if beyond < 0:
            return 0
        wait = min(FIRST_WAIT_S << min(beyond, 10), LONGEST_WAIT_S)
        since = int(time.time()) - int(found.get("at", 0))
        return max(0, wait - max(0, since))


def _unwrapped(found: dict[str, Any], pin: str) -> tuple[bytes, str] | None:
    """Return the event's key and the role behind a line of the staff list, or nothing."""
    try:
        cost = PinCost(**found["argon"])
        if max(cost.t - MOST_COST.t, cost.m - MOST_COST.m, cost.p - MOST_COST.p) > 0:
            return None
        key = key_of_pin(pin, bytes.fromhex(found["salt"]), cost)
        sealed = bytes.fromhex(found["sealed_key"])
    except (KeyError, TypeError, ValueError):
        return None
    return unwrap_key(key, sealed, staff_id=str(found["id"]))
