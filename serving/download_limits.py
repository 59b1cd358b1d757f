"""How many files one person may take away in an hour, counted from the audit: every worker knows of all of them."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection, select

from serving.database import By, Database
from serving.record_looks import REFUSED
from serving.settings import BOGOTA
from serving.tables import audit

HOUR = timedelta(hours=1)
EXPORT = "export"
BY_CALL = "GET "  # one file at a time, page or program; the packs of all schools have their own limit


class TooManyFiles(Exception):  # noqa: N818 - a wait, not an error
    def __init__(self, most: int, seconds: int, again: datetime) -> None:
        minute = again.astimezone(BOGOTA) + timedelta(minutes=1)
        super().__init__(f"Ya descargó {most} archivos en la última hora. Podrá volver a hacerlo a las {minute:%H:%M}.")
        self.seconds = seconds


def must_not_be_too_many(database: Database, by: By, most: int) -> None:
    """Refuses the file too many, and says from when on one may be taken again. What was refused is not counted.

    NOTE: files asked for at the very same moment do not see each other; each leaves its line, and the next one counts.
    """
    with database.reading() as connection:
        again = free_again(connection, by, most)
    if again is not None:
        database.note(by, "export_refused", "list", "límite por hora")
        raise TooManyFiles(most, int((again - by.at).total_seconds()) + 1, again)


def free_again(connection: Connection, by: By, most: int) -> datetime | None:
    """From when on this person may take a file again; None when they may now. Without a limit always None."""
    here = audit.c
    recent = (here.by == by.who) & (here.at > by.at - HOUR) & (here.at <= by.at) & here.detail.is_distinct_from(REFUSED)
    taken = select(here.at).where(recent, here.action == EXPORT, here.why.startswith(BY_CALL)).order_by(here.at.desc())
    nth = connection.execute(taken.offset(most - 1).limit(1)).scalar() if most else None
    return nth + HOUR if nth else None
