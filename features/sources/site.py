"""The school that a row comes from, as far as the file says."""

from __future__ import annotations

import polars as pl

from features.sources import meanings
from features.sources.sheet import Sheet, understood


def site(sheet: Sheet) -> pl.Series:
    """The code of the site or, where it is missing, of the institution; not being able to read it refuses no row."""
    campus, _ = understood(sheet.text("sede"), meanings.dane_as_built, pl.String())
    institution, _ = understood(sheet.text("institución"), meanings.dane_as_built, pl.String())
    return campus.fill_null(institution).alias("campus_id")
