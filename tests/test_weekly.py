"""Rosa's way: absent in the last week of April, known on Sunday, on the list of Monday with her reasons."""

import json
import shutil
from dataclasses import replace
from datetime import date, timedelta

import polars as pl
import pytest
from drawn_lists import BY
from small_school import DAY, WEEKS, absent, enrolled, given, grown_model, records_of
from sqlalchemy import func, select, update

from features import CATALOGUE, Records, build_frame
from models.explanation import explain
from models.list_order import OrderRules
from models.scoring import score
from models.uncertainty import Interval, Uncertainty, frequency
from serving import published
from serving.changes import BY_LOT, NEW_ON_ROLL, NOT_KEPT, NOW_FOLLOWED, OTHER_MODEL
from serving.database import Database
from serving.faults import DataProblem, Refused
from serving.people import Person, Role
from serving.profiles import profile_for
from serving.published import Wanted
from serving.publishing import last_list_before, weights_before
from serving.risk_lists import Capacity
from serving.settings import Settings
from serving.tables import audit, pointers, publications, scores
from serving.weekly import checked, rules_of, run_week

SUNDAY_BEFORE = DAY - timedelta(days=7)
STUDENTS = 40
CAPACITY = Capacity(contacts=7, per_school=3)
ROSA, LUIS, NEW = "rosa", "luis", "nueva"


def town():
    """Two schools. Five are absent for weeks; Rosa only in the last; Luis moves away between the two lists."""
    names = [f"a{number:02d}" for number in range(STUDENTS)] + [ROSA, LUIS]
    tables = given()["tables"] | {
        "enrolment": [enrolled(name, institution="1" if name < "a20" else "2") for name in names]
        + [enrolled(ROSA, "2", school_year="2023", grade=5, happened_on="2023-01-23", known_on="2023-01-27")]
        + [enrolled(LUIS, "2", status="TRANSFERRED", happened_on="2024-05-02", known_on="2024-05-03")]
        + [enrolled(NEW, "1", happened_on="2024-05-02", known_on="2024-05-03")],
        "attendance": [absent(name, week, days_absent(name, week)) for name in names for week in WEEKS],
        "institution": [
            {
                "institution_id": "1",
                "name": "IE Uno",
                "comuna": "14",
                "happened_on": "2024-01-01",
                "known_on": "2024-01-01",
            }
        ],
    }
    tables["attendance"] += [absent(NEW, WEEKS[-1], 5)]
    return records_of(tables)


