"""What a visit found reaches the archive as a coded fact, and no word that a visitor wrote goes with it."""

from datetime import date

import polars as pl
import pytest
from made_up_exports import Secretariat, rows_of, text

from features.definitions import CATALOGUE
from features.schema import TABLES
from features.sources.codes import code_table

TITLES = "PER_ID;CODIGO_DANE_SEDE;FECHA_VISITA;TIPO_CONTACTO;HALLAZGO;FECHA_HECHO;DESTINO;OBSERVACIONES\n"


@pytest.fixture
def secretariat(tmp_path):
    secretariat = Secretariat(tmp_path)
    secretariat.drop("2024-03-01", detallado__csv=text(rows_of([1, 2, 3])))
    return secretariat


def visited(secretariat: Secretariat, *lines: str) -> pl.DataFrame:
    """Visits as «child contact | finding | since when | where to», all of 6 March, told on the 8th."""
    cells = [[cell.strip() for cell in line.split("|")] for line in lines]
    rows = [
        f"100000{child};176001000018;06/03/2024;{kind};{found};{since};{place};la abuela MARIA QUINTERO dice que vuelve"
        for child, kind, found, since, place in cells
    ]
    secretariat.drop("2024-03-08", visitas__csv=TITLES + "\n".join(rows) + "\n")
    secretariat.ingest()
    return secretariat.table("visit")


FOUND = """
Visita            | DESERTÓ          | 04/03/2024 |                     | HOME_VISIT LEFT 2024-03-04 None
LLAMADA           | OTRA INSTITUCION | 01/03/2024 | MISMA CIUDAD        | PHONE_CALL ELSEWHERE 2024-03-01 SAME_CITY
CRUCE             | MIGRÓ            |            | RETORNO A VENEZUELA | ENROLMENT_MATCH MIGRATED 2024-03-06 VENEZUELA
REPORTE           | ERROR DE DATOS   |            |                     | SCHOOL_REPORT DATA_ERROR 2024-03-06 None
VISITA            | ASISTE           |            |                     | HOME_VISIT ATTENDING 2024-03-06 None
                  | NO SE ENCONTRÓ   |            |                     | None NOT_FOUND 2024-03-06 None
PALOMA            | FALLECIÓ         | 01/04/2024 | LA LUNA             | None DECEASED 2024-03-06 None
"""  # fmt: skip


@pytest.mark.parametrize("drawn", FOUND.strip().splitlines())
def test_a_finding_is_kept_with_the_day_it_happened_and_the_day_it_was_known(secretariat, drawn):
    kind, found, since, place, kept = (cell.strip() for cell in drawn.split("|"))
    (row,) = visited(secretariat, f"1|{kind}|{found}|{since}|{place}").to_dicts()
    assert f"{row['kind']} {row['result']} {row['happened_on']} {row['destination']}" == kept
    assert (row["visited_on"], row["known_on"]) == (date(2024, 3, 6), date(2024, 3, 8))


@pytest.mark.parametrize("wrong", ["1|VISITA||", "1|VISITA|ROSALBINA QUINTERO|"])
def test_a_visit_without_a_finding_of_the_table_is_set_aside_and_its_words_are_not_quoted(secretariat, wrong):
    rows = visited(secretariat, f"{wrong}|", "2|VISITA|ASISTE||")
    report = secretariat.ingest()
    assert rows.height == 1
    assert [file.quarantined for file in report.files if file.source == "visitas"] == [1]
    assert "ROSALBINA" not in str(report.as_json())


def test_no_word_of_a_visitor_reaches_the_archive(secretariat):
    rows = visited(secretariat, "1|VISITA|DESERTO||", "2|LLAMADA|NO CONTESTA||")
    assert set(rows.columns) == set(TABLES["visit"].names)
    assert not [cell for row in rows.rows() for cell in row if "MARIA" in str(cell)]


def test_the_same_file_of_visits_read_twice_adds_nothing(secretariat):
    once = visited(secretariat, "1|VISITA|DESERTO||")
    secretariat.drop("2024-03-15", visitas__csv=(secretariat.exports / "2024-03-08" / "visitas.csv").read_bytes())
    secretariat.ingest()
    assert secretariat.table("visit").equals(once)


def test_every_finding_of_the_code_tables_is_one_that_the_archive_knows():
    columns = {"contact": "kind", "finding": "result", "destination": "destination"}
    for table, column in columns.items():
        assert set(code_table(table).values()) == set(TABLES["visit"][column].allowed or ())


def test_no_variable_reads_what_a_visit_found():
    assert "visit" not in {read.table for feature in CATALOGUE for read in feature.reads}
