"""The rates of a year as a secretariat reads and publishes them: in JSON, as a table, or as a page."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

from features import Records
from features.rates.indicators import DEFINITIONS, INDICATORS
from features.rates.publication import published
from features.rates.sensitivity import sensitivity
from features.rates.student_years import OFFICIAL, Enrolments, Sectors
from features.rates.tables import TOTAL, year_rates
from features.ripeness import Completeness, Since, both_curves
from features.trajectories import COHORT, FOLLOWED, trajectories
from features.trajectories import INDICATORS as STATES
from serving.sentences import grade_name
from serving.spreadsheets import csv_of
from serving.trajectories import schools

SECTOR_NAMES = {"official": "oficial", "all": "todos"}
LEVEL_NAMES = {
    "total": "total", "institution": "institución", "grade": "grado", "zone": "zona", "comuna": "comuna",
}  # fmt: skip
STATUS = {"final": "definitiva", "provisional": "provisional", "unavailable": "sin dato todavía"}
ZONES = {"URBAN": "urbana", "RURAL": "rural"}
RESERVED, NOTHING = "reservado", "—"
WEEKS_SHOWN = (0, 1, 2, 4, 6, 8, 12, 16, 26)
SINCE: dict[Since, str] = {
    "register": "desde la fecha del retiro en el registro",
    "last_class": "desde la última clase con asistencia",
}
SAID = {(one.name, one.definition): one.said for one in (*INDICATORS, *STATES)}
AMONG = {
    "result": "con resultado",
    "followed": "seguidos",
    "enrolled": "matriculados",
    "aged": "con edad",
    "cohort": "cohorte",
}
BASES = {one.base.name: one.base.said for one in INDICATORS}
COHORT_BASES = {base.name: base.said for base in (COHORT, FOLLOWED)}
Row = dict[str, Any]


@dataclass(frozen=True)
class RateReport:
    """What one level shows of a year; every figure with whom it counts, among whom, as known on which day."""

    year: str
    cutoff: date
    sector: str
    rates: list[Row]
    cohorts: list[Row]
    choices: list[Row]
    completeness: dict[Since, Completeness | None]
    names: dict[str, str]

    def content(self, format: str) -> bytes:
        return {"json": self.as_json, "csv": self.as_csv, "md": self.as_markdown}[format]()

    def as_json(self) -> bytes:
        late = {since: told and [round(share, 4) for share in told.shares] for since, told in self.completeness.items()}
        body = {
            "year": self.year,
            "cutoff": self.cutoff,
            "scope": {"sector": self.sector, "bases": BASES, "cohort_bases": COHORT_BASES},
            "rates": self.rates,
            "trajectories": self.cohorts,
            "sensitivity": self.choices,
            "completeness": late,
        }
        return json.dumps(body, ensure_ascii=False, default=str).encode()

    def as_csv(self) -> bytes:
        return csv_of([CSV_HEADER, *(self._cells(row) for row in (*self.rates, *self.cohorts))])

    def _cells(self, row: Row) -> list[Any]:
        bases = COHORT_BASES if row["began"] else BASES
        counts = [shown(row, "numerator"), shown(row, "denominator"), shown(row, "rate")]
        place = [LEVEL_NAMES[row["by"]], row["group"], self.group_name(row)]
        what = [row["began"] or "", SAID[(row["indicator"], row["definition"])], DEFINITIONS[row["definition"]]]
        scope = f"sector {SECTOR_NAMES[self.sector]}; {bases[row['base']]}"
        return [row["year"], *place, *what, *counts, STATUS[row["status"]], scope, self.cutoff.isoformat()]

    def group_name(self, row: Row) -> str:
        if row["by"] == "grade" and row["group"].lstrip("-").isdigit():
            return grade_name(int(row["group"]))
        return ZONES.get(row["group"], self.names.get(row["group"], row["group"])) or "todo el conjunto"

    def as_markdown(self) -> bytes:
        return "\n".join(self._lines()).encode()

    def _lines(self) -> Iterator[str]:
        yield from (f"# Tasas del año lectivo {self.year}", "")
        yield f"Corte: {self.cutoff}. Sector: {SECTOR_NAMES[self.sector]}. Cada estudiante cuenta una vez, en la última"
        yield "institución y el último grado del año. «Reservado»: cuenta pequeña, o que dejaría ver una pequeña."
        yield from ("", *table(RATE_HEADER, (self._rate_cells(row) for row in self.rates)))
        yield from ("", "Denominadores:", "", *(f"- {AMONG[name]}: {said}." for name, said in BASES.items()))
        yield from ("", "## Según cuántas semanas sin asistir cuentan como salida", "")
        yield from table(CHOICE_HEADER, (choice_cells(row) for row in self.choices))
        yield from ("", "## Qué parte de las salidas ya está en el registro, por semanas transcurridas", "")
        yield from table(["", *(f"{w} sem." for w in WEEKS_SHOWN)], self._late_cells())
        yield from ("", f"## Trayectorias hasta {self.year}", "")
        yield from table(COHORT_HEADER, (self._cohort_cells(row) for row in self.cohorts))
        yield from ("", "Denominadores:", "", *(f"- {AMONG[name]}: {said}." for name, said in COHORT_BASES.items()), "")

    def _rate_cells(self, row: Row) -> list[str]:
        what = [self.group_name(row), SAID[(row["indicator"], row["definition"])], DEFINITIONS[row["definition"]]]
        counts = [shown(row, "numerator"), shown(row, "denominator"), shown(row, "rate"), AMONG[row["base"]]]
        return [*what, *counts, STATUS[row["status"]]]

    def _cohort_cells(self, row: Row) -> list[str]:
        counts = [shown(row, "numerator"), shown(row, "denominator"), shown(row, "rate"), AMONG[row["base"]]]
        what = [row["began"], self.group_name(row), SAID[(row["indicator"], row["definition"])]]
        return [*what, *counts, STATUS[row["status"]]]

    def _late_cells(self) -> Iterator[list[str]]:
        for since, told in self.completeness.items():
            yield [SINCE[since], *(percent(100 * told.after(week)) if told else NOTHING for week in WEEKS_SHOWN)]


CSV_HEADER = [
    *("Año", "Nivel", "Código", "Grupo", "Cohorte", "Indicador", "Definición", "Numerador", "Denominador"),
    *("Tasa (%)", "Estado", "Alcance", "Corte"),
]
RATE_HEADER = ["Grupo", "Indicador", "Definición", "Numerador", "Denominador", "Tasa (%)", "Entre", "Estado"]
CHOICE_HEADER = ["Semanas", "Indicador", "Definición", "Numerador", "Denominador", "Tasa (%)"]
COHORT_HEADER = ["Cohorte", "Grupo", "Al cierre", "Numerador", "Denominador", "%", "Entre", "Estado"]


def choice_cells(row: Row) -> list[str]:
    counts = [shown(row, "numerator"), shown(row, "denominator"), shown(row, "rate")]
    what = [SAID[(row["indicator"], row["definition"])], DEFINITIONS[row["definition"]]]
    return [str(row["absent_weeks"]), *what, *counts]


def shown(row: Row, name: str) -> str:
    """A count, a rate with decimal comma, or why there is none."""
    if row[name] is None:
        return RESERVED if row["hidden"] else NOTHING
    return percent(row[name]) if name == "rate" else str(row[name])


def percent(value: float) -> str:
    return f"{value:.2f}".replace(".", ",")


def table(header: Iterable[str], rows: Iterable[Iterable[str]]) -> list[str]:
    heads = list(header)
    cells = [" | ".join(cell.replace("|", "/") for cell in row) for row in rows]
    return [f"| {' | '.join(heads)} |", f"|{'---|' * len(heads)}", *(f"| {row} |" for row in cells)]


def rate_report(records: Records, year: str, by: str = TOTAL, day: date | None = None) -> RateReport:
    """The whole of a year and one of its levels."""
    known = Enrolments.known_by(records, day)
    sector, sectors = sector_of(known)
    rates = _level(published(year_rates(known, year, sectors=sectors)), by)
    cohorts = [
        row
        for began, told in trajectories(known, year, sectors=sectors).items()
        for row in _level(published(told), by, began)
    ]
    choices = sensitivity(known, year, sectors=sectors).rows(named=True)
    names = {code: school.name for code, school in schools(known.records).items()}
    return RateReport(
        year, known.cutoff, sector, rates, cohorts, choices, both_curves(known.records, known.cutoff), names
    )


def sector_of(known: Enrolments) -> tuple[str, Sectors]:
    """Official schools; everyone in a register that holds none.

    NOTE: it cannot be chosen. What is withheld among official schools would stand open in a table of all of them.
    """
    official = known.rows["sector"].is_null() | known.rows["sector"].is_in(OFFICIAL or ())
    return ("official", OFFICIAL) if official.any() else ("all", None)


def _level(table: pl.DataFrame, by: str, began: str | None = None) -> list[Row]:
    chosen = table.filter(pl.col("by").is_in([TOTAL, by])).with_columns(began=pl.lit(began, pl.String))
    number = pl.col("group").cast(pl.Int64, strict=False)
    ordered = chosen.with_columns(number=number).sort(pl.col("by") != TOTAL, "number", "group", maintain_order=True)
    return ordered.drop("number").rows(named=True)
