"""Reads the Argentine household panel: children at school in one quarter, and whether they still are the next."""

from __future__ import annotations

import polars as pl

from experiments.challengers import Columns
from experiments.running import data_folder

PERSON, HOUSEHOLD, WHEN = ["CODUSU", "NRO_HOGAR", "COMPONENTE"], ["CODUSU", "NRO_HOGAR"], ["ANO4", "TRIMESTRE"]
SCHOOLING = {7: 0, 1: 1, 2: 2, 3: 3, 4: 4, 5: 5, 6: 6}
"""INDEC's NIVEL_ED in its order: none, primary unfinished and finished, secondary, higher."""

PRIMARY, EGB, SECONDARY, POLIMODAL = 2, 3, 4, 5
BEGINS_AT = {1: 5, PRIMARY: 6, EGB: 6, SECONDARY: 12, POLIMODAL: 15}
"""The age at which a child who never repeated enters each level."""

DIRECTIONS = {
    "years_over_age": 1, "works": 1, "looks_for_work": 1, "has_partner": 1, "no_health_cover": 1, "crowding": 1,
    "others_left_school": 1, "head_schooling": -1, "most_schooling_at_home": -1, "income_decile": -1,
}  # fmt: skip


def children() -> pl.DataFrame:
    """One row a child and quarter, seen again the next: `label` (1 has left school unfinished), `quarter`, `household`.

    Who finished counts as not having left. The rows are not weighted: what is asked is an order, not a total.
    """
    folder = data_folder("eph_argentina_2021", "transiciones_2021.csv", "EPH 2021")
    moves = pl.read_csv(folder / "transiciones_2021.csv", infer_schema_length=None)
    moves = moves.filter(pl.col("rezago_trimestres") == 1, pl.col("persona_consistente") == 1)
    moves = moves.rename({"anio_origen": "ANO4", "trim_origen": "TRIMESTRE"})
    people = pl.read_parquet(folder / "personas_2021.parquet")
    homes = pl.read_parquet(folder / "hogares_2021.parquet").select(*HOUSEHOLD, *WHEN, *DWELLING)
    rows = moves.select(*PERSON, *WHEN, "resultado").join(people, on=[*PERSON, *WHEN], how="left")
    for table in (homes, heads(people), others(people)):
        rows = rows.join(table, on=[*HOUSEHOLD, *WHEN], how="left", maintain_order="left")
    return rows.sort(*WHEN, *PERSON).select(
        label=(pl.col("resultado") == "abandono").cast(pl.Int8),
        weight=pl.lit(1.0),
        quarter="TRIMESTRE",
        household=pl.concat_str(HOUSEHOLD, separator="-"),
        **{name: told.cast(pl.Float64) for name, told in known().items()},
    )


DWELLING = ("IV1", "IV3", "IV7", "II2", "II7", "V5", "V11", "V13", "IX_TOT")


def heads(people: pl.DataFrame) -> pl.DataFrame:
    head = people.filter(pl.col("CH03") == 1).unique([*HOUSEHOLD, *WHEN], keep="first", maintain_order=True)
    return head.select(
        *HOUSEHOLD, *WHEN, head_age="CH06", head_sex="CH04", head_work="ESTADO", head_schooling=ordered("NIVEL_ED")
    )


def others(people: pl.DataFrame) -> pl.DataFrame:
    """Who else lives there: workers, small children, and the young who have left school unfinished or study."""
    young = pl.col("CH06").is_between(15, 24)
    return people.group_by(*HOUSEHOLD, *WHEN).agg(
        people=pl.len(),
        workers=(pl.col("ESTADO") == 1).sum(),
        without_work=(pl.col("ESTADO") == 2).sum(),
        small_children=(pl.col("CH06") <= 5).sum(),
        of_school_age=pl.col("CH06").is_between(5, 18).sum(),
        others_left_school=(young & (pl.col("CH10") == 2) & pl.col("NIVEL_ED").is_in([1, 2, 3])).sum(),
        young_who_study=(young & (pl.col("CH10") == 1)).sum(),
        most_schooling_at_home=ordered("NIVEL_ED").max(),
    )


def ordered(column: str) -> pl.Expr:
    return pl.col(column).replace_strict(SCHOOLING, default=None, return_dtype=pl.Int64)


def known() -> dict[str, pl.Expr]:
    """What the interview of the first quarter says; 9, 99 and the like are no answer."""
    passed = pl.when(pl.col("CH14").is_between(0, 9)).then(pl.col("CH14"))
    level, age = pl.col("CH12"), pl.col("CH06")
    due = level.replace_strict(BEGINS_AT, default=None, return_dtype=pl.Int64) + passed
    same = ("head_age", "head_sex", "head_work", "head_schooling", "people", "workers", "without_work")
    same += ("small_children", "of_school_age", "others_left_school", "young_who_study", "most_schooling_at_home")
    return {
        "age": age,
        "years_over_age": age - due,
        "level": level,
        "years_passed": passed,
        "in_secondary": level >= SECONDARY,
        "works": pl.col("ESTADO") == 1,
        "looks_for_work": pl.col("ESTADO") == 2,
        "private_school": pl.col("CH11") == 2,
        "kinship": pl.col("CH03"),
        "has_partner": pl.col("CH07").is_in([1, 2]),
        "no_health_cover": pl.col("CH08") == 4,
        "moved_in_five_years": pl.col("CH16") >= 2,
        "reads": pl.col("CH09") == 1,
        "income_decile": pl.when(pl.col("DECCFR").is_between(1, 10)).then(pl.col("DECCFR")),
        "region": pl.col("REGION"),
        "crowding": pl.col("IX_TOT") / pl.col("II2").clip(1),
        "dwelling": pl.col("IV1"),
        "floor": pl.col("IV3"),
        "water": pl.col("IV7"),
        "tenure": pl.col("II7"),
        "gets_aid": pl.col("V5") == 1,
        "gets_scholarship": pl.col("V11") == 1,
        "spends_savings": pl.col("V13") == 1,
        **{name: pl.col(name) for name in same},
    }


def columns() -> Columns:
    """Everything known but sex and birthplace, which are for audits alone; the quarter is no input, nor the place."""
    return Columns(tuple(known()), directions=DIRECTIONS)
