"""The pack of a school: on paper, as a spreadsheet and as CSV, always the same children in the same order."""

import csv
import io
import json
import re
import shutil

import hostile_export
import openpyxl
import pypdfium2
import pytest
from drawn_lists import (
    BY,
    ESPERANZA,
    FIRST_SUNDAY,
    MONDAY_MORNING,
    SECOND_SUNDAY,
    bearer,
    draw_home,
    draw_list,
    publish_two_weeks,
    student,
)
from hostile_cells import NOT_HERE, OFFICE, as_csv, hostile, opened
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from paper import needs_pango, students_in, text_of
from postgres_server import KEYS
from pypdf import PdfReader
from starlette.testclient import TestClient

from serving import pack_pdf, published
from serving.app import create_app
from serving.database import By, Database
from serving.exports import Export, read_export
from serving.faults import Missing
from serving.list_scope import ListScope
from serving.people import Person, Role
from serving.published import FoundRow, Publication, Wanted
from serving.spreadsheets import is_like_a_formula

COVERAGE = Person("cobertura", Role.COVERAGE)
TAKING = By("esperanza.rectoria", MONDAY_MORNING, BY.context)


@pytest.fixture(scope="module")
def database(embedded, tmp_path_factory):
    file = shutil.copy(embedded, tmp_path_factory.mktemp("packs") / "x.sqlite")
    database = Database.open(f"sqlite:///{file}", KEYS)
    publish_two_weeks(database)
    yield database
    database.engine.dispose()


@pytest.fixture(scope="module")
def pack(database):
    return export_of(database, ESPERANZA)


def export_of(database, institution=None):
    with database.reading_as(BY.context) as connection:
        publication = published.publication_for(connection, None)
        wanted = Wanted(institution=institution, city_list_only=institution is None)
        return read_export(connection, publication, wanted, TAKING, COVERAGE)


def csv_rows(content):
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline=""), delimiter=";"))


def sheet(content, name="Lista"):
    return openpyxl.load_workbook(io.BytesIO(content))[name]


def orders(export):
    """The students of every format, each in the order of that format."""
    cells = list(sheet(export.as_xlsx()).iter_rows(values_only=True))
    return {
        "rows": [row.student_id for row in export.rows],
        "json": [row["student_id"] for row in json.loads(export.as_json())["rows"]],
        "csv": [row["Estudiante"] for row in csv_rows(export.as_csv())],
        "xlsx": [row[2] for row in cells[1:]],
        "paper": students_in(pack_pdf.pack_html(export)),
    }


# The same children in the same order

CHILD = st.fixed_dictionaries(
    {
        "student_id": st.integers(0, 2**64 - 1).map(lambda number: f"{number:016x}"),
        "name": st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=20),
        "grade": st.one_of(st.none(), st.integers(-3, 26)),
        "reasons": st.integers(0, 4),
        "protected": st.booleans(),
    }
)
TEMPLATE = json.loads(draw_list(FIRST_SUNDAY, students=3, capacity=3).line_body(draw_list(FIRST_SUNDAY, 3, 3).lines[0]))


def drawn_export(children):
    """A list of these children, as it would have been published, without a database."""
    found = [FoundRow(child["student_id"], ESPERANZA, rank, body_of(child, rank)) for rank, child in children]
    header = json.dumps({"id": "2024-05-12-0"}).encode()
    publication = Publication("2024-05-12-0", SECOND_SUNDAY, "0" * 64, 4, 0, header)
    names = {child["student_id"]: child["name"] for _, child in children}
    return Export(publication, found, [], names, "esperanza.rectoria", (), ListScope(ESPERANZA, "IE La Esperanza"))


def body_of(child, rank):
    reasons = [TEMPLATE["reasons"][place % 2] for place in range(child["reasons"])]
    told = {"student_id": child["student_id"], "rank": rank, "rank_in_institution": rank, "grade": child["grade"]}
    protective = TEMPLATE["protective"] if child["protected"] else []
    return json.dumps(TEMPLATE | told | {"reasons": reasons, "protective": protective}).encode()


lists = st.lists(CHILD, max_size=12, unique_by=lambda child: child["student_id"]).map(
    lambda children: list(enumerate(children, start=1))
)


