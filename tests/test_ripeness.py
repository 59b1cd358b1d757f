"""How late the register hears of a departure, and how long a day therefore waits before it teaches."""

from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest
from ascii_tables import drawn
from hypothesis import given
from hypothesis import strategies as st
from made_up_town import town
from personas import YEAR_2024

from features import Records, outcomes
from features.ripeness import FEWEST_DEPARTURES, Completeness, completeness, curve
from models.evaluation import Capacity, evaluate
from models.recipe import Recipe, RecipeError
from models.report import as_text
from models.training import first_judged, plan, ripe_by
from models.waiting import Wait, beside_wait, waiting, waiting_weeks

MONDAY = date(2024, 2, 5)


def told(*rows: tuple[int, int]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema={"delay": pl.Int64, "followed": pl.Int64}, orient="row")


def test_the_curve_is_the_share_on_record_so_many_weeks_later():
    seen = curve(told((0, 50), (1, 50), (1, 50), (3, 50)))

    assert seen.shares == pytest.approx((0.25, 0.75, 0.75, 1.0))
    assert [seen.after(week) for week in (-1, 0, 2, 3, 40)] == pytest.approx([0.0, 0.25, 0.75, 1.0, 1.0])


def test_recent_departures_that_are_not_on_record_yet_do_not_make_the_register_look_prompt():
    """Half are heard of at once and half after four weeks; of last week's only the prompt half can be seen."""
    seen = curve(told(*[(0, 50), (4, 50)] * 10, *[(0, 1)] * 10))

    assert seen.after(0) == pytest.approx(0.5)


@given(st.lists(st.tuples(st.integers(0, 20), st.integers(0, 30)), min_size=1, max_size=60))
def test_a_curve_only_rises_and_ends_at_one(rows):
    seen = curve(told(*[(delay, delay + more) for delay, more in rows]))

    assert list(seen.shares) == sorted(seen.shares)
    assert seen.shares[-1] == pytest.approx(1.0)
    assert min(seen.shares) >= 0


@given(st.lists(st.floats(0, 1), min_size=1, max_size=20), st.floats(0, 1))
def test_the_week_by_which_a_share_is_on_record_is_the_first(shares, share):
    seen = Completeness(tuple(sorted(shares)), 100)

    week = seen.weeks_until(share)

    assert seen.after(week) >= share
    assert week == 0 or seen.after(week - 1) < share


def test_delays_drawn_with_a_known_curve_are_found_again_though_half_of_the_late_ones_are_cut_off():
    rng = np.random.default_rng(4)
    delay, followed = rng.geometric(0.25, 6000) - 1, rng.integers(0, 30, 6000)
    seen = curve(pl.DataFrame({"delay": delay, "followed": followed}).filter(pl.col("delay") <= pl.col("followed")))

    assert [seen.after(week) for week in (0, 3, 7)] == pytest.approx([0.25, 0.684, 0.9], abs=0.03)


def departures(count: int, weeks_late: int, reported: date | None = None) -> Records:
    """Children last seen in class the week of MONDAY, withdrawn on the Monday after, known so many weeks later."""
    names = [f"e{n}" for n in range(count)]
    left_on = MONDAY + timedelta(weeks=1)
    known_on = left_on + timedelta(weeks=weeks_late)
    row = {"institution_id": "NORTE", "school_year": "2024", "grade": 7}
    events = [
        {"student_id": name, **row, "happened_on": on, "known_on": known, "status": status}
        for name in names
        for on, known, status in (
            (date(2024, 1, 26), date(2024, 1, 26), "ENROLLED"),
            (reported or left_on, known_on, "WITHDRAWN"),
        )
    ]
    week = {"week": MONDAY, "happened_on": MONDAY, "known_on": MONDAY, "days_expected": 5, "days_absent": 1}
    classes = [{"student_id": name, **week} for name in names]
    tables = {"enrolment": pl.DataFrame(events), "attendance": pl.DataFrame(classes), "calendar": YEAR_2024}
    return Records.from_frames(tables)


def test_the_weeks_are_counted_from_the_date_in_the_register():
    seen = completeness(departures(40, weeks_late=3), date(2024, 9, 1))

    assert (seen.after(2), seen.after(3), seen.departures) == (0, 1, 40)


def test_a_register_that_dates_by_its_exports_seems_prompt_until_asked_for_the_last_class():
    """Dated by the export that shows it, a departure is known the day it happens; the child was last seen before."""
    left_on = MONDAY + timedelta(weeks=1)
    records = departures(40, weeks_late=5, reported=left_on + timedelta(weeks=5))

    by_register = completeness(records, date(2024, 9, 1))
    by_class = completeness(records, date(2024, 9, 1), since="last_class")

    assert by_register.after(0) == 1
    assert (by_class.after(5), by_class.after(6)) == (0, 1)


