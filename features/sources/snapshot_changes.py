"""Lays an export that lists everyone over what was known before, and keeps only what changed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import polars as pl

from features.sources.student_state import ENROLMENT_COLUMNS, HOUSEHOLD_COLUMNS, PERSON_COLUMNS, SCHEMA

LARGEST_LOSS = 0.2
"""A larger share of the enrolled that vanishes in one export inside a year is a broken export, not an exodus."""
SMALLEST_LOSS = 10
"""Fewer children than this may be any share of a small school."""

LAST_GRADES = (11, 26)
"""Who was in one of these until the year ended and is not in the next year's lists has finished school."""

LEAVING = ("WITHDRAWN", "TRANSFERRED", "GRADUATED", "PROMOTED", "FAILED", "CANCELLED")
ROSTER_COLUMNS = (
    "per_id",
    "document_type",
    "document_number",
    "first_name",
    "second_name",
    "first_surname",
    "second_surname",
    "address",
    "neighbourhood",
    "phone",
    "email",
)

# What a row without the column inherits from the row before, as long as these stay the same.
_INHERITED = {
    "campus_id": "institution_id",
    "sector": "institution_id",
    "zone": "institution_id",
    "shift": "institution_id",
    "class_group": "institution_id",
    "teaching_model": "institution_id",
    "is_new": "institution_id",
    "repeating": "grade",
}


@dataclass(frozen=True)
class Changes:
    """What an export adds, the state after it, and what was not believed."""

    enrolment: pl.DataFrame
    person: pl.DataFrame
    characterisation: pl.DataFrame
    roster: pl.DataFrame
    state: pl.DataFrame
    silent_institutions: tuple[tuple[str, int], ...] = ()
    loss: tuple[int, int] | None = None  # absent, enrolled before


def one_row_each(rows: pl.DataFrame) -> tuple[pl.DataFrame, pl.Series]:
    """One row per child, the active one or else the latest; and the row marks of children active twice in a year."""
    rows = rows.with_columns(_place=pl.int_range(pl.len()))
    repeated = rows.filter(pl.col("student_id").is_duplicated())
    order = ["student_id", "_idle", "school_year", "started_on", "institution_id", "campus_id", "class_group", "_place"]
    down = [False, False, True, True, False, False, False, False]
    ranked = repeated.with_columns(_idle=pl.col("status") != "ENROLLED").sort(order, descending=down, nulls_last=True)
    first = ranked.group_by("student_id", maintain_order=True).first()
    dropped = ranked.filter(~pl.col("_place").is_in(first["_place"].implode()))
    same = ("institution_id", "campus_id", "grade", "class_group", "shift")
    beside = dropped.join(first, on=["student_id", "school_year"], suffix="_kept").filter(
        (pl.col("status") == "ENROLLED") & (pl.col("status_kept") == "ENROLLED")
    )
    twice = beside.filter(pl.any_horizontal(pl.col(c).ne_missing(pl.col(f"{c}_kept")) for c in same))
    kept = rows.filter(~pl.col("_place").is_in(dropped["_place"].implode()))
    return kept.drop("_place"), twice["_place"]


def completed(main: pl.DataFrame, other: pl.DataFrame) -> pl.DataFrame:
    """The preferred export with the cells it leaves empty taken from the other one of the same day."""
    names = [*ENROLMENT_COLUMNS, *PERSON_COLUMNS, *HOUSEHOLD_COLUMNS]
    fillable = [n for n in names if n not in ("school_year", "institution_id", "status", "reason")] + ["comuna"]
    keys = ["student_id", "school_year", "institution_id"]
    both = main.join(other.select(*keys, *fillable), on=keys, how="left", suffix="_other", maintain_order="left")
    filled = [pl.coalesce(name, f"{name}_other").alias(name) for name in fillable]
    return both.with_columns(filled).select(main.columns)


def compare(
    state: pl.DataFrame, snapshot: pl.DataFrame, kind: str, known_on: date, glimpsed: pl.Series | None = None
) -> Changes:
    """The change rows of one export. `glimpsed` are children whose row could not be read: they are not absent."""
    both = _side_by_side(state, snapshot, kind, known_on)
    here = snapshot["institution_id"].unique()
    both = both.with_columns(
        _absent(both, kind, known_on, here, glimpsed),
        expected_at=pl.col(f"{kind}.institution"),
        finished=pl.col("grade").is_in(LAST_GRADES) & (pl.col("school_year") < pl.lit(_main_year(snapshot))),
    )
    loss = _loss(both, kind, snapshot)
    if loss is not None:
        both = both.with_columns(absent=pl.lit(False))
    now = _now(both)
    return Changes(
        _enrolment_rows(now, known_on),
        _value_rows(now, PERSON_COLUMNS, known_on),
        _value_rows(now, HOUSEHOLD_COLUMNS, known_on),
        _roster_rows(now, snapshot, kind, known_on),
        _state_after(now, kind, known_on),
        _silent_institutions(state, kind, here),
        loss,
    )


