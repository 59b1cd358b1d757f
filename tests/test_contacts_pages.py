"""Follow-up on the pages: three taps for "no contesta", errors beside their field, own cases, and who waits."""

import re

import pytest
from drawn_lists import BY, student
from followed_home import SAME_SITE, TODAY, caller, followed_app
from sqlalchemy import select
from test_pages import read

from serving.contact_tables import contacts

ROSA, OTHER, NOTED = student(1), student(2), student(88)
NEW = f"/estudiantes/{ROSA}/contactos/nuevo"
SECRET = "la abuela Maria Quintero pide discreción"


@pytest.fixture(scope="module")
def app(each_database, tmp_path_factory):
    with followed_app(tmp_path_factory.mktemp("home") / "h", each_database) as app:
        yield app


@pytest.fixture
def call(app):
    return caller(app, app.state.tokens)


def fields_of(page, form):
    """What a browser sends of a form's hidden fields and chosen options."""
    html = re.search(rf'<form[^>]*class="{form}".*?</form>', page.text, re.S)[0]
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', html))


def fill(client, path=NEW, form="contact", **told):
    page = client.get(path)
    return client.post(path, data=fields_of(page, form) | told, headers=SAME_SITE)


def contacts_of(call, child=ROSA):
    return call("cobertura", f"/students/{child}").json()["contacts"]


def test_nobody_answered_is_three_taps_from_the_list(sign_in, call):
    client, before = sign_in(), len(contacts_of(call))
    student_page = client.get(f"/estudiantes/{ROSA}")  # one: open the child
    assert f'href="{NEW}"' in student_page.text  # two: log a contact
    done = fill(client, form="quick", resultado="NO_ANSWER")  # three: the button saves

    assert (done.status_code, done.headers["location"]) == (303, f"/estudiantes/{ROSA}#contactos")
    made = contacts_of(call)[0]
    assert len(contacts_of(call)) == before + 1
    assert (made["outcome"], made["kind"], made["contacted_on"]) == ("NO_ANSWER", "CALL", str(TODAY))
    assert "13/05/2024 · Llamada. No contesta." in read(client.get(f"/estudiantes/{ROSA}"))


def test_a_button_pressed_twice_counts_once_and_another_answer_after_going_back_counts_too(sign_in, call):
    client, before = sign_in(), len(contacts_of(call))
    sent = fields_of(client.get(NEW), "quick")
    for outcome in ("NO_ANSWER", "NO_ANSWER", "ATTENDING"):
        assert client.post(NEW, data=sent | {"resultado": outcome}, headers=SAME_SITE).status_code == 303

    assert len(contacts_of(call)) == before + 2


def test_a_visit_with_next_step_and_note_is_shown_to_those_who_may_read_it(sign_in):
    told = {"clase": "VISIT", "resultado": "LEFT_CARE", "fecha": "2024-05-10", "desde": "2024-05-06", "nota": SECRET}
    assert fill(sign_in(), paso="CHECK_RETURN", paso_fecha="2024-05-20", **told).status_code == 303

    said = read(sign_in("supervisa").get(f"/estudiantes/{ROSA}"))
    assert "10/05/2024 · Visita. Ya no estudia: cuida a alguien o la casa. Desde el 06/05/2024." in said
    assert "Sigue: confirmar el regreso a clase el 20/05/2024." in said and SECRET in said
    at_school = sign_in("esperanza").get(f"/estudiantes/{ROSA}")
    assert "abuela" not in at_school.text and "nota reservada" in at_school.text
    scientist = sign_in("ciencia").get(f"/estudiantes/{ROSA}")
    assert "abuela" not in scientist.text and NEW not in scientist.text


@pytest.mark.parametrize(
    ("told", "field", "sentence"),
    [
        ({"fecha": "2024-06-01"}, "contacted_on", "no puede ser posterior a hoy"),
        ({"fecha": "ayer"}, "contacted_on", "Escriba la fecha con día, mes y año"),
        ({"resultado": ""}, "outcome", "Elija qué encontró"),
        ({"paso": "VISIT"}, "next_on", "necesita una fecha"),
        ({"desde": "2024-05-01"}, "since", "solo se anota si se fue"),
    ],
)
def test_what_is_wrong_is_told_at_the_top_and_beside_its_field_and_nothing_is_lost(
    sign_in, call, told, field, sentence
):
    before = len(contacts_of(call))
    answer = fill(
        sign_in(), **{"clase": "MEETING", "resultado": "ATTENDING", "fecha": "2024-05-13", "nota": "hola"} | told
    )

    assert answer.status_code == 422
    assert answer.text.count(sentence) == 2 and f'href="#{field}"' in answer.text
    assert f'id="error-{field}"' in answer.text and f'aria-describedby="error-{field}"' in answer.text
    assert ">hola</textarea>" in answer.text and '<option value="MEETING" selected>' in answer.text
    assert len(contacts_of(call)) == before


