"""Cells of spreadsheets: which texts a spreadsheet may take for a formula."""

from __future__ import annotations

# When it opens a text file, also in full width (OWASP, CSV injection).
_SIGNS = ("=", "+", "-", "@", "\t", "\r", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def like_a_formula(text: str) -> bool:
    """Tell whether a spreadsheet may take *text* for a formula."""
    return text.startswith(_SIGNS)
