"""How one setting is read: from the environment, or the file, and refused in plain words."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from checkin.words import say

T = TypeVar("T")

HIDDEN = "…"  # what may be a secret is not repeated
NOT_SETTINGS = frozenset({"THUMOI_CONFIG", "THUMOI_SKIP_ASSETS"})
ADDRESS = re.compile(r"https?://[A-Za-z0-9.\-\[\]:]+(/[^\s?#]*)?")


class ConfigError(Exception):
    """A setting that cannot be used: where it stands, what it is, and what it may be."""

    def __init__(self, where: str, setting: str, found: str, allowed: str) -> None:
        super().__init__(where, setting, found, allowed)
        self.where = where
        self.setting = setting
        self.found = found
        self.allowed = allowed

    def __str__(self) -> str:
        """Say it to whoever has to mend it."""
        return say(
            "Cấu hình: %(where)s: %(setting)s = “%(found)s”; cần %(allowed)s.",
            where=self.where,
            setting=self.setting or say("nội dung"),
            found=self.found,
            allowed=self.allowed,
        )


class NotAllowedError(ValueError):
    """A value is not what a setting takes; says what it takes."""


class Source:
    """The file and the environment, and which of their settings have been asked for."""

    def __init__(
        self, path: Path | None, document: dict[str, Any], environ: Mapping[str, str]
    ) -> None:
        self.path = path
        self.document = document
        self.environ = environ
        self.known: set[tuple[str, str]] = set()

    def section(self, name: str) -> Section:
        """Return the section *name* of the file; the empty name is the top of the file.

        Raises:
            ConfigError: something else stands under that name.
        """
        found = self.document.get(name, {}) if name else self.document
        if not isinstance(found, dict):
            raise ConfigError(
                str(self.path), name, str(found), say("một mục [%(name)s]", name=name)
            )
        return Section(self, name, found)

    def finish(self) -> None:
        """Refuse whatever nobody asked for: most likely a slip of the pen.

        Raises:
            ConfigError: a setting is unknown.
        """
        for section, values in self._written().items():
            for key in values:
                if (section, key) not in self.known:
                    name = f"[{section}] {key}" if section else key
                    raise ConfigError(str(self.path), name, HIDDEN, self._known(section))
        names = {_variable(*known) for known in self.known} | NOT_SETTINGS
        for variable in sorted(self.environ):
            if variable.startswith("THUMOI_") and variable not in names:
                where = say("biến môi trường")
                raise ConfigError(where, variable, HIDDEN, say("một tên đã biết"))

    def _written(self) -> dict[str, dict[str, Any]]:
        sections = {
            name: value for name, value in self.document.items() if isinstance(value, dict)
        }
        top = {name: value for name, value in self.document.items() if name not in sections}
        return {"": top, **sections}

    def _known(self, section: str) -> str:
        names = sorted(key for name, key in self.known if name == section)
        return say("một trong: %(names)s", names=", ".join(names) or "–")


class Section:
    """One section of the file, with what the environment says instead."""

    def __init__(self, source: Source, name: str, values: dict[str, Any]) -> None:
        self._source = source
        self._name = name
        self._values = values

    def get(self, key: str, read: Callable[[Any], T], usual: T) -> T:
        """Return the setting *key* as *read* understands it, or *usual* where it is not set.

        Raises:
            ConfigError: the value is not allowed.
        """
        found = self._find(key)
        if found is None:
            return usual
        try:
            return read(found)
        except NotAllowedError as error:
            raise self.refusal(key, found, str(error)) from error

    def secret(self, key: str) -> str:
        """Return the secret *key*, or what the file named by *key*_file holds.

        Raises:
            ConfigError: the file cannot be read.
        """
        named = self._find(f"{key}_file")
        found = self._find(key)
        if named is None and found is None:
            return ""
        if named is None:
            return self._secret(key, found)
        try:
            return Path(str(named)).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise self.refusal(f"{key}_file", named, say("một tệp đọc được")) from error

    def refusal(self, key: str, found: object, allowed: str) -> ConfigError:
        """Return the error that says where *key* stands and what is *allowed*."""
        variable = _variable(self._name, key)
        if variable in self._source.environ:
            return ConfigError(say("biến môi trường"), variable, str(found), allowed)
        name = f"[{self._name}] {key}" if self._name else key
        return ConfigError(str(self._source.path or variable), name, str(found), allowed)

    def _secret(self, key: str, found: object) -> str:
        try:
            return text(found)
        except NotAllowedError as error:
            raise self.refusal(key, HIDDEN, str(error)) from error

    def _find(self, key: str) -> Any:  # noqa: ANN401 - TOML holds anything; a reader judges it
        self._source.known.add((self._name, key))
        variable = _variable(self._name, key)
        if variable in self._source.environ:
            return self._source.environ[variable]
        return self._values.get(key)


def read_document(path: Path) -> dict[str, Any]:
    """Return what stands in the TOML file *path*.

    Raises:
        ConfigError: it cannot be read, or is none.
    """
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(
            str(path), "", str(error.strerror), say("một tệp đọc được")
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(str(path), "", str(error), say("một tệp TOML hợp lệ")) from error


def text(found: object) -> str:
    """Read a text of one line."""
    if not isinstance(found, str) or not found.isprintable():
        raise NotAllowedError(say("một dòng chữ trong ngoặc kép"))
    return found.strip()


def number(low: int, high: int) -> Callable[[object], int]:
    """Read a whole number from *low* to *high*."""

    def read(found: object) -> int:
        digits = str(found)
        if isinstance(found, bool) or not re.fullmatch(r"[0-9]{1,9}", digits, re.ASCII):
            raise NotAllowedError(_between(low, high))
        if not low <= int(digits) <= high:
            raise NotAllowedError(_between(low, high))
        return int(digits)

    return read


def one_of(*allowed: str) -> Callable[[object], str]:
    """Read one of the words *allowed*."""

    def read(found: object) -> str:
        if found not in allowed:
            raise NotAllowedError(say("một trong: %(names)s", names=", ".join(allowed)))
        return str(found)

    return read


def switch(found: object) -> bool:
    """Read yes or no, in the environment as ``true`` or ``false``."""
    known = {"true": True, "false": False}
    if isinstance(found, bool):
        return found
    if isinstance(found, str) and found.lower() in known:
        return known[found.lower()]
    raise NotAllowedError(say("true hoặc false"))


def listing(found: object) -> tuple[str, ...]:
    """Read a list of words, in the environment with commas between them."""
    parts = found.split(",") if isinstance(found, str) else found
    if not isinstance(parts, list) or not all(isinstance(part, str) for part in parts):
        raise NotAllowedError(say("một danh sách chữ"))
    return tuple(part.strip() for part in parts if part.strip())


def folder(found: object) -> Path:
    """Read the path of a folder; ``~`` is the home of whoever runs this."""
    return Path(text(found)).expanduser().absolute()


def web_address(found: object) -> str:
    """Read an http(s) address without a slash at its end; empty is none."""
    address = text(found)
    if address and not ADDRESS.fullmatch(address):
        raise NotAllowedError(say("một địa chỉ như https://thumoi.example.vn"))
    return address.rstrip("/")


def _between(low: int, high: int) -> str:
    return say("một số từ %(low)s đến %(high)s", low=low, high=high)


def _variable(section: str, key: str) -> str:
    return "_".join(part for part in ("THUMOI", section, key) if part).upper()
