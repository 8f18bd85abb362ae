"""The process that reads a stranger's signed PDF with pyHanko: an order in, a report out.

Started by its path, it needs nothing of ours, and it looks nothing up on the network.
"""

from __future__ import annotations

import json
import resource
import sys
from base64 import b64decode
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

from pyhanko.keys import load_certs_from_pemder_data
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.diff_analysis import ModificationLevel
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko.sign.validation.errors import SignatureValidationError
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature
from pyhanko.sign.validation.settings import KeyUsageConstraints
from pyhanko.sign.validation.status import PdfSignatureStatus, SignatureCoverageLevel
from pyhanko_certvalidator import ValidationContext

MEMORY = 1024 * 1024 * 1024
PROCESSOR_SECONDS = 60
MOST_SIGNATURES = 20
_USES = KeyUsageConstraints(
    key_usage={"digital_signature", "non_repudiation"}, match_all_key_usages=False
)
_NAMES = ("common_name", "organization_name", "organizational_unit_name")


def main() -> int:
    """Report on the PDF of the order that stands on the standard input."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (PROCESSOR_SECONDS, PROCESSOR_SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    order = json.loads(sys.stdin.buffer.read())
    roots = [cert for each in order["roots"] for cert in _certificates(b64decode(each))]
    sys.stdout.write(json.dumps(_report(b64decode(order["pdf"]), roots, order["at"])))
    return 0


def _certificates(data: bytes) -> list[Any]:
    try:
        return list(load_certs_from_pemder_data(data))
    except (ValueError, TypeError):
        return []  # a file in the folder of roots that is no certificate


def _report(pdf: bytes, roots: list[Any], at: int | None) -> dict[str, Any]:
    if not pdf.lstrip()[:5].startswith(b"%PDF-"):
        return {"problem": "not-a-pdf", "signatures": []}
    try:
        reader = PdfFileReader(BytesIO(pdf))
        if reader.encrypted:
            return {"problem": "locked", "signatures": []}
        signatures = list(reader.embedded_regular_signatures)[:MOST_SIGNATURES]
        found = [_signature(each, roots, at) for each in signatures]
    except (PdfError, SignatureValidationError, ValueError, KeyError, TypeError):
        return {"problem": "broken", "signatures": []}
    return {"problem": "" if found else "no-signature", "signatures": found}


def _signature(
    signature: EmbeddedPdfSignature, roots: list[Any], at: int | None
) -> dict[str, Any]:
    moment = None if at is None else datetime.fromtimestamp(at, UTC)
    context = ValidationContext(
        trust_roots=roots,
        allow_fetching=False,
        moment=moment,
        best_signature_time=moment,
        revocation_mode="soft-fail",
    )
    status = validate_pdf_signature(signature, context, key_usage_settings=_USES)
    said = status.timestamp_validity
    signed_at = status.signer_reported_dt if said is None else said.timestamp
    whole = status.coverage == SignatureCoverageLevel.ENTIRE_FILE
    return {
        **_names(status.signing_cert),
        "signed_at": None if signed_at is None else int(signed_at.timestamp()),
        "timestamped": said is not None and bool(said.valid and said.intact and said.trusted),
        "intact": bool(status.intact and status.valid),
        "whole": whole,
        "changes": _changes(status, whole=whole),
        "trust": _trust(status, moment or datetime.now(UTC)),
    }


def _names(certificate: Any) -> dict[str, str]:  # noqa: ANN401 - its library has no types
    subject, issuer = certificate.subject.native, certificate.issuer.native
    return {
        "signer": _name(subject),
        "organisation": _text(subject.get("organization_name", "")),
        "issuer": _name(issuer),
    }


def _name(names: dict[str, Any]) -> str:
    return next((_text(names[each]) for each in _NAMES if names.get(each)), "?")


def _text(value: object) -> str:
    words = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    return "".join(char for char in words if char.isprintable())[:200]


def _changes(status: PdfSignatureStatus, *, whole: bool) -> str:
    """Say what came after the signature; what is not surely harmless is forbidden."""
    if whole:
        return "none"
    level = status.modification_level
    harmless = level is not None and level < ModificationLevel.ANNOTATIONS
    return "allowed" if harmless and status.docmdp_ok else "forbidden"


def _trust(status: PdfSignatureStatus, moment: datetime) -> str:
    certificate = status.signing_cert
    if status.revoked:
        return "revoked"
    if moment > certificate.not_valid_after:
        return "expired"
    if moment < certificate.not_valid_before:
        return "not-yet"
    if status.trusted:
        return "trusted"
    problem = getattr(status.trust_problem_indic, "name", "")
    chainless = problem in {"NO_CERTIFICATE_CHAIN_FOUND", "CERTIFICATE_CHAIN_GENERAL_FAILURE"}
    return "unknown-root" if chainless else "not-trusted"


if __name__ == "__main__":
    sys.exit(main())
