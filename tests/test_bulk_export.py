"""All schools' packs at once: prepared by one worker at a time, fetched by one person, for some minutes."""

import io
import re
import threading
import zipfile
from datetime import timedelta

import pytest
from drawn_lists import BY, ESPERANZA, MONDAY_MORNING, PEOPLE, SCHOOLS, draw_home, draw_roster, publish_two_weeks
from drawn_lists import student as pupil
from paper import needs_pango
from sqlalchemy import func, select, update
from sqlalchemy.exc import OperationalError
from starlette.testclient import TestClient

from serving import bulk_export, pack_files, roster
from serving.app import create_app
from serving.bulk_export import GOOD_FOR, HELD, PER_HOUR, State, TooManyExports, ask, find_job, packed, work
from serving.database import By
from serving.delivery_tables import export_jobs, export_packs
from serving.people import Person, Role, add_person, change_reach, issue_token, reach_of, remove_person
from serving.tables import audit, publications
from serving.tenancy import context_of

COVERAGE, SUPERVISOR = Person("cobertura", Role.COVERAGE), Person("supervisa", Role.SUPERVISOR)


class Clock:
    def __init__(self):
        self.at = MONDAY_MORNING

    def __call__(self):
        return self.at

    def later(self, seconds):
        self.at += timedelta(seconds=seconds)


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def database(database):
    publish_two_weeks(database)
    roster.upsert(database, draw_roster(), BY)
    for person in (COVERAGE, SUPERVISOR):
        add_person(database, person, BY)
    return database


@pytest.fixture
def without_paper(monkeypatch):
    """What is tried here is the queue: CSV alone, since paper takes a second for each school."""
    monkeypatch.setattr(pack_files, "KINDS", ("csv",))


def by(person, clock):
    return By(person.name, clock(), context_of(person))


def asked(database, clock, person=COVERAGE):
    with database.reading() as connection:
        publication = connection.execute(select(func.max(publications.c.id))).scalar_one()
    return ask(database, person, publication, by(person, clock), clock())


def found(database, job):
    with database.reading() as connection:
        return find_job(connection, job.person, job.id)


def fetched(database, job, person=COVERAGE):
    with database.reading_as(context_of(person)) as connection:
        return zipfile.ZipFile(io.BytesIO(packed(connection, job, person.reach)))


def kept(database):
    with database.reading_as(BY.context) as connection:
        return connection.execute(select(func.count()).select_from(export_packs)).scalar_one()


@pytest.mark.usefixtures("without_paper")
def test_every_school_has_its_pack_with_names_and_the_file_is_for_who_asked(database, clock):
    job = asked(database, clock)

    assert work(database, clock, "obrero") == 1
    ready = found(database, job)
    archive = fetched(database, ready)
    assert (ready.state, ready.done, ready.schools) == (State.READY, 3, 3)
    assert set(archive.namelist()) == {
        f"{stem}/{stem}-2024-05-13.csv"
        for stem in ("176001000011-la-esperanza", "176001000022-nuevo-latir", "176001000033-el-diamante")
    }
    assert "Rosa Mina" in archive.read(next(name for name in archive.namelist() if name.startswith(ESPERANZA))).decode()
    with database.reading() as connection:
        assert find_job(connection, "supervisa", job.id) is None


@pytest.mark.usefixtures("without_paper")
def test_no_name_and_no_pseudonym_can_be_read_where_the_packs_wait(database, clock):
    asked(database, clock)
    work(database, clock, "obrero")

    with database.reading_as(BY.context) as connection:
        sealed = b"".join(connection.execute(select(export_packs.c.sealed)).scalars())
    assert len(sealed) > 1000
    assert not [word for word in (b"Rosa", b"Mina", pupil(1).encode(), b"esperanza") if word in sealed]


@pytest.mark.usefixtures("without_paper")
def test_minutes_later_nothing_can_be_fetched_and_nothing_is_kept(database, clock):
    job = asked(database, clock)
    work(database, clock, "obrero")
    clock.later(GOOD_FOR - 1)
    assert found(database, job).good(int(clock().timestamp()))

    clock.later(1)
    work(database, clock, "obrero")

    assert not found(database, job).good(int(clock().timestamp()))
    assert kept(database) == 0


