"""The last contact with a family in words: on what day, and what was found. Never a note, never just "contacted"."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from serving.case_states import CaseState
from serving.contact_words import OUTCOMES
from serving.sentences import FINDINGS, short_date

NOBODY_TRIED = "Sin contacto"


def last_contact(row: Mapping[str, Any], state: CaseState | None) -> str:
    """In one line; empty where there is none. The day stands first: "se fue el 16" would tell when a child left."""
    told = latest(row, state)
    return f"{short_date(told[0])}: {told[1]}" if told else ""


def latest(row: Mapping[str, Any], state: CaseState | None) -> tuple[str, str] | None:
    """Its day and what it found: of the log or, where that is later, of what was known when the list was made."""
    logged = (str(state.contacted_on), _outcome(state)) if state and state.contacted_on else None
    known = (row["followed"]["on"], _found(row["followed"]["result"])) if row.get("followed") else None
    return max(filter(None, (logged, known)), key=lambda contact: contact[0], default=None)


def said(state: CaseState) -> str:
    """As a sentence of a page, of the log alone."""
    words = _outcome(state)
    return f"Último contacto el {short_date(str(state.contacted_on))}: {words[:1].lower()}{words[1:]}."


def counted_until(day: date | None) -> str:
    """Of which contacts a copy tells: they go on while it lies on a desk."""
    return f"Contactos de las últimas cuatro semanas, a la fecha: {short_date(str(day))}." if day else ""


def _outcome(state: CaseState) -> str:
    return OUTCOMES[state.outcome].words if state.outcome else ""


def _found(result: str) -> str:
    words = FINDINGS.get(result, "sin hallazgo")
    return words[:1].upper() + words[1:]
