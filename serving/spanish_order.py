"""Names in the order of a Spanish dictionary: accents are not looked at, and Ñ comes after N."""

from __future__ import annotations

from unicodedata import combining, normalize

AFTER_N = "n\uffff"


def spanish_order(text: str) -> str:
    """What to sort by."""
    plain = normalize("NFC", text).casefold().replace("ñ", AFTER_N)
    return "".join(letter for letter in normalize("NFD", plain) if not combining(letter))
