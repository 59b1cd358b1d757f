"""Many lists of many sizes, published as they would be, and the students of each as every way out tells them."""

from __future__ import annotations

import csv
import io
import random
import re
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path

import openpyxl
import polars as pl
import pypdfium2
from drawn_lists import BY, FIRST_SUNDAY, MONDAY_MORNING, bearer, draw_list, draw_reason, drawn_group
from starlette.testclient import TestClient

from serving import roster
from serving.app import create_app
from serving.database import Database
from serving.guides import all_guides
from serving.people import Person, Role, add_person, issue_token
from serving.publishing import publish
from serving.risk_lists import RiskList, School
from serving.settings import Settings

EDGES = (0, 1, 49, 50, 51, 200)  # a page holds 50
CITY = 60  # on the list of the whole city
NAMES = ("ROSA", "=1+1", "ÑUSTA <b>Ö", "-2", "@SUM(A1)", "\tJUANA")
FAMILIES = [guide.family for guide in all_guides()]
KINDS = ("csv", "xlsx", "pdf")


@dataclass
class Town:
    """A published list per Sunday; `sizes` says how many students each school's list of that Sunday has."""

    client: TestClient
    token: str
    sizes: dict[date, dict[str, int]]
    city: dict[date, int]
    seconds: dict[str, float] = field(default_factory=dict)

    def lists(self) -> Iterator[tuple[date, str, int]]:
        """Every school's, and after those of each Sunday the city's own."""
        for day, schools in self.sizes.items():
            yield from ((day, code, size) for code, size in schools.items())
            yield day, "", self.city[day]

    def orders(self, day: date, school: str) -> dict[str, list[str]]:
        """The students of one list, in the order in which each way out tells them."""
        place = {"dia": day.isoformat(), "colegio": school}
        files = {kind: self._timed(kind, "/lista/descargar", place | {"formato": kind}) for kind in KINDS}
        return {
            "page": self._pages(place),
            "call": self._calls(day, school),
            "csv": [row["Estudiante"] for row in csv_rows(files["csv"])],
            "xlsx": [cells[2] for cells in sheet_rows(files["xlsx"])],
            "pdf": pseudonyms(paper_text(files["pdf"])),
        }

    def _timed(self, kind: str, path: str, asked: dict[str, str]) -> bytes:
        began = time.process_time()
        answer = self.client.get(path, params=asked)
        assert answer.status_code == 200, (path, asked, answer.status_code, answer.text[:500])
        self.seconds[kind] = self.seconds.get(kind, 0.0) + time.process_time() - began
        return answer.content

    def _pages(self, place: dict[str, str]) -> list[str]:
        seen: list[str] = []
        after = "0"
        while after:
            text = self._timed("page", "/lista", place | {"desde": after}).decode()
            seen += dict.fromkeys(re.findall(r'href="/estudiantes/([0-9a-f]{16})"', text))
            found = re.search(r'href="/lista\?[^"]*desde=(\d+)[^"]*">Ver los siguientes', text)
            after = found[1] if found else ""
        return seen

    def _calls(self, day: date, school: str) -> list[str]:
        path = f"/api/v1/institutions/{school}/watchlist?day={day}" if school else f"/api/v1/risk-lists/{day}?"
        seen: list[str] = []
        cursor = ""
        while cursor is not None:
            began = time.process_time()
            answer = self.client.get(path + cursor, headers=bearer(self.token)).json()
            self.seconds["call"] = self.seconds.get("call", 0.0) + time.process_time() - began
            seen += [row["student_id"] for row in answer["rows"]]
            cursor = f"&cursor={answer['next_cursor']}" if answer["next_cursor"] else None
        return seen


def csv_rows(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline=""), delimiter=";"))


def sheet_rows(content: bytes) -> list[tuple[str, ...]]:
    return list(openpyxl.load_workbook(io.BytesIO(content))["Lista"].iter_rows(min_row=2, values_only=True))


