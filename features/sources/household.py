"""Tells which children share a home, by phone or by address and surnames, and gives the home a pseudonym."""

from __future__ import annotations

import polars as pl

from features.sources.pseudonym import pseudonym
from features.sources.sheet import Sheet

MOST_CHILDREN = 12
"""A phone of more children than this is a school's or a clerk's, not a home's."""

_SIGNS = r"[\s().\-+*_]"
_FILLERS = [digit * length for digit in "0123456789" for length in range(7, 13)] + ["1234567", "1234567890"]
_SHORTEST_ADDRESS = 5
_STREETS = {"NUMERO|NRO|NUM|NO|N": "", "CALLE|CLLE|CLL": "CL", "CARRERA|CRA|KRA|CR": "KR"}


def households(sheet: Sheet, student: pl.Series, key: bytes) -> pl.Series:
    """The pseudonym of each row's home; nothing where the row says neither a phone nor an address with surnames."""
    told = pl.DataFrame([sheet.text(name) for name in ("teléfono", "dirección", "apellido1", "apellido2")])
    told = told.with_columns(student, row=pl.int_range(pl.len()))
    phoned = _of_few(told.with_columns(home=_phones(told["teléfono"])))
    placed = _of_few(_placed(phoned.filter(pl.col("home").is_null() & pl.col("dirección").is_not_null())))
    both = phoned.join(placed.select("row", "home"), on="row", how="left", maintain_order="left")
    shared = both.select(pl.coalesce("home", "home_right")).to_series()
    homes = shared.drop_nulls().unique()
    if homes.is_empty():
        return pl.Series("household_id", [None], pl.String).new_from_index(0, sheet.height)
    return shared.replace_strict(homes, pseudonym(homes, key), default=None).alias("household_id")


def _phones(said: pl.Series) -> pl.Series:
    """The first number of at least seven figures: a mobile with its ten, a landline with its last seven."""
    number = said.str.replace_all(_SIGNS, "").str.extract(r"(\d{7,})")
    number = number.str.replace(r"^0*(57)?(3\d{9}|60\d{8})", "$2")
    whole = number.str.len_bytes() >= 10
    mobile, landline = whole & number.str.starts_with("3"), whole & number.str.starts_with("60")
    bare = pl.select(
        pl.when(mobile).then(number.str.slice(0, 10)).when(landline).then(number.str.slice(3, 7)).otherwise(number)
    ).to_series()
    filler = bare.is_in(_FILLERS) | bare.str.ends_with("0000000")
    return pl.select(pl.when(~filler).then("PHONE:" + bare)).to_series()


def _placed(rows: pl.DataFrame) -> pl.DataFrame:
    """The address with both surnames: in a block of flats every door has the same address in the register."""
    surnames = pl.concat_str(
        [_letters(pl.col(name)).fill_null("") for name in ("apellido1", "apellido2")], separator=" "
    )
    rows = rows.with_columns(door=_letters(_street(pl.col("dirección"))), surnames=surnames)
    telling = pl.col("door").str.contains(r"\d") & (pl.col("door").str.len_bytes() >= _SHORTEST_ADDRESS)
    home = pl.concat_str(pl.lit("PLACE"), "door", "surnames", separator=":")
    return rows.with_columns(home=pl.when(telling & (pl.col("surnames") != " ")).then(home))


def _street(address: pl.Expr) -> pl.Expr:
    """«Cll 5 No. 14-32» and «CALLE 5 # 14-32» are the same door."""
    address = address.str.to_uppercase()
    for said, short in _STREETS.items():
        address = address.str.replace_all(rf"\b({said})\b", short)
    return address


def _letters(text: pl.Expr) -> pl.Expr:
    """Only letters without accents, and figures."""
    return text.str.to_uppercase().str.normalize("NFKD").str.replace_all(r"[^0-9A-Z]", "")


def _of_few(rows: pl.DataFrame) -> pl.DataFrame:
    """The rows with their home only where it is of no more children than a home may have."""
    children = pl.col("student_id").n_unique().over("home")
    return rows.with_columns(home=pl.when(children <= MOST_CHILDREN).then("home"))
