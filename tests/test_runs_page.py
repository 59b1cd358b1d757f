"""The page of the runs: what came in, which list is in use and by whose hand; stopping, going on, and going back."""

from dataclasses import replace
from datetime import date

import pytest
from drawn_lists import BY, FIRST_SUNDAY, SECOND_SUNDAY, draw_list
from office import office_home, visiting

from features.archive import Archive, Entry
from serving import list_decisions, runs_shown
from serving.database import Database
from serving.faults import Refused
from serving.publishing import last_list_before, publish
from serving.tables import audit
from serving.weekly import run_this_week

STEPS = {"publicar": "publicar listas", "detener": "detener una lista", "devolver": "volver a la lista anterior"}
WHY = {"razon": "cifras-sin-explicar"}


@pytest.fixture
def home(tmp_path):
    return office_home(tmp_path / "h")


@pytest.fixture
def database(home):
    database = Database.open(home[0].database_url, home[0].keys())
    yield database
    database.engine.dispose()


def came(settings, day, rows, bad):
    entry = Entry(f"{day}-{rows}".ljust(20, "0"), "detallado", day, f"{day}/detallado.csv", rows, rows - bad, bad)
    Archive(settings.archive).add(entry, {})


def in_use(database):
    with database.reading() as connection:
        return [one.day for one in runs_shown.made_lists(connection) if one.in_force]


def test_the_page_tells_what_came_in_row_by_row_and_which_list_is_in_use(home):
    came(home[0], date(2024, 5, 3), 1000, 2)
    came(home[0], date(2024, 5, 10), 1003, 4)
    with visiting(home, "cobertura") as visitor:
        page = visitor.open("/corridas").text

    assert "10 de mayo de 2024: 1.003 filas, 999 buenas, 4 en cuarentena" in page
    assert "la lista de la semana del lunes 13 de mayo de 2024" in page and "La publicó prueba" in page
    assert "Lunes 13 de mayo de 2024" in page and "lista del 12" not in page, "the week has one name on every page"


def test_before_anything_came_the_page_says_what_to_do_first(tmp_path):
    home = office_home(tmp_path / "h")
    with visiting(home, "audita") as visitor:
        page = visitor.open("/corridas").text

    assert "Todavía no se ha leído ningún archivo" in page and "Todavía no se ha vigilado" in page


def test_going_back_shows_the_list_before_and_publishing_again_brings_the_same_one_back(home, database):
    with visiting(home, "supervisa") as visitor:
        with database.reading() as connection:
            newest = runs_shown.made_lists(connection)[0]
        answer = visitor.send("/corridas/devolver", WHY | {"publicacion": newest.id})
        page, shown = visitor.open("/corridas").text, visitor.open("/lista").text

        assert answer.status_code == 303 and in_use(database) == [FIRST_SUNDAY]
        assert "retirada por supervisa. Las cifras cambiaron" in page
        assert "6 de mayo de 2024" in shown
        again = visitor.send("/corridas/devolver", WHY | {"publicacion": newest.id})
        assert again.status_code == 409 and "cambió mientras usted leía" in again.text

    last = draw_list(FIRST_SUNDAY, 30)
    with database.reading() as connection:
        first = runs_shown.made_lists(connection)[1]
    assert not publish(database, last, BY).is_new and first.id == last.id


def test_a_list_published_again_is_answered_for_by_who_did_so_and_its_withdrawal_is_told(home, database):
    with database.reading_as(BY.context) as connection:
        newest = runs_shown.made_lists(connection)[0].id
    last = last_list_before(database, SECOND_SUNDAY)
    list_decisions.go_back(database, replace(BY, who="supervisa"), newest, "modelo")
    assert publish(database, draw_list(SECOND_SUNDAY, 30, last=last), replace(BY, who="gestiona"), last).id == newest
    with visiting(home, "cobertura") as visitor:
        page = " ".join(visitor.open("/corridas").text.split())

    assert "La publicó gestiona el 13 de mayo de 2024." in page and "La publicó prueba" not in page
    assert "Antes la había retirado supervisa el 13 de mayo de 2024. Hay dudas sobre el modelo." in page


def test_an_earlier_list_leads_to_the_newest_and_one_that_was_taken_back_says_so(home, database):
    old, gone = f"/lista?dia={FIRST_SUNDAY}&orden=grado", f"/lista?dia={SECOND_SUNDAY}"
    with visiting(home, "cobertura") as visitor:
        for path in (old, old.replace("/lista", "/lista/cambios")):
            page = visitor.open(path).text
            assert "Hay una lista más reciente." in page and "semana del lunes 13 de mayo de 2024" in page
            assert f'href="{path.split("?")[0]}?orden=grado"' in page
        assert not [path for path in ("/lista", gone) if "Hay una lista más reciente" in visitor.open(path).text]
        with database.reading_as(BY.context) as connection:
            newest = runs_shown.made_lists(connection)[0].id
        list_decisions.go_back(database, BY, newest, "modelo")

        for path in (gone, gone.replace("/lista", "/lista/cambios")):
            page = visitor.open(path).text
            assert "Esa lista se retiró" in page and "Todavía no hay una lista" not in page
        assert "Todavía no hay una lista" in visitor.open("/lista?dia=2020-01-05").text
        assert "Hay una lista más reciente" not in visitor.open(old).text


