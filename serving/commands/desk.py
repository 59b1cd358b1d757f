"""What every command has at hand: the settings, the clock, who is at the keyboard, and how to show progress."""

from __future__ import annotations

import getpass
import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from serving.faults import Missing, WrongUsage

if TYPE_CHECKING:
    from features import Records
    from models.registry import Registry
    from serving.database import By, Database
    from serving.settings import Settings

YEARS = range(1990, 2101)  # as in the files
clock: ContextVar[Callable[[], datetime]] = ContextVar("clock")
invoked: ContextVar[typer.Context | None] = ContextVar("invoked", default=None)


def read_day(text: str | date) -> date:
    try:
        day = text if isinstance(text, date) else date.fromisoformat(text)
    except ValueError:
        raise WrongUsage("La fecha debe escribirse AAAA-MM-DD, por ejemplo 2024-05-05.") from None
    if day.year not in YEARS:
        raise WrongUsage(f"El año de la fecha debe estar entre {YEARS[0]} y {YEARS[-1]}.")
    return day


def go_to(home: Path | None) -> Path | None:
    if home is not None:
        os.environ["PERMANENCIA_HOME"] = str(home)
    return home


Home = Annotated[
    Path | None,
    typer.Option("--home", envvar="PERMANENCIA_HOME", callback=go_to, help="Carpeta donde vive todo el estado."),
]
Json = Annotated[bool, typer.Option("--json", help="Responde con un objeto JSON.")]
Day = Annotated[
    date, typer.Option("--day", parser=read_day, metavar="AAAA-MM-DD", help="Domingo desde el que se mira.")
]


def settings() -> Settings:
    from serving.settings import open_home, read_settings

    chosen = read_settings()
    open_home(chosen)
    return chosen


def database() -> Database:
    from serving.database import Database

    chosen = settings()
    return until_the_end(Database.open(chosen.database_url, chosen.keys()))


def until_the_end(database: Database) -> Database:
    """Its connections are given back when the command is done."""
    if context := invoked.get():
        context.call_on_close(database.engine.dispose)
    return database


def registry() -> Registry:
    from models.registry import Registry

    chosen = settings()
    return Registry(chosen.tracking_uri, chosen.artifacts)


def records() -> Records:
    from features import Records

    archive = settings().archive
    if not (archive / "manifest").exists():
        raise Missing("Todavía no se ha leído ningún archivo. Ejecute primero: permanencia ingest CARPETA")
    return Records.open(archive)


def by() -> By:
    from serving.database import By
    from serving.tenancy import job

    who = f"cli:{_user()}"
    return By(who, clock.get()(), job(who), _command())


def today() -> date:
    return clock.get()().date()


def _command() -> str:
    """What was asked for, without what it was asked of: an argument may be a name."""
    context = invoked.get()
    return f"permanencia {context.invoked_subcommand}" if context else ""


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # an account without a name, as in some containers
        return "desconocido"


def answer(as_json: bool, body: dict[str, Any], text: str) -> None:
    """One JSON object, or the sentences for a person; always on standard output."""
    typer.echo(json.dumps(body, ensure_ascii=False, default=str) if as_json else text)


@contextmanager
def progress() -> Iterator[Callable[[str], None]]:
    """On a terminal a moving line; in a log nothing but the steps."""
    if not sys.stderr.isatty():
        yield lambda message: typer.echo(message, err=True)
        return
    from rich.console import Console

    with Console(stderr=True).status("…") as status:
        yield lambda message: status.update(message)
