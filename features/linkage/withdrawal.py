"""Takes back a link that a person found to be wrong: one child's past does not stay with another."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl

from features.archive import CROSS_MATCH, Archive, Entry
from features.linkage.history import reviewed, standing, told
from features.records import Records, complete


def refuted(records: Records, answers: pl.DataFrame) -> pl.DataFrame:
    """The standing links (``student_id, same_as``) that these answers contradict.

    Two old records of one group that are said to be different children lose the lighter of their two links.
    """
    said = answers.filter(pl.col("verdict") == "DIFFERENT").select("left", "right")
    links = standing(records).select("student_id", "same_as", "weight")
    ways = pl.concat([said, said.select(left="right", right="left")])
    direct = links.join(ways, left_on=["student_id", "same_as"], right_on=["left", "right"], how="semi")
    others = links.join(direct, on=["student_id", "same_as"], how="anti")
    beside = ways.join(others, left_on="left", right_on="student_id").join(
        others, left_on=["right", "same_as"], right_on=["student_id", "same_as"], suffix="_right"
    )
    lighter = beside.filter(pl.col("weight").fill_null(0) <= pl.col("weight_right").fill_null(0))
    lighter = lighter.select(student_id="left", same_as="same_as").unique("same_as", keep="first", maintain_order=True)
    return pl.concat([direct.select("student_id", "same_as"), lighter]).unique().sort("student_id", "same_as")


def withdraw(archive: Archive, links: pl.DataFrame) -> None:
    """Removes what these links had added. It is the one case in which rows leave the archive.

    NOTE: what was believed stays told: the SAME row of each link is kept, and lists already published do not change.
    """
    if links.is_empty():
        return
    entries = archive.entries()
    register = [entry for entry in entries if entry.source != CROSS_MATCH]
    others = standing(Records.open(archive.path)).join(links, on=["student_id", "same_as"], how="anti")
    gone = _own_rows(archive, register, links)
    stays = _own_rows(archive, register, others.select(links.columns))
    for entry in entries:
        if entry.source == CROSS_MATCH:
            _without(archive, entry, links, {name: _less(rows, stays.get(name)) for name, rows in gone.items()})


def _less(rows: pl.DataFrame, others: pl.DataFrame | None) -> pl.DataFrame:
    """What only these say: a fact that another of the child's records tells as well is kept."""
    if others is None:
        return rows
    fact = [column for column in rows.columns if column != "known_on" and column in others.columns]
    return rows.join(others.select(fact), on=fact, how="anti", nulls_equal=True)


def _own_rows(archive: Archive, entries: list[Entry], links: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """What the register itself says of the older records, table by table, under the pseudonym it was copied to."""
    found: dict[str, list[pl.DataFrame]] = {}
    for entry in entries:
        for part in entry.parts:
            rows = pl.scan_parquet(archive.path / part)
            if "student_id" in rows.collect_schema():
                here = (
                    rows.join(links.lazy(), on="student_id")
                    .with_columns(student_id="same_as")
                    .drop("same_as")
                    .collect()
                )
                found.setdefault(part.split("/")[0], []).append(here)
    return {name: pl.concat(rows, how="diagonal_relaxed") for name, rows in found.items()}


def _without(archive: Archive, entry: Entry, links: pl.DataFrame, own: dict[str, pl.DataFrame]) -> None:
    kept: dict[str, pl.DataFrame] = {}
    for part in entry.parts:
        name, rows = part.split("/")[0], pl.read_parquet(archive.path / part)
        kept[name] = rows if name == "link" else _kept(name, rows, links, own)
    if all(kept[part.split("/")[0]].height == _height(archive.path / part) for part in entry.parts):
        return
    after = archive.add(entry, kept)
    for part in set(entry.parts) - set(after.parts):
        (archive.path / part).unlink()


def _kept(name: str, rows: pl.DataFrame, links: pl.DataFrame, own: dict[str, pl.DataFrame]) -> pl.DataFrame:
    if name in own:
        fact = [column for column in rows.columns if column != "known_on" and column in own[name].columns]
        rows = rows.join(own[name].select(fact), on=fact, how="anti", nulls_equal=True, maintain_order="left")
    if name == "enrolment":
        rows = rows.filter(~pl.col("student_id").is_in(links["student_id"].implode()))
    return rows


def _height(part: Path) -> int:
    return int(pl.scan_parquet(part).select(pl.len()).collect().item())


def unheard(records: Records, answers: pl.DataFrame, taken_back: pl.DataFrame) -> pl.DataFrame:
    """The answers that keep two records apart and are not in the archive yet, with the links they took back."""
    refused = answers.filter(pl.col("verdict") == "DIFFERENT").select("left", "right", "verdict")
    by_consequence = taken_back.select(
        left=pl.min_horizontal("student_id", "same_as"),
        right=pl.max_horizontal("student_id", "same_as"),
        verdict=pl.lit("DIFFERENT"),
    )
    news = pl.concat([refused, by_consequence]).unique(maintain_order=True)
    return news.join(reviewed(records), on=["left", "right", "verdict"], how="anti", maintain_order="left")


def parted_today(records: Records, answers: pl.DataFrame, day: date) -> pl.DataFrame:
    """Answers that would join what was kept apart on this very day: two words of one day have no order."""
    joined = answers.filter(pl.col("verdict") == "SAME")
    apart = told(records).filter((pl.col("verdict") == "DIFFERENT") & (pl.col("known_on") == day))
    return joined.join(apart, on=["left", "right"], how="semi")


def review_rows(answers: pl.DataFrame, day: date) -> pl.DataFrame:
    """What people decided, as rows of ``link``: respected for ever after, by whoever compares next."""
    rows = answers.select(
        student_id="left",
        same_as="right",
        happened_on=pl.lit(day),
        known_on=pl.lit(day),
        decided_by=pl.lit("REVIEW"),
        verdict="verdict",
        evidence=pl.lit("decisión de una persona"),
    )
    return complete("link", rows.lazy()).collect()
