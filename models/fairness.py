"""Whether the list is as good to one group of children as to the others: caught, called in vain, believed, visited."""

from typing import Any

import polars as pl

from models.audited import UNKNOWN
from models.fates import known_fate
from models.group_gaps import Numbers, shrunk, turned_over
from models.group_rates import by_school, counted, gaps, rates
from models.ranking import TIE_SEED

TRAIT = "trait."
LEAST_LEFT, LEAST_SCHOOLS = 30, 5
"""Fewer departures than this in a group, or in fewer schools, and nothing is said of it."""

TRAIT_NAMES = {
    "sex": "sexo",
    "zone": "zona",
    "ethnicity": "pertenencia étnica",
    "origin": "origen",
    "disability": "discapacidad",
    "victim": "víctima del conflicto",
    "over_age": "extraedad",
}
NOT_ENOUGH = "no hay datos suficientes"
GAPS = ("fnr_gap", "fpr_gap", "understated", "visit_gap")
RATES = ("recall", "missed_rate", "false_alarm_rate", "precision", "said", "happened", "visit_share", "leaver_share")
COUNTED = ("schools", "rows", "left", "listed", "caught")
FRACTIONS = [
    *RATES,
    *(f"{gap}{end}" for gap in GAPS for end in ("", "_low", "_high", "_shrunk")),
    *("recall_ratio", "recall_ratio_high"),
]
SCHEMA = (
    {"trait": pl.String, "group": pl.String}
    | dict.fromkeys(COUNTED, pl.Int64)
    | {"enough": pl.Boolean}
    | dict.fromkeys(FRACTIONS, pl.Float64)
    | {"verdict": pl.String}
)


def marked(judged: pl.DataFrame, listed: pl.DataFrame) -> pl.DataFrame:
    """The judged rows with `listed`: whether that Monday's list had the child."""
    names = listed.select("student_id", "day", listed=pl.lit(True))
    told = judged.join(names, on=["student_id", "day"], how="left", maintain_order="left")
    return told.with_columns(pl.col("listed").fill_null(False))


def audit(
    told: pl.DataFrame, draws: int = 400, seed: int = TIE_SEED, least_left: int = LEAST_LEFT, chance: str = "model"
) -> pl.DataFrame:
    """One row per trait and group.

    `told`: a row per student and judged day with `institution_id, outcome, listed`, the column `chance`, and a column
    `trait.…` per trait. Of unknown fate, a row is left out; who moved away or graduated did not leave, as in the
    evaluation. Rates are shares of student-weeks. A gap is the group's figure less that of all others of the same
    trait; its interval holds for all groups of the trait at once, and is by schools (`models.group_gaps`).
    """
    known = told.filter(known_fate())
    traits = [name for name in told.columns if name.startswith(TRAIT)]
    if not traits or known.is_empty():
        return pl.DataFrame(schema=SCHEMA)
    signs = turned_over(known["institution_id"].fill_null("").n_unique(), draws, seed)
    found = [of_trait(counted(known, name, chance), name, signs, least_left) for name in traits]
    told = with_recall_ratio(with_shrinkage(pl.concat(found)))
    return told.with_columns(verdict=verdict()).select(list(SCHEMA))


def of_trait(cells: pl.DataFrame, trait: str, signs: Numbers, least_left: int) -> pl.DataFrame:
    groups = sorted(cells["group"].unique())
    table = by_school(cells, groups)
    counts = {name: table[name].sum(axis=0).astype(int) for name in COUNTED if name != "schools"}
    counts["schools"] = (table["rows"] > 0).sum(axis=0)
    enough = (counts["left"] >= least_left) & (counts["schools"] >= LEAST_SCHOOLS)
    told = {"group": groups, **counts, "enough": enough, **rates(table, groups), **gaps(table, enough, signs)}
    return pl.DataFrame(told).with_columns(trait=pl.lit(trait.removeprefix(TRAIT)))


def with_shrinkage(rows: pl.DataFrame) -> pl.DataFrame:
    """All traits together say how much groups differ on this list; no trait alone has groups enough for that."""
    columns = {f"{gap}_shrunk": shrunk(rows[gap].to_numpy(), rows[f"{gap}_spread"].to_numpy()) for gap in GAPS}
    told = rows.with_columns(**{name: pl.Series(numbers) for name, numbers in columns.items()})
    return told.with_columns(pl.col(pl.Float64).fill_nan(None))


def with_recall_ratio(rows: pl.DataFrame) -> pl.DataFrame:
    """Its share of leavers caught beside that of the others: 1 is alike. The upper end is the gap's lower end."""
    others = pl.col("recall") + pl.col("fnr_gap")
    told = {"recall_ratio": "fnr_gap", "recall_ratio_high": "fnr_gap_low"}
    return rows.with_columns(**{name: pl.when(others > 0).then(1 - pl.col(gap) / others) for name, gap in told.items()})


def verdict() -> pl.Expr:
    return (
        pl.when(~pl.col("enough") | pl.col("fnr_gap_low").is_null())
        .then(pl.lit(NOT_ENOUGH))
        .when(pl.col("fnr_gap_low") > 0)
        .then(pl.lit("a la lista se le escapan más que de los demás"))
        .when(pl.col("understated_low") > 0)
        .then(pl.lit("se van más de los que el modelo espera"))
        .when(pl.col("fpr_gap_low") > 0)
        .then(pl.lit("se llama en vano a más que de los demás"))
        .otherwise(pl.lit("sin diferencia demostrada"))
    )


def figures(audited: pl.DataFrame) -> dict[str, float]:
    """`fair.<trait>.<figure>`: per trait the figure of the group that fares worst, among those that may be judged.

    NOTE: children of whom the trait is not known are told in the table and judged by no gate: they share no trait, only
    that their papers have not come, and most are new arrivals (docs/model_gates.md).
    """
    worst = {
        "groups_judged": pl.col("enough").sum().cast(pl.Float64),
        "fnr_gap": pl.col("fnr_gap_shrunk").max(),
        "fnr_gap_low": pl.col("fnr_gap_low").max(),
        "recall_ratio_high": pl.col("recall_ratio_high").min(),
        "fpr_gap_low": pl.col("fpr_gap_low").max(),
        "visit_ratio_low": (1 + pl.col("visit_gap_low") / pl.col("leaver_share")).max(),
        "understated_low": (pl.col("understated_low") / pl.col("said")).max(),
    }
    known = audited.filter(pl.col("group") != UNKNOWN)
    rows: list[dict[str, Any]] = known.group_by("trait").agg(**worst).to_dicts() if known.height else []
    return {f"fair.{row['trait']}.{name}": row[name] for row in rows for name in worst if row[name] is not None}


def beside(without: pl.DataFrame, using: pl.DataFrame) -> pl.DataFrame:
    """The same groups under a model that does not read the sensitive traits and one that does."""
    shown = ["trait", "group", "left", "recall", "false_alarm_rate", "said", "happened", "visit_share", "leaver_share"]
    told = using.select("trait", "group", *shown[3:7], "visit_share")
    both = without.select(shown).join(told, on=["trait", "group"], how="left", suffix="_using", maintain_order="left")
    return both.drop("happened_using")
