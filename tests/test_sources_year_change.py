"""Between two years a register of the enrolled alone must still tell who finished, who repeats and who came back."""

from datetime import date

import polars as pl
import pytest
from made_up_exports import ANNEX_6A, Secretariat, annex, text

from features import build_frame
from features.records import Records

CURRENT = [title for title in ANNEX_6A if title not in ("REPITENTE", "NUEVO")]
"""A 6A that says nothing of the year before: neither what the child did nor what became of it."""
YEARS = ("2022", "2023", "2024")


@pytest.fixture
def secretariat(tmp_path):
    return Secretariat(tmp_path)


def listed(year: str, drawn: str) -> str:
    """«1:7 2:11»: child 1 in grade 7, child 2 in grade 11."""
    children = [word.split(":") for word in drawn.split()]
    rows = [
        {"PER_ID": f"100000{child}", "NRO_DOCUMENTO": f"110700000{child}", "GRADO": grade, "ANO_INF": year}
        for child, grade in children
    ]
    return annex(rows, CURRENT)


def by_child(secretariat: Secretariat, table: pl.DataFrame, column: str) -> dict[str, object]:
    names = pl.concat(secretariat.roster).unique("student_id").select("student_id", child=pl.col("per_id").str.tail(1))
    return dict(table.join(names, on="student_id").select("child", column).sort("child").iter_rows())


def test_who_was_in_grade_11_when_the_year_ended_has_finished_and_nobody_else_has(secretariat):
    secretariat.drop("2023-11-10", anexo_6a__txt=listed("2023", "1:11 2:11 3:7 4:7 5:10 6:26"))
    secretariat.drop("2023-11-24", anexo_6a__txt=listed("2023", "1:11 3:7 4:7 5:10 6:26"))
    secretariat.drop("2024-02-02", anexo_6a__txt=listed("2024", "3:8"))
    secretariat.ingest()
    last = secretariat.table("enrolment").sort("known_on").group_by("student_id").last()
    assert by_child(secretariat, last, "status") == {
        "1": "GRADUATED",
        "6": "GRADUATED",
        "2": "NOT_SEEN",
        "4": "NOT_SEEN",
        "5": "NOT_SEEN",
        "3": "ENROLLED",
    }
    assert set(last.filter(status="GRADUATED")["happened_on"]) == {date(2024, 2, 2)}


def test_who_finished_and_is_found_again_in_grade_11_is_enrolled_again(secretariat):
    secretariat.drop("2023-11-24", anexo_6a__txt=listed("2023", "1:11 3:7"))
    secretariat.drop("2024-02-02", anexo_6a__txt=listed("2024", "3:8"))
    secretariat.drop("2024-02-09", anexo_6a__txt=listed("2024", "3:8 1:11"))
    secretariat.ingest()
    assert [status for _, status in secretariat.statuses()][-1] == "ENROLLED"


def test_the_condition_of_the_year_before_is_rebuilt_by_joining_the_years(secretariat):
    for year, drawn in zip(YEARS, ("1:5 2:5 3:5", "1:6 2:5", "1:7 2:6 3:6 4:6"), strict=True):
        secretariat.drop(f"{year}-02-09", anexo_6a__txt=listed(year, drawn))
    secretariat.ingest()
    records = Records.open(secretariat.home / "archive")
    frames = [build_frame(records, [date(int(year), 3, 3)]) for year in YEARS]
    assert by_child(secretariat, frames[1], "repeating") == {"1": 0, "2": 1}
    assert by_child(secretariat, frames[2], "repeating") == {"1": 0, "2": 0, "3": 0, "4": 0}
    assert by_child(secretariat, frames[2], "grades_repeated") == {"1": 0, "2": 1, "3": 0, "4": 0}
    assert by_child(secretariat, frames[2], "years_on_record") == {"1": 3, "2": 3, "3": 2, "4": 1}
    assert by_child(secretariat, frames[2], "returned_after_gap") == {"1": 0, "2": 0, "3": 1, "4": 0}


def test_the_detallado_says_itself_who_finished(secretariat):
    rows = [{"PER_ID": "1000001", "GRADO_COD": "11"}, {"PER_ID": "1000003"}]
    secretariat.drop("2023-11-24", detallado__csv=text([{**row, "ANO": "2023"} for row in rows]))
    told = [{**rows[0], "ANO": "2023", "ESTADO": "GRADUADO"}, {**rows[1], "ANO": "2023", "ESTADO": "PROMOCIONADO"}]
    secretariat.drop("2023-12-08", detallado__csv=text(told))
    secretariat.drop("2024-02-02", detallado__csv=text([{**rows[1], "GRADO_COD": "8"}]))
    secretariat.ingest()
    graduated = secretariat.table("enrolment").filter(status="GRADUATED")
    assert graduated["known_on"].to_list() == [date(2023, 12, 8)]
