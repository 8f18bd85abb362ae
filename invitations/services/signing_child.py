"""The process that signs letters with pyHanko: an order as JSON in, signed PDFs out.

Started by its path, it needs nothing of ours. The key lives in it for one order only, or in
a token (PKCS #11) and never here; one order may hold many letters, and the key is unpacked,
or the token opened, once for all of them.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from base64 import b64decode, b64encode
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509 import (
    Certificate,
    ExtensionNotFound,
    KeyUsage,
    load_der_x509_certificate,
)
from PIL import Image, UnidentifiedImageError
from pkcs11 import Session
from pkcs11.exceptions import PinIncorrect, PinLocked, PKCS11Error
from pyhanko.config.pkcs11 import TokenCriteria
from pyhanko.keys import internal as keys
from pyhanko.pdf_utils import layout
from pyhanko.pdf_utils.images import PdfImage
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.sign import fields, signers
from pyhanko.sign.general import SigningError
from pyhanko.sign.pkcs11 import PKCS11Signer, open_pkcs11_session
from pyhanko.sign.timestamps import HTTPTimeStamper, TimestampRequestError
from pyhanko.stamp import StaticStampStyle
from pyhanko_certvalidator.registry import SimpleCertificateStore

MEMORY = 1024 * 1024 * 1024
PROCESSOR_SECONDS = 1_800
DIGEST = "sha256"
_POINTS = 72 / 25.4  # a millimetre
_HASHES: dict[str, type[hashes.SHA256 | hashes.SHA384 | hashes.SHA512]] = {
    "sha256": hashes.SHA256,
    "sha384": hashes.SHA384,
    "sha512": hashes.SHA512,
}


class RefusedError(Exception):
    """The order cannot be done; its arguments are a code and a detail."""


class QuickSigner(signers.SimpleSigner):
    """Signs with a key that was unpacked once, instead of anew for every signature."""

    live_key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey

    def sign_raw(self, data: bytes, digest_algorithm: str) -> bytes:
        """Return the raw signature of *data*: RSA with PKCS #1 v1.5, or ECDSA."""
        digest = _HASHES[digest_algorithm]()
        if isinstance(self.live_key, rsa.RSAPrivateKey):
            return self.live_key.sign(data, padding.PKCS1v15(), digest)
        return self.live_key.sign(data, ec.ECDSA(digest))


