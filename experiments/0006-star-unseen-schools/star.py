"""Reads Project STAR (Tennessee): children of 79 schools, kindergarten to grade 3, and who was gone a year later."""

from __future__ import annotations

import polars as pl

from experiments.challengers import Columns
from experiments.running import data_folder

GRADES = ("k", "1", "2", "3")
BEGAN, USUAL_AGE = 1985, 5.5
"""Kindergarten began in autumn 1985, with children who were five and a half on average."""

YEARLY = (
    "star", "read", "math", "lunch", "school", "degree", "ladder", "experience", "schoolid",
)  # fmt: skip
"""What the file has for each grade and is read here; districts, and the teachers' ethnicity, are not."""

WORDS = frozenset({"class_type", "district_kind", "teacher_degree", "teacher_step"})
HERE_NOW = ("school_id", "grade")

SPRING = ("read", "math", "read_place", "math_place", "place", "place_change", "school_read", "school_math")
"""What the tests of the spring add to what is known when the year begins."""


def pupils() -> pl.DataFrame:
    """One row a child and grade (0 is kindergarten, then 1 and 2): `label` is 1 if no STAR school has it a year later.

    Left out: the children of schools that leave the study after that grade, for whom nothing is known.
    """
    file = data_folder("star_tennessee", "STAR.csv", "STAR") / "STAR.csv"
    wide = pl.read_csv(file, infer_schema_length=None)
    years = [in_grade(wide, place) for place in range(len(GRADES))]
    rows = pl.concat([asked(years, place) for place in range(len(GRADES) - 1)])
    return rows.sort("grade", "school_id", "student_id")


def in_grade(wide: pl.DataFrame, grade: int) -> pl.DataFrame:
    """Everyone enrolled in a grade, as the file describes that year."""
    suffix = GRADES[grade]
    there = wide.filter(pl.col(f"star{suffix}").is_not_null())
    named = there.select("student_id", "birth", **{name: f"{name}{suffix}" for name in YEARLY})
    year, quarter = pl.col("birth").str.slice(0, 4), pl.col("birth").str.slice(6, 1)
    born = year.cast(pl.Float64) + (quarter.cast(pl.Float64) - 0.5) / 4
    told = named.with_columns(
        grade=pl.lit(grade),
        school_id=pl.col("schoolid"),
        free_lunch=(pl.col("lunch") == "free").cast(pl.Float64),
        years_over_age=BEGAN + 2 / 3 - USUAL_AGE - born,
    )
    return told.with_columns(
        read_place=placed("read"),
        math_place=placed("math"),
        school_read=pl.col("read").mean().over(HERE_NOW),
        school_math=pl.col("math").mean().over(HERE_NOW),
    ).with_columns(place=pl.mean_horizontal("read_place", "math_place"))


def placed(name: str) -> pl.Expr:
    """From 0, the lowest mark of the school and grade, to 1."""
    return ((pl.col(name).rank("average") - 0.5) / pl.col(name).count()).over(HERE_NOW)


def asked(years: list[pl.DataFrame], grade: int) -> pl.DataFrame:
    """The children of a grade with what was known of them then, and whether they are there the year after."""
    now, after = years[grade], years[grade + 1]
    now = now.filter(pl.col("school_id").is_in(after["school_id"].unique().to_list()))
    before = earlier(years[grade - 1]) if grade else earlier(now.clear())
    rows = now.join(before, on="student_id", how="left", maintain_order="left")
    there_before = pl.col("school_before").is_not_null()
    rows = rows.with_columns(
        label=(~pl.col("student_id").is_in(after["student_id"].to_list())).cast(pl.Int8),
        weight=pl.lit(1.0),
        new_here=pl.when(grade > 0).then((~there_before).cast(pl.Float64)),
        changed_school=(pl.col("school_before") != pl.col("school_id")).cast(pl.Float64),
        changed_class=(pl.col("class_before") != pl.col("star")).cast(pl.Float64),
        place_change=pl.col("place") - pl.col("place_before"),
    )
    return rows.select("student_id", "school_id", "grade", "label", "weight", **known())


def earlier(year: pl.DataFrame) -> pl.DataFrame:
    """What the year before said of a child, by the names it has now."""
    return year.select(
        "student_id",
        school_before="school_id",
        class_before="star",
        place_before="place",
        read_before="read_place",
        math_before="math_place",
        not_tested_before=pl.any_horizontal(pl.col("read", "math").is_null()).cast(pl.Float64),
    )


def known() -> dict[str, pl.Expr]:
    """Every input; the grade is one too, so it is told under another name."""
    school = {
        "school_pupils": pl.len().over(HERE_NOW).cast(pl.Float64),
        "school_free_lunch": pl.col("free_lunch").mean().over(HERE_NOW),
        "school_new": pl.col("new_here").mean().over(HERE_NOW),
        "school_over_age": pl.col("years_over_age").mean().over(HERE_NOW),
    }
    own = ("free_lunch", "years_over_age", "new_here", "changed_school", "changed_class", "not_tested_before")
    own += ("place_before", "read_before", "math_before", *SPRING)
    teacher = {"teacher_degree": "degree", "teacher_step": "ladder", "teacher_years": "experience"}
    named = {"grade_now": "grade", "class_type": "star", "district_kind": "school", **teacher}
    return school | {name: pl.col(name) for name in own} | {name: pl.col(old) for name, old in named.items()}


def columns(tested: bool) -> Columns:
    """Everything known but sex and ethnicity, which are for audits alone, and before the spring no mark of the year."""
    return Columns(tuple(name for name in known() if tested or name not in SPRING), WORDS)


def tested(frame: pl.DataFrame) -> pl.DataFrame:
    """Who sat both tests: of the others half had left already, and an empty mark would tell it."""
    return frame.filter(pl.col("read").is_not_null(), pl.col("math").is_not_null())
