"""What the archive already says about who is who: the links that stand and the pairs that somebody looked at."""

from __future__ import annotations

import polars as pl

from features.records import Records


def told(records: Records) -> pl.DataFrame:
    """The last word on each pair of pseudonyms, whichever of the two came first."""
    rows = records.table("link").with_columns(
        left=pl.min_horizontal("student_id", "same_as"), right=pl.max_horizontal("student_id", "same_as")
    )
    by_person = pl.col("decided_by") == "REVIEW"
    # Of two words of one day a person's counts, and of two persons' the one that keeps the records apart.
    order = {"known_on": False, "by_person": False, "verdict": True}
    ordered = rows.with_columns(by_person=by_person).sort(list(order), descending=list(order.values()))
    return ordered.group_by("left", "right", maintain_order=True).last().collect().sort("left", "right")


def standing(records: Records) -> pl.DataFrame:
    """The links in force: ``student_id`` (the older pseudonym), ``same_as`` (the one in use) and what they weigh."""
    return told(records).filter(pl.col("verdict") == "SAME").sort("student_id")


def reviewed(records: Records) -> pl.DataFrame:
    """The pairs on which a person decided: ``left, right, verdict``."""
    return told(records).filter(pl.col("decided_by") == "REVIEW").select("left", "right", "verdict")