def main() -> int:
    """Do the order that stands on the standard input."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (PROCESSOR_SECONDS, PROCESSOR_SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        answer = _do(json.loads(sys.stdin.buffer.read()))
    except RefusedError as error:
        answer = {"refused": error.args[0], "detail": error.args[1]}
    except PKCS11Error as error:
        answer = {"refused": "token", "detail": str(error) or type(error).__name__}
    except TimestampRequestError as error:
        answer = {"refused": "timestamp", "detail": str(error)}
    except PdfError as error:
        answer = {"refused": "not-a-pdf", "detail": str(error)}
    sys.stdout.write(json.dumps(answer))
    return 0


def _do(order: dict[str, Any]) -> dict[str, Any]:
    if order["token"]:
        with _session(order["token"], order["password"]) as session:
            return _signed(order, _token_signer(session, order["token"]))
    return _signed(order, _signer(b64decode(order["p12"]), order["password"]))


def _signed(order: dict[str, Any], signer: signers.Signer) -> dict[str, Any]:
    picture = _picture(order["picture"])
    stamper = HTTPTimeStamper(order["timestamp"]) if order["timestamp"] else None
    begin = time.process_time()
    signed = [_sign(each, order, signer, picture, stamper) for each in order["letters"]]
    spent = time.process_time() - begin
    return {"letters": [b64encode(each).decode("ascii") for each in signed], "cpu_s": spent}


def _signer(packed: bytes, password: str) -> QuickSigner:
    try:
        key, certificate, others = pkcs12.load_key_and_certificates(
            packed, password.encode() or None
        )
    except ValueError as error:
        wrong = "password" in str(error).lower()
        raise RefusedError("password" if wrong else "damaged", "") from error
    if certificate is None or not isinstance(
        key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
    ):
        raise RefusedError("no-key", "")
    _check(certificate)
    own = keys.translate_pyca_cryptography_cert_to_asn1(certificate)
    store = SimpleCertificateStore()  # type: ignore[no-untyped-call]  # it tells no types
    store.register(own)
    store.register_multiple(map(keys.translate_pyca_cryptography_cert_to_asn1, others))
    signer = QuickSigner(own, keys.translate_pyca_cryptography_key_to_asn1(key), store)
    signer.live_key = key
    return signer


def _session(token: dict[str, str], pin: str) -> Session:
    """Open a session with the token (PKCS #11), which keeps the key to itself."""
    try:
        wanted = TokenCriteria(label=token["token"])
        return open_pkcs11_session(token["library"], token_criteria=wanted, user_pin=pin)
    except PinIncorrect as error:
        raise RefusedError("pin", token["token"]) from error
    except PinLocked as error:
        raise RefusedError("pin-locked", token["token"]) from error
    except (PKCS11Error, SigningError) as error:
        detail = str(error) or type(error).__name__
        raise RefusedError("token", detail) from error


def _token_signer(session: Session, token: dict[str, str]) -> PKCS11Signer:
    """Return the signer that sends digests to the token; its other certificates go along."""
    signer = PKCS11Signer(
        session, cert_label=token["certificate"], key_label=token["key"] or None
    )
    try:
        certificate = signer.signing_cert
    except (PKCS11Error, SigningError) as error:
        raise RefusedError("token", str(error) or token["certificate"]) from error
    if certificate is None:
        raise RefusedError("token", token["certificate"])
    _check(load_der_x509_certificate(certificate.dump()))
    return signer


def _check(certificate: Certificate) -> None:
    """Let a certificate pass that holds now and may sign documents."""
    now = datetime.now(UTC)
    ends, begins = certificate.not_valid_after_utc, certificate.not_valid_before_utc
    if now > ends:
        raise RefusedError("expired", f"{ends:%d/%m/%Y}")
    if now < begins:
        raise RefusedError("not-yet", f"{begins:%d/%m/%Y}")
    try:
        usage = certificate.extensions.get_extension_for_class(KeyUsage).value
    except ExtensionNotFound:
        return
    if not (usage.digital_signature or usage.content_commitment):
        raise RefusedError("not-for-signing", "")


def _picture(packed: str) -> Image.Image | None:
    if not packed:
        return None
    try:
        picture = Image.open(BytesIO(b64decode(packed)), formats=["PNG"])
        return picture.convert("RGBA")
    except (UnidentifiedImageError, OSError, ValueError) as error:
        raise RefusedError("seal-picture", "") from error


def _sign(
    letter: dict[str, Any],
    order: dict[str, Any],
    signer: signers.Signer,
    picture: Image.Image | None,
    stamper: HTTPTimeStamper | None,
) -> bytes:
    writer = IncrementalPdfFileWriter(BytesIO(b64decode(letter["pdf"])))
    taken = len(list(fields.enumerate_sig_fields(writer.prev)))
    name = f"ChuKy{taken + 1}"
    box = letter["box"] if picture is not None else None
    corners = None if box is None else _corners(writer, box)
    spec = fields.SigFieldSpec(name, on_page=box["page"] - 1 if box else 0, box=corners)
    style = _look(picture) if picture is not None and corners is not None else None
    about = signers.PdfSignatureMetadata(
        field_name=name,
        md_algorithm=DIGEST,
        subfilter=fields.SigSeedSubFilter.PADES,
        location=order["place"] or None,
        reason=order["reason"] or None,
    )
    out = BytesIO()
    desk = signers.PdfSigner(
        about, signer, timestamper=stamper, stamp_style=style, new_field_spec=spec
    )
    desk.sign_pdf(writer, output=out)
    return out.getvalue()


def _look(picture: Image.Image) -> StaticStampStyle:
    """Return the look of a signature that is the picture of a seal and nothing else."""
    return StaticStampStyle(
        border_width=0,
        background=PdfImage(picture, writer=None),
        background_opacity=1.0,
        background_layout=layout.SimpleBoxLayoutRule(
            layout.AxisAlignment.ALIGN_MID,
            layout.AxisAlignment.ALIGN_MID,
            margins=layout.Margins(0, 0, 0, 0),
            inner_content_scaling=layout.InnerScaling.STRETCH_TO_FIT,
        ),
    )


def _corners(
    writer: IncrementalPdfFileWriter, box: dict[str, Any]
) -> tuple[int, int, int, int]:
    """Return the box, given from the top left in millimetres, as PDF counts: from below."""
    page = writer.prev.root["/Pages"]["/Kids"][box["page"] - 1]
    height = float(page["/MediaBox"][3])
    left, top = box["x"] * _POINTS, height - box["y"] * _POINTS
    right, bottom = left + box["width"] * _POINTS, top - box["height"] * _POINTS
    return round(left), round(bottom), round(right), round(top)


if __name__ == "__main__":
    sys.exit(main())
