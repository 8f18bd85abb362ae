"""The scribe: one errand becomes the letter that the courier takes, its pass minted anew."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from invitations.domain.passes import DoorPass, mint

if TYPE_CHECKING:
    from invitations.couriers import Letter
    from invitations.domain.model import Invitation
    from invitations.domain.outbox import Errand
    from invitations.services.letters import Letters


class Seeds(Protocol):
    """Whoever lends the private seeds that sign passes."""

    def seed(self, kid: int) -> bytes:
        """Return the 32-byte seed of *kid*."""


@dataclass(frozen=True)
class Scribe:
    """Writes letters with passes that *keyring* signs."""

    letters: Letters
    keyring: Seeds
    _seeds: dict[int, bytes] = field(default_factory=dict, init=False, repr=False)

    def write(self, errand: Errand) -> Letter:
        """Return the letter of *errand*, the same for every try."""
        return self.letters.write(errand, self._pass_text(errand.invitation))

    def _pass_text(self, invitation: Invitation) -> str:
        door_pass = DoorPass(
            kid=invitation.kid,
            event=invitation.event_id,
            pass_id=invitation.pass_id,
            generation=invitation.generation,
            not_after=invitation.not_after,
        )
        return mint(door_pass, self._seed(invitation.kid))

    def _seed(self, kid: int) -> bytes:
        """Return the seed of *kid*, whose file is read once in a worker's life."""
        if kid not in self._seeds:
            self._seeds[kid] = self.keyring.seed(kid)
        return self._seeds[kid]
