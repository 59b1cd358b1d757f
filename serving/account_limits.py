"""How often somebody may try: three times for an account, five from one address, in any ten minutes."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, delete, func, insert, select

from serving.account_door import Door
from serving.account_tables import attempts
from serving.database import By

PER_ACCOUNT, PER_ADDRESS, WINDOW = 3, 5, 600
KEPT_FOR = 24 * 3600
NOBODY = "desconocido"


class TooManyTries(Exception):  # noqa: N818 - a wait, not an error
    def __init__(self, seconds: int) -> None:
        self.seconds = max(1, seconds)


def claim(door: Door, account: str, address: str, at: datetime) -> int:
    """Takes one try before anything is looked at; gives its number, to be given back when the try was good.

    It is written first and counted afterwards. So the last of several workers that try at once sees all the others,
    and together they never get more than the limit, on any database.
    """
    told = {"account": door.keyed("account", account), "address": door.keyed("address", address)}
    now = int(at.timestamp())
    number = _write(door, told | {"at": now}, By(NOBODY, at))
    with door.database.reading() as connection:
        wait = max(_wait(connection, name, told[name], now) for name in told)
    if wait:
        give_back(door, number, at)
        raise TooManyTries(wait)
    return number


def _write(door: Door, row: dict[str, Any], by: By) -> int:
    with door.database.writing(by, "try", "sign_in") as (connection, entry):
        entry.skip = True  # the audit is told what came of it
        connection.execute(delete(attempts).where(attempts.c.at < row["at"] - KEPT_FOR))
        written = connection.execute(insert(attempts).values(**row))
        return int(written.inserted_primary_key[0])  # type: ignore[index]


def give_back(door: Door, number: int, at: datetime) -> None:
    with door.database.writing(By(NOBODY, at), "try", "sign_in") as (connection, entry):
        entry.skip = True
        connection.execute(delete(attempts).where(attempts.c.id == number))


def _wait(connection: Connection, column: str, value: str, now: int) -> int:
    """Seconds until a try is left again; 0 when one is."""
    limit = PER_ACCOUNT if column == "account" else PER_ADDRESS
    recent: ColumnElement[bool] = (attempts.c[column] == value) & (attempts.c.at > now - WINDOW)
    number, oldest = connection.execute(select(func.count(), func.min(attempts.c.at)).where(recent)).one()
    return oldest + WINDOW - now if number > limit else 0
