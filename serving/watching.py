"""Looks every week at what came in, what was published and what came true, and says what is not as it usually is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from math import ceil
from typing import Any

import numpy as np
import polars as pl

from features import Records, build_frame, days_to_score
from features.engines import Polars
from features.feature import FAMILY_NAMES
from features.labels import exits
from features.ripeness import completeness
from models.fates import LEFT
from models.monitoring.alarm import Alarm
from models.monitoring.drift import SCORE, Drift, drift, drift_alarms, slow
from models.monitoring.freshness import Freshness, expiry_alarms, freshness, list_alarms, stale_alarms
from models.monitoring.label_delays import Delays, delays, label_alarms
from models.monitoring.list_changes import Churn, churn, churn_alarms
from models.monitoring.ripe_scores import CameTrue, calibration_alarms
from models.monitoring.seasons import same_season
from models.risk_model import RiskModel
from models.scoring import refuse_other_catalogue
from serving.database import Database
from serving.faults import Missing
from serving.model_expiry import expires_on
from serving.model_room import champion_in
from serving.settings import Settings
from serving.watched_chances import Truth, truth_of
from serving.watched_lists import Watch, listed_names

MOST_VARIABLES = 20
"""As many as weigh most in the scores: of the others a change hardly reaches a list."""

MOST_STUDENTS = 20_000
"""Larger cities are watched by a part of their students, the same every week."""

WEIGHED = 4_000
Progress = Callable[[str], None]


@dataclass(frozen=True)
class Watched:
    """What was looked at on a day; `not_judged` says in sentences what could not be compared yet."""

    day: date
    model_version: str | None
    alarms: tuple[Alarm, ...]
    files: tuple[Freshness, ...]
    variables: tuple[Drift, ...]
    compared_with: tuple[date, ...]
    came_true: tuple[CameTrue, ...]
    judged_lists: tuple[date, ...]
    churn: Churn | None
    delays: Delays
    not_judged: tuple[str, ...] = field(default=())

    def as_dict(self) -> dict[str, Any]:
        return {
            "day": self.day,
            "model_version": self.model_version,
            "alarms": [one.as_dict() for one in self.alarms],
            "staleness": [one.as_dict() for one in self.files],
            "drift": {"compared_with": self.compared_with, "variables": [one.as_dict() for one in self.variables]},
            "calibration": {"lists": self.judged_lists, "parts": [one.as_dict() for one in self.came_true]},
            "churn": self.churn.as_dict() if self.churn else None,
            "labels": self.delays.as_dict(),
            "not_judged": self.not_judged,
        }


def watch(
    records: Records, database: Database, settings: Settings, day: date, progress: Progress = lambda _: None
) -> Watched:
    """Everything that is watched, as of a day; nothing that became known later is read."""
    model = champion_in(settings.champion)
    here = Watch(records.known_by(day), model, database, day)
    if here.last_list is None:
        raise Missing("Todavía no se ha publicado ninguna lista. Ejecute: permanencia run-week --day AAAA-MM-DD")
    refuse_other_catalogue(model, here.catalogue)
    files = files_of(here)
    progress("Comparando las variables con las de la misma época de otros años")
    variables, days = variables_of(here)
    progress("Comparando los puntajes maduros con lo que pasó")
    truth = truth_of(here)
    changed, late = churn(listed_names(here)), delays_of(here, truth.unknown)
    families = {one.name: FAMILY_NAMES.get(one.family, one.family) for one in here.catalogue}
    alarms = (
        *stale_alarms(files),
        *list_alarms(here.last_list, day, here.years),
        *expiry_alarms(expires_on(settings.champion), day),
        *drift_alarms(variables, families),
        *calibration_alarms(truth.news),
        *churn_alarms(changed),
        *label_alarms(late),
    )
    gaps = tuple(not_judged(variables, truth, changed, late))
    return Watched(
        day, model.version, alarms, tuple(files), tuple(variables), days, truth.parts, truth.lists, changed, late, gaps
    )


def files_of(here: Watch) -> list[Freshness]:
    """Every kind of file that has ever come."""
    came = here.records.table("report").select("source", "known_on").unique().collect()
    told = came.group_by("source").agg("known_on").sort("source")
    return [freshness(source, days, here.day, here.years) for source, days in told.iter_rows()]


def variables_of(here: Watch) -> tuple[list[Drift], tuple[date, ...]]:
    """The weightiest variables and the score, on the last day a list could be made from, and the days compared with."""
    days = days_to_score(here.records, None, here.day)
    if not days:
        return [], ()
    season = same_season(days[-1], days, here.years, here.model.taught_on)
    if not season.earlier:
        return [], ()
    frame = build_frame(sampled(here.records), season.days, catalogue=here.catalogue)
    names = weightiest(here.model, frame)
    raw = pl.Series(SCORE, here.model.raw_score(here.model.inputs(frame)), dtype=pl.Float64)
    told = frame.select("institution_id", "day", *names).with_columns(raw)
    return drift(told, season, [SCORE, *names], here.model.categories, slow(here.catalogue)), season.days[:-1]


def sampled(records: Records) -> Records:
    """The same part of the students every week, so that a difference is none of the draw."""
    students = records.table("enrolment").select(pl.col("student_id").approx_n_unique()).collect().item()
    return records.share(0, max(1, ceil(students / MOST_STUDENTS)))


def weightiest(model: RiskModel, frame: pl.DataFrame) -> list[str]:
    """The variables whose contributions are largest, over rows that lie evenly in the frame."""
    rows = frame.gather_every(max(1, frame.height // WEIGHED))
    weights = np.abs(model.contributions(rows)[:, :-1]).mean(axis=0)
    return [model.features[place] for place in np.argsort(-weights)[:MOST_VARIABLES]]


def delays_of(here: Watch, unknown: float | None) -> Delays:
    """How late the register hears of who left, and what part of them it knows by the time a week teaches."""
    weeks = here.model.absent_weeks
    left = Polars().collected(exits(here.records, weeks)).filter(pl.col("outcome") == LEFT)
    curve = completeness(here.records, here.day, weeks)
    return delays(left, here.day, weeks, curve.after(weeks) if curve else None, unknown)


def not_judged(variables: Sequence[Drift], truth: Truth, changed: Churn | None, late: Delays) -> list[str]:
    """What could not be compared, and since when it can."""
    told = {
        "Variables: no hay dos años anteriores con datos de esta época; se comparan cuando los haya.": not any(
            one.psi_limit for one in variables
        ),
        "Puntajes: todavía no hay listas maduras con salidas suficientes.": not any(one.ratio for one in truth.parts),
        "Puntajes: no maduró ninguna lista esta semana; las últimas ya se juzgaron.": truth.told_before,
        "Nombres nuevos: hacen falta siete listas seguidas del mismo modelo.": changed is None or changed.usual is None,
        "Demora de los retiros: se conocen muy pocos en esta época para compararla.": late.limit is None,
    }
    return [sentence for sentence, missing in told.items() if missing]
