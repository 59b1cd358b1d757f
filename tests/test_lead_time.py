"""Early enough to act: who was on a list weeks before the last day, counted by hand and by law."""

from datetime import date, timedelta

import polars as pl
from judged_city import judged_city, sundays

from models.lead_time import departures, in_time, lead_table, share_ahead
from models.places import Capacity, listed, with_lottery
from models.resampling import other_cities

WEEKS = sundays(10)
GONE = WEEKS[8] + timedelta(days=3)
KINDS = {"outcome": pl.String, "happened_on": pl.Date}


def told(student: str, days: list[date], gone: date | None = GONE) -> list[dict[str, object]]:
    """A child on the roll on these days, who left on `gone`: told as LEFT on the days whose horizon it falls into."""
    fates = [gone is not None and day < gone <= day + timedelta(weeks=4) for day in days]
    return [
        {
            "student_id": student,
            "day": day,
            "institution_id": "i1" if student < "c" else "i2",
            "outcome": "LEFT" if fate else "STAYED",
            "happened_on": gone if fate else None,
        }
        for day, fate in zip(days, fates, strict=True)
    ]


def shares(rows: list[dict[str, object]], on_list: dict[str, list[int]]) -> dict[int, tuple[int, int]]:
    """`on_list`: the weeks on which each child was listed. Gives caught and could, by weeks ahead."""
    judged = pl.DataFrame(rows, schema_overrides=KINDS)
    days = [(student, WEEKS[week]) for student, weeks in on_list.items() for week in weeks]
    lists = {"model": pl.DataFrame(days, schema={"student_id": pl.String, "day": pl.Date}, orient="row")}
    ahead = in_time(departures(judged), judged, lists)
    table = lead_table(ahead, other_cities(judged["institution_id"], 20, 1))
    return {weeks: (caught, could) for weeks, caught, could in table.select("weeks", "caught", "could").iter_rows()}


def test_listed_five_weeks_before_is_four_weeks_early_and_not_six() -> None:
    found = shares(told("a", WEEKS[:9]), {"a": [3]})

    assert found[4] == (1, 1)
    assert found[6] == (0, 1)


def test_the_first_list_counts_even_where_the_child_was_off_it_again() -> None:
    assert shares(told("a", WEEKS[:9]), {"a": [0, 7]})[8] == (1, 1)


def test_one_departure_is_one_child_however_many_weeks_tell_of_it() -> None:
    found = shares(told("a", WEEKS[:9]) + told("b", WEEKS[:9]), {"a": [1, 2, 3, 4, 5, 6, 7, 8]})

    assert found[0] == (1, 2)


def test_who_came_to_the_roll_too_late_could_not_be_listed_in_time() -> None:
    found = shares(told("a", WEEKS[:9]) + told("b", WEEKS[7:9]), {"a": [0], "b": [7]})

    assert found[4] == (1, 1)
    assert found[0] == (2, 2)


def test_a_list_that_comes_after_the_child_has_left_helps_nobody() -> None:
    late = [{**row, "outcome": "LEFT", "happened_on": WEEKS[0]} for row in told("a", WEEKS[1:4])]

    assert shares(late, {"a": [1, 2, 3]})[0] == (0, 0)


def test_who_stayed_or_moved_is_no_departure() -> None:
    moved = [{**row, "outcome": "MOVED"} for row in told("b", WEEKS[:9])]

    assert shares(told("a", WEEKS[:9], None) + moved, {"a": [0], "b": [0]})[0] == (0, 0)


def test_a_register_without_days_of_departure_says_nothing_of_lead_time() -> None:
    judged = judged_city().drop("happened_on")

    gone = departures(judged)
    ahead = in_time(gone, judged, {"model": judged.head(5)})

    assert gone.is_empty()
    assert share_ahead(ahead["model"], 4, other_cities(judged["institution_id"], 10, 1)).value is None


def test_a_longer_list_is_never_later_and_no_list_is_earlier_than_the_roll() -> None:
    judged = judged_city(students=400, weeks=10).with_columns(left=(pl.col("outcome") == "LEFT").cast(pl.Int8))
    drawn = with_lottery(judged, 1)
    cities = other_cities(judged["institution_id"], 20, 1)
    lists = {str(room): listed(drawn, "model", Capacity(room)) for room in (10, 40, 400)}

    table = lead_table(in_time(departures(judged), judged, lists), cities)

    caught = {room: table.filter(pl.col("method") == room)["caught"].to_list() for room in lists}
    assert all(a <= b <= c for a, b, c in zip(*caught.values(), strict=True))
    assert caught["400"] == table.filter(pl.col("method") == "400")["could"].to_list()
    assert caught["10"][0] > 0
    known = table.drop_nulls("share")
    assert known["share"].to_list() == (known["caught"] / known["could"]).to_list()
    assert known.select((pl.col("low") <= pl.col("share")).all() & (pl.col("share") <= pl.col("high")).all()).item()


def test_exactly_four_weeks_before_is_in_time() -> None:
    gone = WEEKS[4]

    assert shares(told("a", WEEKS[:4], gone), {"a": [0]})[4] == (1, 1)
    assert shares(told("a", WEEKS[1:4], gone), {"a": [1]})[4] == (0, 0)
