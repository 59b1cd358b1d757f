"""The Monday run: look from Sunday, score everyone, explain who is shown, publish all of it or nothing."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cached_property
from typing import Any

import numpy as np
import polars as pl

from features import Archive, Catalogue, Records, build_frame, catalogue_for
from features.feature import FAMILY_NAMES
from features.quality.reports import by_school, notice
from features.sources.holding import why_held
from models.explanation import EveryonesWeights, Explanation, everyone, explain
from models.lessons import observed_of
from models.list_order import OrderRules, UnwrittenDecision
from models.list_order import followed as contacted
from models.model_files import digest_of
from models.risk_model import RiskModel
from models.uncertainty import frequency
from serving.changes import Departure, LastList, Now, change_of, departures
from serving.contact_records import bring_in
from serving.database import By, Database
from serving.faults import DataProblem, Refused
from serving.lately import lately
from serving.list_decisions import refuse_if_stopped
from serving.model_expiry import standing
from serving.model_room import champion_in
from serving.publishing import Published, last_list_before, publish, weights_before
from serving.risk_lists import Capacity, Line, RiskList, School, cut, ranked, seated
from serving.school_figures_run import bring_up_to_date
from serving.settings import Settings
from serving.trajectories import groups, placements, schools, statuses, trajectories

Progress = Callable[[str], None]
THREADS = os.cpu_count() or 1
WITHIN = 1e-6
CHANCES = ("student_id", "institution_id", "raw_score", "score", "moved")
REMEMBERED = timedelta(weeks=6)
Before = Callable[[Collection[str]], Mapping[str, Mapping[str, float]]]
"""The family weights behind last week's scores, of the students asked for."""


def silent(_message: str) -> None:
    """For callers that want no progress."""


@dataclass(frozen=True)
class Week:
    """What a run works on: the records as they were known that Sunday, and the list before."""

    records: Records
    model: RiskModel
    catalogue: Catalogue
    day: date
    capacity: Capacity
    last: LastList | None
    before: Before
    rules: OrderRules
    note: str = ""

    @property
    def previous(self) -> frozenset[str]:
        """Who keeps a seat by having had it; a list from before the holidays gives no right to this one."""
        recent = self.last is not None and self.day - self.last.day <= REMEMBERED
        return self.last.on_city_list if self.last and recent else frozenset()

    @cached_property
    def followed(self) -> dict[str, tuple[date, str]]:
        """Who has been contacted lately, as known that Sunday."""
        if not self.records.has("visit"):
            return {}
        last_told = pl.col("known_on") == pl.col("known_on").max().over("student_id", "visited_on", "kind")
        visits = self.records.table("visit").filter(last_told).select("student_id", "visited_on", "result").collect()
        return contacted(visits, self.day, self.rules.follow_weeks)

    @property
    def model_note(self) -> str | None:
        """What every reader of the list must know of its model."""
        told = (self.model.borrowed.sentence if self.model.borrowed else "", self.note)
        return " ".join(part for part in told if part) or None

    @cached_property
    def model_digest(self) -> str:
        return digest_of(self.model.texts())


def run_week(
    records: Records,
    model: RiskModel,
    day: date,
    capacity: Capacity,
    database: Database,
    by: By,
    progress: Progress = silent,
    rules: OrderRules = OrderRules(),  # noqa: B008 (immutable)
    note: str = "",
) -> Published:
    """Publishes the list of the week that follows `day`; run again on the same inputs, it changes nothing.

    `note`: what every reader of the list must know of its model.
    """
    known = records.known_by(day)
    catalogue = catalogue_for(known)
    must_fit(model, catalogue)
    last = last_list_before(database, day)
    week = Week(
        known,
        model,
        catalogue,
        day,
        capacity,
        last,
        lambda students: weights_before(database, last, students),
        rules,
        note,
    )
    risk_list = make_list(week, progress)
    progress("Publicando la lista")
    return publish(database, risk_list, by, week.last)


