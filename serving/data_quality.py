"""The data-quality inbox: what each school should look at again, and how well it reports."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import Any

import polars as pl

from features import Records
from features.quality.audit import findings
from features.quality.reports import notice, percent, reporting_quality
from features.quality.roll import class_day
from features.quality.rules import RULES
from serving.database import Database
from serving.faults import Missing
from serving.risk_lists import School
from serving.roster_documents import students_with_phone
from serving.sentences import school_name
from serving.spreadsheets import csv_of
from serving.tenancy import job
from serving.trajectories import schools

COLUMNS = {
    "institution_id": "Código DANE",
    "rule": "Regla",
    "student_id": "Estudiante",
    "grade": "Grado",
    "class_group": "Grupo",
    "evidence": "Qué se encontró",
    "suggestion": "Qué hacer",
    "day": "Fecha de corte",
}


@dataclass(frozen=True)
class QualityReport:
    """The findings of a day and the reports of the schools they are about; pseudonyms only."""

    day: date
    findings: pl.DataFrame
    weekly: pl.DataFrame  # features.quality.reports: one row per school and week, up to the day
    schools: Mapping[str, School]

    @property
    def reports(self) -> pl.DataFrame:
        return self.weekly.filter(pl.col("day") == self.day)

    @cached_property
    def counts(self) -> dict[str, Counter[str]]:
        """How often each rule was met in each school."""
        told: dict[str, Counter[str]] = {}
        for institution, rule in self.findings.select("institution_id", "rule").iter_rows():
            told.setdefault(institution, Counter())[rule] += 1
        return told

    def as_json(self) -> dict[str, Any]:
        rows = [{**row, "title": RULES[row["rule"]].title} for row in self.findings.iter_rows(named=True)]
        return {"day": self.day, "schools": self._described(), "findings": rows}

    def _described(self) -> list[dict[str, Any]]:
        reported = {row["institution_id"]: row for row in self.reports.drop("day").iter_rows(named=True)}
        weeks = self.weekly.select("institution_id", "day", "reporting_quality").rows_by_key("institution_id")
        return [
            {
                "name": self.name_of(code),
                **reported.get(code, {"institution_id": code, "students": 0}),
                "notice": notice(reported[code]) if code in reported else None,
                "weeks": [{"day": day, "reporting_quality": score} for day, score in weeks.get(code, ())],
                "findings": dict(self.counts.get(code, Counter()).most_common()),
            }
            for code in sorted({*reported, *self.counts})
        ]

    def as_csv(self) -> bytes:
        rows = self.findings.select(*COLUMNS).with_columns(pl.col("day").cast(pl.String)).rows()
        return csv_of([list(COLUMNS.values()), *rows])

    def name_of(self, code: str) -> str:
        school = self.schools.get(code)
        return school_name(school.name) if school else f"Institución {code}"

    def text(self) -> str:
        """For a person: a line per school, the fullest inbox first, and the warnings."""
        told = sorted(self._described(), key=lambda school: -sum(school["findings"].values()))
        total = f"{self.findings.height} hallazgos en {len(self.counts)} instituciones"
        return "\n".join([f"Calidad de los datos al {self.day:%d/%m/%Y}: {total}.", *map(_line, told)])


def _line(school: Mapping[str, Any]) -> str:
    score = school.get("reporting_quality")
    rules = ", ".join(f"{RULES[rule].title.lower()} ({times})" for rule, times in school["findings"].items())
    quality = f"calidad del reporte {percent(score)}" if score is not None else "sin estudiantes en clase"
    warning = f" {school['notice']}" if school["notice"] else ""
    return f"{school['name']} ({school['institution_id']}): {rules or 'sin hallazgos'}; {quality}.{warning}"


def look_into(
    records: Records, database: Database, day: date | None = None, institution: str | None = None, weeks: int = 1
) -> QualityReport:
    """The findings of a day, by default the last one known, and how well the weeks up to it were reported."""
    last = day or records.last_report_on() or records.last_known_on()
    if last is None:
        raise Missing("El archivo no tiene registros. Ejecute primero: permanencia ingest CARPETA")
    seen = class_day(records, last)
    with database.reading_as(job("quality")) as connection:
        with_phone = students_with_phone(connection)
    days = [seen - timedelta(weeks=before) for before in range(weeks)]
    found, told = findings(records, seen, with_phone), reporting_quality(records, days)
    if institution is not None:
        found, told = (frame.filter(pl.col("institution_id") == institution) for frame in (found, told))
        if found.is_empty() and told.is_empty():
            raise Missing("Esa institución no está en la matrícula de ese día. Revise el código DANE.")
    return QualityReport(seen, found, told, schools(records.known_by(seen)))
