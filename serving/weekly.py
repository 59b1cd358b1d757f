"""The Monday run: look from Sunday, score everyone, explain who is shown, publish all of it or nothing."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import Any

import numpy as np
import polars as pl

from features import Archive, Catalogue, Records, build_frame, catalogue_for, observed_dates
from features.feature import FAMILY_NAMES
from features.quality.reports import by_school, notice
from features.sources.holding import why_held
from models.explanation import Explanation, explain, family_sums
from models.model_files import as_json, sealed
from models.risk_model import RiskModel
from serving.changes import Departure, LastList, Now, change_of, departures
from serving.database import By, Database
from serving.faults import DataProblem, Refused
from serving.model_room import champion_in
from serving.publishing import Published, last_list_before, publish
from serving.risk_lists import Capacity, Line, RiskList, School, cut, ranked
from serving.settings import Settings
from serving.trajectories import placements, schools, statuses, trajectories

Progress = Callable[[str], None]
THREADS = os.cpu_count() or 1
WITHIN = 1e-6


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

    @property
    def days(self) -> list[date]:
        return [self.last.day, self.day] if self.last else [self.day]

    @cached_property
    def observed(self) -> pl.DataFrame:
        return observed_dates(self.records, [self.day])

    @cached_property
    def model_digest(self) -> str:
        return digest_of_model(self.model)


def run_week(
    records: Records,
    model: RiskModel,
    day: date,
    capacity: Capacity,
    database: Database,
    by: By,
    progress: Progress = silent,
) -> Published:
    """Publishes the list of the week that follows `day`; run again on the same inputs, it changes nothing."""
    known = records.known_by(day)
    catalogue = catalogue_for(known)
    must_fit(model, catalogue)
    week = Week(known, model, catalogue, day, capacity, last_list_before(database, day))
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
) -> Published:
    """The run with the model in use and, unless told otherwise, the capacity of this secretariat.

    A list is not made from exports that ask for a person's eye until somebody says that they were ``reviewed``.
    """
    held = [] if reviewed else why_held(Archive(settings.archive).entries(), day)
    if held:
        raise Refused(" ".join([*held, "Si ya los revisó, repita con --reviewed."]))
    model = champion_in(settings.champion)
    return run_week(records, model, day, Capacity(capacity or settings.capacity), database, by, progress)


def must_fit(model: RiskModel, catalogue: Catalogue) -> None:
    if model.fingerprint != catalogue.fingerprint:
        raise Refused(
            "El modelo en uso se entrenó con otro catálogo de variables. Entrene y promueva un modelo con el actual."
        )


def make_list(week: Week, progress: Progress = silent) -> RiskList:
    progress("Calculando las variables de todos los estudiantes")
    frame = build_frame(week.records, week.days, catalogue=week.catalogue)
    today = frame.filter(pl.col("day") == week.day)
    progress(f"Calculando {today.height} puntajes")
    scores = ranked(checked(week.model.predict(today, THREADS).drop("day"), week.day), week.day)
    chosen = cut(scores, week.capacity)
    progress(f"Explicando {chosen.height} filas")
    lines = tuple(_lines(week, frame, chosen))
    return RiskList(
        day=week.day,
        model_version=week.model.version or "sin versión",
        model_digest=week.model_digest,
        horizon_weeks=week.model.horizon_weeks,
        capacity=week.capacity,
        lines=lines,
        departures=_departures(week, lines, scores),
        scores=scores,
        schools=_schools(week, today),
        family_names={family: FAMILY_NAMES.get(family, family) for family in week.catalogue.families},
    )


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


def digest_of_model(model: RiskModel) -> str:
    return sealed((model.booster.model_to_string() + as_json(model.description())).encode())


def _lines(week: Week, frame: pl.DataFrame, chosen: pl.DataFrame) -> Iterator[Line]:
    shown = frame.join(chosen.select("student_id"), on="student_id", how="semi")
    explained = _explained(week, shown.filter(pl.col("day") == week.day))
    before = _families_before(week, shown)
    placed = placements(week.records, week.day, chosen["student_id"])
    paths = trajectories(week.records, chosen["student_id"])
    observed = _observed(week, chosen)
    for row in chosen.iter_rows(named=True):
        student = row["student_id"]
        told = explained[student]
        now = Now(student, row["raw_score"], row["on_city_list"], told.families, before.get(student))
        yield Line(
            **row,
            base_value=told.base_value,
            change=change_of(now, week.last, week.model_digest, FAMILY_NAMES),
            reasons=tuple(reason.as_dict() for reason in told.reasons),
            protective=tuple(reason.as_dict() for reason in told.protective),
            families=told.families,
            observed=observed.get(student, {}),
            placement=placed.get(student, {}),
            trajectory=paths.get(student, ()),
        )


def _explained(week: Week, rows: pl.DataFrame) -> dict[str, Explanation]:
    found = explain(week.model, rows, week.observed, week.catalogue, threads=THREADS)
    for told in found:
        if abs(told.base_value + sum(told.families.values()) - told.raw_score) > WITHIN:
            raise Refused("Las razones no suman el puntaje. La lista anterior sigue en servicio.")
    return {told.student_id: told for told in found}


def _families_before(week: Week, shown: pl.DataFrame) -> dict[str, dict[str, float]]:
    """Last week's family weights under today's model, so that a difference is the student's and not the model's."""
    earlier = shown.filter(pl.col("day") != week.day)
    if earlier.is_empty():
        return {}
    parts = week.model.contributions(earlier, THREADS)
    features = [week.catalogue[name] for name in week.model.features]
    return {
        student: family_sums(dict(zip(features, map(float, row[:-1]), strict=True)))
        for student, row in zip(earlier["student_id"], parts, strict=True)
    }


def _observed(week: Week, chosen: pl.DataFrame) -> dict[str, Mapping[str, Any]]:
    rows = week.observed.drop("day").join(chosen.select("student_id"), on="student_id", how="semi")
    return {row.pop("student_id"): row for row in rows.iter_rows(named=True)}


def _departures(week: Week, lines: tuple[Line, ...], scores: pl.DataFrame) -> tuple[Departure, ...]:
    if week.last is None:
        return ()
    on_list = frozenset(line.student_id for line in lines if line.on_city_list)
    here = frozenset(scores["student_id"])
    gone = [student for student in week.last.places if student not in here]
    return departures(week.last, on_list, here, week.model_digest, statuses(week.records, gone))


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