@pytest.mark.usefixtures("without_paper")
def test_asking_twice_is_asking_once_and_the_eleventh_in_an_hour_waits(database, clock):
    first = asked(database, clock)
    assert asked(database, clock).id == first.id
    work(database, clock, "obrero")
    for _ in range(PER_HOUR - 1):
        clock.later(60)
        asked(database, clock)
        work(database, clock, "obrero")

    with pytest.raises(TooManyExports) as wait:
        asked(database, clock)
    assert 0 < wait.value.seconds <= 3600
    clock.later(wait.value.seconds)
    assert asked(database, clock).moving()


@pytest.mark.usefixtures("without_paper")
def test_after_a_worker_dies_another_goes_on_where_it_stopped(database, clock, monkeypatch):
    class Killed(BaseException):
        """As the end of a process: nothing is tidied up."""

    job, made, whole = asked(database, clock), [], pack_files.of_school

    def dies_at_the_second(*told):
        if len(made) == 1:
            raise Killed
        made.append(told[3])
        return whole(*told)

    monkeypatch.setattr(pack_files, "of_school", dies_at_the_second)
    with pytest.raises(Killed):
        work(database, clock, "primero")
    assert work(database, clock, "segundo") == 0  # it may still be alive

    clock.later(HELD + 1)
    monkeypatch.setattr(pack_files, "of_school", lambda *told: made.append(told[3]) or whole(*told))
    assert work(database, clock, "segundo") == 1
    assert sorted(made) == sorted(SCHOOLS)
    assert len(fetched(database, found(database, job)).namelist()) == 3


@pytest.mark.usefixtures("without_paper")
def test_workers_at_the_same_time_share_no_export(database, clock, monkeypatch):
    made, whole = [], pack_files.of_school
    monkeypatch.setattr(pack_files, "of_school", lambda *told: made.append((told[2].name, told[3])) or whole(*told))
    jobs = [asked(database, clock), asked(database, clock, SUPERVISOR)]

    workers = [threading.Thread(target=work, args=(database, clock, f"obrero{n}")) for n in range(4)]
    for one in workers:
        one.start()
    for one in workers:
        one.join()

    assert len(made) == len(set(made)) == 6
    assert {found(database, job).state for job in jobs} == {State.READY}


@pytest.mark.usefixtures("without_paper")
def test_who_left_or_reaches_less_gets_no_more_than_they_may_see_now(database, clock):
    gone, less = asked(database, clock), asked(database, clock, SUPERVISOR)
    remove_person(database, "cobertura", BY)
    change_reach(database, "supervisa", reach_of([ESPERANZA]), BY)

    work(database, clock, "obrero")

    assert found(database, gone).state is State.FAILED
    assert found(database, less).done == 1


@pytest.mark.usefixtures("without_paper")
def test_a_reach_that_shrank_while_the_packs_waited_opens_the_rest_alone(database, clock):
    job = asked(database, clock)
    work(database, clock, "obrero")

    names = fetched(
        database, found(database, job), Person("cobertura", Role.COVERAGE, reach_of([ESPERANZA]))
    ).namelist()

    assert {name.split("/")[0] for name in names} == {f"{ESPERANZA}-la-esperanza"}


@pytest.mark.usefixtures("without_paper")
def test_a_broken_export_says_so_and_keeps_nothing_and_the_next_is_made_all_the_same(
    database, clock, monkeypatch, caplog
):
    whole = pack_files.of_school

    def breaks_for_one(*told):
        if told[2].name == COVERAGE.name and told[3] != ESPERANZA:
            raise RuntimeError("Rosa Mina")
        return whole(*told)

    broken, good = asked(database, clock), asked(database, clock, SUPERVISOR)
    monkeypatch.setattr(pack_files, "of_school", breaks_for_one)

    assert work(database, clock, "obrero") == 2
    assert (found(database, broken).state, found(database, broken).told) == (State.FAILED, bulk_export.BROKE)
    assert (found(database, good).state, kept(database)) == (State.READY, len(SCHOOLS))
    assert "RuntimeError" in caplog.text and "breaks_for_one" in caplog.text and "Rosa" not in caplog.text


