"""Canary names are seen where a name is asked for by who may, and in no log, figure, address, error or comment."""

import logging
import re
import smtplib
from urllib.parse import quote

import pytest
from canaries import CANARY, FIRST, LAST, WITH_NAMES, Kept, planted
from canary_watch import Heard
from drawn_lists import BY, ESPERANZA, MONDAY_MORNING, bearer, draw_home, draw_roster, student
from sqlalchemy import select
from starlette.testclient import TestClient

from serving import roster
from serving.app import create_app
from serving.database import Database
from serving.faults import Fault
from serving.tables import audit

COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
LIST = "/api/v1/risk-lists/latest"
CALLS = [
    LIST,
    f"{LIST}?names=true",
    f"/api/v1/institutions/{ESPERANZA}/watchlist?names=true",
    *(f"/api/v1/students/{student(number)}?names=true" for number in range(1, WITH_NAMES + 1)),
    "/api/v1/model",
    "/lista",
    f"/estudiantes/{student(1)}",
    "/metrics",
    "/api/openapi.json",
]
TYPED = [
    f"/api/v1/students/{FIRST}",
    f"{LIST}?institution={quote(LAST)}",
    f"{LIST}?{FIRST}={LAST}",
    f"{LIST}?cursor={FIRST}",
    f"/{FIRST}",
    f"/estudiantes/{LAST}",
]


@pytest.fixture(scope="module")
def walk(tmp_path_factory):
    """Everything asked once by each person; what was answered, and every line that was logged meanwhile."""
    settings, tokens = draw_home(tmp_path_factory.mktemp("home") / "h")
    database = Database.open(settings.database_url, settings.keys())
    roster.upsert(database, planted(draw_roster()), BY)
    database.engine.dispose()
    kept = Kept()
    logging.getLogger().addHandler(kept)
    app = create_app(settings, lambda: MONDAY_MORNING)
    with TestClient(app, raise_server_exceptions=False, follow_redirects=False) as client:
        client.post("/entrar", data={"token": tokens["cobertura"]})
        walked = [
            (path, who, client.get(path, headers=bearer(token) if path.startswith("/api") else {}))
            for who, token in tokens.items()
            for path in CALLS + TYPED
        ]
    with app.state.service.database.reading() as connection:
        told = [" ".join(map(str, line)) for line in connection.execute(select(audit))]
    app.state.service.database.engine.dispose()
    logging.getLogger().removeHandler(kept)
    return walked, kept.lines, told


def test_a_canary_is_seen_by_who_asks_for_names_and_may_see_them(walk):
    seen = {who for path, who, answer in walk[0] if "names=true" in path and CANARY.search(answer.text)}

    assert {"cobertura", "esperanza"} <= seen
    assert not {"ciencia", "administra"} & seen


def test_no_log_no_line_of_the_audit_and_no_figure_repeats_one(walk):
    walked, lines, told = walk

    assert lines == [] and len(told) > 10
    assert not [line for line in told if CANARY.search(line)]
    assert not [path for path, _, answer in walked if path == "/metrics" and CANARY.search(answer.text)]


def test_no_error_no_header_and_no_comment_repeats_one(walk):
    for path, _, answer in walk[0]:
        assert not any(CANARY.search(value) for name, value in answer.headers.items() if name != "location"), path
        assert not any(CANARY.search(comment) for comment in COMMENT.findall(answer.text)), path
        if answer.status_code >= 400:
            assert not CANARY.search(answer.text), path


def test_the_watch_would_hear_one():
    kept = Kept()
    log = logging.getLogger("permanencia.canary")
    log.addHandler(kept)
    log.propagate = False
    log.warning("leyó a %s", FIRST)
    log.warning("leyó a otra persona")
    log.removeHandler(kept)

    assert len(kept.lines) == 1


# The watch over the whole suite (canary_watch.py)

PAGE = "<html><title>{}</title><body>{}</body></html>"
HTML = {"content-type": "text/html; charset=utf-8"}


@pytest.mark.parametrize(
    "kind, asked, status, headers, body",
    [
        ("comment", "/lista", 200, HTML, f"<p>bien</p><!-- {FIRST} -->"),
        ("link", "/lista", 200, HTML, f'<a href="/lista?buscar={quote(LAST)}">aquí</a>'),
        ("header", "/lista", 200, HTML | {"content-disposition": f"filename={FIRST}.csv"}, ""),
        ("header", "/lista", 303, {"location": f"/lista?{FIRST}"}, ""),
        ("error", "/lista", 404, HTML, PAGE.format("No se encontró", FIRST)),
        ("error", "/api/v1/model", 422, {"content-type": "application/problem+json"}, f'{{"detail": "{LAST}"}}'),
        ("metric", "/metrics", 200, {"content-type": "text/plain"}, f'seen{{who="{FIRST}"}} 1'),
    ],
)
def test_the_watch_over_the_suite_hears_each_place_where_no_name_belongs(kind, asked, status, headers, body):
    heard = Heard()
    heard.answer(asked, status, headers, body)

    assert heard.places == [f"{kind}: {asked}"]


def test_the_watch_leaves_a_page_that_may_name_its_child_and_a_redirect_to_what_was_typed():
    heard = Heard()
    heard.answer("/estudiantes/1", 200, HTML, PAGE.format("Estudiante", f"<h1>{FIRST}</h1>"))
    heard.answer("/estudiantes/1/contactos", 422, HTML, PAGE.format("Registrar un contacto", f"<h1>{FIRST}</h1>"))
    heard.answer(f"/{FIRST}/", 307, {"location": f"/{FIRST}"}, "")

    assert heard.places == []


def test_the_watch_stands_over_answers_letters_and_faults(everything_told, walk):
    before = dict(everything_told.listened)
    Fault("Falta algo.")

    assert everything_told.listened["fault"] == before.get("fault", 0) + 1
    assert before["header"] > 50 and before["error"] > 10 and before["metric"] >= 4
    assert smtplib.SMTP.send_message.__module__ == "canary_watch"
