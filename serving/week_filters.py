"""Narrows a list to what its reader looks for, and puts it in the order they ask for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from serving.case_states import ASSIGNED, CONTACTED, NO_CONTACT, CaseState
from serving.sentences import CHANGES, grade_name, school_name, shift_name
from serving.spanish_order import spanish_order

Row = Mapping[str, Any]
Offered = list[tuple[str, str]]
STATES = {NO_CONTACT: "Sin contacto ni asignación", ASSIGNED: "Asignado, sin contacto", CONTACTED: "Con contacto"}
ORDERS = {"puesto": "Puesto en la lista", "institucion": "Institución", "grado": "Grado", "cambio": "Lo que cambió"}
NOBODY_FITS = "Un filtro que nadie cumple"
CHANGE_ORDER = tuple(CHANGES)
STATE_ORDER = tuple(STATES)


@dataclass(frozen=True)
class Chosen:
    """What a reader chose to see; an empty word leaves that choice open."""

    comuna: str = ""
    sede: str = ""
    grado: str = ""
    jornada: str = ""
    razon: str = ""
    cambio: str = ""
    contacto: str = ""
    orden: str = ""

    @property
    def query(self) -> dict[str, str]:
        return {name: value for name, value in vars(self).items() if value}

    @property
    def narrows(self) -> bool:
        """Whether fewer rows may be shown than the place alone gives; an order takes nothing away."""
        return bool(self.finer)

    @property
    def finer(self) -> list[str]:
        """The names of the filters in use beside the place."""
        return [name for name in FACTS if getattr(self, name)]

    def takes(self, row: Row, states: Mapping[str, CaseState]) -> bool:
        return all(value == told(row, states) for name, told in FACTS.items() if (value := getattr(self, name)))


def main_family(row: Row) -> str:
    return row["reasons"][0]["family"] if row["reasons"] else ""


def state_of(row: Row, states: Mapping[str, CaseState]) -> str:
    """What the log of contacts says today, or else what was known when the list was made."""
    told = states.get(row["student_id"], CaseState()).state
    return CONTACTED if told == NO_CONTACT and row.get("followed") else told


def _text(name: str) -> Callable[[Row, Mapping[str, CaseState]], str]:
    return lambda row, _states: "" if row[name] is None else str(row[name])


FACTS: Mapping[str, Callable[[Row, Mapping[str, CaseState]], str]] = {
    "sede": _text("campus_id"),
    "grado": _text("grade"),
    "jornada": _text("shift"),
    "razon": lambda row, _states: main_family(row),
    "cambio": lambda row, _states: str(row["change"]["kind"]),
    "contacto": state_of,
}
"""Of each filter, what a row has to be equal to."""


def narrowed(rows: Iterable[Row], chosen: Chosen, states: Mapping[str, CaseState]) -> list[Row]:
    """The rows that fit, in the order asked for; within equals the order of the list stays."""
    return sorted((row for row in rows if chosen.takes(row, states)), key=place_in(chosen.orden) or (lambda _row: ()))


def place_in(order: str) -> Callable[[Row], tuple[Any, ...]] | None:
    """What an order sorts by; None for the list's own."""
    return _ORDER.get(order)


def order_said(order: str) -> str:
    """After "so many students", in a copy of the list."""
    if order not in _ORDER:
        return "en el orden en que conviene ofrecer apoyo"
    return f"en orden de {ORDERS[order].lower()}, y luego en el orden en que conviene ofrecer apoyo"


def _school(row: Row) -> str:
    return spanish_order(row["institution_name"] or row["institution"])


_ORDER: Mapping[str, Callable[[Row], tuple[Any, ...]]] = {
    "institucion": lambda row: (_school(row), row["rank_in_institution"]),
    "grado": lambda row: (row["grade"] is None, row["grade"] or 0),
    "cambio": lambda row: (CHANGE_ORDER.index(row["change"]["kind"]),),
}


def offered(rows: Sequence[Row], families: Mapping[str, str], states: Mapping[str, CaseState]) -> dict[str, Offered]:
    """The values of each filter that some row has, with what to call them."""
    said: Mapping[str, Callable[[str], str]] = {
        "sede": lambda code: f"Sede {code}",
        "grado": lambda grade: _upper(grade_name(int(grade))),
        "jornada": lambda shift: _upper(shift_name(shift)),
        "razon": lambda family: _upper(families.get(family, family)),
        "cambio": lambda kind: CHANGES.get(kind, kind),
        "contacto": lambda state: STATES.get(state, state),
    }
    found = {name: {told(row, states) for row in rows} - {""} for name, told in FACTS.items()}
    return {name: [(one, said[name](one)) for one in sorted(values, key=_place)] for name, values in found.items()}


def in_words(chosen: Chosen, offered: Mapping[str, Offered]) -> tuple[str, ...]:
    """Of each filter in use what it keeps; what was sent is told back only where some row has it."""
    found = [(name, dict(offered[name]).get(getattr(chosen, name))) for name in chosen.finer]
    return tuple(LABELLED.get(name, "{}").format(said) if said else NOBODY_FITS for name, said in found)


LABELLED = {
    "jornada": "Jornada: {}",
    "razon": "Razón principal: {}",
    "cambio": "Cambio: {}",
    "contacto": "Contacto: {}",
}
"""Whose value alone would not say of what it is."""


def _place(value: str) -> tuple[int, int, str]:
    """Grades in the order of their numbers, changes in the order they are told, the rest by letter."""
    for told in (CHANGE_ORDER, STATE_ORDER):
        if value in told:
            return 0, told.index(value), value
    return (0, int(value), "") if value.lstrip("-").isdigit() and len(value) < 4 else (1, 0, spanish_order(value))


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]


def comunas_of(rows: Iterable[Row]) -> Offered:
    found = {str(row["comuna"]) for row in rows if row["comuna"]}
    return [(comuna, comuna_name(comuna)) for comuna in sorted(found, key=_place)]


def comuna_name(comuna: str) -> str:
    """Exports give a bare number, or shout a word."""
    return f"Comuna {comuna}" if comuna.isdigit() else school_name(comuna)