def test_of_too_few_departures_no_curve_is_drawn():
    assert completeness(departures(FEWEST_DEPARTURES - 1, 3), date(2024, 9, 1)) is None
    assert completeness(Records.from_frames({"calendar": YEAR_2024})) is None


def test_what_is_learnt_later_does_not_change_the_curve_of_a_day():
    records = town(300, (2021, 2022))
    day = date(2022, 1, 15)

    assert completeness(records, day) == completeness(records.known_by(day), day)


# How long a day waits


@pytest.mark.parametrize(
    ("shares", "least", "weeks"),
    [((0.5, 0.95, 1.0), 0.9, 4), ((0.1, 0.2, 0.3, 0.4, 0.5, 0.8, 0.95, 1.0), 0.9, 6), ((0.0, 1.0), 0.0, 4)],
)
def test_a_day_waits_for_those_who_may_come_back_and_for_enough_departures_on_record(shares, least, weeks):
    assert waiting_weeks(Completeness(shares, 100), 4, least) == weeks


def test_without_a_curve_a_day_waits_for_those_who_may_come_back():
    assert waiting_weeks(None, 4, 0.9) == 4


def test_no_week_below_the_stated_completeness_teaches_or_judges():
    records, until = town(600, (2021, 2022)), date(2022, 12, 31)
    patient = Recipe(least_completeness=1.0, threads=1)
    wait = waiting(records, patient, first_judged(records, patient, until))

    fold = plan(records, patient, until, wait.weeks)

    assert wait.weeks > patient.absent_weeks
    assert wait.completeness == 1.0
    gap = timedelta(weeks=patient.horizon_weeks + wait.weeks)
    assert fold.taught_on[-1] + gap <= fold.test[0]
    assert fold.test[-1] + gap <= until


def test_what_came_after_the_judged_period_began_does_not_choose_what_teaches():
    records, until, recipe = town(600, (2021, 2022)), date(2022, 12, 31), Recipe(least_completeness=1.0, threads=1)
    first = first_judged(records, recipe, until)
    late = records.table("enrolment").with_columns(
        known_on=pl.when(pl.col("known_on") > first).then(pl.col("known_on") + timedelta(weeks=9)).otherwise("known_on")
    )
    slower = Records.from_frames(
        {name: records.table(name).collect() for name in ("calendar", "report")} | {"enrolment": late.collect()}
    )

    assert waiting(slower, recipe, first) == waiting(records, recipe, first)


def test_the_wait_stands_beside_the_figures_of_the_evaluation():
    judged = pl.DataFrame(
        {
            "student_id": [f"e{n}" for n in range(40)], "day": MONDAY, "institution_id": "NORTE",
            "outcome": ["LEFT", "STAYED"] * 20, "model": [n / 40 for n in range(40)],
        }
    )  # fmt: skip

    table = beside_wait(evaluate(judged, {"model": True}, Capacity(10), draws=20), Wait(6, 0.93, 0.9)).table

    assert table.select("waiting_weeks", "completeness", "least_completeness").row(0) == (6, 0.93, 0.9)
    assert "Completitud de las salidas tras 6 semanas de espera: 93,0 % (mínimo 90,0 %)." in as_text(table)


def test_a_horizon_past_the_close_of_the_year_does_not_wait_for_its_own_end():
    records, asked = town(40, (2021, 2022)), [date(2022, 5, 1), date(2022, 10, 2)]
    whole_year = Recipe(horizon_weeks=40, threads=1)
    told_on = date(2022, 12, 2) + timedelta(days=21, weeks=4)

    assert ripe_by(records, asked, whole_year, told_on) == asked
    assert ripe_by(records, asked, whole_year, told_on - timedelta(days=1)) == []


def test_a_recipe_cannot_ask_for_more_than_everything():
    with pytest.raises(RecipeError, match="least_completeness"):
        Recipe(least_completeness=1.5)


def test_an_outcome_whose_horizon_the_year_cuts_short_is_ripe_when_the_year_has_closed():
    enrolment = drawn(
        "enrolment",
        """
        | student_id | seen  | institution_id | school_year | grade | status   |
        | eva        | 01-26 | NORTE          | 2024        | 7     | ENROLLED |
        """,
    )
    records = Records.from_frames({"enrolment": enrolment, "calendar": YEAR_2024})

    whole_year = outcomes(records, [date(2024, 3, 3)], horizon_weeks=45, known_by=date(2025, 1, 17))

    assert whole_year["known_on"].item() == date(2024, 11, 29) + timedelta(days=21, weeks=4)
    assert whole_year["ripe"].item()
