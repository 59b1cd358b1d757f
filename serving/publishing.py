"""Puts a finished list before its readers: all of it and the pointer to it in one transaction, or nothing."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, Select, insert, select, update

from models.list_order import FOLLOWED
from serving.changes import LastList, Place
from serving.connecting import one_at_a_time
from serving.database import By, Database
from serving.prepared import prepare
from serving.published import unpacked
from serving.reach import GROUP
from serving.risk_lists import RiskList, School, canonical, departure_body
from serving.tables import departures, listed, pointers, publications, reports, schools, scores
from serving.tenancy import job

SCORE_COLUMNS = (
    *("student_id", "institution_id", "score", "raw_score", "rank"),
    *("place", "standing", "above_cut", "families"),
    *GROUP,
)
AT_ONCE = 500  # students named in one question
RUN = job("run-week")  # its reading is told by the line of what it publishes
BATCH = 20_000  # rows handed to the database at a time: bounded memory for large cities


@dataclass(frozen=True)
class Published:
    id: str
    content_hash: str
    is_new: bool
    on_roll: int
    listed: int
    left_out: int
    warning: str = ""  # of the model's time, for whoever ran the week

    def sentence(self) -> str:
        done = "Lista publicada" if self.is_new else "La lista ya estaba publicada, sin cambios"
        counts = f"{self.listed} en la lista, {self.left_out} por fuera del cupo"
        told = f"{done}: {self.id} ({counts}). Resumen del contenido: {self.content_hash}"
        return f"{told}\n{self.warning}" if self.warning else told


def publish(database: Database, risk_list: RiskList, by: By, last: LastList | None = None) -> Published:
    """Publishing the same list again changes nothing and gives the same answer."""
    with database.writing(by, "publish", risk_list.id) as (connection, entry):
        one_at_a_time(connection, "publish")
        is_new = not _exists(connection, risk_list.id)
        if is_new:
            _write(connection, risk_list, last)
        moved = _move_pointer(connection, risk_list)
        entry.skip = not (is_new or moved)
        note = f". {risk_list.model_note}" if risk_list.model_note else ""
        entry.detail = f"{risk_list.listed} en la lista, {risk_list.left_out} por fuera del cupo{note}"
    return Published(
        risk_list.id,
        risk_list.content_hash,
        is_new,
        risk_list.scores.height,
        risk_list.listed,
        risk_list.left_out,
    )


def _exists(connection: Connection, id: str) -> bool:
    return connection.execute(select(publications.c.id).where(publications.c.id == id)).first() is not None


def _write(connection: Connection, risk_list: RiskList, last: LastList | None) -> None:
    connection.execute(insert(publications), [_publication_row(risk_list, last)])
    for school in risk_list.schools.values():
        _keep_school(connection, school)
    for table, rows in (
        (reports, _report_rows(risk_list)),
        (listed, _line_rows(risk_list)),
        (departures, _departure_rows(risk_list)),
        (scores, _score_rows(risk_list)),
    ):
        for batch in _batches(rows):
            connection.execute(insert(table), batch)
    prepare(connection, risk_list.id, sorted(risk_list.schools))


def _move_pointer(connection: Connection, risk_list: RiskList) -> bool:
    day, id = risk_list.day, risk_list.id
    current = connection.execute(select(pointers.c.publication_id).where(pointers.c.day == day)).scalar()
    if current is None:
        connection.execute(insert(pointers).values(day=day, publication_id=id))
    elif current != id:
        connection.execute(update(pointers).where(pointers.c.day == day).values(publication_id=id))
    return current != id


def _publication_row(risk_list: RiskList, last: LastList | None) -> dict[str, Any]:
    header = risk_list.header()
    kept = {column.name for column in publications.c}
    row = {name: value for name, value in header.items() if name in kept}
    return row | {"previous_id": last.id if last else None, "body": canonical(header)}


def _keep_school(connection: Connection, school: School) -> None:
    same = schools.c.institution_id == school.institution_id
    values = {"name": school.name, "comuna": school.comuna}
    if connection.execute(update(schools).where(same).values(values)).rowcount == 0:
        connection.execute(insert(schools).values(institution_id=school.institution_id, **values))


def _report_rows(risk_list: RiskList) -> Iterator[dict[str, Any]]:
    for code, school in risk_list.schools.items():
        if school.reporting_quality is not None:
            yield {
                "publication_id": risk_list.id,
                "institution_id": code,
                "comuna": school.comuna,
                "quality": school.reporting_quality,
                "notice": school.notice,
            }


def _line_rows(risk_list: RiskList) -> Iterator[dict[str, Any]]:
    for line in risk_list.lines:
        school = risk_list.schools.get(line.institution_id)
        yield {
            "publication_id": risk_list.id,
            "student_id": line.student_id,
            "institution_id": line.institution_id,
            "comuna": school.comuna if school else None,
            "rank": line.rank,
            "rank_in_institution": line.rank_in_institution,
            "on_city_list": line.on_city_list,
            "change": line.change.kind,
            "body": risk_list.line_body(line),
            "trajectory": canonical(line.trajectory),
            "lately": None if line.lately is None else canonical(line.lately),
            **{name: line.placement.get(name) for name in GROUP},
        }


def _departure_rows(risk_list: RiskList) -> Iterator[dict[str, Any]]:
    for departure in risk_list.departures:
        yield {
            "publication_id": risk_list.id,
            "student_id": departure.student_id,
            "institution_id": departure.institution_id,
            "comuna": departure.comuna,
            "body": departure_body(departure),
            **{name: getattr(departure, name) for name in GROUP},
        }


def _score_rows(risk_list: RiskList) -> Iterator[dict[str, Any]]:
    known = [column for column in SCORE_COLUMNS if column in risk_list.scores.columns]
    for row in risk_list.scores.select(known).iter_rows(named=True):
        yield {"publication_id": risk_list.id, **row}


def _batches(rows: Iterator[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    batch: list[dict[str, Any]] = []
    for row in rows:
        batch.append(row)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def last_list_before(database: Database, day: date) -> LastList | None:
    """The list in force on the latest earlier day, with where each of its students stood."""
    with database.reading_as(RUN) as connection:
        in_force = select(publications).join(pointers, pointers.c.publication_id == publications.c.id)
        earlier = in_force.where(pointers.c.day < day).order_by(pointers.c.day.desc()).limit(1)
        row = connection.execute(earlier).one_or_none()
        if row is None:
            return None
        kept_weights = bool(json.loads(row.body).get("family_order"))
        places, followed = _places(connection, row.id), _followed(connection, row.id)
        return LastList(row.id, row.day, row.model_digest, places, kept_weights, followed)


def weights_before(database: Database, last: LastList | None, students: Collection[str]) -> dict[str, dict[str, float]]:
    """The family weights behind the last list's scores, of those students who were on roll then, listed or not."""
    if last is None or not last.kept_weights:
        return {}
    with database.reading_as(RUN) as connection:
        header = connection.execute(select(publications.c.body).where(publications.c.id == last.id)).scalar_one()
        names = json.loads(header)["family_order"]
        return {
            row.student_id: unpacked(names, row.families)
            for asked in _portions(sorted(students))
            for row in connection.execute(_weights_of(last.id, asked))
        }


def _weights_of(id: str, students: Sequence[str]) -> Select[Any]:
    chosen = select(scores.c.student_id, scores.c.families)
    return chosen.where(
        scores.c.publication_id == id, scores.c.student_id.in_(students), scores.c.families.is_not(None)
    )


def _portions(students: Sequence[str]) -> Iterator[Sequence[str]]:
    return (students[start : start + AT_ONCE] for start in range(0, len(students), AT_ONCE))


def _places(connection: Connection, id: str) -> dict[str, Place]:
    same = (scores.c.publication_id == listed.c.publication_id) & (scores.c.student_id == listed.c.student_id)
    chosen = select(
        listed.c.student_id,
        listed.c.institution_id,
        listed.c.comuna,
        scores.c.raw_score,
        listed.c.on_city_list,
        *(listed.c[name] for name in GROUP),
    )
    found = connection.execute(chosen.join(scores, same).where(listed.c.publication_id == id))
    return {row.student_id: Place(*row[1:]) for row in found}


def _followed(connection: Connection, id: str) -> frozenset[str]:
    chosen = select(scores.c.student_id).where(scores.c.publication_id == id, scores.c.standing == FOLLOWED)
    return frozenset(connection.execute(chosen).scalars())
