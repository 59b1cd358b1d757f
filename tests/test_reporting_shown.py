"""A school that says little is shown as such wherever its list is read: in the row, on the page, in the file."""

import csv
import io
import json
from dataclasses import replace
from datetime import timedelta

import openpyxl
import pytest
from drawn_lists import (
    BY,
    DIAMANTE,
    ESPERANZA,
    LATIR,
    MONDAY_MORNING,
    SCHOOLS,
    SECOND_SUNDAY,
    bearer,
    draw_home,
    draw_list,
    draw_scores,
    student,
)
from small_school import DAY, WEEKS, absent, enrolled, given, grown_model, records_of
from starlette.testclient import TestClient

from serving import published
from serving.app import create_app
from serving.database import Database
from serving.exports import exported_list
from serving.people import Person, Role, add_person, issue_token, reach_of
from serving.profiles import profile_for
from serving.published import Wanted
from serving.publishing import publish
from serving.risk_lists import Capacity
from serving.weekly import run_week

SILENT = "La institución no reporta asistencia hace 5 semanas: su lista puede estar incompleta."
SAME_SITE = {"origin": "http://testserver"}


def warned(risk_list, **told):
    """The list with a score for each of its schools, and a warning for those named."""
    schools = {
        code: replace(school, reporting_quality=0.0 if code in told else 0.9, notice=told.get(code))
        for code, school in SCHOOLS.items()
    }
    return replace(risk_list, schools=schools)


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """A city whose school DIAMANTE says nothing: not one of its students reaches the list."""
    settings, tokens = draw_home(tmp_path_factory.mktemp("home") / "h")
    database = Database.open(settings.database_url, settings.keys())
    scores = draw_scores(SECOND_SUNDAY, 60, schools=(ESPERANZA, LATIR))
    lone = draw_scores(SECOND_SUNDAY, 61, schools=(DIAMANTE,)).tail(1)
    publish(
        database, warned(draw_list(SECOND_SUNDAY, scores=scores.vstack(lone), per_school=0), **{DIAMANTE: SILENT}), BY
    )
    for code in (DIAMANTE, LATIR):
        add_person(database, Person(code, Role.SCHOOL, reach_of([code])), BY)
        tokens[code] = issue_token(database, code, BY)
    database.engine.dispose()
    return settings, tokens


@pytest.fixture
def client(home):
    app = create_app(home[0], lambda: MONDAY_MORNING)
    with TestClient(app, raise_server_exceptions=False) as client:
        yield client
    app.state.service.database.engine.dispose()


@pytest.fixture
def page(client, home):
    def page(who, path="/lista"):
        client.post("/entrar", data={"ficha": home[1][who]}, headers=SAME_SITE)
        return " ".join(client.get(path).text.split())

    return page


def test_a_school_without_a_single_row_is_warned_of_its_own_silence(page):
    shown = page(DIAMANTE)

    assert "No hay estudiantes en esta lista" in shown
    assert SILENT in shown


def test_a_school_that_reports_is_not_warned_of_another(page):
    assert "su lista puede estar incompleta" not in page(LATIR)


def test_the_city_sees_which_schools_report_little(page):
    shown = page("cobertura")

    assert "1 institución reporta poco: su lista puede estar incompleta" in shown
    assert f"IE El Diamante. {SILENT}" in shown


def test_the_city_looking_at_one_school_sees_its_warning_and_at_another_sees_none(page):
    assert SILENT in page("cobertura", f"/lista?colegio={DIAMANTE}")
    assert "reporta" not in page("cobertura", f"/lista?colegio={LATIR}").split("Cómo leer esta lista")[0]


