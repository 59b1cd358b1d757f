"""A few drawn students in the open format, and a real model taught on them: enough for the weekly run and the score."""

import random
from datetime import date, timedelta
from functools import cache

import lightgbm

from features import CATALOGUE, Records, build_frame
from models.risk_model import RiskModel
from serving.api.given_records import frames_from
from serving.api.scoring import EXAMPLE

DAY = date(2024, 5, 5)
WEEKS = [date(2024, 4, 1) + timedelta(weeks=n) for n in range(5)]
START = {"happened_on": "2024-01-22", "known_on": "2024-01-26"}
ENROLLED = {"school_year": "2024", "grade": 6, "class_group": "601", "status": "ENROLLED", **START}
TAUGHT_ON = "absence_rate_2w"


def enrolled(student, institution="1", **other):
    return {"student_id": student, "institution_id": institution, **ENROLLED, **other}


def absent(student, week, days):
    """A week's absences, known on the Sunday that ends it."""
    friday, sunday = week + timedelta(days=4), week + timedelta(days=6)
    dates = {"week": week.isoformat(), "happened_on": friday.isoformat(), "known_on": sunday.isoformat()}
    return {"student_id": student, "days_expected": 5, "days_absent": days, **dates}


def given(students=3, **tables):
    """A small school; student a0 has been absent four weeks, the others never."""
    names = [f"a{number}" for number in range(students)]
    absences = [absent(name, week, 5 if name == "a0" else 0) for name in names for week in WEEKS[:4]]
    body = {
        "calendar": EXAMPLE["tables"]["calendar"],
        "enrolment": [enrolled(name) for name in names],
        "attendance": absences,
    }
    return {"day": DAY.isoformat(), "tables": body | tables}


def records_of(tables):
    return Records.from_frames(frames_from(tables))


@cache
def grown_model(seed=1):
    """A real booster on the real catalogue, taught that absence goes before leaving."""
    draw = random.Random(seed)
    body = given(300)
    for row in body["tables"]["attendance"]:
        row["days_absent"] = draw.randint(0, 5)
    frame = build_frame(records_of(body["tables"]), [DAY], catalogue=CATALOGUE)
    names = tuple(f.name for f in CATALOGUE if f.kind != "category" and not f.sensitive)
    labels = (frame[TAUGHT_ON] > 0.3).cast(int).to_numpy()
    options = {"objective": "binary", "num_leaves": 4, "min_data_in_leaf": 5, "verbose": -1, "num_threads": 1}
    inputs = lightgbm.Dataset(frame.select(names).to_numpy(), labels)
    return RiskModel(lightgbm.train(options, inputs, num_boost_round=10), names, CATALOGUE.fingerprint)
