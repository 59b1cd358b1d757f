"""Finds the child a row speaks of, and gives it its pseudonym."""

from __future__ import annotations

import re

import polars as pl

from features.sources.document_dialects import document_kinds
from features.sources.meanings import document_number
from features.sources.pseudonym import pseudonym
from features.sources.sheet import Sheet, understood

_NUMBERS = re.compile(r"(?<!\d)\d{4,15}(?!\d)")


def students(sheet: Sheet, key: bytes, kinds: pl.Series | None = None) -> pl.Series:
    """The pseudonym of each row: of its PER_ID, or of its document where there is no PER_ID."""
    said = sheet.text("persona")
    number = _person_numbers(said)
    damaged = said.is_not_null() & number.is_null()
    sheet.blame("persona", "persona-ilegible", damaged, said, "un número entero", _ADVICE, personal=True)
    document = _documents(sheet, said, kinds)
    nobody = said.is_null() & document.is_null()
    sheet.blame("persona", "sin-persona", nobody, None, "un PER_ID, o tipo y número de documento", _ADVICE)
    identity = pl.select(pl.coalesce("PER_ID:" + number, document).alias("student_id")).to_series()
    return _sealed_once(identity, key)


_ADVICE = "Descargue de nuevo el archivo sin abrirlo en Excel."


def _person_numbers(said: pl.Series) -> pl.Series:
    bare = said.str.replace(r"[.,]0+$", "").str.strip_chars("'").str.strip_chars_start("0")
    return pl.select(pl.when(bare.str.contains(r"^[0-9]{1,15}$")).then(bare)).to_series()


def _documents(sheet: Sheet, said: pl.Series, kinds: pl.Series | None) -> pl.Series:
    """Only worked out for files in which some row has no PER_ID."""
    if not said.null_count():
        return pl.Series([None] * sheet.height, dtype=pl.String)
    kinds = document_kinds(sheet) if kinds is None else kinds
    numbers, _ = understood(sheet.text("documento"), document_number, pl.String())
    return pl.select(("DOC:" + kinds + ":" + numbers).alias("document")).to_series()


def _sealed_once(identity: pl.Series, key: bytes) -> pl.Series:
    """Each child is sealed once, however many rows it has."""
    if identity.n_unique() == len(identity):
        return pseudonym(identity, key).alias("student_id")
    different = identity.drop_nulls().unique()
    return identity.replace_strict(different, pseudonym(different, key), default=None).alias("student_id")


def glimpsed(lines: list[str], key: bytes) -> pl.Series:
    """Pseudonyms of every number in lines that cannot be read: a child in a damaged row was still in the export."""
    numbers = {number.lstrip("0") for line in lines for number in _NUMBERS.findall(line)}
    return pseudonym(pl.Series("student_id", [f"PER_ID:{n}" for n in sorted(numbers)], pl.String), key)
