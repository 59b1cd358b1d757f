"""What a link does from its day on, and that it does nothing to any day before."""

from datetime import date, timedelta

import polars as pl
import pytest
from drawn_people import LINKED_ON, OTHER_SCHOOL, PRIVATE, child, records, register, roster, stay, strangers, weeks
from hypothesis import given, settings
from hypothesis import strategies as st

from features import Archive, Entry, Outcome, Records, View, build_frame, outcomes
from features.linkage import (
    NO_REVIEW,
    cross_match,
    keep,
    link_tables,
    refuted,
    review_rows,
    standing,
    unheard,
    withdraw,
)
from features.schema import TABLES

CITY = strangers(60)
ROSA, AGAIN = child("a"), child("b", document="TI 1104999888")
EVE = date(2024, 3, 3)


def moved(**other):
    """Rosa was missed in March and appears in April at another school under another number."""
    enrolment = [
        stay("a"),
        stay("a", "2024-03-15", "WITHDRAWN", reason="NOT_CONTINUED"),
        stay("b", "2024-04-05", school=OTHER_SCHOOL) | other,
        *(stay(c["student_id"]) for c in CITY),
    ]
    present = weeks("a", "2024-01-29", 6) + weeks("b", "2024-04-08", 8)
    return enrolment, present


def archived(folder, enrolment, attendance=(), children=(ROSA, AGAIN, *CITY)):
    archive = Archive(folder)
    archive.add(
        Entry("0" * 64, "detallado", date(2024, 1, 26), "x", 1, 1, 0), register(enrolment, attendance, children)
    )
    return archive


def linked(archive, day=LINKED_ON, people=None, answers=NO_REVIEW):
    """One run of the cross-match into the archive, as the command does it; how many rows it wrote."""
    known = Records.open(archive.path)
    taken_back = refuted(known, answers)
    withdraw(archive, taken_back)
    if (news := unheard(known, answers, taken_back)).height:
        keep(archive, {"link": review_rows(news, day)}, day)
    known = Records.open(archive.path)
    tables = link_tables(
        cross_match(roster(ROSA, AGAIN, *CITY) if people is None else people, known, day, answers), known, day
    )
    if tables:
        keep(archive, tables, day)
    return sum(rows.height for rows in tables.values())


def outcome(known, student, day, by=None):
    found = outcomes(known, [day], known_by=by).filter(pl.col("student_id") == student)
    return found["outcome"].item() if found.height else None


def everything(known):
    return {name: known.table(name).collect().sort(pl.all()) for name in TABLES}


@pytest.fixture
def archive(tmp_path):
    return archived(tmp_path / "archive", *moved())


def test_who_appears_under_another_number_has_moved_and_not_left(archive):
    before = Records.open(archive.path)
    assert outcome(before, "a", EVE) == Outcome.LEFT

    linked(archive)

    after = Records.open(archive.path)
    assert outcome(after, "a", EVE) == Outcome.MOVED
    assert outcome(after, "a", EVE, by=LINKED_ON - timedelta(days=1)) == Outcome.LEFT


def test_the_child_in_use_has_the_whole_past_from_the_day_of_the_link_on(archive):
    linked(archive)
    known = Records.open(archive.path)

    seen = known.table("attendance").filter(pl.col("student_id") == "b").collect()
    copied = seen.filter(pl.col("week") < date(2024, 4, 1))

    assert copied["week"].n_unique() == 6
    assert copied["known_on"].unique().to_list() == [LINKED_ON]
    assert (
        known.known_by(LINKED_ON - timedelta(days=1))
        .table("attendance")
        .filter((pl.col("student_id") == "b") & (pl.col("week") < date(2024, 4, 1)))
        .collect()
        .is_empty()
    )


def test_nothing_changes_on_any_day_before_the_link(archive):
    before = Records.open(archive.path)
    days = [date(2024, 2, 4) + timedelta(weeks=2 * n) for n in range(9)]
    frame_before, told_before = build_frame(before, days), everything(before.known_by(LINKED_ON - timedelta(days=1)))

    linked(archive)

    after = Records.open(archive.path)
    told_after = everything(after.known_by(LINKED_ON - timedelta(days=1)))
    assert all(told_before[name].equals(told_after[name]) for name in TABLES)
    assert frame_before.sort("student_id", "day").equals(build_frame(after, days).sort("student_id", "day"))


@settings(max_examples=30)
@given(st.integers(0, 60), st.integers(0, 40), st.sampled_from(["WITHDRAWN", "NOT_SEEN", "PROMOTED", "ENROLLED"]))
def test_whatever_the_dates_every_new_row_is_known_on_the_day_of_the_link(start, gap, status):
    began = date(2024, 2, 1) + timedelta(days=start)
    came = began + timedelta(days=gap)
    enrolment = [stay("a", began.isoformat()), stay("b", came.isoformat(), school=OTHER_SCHOOL)]
    if status != "ENROLLED":
        enrolment.append(stay("a", (came + timedelta(days=3)).isoformat(), status))
    known = records(enrolment, children=[ROSA, AGAIN])

    tables = link_tables(found_by_hand(known), known, LINKED_ON)

    assert {day for rows in tables.values() for day in rows["known_on"].unique()} == {LINKED_ON}
    assert all(rows.filter(pl.col("happened_on") > pl.col("known_on")).is_empty() for rows in tables.values())
    roll = View(Records.from_frames(merged(known, tables)), [LINKED_ON]).on_roll.to_native().collect()
    assert roll.filter(pl.col("student_id").is_in(["a", "b"])).height == 1, "one child is on one roll once"