@pytest.mark.usefixtures("without_paper")
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_what_a_lost_server_interrupts_is_no_fault_and_is_made_once_it_is_back(database, clock, monkeypatch):
    job, made, whole = asked(database, clock), [], pack_files.of_school

    def goes_at_the_second(*told):
        made.append(told[3])
        if len(made) == 2:
            raise OperationalError("SELECT", {}, Exception("server closed the connection"))
        return whole(*told)

    monkeypatch.setattr(pack_files, "of_school", goes_at_the_second)
    with pytest.raises(OperationalError):
        work(database, clock, "obrero")
    assert (found(database, job).state, found(database, job).told, kept(database)) == (State.WORKING, "", 1)

    clock.later(HELD + 1)
    assert work(database, clock, "obrero") == 1
    assert found(database, job).state is State.READY
    assert len(made) == len(SCHOOLS) + 1, "what was made before is not made again"


# On the page


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    settings, tokens = draw_home(tmp_path_factory.mktemp("home") / "h", students=12)
    clock = Clock()
    app = create_app(settings, clock)
    add_person(app.state.service.database, SUPERVISOR, BY)
    tokens["supervisa"] = issue_token(app.state.service.database, "supervisa", BY)
    yield app, tokens, clock
    app.state.service.database.engine.dispose()


def signed_in(site, name):
    client = TestClient(site[0], follow_redirects=False)
    client.post("/entrar", data={"ficha": site[1][name]}, headers={"origin": "http://testserver"})
    return client


def seal(client):
    return re.search(r'name="sello" value="([^"]+)"', client.get("/cuenta").text)[1]


@needs_pango
def test_asked_waited_fetched_and_over(site):
    app, _, clock = site
    client = signed_in(site, "cobertura")
    answer = client.post("/paquetes", data={"sello": seal(client)}, headers={"origin": "http://testserver"})
    work(app.state.service.database, clock, "uno")  # on a server a program beside the pages does it
    page = client.get("/paquetes").text
    link = re.search(r'href="(/paquetes/[0-9a-f]{32})"', page)[1]
    archive = zipfile.ZipFile(io.BytesIO(client.get(link).content))

    assert answer.status_code == 303
    assert {name.rsplit(".", 1)[1] for name in archive.namelist()} == {"pdf", "xlsx", "csv"}
    assert len(archive.namelist()) == 9 and archive.testzip() is None
    assert signed_in(site, "supervisa").get(link).status_code == 404
    assert "Rosa" not in page
    with app.state.service.database.reading() as connection:
        line = connection.execute(select(audit).where(audit.c.action == "fetch_packs")).one()
    assert (line.by, line.detail) == ("cobertura", "3 instituciones")

    clock.later(GOOD_FOR)
    assert client.get(link).status_code == 404
    assert "Vencido" in client.get("/paquetes").text


@pytest.mark.parametrize(
    "who", [person.name for person in PEOPLE if person.role not in (Role.COVERAGE, Role.SUPERVISOR)]
)
def test_whoever_may_not_take_all_packs_is_told_why(site, who):
    client = signed_in(site, who)

    for answer in (client.get("/paquetes"), client.get(f"/paquetes/{'0' * 32}")):
        assert answer.status_code == 403 and "no puede descargar los paquetes" in answer.text


def test_a_waiting_export_looks_again_by_itself_and_says_when_nobody_works(site):
    app, _, clock = site
    client = signed_in(site, "cobertura")
    database = app.state.service.database
    job = asked(database, clock)
    page = client.get("/paquetes")
    assert 'content="5; url=/paquetes"' in page.text and "En espera" in page.text

    clock.later(bulk_export.STUCK + 1)
    assert "permanencia work" in client.get("/paquetes").text
    with database.writing(BY, "test", job.id) as (connection, entry):
        entry.skip = True
        connection.execute(update(export_jobs).where(export_jobs.c.id == job.id).values(state="failed", told="Falta."))
    assert "Falta." in client.get("/paquetes").text
