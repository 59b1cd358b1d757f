"""Between two secretariats: a model goes out in a file, comes in from one, and is judged by what ripens here."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from serving.database import By, Database
from serving.faults import Refused
from serving.model_room import promote
from serving.settings import Settings

if TYPE_CHECKING:
    from features import Records
    from models.borrowing import Adopted
    from models.own_weeks import Judged
    from models.recipe import Recipe
    from models.registry import Registry

UNSEALED = (
    "En producción no se recibe un modelo sin su sello. Pídalo a quien lo exportó, por otro camino que el archivo, y "
    "repita con --seal."
)


def export(registry: Registry, version: str, out: Path, secretariat: str, database: Database, by: By) -> str:
    """The file's seal."""
    from models.borrowing import export_version

    seal = export_version(registry, version, out, secretariat)
    database.note(by, "export_model", f"model:{version}", f"sello {seal}")
    return seal


def adopt(
    registry: Registry, file: Path, seal: str | None, records: Records, settings: Settings, database: Database, by: By
) -> Adopted:
    """Registered, and not yet in use."""
    from features import catalogue_for
    from models.borrowing import adopt

    if seal is None and not settings.made_up:
        raise Refused(UNSEALED)
    adopted = adopt(registry, file, records, catalogue_for(records), seal)
    database.note(by, "adopt_model", f"model:{adopted.version}", f"sello {adopted.borrowed.seal}")
    return adopted


def approve(
    registry: Registry, version: str, decision: str, records: Records, settings: Settings, database: Database, by: By
) -> None:
    """Puts a model in use that nothing here has judged, by a written decision; not where it could be judged."""
    from features import catalogue_for
    from models.borrowing import approve
    from models.own_weeks import refuse_where_judged

    refuse_where_judged(records, registry.load(version))
    fingerprint, on = catalogue_for(records).fingerprint, records.last_known_on()
    approve(registry, version, decision, on)
    database.note(by, "approve_model", f"model:{version}", decision.strip())
    promote(registry, version, fingerprint, settings, database, by, on)


def judge(
    registry: Registry, version: str, records: Records, recipe: Recipe, progress: Callable[[str], None]
) -> tuple[Judged, str | None]:
    """What the ripe weeks say, and the new version of the chosen model, where that is a borrowed one."""
    from models.own_weeks import judge_here

    judged = judge_here(records, registry.load(version), recipe, progress=progress, registry=registry)
    return judged, registry.record(judged.run)[1] if judged.run else None
