"""The errors of the office.

OfficeError
├── PassError            a pass text that is not accepted; says why
├── CourierError         a carrier did not take a delivery; permanent or passing
├── StorageError         the database could not do what was asked
│   └── WriterBusyError  another process holds the writer's lock
├── FileRefusedError    a file that is no guest list; says why
├── UndoRefusedError    an import stays as it is; says why
├── KeyFileError         a private signing key cannot be used; says why
├── TypesettingError     a paper could not be set; says why
├── SealError            a paper could not be signed or read; says why
└── NotFoundError        the thing named does not exist for this office
"""

from __future__ import annotations


class OfficeError(Exception):
    """Something the office asked for could not be done."""


class PassError(OfficeError):
    """A text that does not open the door.

    *reason* is one of ``not_a_pass``, ``forged``, ``wrong_event``, ``too_late``.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class CourierError(OfficeError):
    """A carrier did not take a delivery.

    *permanent* is the one bit the retry needs; *relay* says that the carrier itself
    is ill, so nothing may be charged to the guest; *uncertain* that it may have taken
    the letter all the same. *code* is the carrier's own code, such as ``550 5.1.1``.
    """

    def __init__(
        self,
        text: str,
        *,
        permanent: bool = False,
        relay: bool = False,
        uncertain: bool = False,
        code: str = "",
    ) -> None:
        super().__init__(text)
        self.permanent = permanent
        self.relay = relay
        self.uncertain = uncertain
        self.code = code


class StorageError(OfficeError):
    """The database could not do what was asked of it."""


class WriterBusyError(StorageError):
    """Another process is the writer of this database."""


class KeyFileError(OfficeError):
    """A private signing key cannot be used.

    *code* is one of ``missing``, ``damaged``, ``open`` (to other people), ``foreign`` (not
    the key that the database knows), ``exhausted``; *path* is where it should be.
    """

    def __init__(self, code: str, path: str = "") -> None:
        super().__init__(f"{code}: {path}" if path else code)
        self.code = code
        self.path = path


class TypesettingError(OfficeError):
    """A paper could not be set.

    *code* is one of ``no-font`` (*detail* names the Debian package or the file),
    ``template`` (*detail* is what Typst said), ``forbidden`` (*detail* is the word),
    ``too-large``, ``too-slow``, ``pages`` (more than a letter may have).
    """

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(f"{code}: {detail}" if detail else code)
        self.code = code
        self.detail = detail


class SealError(OfficeError):
    """A paper could not be signed, or a signed one could not be taken.

    *code* is one of ``no-key``, ``open`` (the file, to other people), ``password``,
    ``damaged``, ``expired``, ``not-yet``, ``not-for-signing``, ``seal-picture``,
    ``timestamp``, ``not-a-pdf``, ``locked``, ``too-large``, ``too-slow``, ``failed``,
    ``not-valid``; *detail* is what a person may need beside it.
    """

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(f"{code}: {detail}" if detail else code)
        self.code = code
        self.detail = detail


class NotFoundError(OfficeError):
    """The thing named does not exist, or not for this office."""


class FileRefusedError(OfficeError):
    """A file that cannot be read as a guest list; nothing of it was stored.

    *code* is one of ``empty``, ``no-rows``, ``no-header``, ``too-many-rows``,
    ``too-large``, ``bomb``, ``locked``, ``macros``, ``picture``, ``renamed``, ``unknown``,
    ``broken``, ``too-slow``, ``not-found``; *detail* is what a person may need beside it.
    """

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.detail = detail


class UndoRefusedError(OfficeError):
    """An import is not taken back.

    *reason* is one of ``too-late``, ``not-last``, ``invited``, ``written``, ``changed``.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
