"""Lays the people of a register out for comparison: names made alike, and the keys by which two may be the same."""

from __future__ import annotations

import polars as pl

from features.linkage.names import bare, digits, sound

GIVEN = {
    "student_id": pl.String(),
    "per_id": pl.String(),
    "document_type": pl.String(),
    "document_number": pl.String(),
    "first_name": pl.String(),
    "second_name": pl.String(),
    "first_surname": pl.String(),
    "second_surname": pl.String(),
    "birth_date": pl.Date(),
    "sex": pl.String(),
    "phone": pl.String(),
    "municipality": pl.String(),
}
"""What a caller hands over of each person; what it does not know may be left out."""

CROWDED = {"phone": 12, "document": 4, "per_id": 4}
"""A telephone shared by more children than this is a school's, not a home's; a number of more than this is nobody's."""
SMALLEST_PHONE = 7
COMMON, CLEARLY = 5, 0.8
"""A word says which kind of name it is from so many bearers on, when nine in ten of them bear it as that kind."""

NAMES = ("given", "second_given", "family", "second_family")


def comparable(people: pl.DataFrame) -> pl.DataFrame:
    """One row per pseudonym with what is compared; the rest of what was handed over goes no further."""
    told = people.select(_given(people, name, dtype) for name, dtype in GIVEN.items())
    rows = told.select(
        "student_id",
        *_in_two("given", "first_name", "second_name"),
        *_in_two("family", "first_surname", "second_surname"),
        birth=pl.col("birth_date").dt.to_string("%Y-%m-%d"),
        birth_turned=pl.col("birth_date").dt.to_string("%Y-%d-%m"),
        birth_year=pl.col("birth_date").dt.to_string("%Y"),
        per_id=pl.col("per_id").str.replace(r"[.,]0+$", "").str.strip_chars_start("'0"),
        document=digits(pl.col("document_number")),
        phone=_phone(),
        sex="sex",
        municipality="municipality",
    )
    rows = _names_in_their_place(_with_sounds(_without_crowds(rows)))
    sounds = pl.concat_list(f"{name}_sound" for name in NAMES).list.drop_nulls().list.sort()
    return rows.with_columns(
        least_sound=sounds.list.first(),
        all_sounds=sounds.list.join(" "),
        one_municipality=pl.col("municipality").drop_nulls().n_unique() < 2,
    )


def _given(people: pl.DataFrame, name: str, dtype: pl.DataType) -> pl.Expr:
    said = pl.col(name) if name in people.columns else pl.lit(None)
    return said.cast(dtype).alias(name)


def _in_two(name: str, first: str, second: str) -> list[pl.Expr]:
    """The first word and the rest: some files leave the second column empty and write both names in the first."""
    words = bare(pl.concat_str(first, second, separator=" ", ignore_nulls=True)).str.splitn(" ", 2)
    return [words.struct.field("field_0").alias(name), words.struct.field("field_1").alias(f"second_{name}")]


def _phone() -> pl.Expr:
    number = pl.col("phone").str.replace_all(r"\D", "").str.replace(r"^57(\d{10})$", "$1")
    return pl.when(number.str.len_chars() >= SMALLEST_PHONE).then(number)


def _without_crowds(rows: pl.DataFrame) -> pl.DataFrame:
    """What too many share is put aside: it tells nobody apart, and every two of them would have to be compared."""
    shared = {name: pl.when(pl.len().over(name) <= most).then(name) for name, most in CROWDED.items()}
    return rows.with_columns(
        pl.when(pl.col(name).is_not_null()).then(kept).alias(name) for name, kept in shared.items()
    )


def _names_in_their_place(rows: pl.DataFrame) -> pl.DataFrame:
    """Given names found in the surnames' columns, and the reverse, go back: the register itself says which is which."""
    known = _kinds(rows)
    given, family = (
        rows.select(pl.col(f"{name}_sound").replace_strict(known, default=0, return_dtype=pl.Int8)).to_series()
        for name in ("given", "family")
    )
    # One of the two words is of the other kind, and neither is of the kind that its column asks for.
    wrong = ((given < 0) | (family > 0)) & (given <= 0) & (family >= 0)
    other = {"given": "family", "second_given": "second_family", "family": "given", "second_family": "second_given"}
    columns = [
        pl.when(pl.lit(wrong)).then(f"{theirs}{part}").otherwise(f"{ours}{part}").alias(f"{ours}{part}")
        for ours, theirs in other.items()
        for part in ("", "_sound", "_letters")
    ]
    return rows.with_columns(columns)


def _kinds(rows: pl.DataFrame) -> dict[str, int]:
    """Each sound that is nearly always a given name (1), or nearly always a surname (−1)."""
    words = pl.concat(
        rows.select(word=f"{name}_sound", kind=pl.lit(sign)) for name, sign in zip(NAMES, (1, 1, -1, -1), strict=True)
    )
    counts = words.drop_nulls().group_by("word").agg(times=pl.len(), mean=pl.col("kind").mean())
    clear = counts.filter((pl.col("times") >= COMMON) & (pl.col("mean").abs() >= CLEARLY))
    return dict(clear.select("word", pl.col("mean").sign().cast(pl.Int8)).iter_rows())


def _with_sounds(rows: pl.DataFrame) -> pl.DataFrame:
    """Each different name is heard once, however many children bear it; so are its letters in order put down."""
    names = pl.concat([rows[name].alias("name") for name in NAMES]).drop_nulls().unique().to_frame()
    letters = pl.col("name").str.split("").list.sort().list.join("")
    heard = names.with_columns(heard=sound(pl.col("name")), letters=letters)
    for name in NAMES:
        column = heard.rename({"name": name, "heard": f"{name}_sound", "letters": f"{name}_letters"})
        rows = rows.join(column, on=name, how="left", maintain_order="left")
    return rows
