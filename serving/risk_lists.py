"""One week's list: everyone in one order, cut where the visits run out, written once and never changed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import date, timedelta
from functools import cached_property
from typing import Any

import numpy as np
import polars as pl

from features.labels import ABSENT_WEEKS
from models.list_order import ON_THE_LIST, OrderRules, to_do
from models.uncertainty import Uncertainty, frequency
from models.wording import after_weeks
from serving.changes import Change, Departure
from serving.reach import GROUP

TIE_RULE = "puntaje, puntaje sin calibrar, resumen del día y del seudónimo"
BANDS = ((0.20, "alta"), (0.05, "media"), (0.0, "baja"))
DECIDED = ("standing", *GROUP)  # who is where decides who is shown them
DECIMALS = 9  # enough for sums to hold within 1e-6, few enough for equal bytes on every machine


@dataclass(frozen=True)
class Capacity:
    """How many students the secretariat can contact in a week, and how many each school follows."""

    contacts: int
    per_school: int = 10


@dataclass(frozen=True)
class Line:
    """One student on a list, with everything that a reader is shown."""

    student_id: str
    institution_id: str
    score: float
    raw_score: float
    base_value: float
    rank: int
    rank_in_institution: int
    on_city_list: bool
    change: Change
    place: int | None = None  # by worth alone, before damping, follow-up and the lot
    standing: str | None = None  # models.list_order
    above_cut: float | None = None
    interval: tuple[float, float] | None = None  # between which chances; None where the model cannot say
    frequency: str | None = None  # the same in words
    moved: float | None = None  # the chance of changing school within the horizon
    followed: Mapping[str, Any] | None = None  # the last contact and what it found
    reasons: tuple[Mapping[str, Any], ...] = ()
    protective: tuple[Mapping[str, Any], ...] = ()
    families: Mapping[str, float] = field(default_factory=dict)
    observed: Mapping[str, date | None] = field(default_factory=dict)
    placement: Mapping[str, Any] = field(default_factory=dict)
    trajectory: tuple[Mapping[str, Any], ...] = ()
    lately: Mapping[str, Any] | None = None  # weeks of attendance, marks and support: serving.lately


@dataclass(frozen=True)
class School:
    institution_id: str
    name: str
    comuna: str | None = None
    reporting_quality: float | None = None  # 0 to 1, as of the list's day
    notice: str | None = None  # what a reader must know when the school says little


@dataclass(frozen=True)
class RiskList:
    day: date
    model_version: str
    model_digest: str
    horizon_weeks: int
    capacity: Capacity
    lines: tuple[Line, ...]
    departures: tuple[Departure, ...]
    scores: (
        pl.DataFrame
    )  # all on roll: student_id, institution_id, score, raw_score, rank (and what publishing keeps beside)
    schools: Mapping[str, School] = field(default_factory=dict)
    family_names: Mapping[str, str] = field(default_factory=dict)
    family_order: tuple[str, ...] = ()  # of the weights in `scores`
    rules: OrderRules = field(default_factory=OrderRules)
    model_note: str | None = None  # learned elsewhere, or its time over: what a reader must know
    absent_weeks: int = ABSENT_WEEKS  # how long a child must be away, to this model, to have left

    @property
    def listed(self) -> int:
        return sum(line.on_city_list for line in self.lines)

    @property
    def left_out(self) -> int:
        return self.scores.height - self.listed

    @cached_property
    def content_hash(self) -> str:
        """Over all that is served and all that decided it; equal inputs give an equal hash."""
        digest = hashlib.sha256()
        for part in self._canonical_parts():
            digest.update(part + b"\n")
        return digest.hexdigest()

    @property
    def id(self) -> str:
        return f"{self.day.isoformat()}-{self.content_hash[:12]}"

    def _canonical_parts(self) -> Iterable[bytes]:
        yield canonical(self.configuration())
        for line in sorted(self.lines, key=lambda line: line.rank):
            yield self.line_body(line)
            yield canonical(line.trajectory)
            if line.lately is not None:
                yield canonical(line.lately)
        for departure in sorted(self.departures, key=lambda departure: departure.student_id):
            yield departure_body(departure)
        yield canonical({code: (s.reporting_quality, s.notice) for code, s in sorted(self.schools.items())})
        more = [name for name in DECIDED if name in self.scores.columns]
        for student, raw, *told in self.scores.sort("student_id").select("student_id", "raw_score", *more).iter_rows():
            yield " ".join([student, f"{raw:.6f}", *("" if one is None else str(one) for one in told)]).encode()

    def configuration(self) -> dict[str, Any]:
        return {
            "day": self.day,
            "capacity": self.capacity.contacts,
            "per_school": self.capacity.per_school,
            "model_version": self.model_version,
            "model_digest": self.model_digest,
            "horizon_weeks": self.horizon_weeks,
            "tie_rule": TIE_RULE,
            "order": asdict(self.rules),
            **({"model_note": self.model_note} if self.model_note else {}),
        }

    def header(self) -> dict[str, Any]:
        counts = {"on_roll": self.scores.height, "listed": self.listed, "left_out": self.left_out}
        monday = self.day + timedelta(days=1)
        return {
            "id": self.id,
            "week_of": monday,
            **self.configuration(),
            **counts,
            "content_hash": self.content_hash,
            "family_names": dict(self.family_names),
            "family_order": self.family_order,
            "base_value": self.lines[0].base_value if self.lines else None,
            "absent_weeks": self.absent_weeks,
        }

    def line_body(self, line: Line) -> bytes:
        """The JSON of one row, made once; every reader is served these bytes."""
        return canonical(self.described(line))

    def described(self, line: Line) -> dict[str, Any]:
        school = self.schools.get(line.institution_id)
        return {
            "rank": line.rank,
            "student_id": line.student_id,
            "day": self.day,
            "model_version": self.model_version,
            "institution": line.institution_id,
            "institution_name": school.name if school else None,
            "comuna": school.comuna if school else None,
            **{name: line.placement.get(name) for name in ("campus_id", "grade", "class_group", "shift")},
            "score": line.score,
            "raw_score": line.raw_score,
            "base_value": line.base_value,
            "rank_in_institution": line.rank_in_institution,
            "reporting_quality": school.reporting_quality if school else None,
            "reporting_notice": school.notice if school else None,
            "on_city_list": line.on_city_list,
            "place": line.place or line.rank,
            "standing": line.standing,
            "band": band(line.score),
            "interval": line.interval,
            "frequency": line.frequency or out_of_a_hundred(line.score, self.horizon_weeks),
            "moved": line.moved,
            "followed": line.followed,
            "reasons": line.reasons,
            "protective": line.protective,
            "families": line.families,
            "observed": line.observed,
            "change": {"kind": line.change.kind, "why": line.change.why},
        }


def departure_body(departure: Departure) -> bytes:
    return canonical(
        {
            "student_id": departure.student_id,
            "institution": departure.institution_id,
            "change": {"kind": "left", "why": departure.why},
        }
    )


def canonical(thing: Any) -> bytes:
    text = json.dumps(_rounded(thing), ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text.encode()


def _rounded(thing: Any) -> Any:
    if isinstance(thing, Mapping):
        return {str(name): _rounded(value) for name, value in thing.items()}
    if isinstance(thing, list | tuple):
        return [_rounded(value) for value in thing]
    if isinstance(thing, float):
        return round(thing, DECIMALS) if thing == thing else None
    return thing.isoformat() if isinstance(thing, date) else thing


def ranked(scores: pl.DataFrame, day: date) -> pl.DataFrame:
    """Everyone in one order without ties: by chance, by raw score, then by a draw that differs each week."""
    draw = pl.Series("draw", [_draw(student, day) for student in scores["student_id"]], dtype=pl.String)
    ordered = scores.with_columns(draw).sort(["score", "raw_score", "draw"], descending=[True, True, False])
    return numbered(ordered.drop("draw"))


def numbered(ordered: pl.DataFrame) -> pl.DataFrame:
    return ordered.with_columns(
        rank=pl.int_range(1, pl.len() + 1, dtype=pl.Int64),
        rank_in_institution=pl.int_range(1, pl.len() + 1, dtype=pl.Int64).over("institution_id"),
    )


def _draw(student_id: str, day: date) -> str:
    # Alphabetical order would put the same pseudonyms last every week.
    return hashlib.blake2b(f"{day.isoformat()}:{student_id}".encode(), digest_size=8).hexdigest()


def seated(
    ordered: pl.DataFrame,
    day: date,
    capacity: Capacity,
    rules: OrderRules,
    previous: Collection[str] = (),
    followed: Collection[str] = (),
) -> pl.DataFrame:
    """The order of contact: first who is on the city's list, then all the others, each by worth."""
    told = to_do(ordered, day, capacity.contacts, rules, previous, followed)
    first = told.with_columns(_seated=pl.col("standing").is_in(list(ON_THE_LIST))).sort(
        ["_seated", "place"], descending=[True, False]
    )
    return numbered(first.drop("_seated"))


