"""What every message between a station and the server is: a dataclass that reads as JSON."""

from __future__ import annotations

from typing import Any, ClassVar, Self


class Message:
    """A dataclass that can be written as JSON and read back; unknown keys are ignored.

    Fields named in *LATER* came with a later version: they are left out where they say
    nothing, so that what was written before them stays as it was.
    """

    LATER: ClassVar[frozenset[str]] = frozenset()

    def to_json(self) -> dict[str, Any]:
        """Return the message as plain JSON."""
        said, silent = vars(self), self.silent()
        return {
            name: said[name]
            for name in self.names()
            if name not in silent or said[name] != silent[name]
        }

    @classmethod
    def names(cls) -> tuple[str, ...]:
        """Return the names of the fields, in order."""
        found = _NAMES.get(cls)
        if found is None:
            found = tuple(name for name in cls.__annotations__ if name != "LATER")
            _NAMES[cls] = found
        return found

    @classmethod
    def silent(cls) -> dict[str, Any]:
        """Return what each field of *LATER* holds where it says nothing."""
        found = _SILENT.get(cls)
        if found is None:
            found = {name: vars(cls).get(name, {}) for name in cls.LATER}
            _SILENT[cls] = found
        return found

    @classmethod
    def from_json(cls, found: dict[str, Any]) -> Self:
        """Read a message; keys of a newer version are ignored.

        Raises:
            ValueError: a field is missing.
        """
        names = cls.names()
        try:
            return cls(**{name: found[name] for name in names if name in found})
        except TypeError as error:
            raise ValueError(str(error)) from error


_NAMES: dict[type[Message], tuple[str, ...]] = {}  # every scan is written as a message or two
_SILENT: dict[type[Message], dict[str, Any]] = {}
