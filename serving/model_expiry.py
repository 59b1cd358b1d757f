"""A model holds for so long: near the end a warning, past it no list, unless the secretariat decides so in writing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from models.model_files import ORIGIN
from serving.faults import Refused
from serving.model_room import card_in

WARNED = 60
"""Days before the end in which every run tells how many are left: a model takes weeks to be taught, judged, agreed."""


@dataclass(frozen=True)
class Standing:
    """`warning`: for whoever runs the week. `note`: for every reader of the list, where it was made all the same."""

    warning: str = ""
    note: str = ""


def standing(champion: Path, day: date, decision: str = "") -> Standing:
    """Refused from the day after the last. `day` is the Sunday looked from: a past week is judged by its own day."""
    until = expires_on(champion)
    if until is None or (day < until and (until - day).days > WARNED):
        return Standing()
    if day <= until:
        return Standing(warning=f"El modelo en uso vence el {until:%d/%m/%Y}: quedan {(until - day).days} días. "
                                "Entrene, evalúe y ponga en uso una versión nueva.")  # fmt: skip
    if not decision.strip():
        raise Refused(
            f"El modelo en uso venció el {until:%d/%m/%Y}: lo que mostró ya no dice cómo acierta hoy. "
            "No se publicó nada; la lista anterior sigue en servicio. Ejecute permanencia train y permanencia promote. "
            'Si la secretaría decide por escrito usarlo mientras tanto: --expired-model-approved "número y fecha".'
        )
    note = f"El modelo venció el {until:%d/%m/%Y} y se usa por decisión escrita: {decision.strip()}."
    return Standing(warning=note, note=note)


def expires_on(champion: Path) -> date | None:
    """The sooner of what its card says and of what was said when it was put in use; None where neither says."""
    told = [card.get("expires_on") for card in (card_in(champion, "card.json"), card_in(champion, ORIGIN))]
    return min((date.fromisoformat(day) for day in told if day), default=None)
