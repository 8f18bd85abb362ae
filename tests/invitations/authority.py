"""An authority of our own: certificates, PKCS #12 files and a red seal for tests."""

from __future__ import annotations

import io
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import NameOID
from PIL import Image, ImageDraw

PASSWORD = "con-dau-thu-nghiem"
OFFICE = "Văn phòng Ủy ban nhân dân Thành phố"
Key = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


@dataclass(frozen=True)
class Authority:
    """A root that signs certificates."""

    certificate: x509.Certificate
    key: Key

    @property
    def pem(self) -> bytes:
        """The root as a file of trusted roots holds it."""
        return self.certificate.public_bytes(serialization.Encoding.PEM)


@dataclass(frozen=True)
class Member:
    """Somebody whom an authority vouches for."""

    certificate: x509.Certificate
    key: Key
    authority: Authority

    def p12(self, password: str = PASSWORD) -> bytes:
        """Return certificate and key as PKCS #12."""
        return pkcs12.serialize_key_and_certificates(
            b"seal",
            self.key,
            self.certificate,
            [self.authority.certificate],
            serialization.BestAvailableEncryption(password.encode()),
        )


def an_authority(name: str = "Ban Cơ yếu thử nghiệm") -> Authority:
    """Return a new root authority."""
    key = ec.generate_private_key(ec.SECP256R1())
    about = _name(name, "Ban Cơ yếu")
    built = _begin(about, about, key, days=(-400, 4_000)).add_extension(
        x509.BasicConstraints(ca=True, path_length=1), critical=True
    )
    built = built.add_extension(_usage(sign=False), critical=True)
    return Authority(built.sign(key, hashes.SHA256()), key)


def a_member(
    authority: Authority,
    name: str = OFFICE,
    *,
    days: tuple[int, int] = (-30, 300),
    sign: bool = True,
    strong: bool = False,
) -> Member:
    """Return somebody with a certificate that holds *days* from today."""
    key = a_key(strong=strong)
    built = begin_member(authority, name, key, days=days)
    built = built.add_extension(_usage(sign=sign, member=True), critical=True)
    return Member(built.sign(authority.key, hashes.SHA256()), key, authority)


def a_key(*, strong: bool = False) -> Key:
    """Return a new key: P-256, or RSA-2048 where it shall be *strong*."""
    if strong:
        return rsa.generate_private_key(public_exponent=65_537, key_size=2_048)
    return ec.generate_private_key(ec.SECP256R1())


def begin_member(
    authority: Authority, name: str, key: Key, *, days: tuple[int, int] = (-30, 300)
) -> x509.CertificateBuilder:
    """Return a certificate for *key* that lacks what it may be used for, and a signature."""
    issuer = authority.certificate.subject
    built = _begin(_name(name, OFFICE), issuer, key, days=days)
    return built.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)


def keep_seal(
    folder: Path, member: Member, *, password: str = PASSWORD, picture: bool = False
) -> None:
    """Lay the seal of an office into *folder*."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    _write(folder / "seal.p12", member.p12())
    _write(folder / "password", f"{password}\n".encode())
    if picture:
        _write(folder / "seal.png", a_seal())


def a_seal() -> bytes:
    """Return a red round seal on nothing, as PNG."""
    picture = Image.new("RGBA", (425, 425), (0, 0, 0, 0))
    pen = ImageDraw.Draw(picture)
    pen.ellipse((6, 6, 418, 418), outline=(200, 16, 16, 255), width=9)
    pen.ellipse((90, 90, 334, 334), outline=(200, 16, 16, 255), width=5)
    pen.regular_polygon((212, 212, 70), 5, fill=(200, 16, 16, 255))
    file = io.BytesIO()
    picture.save(file, "PNG")
    return file.getvalue()


def _write(path: Path, data: bytes) -> None:
    path.touch(mode=0o600)
    path.write_bytes(data)


def _name(common: str, organisation: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "VN"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, organisation),
            x509.NameAttribute(NameOID.COMMON_NAME, common),
        ]
    )


def _begin(
    subject: x509.Name, issuer: x509.Name, key: Key, *, days: tuple[int, int]
) -> x509.CertificateBuilder:
    now = datetime.fromtimestamp(int(time.time()), UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now + timedelta(days=days[0]))
        .not_valid_after(now + timedelta(days=days[1]))
    )


def _usage(*, sign: bool, member: bool = False) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=sign,
        content_commitment=sign,
        key_encipherment=member and not sign,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=not member,
        crl_sign=not member,
        encipher_only=False,
        decipher_only=False,
    )
