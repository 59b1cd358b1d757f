"""Contacts, opinions and assignments by call: kept once, corrected by new versions, within reach, notes for few."""

from datetime import timedelta

import pytest
from drawn_lists import DIAMANTE, ESPERANZA, LATIR, NOBODY, bearer, student
from followed_home import TODAY, caller, followed_home
from sqlalchemy import func, select
from starlette.testclient import TestClient

from features.schema import TABLES
from serving.contact_tables import contacts, notes
from serving.contact_words import KIND_IN_RECORDS, KINDS, OUTCOME_GROUPS, OUTCOMES
from serving.tables import audit
from serving.tenancy import job

ROSA, OTHER, LIST = student(1), student(2), "/risk-lists/latest"
JOB = job("prueba")
SECRET = "la abuela Maria Quintero pide que no llamen al trabajo"


@pytest.fixture(scope="module")
def app(each_database, tmp_path_factory):
    app, tokens = followed_home(tmp_path_factory.mktemp("home") / "h", each_database)
    app.state.tokens = tokens
    yield app
    app.state.service.database.engine.dispose()


@pytest.fixture
def call(app):
    return caller(app, app.state.tokens)


def contact(student_id=ROSA, **told):
    return {"student_id": student_id, "kind": "CALL", "outcome": "NO_ANSWER", **told}


def audited(app, of=ROSA):
    with app.state.service.database.reading() as connection:
        chosen = select(audit).where(audit.c.thing == f"student:{of}").order_by(audit.c.id)
        return connection.execute(chosen).all()


def kept(app, table=contacts):
    with app.state.service.database.reading_as(JOB) as connection:
        return connection.execute(select(func.count()).select_from(table)).scalar_one()


def stands(told, child):
    return told["states"].get(child, {"state": "NO_CONTACT"})["state"]


# The closed lists


def test_every_outcome_is_a_finding_that_the_archive_accepts_and_every_kind_is_one_of_its_kinds():
    visit = TABLES["visit"]

    assert len(OUTCOMES) >= 12
    assert {one.finding for one in OUTCOMES.values()} == set(visit["result"].allowed)
    assert {one.destination for one in OUTCOMES.values()} - {None} == set(visit["destination"].allowed)
    assert set(KIND_IN_RECORDS) == set(KINDS) and set(KIND_IN_RECORDS.values()) < set(visit["kind"].allowed)


def test_the_form_offers_every_outcome_once_but_the_one_for_corrections():
    offered = [code for _, codes in OUTCOME_GROUPS for code in codes]

    assert sorted(offered) == sorted(set(OUTCOMES) - {"MISTAKE"})


# A contact


def test_a_contact_is_kept_shown_with_the_child_and_audited_without_what_it_found(app, call):
    made = call("cobertura", "/contacts", contact(outcome="LEFT_WORK", since="2024-05-06", note=SECRET))
    seen = call("cobertura", f"/students/{ROSA}").json()["contacts"]

    assert made.status_code == 201
    assert made.json() in seen and made.json()["finding"] == "LEFT" and made.json()["has_note"]
    line = next(one for one in audited(app) if one.action == "log_contact")
    assert (line.by, line.why) == ("cobertura", "POST log_contact")
    assert not any(word in line.detail for word in ("LEFT", "trabaja", "abuela"))


def test_no_note_leaves_the_service_in_the_clear_by_a_call_or_lies_open_in_the_database(app, call):
    call("cobertura", "/contacts", contact(note=SECRET))

    for who in ("cobertura", "supervisa", "esperanza", "ciencia"):
        for path in (f"/students/{ROSA}", LIST):
            assert "abuela" not in call(who, path).text
    with app.state.service.database.reading_as(JOB) as connection:
        rows = connection.execute(select(notes)).all()
    assert rows and not any(b"abuela" in bytes(row.sealed) for row in rows)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"contacted_on": str(TODAY + timedelta(days=1))}, "contacted_on"),
        ({"contacted_on": "2020-01-01"}, "contacted_on"),
        ({"outcome": "LEFT", "since": "2024-05-13", "contacted_on": "2024-05-10"}, "since"),
        ({"outcome": "ATTENDING", "since": "2024-05-10"}, "since"),
        ({"next_step": "VISIT"}, "next_on"),
        ({"next_on": "2024-06-01"}, "next_step"),
        ({"next_step": "VISIT", "next_on": "2024-05-01"}, "next_on"),
        ({"outcome": "DROPPED_OUT"}, "outcome"),
        ({"kind": "TELEPATHY"}, "kind"),
        ({"contacted_on": "hoy"}, "contacted_on"),
        ({"note": "x" * 2001}, "note"),
    ],
)
def test_what_cannot_be_is_refused_with_the_field_and_a_sentence_and_nothing_is_kept(app, call, wrong, field):
    before = kept(app)
    answer = call("cobertura", "/contacts", contact(**wrong))

    assert answer.status_code == 422 and answer.headers["content-type"] == "application/problem+json"
    assert [one["where"] for one in answer.json()["errors"]] == [field]
    assert kept(app) == before


