"""A file somebody brings: read on trial beside a copy of the archive, shown, and taken in only when they say so."""

from __future__ import annotations

import os
import re
import secrets
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path, PurePosixPath
from typing import IO, TYPE_CHECKING, Any

from serving import background
from serving.background import Job, State
from serving.database import By, Database
from serving.faults import Missing, WrongUsage
from serving.settings import Settings

if TYPE_CHECKING:
    from features.sources import IngestReport

KINDS = ("trial", "accept")
SUFFIXES = (".csv", ".txt", ".tsv", ".xlsx", ".zip", ".gz")
MOST_WAITING = 20
STEP = 1 << 20
HEADING = 1 << 18  # bytes in which the titles are looked for
ONLY_THESE = f"Se aceptan archivos {', '.join(SUFFIXES)}."
EMPTY = "El archivo está vacío o no se eligió ninguno. Elija el archivo e intente otra vez."
FULL = f"Ya hay {MOST_WAITING} cargas sin decidir. Acepte o descarte las anteriores."


@dataclass(frozen=True)
class Import:
    """An upload on its way: on trial, waiting for a decision, being taken in, taken in."""

    job: Job

    @property
    def id(self) -> str:
        return self.job.id

    @property
    def file(self) -> str:
        return str(self.job.asked.get("file", ""))

    @property
    def known_on(self) -> date:
        return date.fromisoformat(self.job.asked["known_on"])

    @property
    def is_running(self) -> bool:
        return self.job.state is State.RUNNING

    @property
    def report(self) -> dict[str, Any] | None:
        return self.job.answer if self.job.state is State.DONE else None

    @property
    def waits(self) -> bool:
        """Read on trial, with good rows to take in, and nobody has decided yet."""
        told = self.report
        return self.job.kind == "trial" and bool(told and told["accepted"])

    @property
    def is_taken_in(self) -> bool:
        return self.job.kind == "accept" and self.report is not None

    @property
    def says(self) -> str:
        """Where it stands, in a word or two."""
        if self.job.state is State.INTERRUPTED:
            return "interrumpida"
        if self.job.state is State.FAILED:
            return "no se pudo leer" if self.job.kind == "trial" else "no se pudo guardar"
        if self.is_running:
            return "en revisión" if self.job.kind == "trial" else "guardándose"
        return "guardada" if self.is_taken_in else ("por decidir" if self.waits else "sin filas para guardar")

    @property
    def annotated(self) -> list[Path]:
        """The rows that were not understood, each file with row, column, rule and what to do."""
        return sorted((self.job.folder / "quarantine").glob("*/*.csv"))


def receive(settings: Settings, name: str, content: IO[bytes], known_on: date, who: str, at: datetime) -> Import:
    """Keeps what was sent where only the service reads it, and starts the trial. Nothing enters the archive here."""
    _must_be_fit(settings, name, known_on, at.date())
    folder = background.new_job(settings)
    place = folder / "exports" / known_on.isoformat()
    place.mkdir(parents=True, mode=0o700)
    try:
        _copy(content, place / stored_name(name))
    except WrongUsage:
        shutil.rmtree(folder)
        raise
    told = {"file": stored_name(name), "known_on": known_on.isoformat()}
    return Import(background.start(settings, folder, "trial", who, at, **told))


def _must_be_fit(settings: Settings, name: str, known_on: date, today: date) -> None:
    from serving.intake import last_day

    if not name.lower().endswith(SUFFIXES):
        raise WrongUsage(EMPTY if not name else ONLY_THESE)
    if known_on > last_day(settings, today):
        raise WrongUsage("La fecha de corte todavía no llega. Escriba la fecha en que se descargó el archivo.")
    if sum(one.waits for one in imports(settings, most=1000)) >= MOST_WAITING:
        raise WrongUsage(FULL)


def stored_name(name: str) -> str:
    """The file's name without what may be a child's, and without any way out of its folder."""
    from features.sources.file_names import told

    plain = re.sub(r"[^\w.~… -]", "_", told(PurePosixPath(name.replace("\\", "/")).name)).lstrip(". ")
    # What `told` leaves out may be the ending too, by which the reader knows that it is a file of data.
    suffix = next(one for one in SUFFIXES if name.lower().endswith(one))
    return plain if plain.lower().endswith(suffix) else f"{plain or 'archivo'}{suffix}"


