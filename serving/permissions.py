"""Who may do what, and why not: every rule answers with a sentence, and names are learnt only here."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Protocol

from sqlalchemy import Connection

from serving import roster
from serving.people import ROLE_NAMES, Person, Role
from serving.permission_table import RULES, Action, Extent
from serving.reach import GROUP, Place, Reach
from serving.roster_documents import unreachable

__all__ = ["Action", "Place"]

CLOSED = "Este usuario está cerrado."
OUT_OF_REACH = "Ese registro no pertenece a las instituciones que usted atiende."
NEEDS_WHOLE = "Para eso su alcance debe ser toda la secretaría. Pídalo a quien administra los usuarios."
NO_REACH = "Su usuario todavía no tiene instituciones a su cargo. Pídalas a quien administra los usuarios."


class Placed(Protocol):
    """Anything that belongs to one place: a student, a group, a school."""

    @property
    def place(self) -> Place: ...


@dataclass(frozen=True)
class Pupil:
    student_id: str
    institution_id: str
    campus_id: str | None = None
    grade: int | None = None
    class_group: str | None = None

    @property
    def place(self) -> Place:
        return Place(self.institution_id, self.campus_id, self.grade, self.class_group)

    @property
    def group(self) -> dict[str, Any]:
        """Where in the school, as the tables keep it."""
        return {name: getattr(self, name) for name in GROUP}


class AboutAPupil:
    """A line about one child that says where the child is, or was then."""

    student_id: str
    institution_id: str
    campus_id: str | None
    grade: int | None
    class_group: str | None

    @property
    def pupil(self) -> Pupil:
        return Pupil(self.student_id, self.institution_id, self.campus_id, self.grade, self.class_group)


def why_not(person: Person, action: Action, thing: Placed | None = None) -> str | None:
    """The sentence that explains a refusal, or None when nothing stands in the way.

    Pages show it on what they leave grey, the API gives it as its error. Without a thing it answers whether the person
    may do this at all; with one, whether they may do it there.
    """
    if not person.active:
        return CLOSED
    rule = RULES.get(action)
    if rule is None or person.role not in rule.roles:
        return f"El rol «{ROLE_NAMES[person.role]}» no puede {rule.to if rule else 'hacer eso'}."
    if rule.extent is Extent.WHOLE:
        return None if person.reach.institutions is None else NEEDS_WHOLE
    return _why_not_there(person.reach, thing) if rule.extent is Extent.WITHIN else None


def _why_not_there(reach: Reach, thing: Placed | None) -> str | None:
    if reach.touched == frozenset():
        return NO_REACH if thing is None else OUT_OF_REACH
    return None if thing is None or reach.covers(thing.place) else OUT_OF_REACH


def needs_second_factor(role: Role) -> bool:
    """Whoever sees a name, or decides who does, proves twice who they are."""
    return any(role in RULES[action].roles for action in (Action.SEE_NAMES, Action.MANAGE_PEOPLE))


def may(person: Person, action: Action, thing: Placed | None = None) -> bool:
    return why_not(person, action, thing) is None


def who_can_see(institution_name: str) -> tuple[str, ...]:
    """The sentences of the box "quién puede ver este registro"."""
    return (
        "El equipo de cobertura de la secretaría y su supervisión, con nombre.",
        f"El personal autorizado de {institution_name}, con nombre.",
        "Ciencia de datos, solo con seudónimo.",
        "Cada consulta con nombre queda registrada: quién, cuándo y cuál registro.",
    )


def names_among(connection: Connection, person: Person, pupils: Iterable[Pupil]) -> dict[str, str]:
    """The names this person may see among these students, for a look that leaves its own line in the audit."""
    allowed = [pupil.student_id for pupil in pupils if may(person, Action.SEE_NAMES, pupil)]
    return roster.names_of(connection, allowed) if allowed else {}


def identity_among(connection: Connection, person: Person, pupil: Pupil) -> roster.Identity | None:
    """Name and telephone of one student, for who may see them, in a look that leaves its own line."""
    return roster.identity_of(connection, pupil.student_id) if may(person, Action.SEE_NAMES, pupil) else None


def unreachable_among(connection: Connection, person: Person, pupils: Iterable[Pupil]) -> set[str]:
    """Of these whom this person may see by name, those without a telephone that can be called."""
    return unreachable(connection, [one.student_id for one in pupils if may(person, Action.SEE_NAMES, one)])
