"""A shifted or careless row brings names into any column; none of them may come as far as the archive."""

import pytest
from made_up_exports import ANNEX_6A, DETALLADO_43, DETALLADO_54, Secretariat, annex, rows_of, text

from features.sources import meanings
from features.sources.columns import SNAPSHOT
from features.sources.text_table import key_of

NAME = "ROSALBINA QUINTERO"
MARKS = "ANO;PER_ID;CODIGO_DANE_SEDE;PERIODO;AREA;NOTA;FECHA\n"


@pytest.fixture
def secretariat(tmp_path):
    return Secretariat(tmp_path)


def everything_kept(secretariat: Secretariat) -> str:
    tables = ("enrolment", "person", "characterisation", "progress", "support", "attendance", "visit", "report")
    tables = (*tables, "institution", "calendar")
    return str([secretariat.table(name).rows() for name in tables])


def _titles(layout: list[str]) -> list[str]:
    known = {key for keys in SNAPSHOT.values() for key in keys}
    return [title for title in layout if key_of(title) in known]


def _each_in_another_column(layout: list[str]) -> list[dict[str, str]]:
    """A child per column, each with a name where that column should be."""
    return [{**row, title: NAME} for row, title in zip(rows_of(range(100)), _titles(layout), strict=False)]


@pytest.mark.parametrize("layout", [DETALLADO_54, ANNEX_6A], ids=["detallado", "6a"])
def test_a_name_in_any_column_of_an_export_stays_out_of_the_archive(secretariat, layout):
    rows = _each_in_another_column(layout)
    told = annex(rows) if layout is ANNEX_6A else text(rows, layout)
    secretariat.drop("2024-03-01", export__csv=told)
    report = secretariat.ingest()
    assert report.rows_in == len(_titles(layout)) > 25 and report.accepted > 20
    assert "ROSALBINA" not in everything_kept(secretariat)
    assert "ROSALBINA" not in str(report.as_json())


@pytest.mark.parametrize("line", [f"1;{NAME};4,0", f"{NAME};LENGUAJE;4,0", f"{NAME};{NAME};"])
def test_a_name_for_an_area_or_a_period_is_kept_as_a_code(secretariat, line):
    secretariat.drop("2024-03-01", valoracion__csv=MARKS + f"2024;1000001;X;{line};01/03/2024\n")
    secretariat.ingest()
    (row,) = secretariat.table("progress").to_dicts()
    assert "ROSALBINA" not in str(row) and "OTRO_" in row["period"] + row["area"]


def test_two_unlisted_areas_stay_two_and_are_the_same_two_next_week(secretariat):
    for day, areas in (("2024-03-01", ("Danzas", "Ajedrez")), ("2024-03-08", ("DANZAS", "AJEDREZ"))):
        lines = "".join(f"2024;1000001;X;1;{area};4,0;01/03/2024\n" for area in areas)
        secretariat.drop(day, valoracion__csv=MARKS + lines)
    secretariat.ingest()
    assert secretariat.table("progress")["area"].n_unique() == 2
    assert secretariat.table("progress").height == 2


@pytest.mark.parametrize(
    ("said", "period"),
    [
        *[("1", "1"), ("P2", "2"), ("3P", "3"), ("Primer Periodo", "1"), ("PERIODO IV", "4"), ("2024-2", "2")],
        *[("Periodo 2024-3", "3"), ("FINAL", "FINAL"), ("7", None), ("2024", None), ("el de siempre", None)],
    ],
)
def test_a_period_is_its_number_however_it_is_called(said, period):
    assert meanings.period(said) == period


@pytest.mark.parametrize(
    ("said", "model"),
    [
        *[("2", "ESCUELA_NUEVA"), ("Escuela nueva", "ESCUELA_NUEVA"), ("60", "MODEL_60"), ("60:ALGO", "MODEL_60")],
        *[(NAME, "OTHER"), ("1107000001", "OTHER"), ("2:ESCUELA NUEVA", "ESCUELA_NUEVA")],
    ],
)
def test_a_teaching_model_is_one_of_the_table_or_a_number_or_another(said, model):
    assert meanings.teaching_model(said) == model


def test_the_two_layouts_of_the_detallado_are_both_looked_at():
    assert set(_titles(DETALLADO_43)) < set(_titles(DETALLADO_54))


@pytest.mark.parametrize("said", ["Rosalbina Quintero", "IE ROSALBINA", "QUINTERO", "1.107.000.001", "TI 1107000001"])
@pytest.mark.parametrize("column", ["INSTITUCION", "COMUNA_SEDE"])
def test_a_school_is_never_called_after_the_only_child_it_has(secretariat, said, column):
    columns = [*DETALLADO_43, "COMUNA_SEDE"]
    secretariat.drop("2024-03-01", d__csv=text([{column: said}], columns))

    assert secretariat.ingest().accepted == 1
    (school,) = secretariat.table("institution").to_dicts()
    assert school["name" if column == "INSTITUCION" else "comuna"] is None


def test_a_school_named_after_somebody_is_named_by_the_children_called_otherwise(secretariat):
    rows = rows_of(range(3), INSTITUCION="IE ROSALBINA CUERO", COMUNA_SEDE="COMUNA 13")
    rows += rows_of([3], INSTITUCION="IE ROSALBINA CUERO", NOMBRE1="JUAN", COMUNA_SEDE="COMUNA 13")
    secretariat.drop("2024-03-01", d__csv=text(rows, [*DETALLADO_43, "COMUNA_SEDE"]))
    secretariat.ingest()

    assert secretariat.table("institution").select("name", "comuna").rows() == [("IE ROSALBINA CUERO", "COMUNA 13")]