def test_a_correction_keeps_what_was_told_before_and_says_who_told_it(sign_in, call):
    made = call("cobertura", "/contacts", {"student_id": ROSA, "kind": "CALL", "outcome": "LEFT"}).json()
    path = f"/estudiantes/{ROSA}/contactos/{made['contact_id']}/corregir"
    client = sign_in()
    assert "Ya no estudia: otro motivo" in read(client.get(path))

    fixed = fill(client, path, clase="CALL", resultado="ELSEWHERE_HERE", fecha="2024-05-13")
    again = read(client.get(path))
    assert fixed.status_code == 303
    assert "Estudia en otra institución de la ciudad." in again and "Ya no estudia: otro motivo o sin decir." in again
    assert "corregido 1 vez" in read(client.get(f"/estudiantes/{ROSA}"))


@pytest.mark.parametrize("how", ["by mistake", "taken off", "replaced", "kept"])
def test_a_note_that_was_taken_off_is_told_nowhere_any_more_not_even_of_the_version_before(sign_in, call, how):
    told = {"student_id": NOTED, "kind": "CALL", "outcome": "ATTENDING", "note": f"{SECRET} {how}"}
    made = call("cobertura", "/contacts", told).json()
    path = f"/estudiantes/{NOTED}/contactos/{made['contact_id']}/corregir"
    client, fixed = sign_in(), {"clase": "CALL", "resultado": "ATTENDING", "fecha": "2024-05-13"}
    before = client.get(path)
    assert told["note"] in before.text and "Quitar la nota anterior" in before.text
    if how == "by mistake":
        noted = fill(client, path, **fixed | {"resultado": "MISTAKE", "nota": "era de su hermana"})
        assert noted.status_code == 422 and "queda sin nota" in read(noted)
    sent = {"by mistake": {"resultado": "MISTAKE"}, "taken off": {"quitar_nota": "si"}, "replaced": {"nota": "otra"}}
    assert fill(client, path, **fixed | sent.get(how, {})).status_code == 303

    for page in (client.get(f"/estudiantes/{NOTED}"), client.get(path)):
        assert (told["note"] in page.text) is (how == "kept")
    kept = next(one for one in contacts_of(call, NOTED) if one["contact_id"] == made["contact_id"])
    assert kept["has_note"] is (how in ("kept", "replaced"))


def test_a_note_that_is_taken_off_by_call_is_gone_and_stays_sealed_for_the_audit(app, call):
    told = {"student_id": NOTED, "kind": "CALL", "outcome": "ATTENDING"}
    made = call("cobertura", "/contacts", told | {"note": SECRET}).json()
    fixed = call("cobertura", "/contacts", told | {"corrects": made["contact_id"], "drop_note": True}).json()
    with app.state.service.database.reading_as(BY.context) as connection:
        versions = select(contacts.c.note_id).where(contacts.c.contact_id == made["contact_id"])
        kept = connection.execute(versions.order_by(contacts.c.version)).scalars().all()

    assert (made["has_note"], fixed["has_note"]) == (True, False)
    assert kept[0] is not None and kept[1] is None


def test_who_corrects_what_another_corrected_meanwhile_is_told_and_overwrites_nothing(sign_in, call):
    made = call("cobertura", "/contacts", {"student_id": ROSA, "kind": "CALL", "outcome": "LEFT"}).json()
    path = f"/estudiantes/{ROSA}/contactos/{made['contact_id']}/corregir"
    client = sign_in()
    old = fields_of(client.get(path), "contact")
    told = {"clase": "CALL", "fecha": "2024-05-13"}
    fill(sign_in("supervisa"), path, resultado="ATTENDING", **told)

    late = client.post(path, data=old | told | {"resultado": "LEFT_WORK"}, headers=SAME_SITE)
    assert late.status_code == 409 and "Otra persona corrigió este contacto" in read(late)
    kept = next(one for one in contacts_of(call) if one["contact_id"] == made["contact_id"])
    assert (kept["version"], kept["outcome"]) == (2, "ATTENDING")

    drawn = fields_of(late, "contact")
    assert '<option value="LEFT_WORK" selected>' in late.text, "what was typed is still there"
    assert drawn["version"] == "2" and "Versiones guardadas" in late.text
    again = client.post(path, data=drawn | told | {"resultado": "LEFT_WORK"}, headers=SAME_SITE)
    assert again.status_code == 303
    kept = next(one for one in contacts_of(call) if one["contact_id"] == made["contact_id"])
    assert (kept["version"], kept["outcome"]) == (3, "LEFT_WORK")


@pytest.mark.parametrize("path", [f"/estudiantes/{OTHER}/contactos/nuevo", f"/estudiantes/{ROSA}/contactos/x/corregir"])
def test_what_is_out_of_reach_or_not_there_is_not_found(sign_in, path):
    client = sign_in("esperanza")

    assert client.get(path).status_code == 404
    assert client.post(path, data=fields_of(client.get(NEW), "contact") | {"resultado": "LEFT", "fecha": "2024-05-13"},
                       headers=SAME_SITE).status_code == 404  # fmt: skip


