"""How much of a list is new each Monday, how long a name stays, and whether something new was known of who entered."""

from collections.abc import Callable, Mapping

import polars as pl

from models.resampling import SCHOOL, Cities, Figures, Measured

Facts = Callable[[pl.DataFrame], pl.DataFrame]
"""Given `student_id, day` rows, the dates of the newest happenings known of each, a column per table."""

KEYS = ["student_id", "day"]
ROUTINE = "attendance"
"""A table that tells something of everyone every week: that it came is no news (measured: it came for each name)."""


def neighbours(days: pl.Series) -> pl.DataFrame:
    """`day, before`: Mondays as far apart as most are; over a recess any list changes, and that says nothing."""
    told = days.unique().sort().to_frame("day").with_columns(before=pl.col("day").shift(1)).drop_nulls()
    gap = pl.col("day") - pl.col("before")
    usual = told.select(gap.alias("gap"))["gap"].mode().sort().first()
    return told.filter(gap == usual) if told.height else told


def names(listed: pl.DataFrame, judged: pl.DataFrame, method: str, facts: Facts | None = None) -> pl.DataFrame:
    """One row per name on a Monday's list or on the one before: what became of it, as ones and zeros.

    `day, student_id, institution_id, now, was, new, kept, off_roll`; of a new name, `risen` (its own score is
    higher than a week before, or it was not on the roll then); with `facts`, `new_fact` of each that is on the list
    (something but `ROUTINE` happened to it later than all that was known a week before).
    """
    pairs = neighbours(judged["day"])
    marked = listed.select(*KEYS, SCHOOL).join(pairs, on="day", how="left")
    now = marked.filter(pl.col("before").is_not_null()).select(*KEYS, SCHOOL, now=pl.lit(1.0))
    later = pairs.rename({"before": "_was_on"})
    was = listed.rename({"day": "_was_on"}).join(later, on="_was_on").select(*KEYS, SCHOOL, was=pl.lit(1.0))
    both = now.join(was, on=KEYS, how="full", coalesce=True)
    both = both.with_columns(pl.coalesce(SCHOOL, f"{SCHOOL}_right").alias(SCHOOL)).drop(f"{SCHOOL}_right")
    both = both.with_columns(pl.col("now", "was").fill_null(0.0)).with_columns(
        new=pl.col("now") * (1 - pl.col("was")), kept=pl.col("now") * pl.col("was")
    )
    both = with_newest(with_scores(both, judged, method, pairs), pairs, facts)
    return both.sort("day", "student_id")


def with_scores(both: pl.DataFrame, judged: pl.DataFrame, method: str, pairs: pl.DataFrame) -> pl.DataFrame:
    """Adds `off_roll` and `risen`, from the scores of this Monday and the one before."""
    told = judged.select(*KEYS, score=pl.col(method)).join(
        both.select("student_id").unique(), on="student_id", how="semi"
    )
    dated = both.join(pairs, on="day", how="left")
    dated = dated.join(told, on=KEYS, how="left")
    dated = dated.join(told.rename({"day": "before", "score": "earlier"}), on=["student_id", "before"], how="left")
    gone = (pl.col("was") == 1) & pl.col("score").is_null()
    higher = pl.col("earlier").is_null() | (pl.col("score") > pl.col("earlier"))
    return dated.with_columns(
        off_roll=gone.cast(pl.Float64), risen=pl.when(pl.col("new") == 1).then(higher.cast(pl.Float64))
    ).drop("score", "earlier")


def with_newest(both: pl.DataFrame, pairs: pl.DataFrame, facts: Facts | None) -> pl.DataFrame:
    if facts is None or both.is_empty():
        return both.with_columns(new_fact=pl.lit(None, pl.Float64)).drop("before")
    listed = both.filter(pl.col("now") == 1)
    rows = pl.concat([listed.select(*KEYS), listed.select("student_id", day="before")]).unique(maintain_order=True)
    told = facts(rows)
    dates = [name for name, kind in told.schema.items() if kind == pl.Date and name not in (*KEYS, ROUTINE)]
    newest = told.select(*KEYS, newest=pl.max_horizontal(dates))
    dated = both.join(newest, on=KEYS, how="left")
    dated = dated.join(newest.rename({"day": "before", "newest": "older"}), on=["student_id", "before"], how="left")
    later = (pl.col("newest") > pl.col("older")) | (pl.col("newest").is_not_null() & pl.col("older").is_null())
    fact = pl.when(pl.col("now") == 1).then(later.fill_null(False).cast(pl.Float64))
    return dated.with_columns(new_fact=fact).drop("before", "newest", "older")


def steadiness(told: pl.DataFrame, listed: pl.DataFrame, judged_days: pl.Series, cities: Cities) -> Figures:
    """`told`: of `names`. Shares of a Monday's names, over all neighbouring Mondays."""
    either = told.with_columns(one=pl.lit(1.0), listed_before=pl.when(pl.col("was") == 1).then(1.0))
    entered = told.filter(pl.col("new") == 1).with_columns(one=pl.lit(1.0))
    stayed = told.filter(pl.col("kept") == 1).with_columns(one=pl.lit(1.0))
    known = entered["new_fact"].is_not_null().any()
    return {
        "new_names": cities.ratio(either, "new", "now"),
        "jaccard": cities.ratio(either, "kept", "one"),
        "off_roll": cities.ratio(either, "off_roll", "was"),
        "risen": cities.ratio(entered, "risen", "one"),
        "new_fact": cities.ratio(entered, "new_fact", "one") if known else Measured(None),
        "new_fact_of_kept": cities.ratio(stayed, "new_fact", "one") if known else Measured(None),
        "dwell_weeks": Measured(dwell(listed, judged_days)),
    }


def dwell(listed: pl.DataFrame, judged_days: pl.Series) -> float | None:
    """How many Mondays in a row a name stays, on average; stays cut off by the period's ends count as they are."""
    if listed.is_empty():
        return None
    order = judged_days.unique().sort().to_frame("day").with_row_index("_number")
    placed = listed.select(*KEYS).join(order, on="day").sort("student_id", "_number")
    begins = (pl.col("_number").cast(pl.Int64).diff().over("student_id") != 1).fill_null(True)
    return placed.height / int(placed.select(begins.sum()).item())


def weekly(told: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """`method, day, names, new_names, jaccard, off_roll, risen, new_fact`: each Monday's shares."""
    return pl.concat([each_week(rows, method) for method, rows in told.items()]) if told else pl.DataFrame()


def each_week(told: pl.DataFrame, method: str) -> pl.DataFrame:
    entered = pl.col("new") == 1
    return (
        told.group_by("day")
        .agg(
            names=pl.col("now").sum().cast(pl.Int64),
            new_names=pl.col("new").sum() / pl.col("now").sum(),
            jaccard=pl.col("kept").sum() / pl.len(),
            off_roll=pl.col("off_roll").sum() / pl.col("was").sum(),
            risen=pl.col("risen").filter(entered).mean(),
            new_fact=pl.col("new_fact").filter(entered).mean(),
        )
        .sort("day")
        .select(pl.lit(method).alias("method"), pl.all())
    )
