"""Where runs are killed (kills.py): a home with a model and one published week, and copies of its database."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import postgres_server
from postgres_server import Server

from serving.database import Database
from serving.settings import Settings

HOUSE = Path(__file__).parents[2]
FIRST, SECOND = date(2024, 4, 7), date(2024, 4, 14)
VISITS = "60"
CITY = ["--years", "2024:2024", "--seed", "1", "--weeks-of-last-year", "12"]
GROW = """
from small_school import grown_model
from serving.settings import read_settings
grown_model().save(read_settings().champion)
"""
SAFELY = ("shared_buffers=64MB",)
"""Nothing that spares PostgreSQL the wait for the disk."""


@dataclass
class Ground:
    """`copied`: the address of a fresh copy, given a folder; `quiet`: waits until nobody is connected any more."""

    home: Path
    copied: Callable[[Path], str]
    quiet: Callable[[str], None]
    statements: int = 0  # that the last whole run has written with

    def database(self, url: str) -> Database:
        return Database.open(url, Settings(home=self.home, database_url=url).keys())


@contextmanager
def ground(folder: Path, database: str, students: int, safely: bool) -> Iterator[Ground]:
    home = folder / "h"
    if database == "sqlite":
        make(home, students, "")
        file = home / "permanencia.sqlite"
        yield Ground(home, lambda place: f"sqlite:///{shutil.copy(file, place)}", lambda _: None)
        return
    if safely:
        postgres_server.QUICK = SAFELY
    with postgres_server.running() as server:
        name = server.fresh()
        make(home, students, server.url(name))
        print(f"fsync {server.run('SHOW fsync')[0][0]}", flush=True)
        yield Ground(home, lambda _: server.url(copy_of(server, name)), lambda url: await_quiet(server, url))


def make(home: Path, students: int, url: str) -> None:
    """A made-up city of twelve weeks, a small model, and the list of the first of two Mondays."""
    where = {"PERMANENCIA_HOME": str(home), **({"PERMANENCIA_DATABASE_URL": url} if url else {})}
    told = {**os.environ, **where, "PYTHONPATH": os.pathsep.join([str(HOUSE), str(HOUSE / "tests")])}
    files, permanencia = str(home.parent / "files"), ["-m", "serving.cli"]
    for command in (
        [*permanencia, "simulate", "--out", files, "--students", str(students), *CITY],
        [*permanencia, "ingest", files],
        ["-c", GROW],
        [*permanencia, "run-week", "--day", FIRST.isoformat(), "--capacity", VISITS],
    ):
        subprocess.run([sys.executable, *command], env=told, check=True, capture_output=True)


def copy_of(server: Server, name: str) -> str:
    """Only the last copy is kept: a hundred of them would fill a small disk."""
    for (old,) in server.run("SELECT datname FROM pg_database WHERE datname LIKE 'test_%'"):
        if old != name:
            server.run(f"DROP DATABASE {old} WITH (FORCE)")
    return server.fresh(name)


def await_quiet(server: Server, url: str) -> None:
    """A server may notice a moment later that who spoke to it is gone."""
    name = url.rpartition("/")[2].partition("?")[0]
    while (name,) in server.run("SELECT datname FROM pg_stat_activity"):
        time.sleep(0.02)
