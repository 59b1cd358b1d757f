"""The archive keeps what was learnt and when; half-written files do not count."""

from datetime import date

import pandas as pd
import polars as pl
import pytest
from personas import ENROLMENT, SUNDAY, TABLES, town

from features import Archive, Entry, Records
from features.schema import TABLES as SCHEMAS

ENTRY = Entry("abc123" * 8, "detallado", date(2024, 3, 1), "detallado_alumnos.csv", 9, 9, 0)


def test_a_table_always_has_every_column_of_its_schema():
    records = Records.from_frames({"enrolment": ENROLMENT})

    assert tuple(records.table("enrolment").collect_schema()) == SCHEMAS["enrolment"].names
    assert records.table("attendance").collect().is_empty()


def test_columns_of_a_registers_own_come_after_the_schema():
    records = town(characterisation=TABLES["characterisation"].with_columns(x_bus=pl.lit(3.0)))

    assert records.own_columns("characterisation") == {"x_bus": pl.Float64()}
    assert list(records.table("characterisation").collect_schema())[-1] == "x_bus"


def test_a_table_that_we_do_not_keep_is_refused():
    with pytest.raises(KeyError, match="no hay una tabla"):
        Records.from_frames({"calificaciones": ENROLMENT})


def test_pandas_tables_are_read_like_polars_ones():
    pandas = ENROLMENT.to_pandas()
    assert isinstance(pandas, pd.DataFrame)

    by_pandas = Records.from_frames({"enrolment": pandas}).table("enrolment").collect()

    assert by_pandas.equals(Records.from_frames({"enrolment": ENROLMENT}).table("enrolment").collect())


def test_known_by_a_day_hides_what_was_learnt_later_but_not_the_calendar():
    records = town().known_by(date(2023, 12, 31))

    assert set(records.table("enrolment").collect()["student_id"]) == {"ana", "leo"}
    assert records.table("calendar").collect().height == 2


def test_the_last_day_of_news_is_the_newest_known_on_of_any_table():
    assert town().last_known_on() == date(2024, 5, 3)


def test_the_digest_changes_with_the_rows_and_not_with_their_order():
    assert town().digest() == town(enrolment=ENROLMENT.reverse()).digest()
    assert town().digest() != town(enrolment=ENROLMENT.head(3)).digest()


def test_what_is_archived_comes_back_as_it_went_in(tmp_path):
    Archive(tmp_path).add(ENTRY, TABLES)

    back = Records.open(tmp_path)

    for name in TABLES:
        ours, theirs = back.table(name).collect(), town().table(name).collect()
        assert ours.sort(ours.columns).equals(theirs.sort(theirs.columns)), name


def test_a_part_without_its_manifest_entry_is_not_read(tmp_path):
    Archive(tmp_path).add(ENTRY, {"enrolment": ENROLMENT})
    stray = tmp_path / "enrolment" / "2024-03-08-half.parquet"
    ENROLMENT.with_columns(student_id=pl.lit("ghost")).write_parquet(stray)

    assert "ghost" not in set(Records.open(tmp_path).table("enrolment").collect()["student_id"])


def test_an_empty_table_leaves_no_part(tmp_path):
    entry = Archive(tmp_path).add(ENTRY, {"enrolment": ENROLMENT, "support": ENROLMENT.head(0)})

    assert [part.split("/")[0] for part in entry.parts] == ["enrolment"]


def test_the_archive_knows_a_file_by_its_content_and_day(tmp_path):
    archive = Archive(tmp_path)
    written = archive.add(ENTRY, {"enrolment": ENROLMENT})

    assert archive.has(ENTRY.digest, ENTRY.known_on) == written
    assert archive.has(ENTRY.digest, SUNDAY) is None
    assert archive.has("0" * 48) is None


def test_an_archive_that_is_not_there_yet_is_empty(tmp_path):
    records = Records.open(tmp_path / "nothing")

    assert records.table("enrolment").collect().is_empty()
    assert records.last_known_on() is None
