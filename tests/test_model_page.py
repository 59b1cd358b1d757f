"""The page of the model tells people who do not count how often its lists were right, and what it cannot know."""

import json
import re

import pytest
from office import office_home, visiting
from small_school import grown_model

from models.model_files import write_files
from serving import runs_shown
from serving.model_shown import ModelShown, natural
from serving.people import Role

WORDS = re.compile(r"desertor|\bcausa|provoca|culpa|\brojo\b|\bverde\b|amarillo", re.IGNORECASE)
CARD = {
    "what_it_does": "Ordena a quién ofrecer apoyo primero.",
    "what_it_does_not": ["No decide nada sobre nadie."],
    "limits": ["No ve lo que pasa en la casa."],
    "horizon_weeks": 4,
    "judged": [
        {"method": "model", "precision_at_capacity": 0.305, "precision_low": 0.239, "precision_high": 0.354},
        {"method": "over_age", "precision_at_capacity": 0.02, "precision_low": None, "precision_high": None},
        {"method": "school_rate", "precision_at_capacity": 0.0, "precision_low": 0.0, "precision_high": 0.01},
    ],
    "judged_on": {"days": 32.0, "students": 20438.0, "capacity": 37.0},
    "fairness": [
        {"trait": "sex", "group": "femenino", "enough": True, "recall": 0.154, "verdict": "sin diferencia demostrada"},
        {"trait": "zone", "group": "rural", "enough": False, "recall": None, "verdict": "no hay datos suficientes"},
    ],
    "deciles": [{"decile": 10, "expected": 0.0239, "observed": 0.0252}],
    "promoted_by": "",
    "promoted_on": "",
    "expires_on": "2024-12-31",
}


@pytest.fixture
def home(tmp_path):
    return office_home(tmp_path / "h")


def put(settings, **changed):
    write_files(settings.champion, grown_model().texts() | {"card.json": json.dumps(CARD | changed)})


def text_of(answer):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.text))


def test_the_page_says_of_ten_listed_how_many_left_beside_the_simple_rules_and_by_group(home):
    put(home[0])
    with visiting(home, "esperanza") as visitor:
        answer = visitor.open("/modelo")
    page = text_of(answer)

    assert answer.status_code == 200
    assert "cerca de 3 de cada 10 dejaron de estudiar en las 4 semanas siguientes" in page
    assert "mirar solo la institución" in page and "24 y 35" in page and "20.438 estudiantes" in page
    assert "femenino 15 sin diferencia demostrada" in page and "rural — no hay datos suficientes" in page
    assert "No decide nada sobre nadie." in page and "No ve lo que pasa en la casa." in page
    assert "31 de diciembre de 2024" in page and "Nadie responde todavía" in page
    assert not WORDS.search(page)


def test_the_chart_and_the_table_below_it_tell_the_same_numbers(home):
    put(home[0])
    with visiting(home, "ciencia") as visitor:
        html = visitor.open("/modelo").text
    chart, table = re.search(r"<svg.*?</svg>", html, re.DOTALL)[0], html.split("</svg>", 1)[1].split("</table>")[0]

    drawn = [int(number) for number in re.findall(r">(\d+)</text>", chart)]
    assert drawn == [int(number) for number in re.findall(r'data-label="De cada 100">(\d+)<', table)] == [30, 2, 0]
    assert "<title" in chart and "style=" not in html


def test_a_model_past_its_day_says_so_first(home):
    put(home[0], expires_on="2024-05-01")
    with visiting(home, "cobertura") as visitor:
        page = text_of(visitor.open("/modelo"))

    assert "Este modelo venció el 1 de mayo de 2024" in page


def test_a_model_without_figures_says_that_it_has_none(home):
    grown_model().save(home[0].champion)
    with visiting(home, "cobertura") as visitor:
        page = text_of(visitor.open("/modelo"))

    assert "no trae cifras" in page and "cada 10" not in page


def test_files_that_somebody_changed_are_not_shown(home):
    put(home[0])
    card = home[0].champion / "card.json"
    card.write_text(card.read_text().replace("0.305", "0.905"))
    with visiting(home, "cobertura") as visitor:
        answer = visitor.open("/modelo")

    assert answer.status_code == 503 and "9 de cada 10" not in answer.text


def test_what_the_watch_found_last_is_on_the_page(home):
    put(home[0])
    told = {"day": "2024-05-12", "alarms": [{"sentence": "La inasistencia no llega hace 5 semanas."}]}
    runs_shown.keep_watched(told | {"not_judged": ["Puntajes: aún no."], "drift": {"variables": []}}, home[0])
    with visiting(home, "supervisa") as visitor:
        model, runs = text_of(visitor.open("/modelo")), text_of(visitor.open("/corridas"))

    for page in (model, runs):
        assert "Se revisó el 12/05/2024" in page and "no llega hace 5 semanas" in page and "Puntajes: aún no." in page


@pytest.mark.parametrize(
    "share, said", [(0.305, "3 de cada 10"), (1.0, "10 de cada 10"), (0.095, "1 de cada 10"), (0.05, "5 de cada 100")]
)
def test_shares_are_said_as_people_say_them(share, said):
    assert natural(share) == f"cerca de {said}"


def test_every_role_may_read_it(home):
    assert len(Role) == 6
    for who in home[1]:
        with visiting(home, who) as visitor:
            assert visitor.open("/modelo").status_code == 200


def test_nothing_is_made_up_where_the_card_is_empty():
    empty = ModelShown("1", None, {})

    assert (empty.found, empty.groups, empty.tenths, empty.of_ten, empty.until) == ((), (), (), None, None)
    assert empty.what_it_does and empty.what_it_does_not
