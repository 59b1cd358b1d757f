"""Staff are invited, reached further or less, begun again and closed by an administrator; the auditor reads it all."""

import re

import pytest
from by_force import force
from drawn_lists import DIAMANTE, MONDAY_MORNING, bearer, student
from office import HERE, office_home, visiting

from serving.account_tokens import tokens_of
from serving.audit_checkpoint import checkpoints_of
from serving.database import Database
from serving.people import Role, list_people
from serving.people_shown import code_of
from serving.tables import audit

ROLES = ("cobertura", "supervisa", "esperanza", "ciencia", "administra", "audita")
NEW = {"usuario": "nueva", "rol": "coverage", "alcance": "comuna:Comuna 14"}


@pytest.fixture
def home(tmp_path):
    return office_home(tmp_path / "h")


@pytest.fixture
def database(home):
    database = Database.open(home[0].database_url, home[0].keys())
    yield database
    database.engine.dispose()


def person(database, name):
    return next(one for one in list_people(database) if one.name == name)


def page_of(name):
    return f"/administracion/usuarios/{code_of(name)}"


def test_an_invitation_is_shown_once_and_signs_its_person_in(home, database):
    with visiting(home, "administra") as visitor:
        answer = visitor.send("/administracion/usuarios", NEW)
        code = re.search(r"inv_[\w-]+", answer.text)[0]

        assert code not in visitor.open("/administracion").text
        visitor.client.cookies.clear()
        told = {"invitacion": code, "contrasena": "caballo grapa azul pila", "otra_vez": "caballo grapa azul pila"}
        assert visitor.client.post("/invitacion", data=told, headers=HERE).status_code == 303
    assert person(database, "nueva").reach.comunas == {"Comuna 14"}


@pytest.mark.parametrize(
    "changed, sentence",
    [
        ({"usuario": "NUEVA PERSONA"}, "minúsculas"),
        ({"usuario": "cobertura"}, "Ya existe"),
        ({"rol": "rey"}, "Escoja un rol"),
        ({"rol": "school", "alcance": "", "toda": "si"}, "código DANE"),
        ({"rol": "school", "alcance": "176001000011\ncomuna:Comuna 14"}, "ningún lugar más amplio"),
        ({"alcance": ""}, "marque «Toda la secretaría»"),
        ({"rol": "data_scientist", "alcance": "  \n "}, "marque «Toda la secretaría»"),
        ({"toda": "si"}, "las dos cosas a la vez"),
        ({"alcance": "000000000000"}, "no están en las listas publicadas: 000000000000"),
        ({"alcance": "comuna:99"}, "no están en las listas publicadas: comuna:99"),
        ({"alcance": "a/b/c/d/e"}, "no es un alcance"),
        ({"correo": "sin arroba"}, "usuario@entidad"),
    ],
)
def test_what_is_wrong_in_an_invitation_is_told_on_top_and_what_was_typed_stays(home, changed, sentence):
    with visiting(home, "administra") as visitor:
        answer = visitor.send("/administracion/usuarios", NEW | changed)

    assert answer.status_code == 422 and 'role="alert"' in answer.text and sentence in answer.text
    assert (NEW | changed)["usuario"] in answer.text and "inv_" not in answer.text
    assert "--institution" not in answer.text and "--reach" not in answer.text


def test_the_whole_secretariat_is_given_to_who_ticks_it(home, database):
    with visiting(home, "administra") as visitor:
        assert 'name="toda" value="si"' in visitor.open("/administracion").text
        visitor.send("/administracion/usuarios", NEW | {"alcance": "", "toda": "si"})

    assert person(database, "nueva").reach.institutions is None


def test_a_changed_reach_names_places_that_exist(home, database):
    with visiting(home, "administra") as visitor:
        answer = visitor.send(f"{page_of('esperanza')}/alcance", {"alcance": "176001999999"})

    assert answer.status_code == 422 and "no están en las listas publicadas" in answer.text
    assert person(database, "esperanza").reach.institutions == {"176001000011"}


