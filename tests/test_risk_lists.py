"""The laws of a weekly list: one order for everyone, a cut by capacity, bands in words, and changes with a reason."""

import json
from dataclasses import replace

import polars as pl
import pytest
from drawn_lists import FAMILY_NAMES, FIRST_SUNDAY, SCHOOLS, SECOND_SUNDAY, draw_list, draw_scores, student
from hypothesis import given, settings
from hypothesis import strategies as st

from models.list_order import OrderRules
from models.uncertainty import Uncertainty
from serving import changes
from serving.changes import LastList, Now, Place, change_of, departures
from serving.risk_lists import Capacity, band, canonical, cut, how_many, out_of_a_hundred, ranked, seated

SCORES = st.lists(st.sampled_from([0.0, 0.01, 0.05, 0.2, 0.5, 1.0]), min_size=1, max_size=60)


def scores_of(values):
    return pl.DataFrame(
        {
            "student_id": [student(number) for number in range(len(values))],
            "institution_id": [tuple(SCHOOLS)[number % 3] for number in range(len(values))],
            "raw_score": values,
            "score": values,
        }
    )


@settings(deadline=None)  # a busy machine is no failure
@given(SCORES)
def test_everyone_has_a_place_and_no_two_share_one(values):
    assert ranked(scores_of(values), FIRST_SUNDAY)["rank"].to_list() == list(range(1, len(values) + 1))


@settings(deadline=None)  # a busy machine is no failure
@given(SCORES)
def test_nobody_stands_before_someone_with_a_higher_score(values):
    assert ranked(scores_of(values), FIRST_SUNDAY)["score"].is_sorted(descending=True)


@settings(deadline=None)  # a busy machine is no failure
@given(SCORES, st.randoms(use_true_random=False))
def test_the_order_does_not_depend_on_the_order_in_which_students_came(values, random):
    scores = scores_of(values)
    shuffled = scores[random.sample(range(len(values)), len(values))]

    assert ranked(shuffled, FIRST_SUNDAY).equals(ranked(scores, FIRST_SUNDAY))


@settings(deadline=None)  # a busy machine is no failure
@given(SCORES)
def test_the_place_within_a_school_follows_the_place_in_the_city(values):
    everyone = ranked(scores_of(values), FIRST_SUNDAY)

    for _, one_school in everyone.group_by("institution_id"):
        assert one_school["rank_in_institution"].to_list() == list(range(1, one_school.height + 1))


def test_equal_scores_are_drawn_anew_each_week_so_that_nobody_is_always_last():
    scores = scores_of([0.1] * 50)
    weeks = [ranked(scores, day)["student_id"].to_list() for day in (FIRST_SUNDAY, SECOND_SUNDAY)]

    assert weeks[0] != weeks[1]
    assert weeks[0] == ranked(scores, FIRST_SUNDAY)["student_id"].to_list()


@settings(deadline=None)  # a busy machine is no failure
@given(SCORES, st.integers(1, 80), st.integers(0, 5))
def test_the_city_list_is_never_longer_than_the_capacity_and_the_rest_is_counted(values, contacts, per_school):
    risk_list = draw_list(FIRST_SUNDAY, capacity=contacts, per_school=per_school, scores=scores_of(values))

    assert risk_list.listed == min(contacts, len(values))
    assert risk_list.listed + risk_list.left_out == len(values)


@settings(deadline=None)  # a busy machine is no failure
@given(SCORES, st.integers(1, 10))
def test_every_school_sees_its_first_students_even_when_the_city_list_is_full(values, per_school):
    chosen = cut(ranked(scores_of(values), FIRST_SUNDAY), Capacity(1, per_school))

    for _, one_school in scores_of(values).group_by("institution_id"):
        here = chosen.filter(pl.col("institution_id") == one_school["institution_id"][0])
        assert here.height == min(per_school, one_school.height)


@settings(deadline=None)  # a busy machine is no failure
@given(SCORES, st.integers(1, 80), st.floats(0, 2), st.randoms(use_true_random=False))
def test_the_city_s_list_comes_first_and_everyone_has_a_place_behind_it(values, contacts, margin, random):
    everyone = ranked(scores_of(values), FIRST_SUNDAY)
    previous = random.sample(everyone["student_id"].to_list(), random.randint(0, everyone.height))

    told = seated(everyone, FIRST_SUNDAY, Capacity(contacts), OrderRules(margin=margin), previous)
    chosen = cut(told, Capacity(contacts, 0))

    assert told["rank"].to_list() == list(range(1, len(values) + 1))
    assert sorted(told["place"]) == list(range(1, len(values) + 1))
    assert chosen["rank"].to_list() == list(range(1, min(contacts, len(values)) + 1))
    assert chosen["place"].is_sorted()