def run_this_week(
    records: Records,
    settings: Settings,
    day: date,
    capacity: int | None,
    database: Database,
    by: By,
    progress: Progress = silent,
    reviewed: bool = False,
    decision: str = "",
) -> Published:
    """The run with the model in use and, unless told otherwise, the capacity of this secretariat.

    A list is not made from exports that ask for a person's eye until somebody says that they were ``reviewed``, nor
    with a model whose time is over, unless by a written ``decision`` (`serving.model_expiry`). What was found in
    contacts logged until the day is brought into the archive first.
    """
    refuse_if_stopped(database)
    held = [] if reviewed else why_held(Archive(settings.archive).entries(), day)
    if held:
        raise Refused(" ".join([*held, "Si ya los revisó, repita con --reviewed."]))
    if bring_in(settings, database, day, by):
        records = Records.open(settings.archive)
    model, size = champion_in(settings.champion), Capacity(capacity or settings.capacity)
    told = standing(settings.champion, day, decision)
    done = run_week(records, model, day, size, database, by, progress, rules_of(settings), told.note)
    progress("Calculando las cifras de cada institución")
    bring_up_to_date(records, database, by, day, again=done.is_new)
    return replace(done, warning=told.warning)


def rules_of(settings: Settings) -> OrderRules:
    """How this secretariat orders its list; a lot near the cut only with its decision beside it."""
    try:
        return OrderRules(settings.margin, settings.follow_weeks, settings.band, settings.band_decision)
    except UnwrittenDecision as refused:
        raise Refused(str(refused)) from None


def must_fit(model: RiskModel, catalogue: Catalogue) -> None:
    if model.fingerprint != catalogue.fingerprint:
        raise Refused(
            "El modelo en uso se entrenó con otro catálogo de variables. Entrene y promueva un modelo con el actual."
        )


def make_list(week: Week, progress: Progress = silent) -> RiskList:
    progress("Calculando las variables de todos los estudiantes")
    today = build_frame(week.records, [week.day], catalogue=week.catalogue)
    progress(f"Calculando {today.height} puntajes")
    told = checked(week.model.chances(today, THREADS).select(CHANCES), week.day)
    by_worth = ranked(told, week.day)
    scores = seated(by_worth, week.day, week.capacity, week.rules, week.previous, week.followed)
    progress(f"Explicando {today.height} puntajes")
    weights = everyone(week.model, today, told["raw_score"].to_numpy(), week.catalogue, THREADS)
    lines = tuple(_lines(week, today, cut(scores, week.capacity)))
    return RiskList(
        day=week.day,
        model_version=week.model.version or "sin versión",
        model_digest=week.model_digest,
        horizon_weeks=week.model.horizon_weeks,
        capacity=week.capacity,
        lines=lines,
        departures=_departures(week, lines, scores),
        scores=_beside(scores, _kept_weights(weights), groups(week.records, week.day)),
        schools=_schools(week, today),
        family_names={family: FAMILY_NAMES.get(family, family) for family in week.catalogue.families},
        family_order=weights.families,
        rules=week.rules,
        model_note=week.model_note,
        absent_weeks=week.model.absent_weeks,
    )


def _kept_weights(told: EveryonesWeights) -> pl.DataFrame:
    """Four bytes a weight: enough to tell next Monday what changed, for every student on roll."""
    packed = [row.tobytes() for row in told.weights.astype("<f4")]
    return pl.DataFrame({"student_id": told.students, "families": pl.Series(packed, dtype=pl.Binary)})


def _beside(scores: pl.DataFrame, *more: pl.DataFrame) -> pl.DataFrame:
    for one in more:
        scores = scores.join(one, on="student_id", how="left", maintain_order="left")
    return scores


