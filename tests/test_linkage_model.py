"""Who is the same child and who is not, case by case: each line of the tables is a doubt that a clerk has had."""

from datetime import date
from functools import cache

import pytest
from drawn_people import LINKED_ON, OTHER_SCHOOL, child, records, roster, stay, strangers, weeks

from features.linkage import Match, cross_match

HOME = {"phone": "3905550001"}
NEW_NUMBER = {"document": "TI 1104999888"}

# Each line: what the first record says, what the second says instead of what the first does.
ONE_CHILD = [
    (HOME, NEW_NUMBER),
    (HOME, NEW_NUMBER | {"names": "ROZA ELENA"}),
    (HOME, NEW_NUMBER | {"names": "ROSA HELENA", "surnames": "MINNA CAYCEDO"}),
    (HOME, NEW_NUMBER | {"names": "RSOA ELENA"}),
    (HOME, NEW_NUMBER | {"surnames": "CAICEDO MINA"}),
    (HOME, NEW_NUMBER | {"surnames": "CAYCEDO MIMA"}),
    (HOME, NEW_NUMBER | {"names": "ELENA ROSA"}),
    (HOME, NEW_NUMBER | {"names": "MINA CAICEDO", "surnames": "ROSA ELENA"}),
    (HOME, NEW_NUMBER | {"surnames": "MINA"}),
    (HOME, NEW_NUMBER | {"names": "ROSA"}),
    (HOME, NEW_NUMBER | {"first_name": " Rosa  Elena ", "second_name": ""}),
    (HOME, NEW_NUMBER | {"first_surname": "de Mina  Caicedo.", "second_surname": None}),
    (HOME, {"born": "2012-05-18"}),
    (HOME, NEW_NUMBER | {"born": "2012-05-11"} | HOME),
    ({"document": "RC 1104556677"}, {"document": "TI 1104556677"}),
    ({"document": "TI 1104556677"}, {"document": "CC 1104556677"}),
    ({"document": "NES N37600123"}, {"document": "PPT 5544332"}),
    ({"document": "NES N37600123"}, {"document": "PEP 995544332211"}),
    ({"document": "PEP 995544332211"}, {"document": "PPT 5544332"}),
]
SAME_NUMBER = {"a12", "a14", "a15"}
TWINS_AND_BROTHERS = [
    (HOME, HOME | {"names": "MARIA JOSE", "document": "TI 1104556678"}),
    (HOME, HOME | {"names": "ROSA MARIA", "document": "TI 1104556678"}),
    (HOME, HOME | {"names": "LUZ ELENA", "document": "TI 1104556676"}),
    (HOME, HOME | {"names": "JUAN", "sex": "M", "document": "TI 1104556678"}),
    (HOME, HOME | {"names": "MARIA ELENA"}),
    (HOME, HOME | NEW_NUMBER | {"born": "2010-05-17", "surnames": "MINA LOPEZ"}),
]
NAMESAKES = [
    ({}, NEW_NUMBER | {"born": "2009-11-02"}),
    ({}, NEW_NUMBER | {"surnames": "MINA LOPEZ", "names": "ROSA"}),
    (HOME, NEW_NUMBER | {"born": "2013-05-17", "phone": "3905550009"}),
    ({}, NEW_NUMBER | {"born": None}),
    ({}, NEW_NUMBER | {"sex": "M"}),
]
# Side by side at two schools: twins whose second name somebody left out look just so.
ONLY_A_PERSON_CAN_TELL = [
    (HOME, HOME | {"document": "TI 1104556678", "names": "ROSA"}),
    (HOME, HOME | {"document": "TI 1104556678", "names": "ROSMA ELENA"}),
    (HOME, HOME | {"document": "TI 1104556678", "surnames": "ROJAS CAICEDO"}),
    (HOME, NEW_NUMBER | {"phone": "3905550002"}),
]
TABLES = {
    "one child": ONE_CHILD, "brothers": TWINS_AND_BROTHERS, "namesakes": NAMESAKES, "doubts": ONLY_A_PERSON_CAN_TELL,
}  # fmt: skip


def lines(table):
    cases = [(number, first, second) for number, (first, second) in enumerate(TABLES[table])]
    return pytest.mark.parametrize(("line", "first", "second"), cases, ids=str)