def _side_by_side(state: pl.DataFrame, snapshot: pl.DataFrame, kind: str, known_on: date) -> pl.DataFrame:
    """Before and now of every child, and whether this export is to be believed about it."""
    told = snapshot.select(
        "student_id",
        *ENROLMENT_COLUMNS,
        *PERSON_COLUMNS,
        *HOUSEHOLD_COLUMNS,
        "left_on",
        said_now=pl.struct(ENROLMENT_COLUMNS).hash(1),
        roster_now=pl.struct("institution_id", *ROSTER_COLUMNS).hash(2),
    )
    both = state.join(told, on="student_id", how="full", coalesce=True, suffix="_now")
    both = both.with_columns(seen=pl.col("said_now").is_not_null())
    return both.with_columns(spoken=_spoken(kind, known_on), repeats=_repeats(kind)).with_columns(
        speaks=pl.col("seen")
        & ~pl.col("spoken")
        & ~pl.col("repeats")
        & pl.col("status_now").is_not_null()
        & (pl.col("status_now") != "RESERVED"),
        fills=pl.col("seen") & pl.col("spoken") & _same("institution_id") & (pl.col("status") == "ENROLLED"),
    )


def _spoken(kind: str, known_on: date) -> pl.Expr:
    """The Detallado of the same day has said it already. A child it calls gone may still be found in a 5A."""
    if kind == "detallado":
        return pl.lit(False)
    today = (pl.col("detallado.seen_on") == known_on).fill_null(False)
    return today & (pl.col("status") == "ENROLLED").fill_null(False) if kind == "anexo_5a" else today


def _repeats(kind: str) -> pl.Expr:
    """The export says word for word what it said last time, and nobody has missed the child since."""
    same = pl.col(f"{kind}.said").eq_missing(pl.col("said_now"))
    return same & (pl.col("status") != "NOT_SEEN").fill_null(False)


def _same(column: str) -> pl.Expr:
    year = pl.col("school_year") == pl.col("school_year_now")
    return (year & (pl.col(column) == pl.col(f"{column}_now"))).fill_null(False)


def _absent(both: pl.DataFrame, kind: str, known_on: date, here: pl.Series, glimpsed: pl.Series | None) -> pl.Series:
    """Children this export listed last time, at a school that still sends, who are not in it now."""
    expected = pl.col(f"{kind}.institution").is_in(here.implode()).fill_null(False)
    gone = ~pl.col("seen") & expected & ~_spoken(kind, known_on)
    absent = both.select(gone.alias("absent")).to_series()
    if glimpsed is None or glimpsed.is_empty():
        return absent
    return absent & ~both["student_id"].is_in(glimpsed.implode())


def _enrolled_by(state: pl.DataFrame, kind: str) -> pl.DataFrame:
    expected = pl.col(f"{kind}.institution")
    return state.filter(expected.is_not_null() & (pl.col("status") == "ENROLLED"))


def _silent_institutions(state: pl.DataFrame, kind: str, here: pl.Series) -> tuple[tuple[str, int], ...]:
    """Schools of the last export that this one does not mention, and how many children they had."""
    missing = _enrolled_by(state, kind).filter(~pl.col(f"{kind}.institution").is_in(here.implode()))
    counts = missing.group_by(pl.col(f"{kind}.institution").alias("institution_id")).len().sort("institution_id")
    return tuple(counts.iter_rows())


def _loss(both: pl.DataFrame, kind: str, snapshot: pl.DataFrame) -> tuple[int, int] | None:
    """How many of how many vanished at once, when that is more than can be true."""
    here = snapshot["institution_id"].unique()
    enrolled = _enrolled_by(both, kind).filter(pl.col(f"{kind}.institution").is_in(here.implode()))
    gone = enrolled.filter("absent").height
    if gone < SMALLEST_LOSS or gone <= LARGEST_LOSS * enrolled.height:
        return None
    return (gone, enrolled.height) if _main_year(enrolled) == _main_year(snapshot) else None


def _main_year(rows: pl.DataFrame) -> str | None:
    years = rows["school_year"].drop_nulls()
    return None if years.is_empty() else str(years.mode().sort()[-1])


