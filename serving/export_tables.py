"""The list as tables for a spreadsheet: its rows, who left it, what to do about each reason, and what it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from serving.last_contact import NOBODY_TRIED
from serving.risk_lists import out_of_a_hundred
from serving.sentences import CHANGES, call_first, grade_name, shift_name, short_date

if TYPE_CHECKING:
    from serving.exports import Export

Table = list[list[Any]]
MOST_REASONS = 4
CONFIDENTIAL = "Confidencial: datos de niñas, niños y adolescentes."
PURPOSE = "Ordenar a quién ofrecer apoyo primero. No sirve para sanciones, cupos ni evaluaciones."
FIRST = ("Puesto", "Puesto en la institución", "Estudiante")
PLACE = ("Código DANE", "Institución", "Comuna", "Grado", "Grupo", "Jornada", "Prioridad", "De cada 100")
REASONS = tuple(f"Razón {place + 1}" for place in range(MOST_REASONS))
CHANGE = ("Factor protector", "Cambio", "Qué cambió", "Último contacto", "Llame antes de visitar")
NOTES = ("Aviso sobre el reporte", "Aviso sobre la lista")
ORIGIN = ("Semana", "Publicación", "Reserva", "Descargada por", "Contactos a la fecha")


def sheets_of(export: Export) -> dict[str, Table]:
    return {
        "Lista": rows_of(export),
        "Salieron": gone(export),
        "Guías de acción": guides(export),
        "Acerca de esta lista": about(export),
    }


def rows_of(export: Export) -> Table:
    """Each row tells by itself which list it is of and whose copy: rows are cut out and pasted elsewhere."""
    until = short_date(str(export.taken_on)) if export.taken_on else ""
    origin = [" ".join(export.notes), export.week, export.publication.id, CONFIDENTIAL, export.taken_by, until]
    return [_titles(export), *([*_cells(export, row), *origin] for row in export.bodies)]


def _titles(export: Export) -> list[str]:
    return [*FIRST, *_named(export, "Nombre"), *PLACE, *REASONS, *CHANGE, *NOTES, *ORIGIN]


def _named(export: Export, name: str) -> list[str]:
    """The column of names is there only where the reader may see names."""
    return [name] if export.names else []


def _cells(export: Export, row: dict[str, Any]) -> list[Any]:
    student = row["student_id"]
    reasons = [reason["sentence"] for reason in row["reasons"][:MOST_REASONS]]
    return [
        export.place(row),
        row["rank_in_institution"],
        student,
        *_named(export, export.names.get(student, "")),
        row["institution"],
        row["institution_name"] or "",
        row["comuna"] or "",
        grade_name(row["grade"]),
        row["class_group"] or "",
        shift_name(row["shift"]),
        row["band"],
        row.get("frequency") or out_of_a_hundred(row["score"], export.publication.horizon_weeks),
        *(reasons + [""] * (MOST_REASONS - len(reasons))),
        row["protective"][0]["sentence"] if row["protective"] else "",
        CHANGES[row["change"]["kind"]],
        row["change"]["why"],
        export.last_contact(row) or NOBODY_TRIED,
        call_first(row) or "",
        row.get("reporting_notice") or "",
    ]


def gone(export: Export) -> Table:
    rows = [
        [row["student_id"], *_named(export, export.names.get(row["student_id"], "")), row["change"]["why"]]
        for row in export.departed
    ]
    return [["Estudiante", *_named(export, "Nombre"), "Por qué salió"], *rows]


def guides(export: Export) -> Table:
    rows = [[guide.title, part, text] for guide in export.guides for part, text in guide.parts.items()]
    return [["Guía", "Parte", "Texto"], *rows]


def about(export: Export) -> Table:
    return [
        ["Lista", export.week],
        ["De", export.scope.heading],
        ["Orden", f"{export.order_said[:1].upper()}{export.order_said[1:]}"],
        ["Publicación", export.publication.id],
        ["Fuera del cupo", str(export.publication.left_out)],
        *(["Aviso", note] for note in export.notes),
        ["Finalidad", PURPOSE],
        *([["Contactos", export.contacts_until]] if export.taken_on else []),
        ["Descargada por", export.taken_by],
        ["Vigencia", "Una semana; después destruya esta copia."],
        ["Reserva", CONFIDENTIAL],
        *([notice.institution_name, notice.notice] for notice in export.notices),
    ]
