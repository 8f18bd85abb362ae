"""Which way the screen faces: to a steward, or to guests who scan by themselves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from scanner.roster import Carried

SELF_SERVICE, NAMES_HIDDEN = "self_service", "names_hidden"


@dataclass(frozen=True)
class Facing:
    """Who looks at this screen; kept by the station, so that no reload changes it."""

    carried: Carried

    @property
    def self_service(self) -> bool:
        """Whether guests stand before the screen alone; not where nobody could come back."""
        return bool(self.carried.noted(SELF_SERVICE) and self.carried.noted("staff"))

    @property
    def names_hidden(self) -> bool:
        """Whether a steward wished that no name is shown."""
        return bool(self.carried.noted(NAMES_HIDDEN))

    @property
    def names(self) -> bool:
        """Whether names may be shown."""
        return not (self.self_service or self.names_hidden)

    def to_guests(self, *, on: bool) -> None:
        """Turn the screen to the guests, or back to the staff."""
        self.carried.note(SELF_SERVICE, on)

    def hide_names(self, *, on: bool) -> None:
        """Show no names from now on, or show them again."""
        self.carried.note(NAMES_HIDDEN, on)
