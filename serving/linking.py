"""The cross-match from end to end: the roster in memory, the links into the archive, the doubtful pairs to a person."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from features import Archive, Records
from features import linkage as cross
from serving import roster
from serving.database import By, Database
from serving.faults import DataProblem, Missing, WrongUsage
from serving.intake import alone
from serving.review_file import read_review, write_review
from serving.settings import Settings

Progress = Callable[[str], None]


@dataclass(frozen=True)
class Linked:
    """What one cross-match came to."""

    day: date
    people: int
    links: int
    duplicates: int
    withdrawn: int
    doubtful: int
    decided_by: dict[str, int] = field(default_factory=dict)
    review_out: Path | None = None

    def sentence(self) -> str:
        found = f"{self.people} registros comparados: {self.links} cruces nuevos, {self.duplicates} de ellos duplicados"
        rest = f"{self.withdrawn} retirados, {self.doubtful} dudosos"
        where = f" (en {self.review_out}, confidencial)" if self.review_out else ""
        return f"{found}; {rest}{where}."


def link(
    settings: Settings,
    database: Database,
    day: date | None,
    by: By,
    review_in: Path | None = None,
    review_out: Path | None = None,
    progress: Progress = lambda _: None,
    engine: str = "duckdb",
) -> Linked:
    """Links what is new, takes back what a person refuted, and asks about the rest. Repeating it changes nothing.

    Without a day it is dated by the last file that was read: nothing that it goes by was learnt later.
    """
    answers = read_review(review_in) if review_in else cross.NO_REVIEW
    archive = Archive(settings.archive)
    people = roster.everyone(database, by)
    _must_be_known(answers, people)
    with alone(settings.home / "ingest.lock"):
        day = _must_be_last(settings.archive, day)
        withdrawn = _take_back(archive, answers, day)
        records = Records.open(settings.archive)
        progress("comparando registros")
        match = cross.cross_match(people, records, day, answers, _engine(engine))
        tables = cross.link_tables(match, records, day)
        if tables:
            cross.keep(archive, tables, day)
    if review_out:
        write_review(review_out, match, people)
        _note(database, by, review_out, match.doubtful.height)
    return _told(match, tables, day, people.height, withdrawn, review_out)


def _engine(name: str) -> Any:
    try:
        return cross.engine_named(name)
    except ImportError:
        raise Missing("Falta PySpark. Instale permanencia[spark] y Java 17, o use --engine duckdb.") from None


def _must_be_known(answers: pl.DataFrame, people: pl.DataFrame) -> None:
    strangers = pl.concat([answers["left"], answers["right"]]).is_in(people["student_id"].implode()).not_().sum()
    if strangers:
        raise DataProblem("El archivo de revisión nombra registros que no existen. No cambie esas columnas.")


def _must_be_last(archive: Path, day: date | None) -> date:
    """The roster holds today's names: a cross-match cannot pretend to have been made before the last file was read."""
    if not (archive / "manifest").exists():
        raise Missing("Todavía no se ha leído ningún archivo. Ejecute primero: permanencia ingest CARPETA")
    last = Records.open(archive).last_known_on()
    day = day or last
    if day is None:
        raise Missing("El archivo no tiene registros. Ejecute primero: permanencia ingest CARPETA")
    if last and day < last:
        raise WrongUsage(f"El cruce no puede fecharse antes de lo último que se leyó ({last.isoformat()}).")
    return day


def _take_back(archive: Archive, answers: pl.DataFrame, day: date) -> int:
    records = Records.open(archive.path)
    if cross.parted_today(records, answers, day).height:
        raise WrongUsage("Una pareja que se separó hoy puede volver a unirse desde mañana.")
    refuted = cross.refuted(records, answers)
    cross.withdraw(archive, refuted)
    news = cross.unheard(records, answers, refuted)
    if news.height:
        cross.keep(archive, {"link": cross.review_rows(news, day)}, day)
    return refuted.height


def _note(database: Database, by: By, path: Path, pairs: int) -> None:
    """Names left the database: who took them, and how many."""
    with database.writing(by, "export", "link:review") as (_, entry):
        entry.detail = f"{pairs} parejas, con nombres"


def _told(
    match: cross.Match, tables: dict[str, pl.DataFrame], day: date, people: int, withdrawn: int, out: Path | None
) -> Linked:
    links = tables.get("link", pl.DataFrame(schema={"evidence": pl.String, "decided_by": pl.String}))
    kinds = dict(links.group_by("decided_by").len().sort("decided_by").iter_rows())
    twice = int(links["evidence"].str.ends_with("dos matrículas a la vez").sum())
    return Linked(day, people, links.height, twice, withdrawn, match.doubtful.height, kinds, out)
