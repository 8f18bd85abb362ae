"""A token (PKCS #11) in software: Debian's SoftHSM, with a key that never leaves it."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path

import pkcs11
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from pkcs11.util.x509 import decode_x509_certificate

from tests.invitations.authority import Member

LIBRARY = "/usr/lib/softhsm/libsofthsm2.so"
UTIL = "/usr/bin/softhsm2-util"
LABEL, PIN, OBJECT = "thumoi", "246810", "con-dau"


@dataclass(frozen=True)
class SoftToken:
    """A token in *folder*, found by whoever has *environment*."""

    folder: Path

    @property
    def environment(self) -> dict[str, str]:
        """What a process needs to find the token."""
        return {"SOFTHSM2_CONF": str(self.folder / "softhsm2.conf")}

    def make(self) -> None:
        """Make an empty token."""
        store = self.folder / "tokens"
        store.mkdir(parents=True)
        (self.folder / "softhsm2.conf").write_text(
            f"directories.tokendir = {store}\nobjectstore.backend = file\nlog.level = ERROR\n"
        )
        self._run("--init-token", "--free", "--label", LABEL, "--so-pin", "13579", "--pin", PIN)

    def take(self, member: Member, label: str = OBJECT, number: str = "01") -> None:
        """Put the key and the certificates of *member* in, under *label* and *number*."""
        key = self.folder / "key.pem"
        key.write_bytes(
            member.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        )
        told = ("--token", LABEL, "--pin", PIN, "--label", label, "--id", number)
        self._run("--import", str(key), *told)
        key.unlink()
        with (
            pkcs11.lib(LIBRARY)
            .get_token(token_label=LABEL)
            .open(user_pin=PIN, rw=True) as session
        ):
            for called, owner in ((label, member), ("goc", member.authority)):
                der = owner.certificate.public_bytes(Encoding.DER)
                told_of = {pkcs11.Attribute.TOKEN: True, pkcs11.Attribute.LABEL: called}
                session.create_object(decode_x509_certificate(der) | told_of)

    def _run(self, *words: str) -> None:
        subprocess.run(
            [UTIL, *words], env=self.environment, check=True, capture_output=True, timeout=30
        )


def keep_token(
    folder: Path, *, pin: str = PIN, token: str = LABEL, label: str = OBJECT
) -> None:
    """Lay the description of a token into the *folder* of an office."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "token.toml").write_text(
        f'library = "{LIBRARY}"\ntoken = "{token}"\ncertificate = "{label}"\n'
    )
    (folder / "pin").touch(mode=0o600)
    (folder / "pin").write_text(f"{pin}\n")
