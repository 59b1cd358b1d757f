"""A PostgreSQL of our own for the tests: made from Debian's programs, on a socket, gone when the tests end."""

from __future__ import annotations

import itertools
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import make_url

from serving.database import Database
from serving.sealing import Keys, Sealer
from serving.tenancy import APPLICATION_ROLE

OWNER = "permanencia_owner"
TEMPLATE = "permanencia_template"
NOT_HERE = "PostgreSQL is not here (apt-get install postgresql): what it does was not tried"
QUICK = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "shared_buffers=32MB", "max_connections=60")
"""Nothing here outlives the tests, so nothing waits for the disk."""
PATIENCE = 60.0
KEYS = Keys(Sealer((bytes(range(32)),)))
"""Of the databases of the tests."""


@dataclass
class Server:
    """One running cluster; each test takes a fresh copy of the migrated database."""

    socket: Path
    numbers: Iterator[int] = field(default_factory=itertools.count)

    def url(self, name: str, role: str = APPLICATION_ROLE) -> str:
        return f"postgresql+psycopg://{role}@/{name}?host={self.socket}"

    def run(self, statement: str, name: str = "postgres", role: str = "postgres") -> list[tuple[object, ...]]:
        with closing(psycopg.connect(host=str(self.socket), user=role, dbname=name, autocommit=True)) as connection:
            cursor = connection.execute(statement)  # type: ignore[call-overload]
            return cursor.fetchall() if cursor.description else []

    def empty(self) -> str:
        """The name of a database without a table, of the owner."""
        name = f"empty_{next(self.numbers)}"
        self.run(f"CREATE DATABASE {name} OWNER {OWNER}")
        return name

    def fresh(self, template: str = TEMPLATE) -> str:
        """The name of a database that is a copy of another, by default one with the tables and nothing in them."""
        name = f"test_{next(self.numbers)}"
        self.run(f"CREATE DATABASE {name} TEMPLATE {template} OWNER {OWNER}")
        return name

    def address(self, like: str = "") -> str:
        """Of a fresh database; `like`: the address of the one that it is a copy of."""
        return self.url(self.fresh(make_url(like).database or "") if like else self.fresh())


def programs() -> Path | None:
    """Where Debian keeps initdb and postgres, the newest first; they are not on the path."""
    found = shutil.which("initdb")
    places = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda one: float(one.parts[-3]))
    return Path(found).parent if found else places[-1].parent if places else None


def known(user: str) -> bool:
    try:
        return bool(pwd.getpwnam(user))
    except KeyError:
        return False


@contextmanager
def running() -> Iterator[Server]:
    """PostgreSQL refuses to run as root: then it runs as the user that Debian made for it."""
    where = programs()
    if where is None:
        pytest.skip(NOT_HERE)
    user = "postgres" if os.geteuid() == 0 else None
    if user and not known(user):
        pytest.skip(f"{NOT_HERE}; root may not run it, and there is no user {user}")
    folder = Path(tempfile.mkdtemp(prefix="pg-"))  # a socket's path may have some hundred letters, no more
    if user:
        shutil.chown(folder, user, user)
    data, sandbox = folder / "data", {"user": user, "group": user, "extra_groups": []} if user else {}
    make = [where / "initdb", "--no-sync", "--auth=trust", "--username=postgres", "--encoding=UTF8", "--locale=C.UTF-8"]
    subprocess.run([*make, "--pgdata", data], check=True, stdout=subprocess.DEVNULL, cwd=folder, **sandbox)
    options = [part for option in QUICK for part in ("-c", option)]
    start = [where / "postgres", "-D", data, "-k", folder, "-c", "listen_addresses=", *options]
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(start, cwd=folder, stdout=log, stderr=log, **sandbox)
    try:
        yield prepared(Server(folder))
    finally:
        server.send_signal(signal.SIGQUIT)  # at once: nothing is worth keeping
        server.wait(PATIENCE)
        shutil.rmtree(folder)


@contextmanager
def address(database: str) -> Iterator[str]:
    """Nothing for the embedded database of the home; else a fresh one of a PostgreSQL of our own."""
    if database == "sqlite":
        yield ""
        return
    with running() as server:
        yield server.url(server.fresh())


def prepared(server: Server) -> Server:
    wait_for(server)
    for role in (OWNER, APPLICATION_ROLE):
        server.run(f"CREATE ROLE {role} LOGIN")
    server.run(f"CREATE DATABASE {TEMPLATE} OWNER {OWNER}")
    database = Database(server.url(TEMPLATE, OWNER), KEYS)
    database.upgrade()
    database.engine.dispose()
    return server


def wait_for(server: Server) -> None:
    until = time.monotonic() + PATIENCE
    while True:
        try:
            server.run("SELECT 1")
        except psycopg.OperationalError:
            if time.monotonic() > until:
                raise
            time.sleep(0.05)
        else:
            return


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    with running() as server:
        yield server


@pytest.fixture(scope="session")
def embedded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An embedded database with the tables and nothing in them."""
    file = tmp_path_factory.mktemp("embedded") / "x.sqlite"
    database = Database.open(f"sqlite:///{file}", KEYS)
    database.engine.dispose()
    return file


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Each kind of database in turn, with the tables and nothing in them."""
    if request.param == "sqlite":
        shutil.copy(request.getfixturevalue("embedded"), tmp_path / "x.sqlite")
        return f"sqlite:///{tmp_path / 'x.sqlite'}"
    server: Server = request.getfixturevalue("postgres")
    return server.url(server.fresh())


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def each_database(request: pytest.FixtureRequest) -> str:
    """For a whole module: nothing said, so that the home keeps its own database; or the address of a fresh one."""
    if request.param == "sqlite":
        return ""
    server: Server = request.getfixturevalue("postgres")
    return server.url(server.fresh())


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    opened = Database.open(database_url, KEYS)
    yield opened
    opened.engine.dispose()
