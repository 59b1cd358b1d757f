"""What a school can put right in its register, child by child: what staff pointed out, and what the register lacks.

Of the rules of data quality only those whose rows can be told from what the service keeps: no telephone, no grade.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, select

from features.quality.rules import RULES, Rule
from serving import permissions
from serving.data_to_check import to_check
from serving.people import Person
from serving.permissions import AboutAPupil, Pupil
from serving.reach import GROUP
from serving.reach_filter import within
from serving.school_figures import figures_of
from serving.sentences import grade_name, short_date
from serving.tables import scores

NO_PHONE, NO_GRADE = RULES["sin-telefono"], RULES["sin-grado"]
WRONG_NUMBER = Rule("Teléfono equivocado", "Pida otro teléfono al acudiente y corríjalo en el SIMAT.")
WRONG_DATA = Rule("Dato errado", "Lea en el registro qué se señaló y corríjalo en el SIMAT.")
HEADER = (
    "Código DANE", "Institución", "Estudiante", "Nombre", "Grado", "Grupo", "Qué corregir", "Qué hacer", "Señalado el",
    "Corregido (sí o no)", "Aviso", "Reserva", "Descargada por", "Fecha de descarga",
)  # fmt: skip
RESERVED = "Confidencial: datos de niñas, niños y adolescentes. Destruya esta copia al terminar."


@dataclass(frozen=True)
class ToMend(AboutAPupil):
    """One thing to put right of one child; `since`: the day on which somebody said so."""

    student_id: str
    institution_id: str
    campus_id: str | None
    grade: int | None
    class_group: str | None
    rule: Rule
    since: date | None = None


def to_mend(connection: Connection, person: Person, publication: str, institution: str, today: date) -> list[ToMend]:
    """Of the children of one school whom this person may see by name: first what staff said, then by course."""
    told = to_check(connection, publication, institution, person.reach, today)
    pointed = [one for child in told for one in _pointed_out(child.pupil, child.wrong_number, child.wrong_data)]
    roll = _on_roll(connection, person, publication, institution)
    met = _met(connection, institution)
    lacking = [*_without_phone(connection, person, roll, met), *_without_grade(roll, met)]
    wrong = {one.student_id for one in pointed if one.rule is WRONG_NUMBER}
    said_once = [one for one in lacking if one.rule is not NO_PHONE or one.student_id not in wrong]
    return [*pointed, *sorted(said_once, key=_by_course)]


def _pointed_out(pupil: Pupil, wrong_number: date | None, wrong_data: date | None) -> Iterator[ToMend]:
    for rule, since in ((WRONG_NUMBER, wrong_number), (WRONG_DATA, wrong_data)):
        if since is not None:
            yield ToMend(**vars(pupil), rule=rule, since=since)


def _on_roll(connection: Connection, person: Person, publication: str, institution: str) -> list[Pupil]:
    here = scores.c
    chosen = select(here.student_id, here.institution_id, *(here[name] for name in GROUP)).where(
        here.publication_id == publication, here.institution_id == institution, *within(here, person.reach)
    )
    return [Pupil(**row) for row in connection.execute(chosen).mappings()]


def _without_phone(connection: Connection, person: Person, roll: Sequence[Pupil], met: Set[str]) -> Iterator[ToMend]:
    """None where the rule was not met: exports that bring no telephone at all say nothing of one child."""
    if NO_PHONE.title not in met:
        return
    unreachable = permissions.unreachable_among(connection, person, roll)
    yield from (ToMend(**vars(pupil), rule=NO_PHONE) for pupil in roll if pupil.student_id in unreachable)


def _without_grade(roll: Sequence[Pupil], met: Set[str]) -> Iterator[ToMend]:
    if NO_GRADE.title in met:
        yield from (ToMend(**vars(pupil), rule=NO_GRADE) for pupil in roll if pupil.grade is None)


def _met(connection: Connection, institution: str) -> Set[str]:
    """The titles of the rules that the school's last figures met."""
    figures = figures_of(connection, institution)
    return {finding["title"] for finding in figures.findings} if figures else set()


def _by_course(one: ToMend) -> tuple[bool, int, str, str, str]:
    return one.grade is None, one.grade or 0, one.class_group or "", one.rule.title, one.student_id


def table_of(
    rows: Sequence[ToMend], names: Mapping[str, str], school: str, who: str, day: date, notice: str
) -> list[list[Any]]:
    """Each row tells by itself what it is and whose copy: rows are cut out and pasted elsewhere."""
    origin = [notice, RESERVED, who, short_date(str(day))]
    return [list(HEADER), *([*_cells(one, names, school), *origin] for one in rows)]


def _cells(one: ToMend, names: Mapping[str, str], school: str) -> list[Any]:
    return [
        one.institution_id,
        school,
        one.student_id,
        names.get(one.student_id, ""),
        grade_name(one.grade),
        one.class_group or "",
        one.rule.title,
        one.rule.suggestion,
        short_date(str(one.since)) if one.since else "",
        "",
    ]
