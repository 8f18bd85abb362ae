"""The seals of a mail: S/MIME around its content, then DKIM over it all, byte for byte.

A mail is sealed once, when its bytes are finished; what comes out of here must leave as it
is. Neither seal is usual: most offices' relays sign for their domain themselves.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import dkim
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
    pkcs7,
    pkcs12,
)

from invitations.couriers import Letter
from invitations.couriers.headers import MEANT, inspect
from invitations.domain.errors import CourierError

DKIM_HEADER = "DKIM-Signature"
LEAST_BITS = 1_024  # RFC 8301: verifiers take nothing shorter

_CRLF = b"\r\n"
_CONTENT = b"\r\nContent-Type: "
_RELAXED = (b"relaxed", b"relaxed")
# Each name twice: the second says that there is none, and nobody can add one unseen.
_COVERED = [name.encode("ascii") for name in MEANT for _ in range(2)]
_AS_IT_IS = [pkcs7.PKCS7Options.DetachedSignature, pkcs7.PKCS7Options.Binary]

Signer = tuple[
    rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey, x509.Certificate, list[x509.Certificate]
]


@dataclass(frozen=True)
class Dkim:
    """The key with which *domain* vouches for its mail (RFC 6376): RSA, PEM, in a file."""

    domain: str
    selector: str
    key: Path

    def sign(self, made: bytes) -> bytes:
        """Return *made* under one more header, which signs all of it.

        Raises:
            CourierError: the key cannot be used (cause ``seal``).
        """
        line: bytes = dkim.sign(
            made,
            self.selector.encode("ascii"),
            self.domain.encode("ascii"),
            self._pem,
            canonicalize=_RELAXED,
            include_headers=_COVERED,
        )
        return line + made

    def check(self) -> None:
        """Read the key.

        Raises:
            CourierError: it cannot be used (cause ``seal``).
        """
        _ = self._pem

    @cached_property
    def _pem(self) -> bytes:
        try:
            key = load_pem_private_key(self.key.read_bytes(), None)
        except (OSError, TypeError, ValueError) as error:
            raise _unusable(self.key) from error
        if not isinstance(key, rsa.RSAPrivateKey) or key.key_size < LEAST_BITS:
            raise _unusable(self.key)
        return key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())


@dataclass(frozen=True)
class Smime:
    """The certificate that signs what a mail says (RFC 8551): a PKCS #12 file.

    Its password is *password*, or the first line of *password_file* as an office's seal
    has it.
    """

    p12: Path
    password: str = field(default="", repr=False)
    password_file: Path | None = None

    def sign(self, made: bytes) -> bytes:
        """Return *made* with its content as it is, and a detached signature behind it.

        Raises:
            CourierError: the certificate cannot be used (cause ``seal``).
        """
        at = made.index(_CONTENT) + len(_CRLF)
        head, content = made[:at], made[at:]
        edge = b"s-" + hashlib.sha256(content).hexdigest()[:24].encode("ascii")
        line = b"--" + edge
        parts = (
            head + _signed_kind(edge), line, content, line, _signature(self._sign(content)),
        )  # fmt: skip
        return _CRLF.join(parts) + line + b"--" + _CRLF

    def check(self) -> None:
        """Read the certificate and its key.

        Raises:
            CourierError: they cannot be used (cause ``seal``).
        """
        _ = self._signer

    def _sign(self, content: bytes) -> bytes:
        key, certificate, others = self._signer
        builder = pkcs7.PKCS7SignatureBuilder().set_data(content)
        builder = builder.add_signer(certificate, key, hashes.SHA256())
        for each in others:
            builder = builder.add_certificate(each)
        return builder.sign(Encoding.DER, _AS_IT_IS)

    @cached_property
    def _signer(self) -> Signer:
        try:
            found = pkcs12.load_key_and_certificates(self.p12.read_bytes(), self._secret())
        except (OSError, ValueError) as error:
            raise _unusable(self.p12) from error
        key, certificate, others = found
        usable = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
        if certificate is None or not isinstance(key, usable):
            raise _unusable(self.p12)
        return key, certificate, others

    def _secret(self) -> bytes | None:
        if self.password_file is None:
            return self.password.encode() or None
        return next(iter(self.password_file.read_bytes().splitlines()), None)


@dataclass(frozen=True)
class Seals:
    """The seals that every mail of this house carries; usually none."""

    smime: Smime | None = None
    dkim: Dkim | None = None

    def seal(self, made: bytes, letter: Letter) -> bytes:
        """Return the bytes that leave for *letter*, whose finished bytes are *made*.

        Raises:
            CourierError: a key cannot be used (cause ``seal``), or the sealed mail has other
                headers than were meant (cause ``header``).
        """
        if not self.smime and not self.dkim:
            return made  # and it was read when it was built
        if self.smime:
            made = self.smime.sign(made)
        if self.dkim:
            made = self.dkim.sign(made)
        inspect(made, letter, added=(DKIM_HEADER,) if self.dkim else ())
        return made


def _signed_kind(edge: bytes) -> bytes:
    return (
        b'Content-Type: multipart/signed; protocol="application/pkcs7-signature";\r\n'
        b' micalg=sha-256; boundary="' + edge + b'"\r\n'
    )


def _signature(der: bytes) -> bytes:
    """Return *der* as the second part of a signed mail."""
    return (
        b'Content-Type: application/pkcs7-signature; name="smime.p7s"\r\n'
        b"Content-Transfer-Encoding: base64\r\n"
        b'Content-Disposition: attachment; filename="smime.p7s"\r\n\r\n'
        + base64.encodebytes(der).replace(b"\n", _CRLF)
        + _CRLF
    )


def _unusable(file: Path) -> CourierError:
    return CourierError(str(file), relay=True, code="seal")