def test_when_nearly_everyone_is_accompanied_the_list_is_short_and_not_filled_with_them():
    everyone = ranked(scores_of([0.1] * 9), FIRST_SUNDAY)
    busy = [student(number) for number in range(7)]

    told = cut(seated(everyone, FIRST_SUNDAY, Capacity(5, 9), OrderRules(), (), busy), Capacity(5, 9))

    assert set(told.filter("on_city_list")["student_id"]) == {student(7), student(8)}
    assert told.height == 9


def test_the_same_list_has_the_same_hash_and_so_the_same_name():
    assert draw_list(FIRST_SUNDAY).id == draw_list(FIRST_SUNDAY).id


def test_the_hash_does_not_depend_on_the_order_of_the_rows():
    risk_list = draw_list(FIRST_SUNDAY)
    shuffled = replace(risk_list, lines=risk_list.lines[::-1], scores=risk_list.scores.reverse())

    assert shuffled.content_hash == risk_list.content_hash


@pytest.mark.parametrize(
    "other",
    [
        draw_list(FIRST_SUNDAY, capacity=13),
        draw_list(SECOND_SUNDAY),
        draw_list(FIRST_SUNDAY, model_digest="b" * 64),
        draw_list(FIRST_SUNDAY, students=91),
    ],
    ids=["capacity", "day", "model", "students"],
)
def test_whatever_decided_the_list_changes_its_hash(other):
    assert other.content_hash != draw_list(FIRST_SUNDAY).content_hash


def test_a_changed_sentence_changes_the_hash():
    risk_list = draw_list(FIRST_SUNDAY)
    first = risk_list.lines[0]
    reworded = replace(first, reasons=({**first.reasons[0], "sentence": "Otra frase."},))

    assert replace(risk_list, lines=(reworded, *risk_list.lines[1:])).content_hash != risk_list.content_hash


def test_what_is_written_of_a_row_adds_up_to_its_raw_score():
    risk_list = draw_list(FIRST_SUNDAY)

    for line in risk_list.lines:
        row = json.loads(risk_list.line_body(line))
        assert row["base_value"] + sum(row["families"].values()) == pytest.approx(row["raw_score"], abs=1e-6)


def test_a_number_that_is_not_one_is_written_as_unknown():
    assert canonical({"x": float("nan"), "y": 0.1 + 0.2}) == b'{"x":null,"y":0.3}'


@pytest.mark.parametrize(
    ("score", "word"), [(0.0, "baja"), (0.049, "baja"), (0.05, "media"), (0.2, "alta"), (1, "alta")]
)
def test_priority_is_told_in_three_words(score, word):
    assert band(score) == word


@settings(deadline=None)  # a busy machine is no failure
@given(st.floats(0, 1))
def test_a_chance_is_told_as_a_count_of_similar_students_in_at_most_twenty_words(score):
    told = out_of_a_hundred(score, 4)

    assert told.startswith("De cada 100 estudiantes")
    assert len(told.split()) <= 20


def test_a_chance_is_told_between_two_counts_where_the_model_knows_how_sure_it_is():
    sure = Uncertainty(starts=(-99.0, -1.0), low=(0.0, 0.21), high=(0.004, 0.38))

    assert how_many(0.3, -0.8, 4, sure).startswith("De cada 10 estudiantes con un perfil parecido, entre 2 y 4 ")
    assert how_many(0.3, -0.8, 4, None) == out_of_a_hundred(0.3, 4)


def place(raw_score, on_city_list=True):
    return Place("176001000011", "Comuna 14", raw_score, on_city_list)


def last_week(**places):
    return LastList("x", FIRST_SUNDAY, "model", places)


def now(raw_score=0.0, families=None, before=None, on_city_list=True):
    return Now("rosa", raw_score, on_city_list, families or {}, before)


