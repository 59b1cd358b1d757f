"""A handful of drawn children for the tests of the cross-match, a line each, with the register behind them."""

from datetime import date, timedelta

import polars as pl

from features import Records
from features.linkage.people import GIVEN

OPENS, CLOSES = date(2024, 1, 22), date(2024, 11, 29)
SCHOOL, OTHER_SCHOOL, PRIVATE = "176001000011", "176001000022", "376001000033"
LINKED_ON = date(2024, 6, 9)
EXPORTS = tuple(date(2024, 1, 26) + timedelta(weeks=n) for n in range(20))


def child(student, names="ROSA ELENA", surnames="MINA CAICEDO", born="2012-05-17", document="TI 1104556677", **other):
    """``rosa``: given names, surnames, birth date and document as somebody typed them."""
    first, _, second = names.partition(" ")
    family, _, mother = surnames.partition(" ")
    kind, _, number = document.partition(" ")
    said = {
        "student_id": student, "per_id": None, "document_type": kind, "document_number": number, "first_name": first,
        "second_name": second or None, "first_surname": family, "second_surname": mother or None,
        "birth_date": date.fromisoformat(born) if born else None, "sex": "F", "phone": None, "municipality": "76001",
    }  # fmt: skip
    return said | other


def roster(*children):
    return pl.DataFrame(list(children), schema=dict(GIVEN))


def strangers(count=400):
    """A city around them, so that a common name is known to be common and a telephone to be one home's."""
    givens = ("VALENTINA", "SOFIA", "DANIELA", "LAURA", "CAMILA", "PAULA", "NATALIA", "SARA", "LUISA", "ANDREA", "ROSA")
    families = ("RODRIGUEZ", "GOMEZ", "GONZALEZ", "LOPEZ", "SANCHEZ", "RAMIREZ", "DIAZ", "ROJAS", "CASTRO", "MINA")
    return [
        child(
            f"z{n:04d}", f"{givens[n % 11]} {givens[n * 7 % 11]}", f"{families[n % 10]} {families[n // 10 % 10]}",
            (date(2006, 1, 1) + timedelta(days=n * 9)).isoformat(), f"TI {1_200_000_000 + n * 7919}",
            phone=f"39055{n:05d}",
        )
        for n in range(count)
    ]  # fmt: skip


def stay(student, starts="2024-01-26", status="ENROLLED", school=SCHOOL, reason=None, year="2024", **other):
    """One row of the register, seen in the export of the day it happened."""
    day = date.fromisoformat(starts)
    sector = "PRIVATE" if school == PRIVATE else "OFFICIAL"
    return {
        "student_id": student, "happened_on": day, "known_on": day, "dated_by": "EXPORT", "institution_id": school,
        "school_year": year, "grade": 6, "sector": sector, "status": status, "reason": reason,
    } | other  # fmt: skip


def weeks(student, starts, count, absent=0):
    """Days missed in the weeks from a Monday on, each known on its Friday."""
    first = date.fromisoformat(starts)
    days = [first + timedelta(weeks=n) for n in range(count)]
    return [
        {
            "student_id": student, "happened_on": monday + timedelta(days=4), "known_on": monday + timedelta(days=4),
            "week": monday, "days_expected": 5, "days_absent": absent,
        }
        for monday in days
    ]  # fmt: skip


def register(enrolment, attendance=(), children=(), exports=EXPORTS):
    """What the archive knows: those rows, the birthdays, a calendar and the exports that came in."""
    told_on = {"happened_on": EXPORTS[0], "known_on": EXPORTS[0]}
    born = [told_on | {name: c[name] for name in ("student_id", "birth_date", "sex")} for c in children]
    calendar = {"school_year": "2024", "happened_on": OPENS, "known_on": OPENS, "starts_on": OPENS, "ends_on": CLOSES}
    reports = [{"source": "detallado", "happened_on": day, "known_on": day, "rows": 100} for day in exports]
    told = {"enrolment": list(enrolment), "attendance": list(attendance), "person": born, "report": reports}
    frames = {name: pl.DataFrame(rows, infer_schema_length=None) for name, rows in told.items() if rows}
    return frames | {"calendar": pl.DataFrame([calendar])}


def records(*args, **kwargs):
    return Records.from_frames(register(*args, **kwargs))