@settings(max_examples=40)
@given(lists)
def test_every_format_carries_the_same_students_in_the_same_order(children):
    found = orders(drawn_export(children))

    assert all(order == found["rows"] for order in found.values()), found


@needs_pango
@settings(max_examples=4, suppress_health_check=[HealthCheck.too_slow])
@given(lists)
def test_paper_carries_the_same_students_in_the_same_order(children):
    export = drawn_export([(rank, child | {"name": "Ana Mina"}) for rank, child in children])

    assert students_in(text_of(export.as_pdf())) == [row.student_id for row in export.rows]


@needs_pango
def test_page_call_and_files_carry_the_same_students_in_the_same_order(tmp_path):
    home, tokens = draw_home(tmp_path / "h")
    app = create_app(home, lambda: MONDAY_MORNING)
    with TestClient(app) as client:
        client.post("/entrar", data={"ficha": tokens["cobertura"]}, headers={"origin": "http://testserver"})
        page = re.findall(r'<h2><a href="/estudiantes/([0-9a-f]{16})"', client.get(f"/lista?colegio={ESPERANZA}").text)
        files = {kind: client.get(f"/lista/descargar?colegio={ESPERANZA}&formato={kind}") for kind in ("pdf", "csv")}
        call = client.get(f"/api/v1/institutions/{ESPERANZA}/watchlist", headers=bearer(tokens["cobertura"])).json()
    app.state.service.database.engine.dispose()

    assert len(page) == 10
    assert page == [row["student_id"] for row in call["rows"]]
    assert page == [row["Estudiante"] for row in csv_rows(files["csv"].content)]
    assert page == students_in(text_of(files["pdf"].content))
    assert files["pdf"].headers["content-type"] == "application/pdf"
    assert files["pdf"].headers["cache-control"] == "no-store"


# What every copy says of itself


@needs_pango
def test_every_page_says_its_week_its_publication_whose_copy_it_is_and_that_it_is_confidential(pack):
    pages = [" ".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(pack.as_pdf())).pages]

    assert len(pages) >= 2
    for number, text in enumerate(pages, start=1):
        assert "Confidencial: datos de niñas, niños y adolescentes." in text
        assert "Semana del lunes 13 de mayo de 2024" in text and pack.publication.id in text
        assert "esperanza.rectoria" in text and f"Página {number} de {len(pages)}" in text


def test_the_spreadsheet_prints_the_same_footer_and_each_row_of_the_csv_tells_it(pack):
    footer = sheet(pack.as_xlsx()).oddFooter.left.text
    row = csv_rows(pack.as_csv())[0]

    assert all(part in footer for part in ("Confidencial", "13 de mayo de 2024", pack.publication.id))
    assert row["Reserva"].startswith("Confidencial") and row["Descargada por"] == "esperanza.rectoria"
    assert (row["Semana"], row["Publicación"]) == (pack.week, pack.publication.id)


def test_a_pack_brings_the_sheets_of_its_reasons_and_who_left(pack):
    told = [row[0] for row in sheet(pack.as_xlsx(), "Guías de acción").iter_rows(min_row=2, values_only=True)]
    html = pack_pdf.pack_html(pack)

    assert set(told) == {"Cuando falta a clase", "Cuando le va mal en las áreas"}
    assert all(title in html for title in told)
    assert sheet(pack.as_xlsx(), "Salieron")["A1"].value == "Estudiante"


# Paper


@needs_pango
def test_paper_is_letter_size_tagged_in_spanish_and_says_so(pack):
    reader = PdfReader(io.BytesIO(pack.as_pdf()))
    root = reader.trailer["/Root"]

    assert [float(side) for side in reader.pages[0].mediabox[2:]] == [792, 612]
    assert root["/MarkInfo"]["/Marked"] and root["/StructTreeRoot"] and root["/Lang"] == "es-CO"
    assert b"pdfuaid" in root["/Metadata"].get_data()
    assert reader.metadata.title.startswith("Lista de la semana del lunes 13 de mayo de 2024")


