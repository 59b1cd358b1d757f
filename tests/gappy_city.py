"""A small city full of gaps: anything may be unknown, and most of it is learnt days or weeks after it happened."""

from datetime import date, timedelta

import numpy as np
import polars as pl

from features import Records

STUDENTS, SCHOOLS = 60, 3
UNTOLD = 0.3
FRIDAYS = [date(2024, 1, 26) + timedelta(weeks=n) for n in range(23)]
YEARS = {str(year): (date(year, 1, 22), date(year, 11, 29)) for year in (2022, 2023, 2024)}

Row = dict[str, object]


class GappyCity:
    """Every draw comes from one seed, so that the same city is made again."""

    def __init__(self, seed: int = 5) -> None:
        self.rng = np.random.default_rng(seed)

    def records(self) -> Records:
        rows = {
            "enrolment": self.each(self.enrolment),
            "person": self.each(self.person),
            "characterisation": self.each(self.form),
            "support": self.each(self.support),
            "progress": self.each(self.marks),
            "attendance": self.each(self.attendance),
            "institution": [
                {"institution_id": f"S{n}", **self.times(FRIDAYS[n]), "comuna": "14"} for n in range(SCHOOLS)
            ],
            "report": [
                {"source": "detallado", "institution_id": f"S{n % SCHOOLS}", **self.times(day), "rows": 20}
                for n, day in enumerate(FRIDAYS[::2])
            ],
            "calendar": [
                {"school_year": year, "starts_on": starts, "ends_on": ends, "happened_on": starts, "known_on": starts}
                for year, (starts, ends) in YEARS.items()
            ],
        }
        return Records.from_frames({name: pl.DataFrame(r, infer_schema_length=None) for name, r in rows.items()})

    def each(self, rows_of) -> list[Row]:  # type: ignore[no-untyped-def]
        return [{"student_id": f"e{n:02d}", **row} for n in range(STUDENTS) for row in rows_of(n)]

    def times(self, day: date) -> Row:
        return {"happened_on": day, "known_on": day + timedelta(days=int(self.rng.choice([0, 0, 3, 17, 40])))}

    def some(self, *values: object) -> object:
        return None if self.rng.random() < UNTOLD else values[int(self.rng.integers(len(values)))]

    def enrolment(self, n: int) -> list[Row]:
        grade, school = 6 + n % 2, f"S{n % SCHOOLS}"
        now: Row = {"institution_id": school, "campus_id": school, "grade": grade, "shift": "MORNING"}
        now |= {"class_group": self.some(f"{grade}01"), "zone": self.some("RURAL", "URBAN"), "status": "ENROLLED"}
        now |= {"teaching_model": "TRADITIONAL", "repeating": self.some(True, False), "is_new": self.some(True, False)}
        this_year = {**now, **self.times(FRIDAYS[n % 3]), "school_year": "2024"}
        return [*self.earlier(now, n), this_year, *self.changes(this_year, n)]

    def earlier(self, now: Row, n: int) -> list[Row]:
        """Some began two years ago, some last year, some now; a few left."""
        if n % 3 == 2:
            return []
        began, gone = date(2022 + n % 3, 1, 27), date(2022 + n % 3, 6, 2)
        then = {**now, "grade": 5 + n % 2, "school_year": str(began.year)}
        left = [{**then, **self.times(gone), "status": "WITHDRAWN"}] if n % 5 == 0 else []
        return [{**then, "happened_on": began, "known_on": began}, *left]

    def changes(self, now: Row, n: int) -> list[Row]:
        """A quarter leave, some move to another school, and some to another shift."""
        gone = {**now, **self.times(FRIDAYS[3 + n % 6]), "status": "WITHDRAWN"}
        moved = {**now, **self.times(FRIDAYS[3 + n % 6]), "institution_id": f"S{(n + 1) % SCHOOLS}"}
        turned = {**now, **self.times(FRIDAYS[4]), "shift": "EVENING"}
        return [row for row, holds in ((gone, n % 4 == 1), (moved, n % 7 == 2), (turned, n % 11 == 3)) if holds]

    def person(self, n: int) -> list[Row]:
        row: Row = {**self.times(date(2024, 1, 20)), "household_id": self.some(f"h{n // 2}")}
        row |= {"birth_date": self.some(date(2008 + n % 6, 5, 5)), "sex": self.some("F", "M")}
        row |= {"country_of_origin": self.some("COL", "VEN"), "disability": self.some("NONE", "X")}
        return [row | {"ethnic_group": self.some("NONE", "X"), "conflict_victim": self.some(True, False)}]

    def form(self, n: int) -> list[Row]:
        answers: dict[str, tuple[object, ...]] = {
            "stratum": (1, 2), "sisben_group": ("A", "B"), "household_head": ("BOTH", "MOTHER"),
            "household_size": (3, 5), "guardian_education": (0, 3), "child_labour": (True, False),
            "commute_minutes": (10, 70), "displaced": (True, False), "has_internet": (True, False),
            "moved_home": (True, False), "is_parent": (True, False),
        }  # fmt: skip
        days = (FRIDAYS[1], FRIDAYS[7]) if n % 6 else ()
        return [{**self.times(day), **{name: self.some(*told) for name, told in answers.items()}} for day in days]

    def support(self, n: int) -> list[Row]:
        spans = ((FRIDAYS[4],), (FRIDAYS[10], FRIDAYS[4]))
        return [
            {
                **self.times(FRIDAYS[1]),
                "strategy": what,
                "starts_on": self.some(FRIDAYS[1]),
                "ends_on": self.some(*until),
            }
            for what, until in zip(("SCHOOL_FEEDING", "SCHOOL_TRANSPORT"), spans, strict=True)
            if self.some(True)
        ] + ([{**self.times(FRIDAYS[2]), "strategy": "PSYCHOSOCIAL_SUPPORT"}] if n % 5 == 1 else [])

    def marks(self, n: int) -> list[Row]:
        rows = []
        for friday in FRIDAYS[::2]:
            row: Row = {**self.times(friday), "period": "1", "area": self.rng.choice(["MAT", "LEN"])}
            due = self.some(friday, friday - timedelta(days=int(self.rng.integers(1, 12))))
            rows.append(row | {"score": self.some(float(self.rng.integers(20, 100))), "due_on": due})
        return rows[n % 4 :: 2]

    def attendance(self, n: int) -> list[Row]:
        """A ninth of the students never come; some weeks had no class; one school falls silent."""
        rows = []
        for friday in FRIDAYS[:5] if n % SCHOOLS == 2 else FRIDAYS:
            held = int(self.rng.choice([0, 4, 5, 5]))
            absent = held if n % 9 == 4 else min(held, int(self.rng.integers(0, 6)))
            week = {"week": friday - timedelta(days=4), "days_expected": held, "days_absent": absent}
            rows += [{**self.times(friday), **week}] if self.some(True) else []
        return rows
