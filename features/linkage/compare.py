"""Weighs every pair that might be one child, with Splink: on DuckDB, or on a cluster through Spark."""

from __future__ import annotations

import warnings
from typing import Any

import polars as pl

from features.linkage.model import COMPARISONS, settings

LEAST_WORTH_KEEPING = 0.05
ENGINES = ("duckdb", "spark")
STRANGERS = 1_000

WEIGHED = {
    "left": pl.String(),
    "right": pl.String(),
    "weight": pl.Float64(),
    "probability": pl.Float64(),
    **{name: pl.Int8() for name in (c.name for c in COMPARISONS)},
    **{f"{name}_weight": pl.Float64() for name in (c.name for c in COMPARISONS)},
}


def weighed(people: pl.DataFrame, engine: Any = None) -> pl.DataFrame:
    """The pairs of ``comparable`` people with their weight in bits, their chance, and the level of each comparison."""
    if people.height < 2:
        return pl.DataFrame(schema=WEIGHED)
    from splink import Linker

    engine = engine or engine_named("duckdb")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it asks for training: here every chance has a name and a reason instead
        linker = Linker(
            engine.register(_as_given(people, engine)), settings(people.height), None, validate_settings=False
        )
        for column, shares in frequencies(people).items():
            linker.table_management.register_term_frequency_lookup(engine.register(_as_given(shares, engine)), column)
        found: Any = linker.inference.predict(threshold_match_probability=LEAST_WORTH_KEEPING, warning_mode="never")
        return _in_our_words(pl.DataFrame(found.as_pyarrow_table()))


def frequencies(people: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """How common each value is, for the comparisons in which a rare one that is equal says more.

    A small town tells little of that: its counts are laid over those of `STRANGERS` people in whom every value is as
    common as the model says on average, and the two records in question do not count.
    """
    found = {}
    for level in (level for comparison in COMPARISONS for level in comparison.levels if level.by_frequency):
        column = str(level.by_frequency)
        counts = people.select(column).drop_nulls().group_by(column).len("times")
        others = pl.max_horizontal(pl.col("times").cast(pl.Int64) - 2, 0)
        share = (others + STRANGERS * level.u) / (counts["times"].sum() + STRANGERS)
        found[column] = counts.select(column, share.alias(f"tf_{column}")).sort(column)
    return found


def engine_named(name: str) -> Any:
    """What Splink runs on. ``spark`` takes the session that is running, or starts one as its configuration says."""
    return {"duckdb": _on_duckdb, "spark": _on_spark}[name]()


def _on_duckdb() -> Any:
    """In memory and nowhere else: what does not fit is not written to a disk, since these are names."""
    import duckdb
    from splink.backends.duckdb import DuckDBAPI

    return DuckDBAPI(duckdb.connect(":memory:", config={"temp_directory": ""}))


def _on_spark() -> Any:
    from pyspark.sql import SparkSession
    from splink.backends.spark import SparkAPI

    session: Any = SparkSession.builder.getOrCreate()
    api: Any = SparkAPI
    partitions = int(session.conf.get("spark.sql.shuffle.partitions"))
    # The model uses no function that Spark does not have: Splink's own jar is not needed, and its absence no news.
    return api(spark_session=session, break_lineage_method="persist", num_partitions_on_repartition=partitions)


def _as_given(people: pl.DataFrame, engine: Any) -> Any:
    return people.to_arrow() if type(engine).__name__ == "DuckDBAPI" else people.to_pandas()


def _in_our_words(found: pl.DataFrame) -> pl.DataFrame:
    """Each pair once, the smaller pseudonym first, the heaviest pair first."""
    names = [comparison.name for comparison in COMPARISONS]
    first, second = pl.col("student_id_l"), pl.col("student_id_r")
    told = found.select(
        left=pl.min_horizontal(first, second),
        right=pl.max_horizontal(first, second),
        weight="match_weight",
        probability="match_probability",
        **{name: pl.col(f"gamma_{name}") for name in names},
        **{f"{name}_weight": _bits(name, found) for name in names},
    )
    return told.cast(pl.Schema(WEIGHED)).sort("weight", "left", "right", descending=[True, False, False])


def _bits(name: str, found: pl.DataFrame) -> pl.Expr:
    """What a comparison weighs, with what the rarity of the value adds to it."""
    rarity = f"mw_tf_adj_{name}"
    return pl.col(f"mw_{name}") + (pl.col(rarity) if rarity in found.columns else 0.0)