def test_the_same_key_keeps_one_contact_and_gives_the_same_answer_and_another_body_is_refused(app, call):
    before = kept(app)
    first, again = (call("cobertura", "/contacts", contact(OTHER), key="una") for _ in range(2))
    other = call("cobertura", "/contacts", contact(OTHER, outcome="ATTENDING"), key="una")
    others_key = call("supervisa", "/contacts", contact(OTHER), key="una")

    assert (first.status_code, again.status_code) == (201, 201) and first.content == again.content
    assert other.status_code == 422 and "Idempotency-Key" in other.json()["detail"]
    assert others_key.json()["contact_id"] != first.json()["contact_id"]
    assert kept(app) == before + 2


def test_a_contact_is_corrected_by_a_new_version_and_the_first_stays(app, call):
    made = call("cobertura", "/contacts", contact(outcome="LEFT")).json()
    fixed = call("cobertura", "/contacts", contact(outcome="ELSEWHERE_HERE", corrects=made["contact_id"])).json()
    seen = call("cobertura", f"/students/{ROSA}").json()["contacts"]

    assert (fixed["contact_id"], fixed["version"], fixed["finding"]) == (made["contact_id"], 2, "ELSEWHERE")
    assert [one["version"] for one in seen if one["contact_id"] == made["contact_id"]] == [2]
    with app.state.service.database.reading_as(JOB) as connection:
        told = select(contacts.c.outcome).where(contacts.c.contact_id == made["contact_id"])
        assert connection.execute(told.order_by(contacts.c.version)).scalars().all() == ["LEFT", "ELSEWHERE_HERE"]


# Who may


@pytest.mark.parametrize("who", ["ciencia", "administra"])
@pytest.mark.parametrize(
    ("path", "more"), [("/contacts", {"kind": "CALL", "outcome": "LEFT"}), ("/feedback", {"verdict": "USEFUL"})]
)
def test_who_may_not_follow_up_is_told_so(call, who, path, more):
    assert call(who, path, {"student_id": ROSA, **more}).status_code == 403


@pytest.mark.parametrize("stranger", [OTHER, NOBODY, "Rosa Mina"])
def test_a_child_out_of_reach_and_one_that_does_not_exist_are_refused_alike(app, call, stranger):
    before = kept(app)
    answers = [
        call("esperanza", "/contacts", contact(stranger)),
        call("esperanza", "/feedback", {"student_id": stranger, "verdict": "USEFUL"}),
        call("esperanza", "/contacts", contact(stranger, corrects="0" * 32)),
    ]

    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.content for answer in answers}) == 1
    assert kept(app) == before


def test_a_contact_of_another_school_cannot_be_corrected_or_seen(app, call):
    made = call("cobertura", "/contacts", contact(OTHER, outcome="LEFT")).json()

    assert call("esperanza", "/contacts", contact(OTHER, corrects=made["contact_id"])).status_code == 404
    assert call("esperanza", "/contacts", contact(ROSA, corrects=made["contact_id"])).status_code == 404
    assert made["contact_id"] not in call("esperanza", LIST).text


def test_a_school_does_not_correct_what_the_coverage_team_wrote(call):
    made = call("cobertura", "/contacts", contact(ROSA)).json()
    own = call("esperanza", "/contacts", contact(ROSA)).json()

    assert call("esperanza", "/contacts", contact(ROSA, corrects=made["contact_id"])).status_code == 403
    assert call("esperanza", "/contacts", contact(ROSA, corrects=own["contact_id"])).json()["version"] == 2


