"""What a row says beside its reasons: a contact that was made, a family that may be moving, or nothing."""

import json
from dataclasses import replace
from datetime import date

import pytest
from drawn_lists import BY, FIRST_SUNDAY, MONDAY_MORNING, draw_home, draw_list, student
from starlette.testclient import TestClient

from features.schema import FINDINGS as CODED
from models.wording import faults
from serving.app import create_app
from serving.database import Database
from serving.publishing import publish
from serving.risk_lists import RiskList
from serving.sentences import CALL_FIRST, FINDINGS, call_first, followed_since

CONTACT = {"on": date(2024, 5, 2), "result": "ABSENT"}
SAME_SITE = {"origin": "http://testserver"}


def noted(risk_list: RiskList) -> RiskList:
    """The first row has been contacted; the second is likelier to move than to leave."""
    first, second, *others = risk_list.lines
    lines = (replace(first, followed=CONTACT), replace(second, moved=min(1.0, second.score + 0.01)), *others)
    return replace(risk_list, lines=lines)


def test_every_finding_but_nobody_was_found_has_its_words():
    assert set(FINDINGS) == set(CODED) - {"NOT_FOUND"}


@pytest.mark.parametrize("result", CODED)
def test_a_contact_is_told_with_its_day_in_a_short_sentence(result):
    said = followed_since({"on": "2024-05-02", "result": result})

    assert said.startswith("Ya hay un contacto del 02/05/2024: ")
    assert not faults(said)


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({"score": 0.2, "moved": 0.3}, CALL_FIRST),
        ({"score": 0.2, "moved": 0.2}, None),
        ({"score": 0.2, "moved": None}, None),
        ({"score": 0.2}, None),
    ],
)
def test_calling_first_is_asked_only_where_a_move_is_likelier(row, said):
    assert call_first(row) == said
    assert not faults(CALL_FIRST)


@pytest.fixture
def pages(tmp_path):
    settings, tokens = draw_home(tmp_path / "h")
    database = Database.open(settings.database_url)

    def read(risk_list, path):
        publish(database, risk_list, BY)
        app = create_app(settings, lambda: MONDAY_MORNING)
        with TestClient(app, follow_redirects=True) as client:
            client.post("/entrar", data={"ficha": tokens["cobertura"]}, headers=SAME_SITE)
            text = client.get(path).text
        app.state.service.database.engine.dispose()
        return text

    yield read
    database.engine.dispose()


def test_the_list_and_the_page_of_a_student_tell_both(pages):
    from drawn_lists import SECOND_SUNDAY

    risk_list = noted(draw_list(SECOND_SUNDAY))
    told = pages(risk_list, "/lista")

    assert told.count("Ya hay un contacto del 02/05/2024: no asiste.") == 1
    assert told.count(CALL_FIRST) == 1
    assert "Ya hay un contacto" in pages(risk_list, f"/estudiantes/{risk_list.lines[0].student_id}")
    assert CALL_FIRST in pages(risk_list, f"/estudiantes/{risk_list.lines[1].student_id}")


def test_a_row_written_before_any_of_this_was_kept_is_still_shown(pages, monkeypatch):
    from drawn_lists import SECOND_SUNDAY

    new = {"followed", "moved", "frequency", "interval", "standing", "place"}
    described = RiskList.described
    monkeypatch.setattr(
        RiskList, "described", lambda self, line: {k: v for k, v in described(self, line).items() if k not in new}
    )
    old = draw_list(SECOND_SUNDAY, capacity=13)

    assert not new & set(json.loads(old.line_body(old.lines[0])))
    assert "Ya hay un contacto" not in pages(old, "/lista")
    assert "De cada 100 estudiantes con un perfil parecido" in pages(old, f"/estudiantes/{student(1)}")
    assert FIRST_SUNDAY < SECOND_SUNDAY