def test_the_api_gives_the_score_in_each_row_and_the_warnings_within_reach(client, home):
    def ask(who, path="/api/v1/risk-lists/latest"):
        return client.get(path, headers=bearer(home[1][who])).json()

    notice = {
        "institution_id": DIAMANTE,
        "institution_name": "IE El Diamante",
        "reporting_quality": 0.0,
        "notice": SILENT,
    }
    assert ask("cobertura")["notices"] == ask(DIAMANTE)["notices"] == [notice]
    assert ask(LATIR)["notices"] == []
    assert ask("cobertura", f"/api/v1/institutions/{DIAMANTE}/watchlist")["notices"] == [notice]
    assert ask("cobertura", "/api/v1/risk-lists/latest?comuna=Comuna 14")["notices"] == []
    assert {(row["reporting_quality"], row["reporting_notice"]) for row in ask(LATIR)["rows"]} == {(0.9, None)}


def test_the_warnings_come_once_with_the_first_page(client, home):
    first = client.get("/api/v1/risk-lists/latest?limit=5", headers=bearer(home[1]["cobertura"])).json()
    second = client.get(
        f"/api/v1/risk-lists/latest?limit=5&cursor={first['next_cursor']}", headers=bearer(home[1]["cobertura"])
    ).json()

    assert (len(first["notices"]), second["notices"]) == (1, [])


def test_the_files_carry_the_warning_beside_the_rows_and_about_the_list(tmp_path):
    database = Database.open(f"sqlite:///{tmp_path / 'x.sqlite'}")
    publish(database, warned(draw_list(SECOND_SUNDAY), **{DIAMANTE: SILENT}), BY)

    text = exported_list(database, None, None, "csv", BY).decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text, newline=""), delimiter=";"))
    told = {row["Código DANE"]: row["Aviso sobre el reporte"] for row in rows}
    book = openpyxl.load_workbook(io.BytesIO(exported_list(database, None, None, "xlsx", BY)))

    assert told == {ESPERANZA: "", LATIR: "", DIAMANTE: SILENT}
    assert ("IE El Diamante", SILENT) in list(book["Acerca de esta lista"].values)
    assert [one["notice"] for one in json.loads(exported_list(database, None, None, "json", BY))["notices"]] == [SILENT]
    database.engine.dispose()


def test_the_page_of_a_student_tells_the_warning_first_among_what_is_not_known(tmp_path):
    database = Database.open(f"sqlite:///{tmp_path / 'x.sqlite'}")
    publish(database, warned(draw_list(SECOND_SUNDAY), **{ESPERANZA: SILENT}), BY)

    with database.reading() as connection:
        profile = profile_for(connection, Person("cobertura", Role.COVERAGE), student(1))

    assert profile.not_known[0] == SILENT
    database.engine.dispose()


def test_another_warning_is_another_list():
    quiet, told = warned(draw_list(SECOND_SUNDAY)), warned(draw_list(SECOND_SUNDAY), **{DIAMANTE: SILENT})

    assert quiet.content_hash != told.content_hash


def test_the_weekly_run_warns_of_the_school_that_stopped_reporting(tmp_path):
    """Two schools; the second sent its last attendance in the first week of April."""
    names = [f"a{number}" for number in range(8)]
    tables = given()["tables"] | {
        "enrolment": [enrolled(name, "1" if name < "a4" else "2") for name in names],
        "attendance": [absent(name, week, 0) for name in names for week in WEEKS if name < "a4" or week == WEEKS[0]],
    }
    database = Database.open(f"sqlite:///{tmp_path / 'x.sqlite'}")

    week = run_week(records_of(tables), replace(grown_model(), version="3"), DAY, Capacity(3, 1), database, BY)

    with database.reading() as connection:
        (notice,) = published.notices(connection, week.id, Wanted())
        rows = [json.loads(row.body) for row in published.rows(connection, week.id, Wanted(city_list_only=False))]
    weeks = int((DAY - WEEKS[0] - timedelta(days=4)).days / 7)
    assert (notice.institution_id, notice.notice) == (
        "2", f"La institución no reporta asistencia hace {weeks} semanas: su lista puede estar incompleta."
    )  # fmt: skip
    assert {row["institution"]: row["reporting_notice"] for row in rows} == {"1": None, "2": notice.notice}
    database.engine.dispose()
