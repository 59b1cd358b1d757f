"""One person takes so many files in an hour and no more; who must wait is told from when on, and others go on."""

from datetime import timedelta

import pytest
from drawn_lists import BY, DIAMANTE, ESPERANZA, MONDAY_MORNING, bearer, draw_home
from sqlalchemy import func, select
from starlette.testclient import TestClient

from serving import download_limits
from serving.app import create_app
from serving.database import By
from serving.tables import audit

MOST = 3
FILE = "/api/v1/risk-lists/latest/file?format=csv"


@pytest.fixture
def office(tmp_path, database_url):
    settings, tokens = draw_home(tmp_path / "h", students=12, database_url=database_url)
    moment = [MONDAY_MORNING]
    app = create_app(settings.model_copy(update={"downloads_per_hour": MOST}), lambda: moment[0])
    yield app, tokens, moment
    app.state.service.database.engine.dispose()


def lines(app, action):
    with app.state.service.database.reading() as connection:
        return connection.execute(select(func.count()).where(audit.c.action == action)).scalar_one()


def test_the_file_too_many_waits_until_the_first_is_an_hour_old_and_every_door_counts(office):
    app, tokens, moment = office
    with TestClient(app) as client:
        client.post("/entrar", data={"ficha": tokens["cobertura"]}, headers={"origin": "http://testserver"})
        taken = [client.get("/lista/descargar?formato=csv").status_code for _ in range(MOST - 1)]
        moment[0] += timedelta(minutes=20)
        taken.append(client.get(FILE, headers=bearer(tokens["cobertura"])).status_code)
        page, call = client.get("/lista/descargar?formato=csv"), client.get(FILE, headers=bearer(tokens["cobertura"]))
        still = [client.get("/lista").status_code, client.get(FILE, headers=bearer(tokens["esperanza"])).status_code]
        moment[0] += timedelta(minutes=40, seconds=1)
        later = client.get("/lista/descargar?formato=csv").status_code

    assert taken == [200] * MOST and still == [200, 200] and later == 200
    assert (page.status_code, call.status_code) == (429, 429)
    assert "Ya descargó 3 archivos en la última hora. Podrá volver a hacerlo a las 08:31." in page.text
    assert call.headers["content-type"] == "application/problem+json" and call.headers["retry-after"] == "2401"
    assert "08:31" in call.json()["detail"]
    assert lines(app, "export_refused") == 2 and lines(app, "export") == MOST + 2


def test_a_file_that_was_not_given_takes_no_turn(office):
    app, tokens, _ = office
    others = [f"/lista/descargar?formato=csv&colegio={DIAMANTE}", f"/instituciones/{DIAMANTE}/datos/descargar"]
    with TestClient(app) as client:
        client.post("/entrar", data={"ficha": tokens["esperanza"]}, headers={"origin": "http://testserver"})
        refused = [client.get(path).status_code for path in (*others, *others)]
        taken = [client.get(f"/instituciones/{ESPERANZA}/datos/descargar").status_code for _ in range(MOST + 1)]

    assert (refused, taken) == ([404] * 4, [200] * MOST + [429])


def test_what_was_refused_the_packs_and_the_desk_count_for_nothing(office):
    database = office[0].state.service.database
    who = By("ana", MONDAY_MORNING, BY.context, "GET download")
    for why, action in (("packs", "export"), ("", "export"), ("GET download", "export_refused")):
        database.note(By("ana", MONDAY_MORNING, BY.context, why), action, f"list:{ESPERANZA}")

    with database.reading() as connection:
        assert download_limits.free_again(connection, who, 1) is None
    database.note(who, "export", "list")
    with database.reading() as connection:
        assert download_limits.free_again(connection, who, 1) == MONDAY_MORNING + download_limits.HOUR
        assert download_limits.free_again(connection, who, 0) is None
