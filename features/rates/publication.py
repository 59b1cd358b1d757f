"""The rates as they may be published: with no small count, and none that the rest of the tables would give away."""

from collections.abc import Iterator, Sequence
from typing import Any

import polars as pl

from features.rates.indicators import Measure
from features.rates.sums import Sum
from features.rates.suppression import hidden_cells, is_small
from features.rates.tables import LEVELS, TOTAL, YearRates

SMALLEST_GROUP = 10
"""Among fewer children than this nothing is said of any of them."""

Cell = tuple[str, str, str, str]
"""Measure, level, group."""


def published(rates: YearRates) -> pl.DataFrame:
    """``by, group, indicator, definition, numerator, denominator, rate, status, hidden, year, cutoff``.

    All levels are looked at together, whichever is printed: two tables printed on different days must not give away
    what each of them hides.
    """
    rows = rates.table.rows(named=True)
    counts = dict(_counted(rows))
    within = [*_of_each_group(rates.within, counts)]
    hidden = hidden_cells(counts, [*_sums(rates, counts)], _small(rates, rows), within)
    table = rates.table.with_columns(
        _no_numerator=pl.Series([_numerator(row) in hidden for row in rows], dtype=pl.Boolean),
        _no_denominator=pl.Series([_denominator(row) in hidden for row in rows], dtype=pl.Boolean),
    )
    told = table.with_columns(
        numerator=pl.when(~pl.col("_no_numerator")).then("numerator"),
        denominator=pl.when(~pl.col("_no_denominator")).then("denominator"),
        hidden=pl.col("_no_numerator") | pl.col("_no_denominator"),
    )
    rate = pl.when(pl.col("denominator") > 0).then((100 * pl.col("numerator") / pl.col("denominator")).round(2))
    told = told.with_columns(rate=rate, year=pl.lit(rates.year), cutoff=pl.lit(rates.cutoff))
    return told.select(COLUMNS)


COLUMNS = (
    *("year", "by", "group", "indicator", "definition", "numerator", "denominator", "rate"),
    *("status", "hidden", "base", "cutoff"),
)
Row = dict[str, Any]


def _numerator(row: Row) -> Cell:
    return (str(row["indicator"]), str(row["definition"]), str(row["by"]), str(row["group"]))


def _denominator(row: Row) -> Cell:
    return ("base", str(row["base"]), str(row["by"]), str(row["group"]))


def _counted(rows: list[Row]) -> Iterator[tuple[Cell, int]]:
    for row in rows:
        yield _denominator(row), row["denominator"]
        if row["numerator"] is not None:
            yield _numerator(row), row["numerator"]


def _small(rates: YearRates, rows: list[Row]) -> set[Cell]:
    counts = dict(_counted(rows))
    found = {cell for cell, count in counts.items() if cell[0] == "base" and is_small(count)}
    for row in rows:
        count, among = row["numerator"], row["denominator"]
        if count is not None and (is_small(count) or is_small(among - count) or among < SMALLEST_GROUP):
            found.add(_numerator(row))
    for kept, dropped in rates.nested:
        for cell in [cell for cell in counts if cell[:2] == dropped]:
            beside = counts.get((*kept, *cell[2:]))
            if beside is not None and is_small(abs(beside - counts[cell])):
                found.add(cell)
    return found


def _sums(rates: YearRates, counts: dict[Cell, int]) -> Iterator[Sum[Cell]]:
    """Every total that a reader can work out: of the levels, of the schools of a comuna, of the children of a group."""
    groups: dict[tuple[Measure, str], list[Cell]] = {}
    for cell in counts:
        groups.setdefault((cell[:2], cell[2]), []).append(cell)
    for (measure, by), cells in groups.items():
        if by in LEVELS:
            yield Sum((*measure, TOTAL, ""), tuple(cells))
        if by == "institution":
            yield from _within(measure, rates.inside, counts)
    yield from _partitions(rates, counts)


def _within(measure: Measure, inside: pl.DataFrame, counts: dict[Cell, int]) -> Iterator[Sum[Cell]]:
    for by in ("comuna", "zone"):
        for (place,), schools in inside.drop_nulls(by).group_by(by, maintain_order=True):
            parts = [(*measure, "institution", school) for school in schools["institution"]]
            whole = (*measure, by, str(place))
            if whole in counts:
                yield Sum(whole, tuple(cell for cell in parts if cell in counts))


def _of_each_group(
    relations: Sequence[tuple[Measure, tuple[Measure, ...]]], counts: dict[Cell, int]
) -> Iterator[Sum[Cell]]:
    """Wholes with those of their parts that were counted; what cannot be said yet is left out."""
    for whole, measures in relations:
        for cell in [cell for cell in counts if cell[:2] == whole]:
            parts = tuple((*measure, *cell[2:]) for measure in measures)
            told = tuple(part for part in parts if part in counts)
            if told:
                yield Sum(cell, told)


def _partitions(rates: YearRates, counts: dict[Cell, int]) -> Iterator[Sum[Cell]]:
    for whole, measures in rates.partitions:
        for cell in [cell for cell in counts if cell[:2] == whole]:
            parts = tuple((*measure, *cell[2:]) for measure in measures)
            if all(part in counts for part in parts):
                yield Sum(cell, parts)
