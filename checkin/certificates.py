"""The certificates on which the house relies, and until when each of them holds."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.hazmat.primitives.serialization import pkcs12

if TYPE_CHECKING:
    from checkin.config import Config

PATIENCE_S = 4
HTTPS = 443


@dataclass(frozen=True)
class Dated:
    """One certificate: what it is for, where it is, and its last instant (Unix seconds).

    No instant where it cannot be read.
    """

    name: str
    where: str
    ends_at: int | None


def certificates(config: Config) -> Iterator[Dated]:
    """Yield the certificates of seals, of mail, of Apple's wallet, and of our own address."""
    for packed in sorted(config.letter.seals.glob("*/seal.p12")):
        yield _packed("seal", packed, _first_line(packed.with_name("password")))
    smime = config.mail.seals.smime
    if smime is not None:
        secret = smime.password or _first_line(smime.password_file)
        yield _packed("smime", smime.p12, secret)
    apple = config.wallet.apple
    if apple is not None:
        yield _packed("pkpass", apple.p12, apple.password)
        yield _plain("pkpass", apple.wwdr)
    address = urlsplit(config.base_url)
    if address.scheme == "https" and address.hostname:
        yield from _served(address.hostname, address.port or HTTPS)


def _packed(name: str, file: Path, password: str) -> Dated:
    try:
        _, found, _ = pkcs12.load_key_and_certificates(
            file.read_bytes(), password.encode() or None
        )
    except (OSError, ValueError):
        found = None
    return _dated(name, str(file), found)


def _plain(name: str, file: Path) -> Dated:
    try:
        data = file.read_bytes()
        pem = b"-----BEGIN" in data
        found = x509.load_pem_x509_certificate(data) if pem else _der(data)
    except (OSError, ValueError):
        found = None
    return _dated(name, str(file), found)


def _served(host: str, port: int) -> Iterator[Dated]:
    """Yield what a browser is shown at our own address; nothing where nobody answers."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE  # an expired one is what we look for
    try:
        with (
            socket.create_connection((host, port), PATIENCE_S) as line,
            context.wrap_socket(line, server_hostname=host) as secured,
        ):
            shown = secured.getpeercert(binary_form=True)
    except OSError:
        return
    if shown:
        yield _dated("tls", f"{host}:{port}", _der(shown))


def _der(data: bytes) -> x509.Certificate:
    return x509.load_der_x509_certificate(data)


def _dated(name: str, where: str, found: x509.Certificate | None) -> Dated:
    return Dated(name, where, int(found.not_valid_after_utc.timestamp()) if found else None)


def _first_line(file: Path | None) -> str:
    try:
        lines = file.read_text(encoding="utf-8").splitlines() if file else []
    except (OSError, ValueError):
        lines = []
    return lines[0] if lines else ""
