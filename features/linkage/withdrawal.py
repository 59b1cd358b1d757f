"""Takes back a link that a person found to be wrong: one child's past does not stay with another."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl

from features.archive import CROSS_MATCH, Archive, Entry
from features.linkage.history import reviewed, standing, told
from features.records import Records, complete

Tables = dict[str, pl.DataFrame]


def refuted(records: Records, answers: pl.DataFrame) -> pl.DataFrame:
    """The standing links (``student_id, same_as``) that these answers contradict.

    Two old records of one group that are said to be different children lose the lighter of their two links; so does a
    third record that stands with both of two that are said to be different.
    """
    said = answers.filter(pl.col("verdict") == "DIFFERENT").select("left", "right")
    links = standing(records).select("student_id", "same_as", "weight", "decided_by")
    ways = pl.concat([said, said.select(left="right", right="left")])
    direct = links.join(ways, left_on=["student_id", "same_as"], right_on=["left", "right"], how="semi")
    others = links.join(direct, on=["student_id", "same_as"], how="anti")
    beside = ways.join(others, left_on="left", right_on="student_id").join(
        others, left_on=["right", "same_as"], right_on=["student_id", "same_as"], suffix="_right"
    )
    lighter = beside.filter(pl.col("weight").fill_null(0) <= pl.col("weight_right").fill_null(0))
    lighter = lighter.select(student_id="left", same_as="same_as").unique("same_as", keep="first", maintain_order=True)
    found = [direct.select("student_id", "same_as"), lighter, _astride(others, ways)]
    return pl.concat(found).unique().sort("student_id", "same_as")


def _astride(links: pl.DataFrame, ways: pl.DataFrame) -> pl.DataFrame:
    """Of a record that stands with two different children the link to let go: a person's word is kept before weight."""
    both = links.join(links, on="student_id", suffix="_right").join(
        ways, left_on=["same_as", "same_as_right"], right_on=["left", "right"], how="semi"
    )
    by_person = (pl.col("decided_by") == "REVIEW").fill_null(False)
    ordered = both.sort(by_person, pl.col("weight").fill_null(0), "same_as")
    return ordered.unique("student_id", keep="first", maintain_order=True).select("student_id", "same_as")


def withdraw(archive: Archive, links: pl.DataFrame) -> None:
    """Removes what these links had added. It is the one case in which rows leave the archive.

    NOTE: what was believed stays told: the SAME row of each link is kept, and lists already published do not change.
    """
    if links.is_empty():
        return
    entries = archive.entries()
    register = [entry for entry in entries if entry.source != CROSS_MATCH]
    others = standing(Records.open(archive.path)).join(links, on=["student_id", "same_as"], how="anti")
    # What was copied from the older record is all that stood under it: its end, which a cross-match wrote, as well.
    gone = _own_rows(archive, entries, links)
    stays = _own_rows(archive, register, others.select(links.columns))
    own = {name: _less(rows, stays.get(name)) for name, rows in gone.items()}
    loose = links.join(others, on="student_id", how="anti")["student_id"]
    for entry in entries:
        if entry.source == CROSS_MATCH:
            _without(archive, entry, loose, own, stays)


def _less(rows: pl.DataFrame, others: pl.DataFrame | None) -> pl.DataFrame:
    """What only these say: a fact that another of the child's records tells as well is kept."""
    if others is None:
        return rows
    fact = [column for column in rows.columns if column != "known_on" and column in others.columns]
    return rows.join(others.select(fact), on=fact, how="anti", nulls_equal=True, maintain_order="left")


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


def _without(archive: Archive, entry: Entry, loose: pl.Series, own: Tables, stays: Tables) -> None:
    kept: dict[str, pl.DataFrame] = {}
    for part in entry.parts:
        name, rows = part.split("/")[0], pl.read_parquet(archive.path / part)
        kept[name] = rows if name == "link" else _kept(name, rows, loose, own, stays)
    if all(kept[part.split("/")[0]].height == _height(archive.path / part) for part in entry.parts):
        return
    after = archive.add(entry, kept)
    for part in set(entry.parts) - set(after.parts):
        (archive.path / part).unlink()


def _kept(name: str, rows: pl.DataFrame, loose: pl.Series, own: Tables, stays: Tables) -> pl.DataFrame:
    if name in own:
        rows = _less(rows, own[name])
    if name == "enrolment":
        # Under a record that is nobody's past any more stand its end, which goes, and the past of those still its own.
        ends = rows.filter(pl.col("student_id").is_in(loose.implode()))
        rows = _less(rows, _less(ends, stays.get(name)))
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
