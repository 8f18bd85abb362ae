"""The sealing desk: letters are signed in the office's name, and signed ones are examined.

The work is done by pyHanko in processes of their own: what a stranger uploads is opened
there, with little memory and time, and the private key is never in the server's memory.
"""

from __future__ import annotations

import json
import stat
import subprocess
import sys
import tomllib
from base64 import b64decode, b64encode
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from invitations.domain.errors import SealError
from invitations.domain.papers import Spot
from invitations.domain.seals import LetterReport, read_report

KEY, PASSWORD, PICTURE = "seal.p12", "password", "seal.png"
TOKEN, PIN = "token.toml", "pin"
LARGEST_LETTER = 8 * 1024 * 1024
SEAL_MM = 36.0  # the seal of an authority in its real size
SIGN_SECONDS, VERIFY_SECONDS = 1_800, 90

_LEFT_OF_SIGNATURE = 14.0  # the seal covers a third of the signature, at its left
_SIGNER = Path(__file__).with_name("signing_child.py")
_VERIFIER = Path(__file__).with_name("verifying_child.py")


@dataclass(frozen=True)
class ToSign:
    """A letter to be signed, and where on it the signature stands."""

    pdf: bytes
    spot: Spot | None = None


@dataclass(frozen=True)
class Signed:
    """The signed letters in their order, and the processor seconds that signing took."""

    letters: tuple[bytes, ...]
    cpu_s: float


@dataclass(frozen=True)
class Sealing:
    """Signs with the seal of an office, and says who signed a letter.

    *seals*/<office id>/ holds ``seal.p12``, ``password`` (its first line) and, if the seal
    shall be seen, ``seal.png``; the first two are nobody else's to read. Instead of them,
    ``token.toml`` names a token (PKCS #11), and ``pin``, as secret, opens it. *roots* holds the
    certificates (PEM or DER) of the authorities that are trusted. *timestamp* is the
    address of a timestamp server, or empty.
    """

    seals: Path
    roots: Path
    timestamp: str = ""

    def ready(self, office_id: int) -> bool:
        """Tell whether the office has a seal here."""
        folder = self.seals / str(office_id)
        return (folder / KEY).is_file() or (folder / TOKEN).is_file()

    def sign(
        self, office_id: int, letters: Sequence[ToSign], *, place: str = "", reason: str = ""
    ) -> Signed:
        """Return *letters* signed (PAdES B-B, or B-T where there is a timestamp server).

        Raises:
            SealError: the seal cannot be used, or a letter is no PDF; says why.
        """
        folder = self.seals / str(office_id)
        picture = folder / PICTURE
        order = {
            **_key(folder),
            "picture": _encoded(picture.read_bytes()) if picture.is_file() else "",
            "timestamp": self.timestamp,
            "place": place,
            "reason": reason,
            "letters": [
                {"pdf": _encoded(each.pdf), "box": _seal_box(each.spot)} for each in letters
            ],
        }
        answer = _ask(_SIGNER, order, SIGN_SECONDS)
        return Signed(tuple(b64decode(each) for each in answer["letters"]), answer["cpu_s"])

    def verify(self, pdf: bytes, *, at: int | None = None) -> LetterReport:
        """Return who signed *pdf* and whether that can be relied on now, or at *at*.

        Raises:
            SealError: the file is too large, or takes too long to read.
        """
        return verify(pdf, self.trusted(), at=at)

    def trusted(self) -> list[bytes]:
        """Return the certificates of the authorities that are trusted."""
        if not self.roots.is_dir():
            return []
        kinds = {".pem", ".crt", ".cer", ".der"}
        return [
            path.read_bytes()
            for path in sorted(self.roots.iterdir())
            if path.suffix.lower() in kinds
        ]


def verify(pdf: bytes, roots: Sequence[bytes], *, at: int | None = None) -> LetterReport:
    """Return who signed *pdf*, judged by *roots* (certificates, PEM or DER) and nothing else.

    Raises:
        SealError: the file is too large, or takes too long to read.
    """
    if len(pdf) > LARGEST_LETTER:
        raise SealError("too-large")
    order = {"pdf": _encoded(pdf), "roots": [_encoded(each) for each in roots], "at": at}
    try:
        return read_report(_ask(_VERIFIER, order, VERIFY_SECONDS))
    except SealError as error:
        if error.code == "failed":  # the reader fell over the file
            return LetterReport("broken")
        raise


def _ask(program: Path, order: dict[str, Any], seconds: int) -> dict[str, Any]:
    try:
        done = subprocess.run(  # noqa: S603 - our own module, no argument from outside
            [sys.executable, "-P", str(program)],
            input=json.dumps(order).encode(),
            capture_output=True,
            timeout=seconds,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise SealError("too-slow") from error
    if done.returncode != 0:
        last = done.stderr.decode(errors="replace").strip().rpartition("\n")[2]
        raise SealError("failed", last[:200])
    answer: dict[str, Any] = json.loads(done.stdout)
    if "refused" in answer:
        raise SealError(answer["refused"], answer["detail"])
    return answer


def _key(folder: Path) -> dict[str, Any]:
    """Return the key of an office, or where its token is; a token goes before a file."""
    if not (folder / TOKEN).is_file():
        packed = _encoded(_secret(folder / KEY))
        return {"p12": packed, "password": _password(folder / PASSWORD), "token": None}
    try:
        told = tomllib.loads((folder / TOKEN).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise SealError("token-file", str(folder / TOKEN)) from error
    token = {name: told.get(name, "") for name in ("library", "token", "certificate", "key")}
    needed = (token["library"], token["token"], token["certificate"])
    if not all(needed) or not all(isinstance(each, str) for each in token.values()):
        raise SealError("token-file", str(folder / TOKEN))
    return {"p12": "", "password": _password(folder / PIN), "token": token}


def _secret(path: Path) -> bytes:
    try:
        if stat.S_IMODE(path.stat().st_mode) & 0o077:
            raise SealError("open", str(path))
        return path.read_bytes()
    except FileNotFoundError as error:
        raise SealError("no-key", str(path)) from error
    except OSError as error:
        raise SealError("damaged", str(path)) from error


def _password(path: Path) -> str:
    if not path.exists():
        return ""
    lines = _secret(path).decode(errors="replace").splitlines()
    return lines[0] if lines else ""


def _seal_box(spot: Spot | None) -> dict[str, Any] | None:
    """Return where the picture of the seal goes, in its real size."""
    if spot is None:
        return None
    middle = spot.x + spot.width / 2 - _LEFT_OF_SIGNATURE
    top = spot.y + spot.height / 2 - SEAL_MM / 2
    return asdict(Spot(spot.page, middle - SEAL_MM / 2, top, SEAL_MM, SEAL_MM))


def _encoded(data: bytes) -> str:
    return b64encode(data).decode("ascii")
