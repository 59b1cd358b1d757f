"""Says of each pair of records whether they are one child, two, or one that a person has to look at."""

from __future__ import annotations

import polars as pl

from features.linkage.model import ALIKE, BY_NAME, COMPARISONS, EQUAL, MISSING, NEAR, OTHER, SWAPPED

SURE = 0.98
"""From this chance on nobody has to look."""
DOUBTFUL = 0.30
"""Below this chance nobody is asked: one in three would be too much work for too little."""
WEEKS_IN_TWO_ROOMS = 2
"""So many weeks in which both were in class, and they are two children, or one whom only a person can tell."""

SAME, ASK, DIFFERENT = "SAME", "ASK", "DIFFERENT"

DECIDED = {
    "left": pl.String(),
    "right": pl.String(),
    "weight": pl.Float64(),
    "probability": pl.Float64(),
    "verdict": pl.String(),
    "decided_by": pl.String(),
    "evidence": pl.String(),
    "why": pl.String(),
    "apart": pl.Boolean(),  # no chain of likenesses may join them either
}


def decided(pairs: pl.DataFrame, stays: pl.DataFrame) -> pl.DataFrame:
    """The verdict on each weighed pair; `pairs` brings ``together``, `stays` when each was on the roll."""
    spans = stays.select("student_id", "first_on", "last_on", "seen_on", "open", "reason")
    both = pairs.join(spans, left_on="left", right_on="student_id", how="left").join(
        spans, left_on="right", right_on="student_id", how="left", suffix="_right"
    )
    both = both.with_columns(apart=two_children() | two_rooms() | _at_once_and_unlike())
    judged = both.with_columns(why=_doubt()).with_columns(verdict=_verdict(), decided_by=_decided_by())
    return judged.with_columns(evidence=evidence()).select(list(DECIDED)).cast(pl.Schema(DECIDED))


def _is(comparison: str, *levels: str) -> pl.Expr:
    """Whether a comparison found one of these levels; an empty one found none."""
    known = BY_NAME[comparison].levels
    gammas = [len(known) - 1 - place for place, level in enumerate(known) if level.name in levels]
    return pl.col(comparison).is_in(gammas)


def _empty(comparison: str) -> pl.Expr:
    return pl.col(comparison) == -1


def at_once() -> pl.Expr:
    """Both were on the roll on some day."""
    later = pl.max_horizontal("first_on", "first_on_right")
    overlap = later < pl.min_horizontal("last_on", "last_on_right")
    return (overlap | (pl.col("open") & pl.col("open_right"))).fill_null(False)


def two_children() -> pl.Expr:
    """Brothers and twins: what a family shares may weigh as much as it likes, another given name is another child."""
    another_name = _is("given", OTHER) | (_is("second_given", OTHER) & ~_is("given", SWAPPED))
    loosely_named = _is("given", NEAR) & _is("second_given", NEAR)
    another_birthday = _is("birth", OTHER) & ~_is("document", EQUAL) & ~_is("per_id", EQUAL)
    return another_name | loosely_named | another_birthday


def never_in_class() -> pl.Expr:
    """One of the two was seen in class and the other never: a second record, not a brother."""
    return pl.col("seen_on").is_null() != pl.col("seen_on_right").is_null()


def two_rooms() -> pl.Expr:
    return pl.col("together") >= WEEKS_IN_TWO_ROOMS


def _at_once_and_unlike() -> pl.Expr:
    """Side by side they are one child only if every name is there and the same, and something else says so too.

    That one of the two was never seen in class says so; so do a telephone and a document.
    """
    another = _is("family", OTHER) | _is("second_family", OTHER)
    almost = _is("given", NEAR) | _is("second_given", NEAR, MISSING)
    return at_once() & (another | ((almost | ~_confirmed()) & ~never_in_class()))


def _confirmed() -> pl.Expr:
    """Something beside names and birthday agrees."""
    return _is("phone", EQUAL) | _is("document", EQUAL, NEAR) | _is("per_id", EQUAL)


def _doubt() -> pl.Expr:
    """Why a person should look, in a sentence; nothing where nobody has to."""
    reasons = [
        (two_rooms(), "las dos asistieron en las mismas semanas"),
        ((pl.col("reason") == "DEATH") | (pl.col("reason_right") == "DEATH"), "una de las dos figura como fallecida"),
        (_is("sex", OTHER), "el sexo es distinto"),
        (_is("birth", OTHER), "la fecha de nacimiento es distinta"),
        (_empty("birth"), "falta una fecha de nacimiento"),
        (_empty("given") | _empty("family"), "falta un nombre"),
        (_is("family", OTHER) & _is("second_family", OTHER), "los apellidos son distintos"),
        (~_is("birth", EQUAL) & (_another_word() | ~_confirmed()), "la fecha de nacimiento no es la misma"),
        (_at_once_and_unlike(), "están a la vez y se llaman casi igual"),
        ((pl.col("probability") < SURE) & ~_certain_number(), "se parecen, pero no lo suficiente"),
    ]
    said = pl.lit(None, pl.String)
    for holds, reason in reversed(reasons):
        said = pl.when(holds.fill_null(False)).then(pl.lit(reason)).otherwise(said)
    return said


def _another_word() -> pl.Expr:
    return _is("second_given", OTHER) | _is("family", OTHER) | _is("second_family", OTHER)


def _certain_number() -> pl.Expr:
    """The same PER_ID or document under compatible names and birthday settles it, however the rest weighs."""
    number = _is("per_id", EQUAL) | _is("document", EQUAL)
    return number & _is("given", EQUAL, ALIKE, SWAPPED, NEAR) & _is("birth", EQUAL, NEAR, SWAPPED)


def _verdict() -> pl.Expr:
    return (
        pl.when(two_children())
        .then(pl.lit(DIFFERENT))
        .when(pl.col("why").is_null())
        .then(pl.lit(SAME))
        .when(pl.col("probability") >= DOUBTFUL)
        .then(pl.lit(ASK))
        .otherwise(pl.lit(DIFFERENT))
    )


def _decided_by() -> pl.Expr:
    return (
        pl.when(_is("per_id", EQUAL))
        .then(pl.lit("PER_ID"))
        .when(_is("document", EQUAL))
        .then(pl.lit("DOCUMENT"))
        .otherwise(pl.lit("MODEL"))
    )


def evidence() -> pl.Expr:
    """What agreed and what did not, each with the bits it weighs: never a value, only how like two values were."""
    parts = []
    for comparison in COMPARISONS:
        names = {gamma: f"{comparison.says} {level.name}" for gamma in range(9) if (level := comparison.level(gamma))}
        said = pl.col(comparison.name).replace_strict(names, default=None, return_dtype=pl.String)
        bits = pl.col(f"{comparison.name}_weight").round(1).cast(pl.String).str.replace(".", ",", literal=True)
        sign = pl.when(pl.col(f"{comparison.name}_weight") >= 0).then(pl.lit("+")).otherwise(pl.lit(""))
        parts.append(pl.when(said.is_not_null()).then(pl.format("{} ({}{})", said, sign, bits)))
    return pl.concat_str(parts, separator="; ", ignore_nulls=True)