def test_role_and_e_mail_are_changed_later_leave_a_line_and_a_new_role_ends_the_sessions(home, database):
    with visiting(home, "administra") as visitor, visiting(home, "cobertura") as worker:
        assert worker.open("/lista").status_code == 200
        answer = visitor.send(f"{page_of('cobertura')}/correo", {"correo": "Ana.Cobertura@entidad.test"})
        assert "Correo cambiado" in answer.text and 'value="ana.cobertura@entidad.test"' in answer.text
        assert worker.open("/lista").status_code == 200
        for wrong in ("ana.cobertura@entidad.test", "sin arroba"):
            refused = visitor.send(f"{page_of('ciencia')}/correo", {"correo": wrong})
            assert refused.status_code == 422 and f'value="{wrong}"' in refused.text
        assert "Rol cambiado" in visitor.send(f"{page_of('cobertura')}/rol", {"rol": "data_scientist"}).text
        assert worker.open("/lista").status_code == 303
        assert visitor.send(f"{page_of('cobertura')}/rol", {"rol": "school"}).status_code == 422
        assert visitor.send(f"{page_of('cobertura')}/rol", {"rol": "rey"}).status_code == 422

    assert person(database, "cobertura").role is Role.DATA_SCIENTIST
    with database.reading() as connection:
        told = [(line.action, line.detail) for line in connection.execute(audit.select()) if line.thing == "cobertura"]
    assert ("change_email", "con correo") in told and ("change_role", "coverage > data_scientist") in told
    assert "entidad.test" not in str(told)


def test_who_was_closed_is_opened_again_with_a_new_invitation_and_nothing_that_signed_in_before(home, database):
    with visiting(home, "administra") as visitor:
        visitor.send(f"{page_of('cobertura')}/cerrar")
        taken = visitor.send("/administracion/usuarios", NEW | {"usuario": "cobertura"})
        assert taken.status_code == 422 and "está cerrado. Ábralo de nuevo" in taken.text
        for step in ("rol", "correo", "restablecer"):
            told = {"rol": "supervisor", "correo": "a@entidad.test"}
            assert visitor.send(f"{page_of('cobertura')}/{step}", told).status_code == 422
        assert "Abrir de nuevo" in visitor.open(page_of("cobertura")).text

        answer = visitor.send(f"{page_of('cobertura')}/abrir")

    assert "inv_" in answer.text and "Usuario abierto de nuevo" in answer.text
    assert person(database, "cobertura").active
    with database.reading() as connection:
        assert not tokens_of(connection, "cobertura", MONDAY_MORNING)


@pytest.mark.parametrize("step", ["cerrar", "restablecer"])
def test_who_is_closed_or_begins_anew_keeps_no_token(home, database, step):
    with database.reading() as connection:
        assert tokens_of(connection, "ciencia", MONDAY_MORNING)
    with visiting(home, "administra") as visitor:
        visitor.send(f"{page_of('ciencia')}/{step}")
    with database.reading() as connection:
        assert not tokens_of(connection, "ciencia", MONDAY_MORNING)


def test_reach_sessions_tokens_and_the_account_itself_are_in_the_administrator_s_hands(home, database):
    with visiting(home, "administra") as visitor, visiting(home, "cobertura") as worker:
        assert "toda la secretaría" in visitor.open("/administracion").text
        visitor.send(f"{page_of('cobertura')}/alcance", {"alcance": "176001000011\n176001000022"})
        assert person(database, "cobertura").reach.institutions == {"176001000011", "176001000022"}

        assert worker.open("/lista").status_code == 200
        assert "Sesiones cerradas: 1" in visitor.send(f"{page_of('cobertura')}/sesiones").text
        assert worker.open("/lista").status_code == 303

        token = re.search(r'name="ficha" value="(\w+)"', visitor.open(page_of("cobertura")).text)[1]
        assert "Fichas retiradas: 1" in visitor.send(f"{page_of('cobertura')}/fichas", {"ficha": token}).text
        assert visitor.send(f"{page_of('cobertura')}/fichas").status_code == 422

        assert "inv_" in visitor.send(f"{page_of('esperanza')}/restablecer").text
        assert "Usuario cerrado" in visitor.send(f"{page_of('cobertura')}/cerrar").text
    assert not person(database, "cobertura").active


def test_nobody_closes_or_resets_themselves(home, database):
    with visiting(home, "administra") as visitor:
        for step in ("cerrar", "restablecer", "rol"):
            answer = visitor.send(f"{page_of('administra')}/{step}", {"rol": "coverage"})
            assert answer.status_code == 422 and "otra persona que administre" in answer.text

    assert person(database, "administra").active


def test_a_reach_left_empty_is_not_the_whole_secretariat(home, database):
    with visiting(home, "administra") as visitor:
        answer = visitor.send(f"{page_of('esperanza')}/alcance", {"alcance": "  "})

    assert answer.status_code == 422 and person(database, "esperanza").reach.institutions == {"176001000011"}


def test_the_settings_are_shown_and_no_secret_among_them(home, database):
    secrets = [path.read_bytes().hex() for path in home[0].home.glob("*.secret")] + [str(home[0].home)]
    with visiting(home, "administra") as visitor:
        page = visitor.open("/administracion").text

    kept = "SQLite, en este equipo" if database.is_embedded else "PostgreSQL"
    assert kept in page and not [one for one in secrets if one in page]