@needs_pango
def test_what_is_drawn_stays_inside_the_margins(pack):
    document = pypdfium2.PdfDocument(pack.as_pdf())
    try:
        for page in document:
            grey = page.render(scale=1).to_pil().convert("L")
            dark = grey.point(lambda shade: 255 if shade < 200 else 0).getbbox()
            assert dark[0] >= 30 and dark[1] >= 30 and dark[2] <= grey.width - 30 and dark[3] <= grey.height - 15
    finally:
        document.close()


@needs_pango
def test_a_name_that_looks_like_a_page_is_only_text_and_nothing_is_fetched(pack):
    nasty = "<img src='http://127.0.0.1:9/x'><script>1</script>{{ 7*7 }}"
    named = Export(pack.publication, pack.rows, [], {student(1): nasty}, "<b>yo</b>", (), ListScope("9", "<i>IE</i>"))

    written = "".join(text_of(named.as_pdf()).split())  # a long word is broken where the column ends
    assert "".join(nasty.split()) in written and "<b>yo</b>" in written


def test_without_pango_the_sentence_says_what_to_install(pack, monkeypatch):
    def broken():
        raise Missing(pack_pdf.NOT_HERE)

    monkeypatch.setattr(pack_pdf, "_weasyprint", broken)

    with pytest.raises(Missing, match="apt-get install libpango") as told:
        pack.as_pdf()
    assert told.value.exit_code == 5


# No cell runs


def test_five_hundred_texts_that_a_spreadsheet_would_run_are_only_text():
    texts = hostile(500)
    export = hostile_export.export_of(texts)

    cells = list(sheet(export.as_xlsx()).iter_rows(min_row=2))
    rows = csv_rows(export.as_csv())
    assert len(set(texts)) == len(cells) == len(rows) == 500
    assert {cell.data_type for row in cells for cell in row} <= {"s", "n"}  # n: a number, or nothing
    assert [row[3].value for row in cells] == [read_back(text) for text in texts]
    assert all(row[3].quotePrefix for row in cells if is_like_a_formula(row[3].value))
    assert not [cell for row in rows for cell in row.values() if is_like_a_formula(cell)]
    assert [row["Nombre"].replace("'", "") for row in rows] == [text.replace("'", "") for text in texts]


def read_back(text):
    """XML has no carriage return of its own, and the file writes it in letters."""
    return text.replace("\r", "_x000D_")


@pytest.mark.skipif(OFFICE is None, reason=NOT_HERE)
@pytest.mark.parametrize("kind, reading", [("xlsx", []), ("csv", as_csv("semicolon")), ("csv", as_csv("comma"))])
def test_libreoffice_runs_none_of_them(kind, reading, tmp_path):
    (tmp_path / f"lista.{kind}").write_bytes(hostile_export.export_of(hostile(500)).content(kind))

    cells = opened(tmp_path / f"lista.{kind}", reading)

    assert len(cells) >= 500
    assert not [cell for cell in cells if cell.formula]


# For a program


@pytest.fixture(scope="module")
def calling(tmp_path_factory):
    home, tokens = draw_home(tmp_path_factory.mktemp("home") / "h", students=12)
    app = create_app(home, lambda: MONDAY_MORNING)
    with TestClient(app) as client:
        yield lambda path, who="cobertura": client.get(f"/api/v1/risk-lists/{path}", headers=bearer(tokens[who]))
    app.state.service.database.engine.dispose()


def test_a_program_gets_the_file_with_names_only_when_it_asks_and_may(calling):
    plain = calling(f"latest/file?format=csv&institution={ESPERANZA}")
    named = calling(f"latest/file?format=csv&institution={ESPERANZA}&names=true")

    assert "Rosa Mina" not in plain.text and "Rosa Mina" in named.text
    assert [row["Estudiante"] for row in csv_rows(plain.content)] == [
        row["Estudiante"] for row in csv_rows(named.content)
    ]
    assert calling("latest/file?names=true", "ciencia").status_code == 403
    assert calling("latest/file", "administra").status_code == 403


def test_a_file_of_another_school_looks_as_one_that_does_not_exist(calling):
    answers = [
        calling(path, "esperanza") for path in ("latest/file?institution=176001000033", "latest/file?institution=9")
    ]

    assert [answer.status_code for answer in answers] == [404, 404]
    assert answers[0].content == answers[1].content
    assert calling("2020-01-05/file").status_code == 404
    assert calling("latest/file?format=exe").status_code == 422