def matched(*children, attendance=(), together=False, firsts=("a",)):
    """Who is in `firsts` left in March; the others came in April, or were there all the time."""
    enrolment = []
    for pupil in (c["student_id"] for c in children):
        first = pupil in firsts
        enrolment.append(stay(pupil, "2024-01-26" if first or together else "2024-04-05", school=OTHER_SCHOOL))
        if first and not together:
            enrolment.append(stay(pupil, "2024-03-15", "WITHDRAWN", reason="NOT_CONTINUED", school=OTHER_SCHOOL))
    city = strangers()
    enrolment += [stay(c["student_id"]) for c in city]
    known = records(enrolment, attendance, [*children, *city])
    return cross_match(roster(*children, *city), known, LINKED_ON)


@cache
def found(table: str, together: bool = False) -> Match:
    """All the lines of a table at once: each pair lives in a time and a place of its own, and meets no other."""
    pairs = [
        moved(child(f"{who}{number:02d}", **told), number)
        for number, (first, second) in enumerate(TABLES[table])
        for who, told in (("a", first), ("b", second))
    ]
    return matched(*pairs, together=together, firsts=[f"a{number:02d}" for number in range(len(pairs))])


def moved(pupil, number):
    """The same child eleven years later for each line: no two birthdays and no two numbers are alike any more."""
    born = pupil["birth_date"]
    marked = {name: f"{number + 11}{pupil[name]}" for name in ("document_number", "phone") if pupil[name]}
    return pupil | marked | {"birth_date": born and born.replace(year=born.year + 11 * number)}


def one(match, line):
    return [f"a{line:02d}", f"b{line:02d}"] in match.groups


@lines("one child")
def test_a_child_under_another_number_is_found_again(line, first, second):
    match = found("one child")

    assert one(match, line)
    assert len(match.groups) == len(ONE_CHILD)


def test_the_same_document_settles_it_and_a_new_one_is_weighed():
    decided = dict(found("one child").links.select("student_id", "decided_by").iter_rows())
    assert {student for student, how in decided.items() if how == "DOCUMENT"} == SAME_NUMBER
    assert set(decided.values()) == {"DOCUMENT", "MODEL"}


def test_the_same_per_id_settles_it_before_anything_is_weighed():
    match = matched(child("a", per_id="77001122"), child("b", per_id="077001122.0", document="TI 1104999888"))

    assert match.links["decided_by"].to_list() == ["PER_ID"]


@lines("brothers")
@pytest.mark.parametrize("together", [True, False], ids=["both here", "one after the other"])
def test_twins_brothers_and_sisters_are_never_merged(line, first, second, together):
    assert not one(found("brothers", together), line)


@lines("namesakes")
def test_a_namesake_is_not_merged_by_machine(line, first, second):
    assert not one(found("namesakes"), line)


@lines("doubts")
def test_of_two_records_side_by_side_the_machine_does_not_say_which_child_it_is(line, first, second):
    match = found("doubts", together=True)

    assert not one(match, line)
    assert (f"a{line:02d}", f"b{line:02d}") in match.doubtful.select("left", "right").rows()


def test_two_who_sat_in_class_in_the_same_weeks_are_asked_about_and_not_merged():
    present = weeks("a", "2024-02-05", 4) + weeks("b", "2024-02-05", 4)

    match = matched(child("a"), child("b", document="TI 1104556678"), attendance=present, together=True)

    assert match.groups == []
    assert match.doubtful.select("left", "right", "why").rows() == [
        ("a", "b", "las dos asistieron en las mismas semanas")
    ]


def test_a_child_who_is_written_down_as_dead_and_appears_again_is_looked_at_by_a_person():
    first, second = child("a", **HOME), child("b", **HOME | NEW_NUMBER)
    enrolment = [stay("a"), stay("a", "2024-03-15", "WITHDRAWN", reason="DEATH"), stay("b", "2024-04-05")]
    city = strangers()
    known = records(enrolment, children=[first, second, *city])

    match = cross_match(roster(first, second, *city), known, LINKED_ON)

    assert match.groups == []
    assert match.doubtful["why"].to_list() == ["una de las dos figura como fallecida"]


def test_a_second_record_that_nobody_ever_saw_in_class_is_a_duplicate_and_the_one_in_class_stays():
    seen = weeks("a", "2024-02-05", 4)

    match = matched(
        child("a"), child("b", names="ROSSA ELENA", document="TI 1104556678"), attendance=seen, together=True
    )

    assert match.links.select("student_id", "same_as").rows() == [("b", "a")]


