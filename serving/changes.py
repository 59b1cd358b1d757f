"""What changed since the last list: who entered, rose, stayed, fell or left, and the one thing that moved most."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from models.list_order import DRAWN_IN, DRAWN_OUT, FOLLOWED

NOTABLE = 0.10  # log-odds; smaller moves are called "stayed"

OTHER_MODEL = "Cambió el modelo, no el estudiante."
FIRST_LIST = "Es la primera lista publicada."
NEW_ON_ROLL = "No figuraba en la matrícula cuando se hizo la lista anterior."
OTHERS_MOVED = "Su situación casi no cambió; esta semana alcanzó el cupo."
LOWER_AND_IN = "Su puntaje bajó un poco; aun así, esta semana alcanzó el cupo."
NO_CHANGE = "Sin cambios importantes desde la lista anterior."
SEVERAL = "Cambió un poco en varios aspectos a la vez."
NOT_KEPT = "La lista anterior no guardó con qué comparar."
NO_LONGER_FOLLOWED = "Pasó el plazo de su último contacto registrado: vuelve a la lista."
NOW_FOLLOWED = "Ya hay un contacto registrado: pasó a seguimiento."
BY_LOT = "Entró por el sorteo de la franja cercana al cupo, que decidió la secretaría."
OUT_BY_LOT = "Quedó fuera por el sorteo de la franja cercana al cupo, que decidió la secretaría."
BELOW_THE_CUT = "Quedó por debajo del cupo de esta semana."
OFF_THE_ROLL = {
    "TRANSFERRED": "Figura con traslado en la matrícula.",
    "GRADUATED": "Figura como graduado.",
    "PROMOTED": "Terminó el año escolar.",
    "FAILED": "Terminó el año escolar.",
    "WITHDRAWN": "Figura con retiro en la matrícula.",
    "NOT_SEEN": "Ya no aparece en el reporte de matrícula.",
}

OUT_OF_THE_RACE = {FOLLOWED: NOW_FOLLOWED, DRAWN_OUT: OUT_BY_LOT}


@dataclass(frozen=True)
class Change:
    kind: str  # entered, rose, stayed, fell; a student who left has a Departure
    why: str


@dataclass(frozen=True)
class Departure:
    student_id: str
    institution_id: str
    comuna: str | None
    why: str
    campus_id: str | None = None
    grade: int | None = None
    class_group: str | None = None


@dataclass(frozen=True)
class Place:
    """Where a student stood on the last list."""

    institution_id: str
    comuna: str | None
    raw_score: float
    on_city_list: bool
    campus_id: str | None = None
    grade: int | None = None
    class_group: str | None = None


@dataclass(frozen=True)
class LastList:
    id: str
    day: date
    model_digest: str
    places: Mapping[str, Place] = field(default_factory=dict)
    kept_weights: bool = True  # lists made before the weights of everyone were kept cannot be compared by family
    followed: frozenset[str] = frozenset()  # who was off it only because somebody had just been in contact

    @property
    def on_city_list(self) -> frozenset[str]:
        return frozenset(student for student, place in self.places.items() if place.on_city_list)


@dataclass(frozen=True)
class Now:
    """A student of today's list; `before` holds the family weights of last week under the same model."""

    student_id: str
    raw_score: float
    on_city_list: bool
    families: Mapping[str, float]
    before: Mapping[str, float] | None = None
    standing: str | None = None


def change_of(now: Now, last: LastList | None, model_digest: str, names: Mapping[str, str]) -> Change:
    if last is None:
        return Change("entered", FIRST_LIST)
    place = last.places.get(now.student_id)
    was_listed = place is not None and (place.on_city_list or not now.on_city_list)
    same_model = last.model_digest == model_digest
    if place is None or not was_listed:
        return Change("entered", _why_entered(now, last, same_model, names))
    return _moved(now, place.raw_score, names) if same_model else Change("stayed", OTHER_MODEL)


def _moved(now: Now, raw_before: float, names: Mapping[str, str]) -> Change:
    move = now.raw_score - raw_before
    if abs(move) <= NOTABLE:
        return Change("stayed", NO_CHANGE)
    several = NOT_KEPT if now.before is None else SEVERAL
    return Change("rose" if move > 0 else "fell", largest_move(now, names, up=move > 0) or several)


def _why_entered(now: Now, last: LastList, same_model: bool, names: Mapping[str, str]) -> str:
    """First what is true under any model: the lot, a contact that is over, a new enrolment."""
    if now.standing == DRAWN_IN:
        return BY_LOT
    if now.student_id in last.followed and now.on_city_list:
        return NO_LONGER_FOLLOWED
    if now.before is None and last.kept_weights:
        return NEW_ON_ROLL
    if not same_model:
        return OTHER_MODEL
    if now.before is None:
        return NOT_KEPT
    move = sum(now.families.values()) - sum(now.before.values())
    if abs(move) <= NOTABLE:
        return OTHERS_MOVED
    return LOWER_AND_IN if move < 0 else largest_move(now, names, up=True) or SEVERAL


def largest_move(now: Now, names: Mapping[str, str], up: bool) -> str | None:
    """The family whose weight moved most, in words; None when no family moved that way."""
    if now.before is None:
        return None
    sign = 1.0 if up else -1.0
    moves = {family: sign * (weight - now.before.get(family, 0.0)) for family, weight in now.families.items()}
    family = max(sorted(moves), key=lambda name: moves[name], default=None)
    if family is None or moves[family] <= NOTABLE / 2:
        return None
    return f"Ahora {'pesa más' if up else 'pesa menos'} lo relacionado con {names.get(family, family).lower()}."


def departures(
    last: LastList | None,
    listed: frozenset[str],
    on_roll: frozenset[str],
    model_digest: str,
    statuses: Mapping[str, str],
    standings: Mapping[str, str] | None = None,
) -> tuple[Departure, ...]:
    """Who was on the city's last list and is not on this one, each with a reason."""
    if last is None:
        return ()
    gone = [student for student, place in last.places.items() if place.on_city_list and student not in listed]
    changed_model = last.model_digest != model_digest
    return tuple(
        _departure(
            student,
            last.places[student],
            _why_left(student in on_roll, statuses.get(student), changed_model, (standings or {}).get(student)),
        )
        for student in sorted(gone)
    )


def _departure(student: str, place: Place, why: str) -> Departure:
    group = (place.campus_id, place.grade, place.class_group)
    return Departure(student, place.institution_id, place.comuna, why, *group)


def _why_left(still_on_roll: bool, status: str | None, changed_model: bool, standing: str | None) -> str:
    if not still_on_roll:
        return OFF_THE_ROLL.get(status or "", "Ya no figura en la matrícula.")
    if standing in OUT_OF_THE_RACE:
        return OUT_OF_THE_RACE[standing]
    return OTHER_MODEL if changed_model else BELOW_THE_CUT