@pytest.mark.parametrize("who", [who for who in ROLES if who != "administra"])
def test_only_an_administrator_administers(home, database, who):
    before = list_people(database)
    with visiting(home, who) as visitor:
        answers = [visitor.open("/administracion"), visitor.open(page_of("ciencia"))]
        answers.append(visitor.send("/administracion/usuarios", NEW))
        for step in ("alcance", "restablecer", "sesiones", "fichas", "cerrar", "rol", "correo", "abrir"):
            told = {"alcance": "secretaria", "rol": "admin", "correo": "a@entidad.test"}
            answers.append(visitor.send(f"{page_of('ciencia')}/{step}", told))

    assert {answer.status_code for answer in answers} == {403}
    assert list_people(database) == before


def test_the_auditor_finds_lines_by_who_what_and_day_and_their_search_is_a_line_too(home, database):
    with visiting(home, "cobertura") as visitor:
        visitor.open("/lista")
    with visiting(home, "audita") as visitor:
        found = visitor.open("/auditoria?quien=cobertura&accion=see_list&desde=2024-05-13&hasta=2024-05-13").text
        none = visitor.open("/auditoria?quien=nadie").text
        assert visitor.open("/auditoria?desde=ayer").status_code == 404

    assert found.count('data-label="Línea"') == 1 and "13/05/2024 07:30" in found and "GET week_page" in found
    assert "Ninguna línea coincide" in none
    assert "cobertura (equipo de cobertura)" in found and 'data-label="Qué">Consultó la lista<' in found
    assert '<option value="see_list" selected>Consultó la lista</option>' in found
    assert "(coverage)" not in found and ">see_list<" not in found
    with database.reading() as connection:
        assert ("audita", "see_audit") in [(line.by, line.action) for line in connection.execute(audit.select())]


def test_the_chain_is_walked_on_demand_and_a_changed_line_is_named(home, database):
    with visiting(home, "audita") as visitor:
        assert "Todavía no se ha verificado" in visitor.open("/auditoria").text
        visitor.send("/auditoria/verificar")
        assert "ninguna cambiada" in visitor.wait("/auditoria").text
        known = checkpoints_of(home[0]).last()

        force(database, "UPDATE audit SET by = 'otra' WHERE id = 3")
        visitor.send("/auditoria/verificar")
        page = visitor.wait("/auditoria").text

    assert known.id > 3 and "El registro fue alterado" in page and "Primera línea afectada: 3" in page


@pytest.mark.parametrize("who", [who for who in ROLES if who != "audita"])
def test_only_an_auditor_reads_the_audit(home, who):
    with visiting(home, who) as visitor:
        assert visitor.open("/auditoria").status_code == 403
        assert visitor.send("/auditoria/verificar").status_code == 403


@pytest.mark.parametrize("who", ROLES)
def test_every_page_that_a_role_is_led_to_opens_and_carries_the_banner_of_made_up_data(home, who):
    with visiting(home, who) as visitor:
        first = visitor.open("/cuenta").text
        places = re.findall(r'<a href="(/[a-z]+)"', first.split("<main")[0])
        ours = {"/lista", "/modelo", "/corridas", "/cargas", "/administracion", "/auditoria"}
        assert "/modelo" in places and len(places) >= 2
        for place in sorted(ours):
            answer = visitor.open(place)
            assert "Datos inventados." in answer.text, place
            assert answer.status_code == (200 if place in places else 403), place
        for place in ("/cuenta", "/nada", "/cargas/x"):
            assert "Datos inventados." in visitor.open(place).text, place
    with visiting(home, who) as visitor:
        visitor.client.cookies.clear()
        assert "Datos inventados." in visitor.open("/entrar").text


@pytest.mark.parametrize("step, told", [("rol", {"rol": "data_scientist"}), ("alcance", {"alcance": DIAMANTE})])
def test_the_children_whom_a_worker_may_not_attend_any_more_wait_for_another_and_the_page_says_so(home, step, told):
    with visiting(home, "administra") as visitor:
        sent = {"student_id": student(1), "worker": "cobertura"}
        given = visitor.client.post("/api/v1/assignments", json=sent, headers=bearer(home[1]["supervisa"]))
        answer = visitor.send(f"{page_of('cobertura')}/{step}", told)
        now = visitor.client.get(f"/api/v1/students/{student(1)}", headers=bearer(home[1]["supervisa"])).json()

    assert given.status_code == 201
    assert "quedan por asignar a otra persona: 1" in answer.text and now["assigned_to"] is None
