"""Whether the places of a reach exist, as far as the published lists tell: a mistyped code reaches nobody."""

from __future__ import annotations

from sqlalchemy import Connection, select

from serving.faults import WrongUsage
from serving.reach import Reach
from serving.tables import publications, schools

NOT_CHECKED = "Todavía no hay ninguna lista publicada: no se pudo comprobar que esos lugares existan. Revíselos."
UNKNOWN = (
    "Estos lugares no están en las listas publicadas: {}. Revise el código DANE o el nombre de la comuna; "
    "si la institución es nueva, espere la primera lista que la traiga."
)


def must_exist(connection: Connection, reach: Reach) -> None:
    """Refuses places that no list has brought; before the first list nothing is known, and nothing is refused."""
    unknown = _named(reach) - _known(connection)
    if unknown and _has_list(connection):
        raise WrongUsage(UNKNOWN.format(", ".join(sorted(unknown))))


def not_checked(connection: Connection, reach: Reach) -> str | None:
    """The note for who named places while there was nothing yet to compare them with."""
    return NOT_CHECKED if _named(reach) and not _has_list(connection) else None


def _named(reach: Reach) -> set[str]:
    codes = {part.institution_id for part in reach.parts if part.institution_id}
    return codes | {f"comuna:{name}" for name in reach.comunas}


def _known(connection: Connection) -> set[str]:
    rows = connection.execute(select(schools.c.institution_id, schools.c.comuna)).all()
    return {row.institution_id for row in rows} | {f"comuna:{row.comuna}" for row in rows if row.comuna}


def _has_list(connection: Connection) -> bool:
    return connection.execute(select(publications.c.id).limit(1)).first() is not None