def days_absent(name, week):
    if name == ROSA:
        return 5 if week == WEEKS[-1] else 0
    return 4 if name < "a05" or name == LUIS else 0


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Both Mondays published once; each test that needs them works on a copy."""
    file = tmp_path_factory.mktemp("made") / "x.sqlite"
    opened = Database.open(f"sqlite:///{file}")
    records, model = town(), replace(grown_model(), version="3")
    weeks = [run_week(records, model, day, CAPACITY, opened, BY) for day in (SUNDAY_BEFORE, DAY)]
    opened.engine.dispose()
    return file, weeks


@pytest.fixture
def database(request, tmp_path):
    file = tmp_path / "x.sqlite"
    if "two_weeks" in request.fixturenames:
        shutil.copy(request.getfixturevalue("made")[0], file)
    opened = Database.open(f"sqlite:///{file}")
    yield opened
    opened.engine.dispose()


@pytest.fixture
def two_weeks(made):
    return made[1]


def rows_of(database, day=DAY, city_list_only=True):
    with database.reading() as connection:
        publication = published.publication_for(connection, day)
        found = published.rows(connection, publication.id, Wanted(city_list_only=city_list_only))
        return {row.student_id: json.loads(row.body) for row in found}


def test_rosa_enters_the_list_of_the_monday_after_her_absence_became_known(database, two_weeks):
    assert ROSA not in rows_of(database, SUNDAY_BEFORE)
    rosa = rows_of(database)[ROSA]

    assert rosa["change"] == {"kind": "entered", "why": "Ahora pesa más lo relacionado con inasistencia."}
    assert rosa["reasons"][0]["family"] == "attendance"
    assert rosa["model_version"] == "3"
    assert (rosa["institution"], rosa["grade"], rosa["class_group"]) == ("2", 6, "601")


def test_her_page_tells_the_years_before(database, two_weeks):
    with database.reading() as connection:
        found = published.student(connection, two_weeks[1].id, ROSA)

    steps = json.loads(found.trajectory)
    assert [(step["school_year"], step["grade"], step["status"]) for step in steps] == [
        ("2023", 5, "ENROLLED"),
        ("2024", 6, "ENROLLED"),
    ]


def test_a_page_tells_the_weeks_of_class_that_were_known_by_the_day_of_the_list(database, two_weeks):
    told = []
    for made in two_weeks:
        with database.reading() as connection:
            told.append(json.loads(published.student(connection, made.id, "a00").lately)["weeks"])

    assert told[0] == told[1][: len(told[0])] and len(told[0]) < len(told[1])
    assert all(week["week"] <= SUNDAY_BEFORE.isoformat() for week in told[0])


def test_luis_who_moved_left_the_list_and_it_says_why(database, two_weeks):
    assert LUIS in rows_of(database, SUNDAY_BEFORE)
    with database.reading() as connection:
        gone = {
            row.student_id: json.loads(row.body)["change"]["why"]
            for row in published.left_rows(connection, two_weeks[1].id, Wanted())
        }

    assert gone[LUIS] == "Figura con traslado en la matrícula."


def test_who_was_not_on_roll_the_week_before_is_told_so(database, two_weeks):
    assert rows_of(database)[NEW]["change"]["why"] == NEW_ON_ROLL


def test_the_list_is_cut_where_the_visits_run_out_and_everyone_on_roll_is_scored(database, two_weeks):
    _, week = two_weeks

    assert (week.listed, week.on_roll, week.left_out) == (7, STUDENTS + 2, STUDENTS - 5)
    with database.reading() as connection:
        kept = select(func.count()).where(scores.c.publication_id == week.id)
        assert connection.execute(kept).scalar_one() == week.on_roll


def test_each_school_is_given_its_first_students(database, two_weeks):
    everyone = rows_of(database, city_list_only=False).values()

    for school in ("1", "2"):
        places = [row["rank_in_institution"] for row in everyone if row["institution"] == school]
        assert places[:3] == [1, 2, 3]


def test_the_published_scores_are_those_of_the_library(database, two_weeks):
    expected = score(town().known_by(DAY), grown_model(), DAY)
    with database.reading() as connection:
        kept = connection.execute(
            select(scores.c.student_id, scores.c.score, scores.c.raw_score)
            .where(scores.c.publication_id == two_weeks[1].id)
            .order_by(scores.c.student_id)
        ).all()

    assert [tuple(row) for row in kept] == expected.select("student_id", "score", "raw_score").rows()


def test_the_published_reasons_add_up_to_the_raw_score_and_are_those_of_the_library(database, two_weeks):
    records = town().known_by(DAY)
    frame = build_frame(records, [DAY], catalogue=CATALOGUE)
    told = {one.student_id: one for one in explain(grown_model(), frame, dates(records), CATALOGUE)}

    for student, row in rows_of(database, city_list_only=False).items():
        assert row["base_value"] + sum(row["families"].values()) == pytest.approx(row["raw_score"], abs=1e-6)
        assert [reason["sentence"] for reason in row["reasons"]] == [r.sentence for r in told[student].reasons]


def dates(records):
    from features import observed_dates

    return observed_dates(records, [DAY])


def test_the_same_week_again_publishes_nothing_new(database, two_weeks):
    again = run_week(town(), replace(grown_model(), version="3"), DAY, CAPACITY, database, BY)

    assert (again.id, again.content_hash, again.is_new) == (two_weeks[1].id, two_weeks[1].content_hash, False)
    with database.reading() as connection:
        assert connection.execute(select(func.count()).select_from(publications)).scalar_one() == 2
        assert connection.execute(select(func.count()).select_from(pointers)).scalar_one() == 2
        assert connection.execute(select(func.count()).select_from(audit)).scalar_one() == 2


def test_an_archive_that_goes_on_publishes_the_same_list_for_the_day(database, two_weeks, tmp_path):
    longer = given()["tables"]["calendar"]
    town_now = town()
    later = {name: town_now.table(name).collect() for name in ("enrolment", "attendance", "institution")}
    late = pl.DataFrame([absent("a30", WEEKS[-1], 5) | {"known_on": "2024-05-06"}]).with_columns(
        pl.col("week", "happened_on", "known_on").str.to_date(), pl.col("days_expected", "days_absent").cast(pl.Int16)
    )
    later["attendance"] = pl.concat([later["attendance"], late], how="diagonal")
    later["calendar"] = records_of({"calendar": longer, "enrolment": [enrolled("x")]}).table("calendar").collect()
    again = run_week(Records.from_frames(later), replace(grown_model(), version="3"), DAY, CAPACITY, database, BY)

    assert again.id == two_weeks[1].id


def test_with_another_model_the_list_says_that_the_model_changed_and_not_the_student(database, two_weeks):
    other = replace(grown_model(seed=2), version="4")

    run_week(town(), other, DAY, CAPACITY, database, BY)

    last = last_list_before(database, DAY)
    rows = rows_of(database)
    there = weights_before(database, last, rows)
    assert {rows[student]["change"]["why"] for student in there} == {OTHER_MODEL}
    assert {row["change"]["why"] for student, row in rows.items() if student not in there} == {NEW_ON_ROLL}
    assert {row["change"]["kind"] for row in rows_of(database).values()} <= {"entered", "stayed"}


def weights_of(database, publication):
    with database.reading() as connection:
        chosen = select(scores).where(scores.c.publication_id == publication.id)
        return {row.student_id: row for row in connection.execute(chosen)}


def test_the_weights_behind_the_score_are_kept_of_everyone_on_roll_and_not_of_the_listed_alone(database, two_weeks):
    kept = weights_of(database, two_weeks[1])
    last = last_list_before(database, DAY + timedelta(days=7))
    families = weights_before(database, last, list(kept))
    base = rows_of(database)[ROSA]["base_value"]

    assert len(families) == len(kept) == STUDENTS + 2
    for student, row in kept.items():
        assert base + sum(families[student].values()) == pytest.approx(row.raw_score, abs=1e-4)


def test_a_student_who_is_not_listed_can_still_be_asked_what_weighed(database, two_weeks):
    kept = weights_of(database, two_weeks[1])
    unlisted = next(name for name in sorted(kept) if name not in rows_of(database, city_list_only=False))
    with database.reading() as connection:
        profile = profile_for(connection, Person("cobertura", Role.COVERAGE), unlisted)
        listed = profile_for(connection, Person("cobertura", Role.COVERAGE), ROSA)

    assert profile.row is None and set(profile.families) == set(listed.families)
    assert profile.base_value == listed.base_value == rows_of(database)[ROSA]["base_value"]
    told = profile.base_value + sum(profile.families.values())
    assert told == pytest.approx(profile.student.raw_score, abs=1e-6)


def test_a_list_made_before_weights_were_kept_is_not_compared_by_guesswork(database, two_weeks):
    with database.writing(BY, "test", "x") as (connection, _):
        first = two_weeks[0].id
        header = json.loads(connection.execute(select(publications.c.body).where(publications.c.id == first)).scalar())
        old = json.dumps(header | {"family_order": []}).encode()
        connection.execute(update(publications).where(publications.c.id == first).values(body=old))

    run_week(town(), replace(grown_model(), version="3b"), DAY, CAPACITY, database, BY)

    assert rows_of(database)[ROSA]["change"] == {"kind": "entered", "why": NOT_KEPT}


def with_visits(*found):
    """The town, and contacts made three days before the Sunday: each a student and what was found."""
    dates = {"visited_on": DAY - timedelta(days=3), "happened_on": DAY - timedelta(days=3), "known_on": DAY}
    rows = [{"student_id": name, "kind": "PHONE_CALL", "result": result, **dates} for name, result in found]
    records = town()
    tables = {name: records.table(name).collect() for name in ("enrolment", "attendance", "institution", "calendar")}
    return Records.from_frames(tables | {"visit": pl.DataFrame(rows)})


def test_whoever_is_already_accompanied_leaves_the_to_do_list_and_it_says_why(database):
    model = replace(grown_model(), version="3")
    run_week(town(), model, SUNDAY_BEFORE, CAPACITY, database, BY)
    assert "a01" in rows_of(database, SUNDAY_BEFORE)

    week = run_week(with_visits(("a01", "ATTENDING"), ("a02", "NOT_FOUND")), model, DAY, CAPACITY, database, BY)

    assert week.listed == CAPACITY.contacts
    assert "a01" not in rows_of(database) and "a02" in rows_of(database)
    assert weights_of(database, week)["a01"].standing == "FOLLOWED"
    with database.reading() as connection:
        gone = {
            r.student_id: json.loads(r.body)["change"]["why"]
            for r in published.left_rows(connection, week.id, Wanted())
        }
    shown = rows_of(database, city_list_only=False).get("a01")
    assert gone.get("a01", NOW_FOLLOWED) == NOW_FOLLOWED
    assert shown is None or shown["followed"] == {"on": "2024-05-02", "result": "ATTENDING"}
    last = last_list_before(database, DAY + timedelta(days=7))
    assert last and "a01" in last.followed


def test_a_margin_lets_fewer_names_come_and_go(database):
    model = replace(grown_model(), version="3")
    run_week(town(), model, SUNDAY_BEFORE, CAPACITY, database, BY)
    before = set(rows_of(database, SUNDAY_BEFORE))
    news = []
    for margin in (0.0, 5.0):
        run_week(town(), model, DAY, CAPACITY, database, BY, rules=OrderRules(margin=margin))
        news.append(len(set(rows_of(database)) - before))

    assert news[1] == len(before - set(rows_of(database, city_list_only=False))) == 1  # the seat of Luis, who moved
    assert news[0] > news[1]


def test_the_lot_near_the_cut_is_written_down_with_its_decision(database):
    model, rules = replace(grown_model(), version="3"), OrderRules(band=3, decision="Resolución 12 de 2024")

    week = run_week(town(), model, DAY, CAPACITY, database, BY, rules=rules)

    standings = [row.standing for row in weights_of(database, week).values()]
    assert (standings.count("DRAWN_IN"), standings.count("DRAWN_OUT")) == (3, 3)
    with database.reading() as connection:
        header = published.publication_for(connection, DAY).header
    assert header["order"] == {"margin": 0.0, "follow_weeks": 4, "band": 3, "decision": "Resolución 12 de 2024"}
    assert run_week(town(), model, DAY, CAPACITY, database, BY, rules=rules).id == week.id


def test_who_enters_by_lot_is_told_so(database):
    model, rules = replace(grown_model(), version="3"), OrderRules(band=7, decision="Resolución 12 de 2024")
    run_week(town(), model, SUNDAY_BEFORE, CAPACITY, database, BY)

    run_week(town(), model, DAY, CAPACITY, database, BY, rules=rules)

    entered = [row["change"]["why"] for row in rows_of(database).values() if row["change"]["kind"] == "entered"]
    assert BY_LOT in entered


def test_a_lot_without_its_decision_publishes_nothing(tmp_path):
    with pytest.raises(Refused, match="decisión escrita"):
        rules_of(Settings(home=tmp_path, band=5))

    assert rules_of(Settings(home=tmp_path)) == OrderRules(margin=0.8, follow_weeks=4)


def test_how_sure_it_is_is_told_of_each_row_as_a_count(database):
    sure = Uncertainty(starts=(-99.0, -1.0), low=(0.0, 0.21), high=(0.004, 0.38))

    run_week(town(), replace(grown_model(), uncertainty=sure, version="3"), DAY, CAPACITY, database, BY)

    for row in rows_of(database, city_list_only=False).values():
        low, high = row["interval"]
        assert low <= row["score"] <= high
        assert row["frequency"] == frequency(Interval(low, high), 4)


def test_a_model_that_cannot_tell_how_sure_it_is_gives_no_interval(database, two_weeks):
    for row in rows_of(database).values():
        assert row["interval"] is None
        assert row["frequency"].startswith("De cada 100 estudiantes")


def test_a_model_of_another_catalogue_is_refused_and_the_list_before_stays(database, two_weeks):
    with pytest.raises(Refused, match="catálogo"):
        run_week(town(), replace(grown_model(), fingerprint="otro"), DAY, CAPACITY, database, BY)

    with database.reading() as connection:
        assert published.publication_for(connection, None).id == two_weeks[1].id


def test_a_day_on_which_nobody_is_on_roll_is_a_problem_of_the_data(database):
    with pytest.raises(DataProblem, match="No hay estudiantes matriculados"):
        run_week(town(), grown_model(), date(2023, 12, 24), CAPACITY, database, BY)


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), 1.2, -0.1])
def test_a_score_that_is_no_chance_is_never_published(bad):
    frame = pl.DataFrame({"student_id": ["a"], "institution_id": ["1"], "score": [bad], "raw_score": [0.0]})

    with pytest.raises(Refused, match="La lista anterior sigue"):
        checked(frame, DAY)


def test_a_student_who_stands_twice_among_the_scores_is_never_published():
    frame = pl.DataFrame({"student_id": ["a", "a"], "institution_id": ["1", "2"], "score": 0.1, "raw_score": 0.0})

    with pytest.raises(Refused, match="dos veces"):
        checked(frame, DAY)
