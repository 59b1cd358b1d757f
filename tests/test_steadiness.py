"""How much of a list is new each Monday: counted by hand, and laws that hold for any list."""

from datetime import date, timedelta

import polars as pl
import pytest
from judged_city import judged_city, sundays

from models.places import Capacity, listed, with_lottery
from models.resampling import Figures, other_cities
from models.steadiness import dwell, names, neighbours, steadiness, weekly

WEEKS = sundays(6)
EVERYONE = "abcdef"


def roll(days: list[date] = WEEKS, gone: dict[str, date] | None = None) -> pl.DataFrame:
    """Everyone on the roll each week, until the day they are gone; the score is the week's number, plus the letter."""
    rows = [
        {"student_id": s, "day": day, "institution_id": "i1" if s < "d" else "i2", "model": float(n) + ord(s) / 1000}
        for n, day in enumerate(days)
        for s in EVERYONE
        if day < (gone or {}).get(s, date.max)
    ]
    return pl.DataFrame(rows)


def lists(*weeks: str, days: list[date] = WEEKS) -> pl.DataFrame:
    """The names of each week's list, one letter each."""
    rows = [(s, day, "i1" if s < "d" else "i2") for day, week in zip(days, weeks, strict=False) for s in week]
    return pl.DataFrame(rows, schema=["student_id", "day", "institution_id"], orient="row")


def figures(on_list: pl.DataFrame, judged: pl.DataFrame, **more: object) -> Figures:
    told = names(on_list, judged, "model", **more)  # type: ignore[arg-type]
    return steadiness(told, on_list, judged["day"], other_cities(judged["institution_id"], 20, 1))


def test_three_lists_counted_by_hand() -> None:
    judged = roll(WEEKS[:3])
    told = figures(lists("abc", "abd", "bde"), judged)

    assert told["new_names"].value == pytest.approx(2 / 6)
    assert told["jaccard"].value == pytest.approx((2 + 2) / (4 + 4))
    assert told["off_roll"].value == 0
    assert told["dwell_weeks"].value == pytest.approx(9 / 5)


def test_a_list_that_stays_is_all_old_and_one_that_never_does_is_all_new() -> None:
    same, other = (figures(lists(*weeks), roll()) for weeks in (["abc"] * 6, ["abc", "def"] * 3))

    assert (same["new_names"].value, same["jaccard"].value, same["dwell_weeks"].value) == (0, 1, 6)
    assert (other["new_names"].value, other["jaccard"].value, other["dwell_weeks"].value) == (1, 0, 1)


def test_a_name_that_is_off_the_roll_leaves_a_place_that_any_list_must_fill() -> None:
    told = figures(lists("abc", "abd"), roll(WEEKS[:2], gone={"c": WEEKS[1]}))

    assert told["off_roll"].value == pytest.approx(1 / 3)
    assert told["new_names"].value == pytest.approx(1 / 3)


def test_over_a_recess_nothing_is_compared() -> None:
    days = [*WEEKS[:3], WEEKS[2] + timedelta(weeks=4), WEEKS[2] + timedelta(weeks=5)]

    pairs = neighbours(pl.Series(days))
    told = figures(lists("abc", "abc", "abc", "def", "def", days=days), roll(days))

    assert pairs["day"].to_list() == [days[1], days[2], days[4]]
    assert told["new_names"].value == 0


def test_monthly_lists_have_neighbours_too() -> None:
    months = pl.Series([WEEKS[0] + timedelta(weeks=4 * n) for n in range(3)])

    assert neighbours(months).height == 2
    assert neighbours(months.head(1)).is_empty()


def test_who_entered_because_others_fell_is_told_from_who_rose() -> None:
    judged = roll(WEEKS[:2]).with_columns(
        model=pl.when((pl.col("student_id") == "e") & (pl.col("day") == WEEKS[1])).then(-1.0).otherwise("model")
    )

    assert figures(lists("ab", "ad"), judged)["risen"].value == 1
    assert figures(lists("ab", "ae"), judged)["risen"].value == 0
    assert figures(lists("ab", "de"), judged)["risen"].value == 0.5


def test_a_new_fact_is_one_later_than_all_that_was_known_a_week_before() -> None:
    asked: list[pl.DataFrame] = []

    def facts(rows: pl.DataFrame) -> pl.DataFrame:
        """d was marked in the second week; of the others only attendance came, as it does every week."""
        asked.append(rows)
        fresh = (pl.col("student_id") == "d") & (pl.col("day") == WEEKS[1])
        return rows.with_columns(
            enrolment=pl.lit(WEEKS[0] - timedelta(days=30)),
            progress=pl.when(fresh).then(pl.lit(WEEKS[1] - timedelta(days=2))),
            attendance=pl.col("day") - timedelta(days=2),
        )

    told = figures(lists("abc", "ade"), roll(WEEKS[:2]), facts=facts)

    assert told["new_fact"].value == 0.5
    assert told["new_fact_of_kept"].value == 0
    assert asked[0].columns == ["student_id", "day"]
    assert set(asked[0]["student_id"]) == {"a", "d", "e"}


def test_without_facts_nothing_is_said_of_them() -> None:
    assert figures(lists("abc", "ade"), roll(WEEKS[:2]))["new_fact"].value is None


def test_a_noisier_model_changes_more_names_and_each_week_adds_up() -> None:
    judged = judged_city(students=400, weeks=6).with_columns(left=(pl.col("outcome") == "LEFT").cast(pl.Int8))
    drawn = with_lottery(judged, 1)
    told = {m: names(listed(drawn, m, Capacity(20)), judged, m) for m in ("model", "poor")}

    table = weekly(told)

    means = {m: table.filter(pl.col("method") == m)["new_names"].mean() for m in told}
    assert means["poor"] > means["model"] + 0.2
    assert table["names"].unique().to_list() == [20]
    joined = table.with_columns(kept=1 - pl.col("new_names"))
    assert joined.select(((pl.col("kept") / (1 + pl.col("new_names"))) - pl.col("jaccard")).abs().max()).item() < 1e-9


def test_of_a_single_list_nothing_is_compared() -> None:
    told = figures(lists("abc"), roll(WEEKS[:1]))

    assert (told["new_names"].value, told["jaccard"].value, told["dwell_weeks"].value) == (None, None, 1)
    assert dwell(lists().clear(), roll()["day"]) is None