def paper_text(content: bytes) -> str:
    paper = pypdfium2.PdfDocument(content)
    try:
        return "\n".join(page.get_textpage().get_text_bounded() for page in paper)
    finally:
        paper.close()


def pseudonyms(text: str) -> list[str]:
    return re.findall(r"\b[0-9a-f]{16}\b", text)


def draw_town(home: Path, schools: int, sundays: int, seed: int = 1) -> Town:
    """So many schools on so many Sundays: every edge on each, and sizes that a school really has."""
    lot = random.Random(seed)
    settings = Settings(home=home, environment="demo", requests_per_person=0, downloads_per_hour=0)
    database = Database.open(settings.database_url, settings.keys())
    sizes = {FIRST_SUNDAY + timedelta(weeks=week): drawn_sizes(lot, schools, week) for week in range(sundays)}
    city = {}
    for number, (day, each) in enumerate(sizes.items()):
        city[day] = publish(database, drawn_week(lot, day, each, number * 100_000), BY).listed
    roster.upsert(database, drawn_names(list(range(1, 400))), BY)
    add_person(database, Person("cobertura", Role.COVERAGE), BY)
    token = issue_token(database, "cobertura", BY)
    database.engine.dispose()
    client = TestClient(create_app(settings, lambda: MONDAY_MORNING))
    client.post("/entrar", data={"ficha": token}, headers={"origin": "http://testserver"})
    return Town(client, token, sizes, city)


def drawn_sizes(lot: random.Random, schools: int, week: int) -> dict[str, int]:
    """All the edges in the first week and in each tenth after it."""
    edges = EDGES if week % 10 == 0 else EDGES[:2]
    sizes = [*edges, *(lot.randrange(2, 9) for _ in range(schools))][:schools]
    return {f"1760010{number:05d}": size for number, size in enumerate(sizes)}


def drawn_week(lot: random.Random, day: date, sizes: dict[str, int], first: int) -> RiskList:
    """A school of nobody on the list has students on roll all the same."""
    roll = [code for code, size in sizes.items() for _ in range(max(size, 1))]
    numbers = lot.sample(range(first + 1, first + len(roll) + 200), len(roll))
    raw = [lot.gauss(-3, 1) for _ in roll]
    scores = pl.DataFrame(
        {
            "student_id": [f"{number:016x}" for number in numbers],
            "institution_id": roll,
            "raw_score": raw,
            "score": [1 / (1 + 2.718281828 ** -(value - 0.5)) for value in raw],
        }
    )
    schools = {code: School(code, f"IE Número {code[-3:]}", f"Comuna {int(code) % 7}") for code in sizes}
    whole = draw_list(day, capacity=CITY, scores=scores, per_school=max(EDGES))
    families = lot.sample(FAMILIES, 3)
    told = [replace(line, reasons=drawn_reasons(lot, families)) for line in whole.lines if sizes[line.institution_id]]
    return replace(
        whole, schools=schools, lines=tuple(told), scores=whole.scores.with_columns(drawn_group(pl.col("rank")))
    )


def drawn_reasons(lot: random.Random, families: Sequence[str]) -> tuple[dict[str, object], ...]:
    return tuple(
        draw_reason(
            lot.choice(families), "x", lot.random(), f"Faltó {lot.randrange(30)} días en las últimas 4 semanas."
        )
        for _ in range(lot.randrange(5))
    )


def drawn_names(numbers: Sequence[int]) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "student_id": [f"{number:016x}" for number in numbers],
            "institution_id": ["176001000000"] * len(numbers),
            "first_name": [NAMES[number % len(NAMES)] for number in numbers],
            "first_surname": ["MINA"] * len(numbers),
            "document_number": [f"11000{number:05d}" for number in numbers],
            "phone": ["3120000000"] * len(numbers),
            "known_on": [FIRST_SUNDAY] * len(numbers),
        }
    )