# Opinions and assignments


def test_an_opinion_is_kept_on_the_list_it_is_about(call):
    said = call("esperanza", "/feedback", {"student_id": ROSA, "verdict": "WRONG_DATA", "note": SECRET}, key="o")
    again = call("esperanza", "/feedback", {"student_id": ROSA, "verdict": "WRONG_DATA", "note": SECRET}, key="o")

    assert said.status_code == 201 and said.content == again.content
    assert said.json()["publication"].startswith("2024-05-12") and "abuela" not in said.text


def test_a_child_has_one_worker_at_a_time_and_the_history_stays(call):
    numbers = [
        call("supervisa", "/assignments", {"student_id": ROSA, "worker": worker}).json()["number"]
        for worker in ("trabaja", "cobertura", "cobertura", None)
    ]

    assert numbers == [1, 2, 2, 3]
    assert call("supervisa", f"/students/{ROSA}").json()["assigned_to"] is None


@pytest.mark.parametrize("worker", ["ciencia", "nadie", "trabaja"])
def test_nobody_is_given_a_child_whom_they_may_not_see(call, worker):
    answer = call("supervisa", "/assignments", {"student_id": OTHER, "worker": worker})

    assert answer.status_code == 422 and "alcance" in answer.json()["detail"]


@pytest.mark.parametrize("who", ["cobertura", "esperanza", "ciencia"])
def test_only_the_supervision_assigns(call, who):
    assert call(who, "/assignments", {"student_id": ROSA, "worker": "cobertura"}).status_code == 403


# The list


def test_the_list_tells_how_each_child_stands_and_can_be_asked_for_one_state(call):
    rows = call("cobertura", LIST).json()["rows"]
    first, second = [row["student_id"] for row in rows if row["student_id"] not in (ROSA, OTHER)][:2]
    call("cobertura", "/contacts", contact(first, outcome="NO_ANSWER"))
    call("supervisa", "/assignments", {"student_id": second, "worker": "cobertura"})

    everyone = call("cobertura", LIST).json()
    assert (stands(everyone, first), stands(everyone, second)) == ("CONTACTED", "ASSIGNED")
    assert everyone["states"][second]["assigned_to"] == "cobertura"
    found = {}
    for state in ("NO_CONTACT", "ASSIGNED", "CONTACTED"):
        page = call("cobertura", f"{LIST}?state={state}").json()
        found[state] = [row["student_id"] for row in page["rows"]]
        assert {stands(page, one) for one in found[state]} <= {state}
    assert sorted(one for some in found.values() for one in some) == sorted(
        row["student_id"] for row in everyone["rows"]
    )
    assert first in found["CONTACTED"] and second in found["ASSIGNED"]


def test_a_contact_changes_what_a_held_list_is_compared_with(app, call):
    client, headers = TestClient(app), bearer(app.state.tokens["cobertura"])
    etag = client.get(f"/api/v1{LIST}", headers=headers).headers["etag"]
    held = headers | {"If-None-Match": etag}
    assert client.get(f"/api/v1{LIST}", headers=held).status_code == 304

    call("cobertura", "/contacts", contact(student(3)))
    assert client.get(f"/api/v1{LIST}", headers=held).status_code == 200


def test_contacts_logged_by_mistake_do_not_count(call):
    child = call("cobertura", f"{LIST}?state=NO_CONTACT").json()["rows"][0]["student_id"]
    made = call("cobertura", "/contacts", contact(child)).json()
    call("cobertura", "/contacts", contact(child, outcome="MISTAKE", corrects=made["contact_id"]))

    assert stands(call("cobertura", LIST).json(), child) == "NO_CONTACT"


def test_a_school_is_not_told_how_another_schools_children_stand(call):
    told = call("esperanza", LIST).json()
    schools = {row["institution"] for row in told["rows"]}

    assert schools == {ESPERANZA} and not schools & {LATIR, DIAMANTE}
    assert set(told["states"]) <= {row["student_id"] for row in told["rows"]}
