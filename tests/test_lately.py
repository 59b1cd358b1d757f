"""What is kept, and told, of a child's last months at school: as known on the list's day, corrected, and no more."""

import json
from datetime import date, timedelta

import polars as pl
import pytest
from drawn_lists import draw_mark, draw_months, draw_week
from hypothesis import given as drawn
from hypothesis import strategies as st
from small_school import DAY, absent, given, records_of

from features import Records
from features.sources.codes import OFFICIAL
from serving.api.given_records import frames_from
from serving.lately import lately
from serving.lately_told import DRAWN, HIGH, WIDE, Lately
from serving.risk_lists import canonical
from serving.school_words import AREA_NAMES, NO_AREA, SUPPORT_NAMES, UNTOLD

ROSA, LUIS = "rosa", "luis"
MONDAY = date(2024, 4, 22)


def told_on(known_on, happened_on="2024-04-26"):
    return {"happened_on": str(happened_on), "known_on": str(known_on)}


def kept(day=DAY, student=ROSA, **tables):
    return lately(records_of(given()["tables"] | tables), day, [student])[student]


def mark(score, period="2024-1", known_on="2024-04-26", student=ROSA):
    return {"student_id": student, "period": period, "area": "INGLES", "score": score, **told_on(known_on)}


def help_of(strategy, since, until=None, known_on="2024-02-01"):
    ends = {"ends_on": until} if until else {}
    dates = told_on(known_on, known_on)
    return {"student_id": ROSA, "strategy": strategy, "starts_on": since, **ends, **dates}


def test_who_has_no_reports_is_there_with_nothing():
    assert kept(attendance=[absent(LUIS, MONDAY, 1)]) == {"weeks": [], "marks": [], "support": []}


@drawn(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 10), st.integers(0, 5)), max_size=12))
def test_what_became_known_after_the_day_changes_nothing(later):
    """Weeks back from the list's, and days after it on which they became known."""
    rows = [absent(ROSA, MONDAY, 2)]
    news = [
        {**absent(ROSA, MONDAY - timedelta(weeks=back), days), "known_on": str(DAY + timedelta(days=1 + after))}
        for back, after, days in later
    ]

    assert kept(attendance=rows + news) == kept(attendance=rows)


@pytest.mark.parametrize(
    ("rows", "days"),
    [
        ([absent(ROSA, MONDAY, 4)], [(5, 4)]),
        ([absent(ROSA, MONDAY, 4), {**absent(ROSA, MONDAY, 1), "known_on": "2024-05-03"}], [(5, 1)]),
        # Who changed school on the Wednesday is told by both: two days here, three there.
        ([{**absent(ROSA, MONDAY, 1), "days_expected": 2}, {**absent(ROSA, MONDAY, 2), "days_expected": 3}], [(5, 3)]),
        ([absent(ROSA, MONDAY, 1), absent(ROSA, MONDAY - timedelta(weeks=1), 2)], [(5, 2), (5, 1)]),
        ([absent(ROSA, MONDAY - timedelta(weeks=30), 5)], []),
    ],
    ids=["told once", "corrected", "two schools", "oldest first", "too long ago"],
)
def test_a_week_is_told_once_and_as_it_was_told_last(rows, days):
    found = kept(attendance=rows)["weeks"]

    assert [(week["days_expected"], week["days_absent"]) for week in found] == days


@pytest.mark.parametrize(
    ("rows", "scores"),
    [
        ([mark(40), mark(65, known_on="2024-05-03")], [65]),
        # Dated before the mark that it corrects, and told after it.
        ([mark(40), {**mark(65, known_on="2024-05-03"), "happened_on": "2024-04-05"}], [65]),
        # Algebra and trigonometry are both mathematics.
        ([mark(40), mark(80)], [40, 80]),
        ([mark(40), {**mark(65), "happened_on": "2024-04-27"}], [65]),
        ([mark(65, known_on="2024-05-03"), mark(40)], [65]),
        ([mark(None)], []),
        ([mark(40), mark(80, "2024-2")], [40, 80]),
        ([mark(40), mark(80, student=LUIS)], [40]),
    ],
    ids=[
        "made good",
        "corrected",
        "two subjects",
        "made good later",
        "in any order",
        "not handed in",
        "two periods",
        "of another child",
    ],
)
def test_of_each_area_and_period_the_last_mark_is_kept(rows, scores):
    assert [one["score"] for one in kept(progress=rows)["marks"]] == scores


