"""The official rates: whom each one counts, among whom, and from which day its figure no longer changes."""

from dataclasses import dataclass
from typing import Literal

import polars as pl

from features.definitions.enrolment import FIRST_GRADE_AGE
from features.labels import Outcome
from features.rates.student_years import Ending

Measure = tuple[str, str]
"""An indicator and its definition, or ``base`` and the name of the base."""

Definition = Literal["ABSENCE", "STATED", "REGISTERED", ""]
Waits = Literal["close", "result", "next_cut"]
"""What a figure needs: the close of the year; a stated result; the cut of the next year."""

OVER_AGE_FROM = 2
EFFICIENCY_GRADES = (*range(12), 99)
REGULAR_GRADES = tuple(range(12))
FOLLOWED_GRADES = tuple(range(1, 11))
"""Grades whose children are looked for a year later: 11 has no next grade."""


@dataclass(frozen=True, eq=False)
class Base:
    """Among whom a rate counts."""

    name: str
    holds: pl.Expr
    said: str


@dataclass(frozen=True, eq=False)
class Indicator:
    """One rate: those of its base whom it counts. Dropout is told twice: by absence, and as the register states it."""

    name: str
    said: str
    base: Base
    counts: pl.Expr
    waits: Waits = "close"
    definition: Definition = ""


def _ended(*endings: Ending) -> pl.Expr:
    return pl.col("ending").is_in([ending.value for ending in endings])


_EFFICIENCY = pl.col("grade").is_in(EFFICIENCY_GRADES)
_REAL = ~_ended(Ending.NOT_A_STUDENT)
_RESULT = _ended(Ending.PASSED, Ending.FAILED, Ending.DROPPED, Ending.ENROLLED)
_ELSEWHERE = [Outcome.MOVED.value, Outcome.UNKNOWN.value]
_HERE = _RESULT & (pl.col("graduated").fill_null(0) == 0) & ~pl.col("outcome").is_in(_ELSEWHERE).fill_null(False)
_GAP = pl.col("age") - pl.col("grade") - FIRST_GRADE_AGE

ENROLLED = Base(
    "enrolled", _EFFICIENCY & _REAL,
    "matriculados en el año, grados 0 a 11 y 99; sin anulados ni duplicados",
)  # fmt: skip
RESULT = Base(
    "result", _EFFICIENCY & _RESULT,
    "matriculados, grados 0 a 11 y 99; sin trasladados a otra entidad o sector, fallecidos ni destino ignorado",
)  # fmt: skip
FOLLOWED = Base(
    "followed", pl.col("grade").is_in(FOLLOWED_GRADES) & _HERE,
    "matriculados, grados 1 a 10; sin graduados, trasladados a otra entidad o sector, fallecidos ni destino ignorado",
)  # fmt: skip
AGED = Base(
    "aged", pl.col("grade").is_in(REGULAR_GRADES) & _REAL & pl.col("age").is_not_null(),
    "matriculados, grados 0 a 11, con fecha de nacimiento; edad al 31 de marzo",
)  # fmt: skip

_OUT, _GONE, _STATED = ~pl.col("came"), _ended(Ending.DROPPED), pl.col("stated")

