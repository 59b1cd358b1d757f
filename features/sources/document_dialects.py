"""Reads the number that stands for a kind of document, and checks by age which table the file was written with."""

from __future__ import annotations

import csv
from functools import cache
from importlib.resources import files

import polars as pl

from features.sources.codes import official, plain
from features.sources.sheet import Sheet, understood

USUAL = "simat"
AGES = {"RC": (0, 7), "TI": (7, 17), "CC": (18, 120)}
"""Years at which a child carries each document, first and last."""

FEWEST = 20
"""Rows that must tell before another table than the official one is believed."""
MOSTLY, HARDLY = 0.7, 0.3

_ADVICE = "Si no es así, fije el dialecto en perfil.toml, [documentos]."


@cache
def dialect_table(dialect: str) -> dict[str, str]:
    """What a dialect says of the codes that it reads its own way."""
    text = (files("features.sources") / "codes" / "document_dialect.csv").read_text("utf-8")
    rows = csv.DictReader(text.splitlines())
    return {row["text"]: row["value"] for row in rows if row["dialect"] == dialect}


@cache
def dialects() -> tuple[str, ...]:
    text = (files("features.sources") / "codes" / "document_dialect.csv").read_text("utf-8")
    return tuple(sorted({row["dialect"] for row in csv.DictReader(text.splitlines())}))


def document_kinds(sheet: Sheet, ages: pl.Series | None = None) -> pl.Series:
    """The kind of document of each row; with the ages at hand, in the dialect that they bear out."""
    said = sheet.text("tipo_documento")
    dialect = _dialect(sheet, said, ages)
    own = dialect_table(dialect)
    kinds, _ = understood(
        said, lambda text: own.get(plain(text)) or sheet.profile.codes.meaning("document_type", text), pl.String()
    )
    if ages is not None:
        _confirm(sheet, dialect, said, kinds, ages)
    return kinds.alias("kind")


def _dialect(sheet: Sheet, said: pl.Series, ages: pl.Series | None) -> str:
    """The profile's, else the one that the ages in the file bear out against the official one."""
    fixed = sheet.profile.documents
    if fixed != "auto":
        return fixed
    told = [] if ages is None else [name for name in dialects() if _is_borne_out(name, said, ages)]
    return told[0] if len(told) == 1 else USUAL


def _is_borne_out(dialect: str, said: pl.Series, ages: pl.Series) -> bool:
    """Whether the codes that this dialect reads its own way fit the ages, and read officially do not."""
    usual = official("document_type")
    own = {code: kind for code, kind in dialect_table(dialect).items() if usual.get(code) != kind}
    codes = said.str.strip_chars_start("0")
    telling = codes.is_in(list(own)) & ages.is_not_null()
    if telling.sum() < FEWEST:
        return False
    codes, ages = codes.filter(telling), ages.filter(telling)
    officially = {code: usual[code] for code in own}
    return _fit(codes, ages, own) >= MOSTLY and _fit(codes, ages, officially) <= HARDLY


def _fit(codes: pl.Series, ages: pl.Series, table: dict[str, str]) -> float:
    """The share of rows whose document belongs to their age."""
    kinds = codes.replace_strict(table, default=None, return_dtype=pl.String)
    return float(_fitting(kinds, ages).fill_null(False).sum() / len(codes))


def _fitting(kinds: pl.Series, ages: pl.Series) -> pl.Series:
    """Whether each document belongs to its age; nothing where no age is laid down for it."""
    within = [pl.when(kinds == kind).then(ages.is_between(least, most)) for kind, (least, most) in AGES.items()]
    return pl.select(pl.coalesce(within)).to_series()


def _confirm(sheet: Sheet, dialect: str, said: pl.Series, kinds: pl.Series, ages: pl.Series) -> None:
    column = sheet.title("tipo_documento")
    if dialect != USUAL and sheet.profile.documents == "auto":
        own = ", ".join(f"{code} = {kind}" for code, kind in dialect_table(dialect).items())
        found = f"por las edades, los códigos de documento se leyeron así: {own}"
        sheet.note("dialecto-de-documentos", column, found, "la tabla del SIMAT: 1 = CC, 2 = TI, 5 = RC", _ADVICE)
    coded = said.str.contains(r"^\d{1,2}$").fill_null(False)
    fits = _fitting(kinds, ages).filter(coded).drop_nulls()
    if len(fits) >= FEWEST and fits.sum() < MOSTLY * len(fits):
        found = f"en {len(fits) - int(fits.sum())} de {len(fits)} filas el documento no es de la edad"
        accepted = "RC hasta 7 años, TI de 7 a 17, CC desde 18"
        sheet.note("documentos-y-edades", column, found, accepted, "Revise [documentos] en perfil.toml.", len(fits))
