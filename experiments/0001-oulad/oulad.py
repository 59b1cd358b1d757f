"""Writes the Open University's records (OULAD) as a register of the open format: the same door as any other register.

Nothing that says how an enrolment ended goes in, but the dated act of leaving, on the day it was done.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import polars as pl

from experiments.running import DataMissing as DataMissing
from experiments.running import data_folder

BEGINS = {"2013B": date(2013, 2, 1), "2013J": date(2013, 10, 1)}
"""Nominal: the true first days are not published."""

ENROLMENT = ("code_module", "code_presentation", "id_student")
FILES = ("courses", "assessments", "studentInfo", "studentRegistration", "studentAssessment")

DAYS_TO_ENTER = {"TMA": 1, "CMA": 8}
"""Work is called missed this many days after it was due. Tutor-marked work comes in by itself; the register enters
computer-marked work up to a week after its due day, for everyone. Exams have no due day, or no submissions."""

EDUCATION = (
    "No Formal quals", "Lower Than A Level", "A Level or Equivalent", "HE Qualification", "Post Graduate Qualification",
)  # fmt: skip
AGES = ("0-35", "35-55", "55<=")


@dataclass(frozen=True)
class Original:
    """The files as published, and the rows that cannot be told in the open format, counted."""

    tables: dict[str, pl.DataFrame]

    @classmethod
    def read(cls, folder: Path) -> Original:
        return cls({name: pl.read_csv(folder / f"{name}.csv") for name in FILES})

    def __getitem__(self, name: str) -> pl.DataFrame:
        return self.tables[name]

    def only(self, modules: Sequence[str]) -> Original:
        """The files of some modules, as if there were no others."""
        named = {
            n: t.filter(pl.col("code_module").is_in(modules)) for n, t in self.tables.items() if "code_module" in t
        }
        work = named["assessments"]["id_assessment"].implode()
        handed = self["studentAssessment"].filter(pl.col("id_assessment").is_in(work))
        return Original({**named, "studentAssessment": handed})

    def undated(self) -> int:
        """Enrolments without a day of registration: nobody knows when they were on roll."""
        return self["studentRegistration"]["date_registration"].null_count()

    def same_day(self) -> int:
        """Enrolments that ended on the day they began: at the end of no day were they on roll."""
        return self["studentRegistration"].filter(ended_as_it_began()).height

    def told(self) -> pl.DataFrame:
        """The enrolments that were on roll on some day."""
        return self["studentRegistration"].drop_nulls("date_registration").filter(~ended_as_it_began())

    def banked(self) -> int:
        """Work carried over from an earlier presentation: nothing that happened in this one."""
        return int(self["studentAssessment"]["is_banked"].sum())


def find_data() -> Path:
    """Where PERMANENCIA_DATA says, or beside the repository."""
    return data_folder("oulad_dev", "studentInfo.csv", "OULAD")


def write_package(original: Original, out: Path) -> dict[str, int]:
    """The package, and how many rows each of its tables has."""
    tables = register(original)
    out.mkdir(parents=True, exist_ok=True)
    for name, table in tables.items():
        table.write_csv(out / f"{name}.csv")
    resources = [{"name": name, "path": f"{name}.csv"} for name in tables]
    (out / "datapackage.json").write_text(json.dumps({"name": "oulad-2013", "resources": resources}, indent=1))
    return {name: table.height for name, table in tables.items()}


def register(original: Original) -> dict[str, pl.DataFrame]:
    dated = original.told().with_columns(student(), began())
    return {
        "calendar": calendar(original["courses"]),
        "enrolment": enrolment(dated),
        "person": person(original["studentInfo"], dated),
        "characterisation": characterisation(original["studentInfo"], dated),
        "progress": progress(original, dated),
    }


def ended_as_it_began() -> pl.Expr:
    return (pl.col("date_registration") == pl.col("date_unregistration")).fill_null(False)


def student() -> pl.Expr:
    """One pseudonym per enrolment: a person who takes two courses, or one course twice, can leave either."""
    return pl.concat_str(ENROLMENT, separator="-").alias("student_id")


def began() -> pl.Expr:
    return pl.col("code_presentation").replace_strict(BEGINS, return_dtype=pl.Date).alias("began")


def on_day(column: str, later: int = 0) -> pl.Expr:
    return pl.col("began") + pl.duration(days=pl.col(column) + later)


def calendar(courses: pl.DataFrame) -> pl.DataFrame:
    ends = on_day("module_presentation_length")
    return courses.with_columns(began()).select(
        school_year="code_presentation", starts_on="began", ends_on=ends, institution_id="code_module"
    )


def enrolment(dated: pl.DataFrame) -> pl.DataFrame:
    """In on the day of registration, out on the day of unregistration, and nothing at the end."""
    came = dated.with_columns(happened_on=on_day("date_registration"), status=pl.lit("ENROLLED"))
    went = dated.drop_nulls("date_unregistration")
    went = went.with_columns(happened_on=on_day("date_unregistration"), status=pl.lit("WITHDRAWN"))
    return pl.concat([came, went]).select(
        "student_id",
        "happened_on",
        known_on="happened_on",
        institution_id="code_module",
        campus_id="code_module",
        school_year="code_presentation",
        status="status",
    )


def person(info: pl.DataFrame, dated: pl.DataFrame) -> pl.DataFrame:
    """Sex and disability: the catalogue keeps them to audit, no model reads them. The age is but a band."""
    disability = pl.when(pl.col("disability") == "Y").then(pl.lit("DECLARED")).otherwise(pl.lit("NONE"))
    return told_on_registration(info, dated).select(
        "student_id", "happened_on", "known_on", sex="gender", disability=disability
    )


def characterisation(info: pl.DataFrame, dated: pl.DataFrame) -> pl.DataFrame:
    """What the form of registration says; bands that have an order become its numbers."""
    places = {word: place for place, word in enumerate(EDUCATION)}
    return told_on_registration(info, dated).select(
        "student_id",
        "happened_on",
        "known_on",
        x_module="code_module",
        x_region="region",
        x_education=pl.col("highest_education").replace_strict(places, return_dtype=pl.Int64),
        # NOTE: the original writes one of its ten bands "10-20", without the sign that the other nine have.
        x_deprivation=pl.col("imd_band").str.extract(r"^(\d+)").cast(pl.Int64) // 10 + 1,
        x_age_band=pl.col("age_band").replace_strict({band: place for place, band in enumerate(AGES)}),
        x_earlier_attempts="num_of_prev_attempts",
        x_credits="studied_credits",
        x_registered_days_before=-pl.col("date_registration"),
    )


def told_on_registration(info: pl.DataFrame, dated: pl.DataFrame) -> pl.DataFrame:
    days = dated.select(*ENROLMENT, "student_id", "date_registration", happened_on=on_day("date_registration"))
    return info.join(days, on=ENROLMENT, how="inner", maintain_order="left").with_columns(known_on="happened_on")


def progress(original: Original, dated: pl.DataFrame) -> pl.DataFrame:
    """Work handed in, and work that was due and had not come: both are rows, each known from its own day."""
    work = original["assessments"].select(
        "code_module", "code_presentation", "id_assessment", "assessment_type", due="date"
    )
    handed = original["studentAssessment"].join(work, on="id_assessment", how="inner")
    handed = handed.join(dated, on=ENROLMENT, how="inner", maintain_order="left")
    expected = dated.join(work.drop_nulls("due"), on=["code_module", "code_presentation"], how="inner")
    missed = not_handed_in(expected, handed)
    columns = ("student_id", "happened_on", "known_on", "period", "area", "score", "due_on")
    named = {"period": pl.col("id_assessment").cast(pl.String), "area": pl.col("assessment_type")}
    came = handed.filter(pl.col("is_banked") == 0).with_columns(
        # Handed in and never marked is no missed work: it has neither a mark nor a day it was due.
        due_on=pl.when(pl.col("score").is_not_null()).then(on_day("due")),
        happened_on=on_day("date_submitted"),
        known_on=on_day("date_submitted"),
        score=pl.col("score").cast(pl.Float64),
        **named,
    )
    return pl.concat([came.select(columns), missed.with_columns(**named).select(columns)])


def not_handed_in(expected: pl.DataFrame, handed: pl.DataFrame) -> pl.DataFrame:
    """Of the work due while enrolled, what was not there at the end of the day it is called missed. It may come."""
    arrived = handed.select("student_id", "id_assessment", "date_submitted")
    wait = pl.col("assessment_type").replace_strict(DAYS_TO_ENTER, default=None, return_dtype=pl.Int64)
    due = expected.with_columns(called=pl.col("due") + wait).drop_nulls("called")
    due = due.filter(
        pl.col("due") >= pl.col("date_registration"),
        pl.col("date_unregistration").is_null() | (pl.col("called") < pl.col("date_unregistration")),
    )
    due = due.join(arrived, on=["student_id", "id_assessment"], how="left", maintain_order="left")
    missed = due.filter(pl.col("date_submitted").is_null() | (pl.col("date_submitted") > pl.col("called")))
    return missed.with_columns(
        happened_on=on_day("due"), due_on=on_day("due"), known_on=on_day("called"), score=pl.lit(None, pl.Float64)
    )


def as_of(presentation: str, day: int) -> date:
    return BEGINS[presentation] + timedelta(days=day)
