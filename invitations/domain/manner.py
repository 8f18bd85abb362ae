"""How the house wants its post carried, beyond what a relay can bear."""

from __future__ import annotations

from dataclasses import dataclass

from invitations.domain.outbox import SMS
from invitations.domain.wording import length

BURST_S = 10  # for so long a domain may be ahead of its pace


@dataclass(frozen=True)
class Manner:
    """The house's wishes.

    *ask* leaves a mail in doubt to the officer instead of sending it again; *per_domain* is
    how many mails a minute one recipient domain gets, 0 for no limit. A part of a text costs
    *price* VND, and all texts of one sending at most *ceiling*, 0 for no limit. A guest whose
    mail did not get through gets a text *text_after_h* hours later; 0 for never.
    """

    ask: bool = False
    per_domain: int = 0
    price: int = 0
    ceiling: int = 0
    text_after_h: int = 0

    def cost(self, channel: str, text: str) -> int:
        """Return what a letter by *channel* costs in VND."""
        return length(text).parts * self.price if channel == SMS else 0

    def affords(self, spent: int, cost: int) -> bool:
        """Tell whether a sending that has *spent* so much may spend *cost* more."""
        return not self.ceiling or spent + cost <= self.ceiling


USUAL = Manner()


def domain_wait(due: float, per_minute: int, *, now: float) -> tuple[float, float]:
    """Return how long a letter to a domain must wait, and when the next is due after it.

    *due* is when the domain has made up for the letters it got, by the same clock as *now*:
    a bucket of tokens, kept as one instant.
    """
    ahead = due - now
    if ahead > BURST_S:
        return ahead - BURST_S, due
    return 0.0, max(due, now) + 60 / per_minute
