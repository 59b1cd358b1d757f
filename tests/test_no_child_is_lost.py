"""A child who leaves the roll, whose worker leaves, or whom somebody promised to visit stays in somebody's sight."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from drawn_lists import BY, ESPERANZA, LATIR, SECOND_SUNDAY, draw_list, draw_scores, student
from followed_home import SAME_SITE, TODAY, caller, followed_home, signed_in
from test_pages import read

from serving import assignments, cases
from serving.account_invitations import invite
from serving.contacts import Contact, promised
from serving.database import Database
from serving.people import Person, Role, add_person, change_reach, reach_of, remove_person
from serving.publishing import last_list_before, publish
from serving.released import release
from serving.tenancy import job

ROSA, FELLOW, ELSEWHERE = student(1), student(4), student(2)
NEXT_SUNDAY = SECOND_SUNDAY + timedelta(days=7)
PROMISE = {"outcome": "ABSENT", "next_step": "VISIT", "next_on": "2024-05-10", "contacted_on": "2024-05-02"}


@dataclass
class Office:
    app: Any
    tokens: dict[str, str]

    @property
    def database(self) -> Database:
        found: Database = self.app.state.service.database
        return found

    def call(self, who: str, path: str, body: Any = None) -> Any:
        return caller(self.app, self.tokens)(who, path, body)

    def page(self, who: str, path: str) -> str:
        return str(read(signed_in(self.app, self.tokens, who).get(path)))

    def send(self, who: str, path: str, **told: Any) -> Any:
        client = signed_in(self.app, self.tokens, who)
        seal = re.search(r'name="sello" value="([^"]+)"', client.get("/cuenta").text)
        assert seal
        return client.post(path, data={"sello": seal[1], **told}, headers=SAME_SITE)

    def give(self, child: str, worker: str | None) -> None:
        assert self.call("supervisa", "/assignments", {"student_id": child, "worker": worker}).status_code == 201

    def log(self, child: str, **told: Any) -> None:
        sent = {"student_id": child, "kind": "CALL", **told}
        assert self.call("cobertura", "/contacts", sent).status_code == 201

    def list_without(self, *gone: str) -> None:
        """The next week's list, made when these are on the roll no more."""
        scores = draw_scores(NEXT_SUNDAY, 90).filter(~pl.col("student_id").is_in(gone))
        last = last_list_before(self.database, NEXT_SUNDAY)
        statuses = dict.fromkeys(gone, "WITHDRAWN")
        publish(self.database, draw_list(NEXT_SUNDAY, last=last, scores=scores, statuses=statuses), BY, last)


@pytest.fixture
def office(database_url: str, tmp_path: Path) -> Iterator[Office]:
    app, tokens = followed_home(tmp_path / "h", database_url)
    yield Office(app, tokens)
    app.state.service.database.engine.dispose()


def test_a_child_who_is_on_no_roll_any_more_can_still_be_opened_called_and_handed_on(office: Office) -> None:
    office.give(ROSA, "trabaja")
    office.list_without(ROSA)

    for who in ("trabaja", "supervisa", "esperanza"):
        told = office.page(who, f"/estudiantes/{ROSA}")
        assert "Ya no figura en la matrícula" in told and "Rosa Mina" in told
    assert ROSA in signed_in(office.app, office.tokens, "supervisa").get("/lista").text, "among those who left"
    office.log(ROSA, outcome="LEFT_WORK")
    office.give(ROSA, None)
    body = office.call("supervisa", f"/students/{ROSA}").json()
    assert (body["gone_by"], body["day"], body["assigned_to"]) == (str(NEXT_SUNDAY), str(SECOND_SUNDAY), None)
    assert body["contacts"][0]["outcome"] == "LEFT_WORK"


def test_who_never_reached_the_child_does_not_learn_that_it_has_gone(office: Office) -> None:
    office.list_without(ELSEWHERE)

    assert office.call("esperanza", f"/students/{ELSEWHERE}").status_code == 404
    assert office.call("supervisa", f"/students/{ELSEWHERE}").json()["gone_by"] == str(NEXT_SUNDAY)
    assert "Ya no figura" not in office.page("ciencia", f"/estudiantes/{ROSA}")


def test_the_children_of_who_left_wait_for_somebody_else(office: Office) -> None:
    office.give(FELLOW, "trabaja")
    remove_person(office.database, "trabaja", BY)

    assert office.call("supervisa", f"/students/{FELLOW}").json()["assigned_to"] is None
    with office.database.reading_as(job("prueba")) as connection:
        assert assignments.open_for(connection, reach_of([ESPERANZA]), "trabaja") == []