def found_by_hand(known, day=LINKED_ON):
    """The match of a and b without weighing anything: only what follows from it is looked at."""
    from features.linkage import Match
    from features.linkage.match import LINK
    from features.linkage.stays import stays

    row = {
        "student_id": "a",
        "same_as": "b",
        "probability": 1.0,
        "weight": 30.0,
        "decided_by": "MODEL",
        "evidence": "x",
    }
    return Match(pl.DataFrame([row], schema=LINK), pl.DataFrame(), [["a", "b"]], stays(known, day))


def merged(known, tables):
    names = {name for name in TABLES if known.has(name)} | set(tables)
    return {
        name: pl.concat(
            [known.table(name).collect(), *([tables[name]] if name in tables else [])], how="diagonal_relaxed"
        )
        for name in names
    }


def test_a_second_run_writes_nothing(archive):
    assert linked(archive) > 0
    files = sorted(p.name for p in archive.path.rglob("*") if p.is_file())

    assert linked(archive) == 0
    assert linked(archive, LINKED_ON + timedelta(days=7)) == 0
    assert sorted(p.name for p in archive.path.rglob("*") if p.is_file()) == files


def test_an_older_record_that_the_register_opens_again_is_closed_again_by_the_next_run(archive):
    linked(archive)
    reopened = register([stay("a", "2024-06-14", class_group="602")])
    archive.add(Entry("1" * 64, "detallado", date(2024, 6, 14), "y", 1, 1, 0), reopened)
    sunday = date(2024, 6, 16)
    assert on_roll(archive, sunday) == ["a", "b"]

    assert linked(archive, sunday) == 1

    assert on_roll(archive, sunday) == ["b"]
    assert linked(archive, sunday) == 0


def on_roll(archive, day):
    roll = View(Records.open(archive.path), [day]).on_roll.to_native().collect()["student_id"].cast(pl.String)
    return sorted(student for student in roll if student in ("a", "b", "c"))


def test_a_third_number_joins_the_child_and_brings_the_first_along(archive):
    linked(archive)
    third = child("c", document="TI 1104333222")
    more = register([stay("b", "2024-06-14", "NOT_SEEN"), stay("c", "2024-06-21")], (), [third])
    archive.add(Entry("1" * 64, "detallado", date(2024, 6, 21), "y", 1, 1, 0), more)

    linked(archive, date(2024, 6, 23), roster(ROSA, AGAIN, third, *CITY))

    known = Records.open(archive.path)
    assert standing(known).filter(pl.col("same_as") == "c")["student_id"].to_list() == ["a", "b"]
    weeks_of_c = known.table("attendance").filter(pl.col("student_id") == "c").collect()["week"]
    assert weeks_of_c.n_unique() == 14
    assert weeks_of_c.is_unique().all()


def test_a_record_that_ended_its_year_as_it_should_is_left_alone():
    known = records(
        [stay("a"), stay("a", "2024-11-29", "PROMOTED"), stay("b", "2025-01-24", year="2025")], children=[ROSA, AGAIN]
    )

    tables = link_tables(found_by_hand(known, date(2025, 2, 2)), known, date(2025, 2, 2))

    assert tables["enrolment"].filter(pl.col("student_id") == "a").is_empty()
    assert tables["enrolment"].filter(pl.col("student_id") == "b")["status"].to_list() == ["ENROLLED", "PROMOTED"]


def test_a_child_found_in_a_private_school_has_moved(tmp_path):
    archive = archived(tmp_path, *moved(institution_id=PRIVATE, sector="PRIVATE"))

    linked(archive)

    assert outcome(Records.open(archive.path), "a", EVE) == Outcome.MOVED


def test_two_records_at_once_are_one_child_on_one_list_and_nobody_has_left(tmp_path):
    enrolment = [stay("a"), stay("b", school=OTHER_SCHOOL), *(stay(c["student_id"]) for c in CITY)]
    archive = archived(tmp_path, enrolment, weeks("b", "2024-01-29", 15))

    linked(archive)

    known = Records.open(archive.path)
    day = LINKED_ON + timedelta(days=7)
    assert on_roll(archive, day) == ["b"]
    assert standing(known)["evidence"].item().endswith("dos matrículas a la vez")
    assert outcome(known, "a", date(2024, 5, 26)) == Outcome.UNKNOWN
    assert known.table("enrolment").filter(pl.col("student_id") == "b").collect()[
        "institution_id"
    ].unique().to_list() == [OTHER_SCHOOL]


ANSWER = {"left": ["a"], "right": ["b"]}


