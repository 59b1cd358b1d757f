"""Sends PostgreSQL several statements at once: going there and back costs more than most of what is asked."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, cast

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from serving.connecting import without_the_row

if TYPE_CHECKING:
    import psycopg


@contextmanager
def one_trip(connection: Connection) -> Iterator[psycopg.Connection[Any]]:
    """What is executed on the gift leaves together, in this order and within the transaction of `connection`.

    Each statement sees what is there when its turn comes. All have ended with the block; after one that failed none is
    carried out, and its error is the one that the engine would have raised.
    """
    server = cast("psycopg.Connection[Any]", connection.connection.driver_connection)
    failures = connection.dialect.loaded_dbapi.Error
    try:
        with server.pipeline():
            yield server
    except failures as told:
        raise _as_the_engine(told, server, failures) from None


def _as_the_engine(told: Exception, server: psycopg.Connection[Any], failures: type[Exception]) -> Exception:
    raised = DBAPIError.instance(
        None, None, told, failures, hide_parameters=True, connection_invalidated=server.closed or server.broken
    )
    without_the_row(told, raised)
    return raised