INDICATORS = (
    Indicator("intra_annual_dropout", "Deserción intraanual", RESULT, pl.col("dropped"), definition="ABSENCE"),
    Indicator("intra_annual_dropout", "Deserción intraanual", RESULT, pl.col("stated"), definition="STATED"),
    Indicator("intra_annual_dropout", "Deserción intraanual", RESULT, pl.col("registered"), definition="REGISTERED"),
    Indicator("adjusted_dropout", "Deserción intraanual ajustada", RESULT, _GONE, definition="ABSENCE"),
    Indicator("adjusted_dropout", "Deserción intraanual ajustada", RESULT, _GONE & _STATED, definition="STATED"),
    Indicator("inter_annual_dropout", "Deserción interanual", FOLLOWED, _OUT, "next_cut", "ABSENCE"),
    Indicator("inter_annual_dropout", "Deserción interanual", FOLLOWED, _OUT & _STATED, "next_cut", "STATED"),
    Indicator(
        "abandonment", "Abandono (intra o interanual)", FOLLOWED, _OUT | pl.col("dropped"), "next_cut", "ABSENCE"
    ),
    Indicator("abandonment", "Abandono (intra o interanual)", FOLLOWED, _STATED, "next_cut", "STATED"),
    Indicator("approval", "Aprobación", RESULT, _ended(Ending.PASSED), "result"),
    Indicator("failure", "Reprobación", RESULT, _ended(Ending.FAILED), "result"),
    Indicator("no_result", "Sin resultado de cierre", RESULT, _ended(Ending.ENROLLED), "result"),
    Indicator("repetition", "Repitencia", ENROLLED, pl.col("repeats").fill_null(False)),
    Indicator("over_age", "Extraedad (2 años o más)", AGED, _GAP >= OVER_AGE_FROM),
    Indicator("over_age_3", "Extraedad (3 años o más)", AGED, _GAP >= OVER_AGE_FROM + 1),
    Indicator("unknown_destination", "Destino desconocido", ENROLLED, _ended(Ending.UNKNOWN_DESTINATION)),
)

# Approval, failure, dropout that lasted and no result: every child of the base in exactly one of them.
PARTITIONS = (
    (("base", "result"), (("approval", ""), ("failure", ""), ("no_result", ""), ("adjusted_dropout", "ABSENCE"))),
)
_INTRA, _ADJUSTED, _INTER, _EITHER = "intra_annual_dropout", "adjusted_dropout", "inter_annual_dropout", "abandonment"
# Each whole holds whoever the parts count, and others: what a reader knows without adding anything up.
WITHIN = (
    (("base", "enrolled"), (("base", "result"), ("unknown_destination", ""))),
    (("base", "enrolled"), (("base", "aged"),)),
    (("base", "enrolled"), (("repetition", ""),)),
    (("base", "aged"), (("over_age", ""),)),
    (("over_age", ""), (("over_age_3", ""),)),
    (("base", "result"), (("base", "followed"),)),
    (("base", "result"), ((_INTRA, "ABSENCE"),)),
    (("base", "result"), ((_INTRA, "REGISTERED"),)),
    (("base", "followed"), ((_EITHER, "ABSENCE"),)),
    ((_INTRA, "ABSENCE"), ((_ADJUSTED, "ABSENCE"),)),
    ((_INTRA, "ABSENCE"), ((_INTRA, "STATED"),)),
    ((_ADJUSTED, "ABSENCE"), ((_ADJUSTED, "STATED"),)),
    ((_INTRA, "STATED"), ((_ADJUSTED, "STATED"),)),
    ((_INTRA, "STATED"), ((_EITHER, "STATED"),)),
    ((_EITHER, "ABSENCE"), ((_INTER, "ABSENCE"),)),
    ((_EITHER, "ABSENCE"), ((_EITHER, "STATED"),)),
    ((_EITHER, "STATED"), ((_INTER, "STATED"),)),
    ((_INTER, "ABSENCE"), ((_INTER, "STATED"),)),
)
# One of the two counts whoever the other counts: where they differ by a few children, the second is not published.
NESTED = (
    (("adjusted_dropout", "ABSENCE"), ("intra_annual_dropout", "ABSENCE")),
    (("intra_annual_dropout", "ABSENCE"), ("intra_annual_dropout", "STATED")),
    (("adjusted_dropout", "ABSENCE"), ("adjusted_dropout", "STATED")),
    (("intra_annual_dropout", "STATED"), ("adjusted_dropout", "STATED")),
    (("inter_annual_dropout", "ABSENCE"), ("inter_annual_dropout", "STATED")),
    (("inter_annual_dropout", "ABSENCE"), ("abandonment", "ABSENCE")),
    (("abandonment", "ABSENCE"), ("abandonment", "STATED")),
    (("over_age", ""), ("over_age_3", "")),
)
DEFINITIONS = {
    "ABSENCE": "por ausencia",
    "STATED": "por motivo registrado",
    "REGISTERED": "según el registro SIMPADE",
    "": "",
}