def test_a_person_who_says_they_are_two_takes_the_link_back_for_good(archive):
    own = everything(Records.open(archive.path))
    linked(archive)

    linked(archive, LINKED_ON + timedelta(days=3), answers=pl.DataFrame(ANSWER | {"verdict": ["DIFFERENT"]}))

    known = Records.open(archive.path)
    told = everything(known)
    assert all(told[name].equals(own[name]) for name in TABLES if name != "link")
    assert told["link"].sort("known_on")["verdict"].to_list() == ["SAME", "DIFFERENT"], "what was believed stays told"
    assert outcome(known, "a", EVE) == Outcome.LEFT
    assert linked(archive, LINKED_ON + timedelta(days=10)) == 0, "and the machine does not try again"


def test_of_three_records_only_the_refuted_one_goes(archive):
    third = child("c", document="TI 1104333222", surnames="MINNA CAICEDO")
    more = register(
        [stay("c", "2024-01-26"), stay("c", "2024-02-16", "NOT_SEEN")], weeks("c", "2024-01-29", 2), [third]
    )
    archive.add(Entry("1" * 64, "detallado", date(2024, 2, 23), "y", 1, 1, 0), more)
    people = roster(ROSA, AGAIN, third, *CITY)
    linked(archive, people=people, answers=pl.DataFrame({"left": ["a"], "right": ["c"], "verdict": ["SAME"]}))
    assert standing(Records.open(archive.path))["student_id"].to_list() == ["a", "c"]

    apart = pl.DataFrame({"left": ["a", "b"], "right": ["c", "c"], "verdict": ["DIFFERENT"] * 2})
    linked(archive, LINKED_ON + timedelta(days=3), people, apart)

    known = Records.open(archive.path)
    assert standing(known)["student_id"].to_list() == ["a"]
    assert known.table("attendance").filter(pl.col("student_id") == "b").collect()["week"].n_unique() == 14


def test_of_a_chain_taken_apart_each_record_stays_with_one_child_only(tmp_path):
    """`c` was found to be `a`, and later both to be `b`: once `a` and `b` are two children, `c` is no longer both."""
    third = child("c", document="TI 1104777333")
    went = [stay("c"), stay("c", "2024-02-16", "WITHDRAWN", reason="NOT_CONTINUED")]
    went += [stay("a", "2024-03-01", school=OTHER_SCHOOL)]
    went += [stay("a", "2024-03-22", "WITHDRAWN", reason="NOT_CONTINUED", school=OTHER_SCHOOL)]
    present = weeks("c", "2024-01-29", 3) + weeks("a", "2024-03-04", 3)
    archive = archived(tmp_path, [*went, *(stay(c["student_id"]) for c in CITY)], present, (third, ROSA, *CITY))
    people = roster(third, ROSA, AGAIN, *CITY)
    linked(archive, people=people)
    more = register([stay("b", "2024-06-14")], weeks("b", "2024-06-17", 2), [AGAIN])
    archive.add(Entry("1" * 64, "detallado", date(2024, 6, 14), "y", 1, 1, 0), more)
    as_two = about(archive, "a", "b", "c")
    linked(archive, date(2024, 7, 7), people)
    assert standing(Records.open(archive.path)).select("student_id", "same_as").rows() == [
        ("a", "b"), ("c", "a"), ("c", "b")
    ]  # fmt: skip

    linked(archive, date(2024, 7, 14), people, pl.DataFrame(ANSWER | {"verdict": ["DIFFERENT"]}))

    assert standing(Records.open(archive.path)).select("student_id", "same_as").rows() == [("c", "a")]
    assert about(archive, "a", "b", "c") == as_two, "what the links of July had added is gone, and nothing else"
    assert linked(archive, date(2024, 7, 21), people) == 0


def about(archive, *students):
    """What the archive says of these, link by link left out."""
    known = everything(Records.open(archive.path))
    of = pl.col("student_id").is_in(students)
    tables = {n: rows for n, rows in known.items() if "student_id" in rows.columns and n != "link"}
    return {name: rows.filter(of).rows() for name, rows in tables.items()}


def test_what_a_person_joined_stays_joined_however_unlike_the_two_are(tmp_path):
    unlike = child("b", "ROSALBA", "MINA", "2012-07-15", "TI 1104999888")
    archive = archived(tmp_path, *moved(), (ROSA, unlike, *CITY))
    people = roster(ROSA, unlike, *CITY)
    assert linked(archive, people=people) == 0

    linked(archive, people=people, answers=pl.DataFrame(ANSWER | {"verdict": ["SAME"]}))

    assert standing(Records.open(archive.path)).select("student_id", "same_as", "decided_by").rows() == [
        ("a", "b", "REVIEW")
    ]
    assert linked(archive, LINKED_ON + timedelta(days=7), people) == 0


def test_nothing_that_names_a_child_reaches_the_archive(archive):
    linked(archive)

    content = b"".join(p.read_bytes() for p in archive.path.rglob("*") if p.is_file())
    told = Records.open(archive.path).table("link").collect().write_csv()

    for word in ("ROSA", "MINA", "CAICEDO", "1104556677", "2012-05-17"):
        assert word.encode() not in content
        assert word not in told
