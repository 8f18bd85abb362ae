"""Names that leave the house and tell nothing: tags of addresses, secrets of pass pages."""

from __future__ import annotations

import base64
import secrets

_TAG_BYTES = 10
_LINK_BYTES = 12


def new_tag() -> str:
    """Return a new tag for mail addresses: 16 lower-case base32 characters, 80 bits."""
    return _base32(_TAG_BYTES)


def new_link() -> str:
    """Return the new secret of a pass page: 20 lower-case base32 characters, 96 bits.

    No character of it is lost when a phone cuts a link out of a text message, as a dash at
    its end would be.
    """
    return _base32(_LINK_BYTES)


def _base32(size: int) -> str:
    return base64.b32encode(secrets.token_bytes(size)).decode().rstrip("=").lower()
