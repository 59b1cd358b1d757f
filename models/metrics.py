"""The figures by which a way of ordering students is judged."""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import polars as pl

from models.calibration import log_odds, logistic_line

Numbers = npt.NDArray[np.float64]
DECILES = 10


def area_under_curve(label: Numbers, score: Numbers) -> float | None:
    """The chance that a child who left was placed above one who stayed; None when there is only one kind."""
    from sklearn.metrics import roc_auc_score

    return float(roc_auc_score(label, score)) if 0 < label.sum() < len(label) else None


def average_precision(label: Numbers, score: Numbers) -> float | None:
    from sklearn.metrics import average_precision_score

    return float(average_precision_score(label, score)) if label.sum() > 0 else None


def brier(label: Numbers, chance: Numbers) -> float | None:
    return float(np.mean((chance - label) ** 2)) if len(label) else None


def calibration_line(label: Numbers, chance: Numbers) -> tuple[float | None, float | None]:
    """Slope and intercept of what happened on what was said, in log-odds: 1 and 0 when chances can be believed."""
    if not 0 < label.sum() < len(label) or np.ptp(chance) == 0:
        return None, None
    return logistic_line(log_odds(chance), label)


def deciles(label: Numbers, chance: Numbers) -> pl.DataFrame:
    """Students in ten groups by what was said: how many would leave, and how many left."""
    told = pl.DataFrame({"label": label, "chance": chance}).sort("chance")
    place = (pl.int_range(pl.len()) * DECILES // pl.len() + 1).cast(pl.Int8)
    groups = (
        told.with_columns(decile=place)
        .group_by("decile")
        .agg(rows=pl.len(), expected=pl.col("chance").mean(), observed=pl.col("label").mean())
    )
    return groups.sort("decile")


def school_counts(listed: pl.DataFrame) -> pl.DataFrame:
    """Per institution, how many of its listed students there were and how many of them left."""
    school = pl.col("institution_id").fill_null("")
    return listed.group_by(school).agg(listed=pl.len(), hits=pl.col("left").sum()).sort("institution_id")


def precision_draws(counts: Mapping[str, pl.DataFrame], draws: int, seed: int) -> dict[str, Numbers]:
    """Precision had the city other schools: schools drawn again with replacement, the same draw for every method.

    NOTE: schools are drawn, not rows. The weeks of one child and the children of one school resemble each other, and
    drawing rows would make every interval too narrow.
    """
    schools = sorted(set().union(*(frame["institution_id"].to_list() for frame in counts.values())))
    if len(schools) < 2:
        return {}
    drawn = np.random.default_rng(seed).multinomial(len(schools), [1 / len(schools)] * len(schools), size=draws)
    return {method: drawn_precision(frame, schools, drawn) for method, frame in counts.items()}


def drawn_precision(counts: pl.DataFrame, schools: list[str], drawn: npt.NDArray[np.int64]) -> Numbers:
    city = pl.DataFrame({"institution_id": schools})
    placed = city.join(counts, on="institution_id", how="left", maintain_order="left")
    listed, hits = (placed[column].fill_null(0).to_numpy().astype(float) for column in ("listed", "hits"))
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray((drawn @ hits) / (drawn @ listed), dtype=np.float64)


def interval(draws: Numbers | None) -> tuple[float | None, float | None]:
    """The middle 95 % of the draws."""
    if draws is None or np.isnan(draws).all():
        return None, None
    low, high = np.nanpercentile(draws, [2.5, 97.5])
    return float(low), float(high)
