"""Telephone numbers and e-mail addresses as people write them in Vietnamese lists."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache

import phonenumbers
from email_validator import EmailNotValidError, validate_email

COUNTRY = "VN"
CELL_LIMIT = 200

# The 11-digit mobiles of 2018 and what became of their prefixes (Ministry of Information
# and Communications, decision 798/QĐ-BTTTT, in force from 15 September 2018).
_PREFIXES_OF_2018 = {
    "0162": "032", "0163": "033", "0164": "034", "0165": "035", "0166": "036",
    "0167": "037", "0168": "038", "0169": "039",
    "0120": "070", "0121": "079", "0122": "077", "0126": "076", "0128": "078",
    "0123": "083", "0124": "084", "0125": "085", "0127": "081", "0129": "082",
    "0186": "056", "0188": "058", "0199": "059",
}  # fmt: skip
# What nearly every cell holds. The numbering plan of Vietnam (circular 22/2014/TT-BTTTT as
# changed in 2018), as far as the library agrees: the long way gives the same answer.
_USUAL_MOBILE = re.compile(r"0(?:3[2-9]|5[68]|7[06-9]|8[1-8]|9[0-8])[0-9]{7}\Z")
_USUAL_LOCAL = re.compile(r"[a-z0-9]+(?:[._-][a-z0-9]+)*\Z")
_USUAL_LENGTH = 60  # of either part: nothing to measure below it
_OLD_MOBILE = re.compile(r"^(01\d\d)(\d{7})$")
_DIGITS_RUN = re.compile(r"\+?\d(?:[\s.\-()]{0,3}\d){6,14}")
_BETWEEN_NUMBERS = re.compile(r"[/;,|\n]|\s+-\s+|\s+(?:hoặc|or|và)\s+", re.IGNORECASE)
_NOT_DIALLED = re.compile(r"[\s.\-()–]+")
_NATIONAL_LENGTH = 9
_MOBILE_KINDS = frozenset(
    {
        phonenumbers.PhoneNumberType.MOBILE,
        phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE,
    }
)

# Domains that are typed wrongly often enough to ask about; the answer is always proposed.
_LOOK_ALIKE_DOMAINS = {
    "gmial.com": "gmail.com", "gmai.com": "gmail.com", "gamil.com": "gmail.com",
    "gmail.con": "gmail.com", "gmail.co": "gmail.com", "gmail.cm": "gmail.com",
    "gmaill.com": "gmail.com", "gnail.com": "gmail.com", "gmail.com.vn": "gmail.com",
    "gmal.com": "gmail.com", "gmil.com": "gmail.com", "gmail.vn": "gmail.com",
    "yaho.com": "yahoo.com", "yahooo.com": "yahoo.com", "yahoo.con": "yahoo.com",
    "yhaoo.com": "yahoo.com", "yahho.com": "yahoo.com", "yahoo.com.vm": "yahoo.com.vn",
    "hotmial.com": "hotmail.com", "hotmail.con": "hotmail.com", "hotmai.com": "hotmail.com",
    "outlok.com": "outlook.com", "outlook.con": "outlook.com", "iclound.com": "icloud.com",
}  # fmt: skip
_AT = re.compile(r"\s*(?:\(at\)|\[at\]|\s+at\s+|\(a còng\)|\s+a còng\s+)\s*", re.IGNORECASE)
_MAILTO = re.compile(r"^(?:mailto|e-?mail)\s*:\s*", re.IGNORECASE)
_BETWEEN_MAILS = re.compile(r"[;,/|]|\s+(?:hoặc|or|và)\s+", re.IGNORECASE)
_IN_ANGLES = re.compile(r"^[^<>]*<([^<>@\s]+@[^<>@\s]+)>$")


@dataclass(frozen=True)
class Reading:
    """What a cell with an address says.

    *value* is the canonical address ("" if none is certain), *repair* the code of what was
    mended, *question* the code of what the officer must decide, *proposed* the best guess
    then, and *rest* what else stood in the cell and is kept as a note.
    """

    value: str = ""
    repair: str | None = None
    question: str | None = None
    proposed: str = ""
    rest: str = ""


def read_phone(cell: str, *, as_written: bool = False) -> Reading:
    """Read a telephone cell; numbers come back in E.164 form, such as "+84903123456".

    One mobile beside other numbers is taken and the others go to *rest*; two mobiles in one
    cell are a question, because only the officer knows which is in use. *as_written* leaves
    the old prefixes as they are and takes any number that is long enough: the officer knows.
    """
    if not as_written and _USUAL_MOBILE.match(cell):
        return Reading(value="+84" + cell[1:])
    text = _tidy(cell)
    if not text:
        return Reading()
    if len(text) > CELL_LIMIT:
        return Reading(question="phone-unreadable")
    whole = _one_number(text, as_written=as_written)
    if whole is not None:
        number, code = whole
        as_it_was = cell in {number, national(number)}
        return Reading(value=number, repair=None if as_it_was else code)
    return _one_of_several(text)


def national(number: str) -> str:
    """Return an E.164 number as it is dialled at home, "0903123456"; foreign ones unchanged."""
    return "0" + number[3:] if number.startswith("+84") else number


def is_mobile(number: str) -> bool:
    """Tell whether an E.164 *number* can get a text message."""
    try:
        parsed = phonenumbers.parse(number, None)
    except phonenumbers.NumberParseException:
        return False
    return phonenumbers.number_type(parsed) in _MOBILE_KINDS


def read_mail(cell: str, known_domains: Collection[str] = ()) -> Reading:
    """Read an e-mail cell; the address comes back in lower case, ASCII only.

    *known_domains* are those of the other rows: "duc.tran.tuoitre.vn" without its sign is
    proposed as duc.tran@tuoitre.vn only when tuoitre.vn is among them.
    """
    text = _tidy(cell)
    if not text:
        return Reading()
    if len(text) > CELL_LIMIT:
        return Reading(question="mail-invalid")
    whole = _one_address(text)
    if whole is not None:
        return _judged_address(cell, whole)
    several = _addresses_in(text)
    if len(several) > 1:
        rest = ", ".join(several[1:])
        return Reading(question="mail-two", proposed=several[0], rest=rest)
    guess = several[0] if several else _with_sign(text, known_domains)
    return Reading(question="mail-invalid", proposed=guess)


def beside(cell: str, taken: str) -> str:
    """Return what a cell says beside the address *taken* out of it; "" if it is not in it.

    *taken* is a number in E.164 form or an e-mail address in lower case.
    """
    text = _tidy(cell)[:CELL_LIMIT]
    if "@" in taken:
        several = _addresses_in(text)
        return ", ".join(each for each in several if each != taken) if taken in several else ""
    for part in _BETWEEN_NUMBERS.split(text):
        for run in _DIGITS_RUN.finditer(part):
            number = _one_number(run.group())
            if number is not None and number[0] == taken:
                return _without(text, run.group())
    return ""


def _tidy(cell: str) -> str:
    """Return *cell* with full-width signs made plain and nothing invisible."""
    if cell.isascii() and cell.isprintable():
        return " ".join(cell.split())
    text = unicodedata.normalize("NFKC", cell)
    kept = "".join(c for c in text if unicodedata.category(c) not in {"Cf", "Cs", "Co", "Cn"})
    return " ".join(kept.split())


def _one_number(text: str, *, as_written: bool = False) -> tuple[str, str | None] | None:
    """Return the E.164 form of *text* and the repair it took, or None if it is not a number."""
    dialled = _NOT_DIALLED.sub("", text.removesuffix(".0"))
    if not dialled.lstrip("+").isdecimal() or not dialled.isascii():
        return None
    for candidate, code in _candidates(dialled):
        if as_written and code == "phone-prefix-2018":
            continue
        number = _valid(candidate, possible=as_written)
        if number is not None:
            return number, code
    return None


def _candidates(dialled: str) -> list[tuple[str, str]]:
    """Return the ways to understand *dialled*, likeliest first, each with its repair."""
    ways = [(dialled, "phone-form")]
    home = dialled
    if dialled.startswith("0084"):
        home = "0" + dialled[4:].lstrip("0")
    elif dialled.startswith("+84"):
        home = "0" + dialled[3:].lstrip("0")
    elif dialled.startswith("84") and len(dialled) > _NATIONAL_LENGTH:
        home = "0" + dialled[2:]
    elif not dialled.startswith(("0", "+")):
        home = "0" + dialled
        ways = [] if len(dialled) <= _NATIONAL_LENGTH + 1 else ways
        ways.append((home, "phone-zero"))
    if home != dialled:
        ways.append((home, "phone-form"))
    old = _OLD_MOBILE.match(home)
    if old and old.group(1) in _PREFIXES_OF_2018:
        ways.insert(0, (_PREFIXES_OF_2018[old.group(1)] + old.group(2), "phone-prefix-2018"))
    return ways


def _valid(dialled: str, *, possible: bool = False) -> str | None:
    """Return the E.164 form of a number that can exist, or None.

    With *possible* its length is enough.
    """
    if _USUAL_MOBILE.match(dialled):
        return "+84" + dialled[1:]
    try:
        parsed = phonenumbers.parse(dialled, COUNTRY)
    except phonenumbers.NumberParseException:
        return None
    accepted = phonenumbers.is_possible_number if possible else phonenumbers.is_valid_number
    if not accepted(parsed):
        return None
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


def _one_of_several(text: str) -> Reading:
    """Read a cell that is more than one plain number."""
    found: list[tuple[str, str]] = []
    for part in _BETWEEN_NUMBERS.split(text):
        for run in _DIGITS_RUN.finditer(part):
            number = _one_number(run.group())
            if number is not None and number[0] not in dict(found):
                found.append((number[0], run.group()))
    mobiles = [(number, written) for number, written in found if is_mobile(number)]
    if not found:
        return Reading(question="phone-unreadable")
    taken, written = (mobiles or found)[0]
    rest = _without(text, written)
    if len(mobiles) > 1 or (not mobiles and len(found) > 1):
        return Reading(question="phone-two", proposed=national(taken), rest=rest)
    return Reading(value=taken, repair="phone-taken-from-text", rest=rest.strip("()"))


def _without(text: str, written: str) -> str:
    """Return *text* without the number *written*, and without the signs around it."""
    return " ".join(text.replace(written, " ", 1).split()).strip(" ;,/|-")


def _one_address(text: str) -> str | None:
    """Return *text* as one valid address in lower case, or None."""
    bare = _MAILTO.sub("", text)
    angled = _IN_ANGLES.match(bare)
    if angled:
        bare = angled.group(1)
    if "@" not in bare:
        bare = _AT.sub("@", bare)
    bare = re.sub(r"\s*@\s*", "@", bare).strip(" .,;<>").lower()
    if not bare.isascii():
        return None
    local, _, domain = bare.rpartition("@")
    if _USUAL_LOCAL.match(local) and max(len(local), len(domain)) <= _USUAL_LENGTH:
        taken = _domain(domain)
        return f"{local}@{taken}" if taken else None
    return _validated(bare)


@lru_cache(maxsize=4096)
def _domain(domain: str) -> str:
    """Return *domain* as addresses are taken with it, or ""; a list has few of them."""
    return (_validated(f"a@{domain}") or "").removeprefix("a@")


def _validated(address: str) -> str | None:
    """Return *address* as the library takes it, or None."""
    try:
        valid = validate_email(address, check_deliverability=False, allow_smtputf8=False)
    except EmailNotValidError:
        return None
    return valid.ascii_email


def _judged_address(cell: str, address: str) -> Reading:
    """Return *address* as taken, repaired, or asked about for its domain."""
    local, _, domain = address.rpartition("@")
    if domain in _LOOK_ALIKE_DOMAINS:
        proposed = f"{local}@{_LOOK_ALIKE_DOMAINS[domain]}"
        return Reading(question="mail-look-alike", proposed=proposed)
    if address == cell:
        return Reading(value=address)
    repair = "mail-form" if "@" in unicodedata.normalize("NFKC", cell) else "mail-at"
    return Reading(value=address, repair=repair)


def _addresses_in(text: str) -> list[str]:
    """Return the different valid addresses in *text*, in their order."""
    parts = [part for piece in _BETWEEN_MAILS.split(text) for part in (piece, *piece.split())]
    valid = [address for part in parts if (address := _one_address(part)) is not None]
    return list(dict.fromkeys(valid))


def _with_sign(text: str, known_domains: Collection[str]) -> str:
    """Propose an address for *text* that lost its sign before a domain the list knows."""
    bare = text.lower().replace(" ", "")
    for domain in sorted(known_domains, key=len, reverse=True):
        local = bare.removesuffix(domain)
        if local != bare and "@" not in local and local.rstrip(".") and domain:
            return _one_address(f"{local.rstrip('.')}@{domain}") or ""
    return ""
