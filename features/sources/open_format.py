"""Reads the open format: a folder of plain tables with a datapackage.json, for registers that are not SIMAT."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path, PurePosixPath
from typing import Any

from features.quality import Problem
from features.schema import OPEN_FORMAT_REQUIRED, OPEN_FORMAT_TABLES, TABLES
from features.sources.compression import Content, open_file
from features.sources.file_names import told
from features.sources.folders import PACKAGE, Delivery
from features.sources.open_rows import read_rows
from features.sources.parquet_table import is_parquet, read_parquet
from features.sources.report import FileReport, IngestReport
from features.sources.sheet import Reading
from features.sources.text_table import TextTable, read_text


@dataclass(frozen=True)
class Part:
    """One table of a package, not read yet."""

    file: str
    table: str
    content: Content
    arrived_on: date | None  # the date of the folder, when it has one

    def read(self) -> Reading:
        return read_rows(_text_table(self.content), TABLES[self.table], self.arrived_on)


def package_parts(delivery: Delivery, report: IngestReport) -> Iterator[tuple[str, Part]]:
    """The tables that a package names, each with the digest of its file; what is amiss goes to the report."""
    named = _resources(delivery, report)
    chosen = [path for path in delivery.files if path.name in named]
    for missing in sorted(set(OPEN_FORMAT_REQUIRED) - set(named.values())) if not delivery.alone else ():
        report.problems.append(_package_problem(delivery, "falta-tabla", f"falta la tabla {missing}"))
    for path in chosen:
        yield from _parts_of(delivery, path, named[path.name], report)


def _parts_of(delivery: Delivery, path: Path, table: str, report: IngestReport) -> Iterator[tuple[str, Part]]:
    name = delivery.name_of(path)
    if table not in OPEN_FORMAT_TABLES:
        found, accepted = "la tabla no es del formato abierto", ", ".join(OPEN_FORMAT_TABLES)
        problem = Problem(name, None, None, "tabla-desconocida", found, accepted, "No se leyó.", "warning")
        report.problems.append(problem)
        return
    opened = open_file(path, name)
    report.problems.extend(opened.problems)
    report.files.extend(
        FileReport(name, table, delivery.known_on, 0, 0, 0, refused=True) for _ in range(opened.refusals)
    )
    for content in opened.contents:
        digest = hashlib.sha256(table.encode() + content.identity).hexdigest()
        yield digest, Part(content.name, table, content, delivery.known_on if delivery.dated else None)


def _resources(delivery: Delivery, report: IngestReport) -> dict[str, str]:
    """File → table, as datapackage.json says; every file by its own name where it says nothing usable."""
    by_stem = {path.name: path.name.split(".")[0].lower() for path in delivery.files}
    try:
        described = json.loads((delivery.folder / PACKAGE).read_text("utf-8-sig"))
        listed = [_resource(resource) for resource in described["resources"]]
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        found = "no se puede leer o no dice sus recursos"
        report.problems.append(_package_problem(delivery, "paquete-ilegible", found))
        return by_stem
    present = {path.name for path in delivery.files}
    for file, _ in listed:
        if file not in present and not delivery.alone:
            report.problems.append(_package_problem(delivery, "falta-archivo", "nombra un archivo que no está"))
    return {file: table for file, table in listed if file in present} or by_stem


def _resource(resource: dict[str, Any]) -> tuple[str, str]:
    """A file directly in the folder: a path that leads elsewhere is not followed, only its last name is looked for."""
    path = resource["path"][0] if isinstance(resource["path"], list) else resource["path"]
    file = PurePosixPath(str(path)).name
    return file, str(resource.get("name") or file.split(".")[0]).lower()


def _package_problem(delivery: Delivery, rule: str, found: str) -> Problem:
    place = f"{told(delivery.folder.name)}/{PACKAGE}"
    accepted = "un paquete con las tablas enrolment y calendar"
    return Problem(place, None, None, rule, found, accepted, "Complete el paquete según docs/open_format.")


def _text_table(content: Content) -> TextTable:
    return read_parquet(content) if is_parquet(content) else read_text(content)