def checked(scores: pl.DataFrame, day: date) -> pl.DataFrame:
    """Nothing is published that is empty, doubled or not a number."""
    if scores.is_empty():
        raise DataProblem(f"No hay estudiantes matriculados el {day:%d/%m/%Y}. Lea primero los reportes de esa semana.")
    if scores["student_id"].n_unique() != scores.height:
        raise Refused("Un estudiante aparece dos veces entre los puntajes. La lista anterior sigue en servicio.")
    values = scores.select("score", "raw_score").to_numpy()
    if not np.isfinite(values).all() or not ((values[:, 0] >= 0) & (values[:, 0] <= 1)).all():
        raise Refused("El modelo produjo puntajes que no son probabilidades. La lista anterior sigue en servicio.")
    return scores


def _lines(week: Week, today: pl.DataFrame, chosen: pl.DataFrame) -> Iterator[Line]:
    dates = observed_of(week.records, chosen.select("student_id", day=pl.lit(week.day)))
    explained = _explained(week, today.join(chosen.select("student_id"), on="student_id", how="semi"), dates)
    before = week.before(chosen["student_id"].to_list())
    placed = placements(week.records, week.day, chosen["student_id"])
    paths = trajectories(week.records, chosen["student_id"])
    months = lately(week.records, week.day, chosen["student_id"])
    observed = {row.pop("student_id"): row for row in dates.drop("day").iter_rows(named=True)}
    sure = _how_sure(week.model, chosen)
    for row in chosen.iter_rows(named=True):
        student = row["student_id"]
        told = explained[student]
        now = Now(student, row["raw_score"], row["on_city_list"], told.families, before.get(student), row["standing"])
        yield Line(
            **row,
            **sure.get(student, {}),
            base_value=told.base_value,
            change=change_of(now, week.last, week.model_digest, FAMILY_NAMES),
            followed=_contact(week.followed.get(student)),
            reasons=tuple(reason.as_dict() for reason in told.reasons),
            protective=tuple(reason.as_dict() for reason in told.protective),
            families=told.families,
            observed=observed.get(student, {}),
            placement=placed.get(student, {}),
            trajectory=paths.get(student, ()),
            lately=months[student],
        )


def _contact(last: tuple[date, str] | None) -> Mapping[str, Any] | None:
    return {"on": last[0], "result": last[1]} if last else None


def _how_sure(model: RiskModel, chosen: pl.DataFrame) -> dict[str, dict[str, Any]]:
    """Between which chances each student stands, in numbers and in words; nothing where the model cannot say."""
    if model.uncertainty is None:
        return {}
    found = model.uncertainty.intervals(chosen["raw_score"].to_numpy(), chosen["score"].to_numpy())
    told = [{"interval": (one.low, one.high), "frequency": frequency(one, model.horizon_weeks)} for one in found]
    return dict(zip(chosen["student_id"], told, strict=True))


def _explained(week: Week, rows: pl.DataFrame, dates: pl.DataFrame) -> dict[str, Explanation]:
    found = explain(week.model, rows, dates, week.catalogue, threads=THREADS)
    for told in found:
        if abs(told.base_value + sum(told.families.values()) - told.raw_score) > WITHIN:
            raise Refused("Las razones no suman el puntaje. La lista anterior sigue en servicio.")
    return {told.student_id: told for told in found}


def _departures(week: Week, lines: tuple[Line, ...], scores: pl.DataFrame) -> tuple[Departure, ...]:
    if week.last is None:
        return ()
    on_list = frozenset(line.student_id for line in lines if line.on_city_list)
    here = frozenset(scores["student_id"])
    gone = [student for student in week.last.places if student not in here]
    standings = dict(scores.select("student_id", "standing").iter_rows())
    return departures(week.last, on_list, here, week.model_digest, statuses(week.records, gone), standings)


def _schools(week: Week, today: pl.DataFrame) -> dict[str, School]:
    """Each school with students on roll, and what to make of a short list of it."""
    known = schools(week.records)
    return {
        row["institution_id"]: replace(
            known.get(row["institution_id"], School(row["institution_id"], f"Institución {row['institution_id']}")),
            reporting_quality=row["reporting_quality"],
            notice=notice(row),
        )
        for row in by_school(today).iter_rows(named=True)
    }
