"""Everything in the register that a school should look at again, one finding per row."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

import polars as pl

from features.quality import event_rules, link_rules, school_rules, student_rules
from features.quality.roll import roll as roll_of
from features.records import Records

SORTED = ("institution_id", "rule", "student_id")


def findings(records: Records, day: date, with_phone: Collection[str] | None = None) -> pl.DataFrame:
    """``day, institution_id, rule, student_id, evidence, suggestion`` by what was known on the day.

    ``with_phone`` are the students who can be called, which only the roster knows; without it no phone is missed.
    """
    known = records.known_by(day)
    roll = roll_of(records, day)
    places = school_rules.schools(roll)
    enrolled = event_rules.enrolments(known, roll)
    years = roll["school_year"].unique().sort().to_list()
    told = [
        student_rules.wrong_ages(roll),
        student_rules.missing_data(roll, with_phone),
        student_rules.never_seen(roll, day),
        student_rules.stale(roll, day),
        event_rules.enrolled_twice(enrolled, roll),
        event_rules.there_and_back(known, enrolled, roll),
        event_rules.vanished(known, day, years),
        link_rules.open_twice(known, day, years),
        event_rules.contradicted(known, roll),
        school_rules.silent(places),
        school_rules.partial(places),
        school_rules.unlisted(places),
    ]
    return pl.concat(told).unique(SORTED, keep="first", maintain_order=True).sort(SORTED)
