"""Damaged packages of the open format: tables that are no tables, and descriptions that describe nothing."""

from __future__ import annotations

import io
import json
from pathlib import Path
from random import Random
from unittest.mock import patch

import polars as pl
import pytest
from hostile_corpus import mangled
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from made_up_exports import Secretariat

from features.sources.content import Content
from features.sources.parquet_table import read_parquet
from features.sources.parser_process import ParserProcess

ENROLMENT = (
    "student_id,happened_on,known_on,institution_id,school_year,grade,status\n"
    "a,2024-01-20,2024-01-20,1,2024,7,ENROLLED\n"
)
CALENDAR = "school_year,starts_on,ends_on\n2024,2024-01-15,2024-11-29\n"
DESCRIPTION = json.dumps({"resources": [{"path": "enrolment.csv"}, {"path": "calendar.csv"}]})


def parquet(**columns: object) -> bytes:
    buffer = io.BytesIO()
    pl.DataFrame(columns).write_parquet(buffer)
    return buffer.getvalue()


REGISTER = parquet(student_id=[f"s{n}" for n in range(50)], grade=[n % 9 for n in range(50)], nothing=[None] * 50)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(0, 2**32), st.booleans())
def test_a_mangled_parquet_is_a_table_or_a_sentence(seed: int, in_place: bool) -> None:
    draw = Random(seed)
    for _ in range(25):
        data = bytearray(REGISTER)
        for _ in range(draw.randint(1, 4)):
            data[draw.randrange(4, len(data) - 4)] = draw.randrange(256)
        table = read_parquet(Content("x", bytes(data) if in_place else mangled(draw, REGISTER)))

        assert table.problems or table.rows_in == table.rows.height
        assert all(problem.rule == "parquet-dañado" for problem in table.problems)


def test_a_parquet_that_ends_its_reader_ends_the_trial_and_not_us() -> None:
    dying = ParserProcess(program=Path(__file__).with_name("dying_reader.py"))
    with patch("features.sources.parquet_table.PARQUET_TRIAL", dying):
        table = read_parquet(Content("x", REGISTER))

    assert "sin riesgo" in table.problems[0].sentence()
    assert not read_parquet(Content("x", REGISTER)).problems


def test_a_parquet_of_a_few_bytes_and_millions_of_rows_is_not_unfolded() -> None:
    bomb = parquet(a=pl.zeros(11_000_000, dtype=pl.Int8, eager=True))

    assert len(bomb) < 100_000
    assert "más celdas" in read_parquet(Content("x", bomb)).problems[0].sentence()


DESCRIPTIONS = {
    "nothing": "",
    "no JSON": "{CANARINA",
    "another shape": "[1, 2]",
    "no resources": '{"resources": 5}',
    "a resource without a path": '{"resources": [{"name": "enrolment"}]}',
    "as deep as the sea": "[" * 100_000,
    "numbers without end": '{"resources": ' + "9" * 10_000 + "}",
}


@pytest.mark.parametrize("description", DESCRIPTIONS.values(), ids=DESCRIPTIONS)
def test_a_package_whose_description_says_nothing_is_read_by_the_names_of_its_files(tmp_path, description: str) -> None:
    secretariat = Secretariat(tmp_path)
    secretariat.drop("2024-03-01", datapackage__json=description, enrolment__csv=ENROLMENT, calendar__csv=CALENDAR)
    report = secretariat.ingest()

    assert "paquete-ilegible" in {problem.rule for problem in report.problems}
    assert (report.rows_in, report.accepted) == (2, 2)


@pytest.mark.parametrize(
    "path", ["../enrolment.csv", "/etc/passwd", "http://127.0.0.1:9/enrolment.csv", "a/b/enrolment.csv"]
)
def test_a_description_leads_nowhere_but_into_its_own_folder(tmp_path, path: str) -> None:
    secretariat = Secretariat(tmp_path)
    (tmp_path / "exports").mkdir()
    (tmp_path / "exports" / "enrolment.csv").write_text(ENROLMENT.replace("a,", "outside,", 1))
    described = DESCRIPTION.replace("enrolment.csv", path)
    secretariat.drop("2024-03-01", datapackage__json=described, enrolment__csv=ENROLMENT, calendar__csv=CALENDAR)
    secretariat.ingest(tmp_path / "exports" / "2024-03-01")

    seen = secretariat.table("enrolment")["student_id"].to_list() if path.endswith("enrolment.csv") else []
    assert seen in ([], ["a"])


@pytest.mark.parametrize(("rows", "letters"), [(60_000, 20_000), (3, 100_001)])
def test_a_parquet_that_says_one_long_text_very_often_is_refused_before_it_is_copied(rows: int, letters: int) -> None:
    often = pl.Series("student_id", ["x" * letters], pl.String).new_from_index(0, rows)
    file = Content("enrolment.parquet", parquet(student_id=often))
    (problem,) = read_parquet(file).problems

    assert len(file.data) < 100_000
    assert problem.found == "trae más texto del que lleva ningún registro"