def test_the_likeness_is_told_piece_by_piece_and_adds_up():
    match = matched(child("a"), child("b", names="ROZA ELENA", document="TI 1104999888"))
    link = match.links.row(0, named=True)

    pieces = [piece.rsplit(" (", 1) for piece in link["evidence"].split("; ")]
    total = sum(float(bits.rstrip(")").replace(",", ".")) for _, bits in pieces)
    prior = link["weight"] - total

    assert ("primer nombre suena igual" in link["evidence"]) and ("número de documento distinto" in link["evidence"])
    assert -20 < prior < -5  # what is thought of two records before they are compared
    assert not any(word in link["evidence"] for word in ("ROSA", "ROZA", "MINA", "2012", "1104"))


def test_a_rare_name_that_is_equal_weighs_more_than_a_common_one():
    common = matched(
        child("a", "SARA", "RODRIGUEZ GOMEZ"), child("b", "SARA", "RODRIGUEZ GOMEZ", document="TI 1104999888")
    )
    rare = matched(
        child("a", "ZULEMA", "TUNUBALA YALANDA"), child("b", "ZULEMA", "TUNUBALA YALANDA", document="TI 1104999888")
    )

    assert rare.links["weight"].item() > common.links["weight"].item() + 3


def test_of_two_twins_who_both_changed_numbers_each_finds_herself():
    """A name left half empty must not join one twin's past to the other's."""
    twins = [child("a1", "ANGELA", **HOME), child("b1", "ANGELA MARIA", document="TI 1104556678", **HOME)]
    later = [
        child("a2", "ANGELA", document="TI 1104999888", **HOME),
        child("b2", "ANGELA MARIA", document="TI 1104777555", **HOME),
    ]
    known = records(
        [stay(c["student_id"]) for c in twins]
        + [stay(c["student_id"], "2024-03-15", "NOT_SEEN") for c in twins]
        + [stay(c["student_id"], "2024-04-05") for c in later],
        [row for name in ("a1", "b1") for row in weeks(name, "2024-02-05", 4)]
        + [row for name in ("a2", "b2") for row in weeks(name, "2024-04-08", 4)],
        [*twins, *later],
    )

    assert cross_match(roster(*twins, *later, *strangers()), known, LINKED_ON).groups == [["a1", "a2"], ["b1", "b2"]]


def test_who_was_not_known_yet_on_the_day_is_not_compared():
    first, second = child("a", **HOME), child("b", document="TI 1104999888", **HOME)
    city = strangers()
    enrolment = [stay("a"), stay("b", "2024-07-05"), *(stay(c["student_id"]) for c in city)]
    known = records(enrolment, children=[first, second, *city])
    people = roster(first, second, *city)

    assert cross_match(people, known, LINKED_ON).groups == []
    assert cross_match(people, known, date(2024, 7, 7)).groups == [["a", "b"]]


def test_an_empty_or_lonely_register_has_nobody_to_compare():
    assert cross_match(roster(), records([stay("a")]), LINKED_ON).groups == []
    assert cross_match(roster(child("a")), records([stay("a")]), LINKED_ON).links.is_empty()


def test_a_document_that_a_clerk_gives_to_whoever_has_none_is_nobody_s():
    crowd = [
        child(f"c{n}", f"ROSA {'ABCDEFGH'[n]}NA", born=f"20{n + 1:02d}-01-01", document="TI 99999999") for n in range(8)
    ]
    lost = [child("a", document="TI 99999999"), child("b", document="TI 99999999", **HOME)]

    match = matched(*lost, *crowd)

    assert match.groups == [["a", "b"]], "by name and birthday"
    assert match.links["decided_by"].to_list() == ["MODEL"]


def test_a_telephone_shared_by_a_whole_school_says_nothing():
    school = {"phone": "6025551234"}
    crowd = [
        child(
            f"c{n}", f"ROSA {'ABCDEFGHIJKLMN'[n]}NA", "MINA CAICEDO", f"20{n + 1:02d}-01-01", f"TI 11{n:08d}", **school
        )
        for n in range(14)
    ]

    match = matched(*crowd)

    assert match.groups == []
