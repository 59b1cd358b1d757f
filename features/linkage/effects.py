"""What a link changes in the archive, from its day on: one child with its whole past, and one that did not leave."""

from __future__ import annotations

import hashlib
from datetime import date

import polars as pl

from features.archive import CROSS_MATCH, Archive, Entry
from features.linkage.history import standing
from features.linkage.match import Match
from features.records import Records, complete
from features.schema import TABLES

LATE_REGISTER_DAYS = 70
"""So long a school may take to let go of a child who has moved; side by side for longer, they are a duplicate."""

_STILL_TO_TELL = ("ENROLLED", "WITHDRAWN", "NOT_SEEN")
_SETTLED_REASONS = ("ADMINISTRATIVE", "DEATH", "TRANSFER")


def link_tables(match: Match, records: Records, day: date) -> dict[str, pl.DataFrame]:
    """The rows that the new links add, all known on the day and on none before."""
    links, again = _with_stays(match.links, match.stays), _open_again(match, records)
    tables = {name: _copied(name, links, records, day) for name in _about_students()}
    endings = _endings(pl.concat([links, again]), records, day)
    tables["enrolment"] = pl.concat([tables["enrolment"], endings])
    tables["link"] = _link_rows(links, day)
    return {name: rows for name, rows in tables.items() if rows.height}


def keep(archive: Archive, tables: dict[str, pl.DataFrame], day: date) -> None:
    """Puts a cross-match into the archive as one entry; the same rows on the same day are kept once."""
    seal = hashlib.sha256(day.isoformat().encode())
    for name in sorted(tables):
        seal.update(name.encode() + tables[name].hash_rows(seed=7).to_numpy().tobytes())
    links = tables["link"].height if "link" in tables else 0
    archive.add(Entry(seal.hexdigest(), CROSS_MATCH, day, CROSS_MATCH, links, links, 0), tables)


def _about_students() -> list[str]:
    return [name for name, table in TABLES.items() if "student_id" in table.names and name != "link"]


def _with_stays(links: pl.DataFrame, stays: pl.DataFrame) -> pl.DataFrame:
    """Each link with when the two were on the roll, and whether the older record was a second one of the child."""
    span = stays.select("student_id", "first_on", "last_on", "open", "status")
    links = links.join(span, on="student_id").join(span, left_on="same_as", right_on="student_id", suffix="_used")
    side_by_side = pl.min_horizontal("last_on", "last_on_used") - pl.max_horizontal("first_on", "first_on_used")
    began_later = (pl.col("first_on") >= pl.col("first_on_used")) & (side_by_side > pl.duration(days=0))
    duplicate = began_later | (side_by_side > pl.duration(days=LATE_REGISTER_DAYS))
    return links.with_columns(duplicate=duplicate.fill_null(False))


def _open_again(match: Match, records: Records) -> pl.DataFrame:
    """Older records that the register says once more to be enrolled, beside the one in use: nobody is visited twice."""
    stood = standing(records).select(match.links.columns).join(match.links, on=["student_id", "same_as"], how="anti")
    beside = _with_stays(stood, match.stays).filter("open", "open_used")
    return beside.with_columns(duplicate=pl.lit(True))


def _copied(name: str, links: pl.DataFrame, records: Records, day: date) -> pl.DataFrame:
    """The older record's past, under the pseudonym in use, up to when that one begins; known from the day on."""
    table = records.table(name)
    moved = links.lazy().select("student_id", "same_as", "first_on_used")
    rows = table.join(moved, on="student_id").filter(pl.col("happened_on") < pl.col("first_on_used"))
    rows = rows.with_columns(student_id="same_as", known_on=pl.lit(day)).select(table.collect_schema().names())
    return rows.unique().collect(engine="streaming").sort(pl.all())


def _endings(links: pl.DataFrame, records: Records, day: date) -> pl.DataFrame:
    """One row for each older record that the register left open or took for leaving: it goes on under another number.

    A record that ended its year as it should has nothing to tell; who moved is TRANSFERRED, and a second record of the
    same child is CANCELLED, so that nobody is visited twice.
    """
    enrolment = records.table("enrolment")
    order = (pl.col("status") == "ENROLLED").alias("enrolled")
    last = enrolment.with_columns(order).sort("happened_on", "known_on", "enrolled", "institution_id")
    last = (
        last.group_by("student_id")
        .last()
        .filter(pl.col("status").is_in(_STILL_TO_TELL) & ~pl.col("reason").is_in(_SETTLED_REASONS).fill_null(False))
    )
    told = last.join(links.lazy().select("student_id", "first_on_used", "duplicate"), on="student_id")
    still = pl.when(pl.col("duplicate") & (pl.col("status") == "ENROLLED")).then(pl.lit(day)).otherwise("happened_on")
    ended = told.with_columns(
        happened_on=pl.max_horizontal("first_on_used", still),
        known_on=pl.lit(day),
        dated_by=pl.lit("EXPORT"),
        status=pl.when("duplicate").then(pl.lit("CANCELLED")).otherwise(pl.lit("TRANSFERRED")),
        reason=pl.when("duplicate").then(pl.lit("ADMINISTRATIVE")).otherwise(pl.lit("TRANSFER")),
    )
    return ended.select(enrolment.collect_schema().names()).collect().sort("student_id")


def _link_rows(links: pl.DataFrame, day: date) -> pl.DataFrame:
    note = pl.when("duplicate").then(pl.lit("; dos matrículas a la vez")).otherwise(pl.lit(""))
    rows = links.with_columns(
        happened_on=pl.min_horizontal("first_on_used", pl.lit(day)),
        known_on=pl.lit(day),
        verdict=pl.lit("SAME"),
        evidence=pl.col("evidence") + note,
    )
    return complete("link", rows.lazy().select(list(TABLES["link"].names))).collect()
