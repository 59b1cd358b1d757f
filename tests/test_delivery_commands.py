"""`permanencia work` and `deliver` as they are really run: killed half-way, and two at once, on both databases."""

import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from canaries import CANARY
from drawn_lists import BY, MONDAY_MORNING, draw_home
from paper import needs_pango
from sqlalchemy import func, select, update
from test_mailing import Letterbox, free_port

from serving.bulk_export import State, ask, find_job
from serving.database import By, Database
from serving.delivery_tables import export_jobs, export_packs
from serving.patience import AWAY, BACK
from serving.people import Person, Role, add_person
from serving.published import publication_for
from serving.tenancy import context_of

HOUSE = Path(__file__).parents[1]
PATIENCE = 300.0  # seconds, on a busy machine
COVERAGE = Person("cobertura", Role.COVERAGE)
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning")


@dataclass
class Office:
    home: Path
    database: Database

    def run(self, *words, complaints=None, **told):
        own = {"PERMANENCIA_HOME": str(self.home), "PERMANENCIA_DATABASE_URL": self.database.url}
        command = [sys.executable, "-m", "serving.cli", *words]
        ways = {"stdout": subprocess.PIPE, "stderr": complaints, "text": True}
        return subprocess.Popen(command, cwd=HOUSE, env=os.environ | own | told, **ways)

    def ended(self, *words, **told):
        said, _ = self.run(*words, **told).communicate(timeout=PATIENCE)
        return said

    def packs(self):
        with self.database.reading_as(BY.context) as connection:
            return connection.execute(select(func.count()).select_from(export_packs)).scalar_one()

    def asks(self):
        with self.database.reading() as connection:
            publication = publication_for(connection, None).id
        by = By("cobertura", MONDAY_MORNING, context_of(COVERAGE))
        return ask(self.database, COVERAGE, publication, by, MONDAY_MORNING)

    def found(self, job):
        with self.database.reading() as connection:
            return find_job(connection, "cobertura", job.id)


@contextmanager
def drawn(folder, database_url):
    settings, _ = draw_home(folder, students=30, database_url=database_url)
    opened = Database.open(settings.database_url, settings.keys())
    yield Office(settings.home, opened)
    opened.engine.dispose()


@pytest.fixture
def office(tmp_path, database_url):
    with drawn(tmp_path / "h", database_url) as office:
        yield office


def until(holds):
    over = time.monotonic() + PATIENCE
    while not (held := holds()) and time.monotonic() < over:
        time.sleep(0.01)
    assert held


@needs_pango
def test_a_worker_killed_half_way_is_followed_by_another_that_makes_the_rest(office):
    job, first = office.asks(), office.run("work")
    until(office.packs)
    first.send_signal(signal.SIGKILL)
    first.communicate()
    made = office.packs()

    early = office.ended("work", "--once")  # the first may still be alive
    with office.database.writing(BY, "test", job.id) as (connection, entry):
        entry.skip = True  # five minutes go by
        connection.execute(update(export_jobs).where(export_jobs.c.held_until > 0).values(held_until=1))
    late = office.ended("work", "--once")

    found = office.found(job)
    assert 1 <= made <= 3
    assert (early.strip(), late.strip()) == ("Pedidos preparados: 0.", "Pedidos preparados: 1.")
    assert (found.state, found.done, office.packs()) == (State.READY, 3, 3)


@needs_pango
def test_a_worker_waits_for_a_database_that_went_away_and_then_goes_on(postgres, tmp_path):
    name = postgres.fresh()
    here = f"FROM pg_stat_activity WHERE datname = '{name}'"
    log = tmp_path / "complaints"
    with drawn(tmp_path / "h", postgres.url(name)) as office, log.open("w") as complaints:
        office.database.engine.dispose()  # so that nobody but the worker is connected
        worker = office.run("work", complaints=complaints)
        until(lambda: postgres.run(f"SELECT pid {here} AND query = 'COMMIT'"))  # it has looked, and nothing waits
        postgres.run(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
        postgres.run(f"SELECT pg_terminate_backend(pid) {here}")
        until(lambda: AWAY.format(1.0) in log.read_text())
        postgres.run(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")

        job = office.asks()
        until(lambda: office.found(job).state is State.READY)
        until(lambda: BACK in log.read_text())  # it says so when the turn that made the packs is over
        worker.terminate()
        worker.communicate()

    told = log.read_text().splitlines()
    assert {line for line in told if not line.startswith(AWAY[:30])} == {BACK}


def test_two_deliveries_at_once_write_to_nobody_twice_and_name_no_child(office):
    for number in range(6):
        add_person(office.database, Person(f"cobertura{number}", Role.COVERAGE), BY, f"c{number}@secretaria.example")
    box = Letterbox()
    server = Controller(box, hostname="127.0.0.1", port=free_port())
    server.start()
    mail = {"HOST": "127.0.0.1", "PORT": str(server.port), "SECURITY": "none", "FROM": "aviso@secretaria.example"}
    told = {f"PERMANENCIA_SMTP_{name}": value for name, value in mail.items()}
    told["PERMANENCIA_PUBLIC_URL"] = "https://permanencia.example"
    try:
        running = [office.run("deliver", **told) for _ in range(2)]
        said = [one.communicate(timeout=PATIENCE)[0] for one in running]
        again = office.ended("deliver", **told)
    finally:
        server.stop()

    assert [one.returncode for one in running] == [0, 0], said
    assert box.addresses == [f"c{number}@secretaria.example" for number in range(6)]
    assert "Correos enviados: 0. Ya avisados: 6." in again
    assert not [content for _, content in box.came if CANARY.search(content)]
