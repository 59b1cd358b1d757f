"""Scores everyone on roll on one day, and says no to a model that was taught on other features."""

from datetime import date

import polars as pl

from features import Records, build_frame, catalogue_for
from features.feature import Catalogue
from models.contributions import assert_additive
from models.risk_model import RiskModel

ANSWER = ("student_id", "day", "institution_id", "score", "raw_score")


class CatalogueDiffers(ValueError):  # noqa: N818 - says what is wrong
    """The model reads another catalogue of features than the one in use."""


def refuse_other_catalogue(model: RiskModel, catalogue: Catalogue) -> None:
    if model.fingerprint != catalogue.fingerprint:
        raise CatalogueDiffers(
            f"El modelo fue entrenado con otro catálogo de variables ({model.fingerprint}); el actual es "
            f"{catalogue.fingerprint}. Entrene y promueva una versión nueva."
        )


def score(records: Records, model: RiskModel, day: date, explain: bool = False, threads: int = 1) -> pl.DataFrame:
    """One row per student on roll; with `explain`, one column of contributions per feature, and `base_value`."""
    catalogue = catalogue_for(records)
    refuse_other_catalogue(model, catalogue)
    return score_frame(model, build_frame(records, [day], catalogue=catalogue), explain, threads)


def score_frame(model: RiskModel, frame: pl.DataFrame, explain: bool = False, threads: int = 1) -> pl.DataFrame:
    scored = model.predict(frame, threads).select(ANSWER)
    return scored.hstack(contribution_columns(model, frame, scored, threads)) if explain else scored


def contribution_columns(model: RiskModel, frame: pl.DataFrame, scored: pl.DataFrame, threads: int) -> pl.DataFrame:
    parts = model.contributions(frame, threads)
    assert_additive(parts, scored["raw_score"].to_numpy())
    return pl.DataFrame(parts, schema=[*model.features, "base_value"])