def cut(ordered: pl.DataFrame, capacity: Capacity) -> pl.DataFrame:
    """The city's list and the first of each school; the rest is counted, not shown."""
    seats = pl.col("standing").is_in(list(ON_THE_LIST)) if "standing" in ordered.columns else pl.lit(True)
    on_city_list = (pl.col("rank") <= capacity.contacts) & seats
    for_the_school = pl.col("rank_in_institution") <= capacity.per_school
    return ordered.filter(on_city_list | for_the_school).with_columns(on_city_list=on_city_list)


def band(score: float) -> str:
    """Priority in three words; never a colour."""
    return next(word for least, word in BANDS if score >= least)


def how_many(score: float, raw_score: float, horizon_weeks: int, uncertainty: Uncertainty | None) -> str:
    """How many similar students left, between two counts where the model knows how sure it is."""
    if uncertainty is None:
        return out_of_a_hundred(score, horizon_weeks)
    (interval,) = uncertainty.intervals(np.array([raw_score]), np.array([score]))
    return frequency(interval, horizon_weeks)


def out_of_a_hundred(score: float, horizon_weeks: int) -> str:
    """The chance as a count of similar students, which lay readers read rightly."""
    count = round(100 * score)
    like = "De cada 100 estudiantes con un perfil parecido,"
    if count < 1:
        return f"{like} menos de 1 dejó de estudiar {after_weeks(horizon_weeks)}."
    verb = "dejó" if count == 1 else "dejaron"
    return f"{like} cerca de {count} {verb} de estudiar {after_weeks(horizon_weeks)}."
