"""Makes two ways of writing one name alike: without accents, particles or doubled letters, and as it sounds."""

from __future__ import annotations

import polars as pl

PARTICLES = ("DE", "DEL", "LA", "LAS", "LOS", "Y", "E", "DA", "DI", "DO", "DOS", "SU")

# How Spanish in Colombia hears it: each pair is tried in turn on letters that are already bare capitals.
_SOUNDS = (
    ("PH", "F"),
    ("CH", "1"),  # kept apart while the silent H goes
    ("SH", "1"),
    ("LL", "Y"),
    ("QU", "K"),
    ("GU([EI])", "6$1"),
    ("G([EIY])", "J$1"),
    ("C([EIY])", "S$1"),
    ("[ZX]", "S"),
    ("[CQ]", "K"),
    ("[VW]", "B"),
    ("H", ""),
    ("Y", "I"),
    ("6", "G"),
    ("M([BPN])", "N$1"),
)
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ1"


def bare(name: pl.Expr) -> pl.Expr:
    """Capitals from A to Z and single spaces, without the particles; nothing is left null."""
    letters = name.str.to_uppercase().str.normalize("NFKD").str.replace_all(r"\p{M}", "")
    words = letters.str.replace_all(r"[-_./,;]", " ").str.replace_all(r"[^A-Z ]", "")
    telling = words.str.split(" ").list.filter(~pl.element().is_in(["", *PARTICLES]))
    joined = telling.list.join(" ")
    return pl.when(joined != "").then(joined)


def sound(name: pl.Expr) -> pl.Expr:
    """How a bare name is heard: GONZALEZ and GONSALES are one, and so are VALENCIA and BALENSIA."""
    heard = name
    for written, said in _SOUNDS:
        heard = heard.str.replace_all(written, said)
    for letter in _LETTERS:
        heard = heard.str.replace_all(f"{letter}{letter}+", letter)
    return heard


def digits(number: pl.Expr) -> pl.Expr:
    """The digits and letters of a document or a telephone, without leading zeros; fewer than five say nothing."""
    said = (
        number.str.to_uppercase().str.replace(r"\.0+$", "").str.replace_all(r"[^A-Z0-9]", "").str.strip_chars_start("0")
    )
    return pl.when(said.str.len_chars() >= 5).then(said)