def test_an_opinion_is_one_tap_and_the_page_remembers_it(sign_in):
    client = sign_in("esperanza")
    page = client.get(f"/estudiantes/{ROSA}")
    seal = re.search(r'name="sello" value="([^"]+)"', page.text)[1]
    sent = {"sello": seal, "opinion": "NOT_APPLICABLE", "llave": "a", "nota": ""}
    assert client.post(f"/estudiantes/{ROSA}/opinion", data=sent, headers=SAME_SITE).status_code == 303

    assert "Usted respondió: No aplica" in read(client.get(f"/estudiantes/{ROSA}"))
    wrong = client.post(f"/estudiantes/{ROSA}/opinion", data=sent | {"opinion": "MALO"}, headers=SAME_SITE)
    assert wrong.status_code == 422


def test_who_hands_children_out_sees_of_each_its_place_in_the_city_and_its_course_in_that_order(sign_in, call):
    client = sign_in("supervisa")
    rows = {row["student_id"]: row for row in call("supervisa", "/risk-lists/latest").json()["rows"]}
    page = client.get("/por-asignar").text
    told = re.findall(r'value="(\w+)">.*?<p class="place">(.*?)</p>', page.split("<h2>Vencidos")[0], re.S)

    assert told and [rows[child]["rank"] for child, _ in told] == sorted(rows[child]["rank"] for child, _ in told)
    for child, place in told:
        row = rows[child]
        said = f"Puesto {row['rank']} en la ciudad · grado {row['grade']}, grupo 602 · {row['institution_name']}"
        assert place == said
    child, row = told[0][0], rows[told[0][0]]
    one = read(client.get(f"/estudiantes/{child}/asignar"))
    assert f"{row['institution_name']} · grado {row['grade']}, grupo 602 · puesto {row['rank']} en la ciudad" in one


def test_children_are_shared_out_by_load_and_stand_among_the_workers_own_cases(sign_in):
    client = sign_in("supervisa")
    page = client.get("/por-asignar")
    seal = re.search(r'name="sello" value="([^"]+)"', page.text)[1]
    waiting = re.findall(r'name="estudiante" id="e\d+" value="(\w+)"', page.text)
    assert len(waiting) >= 4 and ROSA not in waiting

    chosen = {"sello": seal, "estudiante": waiting[:4], "trabajador": ""}
    assert client.post("/por-asignar", data=chosen, headers=SAME_SITE).status_code == 303
    after = read(client.get("/por-asignar"))
    loads = {
        who: int(count) for who, count in re.findall(r"(cobertura|supervisa|trabaja|esperanza), [^:]+: (\d+)", after)
    }
    assert sum(loads.values()) == 4 and loads["esperanza"] == loads["supervisa"] == 0
    for who, count in loads.items():
        mine = read(sign_in(who).get("/mis-casos"))
        assert mine.count("Sin contacto todavía.") == count


def test_nobody_marked_is_said_and_a_step_whose_day_passed_waits_among_the_overdue(sign_in, call, app):
    told = {"kind": "CALL", "outcome": "ABSENT", "contacted_on": "2024-05-02"}
    call("cobertura", "/contacts", {"student_id": OTHER, **told, "next_step": "VISIT", "next_on": "2024-05-09"})
    client = sign_in("supervisa")
    page = client.get("/por-asignar")
    seal = re.search(r'name="sello" value="([^"]+)"', page.text)[1]

    assert "Sigue: visitar el 09/05/2024. Sin asignar." in read(page)
    late = read(page).split("Vencidos")[1]
    assert re.search(r"Grado \d+, grupo 602 · IE Nuevo Latir", late), "where the child is"
    refused = client.post("/por-asignar", data={"sello": seal}, headers=SAME_SITE)
    assert refused.status_code == 422 and "Marque al menos un estudiante." in read(refused)
    call("cobertura", "/contacts", {"student_id": OTHER, "kind": "VISIT", "outcome": "ATTENDING"})
    assert "visitar el 09/05/2024" not in read(client.get("/por-asignar"))


@pytest.mark.parametrize(
    ("who", "mine", "to_assign"), [("esperanza", 200, 403), ("supervisa", 200, 200), ("ciencia", 403, 403)]
)
def test_each_sees_the_pages_of_their_work_and_is_offered_no_other(sign_in, who, mine, to_assign):
    client = sign_in(who)
    home = client.get("/lista").text

    assert (client.get("/mis-casos").status_code, client.get("/por-asignar").status_code) == (mine, to_assign)
    assert ('href="/mis-casos"' in home, 'href="/por-asignar"' in home) == (mine == 200, to_assign == 200)
