"""The shapes of the answers, as the OpenAPI document shows them; the bytes themselves are stored with the list."""

from __future__ import annotations

from datetime import date
from typing import Any, Literal

from pydantic import BaseModel, Field


class Alive(BaseModel):
    status: Literal["ok"]


class Ready(BaseModel):
    status: Literal["ok"]
    database: Literal["ok"]
    publication: str
    model_version: str
    list_age_days: int = Field(description="Días desde el corte de la lista en uso")
    model_age_days: int | None = Field(description="Días desde que se aprobó el modelo; nulo si no consta")


class Version(BaseModel):
    version: str
    environment: Literal["demo", "production"]


class Reason(BaseModel):
    family: str
    feature: str
    value: float | str | bool | None
    contribution: float
    sentence: str
    actionable: bool
    source: str
    observed_on: date | None


class Change(BaseModel):
    kind: Literal["entered", "rose", "stayed", "fell", "left"]
    why: str


class Followed(BaseModel):
    on: date
    result: str = Field(description="Hallazgo del último contacto, como en la tabla visit")


class Row(BaseModel):
    rank: int
    student_id: str
    day: date
    model_version: str
    institution: str
    institution_name: str | None
    comuna: str | None
    campus_id: str | None
    grade: int | None
    class_group: str | None
    shift: str | None
    score: float = Field(ge=0, le=1, description="Probabilidad calibrada de dejar de estudiar en el horizonte")
    raw_score: float
    base_value: float
    rank_in_institution: int
    reporting_quality: float | None = Field(None, ge=0, le=1, description="Calidad del reporte de la institución")
    reporting_notice: str | None = Field(None, description="Aviso si la institución reporta poco")
    on_city_list: bool
    place: int | None = Field(None, description="Puesto por el solo puntaje, antes de dar estabilidad a la lista")
    standing: str | None = Field(None, description="LISTED, KEPT, WAITS, DRAWN_IN, DRAWN_OUT, FOLLOWED o BELOW")
    interval: tuple[float, float] | None = Field(None, description="Entre qué probabilidades está; nulo si no se sabe")
    frequency: str | None = Field(None, description="El intervalo en palabras, como cuenta de estudiantes parecidos")
    moved: float | None = Field(None, ge=0, le=1, description="Probabilidad de traslado en el mismo horizonte")
    followed: Followed | None = Field(None, description="Último contacto, si lo hay")
    band: Literal["alta", "media", "baja"]
    reasons: list[Reason]
    protective: list[Reason]
    families: dict[str, float] = Field(description="Con base_value suman raw_score")
    observed: dict[str, date | None]
    change: Change


class Left(BaseModel):
    student_id: str
    institution: str
    change: Change


class Publication(BaseModel):
    id: str
    day: date
    week_of: date
    model_version: str
    model_digest: str
    content_hash: str
    horizon_weeks: int
    capacity: int
    per_school: int
    on_roll: int
    listed: int
    left_out: int
    tie_rule: str
    order: dict[str, Any] = Field(default_factory=dict, description="Reglas del orden de la lista")
    family_names: dict[str, str]
    family_order: list[str] = Field(default_factory=list)
    base_value: float | None = Field(None, description="Puntaje sin calibrar de quien no se sabe nada")
    model_note: str | None = Field(None, description="Si se aprendió en otra secretaría, o si ya venció")


class Publications(BaseModel):
    publications: list[Publication]
    next_cursor: str | None


class Notice(BaseModel):
    institution_id: str
    institution_name: str
    reporting_quality: float = Field(ge=0, le=1)
    notice: str = Field(description="Por qué la lista de esta institución puede estar incompleta")


class CaseState(BaseModel):
    state: Literal["NO_CONTACT", "ASSIGNED", "CONTACTED"]
    contacted_on: date | None
    outcome: str | None
    next_on: date | None
    assigned_to: str | None


class RiskList(BaseModel):
    publication: Publication
    rows: list[Row]
    left: list[Left]
    notices: list[Notice] = Field(description="Instituciones que reportan poco; solo en la primera página")
    next_cursor: str | None
    states: dict[str, CaseState] = Field(description="Cómo va el seguimiento; quien no aparece no tiene contacto")
    names: dict[str, str] | None = None


class TrajectoryStep(BaseModel):
    school_year: str
    institution: str
    grade: int | None
    status: str
    reason: str | None = None
    happened_on: date


class WeekOfClass(BaseModel):
    week: date = Field(description="El lunes")
    days_expected: int
    days_absent: int


class Mark(BaseModel):
    period: str
    area: str
    score: float = Field(description="De 0 a 100; se aprueba con 60")
    happened_on: date


class Support(BaseModel):
    strategy: str
    starts_on: date | None
    ends_on: date | None


class Lately(BaseModel):
    weeks: list[WeekOfClass] = Field(description="Las de los últimos seis meses de las que hay reporte")
    marks: list[Mark] = Field(description="Las del último año")
    support: list[Support] = Field(description="Lo que recibe o recibió en el último año, sin los de discapacidad")


class Identity(BaseModel):
    name: str
    phone: str | None


class Student(BaseModel):
    student_id: str
    institution: str
    publication: str
    day: date
    score: float
    raw_score: float
    rank: int
    out_of_a_hundred: str
    row: Row | None = Field(description="Solo para estudiantes publicados en una lista")
    base_value: float | None = None
    families: dict[str, float] | None = Field(
        None, description="Peso de cada familia, esté o no en la lista; con base_value suman raw_score"
    )
    trajectory: list[TrajectoryStep]
    lately: Lately | None = Field(None, description="Nulo para quien no está publicado y en listas anteriores")
    not_known: list[str]
    contacts: list[dict[str, Any]] = Field(default_factory=list, description="Como los devuelve POST /contacts")
    assigned_to: str | None = None
    gone_by: date | None = Field(
        None, description="Día de la última lista, si allí ya no figura; lo demás es lo último que se publicó"
    )
    identity: Identity | None = None


class Model(BaseModel):
    version: str | None
    digest: str | None
    horizon_weeks: int | None
    fingerprint: str | None
    features: list[dict[str, Any]]
    published_on: date | None
    what_it_does: str
    what_it_does_not: list[str]
    approved_by: str | None
    expires_on: date | None
    learned_elsewhere: dict[str, Any] | None = Field(None, description="De dónde vino, si no es propio, y qué pierde")
    card: dict[str, Any]


class Scored(BaseModel):
    student_id: str
    institution: str | None
    score: float
    raw_score: float
    base_value: float
    band: Literal["alta", "media", "baja"]
    reasons: list[Reason]
    protective: list[Reason]
    families: dict[str, float]


class Scores(BaseModel):
    day: date
    model_version: str | None
    students: list[Scored]
