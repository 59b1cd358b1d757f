"""The packs of all schools at once: prepared in the background, handed to who asked, gone within minutes."""

from __future__ import annotations

import io
import logging
import secrets
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection, Row, delete, func, insert, or_, select, update
from sqlalchemy.exc import OperationalError

from serving import pack_files, published
from serving.connecting import one_at_a_time, sealer_of
from serving.database import By, Database
from serving.delivery_tables import export_jobs, export_packs
from serving.faults import Fault
from serving.list_scope import of_school
from serving.people import Person, Reach, find_person
from serving.permissions import Action, why_not
from serving.request_log import failed
from serving.tenancy import context_of, job

PER_HOUR, HOUR = 10, 3600
GOOD_FOR = 15 * 60  # seconds that a finished export can be fetched
HELD = 5 * 60  # seconds without a sign of life after which another worker goes on
STUCK = 2 * 60  # seconds after which a reader is told that nobody prepares anything
NOT_ANY_MORE = "Quien pidió los paquetes ya no puede descargarlos."
BROKE = "No se pudieron preparar los paquetes. Pídalos de nuevo; si se repite, avise a quien administra el servicio."
log = logging.getLogger("permanencia.packs")


class State(StrEnum):
    WAITING = "waiting"
    WORKING = "working"
    READY = "ready"
    FAILED = "failed"


@dataclass(frozen=True)
class Job:
    id: str
    person: str
    publication_id: str
    asked_at: int
    state: State
    schools: int
    done: int
    expires_at: int
    told: str

    def good(self, now: int) -> bool:
        return self.state is State.READY and now < self.expires_at

    def moving(self) -> bool:
        return self.state in (State.WAITING, State.WORKING)

    def stuck(self, now: int) -> bool:
        return self.state is State.WAITING and now - self.asked_at > STUCK


class TooManyExports(Exception):  # noqa: N818 - a wait, not an error
    def __init__(self, seconds: int) -> None:
        self.seconds = max(1, seconds)


def ask(database: Database, person: Person, publication_id: str, by: By, at: datetime) -> Job:
    """Asking again while one of the same list is under way gives that one."""
    now = int(at.timestamp())
    with database.writing(by, "ask_packs", f"list:{publication_id}") as (connection, entry):
        one_at_a_time(connection, "export")
        _sweep(connection, now)
        own = [one for one in jobs_of(connection, person.name) if one.publication_id == publication_id and one.moving()]
        if own:
            entry.skip = True
            return own[0]
        _must_not_be_too_many(connection, person.name, now)
        id = secrets.token_hex(16)
        row = {"id": id, "person": person.name, "publication_id": publication_id, "asked_at": now}
        connection.execute(insert(export_jobs).values(**row, state=State.WAITING.value))
        return _must_find(connection, id)


def _must_not_be_too_many(connection: Connection, person: str, now: int) -> None:
    here = (export_jobs.c.person == person) & (export_jobs.c.asked_at > now - HOUR)
    asked, oldest = connection.execute(select(func.count(), func.min(export_jobs.c.asked_at)).where(here)).one()
    if asked >= PER_HOUR:
        raise TooManyExports(oldest + HOUR - now)


def jobs_of(connection: Connection, person: str) -> list[Job]:
    """The newest first."""
    newest = export_jobs.c.asked_at.desc()
    found = connection.execute(
        select(export_jobs).where(export_jobs.c.person == person).order_by(newest).limit(PER_HOUR)
    )
    return [_job(row) for row in found]


def find_job(connection: Connection, person: str, id: str) -> Job | None:
    """Only one's own: the address alone opens nothing."""
    own = (export_jobs.c.id == id) & (export_jobs.c.person == person)
    row = connection.execute(select(export_jobs).where(own)).one_or_none()
    return _job(row) if row else None


def _must_find(connection: Connection, id: str) -> Job:
    return _job(connection.execute(select(export_jobs).where(export_jobs.c.id == id)).one())


def _job(row: Row[tuple[object, ...]]) -> Job:
    told = row._mapping
    return Job(**{name: told[name] for name in Job.__dataclass_fields__ if name != "state"}, state=State(told["state"]))


def work(database: Database, clock: Callable[[], datetime], worker: str, made_up: bool = False) -> int:
    """Prepares whatever waits, one export after another; how many were finished. Several workers never share one.

    `made_up`: the children are, and each copy says so.
    """
    done = 0
    while (held := _claim(database, _worker(worker, clock()))) is not None:
        try:
            _prepare(database, held, clock, worker, made_up)
        except Exception as error:  # its own, and no reason to leave the others waiting
            if isinstance(error, OperationalError) and not database.is_embedded:
                raise  # the server went away: what was made is kept, and once nobody holds it the rest is made
            _finish(database, held, _worker(worker, clock()), State.FAILED, _told(error))
        done += 1
    return done


