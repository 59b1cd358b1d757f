"""The list as a file: the same rows in every format, and no cell that a spreadsheet would run."""

import csv
import io
import json
import re
from dataclasses import replace
from datetime import timedelta

import openpyxl
import pytest
from drawn_lists import BY, ESPERANZA, FIRST_SUNDAY, draw_list, draw_scores, publish_two_weeks, student
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from serving import published
from serving.exports import Export, exported_list
from serving.faults import Missing, WrongUsage
from serving.pack_pdf import pack_html
from serving.published import Wanted
from serving.publishing import publish
from serving.risk_lists import School
from serving.spreadsheets import FORMULA_STARTS, safe
from serving.tables import audit

NASTY = ['=HYPERLINK("http://x")', "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\0=1", " =1", "＝1"]


@pytest.fixture
def database(database):
    publish_two_weeks(database)
    return database


def export_of(database, names=None):
    with database.reading_as(BY.context) as connection:
        publication = published.publication_for(connection, None)
        rows = published.rows(connection, publication.id, Wanted())
        return Export(publication, rows, [], names or {}, "rosa")


def csv_rows(content):
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline=""), delimiter=";"))


def sheet_of(content, name="Lista"):
    return openpyxl.load_workbook(io.BytesIO(content))[name]


def test_every_format_holds_the_same_students_in_the_same_order(database):
    export = export_of(database)
    from_json = [row["student_id"] for row in json.loads(export.as_json())["rows"]]
    from_csv = [row["Estudiante"] for row in csv_rows(export.as_csv())]
    from_sheet = [cell.value for cell in sheet_of(export.as_xlsx())["C"][1:]]

    assert from_json == from_csv == from_sheet
    assert len(from_json) == 12


def test_names_are_there_only_when_they_were_given(database):
    with_names = export_of(database, {student(1): "Rosa Mina"})

    assert csv_rows(with_names.as_csv())[0]["Nombre"] == "Rosa Mina"
    assert "Nombre" not in csv_rows(export_of(database).as_csv())[0]
    assert "names" not in json.loads(export_of(database).as_json())


@pytest.mark.parametrize("name", NASTY)
def test_a_name_like_a_formula_stays_text_in_csv_and_in_excel(database, name):
    export = export_of(database, {student(1): name})

    cell = sheet_of(export.as_xlsx())["D2"] if "\0" not in name else None
    told = csv_rows(export.as_csv())[0]["Nombre"]
    assert told.startswith("'") and told.replace("'", "") == name
    assert cell is None or cell.data_type == "s"


@settings(deadline=None)  # a busy machine is no failure
@given(st.sampled_from(FORMULA_STARTS), st.text(max_size=20), st.integers(0, 3))
def test_no_cell_begins_like_a_formula(start, rest, blanks):
    assert safe(" " * blanks + start + rest).startswith("'")


@settings(deadline=None)  # a busy machine is no failure
@given(st.text(",;|\t\n =+-@a1\u200b\ufeff'", max_size=20))
def test_no_cell_begins_like_a_formula_whatever_separator_cuts_it(text):
    pieces = re.split("[,;|\t\r\n]", str(safe(text)))

    assert not [piece for piece in pieces if piece.strip("\u200b\ufeff ")[:1] in set("=+-@") and piece.strip()]


@settings(deadline=None)  # a busy machine is no failure
@given(st.text(max_size=20).filter(lambda text: not set(text) & set(FORMULA_STARTS)))
def test_other_cells_are_left_as_they_are(text):
    assert safe(text) == text


def test_a_school_whose_name_is_a_formula_is_only_text(database):
    scores = draw_scores(FIRST_SUNDAY, 20)
    risk_list = draw_list(FIRST_SUNDAY, scores=scores)
    schools = {code: School(code, "=1+1", "@x") for code in risk_list.schools}
    renamed = type(risk_list)(**{**risk_list.__dict__, "schools": schools})
    publish(database, renamed, BY)

    content = exported_list(database, FIRST_SUNDAY, None, "csv", BY)

    assert {row["Institución"] for row in csv_rows(content)} == {"'=1+1"}


def test_the_sheet_says_what_the_list_is_for_who_took_it_and_until_when_it_holds(database):
    about = dict(sheet_of(export_of(database).as_xlsx(), "Acerca de esta lista").values)

    assert about["Descargada por"] == "rosa"
    assert "No sirve para sanciones" in about["Finalidad"]
    assert about["Vigencia"].startswith("Una semana")


def test_every_copy_says_what_the_page_says_of_an_old_list_and_of_a_model_past_its_time(database):
    whole = export_of(database)
    told = "El modelo venció y se usa por decisión escrita."
    header = json.dumps(whole.publication.header | {"model_note": told}).encode()
    after = {days: whole.publication.day + timedelta(days=days) for days in (13, 14)}
    fresh, old = (replace(whole, publication=replace(whole.publication, body=header), taken_on=after[d]) for d in after)

    assert {row["Aviso sobre la lista"] for row in csv_rows(fresh.as_csv())} == {told}
    (said,) = {row["Aviso sobre la lista"] for row in csv_rows(old.as_csv())}
    assert said.startswith("Esta lista es antigua. Se hizo con lo que se sabía el 12 de mayo de 2024.") and told in said
    assert said in [cell.value for cell in sheet_of(old.as_xlsx())[2]]
    assert [row[1] for row in sheet_of(old.as_xlsx(), "Acerca de esta lista").values if row[0] == "Aviso"] == old.notes
    assert all(note in pack_html(old) for note in old.notes)


def test_taking_the_list_of_one_school_gives_all_it_should_follow_and_leaves_a_line(database):
    rows = json.loads(exported_list(database, None, ESPERANZA, "json", BY))["rows"]

    assert {row["institution"] for row in rows} == {ESPERANZA}
    assert len(rows) == 10
    with database.reading() as connection:
        line = connection.execute(select(audit).where(audit.c.action == "export")).one()
    assert line.detail == "10 estudiantes, sin nombres"


def test_a_format_that_is_not_offered_is_refused(database):
    with pytest.raises(WrongUsage, match="json, csv, xlsx"):
        exported_list(database, None, None, "docx", BY)


def test_a_day_without_a_list_is_something_missing(database):
    with pytest.raises(Missing, match="run-week"):
        exported_list(database, FIRST_SUNDAY.replace(year=2020), None, "csv", BY)
