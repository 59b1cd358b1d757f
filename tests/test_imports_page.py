"""A file is uploaded, read on trial, shown with what to mend, and enters the archive only when somebody accepts it."""

import io
import re
import zipfile

import pytest
from made_up_exports import DETALLADO_43, ROSA
from office import office_home, visiting

from features.archive import Archive
from serving.database import Database
from serving.tables import audit

GOOD, BAD = 12, 3
FILE = "detallado_alumnos.csv"


@pytest.fixture
def home(tmp_path):
    return office_home(tmp_path / "h")


def export(good=GOOD, bad=BAD, **changed):
    rows = [ROSA | {"PER_ID": str(1000001 + n), "DOC": str(1107000001 + n)} | changed for n in range(good + bad)]
    for row in rows[good:]:
        row["GRADO_COD"] = "12A"
    lines = [";".join(DETALLADO_43), *(";".join(row.get(title, "") for title in DETALLADO_43) for row in rows)]
    return "\n".join(lines).encode()


def bring(visitor, content=None, name=FILE, day="2024-05-13"):
    files = {"archivo": (name, export() if content is None else content)}
    return visitor.send("/cargas", {"corte": day}, files)


def told(home):
    database = Database.open(home[0].database_url, home[0].keys())
    with database.reading() as connection:
        lines = connection.execute(audit.select().order_by(audit.c.id)).all()
    database.engine.dispose()
    return lines


def test_a_file_is_looked_at_before_anything_enters_the_archive_and_enters_when_accepted(home):
    archive = Archive(home[0].archive)
    with visiting(home, "cobertura") as visitor:
        sent = bring(visitor)
        page = visitor.wait(sent.headers["location"])

        assert sent.status_code == 303 and "por decidir" in page.text
        assert "Detallado de alumnos" in page.text and "43; indispensables" in page.text
        assert f"<dd>{GOOD}</dd>" in page.text and f"<dd>{BAD}</dd>" in page.text
        assert "GRADO_COD" in page.text and "12A" in page.text
        assert archive.entries() == []

        assert visitor.send(f"{sent.headers['location']}/aceptar").status_code == 303
        done = visitor.wait(sent.headers["location"])

    assert f"Se guardaron {GOOD} filas" in done.text
    (entry,) = archive.entries()
    assert (entry.rows_in, entry.accepted, entry.quarantined) == (GOOD + BAD, GOOD, BAD)
    assert [line.action for line in told(home)][-2:] == ["roster", "accept_import"] or told(home)[-1].by == "cobertura"
    assert not list(home[0].home.glob("jobs/*/exports"))


def test_an_upload_has_one_name_on_its_page_and_its_notices_read_as_people_write(home):
    with visiting(home, "cobertura") as visitor:
        place = bring(visitor, export(30, 20), "Rosalbina Quintero.csv").headers["location"]
        page = visitor.wait(place).text
        visitor.send(f"{place}/aceptar")
        done = visitor.wait(place).text

    for text in (page, done):
        assert len(set(re.findall(r"~[0-9a-f]{8}", text))) == 1
        assert "Detallado de alumnos (SIMAT), corte del 13/05/2024: 20 de 50 filas" in text
        assert "detallado del" not in text and ": 2024-" not in text
    assert "Mire esto antes de aceptar" in page and "Mire esto antes de aceptar" not in done
    assert "Se aceptó con estos avisos" in done


def test_the_annotated_file_carries_each_bad_row_with_its_rule_and_its_reader_is_written_down(home):
    with visiting(home, "supervisa") as visitor:
        place = bring(visitor).headers["location"]
        visitor.wait(place)
        file = visitor.open(f"{place}/anotado/1")

        assert visitor.open(f"{place}/anotado/2").status_code == 404
    lines = file.text.splitlines()
    assert lines[0] == "\ufefffila,columna,regla,mensaje,huella,fila_original"
    assert len(lines) == 1 + BAD and all("GRADO_COD" in line and "ROSALBINA" in line for line in lines[1:])
    assert any((line.by, line.action) == ("supervisa", "export") for line in told(home))


