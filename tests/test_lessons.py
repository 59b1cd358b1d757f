"""What a judged student is remembered by: fate, traits in words, and whether a contact was near; and the four spans."""

from datetime import date, timedelta

import polars as pl
import pytest
from made_up_town import town

from features import Records, catalogue_for, observed_dates
from features.schema import TABLES
from models.audited import FLAGS, UNKNOWN, audited_columns, with_visits
from models.baselines import Chance
from models.lessons import Lessons
from models.recipe import Recipe
from models.unseen import Unseen, without

DAYS = [date(2022, 5, 1), date(2022, 6, 5)]
END = date(2022, 12, 31)
TRAITS = [*(f"trait.{name}" for name in FLAGS), "trait.over_age"]


@pytest.fixture(scope="module")
def lessons() -> Lessons:
    records = town(students=300)
    return Lessons(records, catalogue_for(records), Recipe())


@pytest.fixture(scope="module")
def judged(lessons: Lessons) -> pl.DataFrame:
    return lessons.judged(DAYS, [Chance(1)], told_by=END)


def test_a_judged_row_says_when_the_child_left_and_nothing_of_those_who_stayed(judged: pl.DataFrame) -> None:
    gone = judged.filter(pl.col("outcome") == "LEFT")

    assert gone.height > 0 and gone["happened_on"].null_count() == 0
    assert judged.filter(pl.col("outcome") == "STAYED")["happened_on"].drop_nulls().is_empty()
    assert judged.select(*TRAITS, "zone", "visited", "random").null_count().row(0) == (0,) * (len(TRAITS) + 3)


def test_traits_are_told_in_words_and_an_unknown_one_is_said_to_be_unknown() -> None:
    frame = pl.DataFrame({"is_male": [1.0, 0.0, None], "over_age_years": [2.0, 1.0, None], "grade": [7.0, 8.0, None]})

    told = frame.select(audited_columns(frame))

    assert told["trait.sex"].to_list() == ["masculino", "femenino", UNKNOWN]
    assert told["trait.over_age"].to_list() == ["extraedad", "en edad", UNKNOWN]
    assert told["trait.victim"].to_list() == [UNKNOWN] * 3
    assert told["grade"].to_list() == [7.0, 8.0, None]


def test_a_contact_from_eight_weeks_before_until_the_end_of_the_horizon_counts_as_a_visit() -> None:
    near = {"a": -57, "b": -56, "c": 0, "d": 28, "e": 29}
    visits = pl.DataFrame(
        {
            "student_id": list(near),
            "visited_on": [DAYS[0] + timedelta(days=n) for n in near.values()],
            "happened_on": DAYS[0],
            "known_on": END,
            "result": "ATTENDING",
        }
    )
    rows = pl.DataFrame({"student_id": [*near, "f"], "day": DAYS[0]})

    told = with_visits(rows, Records.from_frames({"visit": visits}), horizon_weeks=4)

    assert dict(told.select("student_id", "visited").rows()) == {
        "a": False, "b": True, "c": True, "d": True, "e": False, "f": False,
    }  # fmt: skip
    assert not with_visits(rows, Records.from_frames({}), 4)["visited"].any()


def test_the_newest_facts_of_some_are_those_of_the_whole_register(lessons: Lessons, judged: pl.DataFrame) -> None:
    asked = judged.select("student_id", "day").sort("student_id", "day")[::40]

    facts = lessons.facts(asked)

    whole = observed_dates(lessons.records, DAYS).join(asked, on=["student_id", "day"], how="semi")
    assert facts.sort("day", "student_id").equals(whole.select(facts.columns).sort("day", "student_id"))
    assert "enrolment" in facts.columns and "enrolment" in TABLES


def test_what_happens_within_eight_weeks_holds_until_the_year_closes(lessons: Lessons) -> None:
    spans = lessons.spans(DAYS, told_by=date(2023, 6, 30))

    soon = spans.filter(pl.col("score_8w") == "LEFT")
    assert soon.height > 0 and (soon["score_year"] == "LEFT").all()
    assert (spans["score_year"] == "LEFT").sum() > soon.height
    assert lessons.spans(DAYS, told_by=DAYS[1])["score_year"].null_count() == spans.height


def test_schools_left_out_teach_nothing_and_alone_are_judged(lessons: Lessons, judged: pl.DataFrame) -> None:
    examples = lessons.examples(DAYS, told_by=END)

    out, fewer = without(examples, Recipe())  # type: ignore[misc]

    assert out and not set(out) & set(fewer.frame["institution_id"])
    assert set(out) | set(fewer.frame["institution_id"]) == set(examples.frame["institution_id"])
    assert without(examples, Recipe(unseen_share=0)) is None
    told = judged.with_columns((pl.col("outcome") == "LEFT").cast(pl.Float64).alias("unseen.random"))
    figures = Unseen(out, [Perfect()]).figures(told, Recipe())
    assert figures["unseen.random.auc"] == 1.0


class Perfect:
    """A method that knows."""

    name = "unseen.random"
    chances = False
