"""Works out the figures that each school sees on its own page, beside the weekly run."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any

from sqlalchemy import delete, insert, select

from features import Records
from features.quality.roll import class_day
from features.quality.rules import RULES
from features.rates.publication import published
from features.rates.school_years import school_years
from features.rates.student_years import Enrolments
from features.rates.tables import NoSuchYear, year_rates
from serving.data_quality import QualityReport, look_into
from serving.database import By, Database
from serving.rate_report import SAID, STATUS, sector_of, shown
from serving.school_figures import EVERYBODY, FOUR, OWN
from serving.view_tables import school_figures

YEARS_SHOWN = 2
IN_OUR_WORDS = {"desertor-matriculado": "Retirado según el SIMPADE y matriculado en el SIMAT"}
Row = dict[str, Any]


def work_out(records: Records, database: Database, by: By, day: date | None = None) -> tuple[date, int]:
    """The figures of every school as known on a day; worked out again, they take the place of the earlier ones."""
    quality = look_into(records, database, day)
    rates = list(_rates(records, quality.day))
    rows = [
        {"institution_id": code, "day": quality.day, "body": _body(code, rates, quality)}
        for code in _codes(rates, quality)
    ]
    with database.writing(by, "school_figures", f"day:{quality.day}") as (connection, entry):
        connection.execute(delete(school_figures).where(school_figures.c.day == quality.day))
        connection.execute(insert(school_figures), rows)
        entry.detail = f"{len(rows)} instituciones"
    return quality.day, len(rows)


def bring_up_to_date(records: Records, database: Database, by: By, day: date, again: bool) -> None:
    """With each new list; beside one that stood already, only where an earlier run did not come so far."""
    with database.reading_as(by.context) as connection:
        there = select(school_figures.c.day).where(school_figures.c.day == class_day(records, day)).limit(1)
        missing = connection.execute(there).first() is None
    if again or missing:
        work_out(records, database, by, day)


def _rates(records: Records, day: date) -> Iterator[Row]:
    """Of the year that runs and the one before it, what may be published."""
    known = Enrolments.known_by(records, day)
    _, sectors = sector_of(known)
    for year in sorted(school_years(known.records))[-YEARS_SHOWN:]:
        try:
            table = published(year_rates(known, year, sectors=sectors))
        except NoSuchYear:
            continue
        yield from (row for row in table.rows(named=True) if (row["indicator"], row["definition"]) in FOUR)


def _codes(rates: Iterable[Row], quality: QualityReport) -> list[str]:
    told = {str(row["group"]) for row in rates if row["by"] == OWN}
    return sorted(told | set(quality.reports["institution_id"]) | set(quality.counts))


def _body(code: str, rates: Iterable[Row], quality: QualityReport) -> bytes:
    own = [row for row in rates if row["by"] == EVERYBODY or (row["by"] == OWN and row["group"] == code)]
    scores = quality.reports.filter(institution_id=code)["reporting_quality"]
    body = {
        "rates": [_rate(row) for row in own],
        "findings": [_finding(rule, times) for rule, times in quality.counts.get(code, Counter()).most_common()],
        "reporting_quality": scores[0] if len(scores) else None,
    }
    return json.dumps(body, ensure_ascii=False).encode()


def _rate(row: Row) -> Row:
    """Ready to be shown: a figure that is withheld or unknown is a word here, never a number."""
    return {
        "year": row["year"],
        "said": SAID[(row["indicator"], row["definition"])],
        "place": row["by"],
        "numerator": shown(row, "numerator"),
        "denominator": shown(row, "denominator"),
        "rate": row["rate"],
        "rate_said": shown(row, "rate"),
        "status": STATUS[row["status"]],
    }


def _finding(rule: str, times: int) -> Row:
    title = IN_OUR_WORDS.get(rule, RULES[rule].title)
    return {"title": title, "suggestion": RULES[rule].suggestion, "count": times}