@pytest.mark.parametrize("kind", ["zip", "plain"])
def test_no_page_line_or_file_name_of_the_service_repeats_a_name_that_the_file_brought(home, kind):
    content, name = export(), "Rosalbina Quintero 1107000001.csv"
    if kind == "zip":
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            archive.writestr(name, content)
        content, name = packed.getvalue(), "Rosalbina Quintero.zip"

    with visiting(home, "cobertura") as visitor:
        place = bring(visitor, content, name).headers["location"]
        pages = visitor.wait(place).text + visitor.open("/cargas").text

    said = pages + str(told(home)) + " ".join(str(path) for path in home[0].home.rglob("*"))
    said += "".join(path.read_text() for path in home[0].home.glob("jobs/*/*.json"))
    said += "".join(path.read_text() for path in home[0].home.glob("jobs/*/said.txt"))
    assert "por decidir" in pages
    assert not [word for word in ("Rosalbina", "ROSALBINA", "QUINTERO", "Quintero", "1107000001") if word in said]


@pytest.mark.parametrize(
    "content, name, day, sentence",
    [
        (b"", FILE, "2024-05-13", "vacío"),
        (b"a;b\n1;2", "lista.exe", "2024-05-13", "Se aceptan archivos"),
        (b"a;b\n1;2", FILE, "ayer", "fecha de corte"),
        (b"", "", "2024-05-13", "no se eligió"),
    ],
)
def test_what_cannot_be_read_is_told_above_the_form_and_leaves_nothing(home, content, name, day, sentence):
    with visiting(home, "cobertura") as visitor:
        answer = bring(visitor, content, name, day)

    assert answer.status_code == 422 and 'role="alert"' in answer.text and sentence in answer.text
    assert not list(home[0].home.glob("jobs/*"))


def test_a_file_that_nobody_understands_says_so_and_cannot_be_accepted(home):
    with visiting(home, "cobertura") as visitor:
        place = bring(visitor, b"fruta;color\npera;verde\n").headers["location"]
        page = visitor.wait(place)
        refused = visitor.send(f"{place}/aceptar")

    assert "No se reconoce" in page.text and "encabezado" in page.text and "Aceptar las filas" not in page.text
    assert refused.status_code == 409 and Archive(home[0].archive).entries() == []


def test_a_discarded_upload_is_gone_with_all_that_it_held(home):
    with visiting(home, "cobertura") as visitor:
        place = bring(visitor).headers["location"]
        visitor.wait(place)

        assert visitor.send(f"{place}/descartar").status_code == 303
        assert visitor.open(place).status_code == 404
    assert not list(home[0].home.glob("jobs/*"))


def test_the_trial_sees_the_archive_as_it_is_and_leaves_it_so(home):
    with visiting(home, "cobertura") as visitor:
        first = bring(visitor).headers["location"]
        visitor.wait(first)
        visitor.send(f"{first}/aceptar")
        visitor.wait(first)
        before = {path: path.read_bytes() for path in home[0].archive.rglob("*") if path.is_file()}
        again = visitor.wait(bring(visitor).headers["location"])
        older = visitor.wait(bring(visitor, export(bad=0, GRUPO="0703"), day="2024-05-01").headers["location"])

    assert "Ya se había leído" in again.text
    assert "más antiguo" in older.text
    assert {path: path.read_bytes() for path in home[0].archive.rglob("*") if path.is_file()} == before


@pytest.mark.parametrize("who", ["esperanza", "ciencia", "administra", "audita"])
def test_who_may_not_import_is_told_why_at_every_step(home, who):
    place = "/cargas/" + "0" * 12
    with visiting(home, who) as visitor:
        answers = [visitor.open("/cargas"), visitor.open(place), visitor.open(f"{place}/anotado/1"), bring(visitor)]
        answers += [visitor.send(f"{place}/{step}") for step in ("aceptar", "descartar")]

    assert {answer.status_code for answer in answers} == {403}
    assert all("no puede cargar archivos" in answer.text for answer in answers)
    assert Archive(home[0].archive).entries() == []


def test_a_file_larger_than_agreed_is_refused_and_other_pages_keep_their_own_limit(home):
    home[0].upload_limit = 3_000_000
    with visiting(home, "cobertura") as visitor:
        assert bring(visitor, b"x" * 3_100_000).status_code == 413
        assert bring(visitor, b"x;y\n" * 600_000).status_code == 303
        assert visitor.send("/corridas/detener", {"razon": "x" * 2_100_000}).status_code == 413


@pytest.mark.parametrize("id", ["x", "%2e%2e%2fx", "0" * 12, "..%2f..%2farchive", "G" * 12])
def test_an_upload_that_is_not_there_is_not_found(home, id):
    with visiting(home, "cobertura") as visitor:
        assert visitor.open(f"/cargas/{id}").status_code == 404