def test_the_children_whom_a_worker_reaches_no_longer_are_given_back_and_the_others_stay(office: Office) -> None:
    add_person(office.database, Person("ambas", Role.COVERAGE, reach_of([ESPERANZA, LATIR])), BY)
    office.give(FELLOW, "ambas")
    office.give(ELSEWHERE, "ambas")
    change_reach(office.database, "ambas", reach_of([LATIR]), BY)

    assert [release(office.database, "ambas", BY), release(office.database, "ambas", BY)] == [1, 0]
    now = {child: office.call("supervisa", f"/students/{child}").json()["assigned_to"] for child in (FELLOW, ELSEWHERE)}
    assert now == {FELLOW: None, ELSEWHERE: "ambas"}


def test_a_promised_visit_is_owed_though_nobody_answered_since(office: Office) -> None:
    office.log(ROSA, **PROMISE)
    office.log(ROSA, outcome="NO_ANSWER")

    late = office.page("supervisa", "/por-asignar")
    assert "Sigue pendiente: visitar el 10/05/2024." in late
    assert "El siguiente paso está vencido." in office.page("supervisa", f"/estudiantes/{ROSA}")
    office.log(ROSA, outcome="ATTENDING")
    assert "visitar el 10/05/2024" not in office.page("supervisa", "/por-asignar")


def contact(outcome: str, next_on: int = 0) -> Contact:
    then = TODAY + timedelta(days=next_on) if next_on else None
    step = "VISIT" if next_on else None
    return Contact("c", 1, ROSA, ESPERANZA, "CALL", outcome, TODAY, None, step, then, None, "x", TODAY)


@pytest.mark.parametrize(
    ("newest_first", "owed"),
    [
        ([], None),
        ([contact("NO_ANSWER")], None),
        ([contact("NO_ANSWER"), contact("ABSENT", 3)], 1),
        ([contact("ATTENDING"), contact("ABSENT", 3)], None),
        ([contact("NO_ANSWER", 5), contact("ABSENT", 3)], 0),
        ([contact("MISTAKE", 5), contact("ABSENT", 3)], 1),
        ([contact("WRONG_NUMBER"), contact("NOBODY_HOME"), contact("LEFT", 3)], 2),
    ],
)
def test_a_step_is_owed_until_somebody_was_found_or_another_was_promised(
    newest_first: list[Contact], owed: int | None
) -> None:
    assert promised(newest_first) == (None if owed is None else newest_first[owed])


def test_a_share_goes_to_the_coverage_team_that_has_come_in_and_to_nobody_else(office: Office) -> None:
    add_person(office.database, Person("invitada", Role.COVERAGE, reach_of([ESPERANZA])), BY)
    invite(office.database, "invitada", BY)
    assert office.send("supervisa", "/por-asignar", estudiante=[ROSA, FELLOW]).status_code == 303

    took = {office.call("supervisa", f"/students/{child}").json()["assigned_to"] for child in (ROSA, FELLOW)}
    assert took == {"cobertura", "trabaja"}
    assert "invitada, coverage" not in (told := office.page("supervisa", "/por-asignar"))
    assert "invitada, equipo de cobertura (0 a cargo, todavía no ha entrado)" in told


def test_of_children_whom_one_worker_may_not_attend_all_none_is_given(office: Office) -> None:
    waiting = signed_in(office.app, office.tokens, "supervisa").get("/por-asignar").text
    children = re.findall(r'name="estudiante" id="e\d+" value="(\w+)"', waiting)
    assert ROSA in children and len(children) == 12, "of three schools"
    refused = office.send("supervisa", "/por-asignar", estudiante=children, trabajador="trabaja")

    assert refused.status_code == 422 and "No se asignó a nadie" in read(refused)
    assert refused.text.count('" checked>') == 12
    assert office.call("supervisa", f"/students/{ROSA}").json()["assigned_to"] is None


def test_the_supervision_hands_one_child_on_or_leaves_it_to_nobody(office: Office) -> None:
    path = f"/estudiantes/{ROSA}/asignar"
    for worker in ("trabaja", "cobertura"):
        assert office.send("supervisa", path, trabajador=worker).headers["location"] == f"/estudiantes/{ROSA}#contactos"
        assert f"Lo atiende {worker}" in office.page("supervisa", f"/estudiantes/{ROSA}")
    assert office.send("supervisa", path, trabajador="ciencia").status_code == 422
    assert office.send("supervisa", path, trabajador="").status_code == 303
    assert "Nadie lo atiende todavía." in office.page("supervisa", path)
    assert office.send("esperanza", path, trabajador="").status_code == 403


def test_a_case_without_a_promise_comes_after_those_that_are_due() -> None:
    due, none = (cases.Case(contact("ABSENT").pupil, owed=owed) for owed in (contact("ABSENT", -3), None))
    assert due.overdue(TODAY) and not none.overdue(TODAY)