def _told(error: Exception) -> str:
    """For who asked. Whoever mends the program is told what broke and where, without its text: that may be a name."""
    if isinstance(error, Fault):
        return str(error)
    log.error("packs failed: %(error)s at %(where)s", failed(error))
    return BROKE


def _worker(name: str, at: datetime) -> By:
    return By(name, at, job(name), "packs")


def _claim(database: Database, by: By) -> Job | None:
    """One that waits, or whose worker has gone silent; SKIP LOCKED where several look at the same moment."""
    now = int(by.at.timestamp())
    here = export_jobs.c
    silent = (here.state == State.WORKING.value) & (here.held_until < now)
    free = select(here.id).where(or_(here.state == State.WAITING.value, silent)).order_by(here.asked_at).limit(1)
    with database.writing(by, "prepare_packs", "packs") as (connection, entry):
        entry.skip = True  # what was asked and what is fetched have their lines
        _sweep(connection, now)
        id = connection.execute(free.with_for_update(skip_locked=True)).scalar()
        if id is None:
            return None
        _hold(connection, id, now, state=State.WORKING.value)
        return _must_find(connection, id)


def _hold(connection: Connection, id: str, now: int, **changed: object) -> None:
    connection.execute(update(export_jobs).where(export_jobs.c.id == id).values(held_until=now + HELD, **changed))


def _prepare(database: Database, held: Job, clock: Callable[[], datetime], worker: str, made_up: bool) -> None:
    """School by school; what an earlier worker finished is not made again."""
    with database.reading() as connection:
        person = find_person(connection, held.person)
        publication = published.publication_with(connection, held.publication_id)
    if person is None or publication is None or not person.active or why_not(person, Action.EXPORT_BULK):
        return _finish(database, held, _worker(worker, clock()), State.FAILED, NOT_ANY_MORE)
    with database.reading_as(context_of(person)) as connection:
        found = published.schools_in(connection, publication.id, person.reach)
        schools = [code for code, _ in found if person.reach.covers(code)]  # a pack is of a whole school
    with database.reading_as(job(worker)) as connection:
        here = select(export_packs.c.institution_id).where(export_packs.c.job_id == held.id)
        there = set(connection.execute(here).scalars())
    for school in schools:
        if school not in there:
            by = By(person.name, clock(), context_of(person), "packs")
            files = pack_files.of_school(database, publication, person, school, by, made_up)
            _keep(database, held, school, files, len(schools), _worker(worker, clock()))
    return _finish(database, held, _worker(worker, clock()), State.READY)


def _keep(database: Database, held: Job, school: str, files: pack_files.Files, schools: int, by: By) -> None:
    with database.writing(by, "prepare_packs", f"packs:{held.id}") as (connection, entry):
        entry.skip = True
        sealed = pack_files.sealed(sealer_of(connection), held.id, school, files)
        connection.execute(insert(export_packs).values(job_id=held.id, institution_id=school, sealed=sealed))
        done = connection.execute(select(func.count()).where(export_packs.c.job_id == held.id)).scalar_one()
        _hold(connection, held.id, int(by.at.timestamp()), done=done, schools=schools)


def _finish(database: Database, held: Job, by: By, state: State, told: str = "") -> None:
    expires = int(by.at.timestamp()) + GOOD_FOR
    with database.writing(by, "packs_ready", f"packs:{held.id}") as (connection, entry):
        if state is State.FAILED:
            connection.execute(delete(export_packs).where(export_packs.c.job_id == held.id))
        changed = {"state": state.value, "told": told, "expires_at": expires}
        connection.execute(update(export_jobs).where(export_jobs.c.id == held.id).values(**changed))
        entry.detail = f"{state.value}, para {held.person}"


def _sweep(connection: Connection, now: int) -> None:
    """What nobody may fetch any more is not kept, not even sealed."""
    over = select(export_jobs.c.id).where(export_jobs.c.expires_at.between(1, now))
    connection.execute(delete(export_packs).where(export_packs.c.job_id.in_(over)))


def packed(connection: Connection, held: Job, reach: Reach) -> bytes:
    """All the packs of one export in one file; the connection enters as the person who asked."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name, content in _files(connection, held, reach):
            archive.writestr(name, content)
    return buffer.getvalue()


def _files(connection: Connection, held: Job, reach: Reach) -> Iterator[tuple[str, bytes]]:
    """What a reach no longer covers is left out, also when it was covered while the packs were made."""
    here = export_packs.c
    kept = connection.execute(select(export_packs).where(here.job_id == held.id).order_by(here.institution_id))
    named = published.school_names(connection)
    for row in (row for row in kept if reach.covers(row.institution_id)):
        files = pack_files.opened(sealer_of(connection), held.id, row.institution_id, row.sealed)
        folder = of_school(named, row.institution_id).stem
        yield from ((f"{folder}/{name}", content) for name, content in files.items())
