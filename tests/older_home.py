"""A home as an older version left it: made-up people in the tables of then, written with nothing but SQL.

The tables and columns are those of then; what a list keeps packed in one of them is written as today.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from drawn_lists import FIRST_SUNDAY, MONDAY_MORNING, draw_roster
from sqlalchemy import Column, Connection, MetaData, Table, insert, select

from serving.database import Database
from serving.settings import BOGOTA
from serving.tables import metadata
from serving.tenancy import lift, settle

THE_CHAIN = "0004"
Rows = Mapping[str, Sequence[Mapping[str, Any]]]
ANYTHING: Mapping[type, Any] = {
    str: "x",
    int: 1,
    float: 0.5,
    bool: True,
    bytes: b"x",
    date: FIRST_SUNDAY,
    datetime: MONDAY_MORNING,
}


def rows_of_today(database: Database) -> Rows:
    """Every row of a home of this version, and what older versions knew in other tables and columns."""
    with database.engine.connect() as connection:
        tables = metadata.tables.items()
        today = {name: [dict(row) for row in connection.execute(select(table)).mappings()] for name, table in tables}
    whole = {row["person"] for row in today["reach_parts"] if row["scope"] == "secretariat"}
    names = draw_roster().rows_by_key("student_id", named=True, unique=True, include_key=True)
    return {
        **today,
        "people": [{**row, "whole_secretariat": row["name"] in whole} for row in today["people"]],
        "reaches": [row for row in today["reach_parts"] if row["scope"] == "institution"],
        "roster": [{**names[row["student_id"]], **row, "document_type": "TI"} for row in today["roster"]],
    }


def fill(old: Database, rows: Rows, revision: str) -> None:
    """Each table of then with the rows that are known of it, or else with one of anything."""
    with old.engine.begin() as connection:
        lift(connection)
        for table in tables_of(connection):
            of_now = [as_then(row, revision) for row in rows.get(table.name, ())]
            known = [{name: row[name] for name in row if name in table.c} for row in of_now]
            connection.execute(insert(table), known or [anything(connection, table)])
        settle(connection)


def tables_of(connection: Connection) -> list[Table]:
    """As they are in the database, whatever this version knows; what others refer to comes first."""
    there = MetaData()
    there.reflect(connection)
    return [table for table in there.sorted_tables if table.name != "alembic_version"]


def as_then(row: Mapping[str, Any], revision: str) -> dict[str, Any]:
    """Until the audit became a chain, SQLite was given the clock of Bogotá, without its zone."""
    moments = {name: value for name, value in row.items() if isinstance(value, datetime) and value.tzinfo}
    if revision < THE_CHAIN:
        moments = {name: at.astimezone(BOGOTA) for name, at in moments.items()}
    return {**row, **moments}


def anything(connection: Connection, table: Table) -> dict[str, Any]:
    told = [column for column in table.c if not column.nullable and column.server_default is None]
    return {column.name: one(connection, column) for column in told}


def one(connection: Connection, column: Column[Any]) -> Any:
    """Of whatever the column refers to, or of its kind."""
    for key in column.foreign_keys:
        return connection.execute(select(key.column).limit(1)).scalar_one()
    return ANYTHING[column.type.python_type]


def everything(database: Database) -> dict[str, list[dict[str, Any]]]:
    """All that is in a database, past its fences."""
    with database.engine.connect() as connection:
        lift(connection)  # and never committed
        tables = tables_of(connection)
        return {table.name: [dict(row) for row in connection.execute(select(table)).mappings()] for table in tables}
