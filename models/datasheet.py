"""The datasheet: what the data are, where they came from, what is missing, and what they may not be used for."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from features import Records
from features.definitions import CATALOGUE
from features.schema import TABLES

SHEET = "datos.json"
LEAST_SHOWN = 10
"""Smaller counts are not written: the sheet may be read by anyone."""

NOT_FOR = [
    "Nada que decida sobre una persona: cupos, subsidios, sanciones, evaluación de docentes o instituciones.",
    "Buscar a un estudiante: los seudónimos no se cruzan con otras fuentes.",
    "Comparar secretarías: cada una registra a su manera y con su propia demora.",
]


def described(
    records: Records, examples: pl.DataFrame, excluded: Mapping[str, int], features: Sequence[str]
) -> dict[str, Any]:
    """`examples`: day, label and the features, and weight where thinned; `excluded`: what taught nothing, by reason."""
    tables = [table_of(records, name) for name in TABLES if records.has(name)]
    examples = examples if "weight" in examples.columns else examples.with_columns(weight=pl.lit(1.0))
    return {
        "digest": records.digest(),
        "tables": [table for table in tables if table["rows"]],
        "absent_tables": [name for name in TABLES if not records.has(name)],
        "examples": by_year(examples),
        "excluded": {kind: count for kind, count in excluded.items() if count >= LEAST_SHOWN},
        "missing": missing_shares(examples, features),
        "sensitive": [f.name for f in CATALOGUE.features if f.sensitive],
        "not_for": NOT_FOR,
    }


def table_of(records: Records, name: str) -> dict[str, Any]:
    """How many rows, and between which days they happened and became known."""
    table = records.table(name)
    dates = [column for column in ("happened_on", "known_on") if column in table.collect_schema()]
    ends = [e for d in dates for e in (pl.col(d).min().alias(f"{d}_from"), pl.col(d).max().alias(f"{d}_to"))]
    told = table.select(pl.len().alias("rows"), *ends).collect().row(0, named=True)
    return {"name": name, **{key: value if key == "rows" else str(value or "") for key, value in told.items()}}


def by_year(examples: pl.DataFrame) -> list[dict[str, Any]]:
    """Examples and departures of each calendar year that taught: all whom the drawn ones stand for."""
    years = examples.group_by(pl.col("day").dt.year().alias("year"))
    told = years.agg(days=pl.col("day").n_unique(), rows=standing_for(pl.lit(1)), left=standing_for(pl.col("label")))
    return told.filter(pl.col("left") >= LEAST_SHOWN).sort("year").to_dicts()


def standing_for(kind: pl.Expr) -> pl.Expr:
    return (kind * pl.col("weight")).sum().round().cast(pl.Int64)


def missing_shares(examples: pl.DataFrame, features: Sequence[str]) -> list[dict[str, Any]]:
    """The features of which something is unknown, the emptiest first."""
    named = [name for name in features if name in examples.columns]
    empty = pl.col(named).is_null().cast(pl.Float64) * pl.col("weight")
    shares = examples.select(empty.sum() / max(float(examples["weight"].sum()), 1.0))
    told = shares.unpivot(variable_name="feature", value_name="missing").filter(pl.col("missing") > 0)
    return told.sort("missing", "feature", descending=[True, False]).to_dicts()


def written(sheet: Mapping[str, Any]) -> dict[str, str]:
    """As JSON, Markdown and HTML, by file name."""
    from models.card import filled
    from models.html_page import as_html

    as_json = json.dumps(sheet, ensure_ascii=False, indent=1, sort_keys=True, default=str) + "\n"
    text = filled("datos.md.j2", sheet=sheet)
    return {SHEET: as_json, "datos.md": text, "datos.html": as_html(text)}
