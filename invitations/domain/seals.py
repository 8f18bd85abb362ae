"""Signatures on letters: what an examination of a signed PDF finds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class SignatureReport:
    """What is known of one signature.

    *signed_at* is in Unix seconds and only the signer's word unless *timestamped*.
    *intact* says that what was signed is as it was. *whole* says that it covers the file
    to its end; *changes* what came after it: ``none``, ``allowed`` (more signatures, fields
    filled in) or ``forbidden``. *trust* is ``trusted``, ``unknown-root``, ``expired``,
    ``not-yet``, ``revoked`` or ``not-trusted``.
    """

    signer: str
    organisation: str
    issuer: str
    signed_at: int | None
    timestamped: bool
    intact: bool
    whole: bool
    changes: str
    trust: str

    @property
    def valid(self) -> bool:
        """Tell whether this signature can be relied on."""
        return self.intact and self.changes != "forbidden" and self.trust == "trusted"


@dataclass(frozen=True)
class LetterReport:
    """What is known of a signed letter.

    *problem* is empty, ``not-a-pdf``, ``locked``, ``broken`` or ``no-signature``.
    """

    problem: str
    signatures: tuple[SignatureReport, ...] = ()

    @property
    def valid(self) -> bool:
        """Tell whether every signature can be relied on, and there is one."""
        return bool(self.signatures) and all(each.valid for each in self.signatures)

    @property
    def signers(self) -> str:
        """The names of all who signed, in their order."""
        return ", ".join(each.signer for each in self.signatures)

    @property
    def signed_at(self) -> int | None:
        """When the last of them signed, in Unix seconds, if they say."""
        return max((each.signed_at for each in self.signatures if each.signed_at), default=None)


def report_json(report: LetterReport) -> dict[str, Any]:
    """Return *report* as plain JSON."""
    return {"valid": report.valid, **asdict(report)}


def read_report(found: Mapping[str, Any]) -> LetterReport:
    """Read a report as `report_json` wrote it."""
    signatures = (SignatureReport(**each) for each in found["signatures"])
    return LetterReport(found["problem"], tuple(signatures))