def test_the_only_list_is_not_taken_away(home, database):
    for refusal in (None, list_decisions.NO_EARLIER):
        with database.reading() as connection:
            newest = next(one for one in runs_shown.made_lists(connection) if one.in_force)
        if refusal:
            with pytest.raises(Refused, match=refusal):
                list_decisions.go_back(database, BY, newest.id, "modelo")
        else:
            list_decisions.go_back(database, BY, newest.id, "modelo")

    assert in_use(database) == [FIRST_SUNDAY]


def test_while_publication_is_stopped_no_run_makes_a_list_by_page_or_by_clock(home, database):
    with visiting(home, "supervisa") as visitor:
        assert visitor.send("/corridas/detener", WHY).status_code == 303
        page = visitor.open("/corridas").text
        assert "La publicación está detenida" in page and "por supervisa" in page

        for reviewed in (False, True):
            with pytest.raises(Refused, match="está detenida"):
                run_this_week(None, home[0], SECOND_SUNDAY, None, database, BY, reviewed=reviewed)
        assert visitor.send("/corridas/reanudar").status_code == 303
        assert "está detenida" not in visitor.open("/corridas").text

    list_decisions.refuse_if_stopped(database)
    with database.reading() as connection:
        told = [line.action for line in connection.execute(audit.select().order_by(audit.c.id))]
    assert [action for action in told if action in ("hold_list", "release_list")] == ["hold_list", "release_list"]


def test_stopping_twice_is_one_stop(home, database):
    for _ in range(2):
        list_decisions.hold(database, BY, "modelo")
    list_decisions.release(database, BY)

    with database.reading() as connection:
        assert list_decisions.stopped(connection) is None


def test_odd_files_are_told_and_nothing_is_published_until_somebody_answers_for_them(home, database):
    came(home[0], date(2024, 5, 10), 1000, 200)
    with visiting(home, "supervisa") as visitor:
        page = visitor.open("/corridas").text
        refused = visitor.send("/corridas/publicar", {"dia": str(SECOND_SUNDAY)})

        assert (
            "Detallado de alumnos (SIMAT), corte del 10/05/2024: 200 de 1000 filas quedaron en cuarentena" in page
            and "Ya revisé los archivos" in page
        )
        assert refused.status_code == 422 and "marque que ya lo hizo" in refused.text
        assert not list(home[0].home.glob("jobs/*"))

        sent = visitor.send("/corridas/publicar", {"dia": str(SECOND_SUNDAY), "revisado": "si"})
        done = visitor.wait("/corridas").text
    with database.reading() as connection:
        told = [(line.by, line.action) for line in connection.execute(audit.select())]
    assert sent.status_code == 303 and ("supervisa", "review_intake") in told
    assert "no se hizo. No hay un modelo en uso" in done


@pytest.mark.parametrize("day", ["", "ayer", "2999-01-01", "2024-02-31"])
def test_a_day_that_is_none_or_has_not_come_is_told_above_the_form(home, day):
    with visiting(home, "supervisa") as visitor:
        answer = visitor.send("/corridas/publicar", {"dia": day})

    assert answer.status_code == 422 and 'role="alert"' in answer.text and "Escriba el domingo" in answer.text


@pytest.mark.parametrize("who, may", [("cobertura", set()), ("administra", {"detener"}), ("audita", set())])
def test_what_one_may_not_do_stays_grey_with_its_reason_and_is_refused_when_sent_all_the_same(home, database, who, may):
    with visiting(home, who) as visitor:
        page = visitor.open("/corridas").text
        for step in STEPS.keys() - may:
            assert f"no puede {STEPS[step]}" in page
            assert visitor.send(f"/corridas/{step}", WHY | {"dia": str(SECOND_SUNDAY)}).status_code == 403
        for step in ("reanudar", "vigilar"):
            assert visitor.send(f"/corridas/{step}").status_code == 403

    assert in_use(database) == [SECOND_SUNDAY, FIRST_SUNDAY]


@pytest.mark.parametrize("who", ["esperanza"])
def test_a_school_does_not_see_how_the_list_is_made(home, who):
    with visiting(home, who) as visitor:
        assert visitor.open("/corridas").status_code == 403
