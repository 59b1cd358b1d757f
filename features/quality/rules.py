"""What is looked for in the register, how each rule is called, and what a school is asked to do about it."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

FINDING: dict[str, pl.DataType] = {
    "day": pl.Date(),
    "institution_id": pl.String(),
    "rule": pl.String(),
    "student_id": pl.String(),  # empty when it is the school's report that is wrong
    "grade": pl.Int16(),
    "class_group": pl.String(),
    "evidence": pl.String(),
    "suggestion": pl.String(),
}


@dataclass(frozen=True)
class Rule:
    """One thing that may be wrong: its title, and what to do at the source, where alone it can be mended."""

    title: str
    suggestion: str


RULES: dict[str, Rule] = {
    "edad-imposible": Rule("Edad imposible", "Revise la fecha de nacimiento con el documento y corríjala en el SIMAT."),
    "edad-atipica": Rule(
        "Edad atípica para el grado",
        "Revise la fecha de nacimiento y el grado; corrija en el SIMAT el que esté errado.",
    ),
    "sin-nacimiento": Rule("Sin fecha de nacimiento válida", "Complete o corrija la fecha de nacimiento en el SIMAT."),
    "sin-grado": Rule("Sin grado", "Complete el grado en el SIMAT."),
    "sin-telefono": Rule(
        "Sin teléfono utilizable", "Pida un teléfono al acudiente y regístrelo; sin él nadie puede llamar."
    ),
    "posible-inexistente": Rule(
        "Posible inexistente",
        "Verifique en el aula si el estudiante existe; si nunca asistió, retírelo en el SIMAT con su motivo.",
    ),
    "asistencia-atrasada": Rule(
        "Sin asistencia reciente",
        "Confirme si sigue asistiendo y reporte su asistencia; si dejó de venir, registre la novedad.",
    ),
    "matricula-doble": Rule(
        "Dos matrículas activas", "Deje activa la matrícula que corresponde y retire la otra en el SIMAT."
    ),
    "ida-y-vuelta": Rule(
        "Traslado de ida y vuelta",
        "Verifique en cuál institución estudia; anule en el SIMAT el traslado que no ocurrió.",
    ),
    "desaparece": Rule(
        "Dejó de aparecer sin novedad", "Registre en el SIMAT el retiro o el traslado, con su motivo y su fecha."
    ),
    "desertor-matriculado": Rule(
        "Desertor en el SIMPADE y matriculado en el SIMAT",
        "Corrija el SIMPADE si estudia, o el SIMAT si ya no estudia.",
    ),
    "hallazgo-sin-registrar": Rule(
        "Hallazgo de un contacto sin registrar", "Registre en el SIMAT la novedad que corresponde a lo hallado."
    ),
    "institucion-sin-asistencia": Rule(
        "La institución no reporta asistencia",
        "Pida a la institución el reporte de asistencia de las semanas que faltan.",
    ),
    "asistencia-parcial": Rule(
        "La institución reporta asistencia de pocos estudiantes",
        "Revise con la institución qué grupos o sedes no están reportando.",
    ),
    "institucion-sin-matricula": Rule(
        "La institución falta en el reporte de matrícula", "Descargue de nuevo el reporte con todas las instituciones."
    ),
}


def found(rows: pl.DataFrame, rule: str, evidence: pl.Expr) -> pl.DataFrame:
    """Rows of ``institution_id, student_id, day`` as findings of a rule; a school's own have no student."""
    told = rows.with_columns(rule=pl.lit(rule), evidence=evidence, suggestion=pl.lit(RULES[rule].suggestion))
    empty = [pl.lit(None).alias(name) for name in FINDING if name not in told.columns]
    return told.with_columns(empty).select(pl.col(name).cast(dtype) for name, dtype in FINDING.items())


def said_day(column: str) -> pl.Expr:
    """A day as forms write it."""
    return pl.col(column).dt.strftime("%d/%m/%Y")
