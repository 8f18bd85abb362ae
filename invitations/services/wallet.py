"""The wallet desk: a pass for Apple Wallet as a file, and for Google Wallet as a link.

Both are off until the office has its own certificate or key. A link to Google takes the
guest's name out of the country's servers, so an office decides that for itself.
"""

from __future__ import annotations

import hashlib
import io
import json
import stat
import zipfile
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    load_pem_private_key,
    pkcs7,
    pkcs12,
)
from PIL import Image, ImageDraw

from invitations.domain.errors import SealError
from invitations.services import cards

if TYPE_CHECKING:
    from invitations.domain.model import Event, Holder, Office

PKPASS = "application/vnd.apple.pkpass"
SAVE_LINK = "https://pay.google.com/gp/v/save/"
_DOS_EPOCH = (1980, 1, 1, 0, 0, 0)  # the same bytes every time
_GREEN, _WHITE, _YELLOW = (18, 84, 74), (255, 255, 255), (240, 190, 70)


@dataclass(frozen=True)
class Apple:
    """An office's Pass Type ID certificate with its key, and Apple's authority (WWDR)."""

    p12: Path
    wwdr: Path
    pass_type: str
    team: str
    password: str = field(default="", repr=False)


@dataclass(frozen=True)
class Google:
    """An office's issuer number, and the key file (JSON) of its service account."""

    key: Path
    issuer: str


@dataclass(frozen=True)
class Wallet:
    """Makes passes for the wallets of telephones."""

    apple: Apple | None = None
    google: Google | None = None

    def pkpass(self, holder: Holder, office: Office, event: Event, text: str) -> bytes:
        """Return the pass of *holder* as a file for Apple Wallet; its QR code says *text*.

        Raises:
            SealError: the certificate or its key cannot be used; says why.
        """
        if self.apple is None:
            raise SealError("no-key")
        pass_json = cards.apple(holder, office, event, text) | {
            "passTypeIdentifier": self.apple.pass_type,
            "teamIdentifier": self.apple.team,
        }
        files = {
            "pass.json": json.dumps(pass_json, ensure_ascii=False).encode(),
            **{name: icon(side) for name, side in ICONS.items()},
        }
        files["manifest.json"] = json.dumps(
            {
                name: hashlib.sha1(data).hexdigest()  # noqa: S324 - the format asks for SHA-1
                for name, data in files.items()
            }
        ).encode()
        files["signature"] = self._signature(files["manifest.json"])
        return _zipped(files)

    def save_link(
        self, holder: Holder, office: Office, event: Event, text: str, *, at: int
    ) -> str:
        """Return the address at which Google Wallet takes the pass of *holder*.

        Raises:
            SealError: the key cannot be used; says why.
        """
        if self.google is None:
            raise SealError("no-key")
        email, key = self._service_account
        claims = {
            "iss": email,
            "aud": "google",
            "typ": "savetowallet",
            "iat": at,
            "origins": [],
            "payload": cards.google(self.google.issuer, holder, office, event, text),
        }
        head = _part({"alg": "RS256", "typ": "JWT"})
        signed = f"{head}.{_part(claims)}"
        signature = key.sign(signed.encode("ascii"), padding.PKCS1v15(), hashes.SHA256())
        return f"{SAVE_LINK}{signed}.{_base64(signature)}"

    def _signature(self, manifest: bytes) -> bytes:
        """Return a detached PKCS #7 signature (RFC 2315) of *manifest*, DER."""
        key, certificate, authority = self._certificate
        builder = pkcs7.PKCS7SignatureBuilder().set_data(manifest)
        builder = builder.add_signer(certificate, key, hashes.SHA256())
        return builder.add_certificate(authority).sign(
            Encoding.DER, [pkcs7.PKCS7Options.DetachedSignature, pkcs7.PKCS7Options.Binary]
        )

    @cached_property
    def _certificate(
        self,
    ) -> tuple[
        rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey, x509.Certificate, x509.Certificate
    ]:
        if self.apple is None:
            raise SealError("no-key")
        packed = _secret(self.apple.p12)
        try:
            found = pkcs12.load_key_and_certificates(
                packed, self.apple.password.encode() or None
            )
            authority = x509.load_pem_x509_certificate(self.apple.wwdr.read_bytes())
        except ValueError as error:
            wrong = "password" in str(error).lower()
            raise SealError("password" if wrong else "damaged", str(self.apple.p12)) from error
        except OSError as error:
            raise SealError("no-key", str(self.apple.wwdr)) from error
        key, certificate, _ = found
        usable = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
        if certificate is None or not isinstance(key, usable):
            raise SealError("damaged", str(self.apple.p12))
        return key, certificate, authority

    @cached_property
    def _service_account(self) -> tuple[str, rsa.RSAPrivateKey]:
        if self.google is None:
            raise SealError("no-key")
        try:
            found = json.loads(_secret(self.google.key))
            key = load_pem_private_key(found["private_key"].encode(), None)
            email = str(found["client_email"])
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise SealError("damaged", str(self.google.key)) from error
        if not isinstance(key, rsa.RSAPrivateKey):
            raise SealError("damaged", str(self.google.key))
        return email, key


ICONS = {"icon.png": 29, "icon@2x.png": 58, "icon@3x.png": 87}


def icon(side: int) -> bytes:
    """Return the mark of the house, *side* pixels wide, as PNG."""
    large = side * 4
    picture = Image.new("RGB", (large, large), _GREEN)
    pen, unit = ImageDraw.Draw(picture), large / 40
    corners = ((8, 14), (20, 6.5), (32, 14), (32, 29), (8, 29), (8, 14))
    flap = ((8, 14.5), (20, 23), (32, 14.5))
    for line in (corners, flap):
        points = [(x * unit, y * unit) for x, y in line]
        pen.line(points, fill=_WHITE, width=round(2 * unit), joint="curve")
    code = (17.5 * unit, 11.5 * unit, 22.5 * unit, 16.5 * unit)
    pen.rectangle(code, fill=_YELLOW)
    file = io.BytesIO()
    picture.resize((side, side), Image.Resampling.LANCZOS).save(file, "PNG")
    return file.getvalue()


def _secret(path: Path) -> bytes:
    try:
        if stat.S_IMODE(path.stat().st_mode) & 0o077:
            raise SealError("open", str(path))
        return path.read_bytes()
    except OSError as error:
        raise SealError("no-key", str(path)) from error


def _part(found: Mapping[str, Any]) -> str:
    return _base64(json.dumps(found, ensure_ascii=False, separators=(",", ":")).encode())


def _base64(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def _zipped(files: Mapping[str, bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(zipfile.ZipInfo(name, _DOS_EPOCH), data, zipfile.ZIP_DEFLATED)
    return made.getvalue()
