"""The laws of the made-up secretariat's inner workings: chances, registration, marks and absences."""

from datetime import date

import numpy as np
import pytest

from features.calendar import SchoolYear
from features.simulation import figures, hazard
from features.simulation.absences import FULL_WEEK, Attendance, Forecast
from features.simulation.assumptions import ASSUMPTIONS
from features.simulation.folders import folders_of
from features.simulation.marks import draw_failures
from features.simulation.people import age_gaps, birthdays
from features.simulation.register import CLOSING, NEVER, Register
from features.simulation.schools import campus_code, institutions


def days(dates: list[date]) -> np.ndarray:
    return np.array(dates, dtype="datetime64[D]").astype(np.int64)


def register(last: bool) -> Register:
    year = SchoolYear("2023")
    folders = folders_of(year, last)
    return Register.of(
        days(list(year.weeks)), [f.week for f in folders], list(days([f.day for f in folders])), ASSUMPTIONS
    )


def test_without_the_unobserved_term_the_hazard_is_the_mean_over_it() -> None:
    rng = np.random.default_rng(1)
    variance = 0.5
    multiplier = rng.gamma(1 / variance, variance, 400_000)
    for rate in (0.001, 0.05, 0.8):
        mean = (1 - np.exp(-rate * multiplier)).mean()
        formula = hazard.observed(np.array(rate), np.array(1 / variance), np.array(1 / variance))
        assert float(formula) == pytest.approx(mean, rel=0.01)


def test_surviving_a_hazard_says_that_the_unobserved_term_is_small() -> None:
    shape, fresh, tried = np.array(2.0), np.array(2.0), np.array(4.0)
    assert hazard.observed(np.array(0.1), shape, tried) < hazard.observed(np.array(0.1), shape, fresh)


def test_the_solved_intercept_gives_the_wanted_number_of_leavers() -> None:
    rng = np.random.default_rng(2)
    gathered = rng.lognormal(0, 1.5, 5_000)
    shape = rate = np.full(5_000, 2.0)
    intercept = hazard.solve_intercept(gathered, shape, rate, 220.0)
    assert hazard.observed(np.exp(intercept) * gathered, shape, rate).sum() == pytest.approx(220.0, abs=0.01)


def test_a_departure_is_registered_late_as_often_as_assumed() -> None:
    office, rng = register(last=True), np.random.default_rng(3)
    drawn = office.draw_week(rng, np.full(50_000, 5))
    lags = drawn[drawn < NEVER] - 5
    assert (lags == 0).sum() / 50_000 == pytest.approx(ASSUMPTIONS.lag[0], abs=0.01)
    assert (drawn == NEVER).mean() == pytest.approx(1 - sum(ASSUMPTIONS.lag), abs=0.005)
    assert lags.max() == len(ASSUMPTIONS.lag) - 1


def test_the_first_folder_after_the_registration_shows_it_and_december_shows_the_rest() -> None:
    monthly = register(last=False)
    shown = monthly.shown_in(np.array([0, 1, 4, 5, 39, 40, NEVER])).tolist()
    assert shown[:3] == [0, 4, 4]
    assert 5 <= shown[3] <= 8
    assert shown[4:] == [39, CLOSING, NEVER]
    weekly = register(last=True)
    assert weekly.shown_in(np.array([0, 7, 39, 40])).tolist() == [0, 7, 39, NEVER]


def test_the_chance_that_a_folder_shows_a_departure_is_what_happens_when_it_is_drawn() -> None:
    rng = np.random.default_rng(4)
    for office in (register(last=True), register(last=False)):
        for week, left in ((10, 9), (12, 8), (20, 17)):
            shown = office.shown_in(office.draw_week(rng, np.full(200_000, left)))
            on_roll = shown >= week
            in_time = on_roll & (office.day_of(shown) < office.mondays[week] + 28) & (shown < NEVER)
            chance = float(office.shows_gone(week, np.array(left)))
            assert chance == pytest.approx(in_time.sum() / on_roll.sum(), abs=0.02)


