"""From a folder to the archive, and the same reading for a check that keeps nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

from features.archive import Archive
from features.quality import Problem
from features.sources.compression import Content, open_file
from features.sources.doubles import Named, settled
from features.sources.file_names import told
from features.sources.folders import SUFFIXES, Delivery, deliveries
from features.sources.holding import why_held
from features.sources.intake import Intake, Roster, digest_of, is_usable
from features.sources.open_format import package_parts
from features.sources.open_intake import take_part
from features.sources.profile import NATIONAL, Profile
from features.sources.reader import read_content
from features.sources.report import UNKNOWN, CheckReport, FileReport, IngestReport
from features.sources.sheet import Reading
from features.sources.strangers import recognised
from features.sources.student_state import KINDS

Progress = Callable[[str], None]

NO_KEY = b"a check keeps nothing, so its pseudonyms need no secret"


def ingest(
    path: Path,
    archive: Archive,
    quarantine: Path,
    key: bytes,
    roster: Roster,
    today: date,
    progress: Progress | None = None,
    profile: Profile = NATIONAL,
    until: date = date.max,
) -> IngestReport:
    """Reads everything under the path into the archive, oldest first. What was read before changes nothing.

    A folder dated after `until` is refused: one wrong year, and every true export after it would count as old.
    """
    intake = Intake(archive, quarantine, roster, profile)
    for delivery in _deliveries(path, today, intake.report, until):
        if delivery.package:
            _take_package(intake, delivery, progress)
        else:
            _take(intake, delivery, key, progress)
    intake.report.held.extend(why_held(intake.entries.values()))
    return intake.report


def check(
    path: Path,
    today: date,
    progress: Progress | None = None,
    profile: Profile = NATIONAL,
    until: date = date.max,
) -> CheckReport:
    """Reads everything under the path and says what is wrong with it."""
    report = CheckReport()
    for delivery in _deliveries(path, today, report, until):
        for reading in _check_readings(delivery, report, progress, profile):
            bad = reading.refusals.height
            counts = (reading.rows_in, reading.rows_in - bad, bad)
            refused = not is_usable(reading)
            report.files.append(FileReport(reading.file, reading.source, delivery.known_on, *counts, refused=refused))
            report.problems.extend(reading.problems)
    report.held.extend(why_held(report.files))
    return report


def _deliveries(path: Path, today: date, report: IngestReport, until: date) -> list[Delivery]:
    if not path.exists():
        accepted, advice = "un archivo o una carpeta", "Revise la ruta."
        report.problems.append(Problem(told(path.name), None, None, "no-existe", "no existe", accepted, advice))
        return []
    found = deliveries(path, today)
    report.problems.extend(_unread(delivery, file) for delivery in found for file in delivery.unread)
    if not report.problems and not any(delivery.files for delivery in found):
        accepted, advice = "AAAA-MM-DD/archivo.csv", "Indique la carpeta que tiene los archivos."
        report.problems.append(
            Problem(told(path.name), None, None, "sin-archivos", "no hay nada que leer", accepted, advice)
        )
    for delivery in found:
        _refuse_future(delivery, report, until)
    return [delivery for delivery in found if delivery.known_on <= until]


def _refuse_future(delivery: Delivery, report: IngestReport, until: date) -> None:
    """NOTE: what is in the archive is never taken out again, so a date that has not come is stopped at the door."""
    if delivery.known_on <= until:
        return
    accepted, advice = f"una fecha hasta el {until.isoformat()}", "Corrija el nombre de la carpeta y repita."
    for file in delivery.files:
        name = delivery.name_of(file)
        found = "la carpeta tiene una fecha que no ha llegado y no se leyó"
        report.problems.append(Problem(name, None, None, "fecha-futura", found, accepted, advice))
        report.files.append(FileReport(name, UNKNOWN, delivery.known_on, 0, 0, 0, refused=True))


def _unread(delivery: Delivery, file: Path) -> Problem:
    if not file.is_dir() and not file.is_file():
        found, accepted = "no es un archivo: es un enlace roto o un dispositivo", "un archivo"
        return Problem(delivery.name_of(file), None, None, "no-es-archivo", found, accepted, "Quítelo de la carpeta.")
    if file.is_dir() or file.suffix.lower() in SUFFIXES:
        found, advice = "está fuera de las carpetas con fecha y no se leyó", "Póngalo en una carpeta con su fecha."
        return Problem(delivery.name_of(file), None, None, "fuera-de-lugar", found, "AAAA-MM-DD/archivo.csv", advice)
    found, advice = "no es un archivo de datos y no se lee", "Quítelo de la carpeta si no hace falta."
    return Problem(
        delivery.name_of(file), None, None, "no-se-lee", found, ".csv .txt .xlsx .gz .zip", advice, "warning"
    )


def _take(intake: Intake, delivery: Delivery, key: bytes, progress: Progress | None) -> None:
    """Exports of everyone first: they say which school each site belongs to."""
    new: dict[str, Content] = {}
    again: list[tuple[str, str]] = []
    for content in _contents(delivery, intake.report):
        digest = digest_of(content)
        if digest in new or intake.known(digest, delivery.known_on):
            again.append((digest, content.name))
        else:
            new[digest] = content
    _take_new(intake, new, delivery.known_on, key, progress)
    for digest, name in again:
        entry = intake.known(digest, delivery.known_on)
        if entry is not None:
            intake.repeat(entry, name)
        else:  # a copy, under another name, of a file that was refused
            intake.report.files.append(FileReport(name, UNKNOWN, delivery.known_on, 0, 0, 0, refused=True))


def _take_new(intake: Intake, new: dict[str, Content], known_on: date, key: bytes, progress: Progress | None) -> None:
    events: list[Named] = []
    snapshots: list[Named] = []
    for digest, content in new.items():
        _say(progress, content.name)
        reading = read_content(content, known_on, key, intake.profile)
        if not is_usable(reading):
            intake.refuse(reading, known_on)
        else:
            (snapshots if reading.source in KINDS else events).append((digest, reading))
    intake.take_snapshots(snapshots, known_on)
    for digest, reading in events:
        known = intake.state["student_id"]
        reading = recognised(new[digest], reading, known_on, key, intake.profile, known)
        intake.take_events(digest, reading, known_on)


def _take_package(intake: Intake, delivery: Delivery, progress: Progress | None) -> None:
    for digest, part in package_parts(delivery, intake.report):
        _say(progress, part.file)
        entry = intake.known(digest, delivery.known_on if delivery.dated else None)
        if entry is not None:
            intake.repeat(entry, part.file)
            continue
        reading = part.read()
        if not is_usable(reading):
            intake.refuse(reading, delivery.known_on)
        else:
            take_part(intake, digest, part.table, reading, delivery)


def _check_readings(
    delivery: Delivery, report: IngestReport, progress: Progress | None, profile: Profile
) -> Iterator[Reading]:
    if delivery.package:
        for _, part in package_parts(delivery, report):
            _say(progress, part.file)
            yield part.read()
        return
    snapshots: dict[str, list[Named]] = {kind: [] for kind in KINDS}
    for content in _contents(delivery, report):
        _say(progress, content.name)
        reading = read_content(content, delivery.known_on, NO_KEY, profile)
        if is_usable(reading) and reading.source in KINDS:
            snapshots[reading.source].append((digest_of(content), reading))
        else:
            yield reading
    for named in snapshots.values():
        yield from (reading for _, reading in (settled(named)[0] if named else []))


def _contents(delivery: Delivery, report: IngestReport) -> Iterator[Content]:
    for file in delivery.files:
        opened = open_file(file, delivery.name_of(file))
        report.problems.extend(opened.problems)
        refused = [problem.file for problem in opened.problems if problem.level == "error"]
        report.files.extend(FileReport(name, UNKNOWN, delivery.known_on, 0, 0, 0, refused=True) for name in refused)
        yield from opened.contents


def _say(progress: Progress | None, name: str) -> None:
    if progress is not None:
        progress(name)
