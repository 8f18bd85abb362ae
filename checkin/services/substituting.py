"""The desk of substitutes: another person comes for the same seat, and the old pass is dead."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from checkin.domain.accounts import Right
from checkin.domain.admission import Flag
from checkin.domain.book import groups, standing
from checkin.domain.errors import SeatError
from checkin.services.door import Door, ScanTakenError
from checkin.services.staff import must_do
from checkin.services.welcoming import Welcoming, typed_person
from checkin.storage import scans
from invitations.services.offices import enter_deed
from invitations.services.register import checked

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from checkin.domain.newcomers import Newcomer
    from checkin.domain.protocol import ScanReport, WireVerdict
    from checkin.domain.stations import Station
    from invitations.domain.register import Person


@dataclass(frozen=True)
class Substituting:
    """Gives the seat of an invited guest to another person, by one scan."""

    door: Door
    welcoming: Welcoming

    def substitute(
        self, station: Station, report: ScanReport, newcomer: Newcomer
    ) -> tuple[WireVerdict, str]:
        """Let *newcomer* in for the guest with ``report.pass_id``; a supervisor's deed.

        Return the verdict and the text of the new pass. The organisation hears of it by the
        letters that follow a replacement. The same scan again gets the same answer.

        Raises:
            SeatError: the seat cannot change hands.
            NoRightError: who acts may not do this.
            ScanTakenError: another station used this scan id.
            StorageError: nothing could be written.
        """
        person, wrong = checked(typed_person(vars(newcomer)))
        if wrong:
            raise SeatError("invalid")
        self.welcoming.event(station.event_id)
        verdict = self.door.database.write(lambda tx: self._let_in(tx, station, report, person))
        self.door.announce(station.event_id)
        return verdict, self.welcoming.text(station.event_id, verdict.pass_id) or ""

    def _let_in(
        self, tx: Connection, station: Station, report: ScanReport, person: Person
    ) -> WireVerdict:
        told = scans.answered(tx, report.scan_id)
        if told is not None:
            if told[0] != station.id:
                raise ScanTakenError(report.scan_id)
            return told[1]
        event = self.welcoming.event_in(tx, station.event_id)
        actor = must_do(tx, event, report.actor, Right.SUPERVISE)
        holder = self.door.guestbook.holder(tx, event.id, report.pass_id)
        if holder is None or holder.invitation.state != "issued":
            raise SeatError("unknown_pass")
        book = groups(scans.of_pass(tx, event.id, report.pass_id, {}))
        if any(standing(told_of).inside for told_of in book.values()):
            raise SeatError("already_in")
        organisation = person.organisation or holder.guest.organisation
        newcomer = replace(person, organisation=organisation)
        pass_id = self.welcoming.replace(tx, holder.invitation.id, newcomer, actor)
        at = int(self.door.clock())
        enter_deed(tx, actor, "door.substitute", str(holder.invitation.id), at=at)
        return self.door.let_in(tx, station, report, pass_id, Flag.SUBSTITUTE)
