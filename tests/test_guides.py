"""Every kind of reason has its action sheet: how to call, what to ask, where to refer, what to write down."""

import pytest
from drawn_lists import MONDAY_MORNING, draw_home
from starlette.testclient import TestClient

from features.feature import FAMILY_NAMES
from serving.app import create_app
from serving.guides import GUIDES, PARTS, all_guides, guide_for, guides_among

PROGRAMMES = ("PAE", "Transporte", "psicosocial", "flexibles", "Discapacidad", "SIMAT")


@pytest.fixture(scope="module")
def client(tmp_path_factory):
    settings, tokens = draw_home(tmp_path_factory.mktemp("home") / "h", students=12)
    app = create_app(settings, lambda: MONDAY_MORNING)
    with TestClient(app) as client:
        client.post("/entrar", data={"ficha": tokens["esperanza"]}, headers={"origin": "http://testserver"})
        yield client
    app.state.service.database.engine.dispose()


@pytest.mark.parametrize("family", FAMILY_NAMES)
def test_every_kind_of_reason_has_a_whole_sheet(family):
    guide = guide_for(family)

    assert tuple(guide.parts) == PARTS
    assert "«" in guide.parts["Guion de la llamada"]
    assert guide.parts["Preguntas"].count("?") >= 3
    assert any(programme in guide.parts["A qué remitir"] for programme in PROGRAMMES)
    assert not [word for word in ("desertor", "deserta ") if word in guide.text.lower()]


def test_there_is_no_sheet_without_a_reason():
    assert {path.stem for path in GUIDES.glob("*.md")} == set(FAMILY_NAMES)
    assert all(guide_for(asked) is None for asked in ("", "../pack", "attendance.md", "ATTENDANCE"))


def test_a_list_brings_one_sheet_for_each_kind_of_its_reasons_and_no_other():
    rows = [{"reasons": [{"family": "progress"}, {"family": "attendance"}]}, {"reasons": [{"family": "progress"}]}]

    assert [guide.family for guide in guides_among(rows)] == ["progress", "attendance"]


def test_the_pages_show_every_sheet_and_its_parts(client):
    page = client.get("/guias").text
    one = client.get("/guias/attendance").text

    assert all(f'href="/guias/{guide.family}"' in page and guide.title in page for guide in all_guides())
    assert all(f"<h2>{part}</h2>" in one for part in PARTS)
    assert one.count("<h1>") == 1


def test_a_sheet_that_does_not_exist_is_not_found(client):
    assert client.get("/guias/otra").status_code == 404
