"""The names behind the pseudonyms: kept apart, and written only when they change."""

from datetime import date

import polars as pl
import pytest
from drawn_lists import BY, draw_roster, student
from sqlalchemy import func, select

from serving import roster, tables


def names(database, *students):
    with database.reading_as(BY.context) as connection:
        return roster.names_of(connection, students)


def lines(database):
    with database.reading() as connection:
        return connection.execute(select(func.count()).select_from(tables.audit)).scalar_one()


def test_new_students_are_written_and_counted(database):
    assert roster.upsert(database, draw_roster(30), BY) == 30
    assert names(database, student(1)) == {student(1): "Rosa Mina"}


def test_the_same_rows_again_write_nothing_and_leave_no_line(database):
    roster.upsert(database, draw_roster(30), BY)
    before = lines(database)

    assert roster.upsert(database, draw_roster(30).with_columns(known_on=date(2024, 6, 7)), BY) == 0
    assert lines(database) == before


def test_only_who_changed_is_written(database):
    roster.upsert(database, draw_roster(30), BY)
    corrected = draw_roster(30).with_columns(
        first_name=pl.when(pl.col("student_id") == student(2)).then(pl.lit("JUANITA")).otherwise("first_name")
    )

    assert roster.upsert(database, corrected, BY) == 1
    assert names(database, student(2), student(3)) == {
        student(2): "Juanita Apellido2",
        student(3): "Juana Apellido3",
    }


def test_of_two_rows_about_one_student_the_later_known_stays(database):
    later = draw_roster(1).with_columns(first_name=pl.lit("ROSALBA"), known_on=date(2024, 6, 7))

    roster.upsert(database, pl.concat([later, draw_roster(1)]), BY)

    assert names(database, student(1)) == {student(1): "Rosalba Mina"}


def test_an_older_file_read_late_does_not_undo_a_newer_name(database):
    later = draw_roster(1).with_columns(first_name=pl.lit("ROSALBA"), known_on=date(2024, 6, 7))
    roster.upsert(database, later, BY)

    assert roster.upsert(database, draw_roster(1), BY) == 0
    assert names(database, student(1)) == {student(1): "Rosalba Mina"}


def test_columns_that_a_source_does_not_have_stay_empty(database):
    roster.upsert(database, draw_roster(1).drop("phone", "document_number"), BY)

    with database.reading_as(BY.context) as connection:
        assert roster.identity_of(connection, student(1)) == roster.Identity("Rosa Mina", None)


def known_of(database, number):
    with database.reading_as(BY.context) as connection:
        return roster.known_of(connection, [student(number)])[student(number)]


@pytest.mark.parametrize("silent", ["phone", "email", "document_number", "address"])
def test_a_layout_without_a_column_does_not_wipe_out_what_another_told(database, silent):
    told = draw_roster(1).with_columns(
        pl.lit("3001234567").alias("phone"), pl.lit("rosa@correo.co").alias("email"), pl.lit("CL 5").alias("address")
    )
    roster.upsert(database, told, BY)
    later = told.with_columns(known_on=date(2024, 6, 7))

    assert roster.upsert(database, later.with_columns(pl.lit(None, pl.String).alias(silent)), BY) == 0
    roster.upsert(database, later.drop(silent).with_columns(first_name=pl.lit("ROSALBA")), BY)

    assert known_of(database, 1)[silent] == told[silent][0] is not None
    assert known_of(database, 1)["first_name"] == "ROSALBA"


def test_a_second_name_that_was_a_mistake_goes_with_the_next_file(database):
    roster.upsert(database, draw_roster(1).with_columns(second_name=pl.lit("ERRADO")), BY)

    roster.upsert(database, draw_roster(1).with_columns(second_name=pl.lit(None, pl.String)), BY)

    assert known_of(database, 1)["second_name"] is None


def test_a_new_number_never_stands_beside_the_kind_of_the_old_document(database):
    roster.upsert(database, draw_roster(1).with_columns(document_type=pl.lit("TI")), BY)

    changed = draw_roster(1).with_columns(
        document_type=pl.lit(None, pl.String), document_number=pl.lit("1107000099"), known_on=date(2024, 6, 7)
    )
    roster.upsert(database, changed, BY)

    assert (known_of(database, 1)["document_type"], known_of(database, 1)["document_number"]) == (None, "1107000099")


def test_hundreds_of_names_are_found_at_once(database):
    roster.upsert(database, draw_roster(1200), BY)

    assert len(names(database, *(student(number) for number in range(1, 1201)))) == 1200


def test_a_student_nobody_knows_has_no_name(database):
    assert names(database, student(7)) == {}
    with database.reading_as(BY.context) as connection:
        assert roster.identity_of(connection, student(7)) is None