CASES = {
    "first list ever": (now(), None, "model", ("entered", changes.FIRST_LIST)),
    "another model": (now(9.0), last_week(rosa=place(0.0)), "other", ("stayed", changes.OTHER_MODEL)),
    "another model, not listed before": (
        now(before={"attendance": 1.0}),
        last_week(),
        "other",
        ("entered", changes.OTHER_MODEL),
    ),
    "another model, not on roll before": (now(), last_week(), "other", ("entered", changes.NEW_ON_ROLL)),
    "rose a little in everything": (
        now(0.4, {f"family_{n}": 0.04 for n in range(10)}, {f"family_{n}": 0.0 for n in range(10)}),
        last_week(rosa=place(0.0)),
        "model",
        ("rose", changes.SEVERAL),
    ),
    "rose since a list that kept no weights": (
        now(0.4, {"attendance": 0.4}),
        replace(last_week(rosa=place(0.0)), kept_weights=False),
        "model",
        ("rose", changes.NOT_KEPT),
    ),
    "its contact is over": (
        now(families={"attendance": 1.0}, before={"attendance": 1.0}),
        replace(last_week(rosa=place(0.0, on_city_list=False)), followed=frozenset({"rosa"})),
        "model",
        ("entered", changes.NO_LONGER_FOLLOWED),
    ),
    "not on roll before": (now(), last_week(), "model", ("entered", changes.NEW_ON_ROLL)),
    "others moved": (
        now(families={"attendance": 1.0}, before={"attendance": 1.0}),
        last_week(),
        "model",
        ("entered", changes.OTHERS_MOVED),
    ),
    "many small rises": (
        now(families={f"family_{n}": 0.05 for n in range(8)}, before={f"family_{n}": 0.0 for n in range(8)}),
        last_week(),
        "model",
        ("entered", changes.SEVERAL),
    ),
    "there was room, though it fell": (
        now(families={"attendance": 1.0, "progress": 0.2}, before={"attendance": 0.9, "progress": 1.2}),
        last_week(),
        "model",
        ("entered", changes.LOWER_AND_IN),
    ),
    "entered by its largest rise": (
        now(families={"attendance": 2.0, "progress": 0.5}, before={"attendance": 0.5, "progress": 0.2}),
        last_week(),
        "model",
        ("entered", "Ahora pesa más lo relacionado con asistencia."),
    ),
    "rose": (
        now(1.0, {"progress": 1.5}, {"progress": 0.5}),
        last_week(rosa=place(0.0)),
        "model",
        ("rose", "Ahora pesa más lo relacionado con rendimiento."),
    ),
    "fell": (
        now(-1.0, {"attendance": 0.0, "progress": 0.9}, {"attendance": 1.0, "progress": 0.5}),
        last_week(rosa=place(0.0)),
        "model",
        ("fell", "Ahora pesa menos lo relacionado con asistencia."),
    ),
    "stayed": (now(0.05), last_week(rosa=place(0.0)), "model", ("stayed", changes.NO_CHANGE)),
    "from the school's list into the city's": (
        now(1.0, {"attendance": 1.0}, {"attendance": 0.0}),
        last_week(rosa=place(0.0, on_city_list=False)),
        "model",
        ("entered", "Ahora pesa más lo relacionado con asistencia."),
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_a_change_is_told_with_its_reason(case):
    student_now, last, model, expected = CASES[case]

    change = change_of(student_now, last, model, FAMILY_NAMES)

    assert (change.kind, change.why) == expected


@pytest.mark.parametrize(
    ("on_roll", "status", "model", "why"),
    [
        (True, None, "model", changes.BELOW_THE_CUT),
        (True, None, "other", changes.OTHER_MODEL),
        (False, "TRANSFERRED", "model", "Figura con traslado en la matrícula."),
        (False, "NOT_SEEN", "model", "Ya no aparece en el reporte de matrícula."),
        (False, None, "other", "Ya no figura en la matrícula."),
    ],
)
def test_who_left_the_list_is_told_with_a_reason(on_roll, status, model, why):
    here = frozenset({"rosa"} if on_roll else ())

    (gone,) = departures(last_week(rosa=place(0.0)), frozenset(), here, model, {"rosa": status} if status else {})

    assert gone.why == why


def test_only_who_was_on_the_city_list_can_leave_it():
    last = last_week(rosa=place(0.0, on_city_list=False), luis=place(0.0))

    assert departures(last, frozenset({"luis"}), frozenset({"rosa", "luis"}), "model", {}) == ()


def test_every_sentence_about_a_change_is_short_and_names_no_culprit():
    sentences = [
        *changes.OFF_THE_ROLL.values(),
        *(value for name, value in vars(changes).items() if name.isupper() and isinstance(value, str)),
    ]

    for sentence in sentences:
        assert len(sentence.split()) <= 20
        assert not any(word in sentence.lower() for word in ("desert", "causa", "provoca", "culpa"))


def test_drawn_scores_put_rosa_first():
    assert ranked(draw_scores(FIRST_SUNDAY, 40), FIRST_SUNDAY)["student_id"][0] == student(1)
