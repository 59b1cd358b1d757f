"""The features of one day by featuretools: sums, latest values and counts over windows of the rows known by it."""

from __future__ import annotations

from datetime import date

import featuretools as ft
import pandas as pd
import polars as pl
from featuretools.primitives import Last, Sum

WINDOWS = {"1w": 7, "2w": 14, "4w": 28, "6w": 42, "12w": 84, "14w": 98, "year": 238}
HOME = (
    "stratum", "sisben_group", "household_head", "household_size", "guardian_education", "child_labour",
    "commute_minutes", "has_internet", "moved_home", "is_parent",
)  # fmt: skip
PLACE = ("grade", "shift", "teaching_model", "zone", "is_new", "institution_id")


def feature_matrix(tables: dict[str, pl.DataFrame], roll: pl.DataFrame, day: date) -> pd.DataFrame:
    """Nearest to the catalogue's: the same sums and latest values; ratios of them are taken afterwards in pandas."""
    entities = _entities(tables, roll, day)
    found = [
        _window(entities, day, "attendance", ("days_expected", "days_absent", "away"), name)
        for name in ("1w", "2w", "4w", "6w", "12w", "year")
    ]
    found += [_window(entities, day, "progress", ("score", "failed"), name) for name in ("14w", "year")]
    found += [_latest(entities, day, "characterisation", HOME), _latest(entities, day, "enrolment", PLACE)]
    found += [_latest(entities, day, "person", ("birth_date",)), _window(entities, day, "enrolment", ("row",), "year")]
    found += [_window(entities, day, "support", ("row",), "year")]
    matrix = pd.concat(found, axis=1)
    for name in ("1w", "2w", "4w", "12w", "year"):
        matrix[f"absence_{name}"] = matrix[f"days_absent_{name}"] / matrix[f"days_expected_{name}"]
    matrix["age_years"] = day.year - pd.to_datetime(matrix["last_birth_date"]).dt.year
    matrix["over_age"] = matrix["age_years"] - matrix["last_grade"].astype("float64") - 5
    return matrix


def _entities(tables: dict[str, pl.DataFrame], roll: pl.DataFrame, day: date) -> ft.EntitySet:
    entities = ft.EntitySet("register")
    entities.add_dataframe(dataframe_name="student", dataframe=roll.to_pandas(), index="student_id")
    for name in ("attendance", "progress", "characterisation", "enrolment", "person", "support"):
        rows = tables[name].filter(pl.col("known_on") <= day).join(roll, on="student_id", how="semi")
        rows = rows.with_columns(
            seen=pl.max_horizontal("happened_on", "known_on").cast(pl.Datetime("ns")), row=pl.lit(1.0)
        )
        if name == "attendance":
            away = (pl.col("days_expected") > 0) & (pl.col("days_absent") >= pl.col("days_expected"))
            rows = rows.with_columns(
                pl.col("days_expected", "days_absent").cast(pl.Float64), away=away.cast(pl.Float64)
            )
        if name == "progress":
            rows = rows.with_columns(failed=(pl.col("score") < 60).cast(pl.Float64))
        entities.add_dataframe(
            dataframe_name=name,
            dataframe=rows.with_row_index("index").to_pandas(),
            index="index",
            make_index=False,
            time_index="seen",
        )
        entities.add_relationship("student", "student_id", name, "student_id")
    entities.add_last_time_indexes()
    return entities


def _window(entities: ft.EntitySet, day: date, table: str, columns: tuple[str, ...], name: str) -> pd.DataFrame:
    made = [
        ft.Feature(ft.Feature(entities[table].ww[column]), parent_dataframe_name="student", primitive=Sum)
        for column in columns
    ]
    matrix = _calculated(entities, made, day, f"{WINDOWS[name]} days")
    matrix.columns = [f"{column}_{name}" for column in columns]
    return matrix


def _latest(entities: ft.EntitySet, day: date, table: str, columns: tuple[str, ...]) -> pd.DataFrame:
    made = [
        ft.Feature(ft.Feature(entities[table].ww[column]), parent_dataframe_name="student", primitive=Last)
        for column in columns
    ]
    matrix = _calculated(entities, made, day, None)
    matrix.columns = [f"last_{column}" for column in columns]
    return matrix


def _calculated(entities: ft.EntitySet, made: list[ft.Feature], day: date, window: str | None) -> pd.DataFrame:
    cutoff = pd.Timestamp(day)
    return ft.calculate_feature_matrix(made, entities, cutoff_time=cutoff, training_window=window)
