"""The pack of one school and week: the same rows on paper, as a spreadsheet and as CSV; sealed while it waits."""

from __future__ import annotations

import base64
from collections.abc import Mapping

from serving.database import By, Database
from serving.exports import read_export
from serving.people import Person
from serving.published import Publication, Wanted, counted
from serving.sealing import Sealer

Files = Mapping[str, bytes]
KINDS = ("pdf", "xlsx", "csv")


def of_school(
    database: Database, publication: Publication, person: Person, institution: str, by: By, made_up: bool = False
) -> Files:
    """What this person would download of this school, with a line in the audit that says so."""
    wanted = Wanted(person.reach, institution, None, city_list_only=False)
    with database.looking(by, "export", f"list:{publication.id}") as (connection, entry):
        export = read_export(connection, publication, wanted, by, person, made_up=made_up)
        entry.detail = f"{institution}: {counted(export.rows, export.left, export.names)}"
    return {f"{export.file_name}.{kind}": export.content(kind) for kind in KINDS}


def sealed(sealer: Sealer, job: str, institution: str, files: Files) -> bytes:
    """Bound to its export and its school: it opens as no other."""
    return sealer.seal(_bound(job, institution), {name: base64.b64encode(one).decode() for name, one in files.items()})


def opened(sealer: Sealer, job: str, institution: str, content: bytes) -> dict[str, bytes]:
    told = sealer.open(_bound(job, institution), content)
    return {name: base64.b64decode(text) for name, text in told.items()}


def _bound(job: str, institution: str) -> str:
    return f"packs:{job}:{institution}"