def test_no_folder_within_28_days_means_no_chance_to_see_anybody_leave() -> None:
    office = register(last=False)
    assert office.horizon_ends(37) in (-1, CLOSING)
    assert register(last=True).weeks_ahead(39) == [39]


def test_disengaged_students_miss_more_days_and_their_absences_last() -> None:
    rng = np.random.default_rng(5)
    level = np.full(8_000, np.log(0.045 / 0.955))
    drift = np.repeat([0.0, 3.0], 4_000)
    attendance = Attendance.at_start(level, drift, ASSUMPTIONS)
    missed = np.zeros(8_000)
    for _ in range(4):
        week = attendance.week(rng, 0.0, FULL_WEEK, ASSUMPTIONS)
        attendance.remember(week, FULL_WEEK, ASSUMPTIONS)
        missed += week
    pull = attendance.pull(ASSUMPTIONS)
    assert missed[4_000:].mean() > 4 * missed[:4_000].mean()
    assert pull[4_000:].mean() > pull[:4_000].mean() + 1


def test_in_a_short_week_nobody_misses_more_days_than_there_were() -> None:
    attendance = Attendance.at_start(np.full(2_000, 2.0), np.zeros(2_000), ASSUMPTIONS)
    days_missed = attendance.week(np.random.default_rng(6), 0.0, 3, ASSUMPTIONS)
    assert days_missed.max() == 3


def test_the_forecast_expects_high_absences_to_ease_and_starts_at_one() -> None:
    forecast = Forecast(ASSUMPTIONS, students=4_000)
    at = Attendance.at_start(np.full(3, -3.0), np.zeros(3), ASSUMPTIONS)
    at.recent[:] = [0.0, 0.05, 0.9]
    ratios = forecast.ratios(at, ASSUMPTIONS)
    assert ratios[:, 0] == pytest.approx(1.0)
    assert ratios[2, 3] < 0.95
    assert ratios[2, 3] < ratios[2, 1] < 1
    assert ratios[0, 3] > 0.95


def test_the_weakest_fail_and_as_many_as_wanted() -> None:
    rng = np.random.default_rng(7)
    average = rng.normal(3.5, 0.5, 20_000)
    failed = draw_failures(rng, average, 2_000)
    assert failed.sum() == pytest.approx(2_000, rel=0.06)
    assert average[failed].mean() < average[~failed].mean() - 0.5


def test_ages_follow_the_published_table_on_31_march() -> None:
    rng = np.random.default_rng(8)
    grade = np.repeat(np.arange(12), 4_000)
    gap = age_gaps(rng, grade, newcomer=False)
    for g in range(12):
        share = (gap[grade == g] >= 2).mean() * 100
        assert share == pytest.approx(figures.TWO_OR_MORE[g], abs=2.0)
    born = birthdays(rng, grade, gap, 2023)
    cut = int(days([date(2023, 3, 31)])[0])
    assert (np.floor((cut - born) / 365.25).astype(int) == grade + 5 + gap).mean() > 0.995


def test_years_without_figures_take_the_nearest_and_cities_without_figures_the_nation_s() -> None:
    assert figures.rates(figures.DROPOUT, "76001", 2024) == figures.rates(figures.DROPOUT, "76001", 2022)
    assert figures.rates(figures.DROPOUT, "76001", 2022) == pytest.approx((0.0499, 0.0460, 0.0586, 0.0400))
    assert figures.rates(figures.DROPOUT, "05001", 2021) == figures.rates(figures.DROPOUT, "", 2021)


def test_no_two_sites_of_the_city_share_a_code() -> None:
    schools = institutions(np.random.default_rng(9), 500, "76001", private=False, assumptions=ASSUMPTIONS)
    number = np.repeat(np.arange(500), schools.campuses)
    site = np.concatenate([np.arange(n) for n in schools.campuses])
    codes = campus_code(schools, number, site)
    assert len(set(codes)) == len(codes)
    assert all(len(code) == 12 and code[1:6] == "76001" for code in codes)
