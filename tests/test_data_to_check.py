"""A wrong telephone and wrong data: who is told of them, in what words, and that neither hides a child who is there."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from drawn_lists import BY, ESPERANZA, LATIR, MONDAY_MORNING, student
from followed_home import caller, followed_app
from test_pages import read

from models.list_order import followed
from serving.contact_records import logged_until
from serving.contact_words import OUTCOMES, WRONG_DATA, WRONG_NUMBER

ROSA, NEIGHBOUR, FAR = student(1), student(4), student(2)  # the first two at one school
SCHOOL = f"/instituciones/{ESPERANZA}"
SECRET = "hospitalizada, inasistencia justificada"


@pytest.fixture
def app(tmp_path):
    with followed_app(tmp_path / "h") as app:
        yield app


@pytest.fixture
def call(app):
    """As somebody, so many minutes after Monday morning: of two words of one person the later counts."""

    def call(who, path, body, minutes=0):
        set_clock(app, MONDAY_MORNING + timedelta(minutes=minutes))
        answer = caller(app, app.state.tokens)(who, path, body)
        assert answer.status_code == 201, answer.text
        return answer.json()

    return call


def set_clock(app, now):
    app.state.service = replace(app.state.service, clock=lambda: now)


def to_check(page):
    return read(page).split("Datos por revisar")[1]


def test_a_wrong_telephone_is_no_data_error_it_finds_nobody_and_the_child_stays_on_the_list(app, sign_in, call):
    words = read(sign_in().get(f"/estudiantes/{ROSA}"))
    assert "Si quien contesta no conoce al estudiante, no siga: registre «Teléfono equivocado»." in words
    assert "«Error de datos» es solo para una matrícula que no es cierta" in words

    call("cobertura", "/contacts", {"student_id": ROSA, "kind": "CALL", "outcome": WRONG_NUMBER})
    day = MONDAY_MORNING.date()
    with app.state.service.database.reading_as(BY.context) as connection:
        visits = logged_until(connection, day)
    assert (OUTCOMES[WRONG_NUMBER].finding, visits["result"].to_list()) == ("NOT_FOUND", ["NOT_FOUND"])
    assert followed(visits, day, 4) == {}


def test_an_opinion_is_read_by_whom_it_is_for_and_its_words_by_those_who_read_notes(sign_in, call):
    call("esperanza", "/feedback", {"student_id": ROSA, "verdict": "USEFUL"})
    call("esperanza", "/feedback", {"student_id": ROSA, "verdict": WRONG_DATA, "note": SECRET}, minutes=1)
    call("cobertura", "/feedback", {"student_id": ROSA, "verdict": "NOT_USEFUL"}, minutes=2)
    said = {who: read(sign_in(who).get(f"/estudiantes/{ROSA}")) for who in ("supervisa", "trabaja", "ciencia")}
    own = read(sign_in("esperanza").get(f"/estudiantes/{ROSA}"))

    for words in (said["supervisa"], said["trabaja"], own):
        assert f"13/05/2024 · Dato errado. Lo dijo esperanza. {SECRET}" in words
        assert "13/05/2024 · No útil. Lo dijo cobertura." in words
        assert "· Útil. Lo dijo" not in words, "a change of mind leaves the last word"
    scientist = said["ciencia"].split("Qué se opina de esta predicción")[1]
    assert "13/05/2024 · No útil. 13/05/2024 · Dato errado." in scientist
    assert not [word for word in (SECRET, "Lo dijo", "nota reservada") if word in said["ciencia"]]


def test_a_school_is_told_that_a_note_is_there_and_not_what_it_says(sign_in, call):
    call("cobertura", "/feedback", {"student_id": ROSA, "verdict": WRONG_DATA, "note": SECRET})
    words = read(sign_in("esperanza").get(f"/estudiantes/{ROSA}"))

    assert "Dato errado. Lo dijo cobertura. Tiene una nota reservada." in words and SECRET not in words


def test_the_page_of_a_school_lists_whose_telephone_or_data_are_said_to_be_wrong(sign_in, call):
    call("esperanza", "/feedback", {"student_id": ROSA, "verdict": WRONG_DATA})
    call("cobertura", "/contacts", {"student_id": NEIGHBOUR, "kind": "CALL", "outcome": WRONG_NUMBER})
    call("cobertura", "/contacts", {"student_id": FAR, "kind": "CALL", "outcome": WRONG_NUMBER})

    for who in ("supervisa", "cobertura", "esperanza"):
        page = sign_in(who).get(SCHOOL)
        assert "2 estudiantes tienen un teléfono o un dato" in to_check(page)
        assert "Rosa Mina" in to_check(page) and "Dato errado (13/05/2024)." in to_check(page)
        assert "Teléfono equivocado (13/05/2024)." in to_check(page)
        linked = re.findall(r'href="/estudiantes/(\w+)"', page.text.split("Datos por revisar")[1])
        assert sorted(linked) == [ROSA, NEIGHBOUR] and sign_in(who).get(f"/estudiantes/{ROSA}").status_code == 200
    assert "1 estudiante tiene un teléfono" in to_check(sign_in().get(f"/instituciones/{LATIR}"))
    scientist = to_check(sign_in("ciencia").get(SCHOOL))
    assert "Algunos estudiantes tienen un teléfono o un dato" in scientist and "Teléfono equivocado (" not in scientist


@pytest.mark.parametrize("later", ["reached", "another opinion", "a mistake", "nine weeks"])
def test_what_was_put_right_or_is_long_past_is_not_asked_for_any_more(app, sign_in, call, later):
    made = call("cobertura", "/contacts", {"student_id": NEIGHBOUR, "kind": "CALL", "outcome": WRONG_NUMBER})
    call("esperanza", "/feedback", {"student_id": ROSA, "verdict": WRONG_DATA})
    again = {"student_id": NEIGHBOUR, "kind": "VISIT"}
    if later == "reached":
        call("cobertura", "/contacts", again | {"outcome": "ATTENDING"}, minutes=1)
    elif later == "a mistake":
        told = {"student_id": NEIGHBOUR, "kind": "CALL", "outcome": "MISTAKE", "corrects": made["contact_id"]}
        call("cobertura", "/contacts", told, minutes=1)
    elif later == "another opinion":
        call("esperanza", "/feedback", {"student_id": ROSA, "verdict": "USEFUL"}, minutes=1)
    else:
        set_clock(app, MONDAY_MORNING + timedelta(weeks=9))
    words = to_check(sign_in().get(SCHOOL))

    assert ("Teléfono equivocado (" in words) is (later == "another opinion")
    assert ("Dato errado (" in words) is (later in ("reached", "a mistake"))
