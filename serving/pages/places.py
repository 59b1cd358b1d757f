"""Where one can go from every page: a link is there for whoever may follow it."""

from __future__ import annotations

from serving.people import Person
from serving.permissions import Action, may

PLACES: tuple[tuple[str, str, Action], ...] = (
    ("/lista", "Lista", Action.SEE_LIST),
    ("/mis-casos", "Mis casos", Action.LOG_CONTACT),
    ("/por-asignar", "Por asignar", Action.ASSIGN),
    ("/instituciones", "Instituciones", Action.SEE_LIST),
    ("/mapa", "Mapa", Action.SEE_LIST),
    ("/guias", "Guías", Action.SEE_STUDENT),
    ("/paquetes", "Paquetes", Action.EXPORT_BULK),
    ("/modelo", "El modelo", Action.SEE_MODEL),
    ("/corridas", "Corridas", Action.SEE_RUN),
    ("/cargas", "Cargar archivos", Action.IMPORT),
    ("/administracion", "Usuarios", Action.MANAGE_PEOPLE),
    ("/auditoria", "Auditoría", Action.SEE_AUDIT),
)
"""Address, what the link says, and what one must be allowed to do."""
FIRST = ("/lista", "/administracion", "/auditoria")


def places_for(person: Person | None) -> list[tuple[str, str]]:
    return [(address, said) for address, said, action in PLACES if may(person, action)] if person else []


def first_place(person: Person) -> str:
    """Where somebody lands who has just come in: at their own task."""
    allowed = {address for address, _ in places_for(person)}
    return next((address for address in FIRST if address in allowed), "/cuenta")
