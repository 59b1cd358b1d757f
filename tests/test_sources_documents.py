"""The number that stands for a kind of document is read in the dialect that the ages bear out, and that is told."""

from dataclasses import replace
from datetime import date
from typing import get_args

import polars as pl
import pytest
from made_up_exports import KEY, Secretariat, annex

from features.sources import strangers
from features.sources.compression import Content
from features.sources.document_dialects import dialects
from features.sources.profile import NATIONAL, Dialect, Profile
from features.sources.reader import read_content
from features.sources.sheet import Reading

DAY = date(2024, 3, 1)


def school(codes: dict[str, str], small: int = 30, middle: int = 60, grown: int = 30) -> list[dict[str, str]]:
    """Children of five, twelve and nineteen, each with the code that the dialect has for its document."""
    ages = [("RC", 2018, small), ("TI", 2011, middle), ("CC", 2004, grown)]
    rows = [
        {"TIPO_DOCUMENTO": codes[kind], "FECHA_NACIMIENTO": f"02/05/{born}"}
        for kind, born, many in ages
        for _ in range(many)
    ]
    return [{"PER_ID": str(1000000 + n), "NRO_DOCUMENTO": str(1107000000 + n), **row} for n, row in enumerate(rows)]


def read(rows: list[dict[str, str]], profile: Profile = NATIONAL) -> Reading:
    return read_content(Content("anexo_6a.txt", annex(rows).encode("latin-1")), DAY, KEY, profile)


def kinds(reading: Reading) -> list[str]:
    return reading.rows["document_type"].unique().sort().to_list()


SIMAT = {"RC": "5", "TI": "2", "CC": "1"}
OTHERS = {"rc-ti-cc": {"RC": "1", "TI": "2", "CC": "3"}, "cc-rc-ti": {"RC": "2", "TI": "3", "CC": "1"}}
LABELS = {"RC": "RC:REGISTRO CIVIL", "TI": "TARJETA DE IDENTIDAD", "CC": "CC"}


@pytest.mark.parametrize("codes", [SIMAT, LABELS], ids=["official codes", "labels"])
def test_the_official_table_is_read_without_a_word(codes):
    reading = read(school(codes))
    assert kinds(reading) == ["CC", "RC", "TI"]
    assert reading.problems == ()


@pytest.mark.parametrize("dialect", OTHERS)
def test_another_dialect_is_known_by_the_ages_and_told_in_one_sentence(dialect):
    reading = read(school(OTHERS[dialect]))
    by_age = (
        reading.rows.group_by(pl.col("birth_date").dt.year()).agg(pl.col("document_type").unique()).sort(pl.first())
    )
    assert by_age["document_type"].to_list() == [["CC"], ["TI"], ["RC"]]
    (problem,) = reading.problems
    assert (problem.rule, problem.level) == ("dialecto-de-documentos", "warning")
    assert "por las edades" in problem.sentence() and "perfil.toml" in problem.sentence()


@pytest.mark.parametrize("dialect", OTHERS)
def test_too_few_children_prove_no_dialect(dialect):
    assert "dialecto-de-documentos" not in [p.rule for p in read(school(OTHERS[dialect], 3, 6, 3)).problems]


def test_the_profile_has_the_last_word_and_ages_that_contradict_it_are_told():
    reading = read(school(SIMAT), replace(NATIONAL, documents="cc-rc-ti"))
    assert kinds(reading) == ["CC", "RC"]
    (problem,) = reading.problems
    assert problem.rule == "documentos-y-edades"
    assert "en 60 de 120 filas el documento no es de la edad" in problem.sentence()


def test_a_child_without_per_id_is_the_same_whichever_dialect_wrote_its_document():
    both = [
        read([{**row, "PER_ID": ""} for row in school(codes)]).rows["student_id"].sort()
        for codes in (SIMAT, *OTHERS.values())
    ]
    assert both[0].equals(both[1]) and both[0].equals(both[2])


def test_no_sentence_about_documents_quotes_one():
    told = " ".join(p.sentence() for p in read(school(OTHERS["rc-ti-cc"])).problems)
    assert "1107" not in told


WEEKS = "TIPO_DOCUMENTO;NRO_DOCUMENTO;CODIGO_DANE_SEDE;SEMANA;DIAS_PROGRAMADOS;DIAS_AUSENTE\n"


def weeks(rows: list[dict[str, str]]) -> str:
    """A week of attendance of each child, by document alone."""
    told = (f"{row['TIPO_DOCUMENTO']};{row['NRO_DOCUMENTO']};176001000018;26/02/2024;5;1\n" for row in rows)
    return WEEKS + "".join(told)


@pytest.mark.parametrize("register", [SIMAT, *OTHERS.values()])
@pytest.mark.parametrize("other", [SIMAT, *OTHERS.values()])
def test_a_file_without_ages_is_read_so_that_the_register_knows_its_children(tmp_path, register, other):
    secretariat = Secretariat(tmp_path)
    children = [{**row, "PER_ID": ""} for row in school(register)]
    secretariat.drop("2024-03-01", anexo__txt=annex(children), inasistencia__csv=weeks(school(other)))
    report = secretariat.ingest()
    enrolled = secretariat.table("enrolment")["student_id"]

    assert report.accepted == 240
    assert secretariat.table("attendance")["student_id"].is_in(enrolled.implode()).all()
    assert "estudiantes-desconocidos" not in [problem.rule for problem in report.problems]


def test_a_file_about_children_of_another_register_is_told_and_kept(tmp_path):
    secretariat = Secretariat(tmp_path)
    others = [{**row, "NRO_DOCUMENTO": f"9{row['NRO_DOCUMENTO']}"} for row in school(SIMAT)]
    secretariat.drop("2024-03-01", anexo__txt=annex(school(SIMAT)), inasistencia__csv=weeks(others))
    report = secretariat.ingest()

    (problem,) = report.problems
    assert (problem.rule, report.accepted) == ("estudiantes-desconocidos", 240)
    assert "120 de 120 filas son de estudiantes que no están en la matrícula" in problem.sentence()


def test_every_dialect_there_is_is_tried():
    assert set(strangers.OTHERS) == set(dialects()) == set(get_args(Dialect)) - {"auto", "simat"}