def _copy(content: IO[bytes], path: Path) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        shutil.copyfileobj(content, file, STEP)
    if path.stat().st_size == 0:
        raise WrongUsage(EMPTY)


def tried(folder: Path, settings: Settings, today: date) -> dict[str, Any]:
    """Reads it just as it would be taken in, into a copy of the archive that is thrown away."""
    from features import Archive
    from features.sources import ingest
    from serving.intake import alone, last_day

    copy, quarantine = folder / "trial", folder / "quarantine"
    for left in (copy, quarantine):
        shutil.rmtree(left, ignore_errors=True)
    try:
        with alone(settings.home / "ingest.lock"):
            linked(settings.archive, copy)
        report = ingest(
            folder / "exports",
            Archive(copy),
            quarantine,
            settings.pseudonym_key(),
            lambda _names: None,
            today,
            None,
            settings.profile(),
            last_day(settings, today),
        )
    finally:
        shutil.rmtree(copy, ignore_errors=True)
    return {**reported(report), "columns": columns_in(folder / "exports")}


def columns_in(exports: Path) -> dict[str, dict[str, Any]]:
    """How many columns each file has, and which of those that its kind cannot do without.

    Only titles that we know are ever told: in a file without a heading the first row is a child's.
    """
    from features.sources.compression import Content, open_file
    from features.sources.detection import detect
    from features.sources.file_names import told
    from features.sources.text_table import key_of, read_text

    found = {}
    for path in sorted(exports.glob("*/*")):
        for content in open_file(path, f"{path.parent.name}/{told(path.name)}").contents:
            keys = read_text(Content(content.name, content.data[:HEADING])).keys
            if layout := detect(keys):
                needed = [title for group in layout.keys for title in group if key_of(title) in keys]
                found[content.name] = {"number": len(keys), "needed": needed}
    return found


def linked(archive: Path, copy: Path) -> None:
    """A copy that takes no room: what is in the archive is never rewritten, so both may hold the same files."""
    copy.mkdir(mode=0o700)
    if archive.exists():
        shutil.copytree(archive, copy, copy_function=os.link, dirs_exist_ok=True)


def accepted(folder: Path, settings: Settings, database: Database, by: By) -> dict[str, Any]:
    """The same reading for good; the file itself, which holds names, does not stay."""
    from serving.intake import take_in

    if not (folder / "exports").exists():
        raise Missing("El archivo de esta carga ya no está. Cárguelo de nuevo.")
    told = reported(take_in(folder / "exports", settings, database, by))
    with database.writing(by, "accept_import", f"import:{folder.name}") as (_, entry):
        entry.detail = f"{told['accepted']} filas aceptadas, {told['quarantined']} en cuarentena"
    shutil.rmtree(folder / "exports")
    return told


def reported(report: IngestReport) -> dict[str, Any]:
    told = report.as_json()
    return {**told, "more_problems": len(report.problems) - len(told["problems"])}


def take(settings: Settings, one: Import, who: str, at: datetime) -> Import:
    """Says yes: the good rows enter the archive, the others its quarantine."""
    if not one.waits:
        raise WrongUsage("Esta carga no está por decidir. Vuelva a abrirla.")
    told = {"file": one.file, "known_on": one.known_on.isoformat()}
    return Import(background.start(settings, one.job.folder, "accept", who, at, **told))


def discard(settings: Settings, one: Import) -> None:
    """Forgets the upload: file, report and annotated rows."""
    if one.is_running:
        raise WrongUsage("La carga todavía se está leyendo. Espere a que termine.")
    gone = one.job.folder.with_name(f"gone-{secrets.token_hex(4)}")
    one.job.folder.rename(gone)
    shutil.rmtree(gone)


def imports(settings: Settings, most: int = 30) -> list[Import]:
    return [Import(job) for job in background.jobs(settings, KINDS, most)]


def find(settings: Settings, id: str) -> Import | None:
    job = background.find(settings, id)
    return Import(job) if job and job.kind in KINDS else None


def annotated_text(path: Path) -> Iterator[bytes]:
    """As a spreadsheet opens it with its accents right."""
    yield b"\xef\xbb\xbf"
    with path.open("rb") as file:
        while part := file.read(STEP):
            yield part
