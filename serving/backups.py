"""A whole copy of an embedded database while people work on it, and back again; PostgreSQL brings its own tools."""

from __future__ import annotations

import os
import shutil
import sqlite3
from contextlib import closing
from datetime import datetime
from pathlib import Path

from sqlalchemy import make_url

from serving.audit_chain import verify
from serving.audit_checkpoint import Checkpoints
from serving.database import By, Database
from serving.faults import DataProblem, Missing, Refused, WrongUsage
from serving.sealing import Keys

AT_ONCE = 1 << 20  # bytes
USE_PG_DUMP = "Esta base de datos es PostgreSQL: use pg_dump y pg_restore, como dice docs/running_it.md."


def backup(database: Database, out: Path, by: By) -> None:
    """Consistent as of one moment, readable by its owner alone; names in it stay sealed."""
    source = embedded_file(database.url)
    if out.exists():
        raise WrongUsage("Ese archivo ya existe. Elija otro nombre para la copia.")
    database.note(by, "backup", "database")
    draft = out.with_name(f"{out.name}.draft")
    draft.unlink(missing_ok=True)
    os.close(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    with closing(sqlite3.connect(source)) as here, closing(sqlite3.connect(draft)) as there:
        here.backup(there)
        there.execute("PRAGMA journal_mode=DELETE")  # one file, with nothing beside it
    draft.replace(out)


def restore(copy: Path, url: str, keys: Keys, points: Checkpoints, by: By) -> int:
    """Puts a copy in the place of the database, which is set aside; gives the lines its audit has.

    The service must not be running. What was written after the copy was made is gone, and the audit says so.
    """
    target = embedded_file(url)
    must_be_sound(copy, keys)
    if (before := target).exists():
        set_aside(before, by.at)
    _copied(copy, target)
    database = Database.open(url, keys)
    database.note(by, "restore", "database", _lost(points))
    with database.reading() as connection:
        verdict = verify(connection, keys.audit)
    points.add(verdict.last, by.at)
    database.engine.dispose()
    return verdict.lines


def must_be_sound(copy: Path, keys: Keys) -> None:
    if not copy.is_file():
        raise Missing("No existe el archivo de la copia.")
    try:
        with closing(sqlite3.connect(f"file:{copy}?mode=ro", uri=True)) as opened:
            sound = opened.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    except sqlite3.DatabaseError:
        sound = False
    if not sound:
        raise DataProblem("La copia está dañada o no es una base de datos de Permanencia. Use otra.")
    database = Database(f"sqlite:///{copy}", keys)
    with database.reading() as connection:
        verdict = verify(connection, keys.audit)
    database.engine.dispose()
    if not verdict.whole:
        raise Refused(f"El registro de la copia fue alterado en la línea {verdict.first_bad}. No se restaura.")


def embedded_file(url: str) -> Path:
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite" or not parsed.database:
        raise WrongUsage(USE_PG_DUMP)
    return Path(parsed.database)


def set_aside(file: Path, at: datetime) -> None:
    """With all that SQLite keeps beside it, under the moment at which it was replaced."""
    for part in file.parent.glob(f"{file.name}*"):
        if part.name in (file.name, f"{file.name}-wal", f"{file.name}-shm"):
            part.rename(part.with_name(f"{part.name}.{at:%Y%m%d%H%M%S}"))


def _copied(copy: Path, target: Path) -> None:
    descriptor = os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    with copy.open("rb") as whole, os.fdopen(descriptor, "wb") as file:
        shutil.copyfileobj(whole, file, AT_ONCE)  # never all of it in memory
        file.flush()
        os.fsync(file.fileno())


def _lost(points: Checkpoints) -> str:
    known = points.last()
    return f"el punto de control anterior llegaba a la línea {known.id}" if known else "sin punto de control anterior"