def test_help_that_ended_long_ago_is_over_though_its_first_report_had_no_end():
    begun, ended = help_of("SCHOOL_FEEDING", "2022-02-01"), help_of("SCHOOL_FEEDING", "2022-02-01", "2022-06-01")

    assert kept(support=[begun])["support"] != []
    assert kept(support=[begun, {**ended, "known_on": "2022-06-01", "happened_on": "2022-06-01"}])["support"] != []
    later = {**ended, **told_on("2024-03-01", "2022-06-01")}
    assert kept(support=[begun, later])["support"] == []


@pytest.mark.parametrize(
    ("ends", "told"),
    [(["2024-03-15", None], None), ([None, "2024-03-15"], None), (["2024-03-15", "2024-04-15"], date(2024, 4, 15))],
)
def test_help_told_twice_in_one_delivery_goes_on_as_long_as_either_says(ends, told):
    rows = [help_of("SCHOOL_FEEDING", "2024-02-01", end) for end in ends]

    assert [one["ends_on"] for one in kept(support=rows)["support"]] == [told]


def test_help_without_a_beginning_is_the_one_that_has_one():
    rows = [{**help_of("SCHOOL_KIT", "2024-02-01"), "starts_on": None}, help_of("SCHOOL_KIT", "2024-02-01")]

    assert [one["starts_on"] for one in kept(support=rows)["support"]] == [date(2024, 2, 1)]
    assert [one["starts_on"] for one in kept(support=rows[:1])["support"]] == [None]


@pytest.mark.parametrize("said", ["DISABILITY_SUPPORT", "DISCAPACIDAD", "Apoyo pedagógico"])
def test_help_for_a_disability_is_never_kept_here(said):
    rows = [help_of(said, "2024-02-01"), help_of("SCHOOL_KIT", "2024-02-01")]

    assert [one["strategy"] for one in kept(support=rows)["support"]] == ["SCHOOL_KIT"]


def test_no_text_of_a_file_is_kept_that_we_have_no_word_for():
    """The open format lets schools write what they like: the name of a child, or what ails it."""
    rosas = "Refuerzo de Rosa Mina"
    marks = [
        {**mark(40), "area": rosas},
        {**mark(50, "Plan de Rosa"), "area": "Álgebra"},
        {**mark(70), "area": "PROMEDIO"},
    ]
    found = kept(progress=marks, support=[help_of(f"Intérprete LSC, {rosas}", "2024-02-01")])

    assert "Rosa" not in str(found)
    assert [(one["period"], one["area"]) for one in found["marks"]] == [("2024-1", "OTHER"), ("otro", "MATEMATICAS")]
    assert [one["strategy"] for one in found["support"]] == ["OTHER"]


@drawn(st.permutations(range(8)), st.integers(0, 2))
def test_equal_records_are_told_in_an_equal_order_whatever_that_of_their_rows(order, periods):
    marks = [mark(40 + n, f"2024-{n % (periods + 1)}") for n in range(8)]
    told = kept(progress=marks, support=[help_of("SCHOOL_KIT", "2024-02-01", f"2024-03-1{n}") for n in range(8)])

    mixed = kept(
        progress=[marks[n] for n in order],
        support=[help_of("SCHOOL_KIT", "2024-02-01", f"2024-03-1{n}") for n in order],
    )

    assert canonical(mixed) == canonical(told)


@pytest.mark.parametrize("odd", [float("nan"), float("inf"), None])
def test_a_mark_that_is_no_number_is_not_kept(odd):
    frames = frames_from(given()["tables"] | {"progress": [mark(40), mark(50, "2024-2")]})
    marks = frames["progress"].with_columns(score=pl.Series([odd, 50.0]))

    found = lately(Records.from_frames(frames | {"progress": marks}), DAY, [ROSA])[ROSA]

    assert [one["score"] for one in found["marks"]] == [50.0]


def test_a_week_that_has_not_begun_is_not_kept():
    assert kept(attendance=[{**absent(ROSA, DAY + timedelta(days=8), 2), **told_on(DAY)}])["weeks"] == []