def _now(both: pl.DataFrame) -> pl.DataFrame:
    """Each child's row as it stands after the export."""
    enrolment = [_enrolment_now(name).alias(f"{name}_then") for name in ENROLMENT_COLUMNS]
    values = [_value_now(name).alias(f"{name}_then") for name in (*PERSON_COLUMNS, *HOUSEHOLD_COLUMNS)]
    return both.with_columns(enrolment).with_columns(values).with_columns(changed=_differs(ENROLMENT_COLUMNS))


def _enrolment_now(name: str) -> pl.Expr:
    said = pl.col(f"{name}_now")
    if name in _INHERITED:
        inherited = pl.when(_same(_INHERITED[name])).then(pl.coalesce(said, name)).otherwise(said)
        filled = pl.coalesce(name, said)
    else:
        inherited, filled = said, pl.col(name)
    gone = pl.when("finished").then(pl.lit("GRADUATED")).otherwise(pl.lit("NOT_SEEN"))
    absent = gone if name == "status" else pl.lit(None) if name == "reason" else pl.col(name)
    missed = pl.col("absent") & (pl.col("status") == "ENROLLED") & _still_there()
    told = pl.when("speaks").then(inherited).when("fills").then(filled)
    return told.when(missed).then(absent).otherwise(pl.col(name))


def _still_there() -> pl.Expr:
    """The child was last enrolled where this export looked for it."""
    return pl.col("expected_at") == pl.col("institution_id")


def _value_now(name: str) -> pl.Expr:
    said = pl.col(f"{name}_now")
    return pl.when("spoken").then(pl.coalesce(name, said)).otherwise(pl.coalesce(said, name))


def _differs(names: tuple[str, ...]) -> pl.Expr:
    return pl.any_horizontal(pl.col(f"{name}_then").ne_missing(pl.col(name)) for name in names)


def _left_on() -> pl.Expr:
    """The file's own date of leaving, but never before what was already known: events keep their order."""
    leaves = pl.col("speaks") & pl.col("status_then").is_in(LEAVING) & pl.col("left_on").is_not_null()
    return pl.when(leaves).then(pl.max_horizontal("left_on", "changed_on"))


def _enrolment_rows(now: pl.DataFrame, known_on: date) -> pl.DataFrame:
    return now.filter("changed").select(
        "student_id",
        happened_on=pl.coalesce(_left_on(), pl.lit(known_on)),
        known_on=pl.lit(known_on),
        dated_by=pl.when(_left_on().is_not_null()).then(pl.lit("FILE")).otherwise(pl.lit("EXPORT")),
        **{name: pl.col(f"{name}_then") for name in ENROLMENT_COLUMNS},
    )


def _value_rows(now: pl.DataFrame, names: tuple[str, ...], known_on: date) -> pl.DataFrame:
    return now.filter(pl.col("seen") & _differs(names)).select(
        "student_id",
        happened_on=pl.lit(known_on),
        known_on=pl.lit(known_on),
        **{name: pl.col(f"{name}_then") for name in names},
    )


def _roster_rows(now: pl.DataFrame, snapshot: pl.DataFrame, kind: str, known_on: date) -> pl.DataFrame:
    """Names and addresses of children who are new or whose own changed."""
    changed = now.filter(pl.col("seen") & pl.col("roster_now").ne_missing(pl.col(f"{kind}.roster")))
    return snapshot.join(changed.select("student_id"), on="student_id", how="semi").select(
        "student_id", *ROSTER_COLUMNS, "institution_id", known_on=pl.lit(known_on)
    )


def _state_after(now: pl.DataFrame, kind: str, known_on: date) -> pl.DataFrame:
    memory = {
        "said": pl.col("said_now"),
        "roster": pl.col("roster_now"),
        "institution": pl.col("institution_id_now"),
        "seen_on": pl.lit(known_on),
    }
    after = {f"{name}_then": name for name in (*ENROLMENT_COLUMNS, *PERSON_COLUMNS, *HOUSEHOLD_COLUMNS)}
    kept = [
        pl.when("seen")
        .then(value)
        .when(pl.col("absent") & (name != "roster"))
        .then(None)
        .otherwise(f"{kind}.{name}")
        .alias(f"{kind}.{name}")
        for name, value in memory.items()
    ]
    others = [pl.col(name) for name in SCHEMA if "." in name and not name.startswith(f"{kind}.")]
    then = [pl.col(source).cast(SCHEMA[target]).alias(target) for source, target in after.items()]
    changed_on = pl.when("changed").then(pl.coalesce(_left_on(), pl.lit(known_on))).otherwise("changed_on")
    after_all = now.select("student_id", changed_on.alias("changed_on"), *then, *kept, *others)
    return after_all.select(list(SCHEMA)).cast(pl.Schema(SCHEMA))
