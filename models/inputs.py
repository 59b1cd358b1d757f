"""Turns a frame of numbers and words into the table of numbers that trees can read."""

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
import polars as pl

from features.feature import Catalogue

# A mean of the same numbers added in another order differs in its last digits; no tree may be split between the two.
DECIMALS = 9

Categories = Mapping[str, Sequence[str]]


class MissingFeatures(ValueError):  # noqa: N818 - says what is wrong
    """The frame lacks columns that the model was trained with."""


def input_names(catalogue: Catalogue, use_sensitive: bool) -> tuple[str, ...]:
    """Sex, nationality, ethnicity, disability and victim status stay out unless a recipe asks for them, to compare."""
    return tuple(f.name for f in catalogue.features if use_sensitive or not f.sensitive)


def categories_in(frame: pl.DataFrame, names: Sequence[str], catalogue: Catalogue) -> dict[str, list[str]]:
    words = [name for name in names if catalogue[name].kind == "category"]
    return {name: sorted(frame[name].drop_nulls().unique().to_list()) for name in words}


def monotone_directions(names: Sequence[str], catalogue: Catalogue) -> list[int]:
    return [catalogue[name].monotone for name in names]


def matrix(frame: pl.DataFrame, names: Sequence[str], categories: Categories) -> npt.NDArray[np.float64]:
    """One row per row of the frame; words become their place in the model's list; unknown words and nulls, NaN."""
    absent = [name for name in names if name not in frame.columns]
    if absent:
        raise MissingFeatures(f"Faltan columnas que el modelo necesita: {', '.join(absent)}. Calcúlelas de nuevo.")
    columns = [number_column(name, categories) for name in names]
    rows = np.ascontiguousarray(frame.select(columns).to_numpy(), dtype=np.float64)
    return rows.round(DECIMALS)


def number_column(name: str, categories: Categories) -> pl.Expr:
    if name not in categories:
        return pl.col(name).cast(pl.Float64).fill_null(float("nan"))
    codes = {word: float(place) for place, word in enumerate(categories[name])}
    coded = pl.col(name).cast(pl.String).replace_strict(codes, default=None, return_dtype=pl.Float64)
    return coded.fill_null(float("nan")).alias(name)