def test_a_week_told_by_its_wednesday_is_that_week():
    rows = [absent(ROSA, MONDAY, 1), {**absent(ROSA, MONDAY, 2), "week": str(MONDAY + timedelta(days=2))}]

    assert [(week["week"], week["days_absent"]) for week in kept(attendance=rows)["weeks"]] == [(MONDAY, 3)]


def drawn_months(**other):
    return Lately(json.loads(canonical(draw_months() | other)), DAY)


def test_the_weeks_are_told_in_a_sentence_a_table_and_a_drawing_with_a_gap_where_nothing_was_reported():
    told = drawn_months()

    assert told.absences == "Faltó 4 de 9 días de clase en las 2 semanas reportadas de los últimos seis meses."
    assert [week["week"] for week in told.weeks] == ["2024-04-29", "2024-04-15"]
    assert [bar.x // WIDE for bar in told.bars] == [DRAWN - 3, DRAWN - 1]
    assert [(bar.expected, bar.absent) for bar in told.bars] == [(HIGH, 11), (45, 34)]
    assert [name for _, name in told.months] == ["nov", "dic", "ene", "feb", "mar", "abr"]


def test_one_week_and_no_week_are_said_as_such():
    one = drawn_months(weeks=[draw_week(MONDAY, 5, 2)])

    assert "en la única semana reportada" in one.absences
    assert drawn_months(weeks=[]).absences == "No hay reportes de asistencia de los últimos seis meses."
    assert drawn_months(weeks=[]).bars == []
    assert drawn_months(weeks=[draw_week(MONDAY, 0, 0)]).absences.endswith("no hubo días de clase (1).")


@drawn(st.lists(st.tuples(st.integers(-40, 40), st.integers(0, 7), st.integers(0, 7)), max_size=60))
def test_no_bar_leaves_the_drawing_whatever_was_reported(weeks):
    rows = [draw_week(MONDAY + timedelta(weeks=n), days, away) for n, days, away in weeks]
    bars = drawn_months(weeks=rows).bars

    assert all(0 <= bar.x < DRAWN * WIDE and 0 <= bar.absent <= bar.expected <= HIGH for bar in bars)


def test_marks_are_told_by_period_the_newest_first_with_the_areas_that_are_failed():
    newest, before = drawn_months().periods

    assert (newest.name, newest.mean, newest.marks, newest.failed, newest.areas) == (
        "2024-1",
        54,
        2,
        1,
        ["Matemáticas"],
    )
    assert (before.name, before.failed) == ("2023-4", 0)
    edge = drawn_months(marks=[draw_mark("2024-1", "INGLES", 60.0, DAY), draw_mark("2024-1", "ETICA", 59.9, DAY)])
    assert (edge.periods[0].failed, edge.periods[0].areas) == (1, ["Ética"])


def test_a_period_is_told_once_however_the_days_of_its_marks_mix_with_those_of_another():
    days = (("2024-1", 5), ("2024-2", 6), ("2024-1", 7), ("2024-2", 8))
    marks = [draw_mark(period, "INGLES", 50.0, date(2024, 6, day)) for period, day in days]

    assert [(one.name, one.failed, one.areas) for one in drawn_months(marks=marks).periods] == [
        ("2024-2", 2, ["Inglés"]),
        ("2024-1", 2, ["Inglés"]),
    ]


def test_every_area_and_every_help_that_the_reading_of_files_knows_has_its_word():
    kinds = set(OFFICIAL.table("area").values()), set(OFFICIAL.table("strategy").values())

    assert kinds[0] <= {*AREA_NAMES, *NO_AREA} and kinds[1] <= {*SUPPORT_NAMES, *UNTOLD}


def test_help_is_told_in_words_with_its_dates_and_a_code_of_ours_never_shows():
    odd = {"strategy": "X_99", "starts_on": None, "ends_on": None}

    assert drawn_months().support == [
        "Alimentación escolar (PAE), desde el 01/02/2024.",
        "Transporte escolar, desde el 01/02/2023, hasta el 01/12/2023.",
    ]
    assert drawn_months(support=[odd]).support == ["Otra estrategia."]
    soon = {"strategy": "SCHOOL_KIT", "starts_on": date(2024, 6, 20), "ends_on": None}
    assert drawn_months(support=[soon]).support == ["Útiles o uniforme, empieza el 20/06/2024."]
