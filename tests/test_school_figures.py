"""The figures of each school: worked out once, shown as they may be published, and replaced when worked out again."""

from drawn_lists import BY
from personas import SUNDAY, town
from sqlalchemy import func, select

from serving.school_figures import FOUR, OWN, by_indicator, figures_of
from serving.school_figures_run import bring_up_to_date, work_out
from serving.tables import audit
from serving.view_tables import school_figures


def test_each_school_of_the_town_has_figures_and_none_of_them_points_at_a_child(database):
    day, schools = work_out(town(), database, BY, SUNDAY)

    with database.reading_as(BY.context) as connection:
        figures = figures_of(connection, "NORTE")
    assert figures is not None and figures.day == day <= SUNDAY and schools >= 1
    told = by_indicator(figures.rates)
    assert 0 < len(told) <= len(FOUR)
    assert {row["numerator"] for row in figures.rates if row["place"] == OWN} <= {"reservado", "—"}
    assert "desertor" not in str(figures)


def test_working_them_out_again_leaves_one_copy(database):
    work_out(town(), database, BY, SUNDAY)
    _, schools = work_out(town(), database, BY, SUNDAY)

    with database.reading_as(BY.context) as connection:
        assert connection.execute(select(func.count()).select_from(school_figures)).scalar() == schools


def test_they_are_worked_out_with_each_new_list_and_beside_an_old_one_only_where_they_are_missing(database):
    for again in (False, False, True):
        bring_up_to_date(town(), database, BY, SUNDAY, again)

    with database.reading() as connection:
        lines = connection.execute(select(func.count()).where(audit.c.action == "school_figures")).scalar()
    assert lines == 2


def test_a_school_that_nobody_worked_out_has_none(database):
    with database.reading_as(BY.context) as connection:
        assert figures_of(connection, "999") is None
