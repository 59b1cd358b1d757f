"""The figures of each group of children: how many of its leavers were listed, called in vain, expected, and visited."""

import numpy as np
import polars as pl

from models.audited import UNKNOWN
from models.fates import has_left
from models.group_gaps import Answers, Gaps, Numbers, divided, rate_gaps, share_gaps
from models.resampling import SCHOOL, school

COUNTS = ("rows", "left", "listed", "caught", "missed", "stayed", "in_vain", "said")
KINDS = {"caught": (1, 1), "missed": (1, 0), "in_vain": (0, 1), "unlisted": (0, 0)}
"""Left or not, listed or not."""


def counted(known: pl.DataFrame, trait: str, chance: str) -> pl.DataFrame:
    """Per school and group, all that the figures are made of: millions of rows become some hundreds."""
    left, listed = has_left(), pl.col("listed")
    group = pl.col(trait).fill_null(UNKNOWN).alias("group")
    return known.group_by(school(), group).agg(
        rows=pl.len().cast(pl.Int64),
        left=left.sum().cast(pl.Int64),
        listed=listed.sum().cast(pl.Int64),
        caught=(left & listed).sum().cast(pl.Int64),
        missed=(left & ~listed).sum().cast(pl.Int64),
        stayed=(~left).sum().cast(pl.Int64),
        in_vain=(~left & listed).sum().cast(pl.Int64),
        said=pl.col(chance).cast(pl.Float64).sum(),
    )


def by_school(cells: pl.DataFrame, groups: list[str]) -> dict[str, Numbers]:
    """Every count as [schools, groups]."""
    schools = cells[SCHOOL].unique().sort()
    every = schools.to_frame().join(pl.DataFrame({"group": groups}), how="cross")
    placed = every.join(cells, on=[SCHOOL, "group"], how="left", maintain_order="left")
    shape = (len(schools), len(groups))
    return {name: placed[name].cast(pl.Float64).fill_null(0.0).to_numpy().reshape(shape) for name in COUNTS}


def rates(table: dict[str, Numbers], groups: list[str]) -> dict[str, Numbers]:
    total = {name: numbers.sum(axis=0) for name, numbers in table.items()}
    told = measured_by_fairlearn(total, groups)
    return {
        "recall": np.where(total["left"] > 0, told["recall"], np.nan),
        "missed_rate": np.where(total["left"] > 0, told["missed_rate"], np.nan),
        "false_alarm_rate": np.where(total["stayed"] > 0, told["false_alarm_rate"], np.nan),
        "precision": divided(total["caught"], total["listed"]),
        "said": divided(total["said"], total["rows"]),
        "happened": divided(total["left"], total["rows"]),
        "visit_share": total["listed"] / max(float(total["listed"].sum()), 1.0),
        "leaver_share": total["left"] / max(float(total["left"].sum()), 1.0),
    }


def measured_by_fairlearn(total: dict[str, Numbers], groups: list[str]) -> dict[str, Numbers]:
    """Fairlearn's own frame, on the four kinds of child in each group, each weighed by how many there are."""
    from fairlearn.metrics import MetricFrame, false_negative_rate, false_positive_rate, true_positive_rate

    total = {**total, "unlisted": total["stayed"] - total["in_vain"]}
    metrics = {
        "recall": true_positive_rate,
        "missed_rate": false_negative_rate,
        "false_alarm_rate": false_positive_rate,
    }
    weights = np.concatenate([total[kind] for kind in KINDS])
    left, listed = (np.repeat([kind[place] for kind in KINDS.values()], len(groups)) for place in (0, 1))
    frame = MetricFrame(
        metrics=metrics,
        y_true=left,
        y_pred=listed,
        sensitive_features=np.tile(groups, len(KINDS)),
        sample_params={name: {"sample_weight": weights} for name in metrics},
    )
    return {name: frame.by_group[name].loc[groups].to_numpy(dtype=np.float64) for name in metrics}


def gaps(table: dict[str, Numbers], enough: Answers, signs: Numbers) -> dict[str, Numbers]:
    """Fewer of its leavers caught; more called in vain; more leave than was said of it; more visits than leavers."""
    told = {
        "fnr_gap": rate_gaps(table["missed"], table["left"], enough, signs),
        "fpr_gap": rate_gaps(table["in_vain"], table["stayed"], enough, signs),
        "understated": rate_gaps(table["left"] - table["said"], table["rows"], enough, signs),
        "visit_gap": share_gaps(table["listed"], table["left"], enough, signs),
    }
    columns = {f"{name}{end}": part for name, one in told.items() for end, part in ends(one).items()}
    return {name: np.where(enough, numbers, np.nan) for name, numbers in columns.items()}


def ends(one: Gaps) -> dict[str, Numbers]:
    return {"": one.value, "_low": one.low, "_high": one.high, "_spread": one.spread}
