"""The whole cross-match: from people handed over in memory to who is whom, and to the pairs a person should look at."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

from features.linkage.clusters import Pair, gathered
from features.linkage.compare import weighed
from features.linkage.decide import ASK, DIFFERENT, SAME, decided
from features.linkage.history import reviewed, standing
from features.linkage.people import comparable
from features.linkage.stays import STAY, stays, weeks_together
from features.records import Records

REVIEWED = {"left": pl.String(), "right": pl.String(), "verdict": pl.String()}
NO_REVIEW = pl.DataFrame(schema=REVIEWED)


@dataclass(frozen=True)
class Match:
    """What one cross-match found: the links that are new, the doubtful pairs, and all the groups that stand."""

    links: pl.DataFrame  # student_id, same_as, probability, weight, decided_by, evidence, duplicate
    doubtful: pl.DataFrame  # as `decide.DECIDED`
    groups: list[list[str]]
    stays: pl.DataFrame


LINK = {
    "student_id": pl.String(),
    "same_as": pl.String(),
    "probability": pl.Float64(),
    "weight": pl.Float64(),
    "decided_by": pl.String(),
    "evidence": pl.String(),
}


def cross_match(
    people: pl.DataFrame, records: Records, day: date, answers: pl.DataFrame = NO_REVIEW, engine: Any = None
) -> Match:
    """Who is whom among the people, as far as is known on the day. `answers` are what people decided just now."""
    before = standing(records)
    when = _with_own_start(stays(records, day), before)
    told = _told_by_the_archive(people, when)
    pairs = weeks_together(records, weighed(comparable(told), engine), day)
    verdicts = decided(pairs, when)
    looked_at = pl.concat([reviewed(records), answers.select(list(REVIEWED))]).unique(
        ["left", "right"], keep="last", maintain_order=True
    )
    groups = gathered(_trusted(verdicts, looked_at, before), _apart(verdicts, looked_at, before))
    links = _links(groups, when, before, verdicts, looked_at)
    open_pairs = verdicts.filter(pl.col("verdict") == ASK).join(looked_at, on=["left", "right"], how="anti")
    # A doubtful pair whose two records are one child by another way needs nobody's eyes.
    return Match(links, _between(open_pairs, groups), groups, when)


def _with_own_start(when: pl.DataFrame, before: pl.DataFrame) -> pl.DataFrame:
    """A record that has another's past begins where it began itself."""
    began = before.group_by("same_as").agg(pl.col("happened_on").min().alias("own"))
    with_own = when.join(began, left_on="student_id", right_on="same_as", how="left")
    return with_own.with_columns(first_on=pl.coalesce("own", "first_on")).drop("own")


def _told_by_the_archive(people: pl.DataFrame, when: pl.DataFrame) -> pl.DataFrame:
    """Birthday, sex and town come from the archive; a pseudonym that was never enrolled is not compared."""
    known = when.select("student_id", "birth_date", "sex", "municipality")
    return people.drop("birth_date", "sex", "municipality", strict=False).join(known, on="student_id", how="inner")


def _trusted(verdicts: pl.DataFrame, looked_at: pl.DataFrame, before: pl.DataFrame) -> list[Pair]:
    """The pairs that are one child: first what a person said, then what stands, then the heaviest."""
    by_person = looked_at.filter(pl.col("verdict") == SAME).select("left", "right")
    stood = before.select(
        left=pl.min_horizontal("student_id", "same_as"), right=pl.max_horizontal("student_id", "same_as")
    )
    by_model = verdicts.filter(pl.col("verdict") == SAME).select("left", "right")
    ordered = pl.concat([by_person, stood, by_model]).unique(maintain_order=True)
    return list(ordered.join(_refused(looked_at), on=["left", "right"], how="anti", maintain_order="left").iter_rows())


def _apart(verdicts: pl.DataFrame, looked_at: pl.DataFrame, before: pl.DataFrame) -> list[Pair]:
    """Two children: a person says so, their given names do, or they sat in two rooms at once.

    Of records that are one child already the machine has nothing more to say: they share their weeks by now.
    """
    by_model = verdicts.filter("apart").select("left", "right")
    confirmed = looked_at.filter(pl.col("verdict") == SAME)
    by_model = by_model.join(confirmed, on=["left", "right"], how="anti")
    joined = gathered(before.select("student_id", "same_as").iter_rows(), [])
    return [*_refused(looked_at).iter_rows(), *_between(by_model, joined).iter_rows()]


def _between(pairs: pl.DataFrame, groups: list[list[str]]) -> pl.DataFrame:
    """The pairs whose two records are not in one group."""
    home = {student: number for number, group in enumerate(groups) for student in group}
    alike = [home.get(a, -1) == home.get(b, -2) for a, b in pairs.select("left", "right").iter_rows()]
    return pairs.filter(~pl.Series(alike, dtype=pl.Boolean))


def _refused(looked_at: pl.DataFrame) -> pl.DataFrame:
    return looked_at.filter(pl.col("verdict") == DIFFERENT).select("left", "right")


def _links(
    groups: list[list[str]], when: pl.DataFrame, before: pl.DataFrame, verdicts: pl.DataFrame, looked_at: pl.DataFrame
) -> pl.DataFrame:
    """The links of the groups that do not stand yet, each with what was found when the two were compared."""
    members = pl.DataFrame(
        [(number, student) for number, group in enumerate(groups) for student in group],
        schema={"group": pl.Int64, "student_id": pl.String},
        orient="row",
    )
    placed = members.join(_in_use(members, when, before), on="group").filter(pl.col("student_id") != pl.col("same_as"))
    new = placed.join(before, on=["student_id", "same_as"], how="anti").with_columns(
        left=pl.min_horizontal("student_id", "same_as"), right=pl.max_horizontal("student_id", "same_as")
    )
    by_person = looked_at.filter(pl.col("verdict") == SAME).select("left", "right", said=pl.lit("REVIEW"))
    found = new.join(verdicts, on=["left", "right"], how="left").join(by_person, on=["left", "right"], how="left")
    decided_by = pl.coalesce("said", "decided_by", pl.lit("MODEL"))
    evidence = pl.coalesce("evidence", pl.lit("por medio de otro registro del mismo estudiante"))
    return (
        found.with_columns(decided_by=decided_by, evidence=evidence)
        .select(list(LINK))
        .cast(pl.Schema(LINK))
        .sort("student_id", "same_as")
    )


def _in_use(members: pl.DataFrame, when: pl.DataFrame, before: pl.DataFrame) -> pl.DataFrame:
    """Of each group the pseudonym that lives on: enrolled, last seen in class, and lastly the newest.

    The one in use stays in use as long as it is enrolled.
    """
    used = before.select(student_id="same_as").unique().with_columns(used=pl.lit(True))
    known = members.join(when.select(list(STAY)), on="student_id", how="left").join(used, on="student_id", how="left")
    order = ["open", "used", "seen_on", "last_on", "first_on", "student_id"]
    ranked = known.with_columns(pl.col("open", "used").fill_null(False)).sort(
        order, nulls_last=False, maintain_order=True
    )
    return ranked.group_by("group", maintain_order=True).agg(same_as=pl.col("student_id").last())
